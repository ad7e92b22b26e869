"""Runs of agents carry chains on: what they stop is down, what they start is up again."""

from __future__ import annotations

from logtrace.chains.chain import Chain, Thing
from logtrace.chains.knowledge import Knowledge
from logtrace.config.dependents import dependents
from logtrace.config.query import is_clone, is_stonith
from logtrace.timeline import Run

#: Results of a monitor that found the resource running, and those that found it promoted; 190 and 191 are degraded.
_RUNNING = (0, 8, 190, 191)
_PROMOTED = (8, 191)


def on_run(state: Knowledge, run: Run) -> None:
    """Give a run to its chains and note what it stopped or brought back."""
    resource, node = run.resource, run.node
    was_here = node in state.active.setdefault(resource, set())
    owners = _owners(state, run)
    for chain in owners:
        subject = chain.first.resource == resource or not is_stonith(state.config, resource)
        if subject and (not run.recurring or run.failed):
            chain.add_run(run)
            chain.about(node=node, resource=resource)
    if not run.ok:
        return
    if run.operation == "stop":
        missed = _missed(state, owners[0], run) if was_here and owners and state.is_service(resource) else None
        if missed is not None:
            state.down(owners[0], missed, run.end)
        state.stopped(resource, node)
        state.truly_stopped(resource, node)
    elif run.operation == "demote":
        if state.is_promoted(resource, node) and owners:
            state.down(owners[0], Thing(resource, promoted=True), run.end)
        state.demoted(resource, node)
    elif run.operation in ("start", "migrate_from"):
        state.started(resource, node)
        state.up([Thing(resource), Thing(resource, node), *_moved_here(owners, run)], run)
    elif run.operation == "promote":
        state.runs(resource, node, promoted=True)
        state.up([Thing(resource, promoted=True)], run)
    elif run.operation == "monitor" and run.rc in _RUNNING:
        state.runs(resource, node, promoted=run.rc in _PROMOTED)
        if run.probe:  # its outage is over: it never was down, or somebody started it by hand
            state.up([Thing(resource), Thing(resource, node)], run)


def _missed(state: Knowledge, chain: Chain, run: Run) -> Thing | None:
    """What is down when a healthy resource is stopped. A copy of a clone is missed where the plan wants it to run
    again, there or elsewhere, or would but for a resource that it requires; a copy that no node is left for is not
    missed while others run.
    """
    resource, node = run.resource, run.node
    if not is_clone(state.config, resource):
        return Thing(resource)
    planned = next(
        (action for _, action in reversed(chain.actions) if (action.resource, action.source) == (resource, node)), None
    )
    if planned is None or (planned.verb == "Stop" and planned.due_to is None):
        return None
    return Thing(resource, node)


def _moved_here(owners: list[Chain], run: Run) -> list[Thing]:
    """The copies of a clone that plans meant to run where `run` started one, instead of where they were."""
    return [
        Thing(run.resource, action.source)
        for chain in owners
        for _, action in chain.actions
        if action.resource == run.resource and action.dest == run.node and action.source not in (None, run.node)
    ]


def _owners(state: Knowledge, run: Run) -> list[Chain]:
    """The chains a run belongs to: of the transition that asked for it, else of the latest plan."""
    owners = [] if run.recurring else state.planned_for(run.resource, run.transition)
    if not owners and run.failed:
        chain = state.chain_about(run.resource)
        owners = [chain] if chain is not None and chain.last >= run.end else []
    if not owners and not run.recurring and not run.probe and run.witness == "executor":
        owners = _owners_without_dc(state, run)
    return owners


def _owners_without_dc(state: Knowledge, run: Run) -> list[Chain]:
    """No plan at hand (the DC's log is missing): what is down, or depends on what is down, is being recovered."""
    plans = state.timeline.plans_before(state.now, 1)
    for chain in state.recent():
        if plans and plans[0].calculated >= chain.first.time:
            continue  # a plan was made since, and this run is none of it
        down = {outage.thing.resource for outage in chain.still_down()}
        if run.resource in down or any(run.resource in dependents(state.config, resource) for resource in down):
            return [chain]
    return []
