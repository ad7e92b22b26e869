"""The reasons that agents give for what they could not do, and what these mean (parsers/reasons).

A resource agent gives an exit reason, which the executor adds to the result, or says it in lines of its own
(ocf_log err, stderr); a fence agent prints it on stderr, which the fencer logs beside the process id of the agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from msgspec import Struct

from logtrace.assessment.assessment import Assessment, asked_once
from logtrace.catalogue import Meaning, meaning_of
from logtrace.config.query import primitive_of
from logtrace.domain.kinds import Kind
from logtrace.timeline import NO_EVENT, Event, Run
from logtrace.timeline.fencing import Fencing

#: Agents stamp whole seconds, and the fencer logs what an agent printed with or just after its result.
_BLUR: Final = timedelta(seconds=1)

#: What stands before and behind the words themselves: the mark of an exit reason, a level, quotes of the log.
_MARKS: Final = re.compile(
    r"^(?:\s|ocf-exit-reason:|\\n|ERROR:|error:|Error:(?= \S)|\d{4}-\d\d-\d\d \S+ )+|(?:\\n|\s)+$"
)

#: What the executor and the fencer say themselves of an agent: that it took too long, or how it ended.
_NO_REASON: Final = re.compile(
    r"(?:resource|fence) agent did not complete|generic pacemaker error|^(?:ok|complete|error|none|unknown error)?$",
    re.IGNORECASE,
)


#: What a program prints tells of an error by these words; most of what it prints does not.
_ERROR: Final = re.compile(
    r"ocf-exit-reason:|\b(?:error|fail|cannot|can't|could ?n[o']t|unable|denied|refused|not found|invalid|no such)",
    re.IGNORECASE,
)


#: A sentence holds no more of a reason than this; the line is cited in full.
_LONGEST: Final = 160


class Reason(Struct, frozen=True):
    """`text`: what the agent says; `agent`: who, where that is known; `event`: the line; `meaning` None: not known."""

    text: str
    agent: str | None
    event: int
    meaning: Meaning | None

    @property
    def advice(self) -> str | None:
        """What it means and what to do, in two sentences without the last full stop."""
        return f"{self.meaning.meaning} {self.meaning.remedy}".removesuffix(".") if self.meaning is not None else None


@asked_once
def reason_of(facts: Assessment, run: Run) -> Reason | None:
    """Why a run failed by its agent's own words: the exit reason, else the first error that it logged while it ran.
    Of two, that whose meaning is known tells more.
    """
    primitive = primitive_of(facts.config, run.resource)
    agent = primitive.type if primitive is not None else None
    spoken = list(_spoken(facts, run))
    agent = agent or next((event.agent for event in spoken if event.agent), None)
    exit_reason = _clean(run.reason)
    if not exit_reason:
        return _first(spoken, agent)
    told = Reason(exit_reason, agent, run.event, meaning_of(exit_reason, agent))
    return told if told.meaning is not None else _first(spoken, agent, known=True) or told


def known_reason(text: str, agent: str | None) -> Reason | None:
    """What an agent says, where its meaning is known."""
    words = _clean(text)
    meaning = meaning_of(words, agent) if words else None
    return None if meaning is None else Reason(words, agent, NO_EVENT, meaning)


def reason_for_fencing(facts: Assessment, fencing: Fencing) -> Reason | None:
    """Why a fencing failed, by the words of the fence agent while it was tried."""
    until = (fencing.ended or facts.end) + _BLUR
    said = facts.timeline.between(Kind.FENCE_DEVICE_ERROR, fencing.requested - _BLUR, until)
    device = facts.config.primitives.get(fencing.device or "")
    found = _first(said, device.type if device is not None else None)
    if found is not None:
        return found
    kinds = (Kind.FENCE_DEVICE_RESULT, Kind.FENCE_DEVICE_DONE, Kind.FENCE_RESULT, Kind.FENCE_FAILED)
    results = (
        event
        for kind in kinds
        for event in facts.timeline.between(kind, fencing.requested, until, target=fencing.target)
        if event.rc != 0
    )
    return _first(results, device.type if device is not None else None, known=True)


def beside(facts: Assessment, run: Run) -> str:
    """What an agent said of a failed run where its result tells no reason, as it stands in a sentence."""
    if _clean(run.reason):
        return ""  # it is told with the result
    reason = reason_of(facts, run)
    return f" ({reason.text})" if reason is not None else ""


def _spoken(facts: Assessment, run: Run) -> Iterator[Event]:
    """Errors that the agent logged or printed during a run; how long a recurring monitor ran is not logged."""
    since = run.start - _BLUR
    until = run.end + _BLUR
    for event in facts.timeline.between(Kind.AGENT_SAYS, since, until, node=run.node, resource=run.resource):
        if event.level in ("error", "crit"):
            yield event
    for event in facts.timeline.between(Kind.OP_OUTPUT, since, until, resource=run.resource, operation=run.operation):
        if event.text:
            yield event


def _first(events: Iterable[Event], agent: str | None, *, known: bool = False) -> Reason | None:
    """The first line whose meaning is known, else the first at all; `known`: only where it is."""
    first: Reason | None = None
    for event in events:
        text = _clean(event.text or event.reason or (event.message if event.kind == Kind.AGENT_SAYS else None))
        if not text:
            continue
        who = event.agent or agent
        told = Reason(text, who, event.event, meaning_of(text, who))
        if told.meaning is not None:
            return told
        if event.kind != Kind.OP_OUTPUT or _ERROR.search(event.text or ""):
            first = first or told
    return None if known else first


def _clean(text: str | None) -> str:
    """The words of a reason alone; empty where these are not an agent's."""
    words = _MARKS.sub("", text or "").strip(" .;")
    if len(words) > _LONGEST:
        words = f"{words[:_LONGEST].rsplit(' ', 1)[0]} ..."
    return "" if _NO_REASON.search(words) else words
