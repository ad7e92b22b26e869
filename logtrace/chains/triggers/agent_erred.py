"""An agent told an error, and no line at hand tells of a run of it: only its own lines were handed on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Self

import polars as pl

from logtrace.chains.limits import MOST_LINES
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.config.query import base_name
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline

#: ocf_log's levels for what the agent gives up for, lower-cased.
_GRAVE: Final = ("error", "crit", "critical", "emerg", "alert")

#: What ocf-shellfuncs calls the resource where none is asked for: scripts of Heartbeat, and agents run by hand.
_NO_RESOURCE: Final = "default"


class AgentErred(Trigger, frozen=True, eq=False, kw_only=True):
    """`said`: the first error of an agent about `resource`, on `node`; `events` are all of them. Of a fence agent its
    name is told (`agent`), and not which device it is of.
    """

    said: str = ""
    agent: str | None = None

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Of an excerpt, one for each resource of which nothing else is told. Where results are told they say whether
        an error was one.
        """
        if not timeline.coverage.excerpt:
            return
        known = {base_name(resource) for resource in timeline.runs_of}
        said = (
            timeline.events.of(Kind.AGENT_SAYS)
            .filter(pl.col("level").is_in(_GRAVE) & (pl.col("resource") != _NO_RESOURCE))
            .drop_nulls(["resource", "node", "text"])
            .sort("time", "event")
        )
        told: dict[str, list[tuple[str, str, int]]] = {}
        times: dict[str, datetime] = {}
        for resource, node, text, event, time in said.select("resource", "node", "text", "event", "time").iter_rows():
            name = base_name(resource)
            if name not in known:
                told.setdefault(name, []).append((node, text, event))
                times.setdefault(name, time)
        for name, lines in told.items():
            node, text, _ = lines[0]
            events = tuple(event for _, _, event in lines[:MOST_LINES])
            yield cls(time=times[name], node=node, resource=name, events=events, said=text)
        if not timeline.fencings and not any(run.failed for run in timeline.runs):
            yield from cls._fence_agents(timeline)

    @classmethod
    def _fence_agents(cls, timeline: Timeline) -> Iterator[Self]:
        """What fence agents print whose meaning is known, where nothing tells what they were run for."""
        told: dict[tuple[str, str], list[Event]] = {}
        for event in timeline.rows.get(Kind.FENCE_DEVICE_ERROR):
            if event.agent is not None and event.why is not None:
                told.setdefault((event.node, event.agent), []).append(event)
        for (node, agent), lines in told.items():
            events = tuple(event.event for event in lines[:MOST_LINES])
            yield cls(time=lines[0].time, node=node, events=events, said=lines[0].reason or "", agent=agent)

    @property
    def beginning(self) -> str:
        """The agent's own words."""
        if self.agent is not None:
            return f"the fence agent {self.agent} told an error on {self.node}: {self.said}"
        return f"the agent of {self.resource} told an error on {self.node}: {self.said}"
