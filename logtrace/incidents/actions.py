"""Runs of agents carry chains on: what they stop is down, what they start is up again."""

from __future__ import annotations

from datetime import timedelta

from logtrace.config.dependents import dependents
from logtrace.config.query import is_clone, is_stonith
from logtrace.incidents.draft import Draft, Thing
from logtrace.incidents.sweep import Sweep
from logtrace.timeline import Run


def on_run(sweep: Sweep, run: Run) -> None:
    """Give a run to its chains and note what it stopped or brought back."""
    active = sweep.active.setdefault(run.resource, set())
    owners = _run_owners(sweep, run)
    for draft in owners:
        subject = draft.first.resource == run.resource or not is_stonith(sweep.config, run.resource)
        if subject and (not run.recurring or run.failed):
            draft.add_run(run)
            draft.resources.setdefault(run.resource)
            draft.nodes.setdefault(run.node)
    service = sweep.is_service(run.resource)
    if run.operation == "stop" and run.ok:
        if run.node in active and owners and service and not is_clone(sweep.config, run.resource):
            owners[0].down(Thing(run.resource), run.end)
        active.discard(run.node)
        sweep.promoted.get(run.resource, set()).discard(run.node)
    elif run.operation == "demote" and run.ok:
        if run.node in sweep.promoted.get(run.resource, set()) and owners:
            owners[0].down(Thing(run.resource, promoted=True), run.end)
        sweep.promoted.get(run.resource, set()).discard(run.node)
    elif run.operation in ("start", "migrate_from") and run.ok:
        sweep.started(run.resource, run.node)
        _up(sweep, run, [Thing(run.resource), Thing(run.resource, run.node)])
    elif run.operation == "promote" and run.ok:
        active.add(run.node)
        sweep.promoted.setdefault(run.resource, set()).add(run.node)
        _up(sweep, run, [Thing(run.resource, promoted=True)])
    elif run.operation == "monitor" and run.ok and run.rc in (0, 8, 190, 191):
        active.add(run.node)
        if run.rc in (8, 191):
            sweep.promoted.setdefault(run.resource, set()).add(run.node)
        if run.probe:
            _found_running(sweep, run)


def _run_owners(sweep: Sweep, run: Run) -> list[Draft]:
    owners = [] if run.recurring else _planned_by(sweep, run)
    if not owners and run.failed:
        draft = sweep.of_resource.get(run.resource)
        owners = [draft] if draft is not None and draft.last >= run.end else []
    if not owners and not run.recurring and not run.probe and run.witness == "executor":
        owners = _owners_without_dc(sweep, run)
    return owners


def _planned_by(sweep: Sweep, run: Run) -> list[Draft]:
    """The chains of the transition that asked for a run, else of the latest plan."""
    if run.transition is not None and (run.transition, run.resource) in sweep.plans:
        return list(sweep.plans[run.transition, run.resource])
    return list(sweep.plan.get(run.resource, []))


def _owners_without_dc(sweep: Sweep, run: Run) -> list[Draft]:
    """No plan at hand (the DC's log is missing): what is down, or depends on what is down, is being recovered."""
    near = timedelta(minutes=2)
    if sweep.timeline.calculations_between(run.start - near, run.start + near):
        return []
    for draft in sweep.recent():
        down = {outage.thing.resource for outage in draft.still_down()}
        if run.resource in down or any(run.resource in dependents(sweep.config, resource) for resource in down):
            return [draft]
    return []


def _up(sweep: Sweep, run: Run, things: list[Thing]) -> None:
    for draft in sweep.drafts[-32:]:
        for thing in things:
            if draft.up(thing, run):
                draft.active(run.end)
                if not draft.runs or draft.runs[-1] is not run:  # it may just have been given to its chain
                    draft.add_run(run)


def _found_running(sweep: Sweep, run: Run) -> None:
    """A probe that finds a service running ends its outage: it never was down, or somebody started it by hand."""
    _up(sweep, run, [Thing(run.resource), Thing(run.resource, run.node)])
