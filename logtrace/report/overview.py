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
    """Incidents of one kind: how many, and the sums of their outages in seconds, least and most; None: unknown."""

    number: int
    outage: tuple[float, float] | None


class Claim(StrEnum):
    """What may be said of the rest, which is no incident.

    That nothing else happened is claimed only of what was read in full: all nodes' logs, no excerpts, none with
    gaps or damage.
    """

    NOTHING = "nothing else happened"
    MOVED = "nothing else failed, but services moved by the cluster's own rules"
    DAMAGED = "more may have happened in what is damaged"
    NONE = ""


class Headline(Struct, frozen=True):
    """A headline cause, its incidents, and those of their outages that are known and not nothing, in seconds."""

    label: str
    incidents: tuple[Incident, ...]
    outages: tuple[tuple[float, float], ...]


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
            Headline(label, tuple(found), tuple(lost for each in found if (lost := each.outage_range) and lost[1]))
            for label, found in costly
        ),
    )


def _tally(incidents: Sequence[Incident]) -> Tally:
    known = [each.outage_range for each in incidents if each.outage_range is not None]
    sums = (sum(least for least, _ in known), sum(most for _, most in known))
    return Tally(len(incidents), sums if known else None)


def _claim(case: Case) -> Claim:
    coverage = case.coverage
    if any(each.lost for each in coverage.skipped):
        return Claim.DAMAGED
    partly = bool(coverage.missing_nodes or coverage.gaps or coverage.excerpt or case.unexplained)
    if partly or not coverage.files or case.window.only:
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


def trouble(incidents: Sequence[Incident]) -> list[int]:
    """The places of what a verdict tells, the worst first: faults and unnecessary recoveries."""
    return [place for place in worst_first(incidents) if incidents[place].trouble]
