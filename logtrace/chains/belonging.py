"""Whether a happening belongs to what is under way: the questions that kinds of triggers ask in common."""

from __future__ import annotations

from datetime import datetime, timedelta

from logtrace.chains.chain import Chain, Thing
from logtrace.chains.knowledge import Knowledge
from logtrace.config.defaults import OP_TIMEOUT
from logtrace.config.query import bundle_of, op_timeout, primitive_of
from logtrace.timeline import NodeLoss, Run, Timeline, computed_once, interval_of


def same_thing(thing: Thing, run: Run) -> bool:
    """Whether a run is about `thing`; a copy of a clone is itself only on its own node."""
    return thing.resource == run.resource and (thing.promoted or thing.node in (None, run.node))


def again_after(state: Knowledge, run: Run) -> timedelta:
    """How soon after a recovery a new failure is the old fault again.

    The first monitor is begun at once, each later one an interval after the end of the one before. Where lines tell how
    long the agent takes, what fails before the third is begun is what the second has found; else the second may have
    taken its whole timeout.
    """
    interval = interval_of(state.timeline, state.config, run) or 0.0
    longest = _longest_looks(state.timeline).get(run.resource)
    if run.timed_out or longest is None:
        return timedelta(seconds=interval + (op_timeout(state.config, run.resource, "monitor") or OP_TIMEOUT))
    return timedelta(seconds=2 * (interval + longest))


@computed_once
def _longest_looks(timeline: Timeline) -> dict[str, float]:
    """The most seconds that a good monitor of each resource took, of those whose beginning is told."""
    longest: dict[str, float] = {}
    for run in timeline.runs:
        if run.operation == "monitor" and run.ok and (run.request_event is not None or run.begin_event is not None):
            longest[run.resource] = max(longest.get(run.resource, 0.0), run.seconds)
    return longest


def guest_node(state: Knowledge, resource: str) -> str | None:
    """The guest node that lives in `resource`: of a bundle's container, or of a virtual machine."""
    bundle = bundle_of(state.config, resource)
    if bundle is not None:
        replica = resource.removeprefix(f"{bundle.id}-{bundle.container}-")
        return f"{bundle.id}-{replica}" if replica != resource else None
    primitive = primitive_of(state.config, resource)
    return primitive.meta.get("remote-node") if primitive is not None else None


def one_change(state: Knowledge) -> timedelta:
    """How far apart lines of one change of the membership are: the sides of a split miss each other and agree each for
    itself, one after the other.
    """
    return 2 * state.agreement()


def still_open(state: Knowledge, loss: NodeLoss) -> bool:
    """Whether a loss is not over: its membership change goes on, or the node is away or only just back."""
    return state.now - loss.time <= one_change(state) or away(state, loss)


def starved_with(state: Knowledge, run: Run) -> Chain | None:
    """The chain of a timeout that overlaps with `run`, of another agent on the same node: timeouts of several at one
    time have one cause, the node and not the services.
    """
    if not run.timed_out:
        return None
    began = _began(state, run)
    for chain in state.recent():
        for other in chain.failed_runs if chain.is_fault else ():
            alike = other.timed_out and other.node == run.node and other.resource != run.resource
            if alike and began <= other.end and _began(state, other) <= run.end:
                return chain
    return None


def _began(state: Knowledge, run: Run) -> datetime:
    """When a run that timed out began at the latest; that of a recurring monitor is not logged."""
    limit = op_timeout(state.config, run.resource, run.operation) or OP_TIMEOUT
    return min(run.start, run.end - timedelta(seconds=limit))


def away(state: Knowledge, loss: NodeLoss) -> bool:
    """Whether a node is away, or back and the cluster has not settled since."""
    return loss.away_at(state.now) or state.settling(loss.back) or state.joining(loss.back)
