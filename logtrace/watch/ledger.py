"""What was told of each incident, and so what is new: opened, changed, closed, reopened, withdrawn.

Each look at what is held finds its incidents anew. One that was told is known again by the lines that prove it, else
by what it is about at that time. What is said twice costs somebody's sleep, so a message needs a reason: another cause,
kind, node, resource or end, not a line more of evidence.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain, count
from typing import Final

from msgspec import Struct

from logtrace.chains.state import Progress
from logtrace.report.incident import Incident
from logtrace.watch.messages import Message, What

#: Whole seconds are what many logs tell, and clocks are put right while more is read: what differs by less is the same.
_SECOND: Final = 1.0

#: Incidents that are over and told, which are remembered so that no late line tells one again.
_MOST_OVER: Final = 2000

#: Lines by which an incident is known again: those that began it stand among the first that are cited. Of one whose
#: lines are not held any more few are kept, for whatever comes late of it.
_MOST_LINES: Final = 60
_FEW_LINES: Final = 6

#: How far the times of one line may lie apart, as they are told now and then: a zone is assumed until one is proven.
#: Else it is the same line of a log that was rotated meanwhile.
_MOST_ZONES: Final = timedelta(hours=14)

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Verdict(Struct, frozen=True):
    """What of an incident is worth telling anew when it is other than before; times are seconds of the outage."""

    kind: str
    trigger: str
    root_cause: str
    contributing: tuple[str, ...]
    nodes: tuple[str, ...]
    resources: tuple[str, ...]
    recovered: bool
    outage: float | None
    outage_max: float | None

    @classmethod
    def of(cls, one: Incident) -> Verdict:
        return cls(
            one.kind.value,
            one.trigger,
            one.root_cause,
            one.contributing,
            tuple(sorted(one.nodes)),
            tuple(sorted(one.resources)),
            one.recovered,
            one.outage,
            one.outage_max,
        )

    def news(self, before: Verdict, *, over: bool) -> str | None:
        """What is other than `before`, in words; None where nothing is. `over`: neither grows by itself any more."""
        if self.root_cause != before.root_cause:
            return f"the cause is now {self.root_cause}, not {before.root_cause}"
        if self.kind != before.kind:
            return f"it is now {self.kind}, not {before.kind}"
        if self.recovered != before.recovered:
            return "it recovered" if self.recovered else "what had recovered is down"
        if more := [*_added(self.resources, before.resources), *_added(self.nodes, before.nodes)]:
            return f"it concerns {', '.join(more[:5])} as well"
        if (self.resources, self.nodes) != (before.resources, before.nodes):
            return "it concerns less than was told"
        if not over:
            return None
        if (self.trigger, self.contributing) != (before.trigger, before.contributing):
            return "what began it or contributed to it is other than was told"
        if _differ(self.outage, before.outage):
            return f"the outage was {_seconds(self.outage)}, not {_seconds(before.outage)}"
        if _differ(self.outage_max, before.outage_max):
            return f"the outage was at most {_seconds(self.outage_max)}, not {_seconds(before.outage_max)}"
        return None


class Standing(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Told(Struct):
    """One incident as it was told. `lines`: where it is proven, see _lines; `number`: of its last message."""

    id: str
    case: str
    title: str
    trigger: str
    began: datetime
    ended: datetime
    lines: list[str]
    verdict: Verdict
    standing: Standing = Standing.OPEN
    reopened: bool = False
    number: int = 0

    def saw(self, one: Incident) -> None:
        """It is known again."""
        self.title, self.trigger = one.title, one.trigger
        self.began, self.ended = _span(one)
        self.lines = _lines(one)


class Ledger:
    """All that was told. `clock` gives the time of messages."""

    def __init__(self, told: Sequence[Told], clock: Callable[[], datetime]) -> None:
        self.told = list(told)
        self._clock = clock

    @property
    def open(self) -> list[Told]:
        """Those that are not closed."""
        return [one for one in self.told if one.standing is Standing.OPEN]

    def known(self, found: Sequence[Incident], cases: Sequence[str]) -> None:
        """Take for told what in `found` is not under way: it happened before anybody watched. `cases`: name of each."""
        for one, case in zip(found, cases, strict=True):
            if one.progress is not Progress.UNDER_WAY:
                entry = self._enter(one, case)
                entry.standing = Standing.CLOSED

    def compare(
        self, found: Sequence[Incident], cases: Sequence[str], since: datetime | None, *, last: bool = False
    ) -> list[Message]:
        """What is new in `found`, which counts as told from now on. `cases`: the name of each one's case. `since`: from
        when on all is held, so that what is missing from then on is no more; None: from the first line on. `last`:
        nothing will follow.
        """
        messages: list[Message] = []
        matched = _matched(self.told, found, cases)
        missing = [each for each in self.told if each not in matched.values()]
        for number, one in enumerate(found):
            entry = matched.get(number)
            if entry is None:
                entry = matched[number] = self._enter(one, cases[number])
                messages.append(self._message(What.OPENED, entry, one))
            entry.case = cases[number]
            messages += self._again(entry, one, last=last)
        for entry in missing:
            messages += self._missing(entry, since, found, matched)
        over = [each for each in self.told if each.standing is not Standing.OPEN]
        for entry in over:
            if since is not None and entry.ended < since:
                del entry.lines[_FEW_LINES:]
        for entry in over[: max(0, len(over) - _MOST_OVER)]:
            self.told.remove(entry)
        return messages

    def _enter(self, one: Incident, case: str) -> Told:
        began, ended = _span(one)
        entry = Told(self._name(one), case, one.title, one.trigger, began, ended, _lines(one), Verdict.of(one))
        self.told.append(entry)
        return entry

    def _name(self, one: Incident) -> str:
        """A name for an incident, the same whenever the same is found first: nothing told again after a crash that kept
        it from being noted may look new.
        """
        first = one.first_line
        proof = (first.node, first.time.isoformat(), first.text) if first else _span(one)[0].isoformat()
        name = hashlib.sha256(repr((one.trigger, one.resources[:1], proof)).encode()).hexdigest()[:12]
        taken = {each.id for each in self.told}
        names = chain([name], (f"{name}-{number}" for number in count(2)))
        return next(each for each in names if each not in taken)

    def _again(self, entry: Told, one: Incident, *, last: bool) -> Iterator[Message]:
        """What is new of an incident that was told before."""
        verdict, over = Verdict.of(one), last or one.progress is Progress.OVER
        was_open = entry.standing is Standing.OPEN
        reason = verdict.news(entry.verdict, over=not was_open)
        if entry.standing is Standing.WITHDRAWN:
            reason = "later lines show it again"
        entry.saw(one)
        if reason is None and not was_open:
            if last and verdict != entry.verdict:
                entry.verdict = verdict
                yield self._message(What.CHANGED, entry, one, "figures differ by less than a second")
            return
        goes_on = was_open or not entry.reopened
        closes = goes_on and (over or (one.progress is Progress.SETTLED and was_open and not entry.reopened))
        if not was_open and goes_on:
            entry.standing, entry.reopened = Standing.OPEN, True
            yield self._message(What.REOPENED, entry, one, reason)
        elif reason is not None and not closes:
            yield self._message(What.CHANGED, entry, one, reason)
        if closes:
            entry.standing = Standing.CLOSED
            yield self._message(What.CLOSED, entry, one)
        if reason is not None or closes:
            entry.verdict = verdict

    def _missing(
        self,
        entry: Told,
        since: datetime | None,
        found: Sequence[Incident],
        matched: Mapping[int, Told],
    ) -> Iterator[Message]:
        """What is to be said of an incident that was told and is not found."""
        if since is not None and entry.began < since:
            if entry.standing is Standing.OPEN:
                entry.standing = Standing.CLOSED
                reason = "its beginning lies further back than is held; it is not followed any more"
                yield self._message(What.CLOSED, entry, None, reason)
            return
        if entry.standing is Standing.WITHDRAWN:
            return
        entry.standing = Standing.WITHDRAWN
        near = (number for number, one in enumerate(found) if _about_the_same(entry, one))
        whole = next((number for number in near if matched[number].case == entry.case), None)
        reason = "later lines explain what it was taken for"
        if whole is not None:
            reason = f"it is part of {matched[whole].id}"
        yield self._message(What.WITHDRAWN, entry, None, reason)

    def _message(self, what: What, entry: Told, one: Incident | None, reason: str | None = None) -> Message:
        entry.number += 1
        key = f"{entry.id}.{entry.number}"
        return Message(key, what, entry.id, entry.number, self._clock(), entry.case, entry.title, reason, one)


def _matched(told: Sequence[Told], found: Sequence[Incident], cases: Sequence[str]) -> dict[int, Told]:
    """Place in `found` -> what was told of it; by shared lines, the most first, and else by what it is about."""
    by_line: defaultdict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(told):
        for line in entry.lines:
            by_line[line].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for place, one in enumerate(found):
        began, _ = _span(one)
        for line in _lines(one):
            of = (number for number in by_line.get(line, ()) if abs(told[number].began - began) <= _MOST_ZONES)
            shared.update((place, number) for number in of)
    pairs = sorted(shared, key=lambda pair: (found[pair[0]].trigger != told[pair[1]].trigger, -shared[pair], pair))
    matched: dict[int, Told] = {}
    left = set(range(len(told)))
    for place, number in pairs:
        if place not in matched and number in left:
            matched[place] = told[number]
            left.discard(number)
    for place, one in enumerate(found):
        if place in matched:
            continue
        alike = next((number for number in sorted(left) if _is_same(told[number], one, cases[place])), None)
        if alike is not None:
            matched[place] = told[alike]
            left.discard(alike)
    return matched


def _is_same(entry: Told, one: Incident, case: str) -> bool:
    return (entry.case, entry.verdict.kind) == (case, one.kind) and _about_the_same(entry, one)


def _about_the_same(entry: Told, one: Incident) -> bool:
    """Whether both are about a resource, or where there is none a node, at one time."""
    began, ended = _span(one)
    mine, theirs = entry.verdict.resources, one.resources
    subjects = set(mine) & set(theirs) if mine and theirs else set(entry.verdict.nodes) & set(one.nodes)
    return began <= entry.ended and entry.began <= ended and bool(subjects)


def _span(one: Incident) -> tuple[datetime, datetime]:
    times = [each for each in (one.began, one.t_detected, one.t_recovered, one.t_end) if each is not None]
    times += [] if times else [each.time for each in one.evidence]
    return (min(times), max(times)) if times else (_NEVER, _NEVER)


def _lines(one: Incident) -> list[str]:
    """Where an incident is proven, as file:line:digest of the text, for another log may have the file's name by now."""
    return [f"{each.file}:{each.line}:{_digest(each.text)}" for each in one.evidence[:_MOST_LINES]]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:8]


def _added(now: Sequence[str], before: Sequence[str]) -> list[str]:
    return [each for each in now if each not in before]


def _differ(one: float | None, other: float | None) -> bool:
    return (one is None) != (other is None) or (one is not None and other is not None and abs(one - other) > _SECOND)


def _seconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{seconds:.1f} s"
