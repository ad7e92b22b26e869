"""A resource's agent is missing wherever it was looked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from logtrace.chains.chain import Chain, Thing
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.config.query import may_run_on, meta_of
from logtrace.timeline import Timeline
from logtrace.timeline.outcomes import outcome


class AgentMissing(Trigger, frozen=True, eq=False, kw_only=True):
    """`run` is the first probe that found so."""

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Probes that found the agent missing on every node that was asked and where the resource may run, of
        resources that never ran and that are not meant to be stopped.
        """
        for resource, runs in timeline.runs_of.items():
            missing = [run for run in runs if run.probe and run.rc in (3, 5)]
            if not missing or (meta_of(config, resource, "target-role") or "").lower() == "stopped":
                continue
            ran = any(run.ok and run.rc in (0, 8, 190, 191) for run in runs)
            asked = {run.node for run in runs if run.probe and may_run_on(config, resource, run.node)}
            if {run.node for run in missing} >= asked and asked and not ran:
                first = next(run for run in missing if run.node in asked)
                yield cls(time=first.end, node=first.node, resource=resource, events=(first.event,), run=first)

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """What cannot be started anywhere is down from the moment that was found out."""
        if self.resource is not None:
            state.down(chain, Thing(self.resource), self.time)

    @property
    def beginning(self) -> str:
        """The probe's own result."""
        run = self.run
        assert run is not None
        return f"the probe of {run.resource} on {run.node} {outcome(run)}"
