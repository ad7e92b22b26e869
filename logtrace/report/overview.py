"""A case at a glance: how much of what happened, what may be claimed beyond that, and which causes cost most."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

from logtrace.report.case import Case, Incident, IncidentKind
from logtrace.report.lookalikes import MOVED

#: The worst first.
_KINDS: Final = tuple(IncidentKind)


class Tally(Struct, frozen=True):
    """Incidents of one kind: how many, and the sum of the outages that are known in seconds; None: none is."""

    number: int
    outage: float | None


class Claim(StrEnum):
    """What may be said of the rest, which is no incident.

    That nothing else happened is claimed only of what was read in full: all nodes' logs, none of them damaged.
    """

    NOTHING = "nothing else happened"
    MOVED = "nothing else failed, but services moved by the cluster's own rules"
    DAMAGED = "more may have happened in what is damaged"
    NONE = ""


class Headline(Struct, frozen=True):
    """A headline cause with its incidents; `outages`: those seconds of them that are known and not nothing."""

    label: str
    incidents: tuple[Incident, ...]
    outages: tuple[float, ...]


class Overview(Struct, frozen=True):
    """`beyond`: the logs hold nothing of the window. `still_down`: ids of what was not recovered. `headlines`: of all
    trouble, the costliest first.
    """

    beyond: bool
    tallies: dict[IncidentKind, Tally]
    still_down: tuple[str, ...]
    claim: Claim
    headlines: tuple[Headline, ...]


def overview(case: Case) -> Overview:
    """The case at a glance."""
    start, end = case.window.start, case.window.end
    trouble = [each for each in case.incidents if each.trouble]
    by_label: dict[str, list[Incident]] = {}
    for each in trouble:
        by_label.setdefault(each.root_cause, []).append(each)
    costly = sorted(by_label.items(), key=lambda item: -max(each.outage or 0.0 for each in item[1]))
    return Overview(
        beyond=start is not None and end is not None and start > end,
        tallies={kind: _tally([each for each in case.incidents if each.kind is kind]) for kind in IncidentKind},
        still_down=tuple(each.id for kind in _KINDS for each in trouble if each.kind is kind and not each.recovered),
        claim=_claim(case),
        headlines=tuple(
            Headline(label, tuple(found), tuple(each.outage for each in found if each.outage))
            for label, found in costly
        ),
    )


def _tally(incidents: Sequence[Incident]) -> Tally:
    known = [each.outage for each in incidents if each.outage is not None]
    return Tally(len(incidents), sum(known) if known else None)


def _claim(case: Case) -> Claim:
    if any(each.lost for each in case.coverage.skipped):
        return Claim.DAMAGED
    if case.coverage.missing_nodes or case.window.only:
        return Claim.NONE
    return Claim.MOVED if any(note.label == MOVED for note in case.quiet) else Claim.NOTHING


def worst_first(incidents: Sequence[Incident]) -> list[int]:
    """Their places: faults, then unnecessary recoveries, moves by the cluster, and what was planned; of those of a kind
    open ones before recovered ones, and the longest outage first.
    """

    def badness(index: int) -> tuple[int, bool, float]:
        one = incidents[index]
        return _KINDS.index(one.kind), one.recovered, -(one.outage or 0.0)

    return sorted(range(len(incidents)), key=badness)
