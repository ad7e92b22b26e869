"""Logs of a three-node Pacemaker 2.1 cluster of any size, the same bytes for the same arguments.

A minute of simulated time is one template per node, filled in with the time, the transition and the CIB version. In a
quiet minute promotion scores change, the DC calculates, and the CIB managers print every change in full, which is most
of any real log. In some minutes a service dies on node2 and is restarted in place.
"""

from __future__ import annotations

import re
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NODES: Final = ("node1", "node2", "node3")
DC: Final = "node1"
#: The first line's time: 2026-03-01 00:00:00 UTC.
START: Final = 1_772_323_200
MINUTE: Final = 60
SERVICES: Final = (
    "p_keystone",
    "p_glance_api",
    "p_nova_api",
    "p_nova_conductor",
    "p_neutron_server",
    "p_cinder_volume",
)
CALCULATION: Final = 30_000  # ms into a minute
FAILURE: Final = 40_000
UPDATES: Final = 9  # changes of the CIB's status section in a minute
ANNOUNCED: Final = {2, 7}  # those the attribute managers announce

_PIDS: Final = {
    "pacemaker-based": 1059, "pacemaker-fenced": 1060, "pacemaker-execd": 1061, "pacemaker-attrd": 1062,
    "pacemaker-schedulerd": 1063, "pacemaker-controld": 1064,
}  # fmt: skip
_FSA: Final = "cause=C_FSA_INTERNAL"
#: Of a restart in place: operation key, action, ms of its request and of its end, and its call.
_STEPS: Final = (("stop_0", 5, 40, 70, 1), ("start_0", 15, 80, 990, 2), ("monitor_10000", 2, 994, 1030, 3))
_UUID: Final = "7cf6ca6d-8148-4708-9c98-008bf09d07dc"

#: A line's header, as far as syslog has it in its own way.
_DETAIL: Final = re.compile(r"^(\w+ \d+ [\d:]+)\.\d+ (\S+) (\S+?) *\[(\d+)\] \(\w+\) \t(\w+): ")
#: The room a log takes as syslog has it, for headers are shorter.
SYSLOG_SHARE: Final = 0.74
#: What the daemons were called up to 1.1, which is how crmsh knows them.
_OLD: Final = {
    "pacemaker-based": "cib", "pacemaker-fenced": "stonith-ng", "pacemaker-execd": "lrmd", "pacemaker-attrd": "attrd",
    "pacemaker-schedulerd": "pengine", "pacemaker-controld": "crmd",
}  # fmt: skip

