"""Incidents of logs without any time: what happened, and in what order, but not how long it took."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from logtrace.report.case import Incident


def without_times(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """The incidents without anything that was measured; what orders their parts stays."""
    return tuple(
        replace(each, outage=None, outage_max=None, t_fault=None, t_fault_earliest=None, phases=())
        for each in incidents
    )
