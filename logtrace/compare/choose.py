"""Which incidents of two cases to lay beside each other when nobody says."""

from __future__ import annotations

from logtrace.report.case import Case, Incident, IncidentKind


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
    """Faults before unnecessary recoveries before what was planned; open ones first, then the longest outage."""
    kinds = list(IncidentKind)
    return sorted(
        case.incidents, key=lambda each: (kinds.index(each.kind), each.recovered, -(each.outage or 0.0), each.id)
    )


def _likeness(one: Incident, other: Incident) -> tuple[bool, bool]:
    return one.root_cause == other.root_cause, bool(set(one.resources) & set(other.resources))
