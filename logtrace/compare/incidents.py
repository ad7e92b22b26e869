"""Two incidents side by side: which of two cases, their phases and operations, and why one took longer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

from msgspec import Meta, Struct

from logtrace.assessment.phases import PhaseName
from logtrace.compare.clusters import two_clusters
from logtrace.compare.settings import SettingChange, changes
from logtrace.report.case import Case, Incident, IncidentKind, IncidentRun
from logtrace.report.overview import worst_first

#: Differences below this many seconds are noise of a busy machine, not a change.
NOTABLE: Final = 0.5
_NAMED: Final = 3  # operations and settings named for a phase

#: What runs in a phase, and what of a configuration lengthens it (beginnings of settings).
_OPERATIONS: Final = {
    PhaseName.STOP: ("stop", "demote", "migrate_to"),
    PhaseName.START: ("start", "migrate_from"),
    PhaseName.PROMOTE: ("promote",),
    PhaseName.FENCING: ("reboot", "off", "on", "fence"),
    PhaseName.VERIFY: ("monitor",),
}
_SETTINGS: Final = {
    PhaseName.DETECTION: ("monitor", "token", "consensus"),
    PhaseName.DECISION: ("token", "consensus", "batch-limit", "load-threshold", "pacemaker"),
    PhaseName.FENCING: ("stonith", "param pcmk_", "param delay", "watchdog", "msgwait", "agent", "priority-fencing"),
    PhaseName.STOP: ("stop", "members"),
    PhaseName.START: ("start", "members", "kind", "agent"),
    PhaseName.PROMOTE: ("promote", "kind"),
    PhaseName.WAIT: ("order", "members", "batch-limit", "param delay"),
}


#: Told in JSON with the fields beside it.
Difference = Annotated[float, Meta(description="Seconds more than before.")]


class Side(Struct, frozen=True):
    """One of the two; `name` is what the user called it. `incident` None: the case has none to compare."""

    name: str
    case: Case
    incident: Incident | None


class PhaseChange(Struct, frozen=True):
    """Seconds of all phases of a name; None where there was none."""

    name: PhaseName
    before: float | None
    after: float | None

    @property
    def difference(self) -> Difference:
        return (self.after or 0.0) - (self.before or 0.0)


class OperationChange(Struct, frozen=True):
    """All runs of an operation of a resource in the incident: how many, and their seconds together."""

    resource: str
    operation: str
    runs_before: int
    runs_after: int
    before: float | None
    after: float | None
    critical: Annotated[bool, Meta(extra={"after": "operation"})]

    @property
    def difference(self) -> Difference:
        return (self.after or 0.0) - (self.before or 0.0)


class Comparison(Struct, frozen=True):
    """`operations`: the greatest difference first. `reasons`: sentences, the greatest difference first; before all
    others that the two are of two clusters.
    """

    first: Side
    second: Side
    phases: tuple[PhaseChange, ...]
    operations: tuple[OperationChange, ...]
    changes: tuple[SettingChange, ...]
    reasons: tuple[str, ...]

    @property
    def difference(self) -> float | None:
        """Seconds the second outage is longer; None where one is unknown."""
        before = self.first.incident.outage if self.first.incident else None
        after = self.second.incident.outage if self.second.incident else None
        return None if before is None or after is None else after - before


def choose(
    first: Case, second: Case, given: tuple[Incident | None, Incident | None] = (None, None)
) -> tuple[Incident | None, Incident | None]:
    """The pair to compare; what is `given` stays.

    The worst incidents with the same cause and a resource in common, else with the same cause, else with a resource in
    common, else the worst of each; what was planned only where there is no pair without it. In one and the same case,
    two different ones. None where a case has no incident.
    """
    left, right = given
    lefts = [left] if left else _worst(first)
    rights = [right] if right else _worst(second)
    pairs = [(one, other) for one in lefts for other in rights if first is not second or one.id != other.id]
    if not pairs:
        return (lefts[0] if lefts else None), (rights[0] if rights and first is not second else right)
    unplanned = [pair for pair in pairs if all(each.kind is not IncidentKind.PLANNED for each in pair)]
    return max(unplanned or pairs, key=lambda pair: _likeness(*pair))


def _worst(case: Case) -> list[Incident]:
    return [case.incidents[index] for index in worst_first(case.incidents)]


def _likeness(one: Incident, other: Incident) -> tuple[bool, bool]:
    return one.root_cause == other.root_cause, bool(set(one.resources) & set(other.resources))


def compare(first: Side, second: Side) -> Comparison:
    """`second` against `first`."""
    phases, operations = _phases(first.incident, second.incident), _operations(first.incident, second.incident)
    changed = changes(first.case, second.case)
    concerned = {name for side in (first, second) if side.incident for name in side.incident.resources}
    concerned |= {each.resource for each in operations}
    notable = sorted(
        (each for each in phases if abs(each.difference) >= NOTABLE), key=lambda each: -abs(each.difference)
    )
    reasons = [_reason(each, operations, changed, concerned) for each in notable]
    strangers = two_clusters(first.case, second.case)
    reasons = [strangers, *reasons] if strangers else reasons
    return Comparison(first, second, phases, operations, changed, tuple(reasons))


def _phases(first: Incident | None, second: Incident | None) -> tuple[PhaseChange, ...]:
    if first is None or second is None:
        return ()
    before, after = first.phase_totals, second.phase_totals
    return tuple(PhaseChange(name, before.get(name), after.get(name)) for name in PhaseName if name in before | after)


def _operations(first: Incident | None, second: Incident | None) -> tuple[OperationChange, ...]:
    if first is None or second is None:
        return ()
    before, after = _by_kind(first.operations), _by_kind(second.operations)
    rows = [_operation(key, before.get(key, []), after.get(key, [])) for key in dict.fromkeys([*before, *after])]
    return tuple(sorted(rows, key=lambda row: (-abs(row.difference), row.resource, row.operation)))


def _by_kind(operations: Iterable[IncidentRun]) -> dict[tuple[str, str], list[IncidentRun]]:
    found: dict[tuple[str, str], list[IncidentRun]] = {}
    for each in operations:
        if not each.interval:
            found.setdefault((each.resource, each.operation), []).append(each)
    return found


def _operation(key: tuple[str, str], before: list[IncidentRun], after: list[IncidentRun]) -> OperationChange:
    critical = any(each.critical for each in (*before, *after))
    return OperationChange(*key, len(before), len(after), _together(before), _together(after), critical)


def _together(operations: list[IncidentRun]) -> float | None:
    known = [each.seconds for each in operations if each.seconds is not None]
    return sum(known) if known else None


# --- why ----------------------------------------------------------------------------------------------


def _reason(
    phase: PhaseChange, operations: Iterable[OperationChange], changed: Iterable[SettingChange], concerned: set[str]
) -> str:
    """What a phase gained or lost, and what goes the same way: operations that ran in it, settings that rule it."""
    slower = phase.difference > 0
    said = f"{phase.name.value} took {abs(phase.difference):.1f} s {'longer' if slower else 'less'}"
    ran = [
        _run(each)
        for each in operations
        if each.operation in _OPERATIONS.get(phase.name, ()) and abs(each.difference) >= 0.05
        if (each.difference > 0) is slower
    ]
    ruled = [_setting(each) for each in changed if _rules(each, phase.name, concerned)]
    parts = [", ".join(each) for each in (_named(ran), _named(ruled)) if each]
    return f"{said}: {'; '.join(parts)}" if parts else f"{said}; no operation or setting at hand explains it"


def _named(parts: list[str]) -> list[str]:
    return parts[:_NAMED] + ([f"{len(parts) - _NAMED} more"] if len(parts) > _NAMED else [])


def _run(row: OperationChange) -> str:
    name = f"{row.operation} of {row.resource}"
    if not row.runs_before:
        return f"{name} is new ({row.after or 0:.1f} s)"
    if not row.runs_after:
        return f"{name} is gone ({row.before or 0:.1f} s)"
    runs = f" in {row.runs_after} runs instead of {row.runs_before}" if row.runs_before != row.runs_after else ""
    return f"{name} took {row.after or 0:.1f} s instead of {row.before or 0:.1f} s{runs}"


def _setting(change: SettingChange) -> str:
    name = f"{change.what} of {change.subject}" if change.what else change.subject
    if change.before is None:
        return f"{name} is new"
    return f"{name} is gone" if change.after is None else f"{name} went from {change.before} to {change.after}"


def _rules(change: SettingChange, phase: PhaseName, concerned: set[str]) -> bool:
    if not change.what:
        return phase in (PhaseName.STOP, PhaseName.START) and _about(change, concerned)
    named = change.what.startswith(_SETTINGS[phase]) if phase in _SETTINGS else False
    everywhere = change.subject in {"cluster", "corosync", "properties", "sbd"}
    fencing = phase is PhaseName.FENCING and change.what.startswith(("param", "agent"))
    return named and (everywhere or fencing or change.subject in concerned or _about(change, concerned))


def _about(change: SettingChange, concerned: set[str]) -> bool:
    """Whether a group, a clone or a constraint speaks of what the incident is about."""
    return bool(concerned & {*(change.before or "").split(), *(change.after or "").split()})
