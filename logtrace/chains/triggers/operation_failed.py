"""An operation ended with another result than it should have."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from typing import Self

from logtrace.chains.belonging import again_after, away, guest_node, same_thing, starved_with
from logtrace.chains.chain import Chain, Thing
from logtrace.chains.counts import count
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.orderly import SECOND, begins_between
from logtrace.chains.trigger import Trigger
from logtrace.chains.triggers.daemon_died import DaemonDied
from logtrace.chains.triggers.remote_lost import RemoteLost, lost_connections
from logtrace.config.model import ClusterConfig
from logtrace.config.query import is_clone
from logtrace.timeline import Run, Timeline, Witness, computed_once
from logtrace.timeline.outcomes import outcome

#: Runs whose failure is none of an agent: Pacemaker does not care how a notify ends, and asyncmon is what crm_resource
#: --fail has the controller record (controld, fail_lrm_resource).
_NO_FAILURE = frozenset({"notify", "asyncmon"})

#: OCF_NOT_RUNNING, the answer to expect of a probe where nothing runs.
_NOT_RUNNING = 7


class OperationFailed(Trigger, frozen=True, eq=False, kw_only=True):
    """`run` is the failed run."""

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Failed runs of agents, but for lost connections to nodes, and probes that cannot tell where nothing was to
        run: what a probe of a node is worth is told by what ran there in the whole case. A probe that finds nothing is
        a failure where the resource had run till then and nobody had stopped it.
        """
        connections = lost_connections(timeline)
        for run in timeline.runs:
            if run.probe and run.rc == _NOT_RUNNING and _should_have_run(timeline, run):
                yield cls(time=run.end, node=run.node, resource=run.resource, events=(run.event,), run=run)
            if not run.failed or run.operation in _NO_FAILURE or connections.explain(run) or connections.cut_off(run):
                continue
            if run.probe and _harmless_probe(run, timeline.runs_of[run.resource]):
                continue
            yield cls(time=run.end, node=run.node, resource=run.resource, events=(run.event,), run=run)

    def join(self, state: Knowledge) -> Chain | None:
        """A failed operation of a thing already in trouble, on a node in trouble, or asked for by a chain's plan."""
        run = self.run
        assert run is not None
        chain = state.chain_about(run.resource)
        if chain is not None and chain.is_fault:
            if any(same_thing(outage.thing, run) for outage in chain.still_down()):
                return chain
            before = chain.failed_on.get(run.resource, set())
            failed_before = run.node in before or (before and not is_clone(state.config, run.resource))
            if failed_before and chain.quiet_since(run.end) <= again_after(state, run):
                return chain
        for asking in state.planned_for(run.resource):
            if asking.is_fault and not run.recurring and asking.quiet_since(run.end) <= state.result_within(run):
                return asking
        for name in (run.node, run.resource, guest_node(state, run.resource)):
            node = state.chain_at(name)
            if name is not None and node is not None and node.is_fault and _node_still_in_trouble(state, node, name):
                return node
        return starved_with(state, run)

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """What failed is down, and what a command that is still carried out had stopped before is the fault's; what one
        that ended as planned leaves stopped is as it wanted.
        """
        run = self.run
        assert run is not None
        if not state.is_service(run.resource):
            return
        count(state, chain, run)
        for planned in state.planned_for(run.resource):
            if not planned.is_fault and planned is not chain and not planned.carried_out(run.end):
                state.take_over(planned, chain)
        was_promoted = state.is_promoted(run.resource, run.node)
        proven = not run.probe or run.rc == _NOT_RUNNING
        if proven and run.operation in ("monitor", "start", "stop", "migrate_to", "migrate_from"):
            state.down(chain, state.thing(run.resource, run.node), run.end)
        if was_promoted or run.operation in ("promote", "demote"):
            state.down(chain, Thing(run.resource, promoted=True), run.end)
        if run.probe:
            _answered_by_its_plan(state, chain, run)
        if run.operation == "stop":
            state.of_node[run.node] = chain  # its node is fenced for it where fencing is on
        if run.operation == "monitor" and run.rc == _NOT_RUNNING:
            state.stopped(run.resource, run.node)

    @property
    def beginning(self) -> str:
        """A failed monitor does not say whether the service had died, and a plan not which operation failed."""
        run = self.run
        assert run is not None
        if run.witness == Witness.PLAN and run.rc is None:
            return f"{run.resource} failed on {run.node}, for a plan recovers it; what failed is not told"
        told = f"the {'probe' if run.probe else run.operation} of {run.resource} on {run.node} {outcome(run)}"
        return f"{told}; whether {run.resource} had died is not known" if run.recurring else told


def _answered_by_its_plan(state: Knowledge, chain: Chain, run: Run) -> None:
    """A plan that asks for a probe plans what is to be done where nothing is found: it answers what the probe shows."""
    latest = state.latest
    if latest is None or run.transition != latest.number:
        return
    for action in latest.actions:
        if action.resource == run.resource and action.verb != "Leave":
            chain.plan(latest, action)
            state.plan.setdefault(run.resource, []).append(chain)


def _should_have_run(timeline: Timeline, run: Run) -> bool:
    """Whether a resource that a probe did not find was running there by the last word about it: it had been started or
    seen, and neither stopped nor seen to fail since, and its node has not begun anew. Within one transition a probe
    comes before the start it makes way for.
    """
    told = _telling(timeline).get((run.resource, run.node), [])
    before = bisect_right(told, run.start, key=lambda other: other.end)
    last = told[before - 1] if before else None
    if last is None or not last.ok or last.operation not in ("start", "promote", "demote", "migrate_from", "monitor"):
        return False
    known = last.end if last.precise and run.precise else last.end + SECOND  # a stamp without fractions is an interval
    planned = [plan for plan in timeline.transitions_between(known, run.start) if plan.calculated > known]
    if known >= run.start or (timeline.transitions and not planned):
        return False
    return last.rc in (0, 8, 190, 191) and not begins_between(timeline, run.node, last.end, run.end)


@computed_once
def _telling(timeline: Timeline) -> dict[tuple[str, str], list[Run]]:
    """By resource and node, the runs that tell whether it runs there, as a probe that fails does not."""
    found: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in timeline.runs:
        if not run.probe or run.rc == 0:
            found[run.resource, run.node].append(run)
    return dict(found)


def _harmless_probe(run: Run, others: list[Run]) -> bool:
    """A probe that cannot tell (agent or program missing, node busy) is a fault only where the resource was to run."""
    return run.rc in (3, 5) or any(
        other.operation == "start" and other.node == run.node and other.ok for other in others
    )


def _node_still_in_trouble(state: Knowledge, chain: Chain, node: str) -> bool:
    if any(away(state, loss) for loss in chain.losses_of(node)):
        return True
    if any(isinstance(trigger, DaemonDied | RemoteLost) and trigger.node == node for trigger in chain.triggers):
        return state.busy_with(chain)
    return any(fencing.ended is None for fencing in chain.fencings_of(node))
