"""What the cluster was: its nodes with their clocks, its releases, and who was DC when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from logtrace.clocks import Clocks
from logtrace.clocks.skew import Skew
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_bare_address, node_names
from logtrace.config.texts import Versions
from logtrace.domain.kinds import Kind
from logtrace.report.case import ClockReading, Cluster, DcSpan, Node
from logtrace.timeline import Timeline
from logtrace.timeline.timeline import peers


def members(timeline: Timeline, config: ClusterConfig) -> tuple[str, ...]:
    """Every node of the cluster once: those configured, then those with logs, then those the logs speak of."""
    spoken = sorted(peers(timeline, config))
    return tuple(dict.fromkeys([*_configured(timeline, config), *sorted(timeline.logging_nodes), *spoken]))


def _configured(timeline: Timeline, config: ClusterConfig) -> list[str]:
    """The nodes as the configuration names them; beside logs, the addresses of a nodelist without names are none."""
    names = node_names(config)
    return [name for name in names if not (timeline.logging_nodes and is_bare_address(name))]


def cluster(
    timeline: Timeline,
    config: ClusterConfig,
    clocks: Clocks,
    nodes: Sequence[str],
    *,
    versions: Sequence[Versions],
    with_logs: frozenset[str],
) -> Cluster:
    """The cluster of a case. `nodes`: its `members`; `versions`: releases that texts of the report name, for what
    neither the CIB nor a line tells; `with_logs`: the nodes whose own logs are at hand.
    """
    release = _released(timeline, Kind.COROSYNC_START) or next((one.corosync for one in versions if one.corosync), None)
    transport = config.corosync.transport if config.corosync else None
    stack = config.stack or ("corosync" if release or config.corosync else None)
    pacemaker = next((one.pacemaker for one in versions if one.pacemaker), None)
    return Cluster(
        name=config.cluster_name,
        stack=" ".join(part for part in (stack, transport) if part) or None,
        pacemaker=_plain_version(config.pacemaker) or _released(timeline, Kind.DAEMON_STARTING) or pacemaker,
        corosync=release,
        nodes=_nodes(timeline, clocks, nodes, with_logs),
        dc=_dc_spans(timeline),
    )


def _nodes(timeline: Timeline, clocks: Clocks, names: Sequence[str], with_logs: frozenset[str]) -> tuple[Node, ...]:
    told = timeline.events.select("node", "time")
    spans = told.group_by("node").agg(first=pl.col("time").min(), last=pl.col("time").max())
    times = {node: (first, last) for node, first, last in spans.iter_rows()}
    nodes = []
    for name in names:
        clock = clocks.by_node.get(name)
        first, last = times.get(name, (None, None))
        nodes.append(
            Node(
                name=name,
                logs=name in with_logs,
                first=first,
                last=last,
                clock_offset=clock.skew.offset if clock and clock.skew.error is not None else None,
                clock_offset_error=clock.skew.error if clock else None,
                clock_course=_course(clock.skew, first, last) if clock and first and last else (),
                timezone=clock.local.zone if clock else None,
                year_source=clock.local.source if clock else None,
            )
        )
    return tuple(nodes)


def _course(skew: Skew, first: datetime, last: datetime) -> tuple[ClockReading, ...]:
    if skew.course is None:
        return ()
    known = skew.course.between(first.timestamp(), last.timestamp())
    return tuple(
        ClockReading(datetime.fromtimestamp(each.at, UTC), round(each.offset, 6), round(each.error, 6))
        for each in known
    )


def _released(timeline: Timeline, kind: Kind) -> str | None:
    """The release that a daemon named last when it started."""
    return next((event.version for event in reversed(timeline.rows.get(kind, [])) if event.version), None)


def _plain_version(version: str | None) -> str | None:
    """`2.1.5-a3f44794f94` is release 2.1.5."""
    return None if version is None else re.sub(r"-[0-9a-f]{7,}$", "", version)


def _dc_spans(timeline: Timeline) -> tuple[DcSpan, ...]:
    """Who was DC when, from who planned and who took over."""
    moments = [(transition.calculated, transition.dc) for transition in timeline.transitions]
    moments += [(event.time, event.node) for event in timeline.rows.get(Kind.DC_TAKEN)]
    spans: list[DcSpan] = []
    for time, node in sorted(moments):
        if spans and spans[-1].node == node:
            spans[-1] = DcSpan(node, spans[-1].start, time)
        else:
            spans.append(DcSpan(node, time, time))
    return tuple(spans)
