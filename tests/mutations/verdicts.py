"""What logtrace concludes from a report, in a form that two analyses can be compared by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from corpus_score import Truth, match, span

from logtrace import analyze
from logtrace.report.case import Case, Incident, IncidentKind
from logtrace.report.overview import Claim, overview


@dataclass(frozen=True, slots=True)
class Verdict:
    """One incident. Times are epoch seconds, without the shift the report was given."""

    kind: str
    root_cause: str
    trigger: str
    recovered: bool
    nodes: tuple[str, ...]
    resources: tuple[str, ...]
    detected: float | None
    recovered_at: float | None

    def near(self, other: Verdict, within: float) -> bool:
        """The same, but for times that may be `within` seconds apart."""
        told = (self.kind, self.root_cause, self.trigger, self.recovered, self.nodes, self.resources)
        same = told == (other.kind, other.root_cause, other.trigger, other.recovered, other.nodes, other.resources)
        return same and all(
            (mine is None and theirs is None)
            or (mine is not None and theirs is not None and abs(mine - theirs) <= within)
            for mine, theirs in ((self.detected, other.detected), (self.recovered_at, other.recovered_at))
        )


def case(paths: Sequence[Path]) -> Case:
    return analyze([str(path) for path in paths])


def incidents(paths: Sequence[Path]) -> tuple[Incident, ...]:
    return case(paths).incidents


def verdict(
    incident: Incident, shift: timedelta = timedelta(), name: Callable[[str], str] = lambda name: name
) -> Verdict:
    """`name`: gives an incident's node or resource the name to compare it by."""
    return Verdict(
        incident.kind.value,
        incident.root_cause,
        incident.trigger,
        incident.recovered,
        tuple(sorted(map(name, incident.nodes))),
        tuple(sorted(map(name, incident.resources))),
        _seconds(incident.t_detected, shift),
        _seconds(incident.t_recovered, shift),
    )


def _seconds(moment: datetime | None, shift: timedelta) -> float | None:
    return None if moment is None else (moment - shift).timestamp()


def differences(before: Sequence[Verdict], after: Sequence[Verdict], within: float) -> list[str]:
    """What changed, in words; nothing when all incidents are the same."""
    if len(before) != len(after):
        told = [" ".join(one.root_cause for one in verdicts) for verdicts in (before, after)]
        return [f"{len(before)} incidents became {len(after)}: {told[0]} -> {told[1]}"]
    return [f"{old}\n -> {new}" for old, new in zip(before, after, strict=True) if not old.near(new, within)]


def denied(told: Sequence[Truth], found: Case) -> list[str]:
    """Faults of its window of which a case that claims to hold all says nothing."""
    begin = found.window.start
    if begin is None or overview(found).claim not in (Claim.NOTHING, Claim.MOVED):
        return []
    within = [one for one in told if one.start >= begin.timestamp()]
    untold = [one for one in within if match(one, list(found.incidents)) is None]
    return [f"no other faults, and {one.label} is not told" for one in untold]


def overconfident(
    told: Sequence[Truth], found: Sequence[Incident], honest: Mapping[str, Sequence[str]], limit: float = 0.7
) -> list[str]:
    """Headlines given with more than `limit` that are neither the truth, acceptable, nor `honest` (truth's label ->
    what the remaining lines let a reader say), and faults so reported where there was none.
    """
    wrong = []
    left = list(found)
    for truth in told:
        answer = match(truth, left)
        if answer is None:
            continue
        left.remove(answer)
        fine = {truth.label, *truth.accepted, *honest.get(truth.label, ())}
        if not truth.planned and answer.root_cause not in fine and answer.confidence > limit:
            wrong.append(f"{truth.label} was called {answer.root_cause} with {answer.confidence}")
    for extra in left:
        start, end = span(extra)
        near = any(truth.start - 3 <= end and start <= truth.end + 3 for truth in told)
        if extra.kind is not IncidentKind.PLANNED and extra.confidence > limit and not near:
            wrong.append(f"{extra.root_cause} with {extra.confidence} where nothing was wrong")
    return wrong
