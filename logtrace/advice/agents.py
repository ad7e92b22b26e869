"""Agents, init scripts and units: installed where needed, complete, and able to find again what they started."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.advice.advice import Advice
from logtrace.advice.situation import Situation
from logtrace.chains.triggers import AgentMissing
from logtrace.config.commands import Commands, avoid, cleanup, joined
from logtrace.config.model import Primitive
from logtrace.config.query import is_promotable, primitive_of

_MISSING = (3, 5)
_REFUSED = (1, 2, 4, 6)

#: Actions an OCF agent must have (OCF resource agent API 1.1, and what Pacemaker calls).
_ACTIONS = ("start", "stop", "monitor", "meta-data", "validate-all")
_PROMOTABLE = ("promote", "demote", "notify")


def files_of(primitive: Primitive) -> tuple[str, ...]:
    """Where the program lies that starts and stops a primitive."""
    name = primitive.type
    if primitive.klass == "ocf":
        return (f"/usr/lib/ocf/resource.d/{primitive.provider or 'heartbeat'}/{name}",)
    unit = name if "." in name else f"{name}.service"
    return {
        "lsb": (f"/etc/init.d/{name}",),
        "upstart": (f"/etc/init/{name}.conf",),
        "systemd": (f"/etc/systemd/system/{unit}.d/override.conf", f"/usr/lib/systemd/system/{unit}"),
        "service": (f"/etc/init.d/{name}", f"/usr/lib/systemd/system/{unit}"),
        "stonith": (f"/usr/sbin/{name}",),
    }.get(primitive.klass, ())


def advise(situation: Situation) -> Iterator[Advice]:
    """For no_pidfile, missing_agent and resource_agent_error."""
    if situation.true("no_pidfile"):
        yield from _pid_file(situation)
    if situation.true("missing_agent"):
        yield from _missing(situation)
    if situation.is_headline("resource_agent_error"):
        yield from _refused(situation)


def _pid_file(situation: Situation) -> Iterator[Advice]:
    primitive, name = situation.failed, situation.failed_name
    if name is None:
        return
    klass = primitive.klass if primitive is not None else ""
    how = {
        "lsb": "let its start write the pid file that its status reads (start-stop-daemon --start --make-pidfile "
        "--pidfile /run/NAME.pid, or daemon --pidfile), and let status return 3 only when no such process runs",
        "upstart": "let it exec start-stop-daemon --start --pidfile /run/NAME.pid --make-pidfile, with `expect fork` "
        "or `expect daemon` only if the program forks",
        "systemd": "set Type=forking with PIDFile= if the program forks, Type=simple or notify if it does not",
        "ocf": "let its start write the pid file that its monitor reads, and wait in start until monitor succeeds",
    }.get(klass, "let its start leave what its monitor looks for")
    yield Advice(
        "pid_file",
        f"Mend the start of {name}: it returns ok and the monitor finds nothing: {how}",
        cleanup(name),
        files=files_of(primitive) if primitive is not None else (),
        saves_basis="not computed: without the mend the service never comes up" if not situation.one.recovered else
        "not computed: it would not have failed",
        risk="try the script by hand first: start, status, stop, status; processes from earlier starts may still run",
    )  # fmt: skip


def _missing(situation: Situation) -> Iterator[Advice]:
    runs = [run for run in situation.one.failures() if run.rc in _MISSING]
    runs += [trigger.run for trigger in situation.one.triggers(AgentMissing) if trigger.run is not None]
    name = runs[0].resource if runs else situation.failed_name
    if name is None:
        return
    if not runs:  # it could run nowhere else: probes on the other nodes said so
        probes = [run for run in situation.one.timeline.runs_of.get(name, []) if run.probe and run.rc in _MISSING]
        runs = probes
    primitive = primitive_of(situation.config, name)
    nodes = sorted({run.node for run in runs if run.resource == name})
    where = ", ".join(nodes) or "every node it may run on"
    incomplete = bool(runs) and runs[0].rc == 3
    if incomplete:
        actions = list(_ACTIONS)
        if is_promotable(situation.config, name):
            actions += _PROMOTABLE
        sentence = (
            f"Complete the agent of {name}: on {where} it does not implement {runs[0].operation}; it must have "
            f"{', '.join(actions)}"
        )
    else:
        kind = f" ({primitive.agent})" if primitive is not None else ""
        sentence = f"Install the agent of {name}{kind} and its program on {where}, in the same version as elsewhere"
    fix: Commands = cleanup(name)
    bannable = primitive is not None and nodes and len(nodes) < len(situation.nodes) and not primitive.parents
    yield Advice(
        "complete_agent" if incomplete else "install_agent",
        sentence,
        fix,
        files=files_of(primitive) if primitive is not None else (),
        saves_basis="not computed: how long it would have run there is not known",
        risk="the failure stays recorded until the cleanup, and keeps the resource away from these nodes",
    )
    if bannable and primitive is not None:
        yield Advice(
            "avoid_node",
            f"Until then keep {name} off {where}, so that no recovery is tried there",
            joined(avoid(primitive.id, nodes)),
            saves_basis="not computed: it depends on where the resource goes instead",
            risk="one place less to go to; remove the constraint once the agent is there",
        )


def _refused(situation: Situation) -> Iterator[Advice]:
    runs = [run for run in situation.one.failures() if run.rc in _REFUSED]
    if not runs:
        return
    run = next((each for each in runs if each.operation != "monitor"), runs[0])
    primitive = primitive_of(situation.config, run.resource)
    reason = f" ({run.reason})" if run.reason else ""
    what = {
        2: "a parameter is wrong",
        4: "the agent lacks a privilege",
        6: "the program's configuration is wrong or absent",
    }.get(run.rc or 1, "the reason is in the agent's own output")
    same = [other for other in runs if other.rc == run.rc]
    nodes = ", ".join(sorted({other.node for other in same}))
    yield Advice(
        "fix_agent_error",
        f"Mend why the {run.operation} of {run.resource} on {nodes} returned {run.rc}{reason}: {what}; check the "
        "parameters and the same files on every node, then clean up",
        cleanup(run.resource) if primitive is not None else {},
        files=files_of(primitive) if primitive is not None else (),
        saves_basis="not computed: how long the operation would have taken is not known",
        risk="rc 2, 4 and 5 keep a resource off the node, rc 6 off all nodes, until the cleanup"
        if run.rc in (2, 4, 6)
        else "a failed start keeps the resource off the node until the cleanup",
    )