#: A CIB that tools which read reports accept.
CIB: Final = (
    '<cib validate-with="pacemaker-3.9" epoch="42" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes>'
    + "".join(f'<node id="{number}" uname="{name}"/>' for number, name in enumerate(NODES, start=1))
    + "</nodes><resources>"
    + "".join(f'<primitive id="{name}" class="ocf" provider="openstack" type="{name[2:]}"/>' for name in SERVICES)
    + "</resources><constraints/></configuration><status/></cib>\n"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A log line: `at` is ms into the minute, `message` may hold `%(name)s` of `values`, `relevant` tell events."""

    at: int
    daemon: str
    function: str
    level: str
    message: str
    relevant: bool = False


def write(folder: Path, size: int, faults: int) -> list[Path]:
    """Write `<node>/pacemaker.log` for three nodes into `folder`, together about `size` bytes, with `faults` crashes.

    The crashes are spread evenly. Gives the paths. Memory does not depend on `size`.
    """
    quiet = {node: template(node, quiet_minute(node)) for node in NODES}
    crash = {node: template(node, crash_minute(node)) for node in NODES}
    minutes = max(1, size // minute_size())
    crashes = {(index + 1) * minutes // (faults + 1) for index in range(faults)}
    paths = [folder / node / "pacemaker.log" for node in NODES]
    with ExitStack() as stack:
        files = {}
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            files[path.parent.name] = stack.enter_context(path.open("w", encoding="ascii", buffering=1 << 20))
        failures = 0
        for minute in range(minutes):
            known = values(minute, minute + failures, failures)
            for node, file in files.items():
                file.write(quiet[node] % known)
            if minute in crashes:
                failures += 1
                known = values(minute, minute + failures, failures)
                for node, file in files.items():
                    file.write(crash[node] % known)
    return paths


def minute_size() -> int:
    """Bytes that all nodes log in a quiet minute."""
    return sum(len(template(node, quiet_minute(node)) % values(10_000, 10_000, 0)) for node in NODES)


def as_syslog(source: Path, target: Path) -> None:
    """Write the log `source` to `target` as syslog had it with Pacemaker 1.1: whole seconds, and a tag."""

    def tagged(header: re.Match[str]) -> str:
        time, host, daemon, pid, level = header.groups()
        return f"{time} {host} {_OLD.get(daemon, daemon)}[{pid}]:  {level}: "

    with source.open(encoding="ascii") as lines, target.open("w", encoding="ascii") as out:
        out.writelines(_DETAIL.sub(tagged, line) for line in lines)


def relevant_share() -> float:
    """The part of a quiet minute's lines that tell an event, 0 to 1."""
    lines = [line for node in NODES for line in quiet_minute(node)]
    return sum(line.relevant for line in lines) / len(lines)


def quiet_minute(node: str) -> list[Line]:
    """Nothing but promotion scores that change, a calculation without actions, and their echo in the CIB."""
    lines: list[Line] = []
    for update in range(UPDATES):
        at = 500 + 2000 * update
        owner = update % len(NODES) + 1
        attribute = f"master-p_drbd_{update}"
        if update in ANNOUNCED:
            text = f"Setting {attribute}[node{owner}]: 10 -> 10000 | from node{owner} with no write delay"
            lines.append(Line(at, "pacemaker-attrd", "update_attr_on_host", "notice", text, relevant=True))
        lines += _cib_update(
            at,
            update,
            f"+  {_transient(owner)}/nvpair[@id='status-{owner}-{attribute}']:  @value=%(u{update})s",
            "attrd",
        )
    if node == DC:
        why = "status-1-master-p_drbd_1 doing modify master-p_drbd_1=10000: Transient attribute change"
        lines += [*_calculation(CALCULATION, why, "%(calculated)s"), *_end(CALCULATION + 8, 0)]
    digest = (
        "Reporting our current digest to node1: 9cdfac81c12fad54be3fdb6871a6584e for 0.42.%(u0)s (0x55a9f4b0d310 0)"
    )
    lines.append(Line(36_000, "pacemaker-based", "cib_process_ping", "info", digest))
    return lines


def crash_minute(node: str) -> list[Line]:
    """A service dies on node2, its monitor finds it, and the DC, node1, has it restarted in place."""
    at, name = FAILURE, SERVICES[0]
    lines: list[Line] = []
    if node == "node2":
        started = f"{name} start (call %(call2)s, PID 4390) exited with status 0 (execution time 895ms)"
        lines += [
            _result(at, name, "monitor", 10_000, "not running", "unconfirmed", 7, 0),
            _request(at + 50, name, "stop", 0),
            _result(at + 70, name, "stop", 0, "ok", "confirmed", 0, 1),
            _request(at + 90, name, "start", 0),
            _execd(at + 92, "log_execute", f"executing - rsc:{name} action:start call_id:%(call2)s"),
            _execd(at + 988, "log_finished", started),
            _result(at + 990, name, "start", 0, "ok", "confirmed", 0, 2),
            _request(at + 1002, name, "monitor", 10_000),
            _result(at + 1030, name, "monitor", 10_000, "ok", "unconfirmed", 0, 3),
        ]
    attributes = (
        ("last-failure", "(unset) -> %(failed)s"),
        ("fail-count", "%(failures_before)s -> %(failures)s"),
    )
    for attribute, change in attributes:
        text = f"Setting {attribute}-{name}#monitor_10000[node2]: {change} | from node1 with no write delay"
        lines.append(Line(at + 10, "pacemaker-attrd", "update_attr_on_host", "notice", text, relevant=True))
    pair = f'<nvpair id="status-2-fail-count-{name}" value="%(failures)s"/>'
    lines += _cib_update(at + 12, 0, f"++ {_transient(2)}:  {pair}", "attrd")
    if node == DC:
        lines += _recovery(at + 4, name)
    return sorted(lines, key=lambda line: line.at)


def _recovery(at: int, name: str) -> list[Line]:
    """What the DC prints about one failed monitor and the restart that follows."""
    expected = (
        f"Transition %(before)s action 2 ({name}_monitor_10000 on node2): expected 'ok' but got 'not running' | "
        "target-rc=0 rc=7 call-id=%(call0)s event='arrived after initial scheduling'"
    )
    recorded = (
        f"Unexpected result (not running) was recorded for monitor of {name} on node2 at %(failed_at)s | "
        f"rc=7 id={name}_last_failure_0"
    )
    counted = f"Updating failcount for {name} on node2 after failed monitor: rc=7 (update=value++, time=%(failed)s)"
    why = f"operation {name}_monitor_10000 'create' on node2: Change in recurring result"
    lines = [
        _controld(at, "process_graph_event", "notice", expected),
        _controld(at + 2, "update_failcount", "info", counted),
        *_calculation(at + 20, why, "%(failed)s", f"Recover    {name}     ( node2 )"),
        Line(at + 23, "pacemaker-schedulerd", "unpack_rsc_op_failure", "warning", recorded, relevant=True),
    ]
    for key, action, begin, end, call in _STEPS:
        operation = key.split("_")[0]
        initiating = f"Initiating {operation} operation {name}_{key} on node2 | action {action}"
        confirmed = (
            f"Transition %(n)s action {action} ({name}_{key} on node2) confirmed: ok | rc=0 call-id=%(call{call})s"
        )
        lines.append(_controld(at + begin, "execute_rsc_action", "notice", initiating))
        lines.append(_controld(at + end, "process_graph_event", "info", confirmed))
    return lines + _end(at + 1036, 5)


def _calculation(at: int, why: str, epoch: str, action: str | None = None) -> list[Line]:
    """The DC goes from idle through the scheduler to the graph."""
    scheduler = "pacemaker-schedulerd"
    aborted = f"Transition %(before)s aborted by {why} | cib=0.42.%(u1)s source=abort_unless_down:299 complete=true"
    planning, acting = (
        f"State transition S_IDLE -> S_POLICY_ENGINE | input=I_PE_CALC {_FSA} origin=abort_transition_graph",
        "State transition S_POLICY_ENGINE -> S_TRANSITION_ENGINE | input=I_PE_SUCCESS origin=handle_reply",
    )
    graph = f"Processing graph %(n)s (ref=pe_calc-pacemaker-controld-{epoch}-%(n)s) derived from %(pe)s"
    summary = "Calculated transition %(n)s, saving inputs in %(pe)s"
    lines = [
        _controld(at, "abort_transition_graph", "info", aborted),
        _controld(at + 1, "do_state_transition", "notice", planning),
        *(Line(at + 2, scheduler, "determine_online_status", "info", f"{node} is online") for node in NODES),
        *(_left(at + 3, name) for name in SERVICES),
    ]
    if action:
        lines.append(Line(at + 4, scheduler, "log_list_item", "notice", f"Actions: {action}", relevant=True))
    return [
        *lines,
        Line(at + 5, scheduler, "pcmk__log_transition_summary", "notice", summary, relevant=True),
        _controld(at + 6, "do_state_transition", "info", acting),
        _controld(at + 7, "do_te_invoke", "info", graph),
    ]


def _left(at: int, name: str) -> Line:
    message = f"Leave   {name}\t(Started node2)"
    return Line(at, "pacemaker-schedulerd", "rsc_action_default", "info", message, relevant=True)


def _controld(at: int, function: str, level: str, message: str) -> Line:
    return Line(at, "pacemaker-controld", function, level, message, relevant=True)


def _execd(at: int, function: str, message: str) -> Line:
    return Line(at, "pacemaker-execd", function, "info", message, relevant=True)


def _end(at: int, complete: int) -> list[Line]:
    counts = f"Complete={complete}, Pending=0, Fired=0, Skipped=0, Incomplete=0"
    idle = f"State transition S_TRANSITION_ENGINE -> S_IDLE | input=I_TE_SUCCESS {_FSA} origin=notify_crmd"
    return [
        _controld(at, "pcmk__execute_graph", "notice", f"Transition %(n)s ({counts}, Source=%(pe)s): Complete"),
        _controld(at + 1, "do_state_transition", "notice", idle),
    ]


def _result(at: int, name: str, operation: str, interval: int, text: str, confirmed: str, rc: int, call: int) -> Line:
    message = (
        f"Result of {operation} operation for {name} on node2: {text} | CIB update %(u1)s, graph action {confirmed}; "
        f"call=%(call{call})s key={name}_{operation}_{interval} rc={rc}"
    )
    return _controld(at, "log_executor_event", "notice", message)


def _request(at: int, name: str, operation: str, interval: int) -> Line:
    message = (
        f"Requesting local execution of {operation} operation for {name} on node2 | "
        f"transition_key=5:%(n)s:0:{_UUID} op_key={name}_{operation}_{interval}"
    )
    return _controld(at, "do_lrm_rsc_op", "notice", message)


def _cib_update(at: int, update: int, change: str, client: str) -> list[Line]:
    old, new = f"0.42.%(u{update})s", f"0.42.%(u{update + 1})s"
    based, perform = "pacemaker-based", "cib_perform_op"
    done = f"Completed cib_modify operation for section status: OK (rc=0, origin=node1/{client}/%(u0)s, version={new})"
    return [
        Line(at + 1, based, perform, "info", f"Diff: --- {old} 2"),
        Line(at + 1, based, perform, "info", f"Diff: +++ {new} (null)"),
        Line(at + 1, based, perform, "info", f"+  /cib:  @num_updates=%(u{update + 1})s"),
        Line(at + 1, based, perform, "info", change),
        Line(at + 2, based, "cib_process_request", "info", done),
    ]


def _transient(node: int) -> str:
    return (
        f"/cib/status/node_state[@id='{node}']/transient_attributes[@id='{node}']"
        f"/instance_attributes[@id='status-{node}']"
    )


def template(node: str, lines: list[Line]) -> str:
    """The lines of a node's minute in Pacemaker's detail log format, with `%(s<second>)s` for the time."""
    return "".join(
        f"%(s{line.at // 1000})s.{line.at % 1000:03d} {node} {line.daemon:<20}[{_PIDS[line.daemon]}] ({line.function}) "
        f"\t{line.level}: {line.message}\n"
        for line in lines
    )


def values(minute: int, transition: int, failures: int) -> dict[str, str]:
    start = START + minute * MINUTE
    known = {f"s{second}": stamp(start + second) for second in _SECONDS}
    known |= {f"u{i}": str(minute * UPDATES + i) for i in range(UPDATES + 1)}
    known |= {f"call{i}": str(30 + 3 * failures + i) for i in range(4)}
    return known | {
        "before": str(transition - 1),
        "n": str(transition),
        "pe": f"/var/lib/pacemaker/pengine/pe-input-{transition % 4000}.bz2",
        "calculated": str(start + CALCULATION // 1000),
        "failed": str(start + FAILURE // 1000),
        "failed_at": time.strftime("%b %d %H:%M:%S %Y", time.gmtime(start + FAILURE // 1000)),
        "failures": str(failures),
        "failures_before": str(failures - 1) if failures > 1 else "(unset)",
    }


def stamp(epoch: int) -> str:
    return time.strftime("%b %d %H:%M:%S", time.gmtime(epoch))


_SECONDS: Final = sorted({line.at // 1000 for node in NODES for line in (*quiet_minute(node), *crash_minute(node))})
