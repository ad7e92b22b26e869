"""Runs of agents carry chains on: what they stop is down, what they start is up again."""

from __future__ import annotations

from datetime import timedelta

from logtrace.chains.chain import Chain, Thing
from logtrace.chains.state import ClusterState
from logtrace.config.dependents import dependents
from logtrace.config.query import is_clone, is_stonith
from logtrace.timeline import Run


def on_run(state: ClusterState, run: Run) -> None:
    """Give a run to its chains and note what it stopped or brought back."""
    active = state.active.setdefault(run.resource, set())
    owners = _run_owners(state, run)
    for chain in owners:
        subject = chain.first.resource == run.resource or not is_stonith(state.config, run.resource)
        if subject and (not run.recurring or run.failed):
            chain.add_run(run)
            chain.resources.setdefault(run.resource)
            chain.nodes.setdefault(run.node)
    service = state.is_service(run.resource)
    if run.operation == "stop" and run.ok:
        if run.node in active and owners and service and not is_clone(state.config, run.resource):
            owners[0].down(Thing(run.resource), run.end)
        active.discard(run.node)
        state.promoted.get(run.resource, set()).discard(run.node)
    elif run.operation == "demote" and run.ok:
        if run.node in state.promoted.get(run.resource, set()) and owners:
            owners[0].down(Thing(run.resource, promoted=True), run.end)
        state.promoted.get(run.resource, set()).discard(run.node)
    elif run.operation in ("start", "migrate_from") and run.ok:
        state.started(run.resource, run.node)
        _up(state, run, [Thing(run.resource), Thing(run.resource, run.node)])
    elif run.operation == "promote" and run.ok:
        active.add(run.node)
        state.promoted.setdefault(run.resource, set()).add(run.node)
        _up(state, run, [Thing(run.resource, promoted=True)])
    elif run.operation == "monitor" and run.ok and run.rc in (0, 8, 190, 191):
        active.add(run.node)
        if run.rc in (8, 191):
            state.promoted.setdefault(run.resource, set()).add(run.node)
        if run.probe:
            _found_running(state, run)


def _run_owners(state: ClusterState, run: Run) -> list[Chain]:
    owners = [] if run.recurring else _planned_by(state, run)
    if not owners and run.failed:
        chain = state.of_resource.get(run.resource)
        owners = [chain] if chain is not None and chain.last >= run.end else []
    if not owners and not run.recurring and not run.probe and run.witness == "executor":
        owners = _owners_without_dc(state, run)
    return owners


def _planned_by(state: ClusterState, run: Run) -> list[Chain]:
    """The chains of the transition that asked for a run, else of the latest plan."""
    if run.transition is not None and (run.transition, run.resource) in state.plans:
        return list(state.plans[run.transition, run.resource])
    return list(state.plan.get(run.resource, []))


def _owners_without_dc(state: ClusterState, run: Run) -> list[Chain]:
    """No plan at hand (the DC's log is missing): what is down, or depends on what is down, is being recovered."""
    near = timedelta(minutes=2)
    if state.timeline.transitions_between(run.start - near, run.start + near):
        return []
    for chain in state.recent():
        down = {outage.thing.resource for outage in chain.still_down()}
        if run.resource in down or any(run.resource in dependents(state.config, resource) for resource in down):
            return [chain]
    return []


def _up(state: ClusterState, run: Run, things: list[Thing]) -> None:
    for chain in state.chains[-32:]:
        for thing in things:
            if chain.up(thing, run):
                chain.active(run.end)
                if not chain.runs or chain.runs[-1] is not run:  # it may just have been given to its chain
                    chain.add_run(run)


def _found_running(state: ClusterState, run: Run) -> None:
    """A probe that finds a service running ends its outage: it never was down, or somebody started it by hand."""
    _up(state, run, [Thing(run.resource), Thing(run.resource, run.node)])
