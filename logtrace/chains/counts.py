"""Failures that count towards a threshold. A resource that fails again and again on a node, until the scheduler keeps
it away from there (migration-threshold), has one fault, however far the failures lie apart: the cluster itself counts
them together, until somebody cleans up, they expire (failure-timeout), or the node, which holds the count, goes.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta

from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_COUNTED
from logtrace.config.query import base_name, meta_of
from logtrace.domain import durations
from logtrace.domain.kinds import Kind
from logtrace.domain.values import whole
from logtrace.timeline import Event, Run, Timeline, computed_once

#: What a fail count is set to when it is taken back.
_TAKEN_BACK = ("unset", "null", "", "0")

#: When a failure expires that never does.
ENDLESS = datetime.max.replace(tzinfo=UTC)

#: What tells that a count was taken back.
_CLEARING = (Kind.FAILURE_CLEARED, Kind.RESOURCE_REFRESHED, Kind.FAILCOUNT_SET)

#: Counts of this and more are INFINITY: a single failure that is fatal sets it.
_INFINITY = 1_000_000


def count(state: Knowledge, chain: Chain, run: Run) -> None:
    """Note the chain that a failed monitor belongs to. Other operations do not repeat by themselves."""
    if run.recurring and chain.is_fault and chain.first.resource == run.resource and limit(state, run.resource) != 0:
        chains = state.counted.setdefault((base_name(run.resource), run.node), {})
        chains[chain] = run.end
        while len(chains) > MOST_COUNTED:
            del chains[next(iter(chains))]


def stands_until(state: Knowledge, chain: Chain) -> datetime | None:
    """Until when a failure of `chain` counts, for all that is known now; ENDLESS while nothing ends it, None when none
    counts.
    """
    ends = []
    for (resource, _), chains in state.counted.items():
        if chain in chains:
            expires = _expires_after(state, resource)
            ends.append(ENDLESS if expires is None else chains[chain] + expires)
    return max(ends, default=None)


def forget(state: Knowledge, since: datetime) -> list[Chain]:
    """Drop failures that were cleared since the plan before this one, or have expired; the chains they held open."""
    freed: list[Chain] = []
    cleared = _cleared(state, since) if state.counted else []
    for (resource, node), chains in list(state.counted.items()):
        times = [time for time, name, where in cleared if name in (resource, None) and where in (node, None)]
        last, expires = max(times, default=None), _expires_after(state, resource)
        for chain, failed in list(chains.items()):
            expired = expires is not None and failed + expires < state.now
            if expired or (last is not None and failed < last):
                del chains[chain]
                freed.append(chain)
        if not chains:
            del state.counted[resource, node]
    return freed


def reached(state: Knowledge, since: datetime) -> list[list[Chain]]:
    """The chains of each resource and node whose threshold the scheduler found reached after `since`."""
    found: list[list[Chain]] = []
    if not state.counted:
        return found
    for event in state.timeline.between(Kind.THRESHOLD_REACHED, since, state.now):
        chains = state.counted.get((base_name(event.resource or ""), event.target or ""))
        if chains and not _is_fatal(event):
            found.append(sorted(chains, key=lambda chain: chain.first.time))
    return [chains for chains in found if len(chains) > 1]


def limit(state: Knowledge, resource: str) -> int | None:
    """How many failures keep a resource away from a node; 0: no number does, None: not known."""
    if state.config.epoch is None:
        return None
    told = whole(meta_of(state.config, resource, "migration-threshold")) or 0
    return told if told < _INFINITY else 0


def _is_fatal(event: Event) -> bool:
    return event.count is not None and event.count >= _INFINITY


def _expires_after(state: Knowledge, resource: str) -> timedelta | None:
    """The failure-timeout in force; None: failures never expire."""
    seconds = durations.seconds(meta_of(state.config, resource, "failure-timeout"))
    return timedelta(seconds=seconds) if seconds else None


def _cleared(state: Knowledge, since: datetime) -> list[tuple[datetime, str | None, str | None]]:
    """When counts were taken back, of which resource and on which node (None: of all). A node takes its own along."""
    moments = _moments(state.timeline)
    first = bisect_left(moments, since)
    if first == len(moments) or moments[first] > state.now:
        return []  # as between most plans
    found: list[tuple[datetime, str | None, str | None]] = [
        (event.time, base_name(event.resource) if event.resource else None, event.target)
        for kind in _CLEARING
        for event in state.timeline.between(kind, since, state.now)
        if kind != Kind.FAILCOUNT_SET or (event.value or "").strip("()").lower() in _TAKEN_BACK
    ]
    found += [(loss.time, None, loss.node) for loss in state.timeline.lost_between(since, state.now)]
    return found


@computed_once
def _moments(timeline: Timeline) -> list[datetime]:
    """When any count may have been taken back, in order."""
    told = (time for kind in _CLEARING for time in timeline.rows.times(kind))
    return sorted([*told, *(loss.time for loss in timeline.losses)])
