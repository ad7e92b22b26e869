"""A monitor that looks more often, or at all."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.advice.situation import Situation
from logtrace.assessment.operations import configured as set_up
from logtrace.assessment.operations import on_fail_of
from logtrace.config.commands import duration, operation
from logtrace.config.query import is_stonith, monitor_interval
from logtrace.domain.advice import Advice
from logtrace.whatif.model import Change

#: Looking every ten seconds finds a death within five on average; oftener costs more than it finds.
_INTERVAL = 10.0

#: A change by less is not worth it.
_LONGER = 1.5


#: on-fail values that cost more than the service: the whole of its node.
_HARD = {"fence": "resets the node with all that it runs", "standby": "moves all that its node runs"}


def advise(situation: Situation) -> Iterator[Advice]:
    """A shorter interval where a monitor's interval let a death go unnoticed; a monitor where there was none."""
    primitive = situation.one.failed_primitive
    run = situation.one.chain.first.run
    if primitive is None or run is None or situation.is_headline("spurious_monitor"):
        return
    if is_stonith(situation.config, primitive.id):
        return  # nobody waits for it: its monitor tests a device that is asked once a node is lost
    on_fail = on_fail_of(situation.config, run)
    if on_fail in _HARD:
        saves, basis = situation.saves(Change("in_place", names=(primitive.id,)))
        yield Advice(
            "on_fail",
            f"Let only {primitive.id} be restarted when its {run.operation} fails: on-fail={on_fail} {_HARD[on_fail]}",
            operation(situation.config, primitive, set_up(primitive, run), run.operation, **{"on-fail": "restart"}),
            saves=saves,
            saves_basis=basis,
            risk="keep it where a service that fails cannot be trusted to be stopped",
        )
    if run.operation != "monitor":
        if monitor_interval(situation.config, primitive.id) is None and run.operation in ("start", "stop"):
            yield Advice(
                "add_monitor",
                f"Watch {primitive.id}: it has no recurring monitor, so nothing notices when it dies",
                operation(situation.config, primitive, None, "monitor", interval=duration(_INTERVAL), timeout="20s"),
                saves_basis="not computed: without a monitor there is nothing to compare with",
                risk="one run of the agent's monitor every 10 s",
            )
        return
    if not situation.one.chain.outages:
        return
    interval = (run.interval or 0) / 1000 or monitor_interval(situation.config, primitive.id) or 0.0
    if interval < _LONGER * _INTERVAL or not run.recurring:
        return
    saves, basis = situation.saves(Change("interval", _INTERVAL))
    monitors = (op for op in primitive.ops if op.name == "monitor" and op.enabled)
    configured = next((op for op in monitors if abs(op.interval - interval) < 0.001), None)
    if configured is None or (saves is not None and saves <= 0):
        return
    often = interval / _INTERVAL
    spent = f", {run.seconds:.1f} s each" if 0.05 <= run.seconds < interval else ""
    yield Advice(
        "shorter_interval",
        f"Monitor {primitive.id} every {_INTERVAL:g} s instead of every {interval:g} s",
        operation(situation.config, primitive, configured, "monitor", interval=duration(_INTERVAL)),
        saves=saves,
        saves_basis=basis,
        risk=f"{often:.2g} times as many monitors{spent}; a monitor that is slow under load fails more often",
    )
