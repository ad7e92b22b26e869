"""Short stories of a cluster, told as the log files of its nodes and read by the pipeline.

A story is one line per happening, `TIME NODE[,NODE] WHAT`, times in UTC on `day` (or with a date before them).
`write` turns it into the lines Pacemaker 2.1.5 and Corosync 3.1.7 print for it; `read` takes any such files through
logtrace.pipeline, as a folder of them on disk would go; `case` does both. What can happen:

    db monitor 10s: not running         a recurring monitor that was running all along returns something new
    db monitor 10s asked: ok            the DC asks for a monitor; this is its first result
    db start in 2s: ok                  an action ends after so many seconds; also stop promote demote probe migrate_*
    db stop in 20s: Timed Out           (probe: a monitor that is run once, which expects `not running`)
    plan 7: Recover db ( node1 ) | ...  the scheduler of this DC calculates a transition and the controller begins it
    plan 6 obsolete: ...                ... which is overtaken before it begins
    done 7                              the transition ends; `done 7: Stopped` when it was aborted
    lose node2 | lose node2 in order    the membership goes on without a node that crashed, or that said goodbye
    see node2                           a node joins
    fence node2 in 3s: OK               this node's controller has a node fenced by its fencer
    attrd: Setting ...                  any line of a daemon as it is: controld schedulerd execd attrd fenced based
                                        pacemakerd `corosync TOTEM` kernel systemd `apache(web)`; a level may stand
                                        before the colon: `kernel err: ...`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import count
from typing import Any

import polars as pl

from logtrace import catalogue, pipeline
from logtrace.clocks import Clocks
from logtrace.config.model import ClusterConfig
from logtrace.domain import codes
from logtrace.events.store import Events
from logtrace.gather import Gathered, gather_texts
from logtrace.pipeline import Record
from logtrace.report.case import Case, Cause, Frames, Incident
from logtrace.report.scope import Options
from logtrace.timeline import Timeline

DAY = "2026-11-22"
UUID = "30be0bb3-d5ff-4692-a6a7-1ccc3c8cffa9"
PIDS = {"pacemakerd": 110, "based": 112, "fenced": 113, "execd": 114, "attrd": 115, "schedulerd": 116, "controld": 117}
#: Programs that log to syslog only.
SYSTEM = ("kernel", "systemd", "chronyd", "multipathd", "sbd", "heartbeat", "corosync-qdevice", "corosync-qnetd")
#: Levels syslog gets by default (PCMK_logpriority).
TO_SYSLOG = ("notice", "warning", "error", "crit")
FENCER_CLIENT = "pacemaker-controld.117"

_STEP = re.compile(r"^(?:(?P<day>\d{4}-\d\d-\d\d) )?(?P<time>\d\d:\d\d:\d\d(?:\.\d+)?) (?P<nodes>\S+) (?P<what>.+)$")
_OPERATION = re.compile(
    r"^(?P<resource>\S+) (?P<op>start|stop|monitor|promote|demote|probe|migrate_to|migrate_from)"
    r"(?: (?P<interval>\d+)s)?(?P<asked> asked)?(?: in (?P<seconds>[\d.]+)s)?: (?P<words>.+)$"
)
_PLAN = re.compile(r"^plan (?P<number>\d+)(?P<obsolete> obsolete)?:(?P<actions>.*)$")
_DONE = re.compile(r"^done (?P<number>\d+)(?:: (?P<outcome>\w+))?$")
_LOSE = re.compile(r"^lose (?P<gone>\S+)(?P<orderly> in order)?$")
_SEE = re.compile(r"^see (?P<back>\S+)$")
_FENCE = re.compile(r"^fence (?P<target>\S+)(?: by (?P<client>\S+))?(?: in (?P<seconds>[\d.]+)s)?: (?P<words>.+)$")
_RAW = re.compile(r"^(?P<program>corosync [A-Z]+|[\w-]+\([^)]*\)|[\w-]+)(?: (?P<level>[a-z]+))?: (?P<message>.*)$")
_ACTION = re.compile(r"^(?P<verb>\w+)\s+(?P<resource>\S+)\s+\(\s*(?P<detail>.*?)\s*\)(?:\s+(?P<reason>.+))?$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line before it has a layout. `program`: a daemon's short name, `corosync TOTEM`, `Agent(resource)`, kernel."""

    time: datetime
    node: str
    program: str
    level: str
    message: str


@dataclass(slots=True)
class _Teller:
    """What the cluster remembers while its story is told."""

    nodes: tuple[str, ...]
    dc: str
    lines: list[Line] = field(default_factory=list)
    transition: int = 0
    members: set[str] = field(default_factory=set)
    rings: count[int] = field(default_factory=lambda: count(20))
    ids: count[int] = field(default_factory=lambda: count(10))
    refs: count[int] = field(default_factory=lambda: count(30))
    monitors: dict[tuple[str, str, int], int] = field(default_factory=dict)  # node, resource, ms -> call id
    states: dict[str, str] = field(default_factory=dict)  # of each node's controller, as far as it is DC
    failures: dict[tuple[str, str, str], tuple[int, str, datetime]] = field(default_factory=dict)

    def say(self, time: datetime, node: str, program: str, message: str, level: str = "notice") -> None:
        self.lines.append(Line(time, node, program, level, message))

    # --- operations

    def operation(self, end: datetime, node: str, step: Mapping[str, str | None]) -> None:
        resource, op, words = str(step["resource"]), str(step["op"]), str(step["words"])
        interval = int(step["interval"] or 0) * 1000
        recurring = interval > 0
        key = f"{resource}_{'monitor' if op == 'probe' else op}_{interval}"
        took = float(step["seconds"] or (0.02 if not recurring else 0))
        start = end - timedelta(seconds=took)
        word, _, reason = words.partition(" (")
        timed_out, reason = word == "Timed Out", reason.removesuffix(")")
        rc = 1 if timed_out else codes.RC_OF_WORD[word.lower()]
        expected = 7 if op == "probe" else 8 if recurring and rc == 8 else 0
        action, asked = next(self.ids), not recurring or step["asked"] is not None
        call = self.monitors.get((node, resource, interval)) if recurring and not asked else None
        call = call or next(self.ids)
        if recurring:
            self.monitors[node, resource, interval] = call
        if asked:
            locally = " locally" if node == self.dc else ""
            name = "monitor" if op == "probe" else op
            self.say(
                start - _ms(4), self.dc, "controld",
                f"Initiating {name} operation {key}{locally} on {node} | action {action}",
            )  # fmt: skip
            self.say(
                start - _ms(2), node, "controld",
                f"Requesting local execution of {op} operation for {resource} on {node} | "
                f"transition_key={action}:{self.transition}:{expected}:{UUID} op_key={key}",
            )  # fmt: skip
        if not recurring and op != "probe":
            self.say(start, node, "execd", f"executing - rsc:{resource} action:{op} call_id:{call}", "info")
            how = (
                f"could not be executed: Timed Out (Resource agent did not complete within {took:g}s)"
                if timed_out
                else f"exited with status {rc}{f' ({reason})' if reason else ''}"
            )
            ran = f"{took:g}s" if took >= 1 else f"{round(took * 1000)}ms"
            self.say(
                end - _ms(1), node, "execd", f"{resource} {op} (call {call}, PID {1000 + call}) {how} "
                f"(execution time {ran})", "info",
            )  # fmt: skip
        self._result(end, node, resource, op, key, words, took, call, rc, timed_out, asked)
        if rc == expected or rc in (190, 191):  # degraded is success
            if asked:
                self.say(
                    end + _ms(4), self.dc, "controld", f"Transition {self.transition} action {action} ({key} on "
                    f"{node}) confirmed: {codes.WORD_OF_RC[rc]} | rc={rc} call-id={call}", "info",
                )  # fmt: skip
            return
        self._unexpected(end, node, resource, op, key, words, rc, expected, action, call, asked)

    def _result(
        self, end: datetime, node: str, resource: str, op: str, key: str, words: str, took: float, call: int,
        rc: int, timed_out: bool, asked: bool,
    ) -> None:  # fmt: skip
        if timed_out:
            words = f"Timed Out after {took:g}s (Resource agent did not complete within {took:g}s)"
        not_run = timed_out or words[0].isupper()
        self.say(
            end, node, "controld",
            f"Result of {op} operation for {resource} on {node}: {words} | CIB update {call + 40}, graph action "
            f"{'' if asked else 'un'}confirmed; call={call} key={key}{'' if not_run else f' rc={rc}'}",
            "error" if not_run else "notice",
        )  # fmt: skip

    def _unexpected(
        self, end: datetime, node: str, resource: str, op: str, key: str, words: str, rc: int, expected: int,
        action: int, call: int, asked: bool,
    ) -> None:  # fmt: skip
        why = "Event failed" if asked else "Change in recurring result"
        event = "" if asked else " event='arrived after initial scheduling'"
        seen = end + _ms(6)
        self.say(
            seen, self.dc, "controld", f"Transition {self.transition} aborted by operation {key} 'modify' on {node}: "
            f"{why} | magic=0:{rc};{action}:{self.transition}:{expected}:{UUID} complete=true", "info",
        )  # fmt: skip
        self.say(
            seen, self.dc, "controld", f"Transition {self.transition} action {action} ({key} on {node}): expected "
            f"'{codes.WORD_OF_RC[expected]}' but got '{codes.WORD_OF_RC[rc]}' | target-rc={expected} rc={rc} "
            f"call-id={call}{event}",
        )  # fmt: skip
        if op == "probe" and rc in (0, 5, 8):
            return  # found running or found missing, not failed
        name = f"{resource}#{key.removeprefix(f'{resource}_')}"
        before, _, when = self.failures.get((resource, node, op), (0, "", None))
        fatal = op in ("start", "stop")
        self.failures[resource, node, op] = (before + 1, f"{codes.WORD_OF_RC[rc]}", end)
        old_epoch = f"{int(when.timestamp())}" if when else "(unset)"
        old, new = (str(before) if before else "(unset)"), ("INFINITY" if fatal else str(before + 1))
        if fatal and before:
            old = "INFINITY"
        for peer in self.nodes:
            if peer in self.members:
                told = f"| from {self.dc} with no write delay"
                self.say(
                    seen, peer, "attrd", f"Setting last-failure-{name}[{node}]: {old_epoch} -> "
                    f"{int(end.timestamp())} {told}",
                )  # fmt: skip
                self.say(seen, peer, "attrd", f"Setting fail-count-{name}[{node}]: {old} -> {new} {told}")

    # --- the DC

    def plan(self, time: datetime, node: str, step: Mapping[str, str | None]) -> None:
        number, epoch, ref = int(step["number"] or 0), int(time.timestamp()), next(self.refs)
        self.dc = node
        kind = "warn" if "Fence (" in str(step["actions"]) else "input"
        source = f"/var/lib/pacemaker/pengine/pe-{kind}-{number}.bz2"
        begun = time - _ms(8)
        for (resource, where, op), (_, words, when) in self.failures.items():
            self.say(
                begun, node, "schedulerd", f"Unexpected result ({words}) was recorded for {op} of {resource} on "
                f"{where} at {when:%b %d %H:%M:%S %Y} | rc=7 id={resource}_last_failure_0", "warning",
            )  # fmt: skip
        for action in filter(None, map(str.strip, str(step["actions"]).split("|"))):
            self._action(begun, node, action)
        if (state := self.states.get(node, "S_POLICY_ENGINE")) != "S_POLICY_ENGINE":
            self.say(
                begun, node, "controld", f"State transition {state} -> S_POLICY_ENGINE | input=I_PE_CALC "
                "cause=C_FSA_INTERNAL origin=abort_transition_graph", "notice" if state == "S_IDLE" else "info",
            )  # fmt: skip
        self.states[node] = "S_POLICY_ENGINE" if step["obsolete"] else "S_TRANSITION_ENGINE"
        self.say(time, node, "schedulerd", f"Calculated transition {number}, saving inputs in {source}")
        reference = f"pe_calc-pacemaker-controld-{epoch}-{ref}"
        if step["obsolete"]:
            self.say(time + _ms(2), node, "controld", f"pe_calc calculation {reference} is obsolete", "info")
            return
        self.transition = number
        self.say(
            time + _ms(2), node, "controld", "State transition S_POLICY_ENGINE -> S_TRANSITION_ENGINE | "
            "input=I_PE_SUCCESS cause=C_IPC_MESSAGE origin=handle_reply", "info",
        )  # fmt: skip
        self.say(
            time + _ms(2),
            node,
            "controld",
            f"Processing graph {number} (ref={reference}) derived from {source}",
            "info",
        )

    def _action(self, time: datetime, node: str, action: str) -> None:
        if action.startswith("Fence (") and not action.startswith("Fence (on)"):
            target, reason = action.split("'")[0].split()[-1], action.split("'")[1]
            self.say(time, node, "schedulerd", f"Cluster node {target} will be fenced: {reason}", "warning")
            self.say(time, node, "schedulerd", f"Scheduling node {target} for fencing", "warning")
        found = _ACTION.match(action)
        if found:
            reason = f"  {found['reason']}" if found["reason"] else ""
            action = f"{found['verb']:<10} {found['resource']}     ( {found['detail']} ){reason}"
        text = f" * {action}" if action.startswith("Shutdown") else f"Actions: {action}"
        self.say(time, node, "schedulerd", text)

    def done(self, time: datetime, node: str, step: Mapping[str, str | None]) -> None:
        number, outcome = step["number"], step["outcome"] or "Complete"
        incomplete = 0 if outcome == "Complete" else 2
        self.say(
            time, node, "controld", f"Transition {number} (Complete=3, Pending=0, Fired=0, Skipped=0, "
            f"Incomplete={incomplete}, Source=/var/lib/pacemaker/pengine/pe-input-{number}.bz2): {outcome}",
        )  # fmt: skip
        if outcome == "Complete":
            self.states[node] = "S_IDLE"
            self.say(
                time, node, "controld", "State transition S_TRANSITION_ENGINE -> S_IDLE | input=I_TE_SUCCESS "
                "cause=C_FSA_INTERNAL origin=notify_crmd",
            )  # fmt: skip

    # --- membership and fencing

    def lose(self, time: datetime, observers: Sequence[str], step: Mapping[str, str | None]) -> None:
        gone = str(step["gone"]).split(",")
        ids = " ".join(str(self.nodes.index(name) + 1) for name in gone)
        self.members -= set(gone) - set(observers)
        stay = [name for name in self.nodes if name in observers]
        for node in stay:
            if step["orderly"]:
                for number in ids.split():
                    self.say(time - _ms(9), node, "corosync CFG", f"Node {number} was shut down by sysadmin")
            else:
                self.say(
                    time - timedelta(seconds=3.6), node, "corosync TOTEM", "A processor failed, forming new "
                    "configuration: token timed out (3000ms), waiting 3600ms for consensus.",
                )  # fmt: skip
            self._membership(time, node, stay, "left", ids)
            if not step["orderly"]:
                self.say(time, node, "corosync TOTEM", f"Failed to receive the leave message. failed: {ids}")
            for name in gone:
                self._state(time + _ms(6), node, name, "lost", "member")
                if name == self.dc:
                    self.say(time + _ms(6), node, "controld", f"Our DC node ({name}) left the cluster", "warning")

    def see(self, time: datetime, observers: Sequence[str], step: Mapping[str, str | None]) -> None:
        back = str(step["back"]).split(",")
        ids = " ".join(str(self.nodes.index(name) + 1) for name in back)
        self.members |= set(back)
        for node in observers:
            self._membership(time, node, sorted({*observers, *back}), "joined", ids)
            for name in back:
                self._state(time + _ms(6), node, name, "member", "lost")

    def _membership(self, time: datetime, node: str, stay: Iterable[str], verb: str, ids: str) -> None:
        mine = [str(self.nodes.index(name) + 1) for name in stay]
        changed = len(ids.split())
        self.say(time, node, "corosync QUORUM", f"Sync members[{len(mine)}]: {' '.join(mine)}")
        self.say(time, node, "corosync QUORUM", f"Sync {verb}[{changed}]: {ids}")
        ring = 16 + int(time.timestamp()) % 900
        self.say(
            time, node, "corosync TOTEM", f"A new membership ({mine[0]}.{ring:x}) was formed. Members {verb}: {ids}"
        )

    def _state(self, time: datetime, node: str, target: str, state: str, before: str) -> None:
        number = self.nodes.index(target) + 1
        tail = f"| nodeid={number} previous={before} source=crm_update_peer_proc"
        for daemon in ("attrd", "fenced", "controld"):
            self.say(time, node, daemon, f"Node {target} state is now {state} {tail}")
        self.say(time, node, "controld", f"Cluster node {target} is now {state} (was {before})", "info")

    def fence(self, end: datetime, node: str, step: Mapping[str, str | None]) -> None:
        target, words, took = str(step["target"]), str(step["words"]), float(step["seconds"] or 2)
        start = end - timedelta(seconds=took)
        client, ident, ok = step["client"] or FENCER_CLIENT, f"8e52b{next(self.ids):03}", words == "OK"
        if client == FENCER_CLIENT:
            self.say(start, node, "controld", f"Requesting fencing (reboot) of node {target} | action=1 timeout=60000")
        self.say(start, node, "fenced", f"Client {client} wants to fence (reboot) {target} using any device")
        self.say(
            start, node, "fenced", f"Requesting peer fencing (reboot) targeting {target} | id={ident} state=querying "
            "base_timeout=60",
        )  # fmt: skip
        self.say(
            start + _ms(90), node, "fenced", f"Requesting that {node} perform 'reboot' action targeting {target} | for "
            f"client {client} (72s, 0s)",
        )  # fmt: skip
        self.say(
            end, node, "fenced", f"Operation 'reboot' [469] targeting {target} using st returned {0 if ok else 1} | "
            f"call 3 from {client}", "notice" if ok else "error",
        )  # fmt: skip
        said = "OK (complete)" if ok else f"Error occurred (error: {words})"
        for peer in self.nodes:
            if peer == node or (peer in self.members and peer != target):
                self.say(
                    end, peer, "fenced", f"Operation 'reboot' targeting {target} by {node} for {client}@{node}: "
                    f"{said} | id={ident}", "notice" if ok else "error",
                )  # fmt: skip
                self.say(
                    end + _ms(2), peer, "controld", f"Peer {target} was{'' if ok else ' not'} terminated (reboot) by "
                    f"{node} on behalf of {client}@{node}: {'OK' if ok else f'Error ({words})'} | event={ident}",
                )  # fmt: skip

    def step(self, time: datetime, nodes: Sequence[str], what: str) -> None:
        if found := _LOSE.match(what):
            self.lose(time, nodes, found.groupdict())
            return
        if found := _SEE.match(what):
            self.see(time, nodes, found.groupdict())
            return
        for node in nodes:
            for pattern, tell in (
                (_OPERATION, self.operation), (_PLAN, self.plan), (_DONE, self.done), (_FENCE, self.fence)
            ):  # fmt: skip
                if found := pattern.match(what):
                    tell(time, node, found.groupdict())
                    break
            else:
                raw = _RAW.match(what)
                assert raw is not None, what
                self.say(time, node, raw["program"], raw["message"], raw["level"] or "notice")


def _ms(number: float) -> timedelta:
    return timedelta(milliseconds=number)


def tell(text: str, *, nodes: Sequence[str] = ("node1", "node2"), dc: str | None = None, day: str = DAY) -> list[Line]:
    """The lines of a story in order of time. `dc`: who is DC at its beginning (default: the last of `nodes`)."""
    teller = _Teller(tuple(nodes), dc or nodes[-1], members=set(nodes))
    for row in filter(None, map(str.strip, text.splitlines())):
        step = _STEP.match(row)
        assert step is not None, row
        time = datetime.fromisoformat(f"{step['day'] or day}T{step['time']}").replace(tzinfo=UTC)
        teller.step(time, step["nodes"].split(","), step["what"])
    return sorted(teller.lines, key=lambda line: line.time)


# --- layouts ------------------------------------------------------------------------------------------


def detail(line: Line, local: datetime) -> str:
    """As pacemaker.log and corosync.log have it (Pacemaker 2.1, Corosync 3, libqb 2)."""
    stamp = f"{local:%b %d %H:%M:%S}.{local.microsecond // 1000:03}"
    if line.program.startswith("corosync "):
        level, subsystem = line.level, line.program.split()[1]
        return f"{stamp} [100] {line.node} corosync {level:<7} [{subsystem:<6}] {line.message}"
    if "(" in line.program:
        return f"{local:%b %d %H:%M:%S}  {line.program}[1725]:    {line.level.upper()}: {line.message}"
    daemon = line.program if line.program == "pacemakerd" else f"pacemaker-{line.program}"
    return f"{stamp} {line.node} {daemon:<20}[{PIDS[line.program]}] (function) \t{line.level}: {line.message}"


def syslog(line: Line, local: datetime, *, iso: timedelta | None = None) -> str:
    """As rsyslog writes it: whole seconds and no ` | ...`; with `iso`, the zone's offset, microseconds and zone."""
    stamp = f"{local:%b} {local.day:>2} {local:%H:%M:%S}"
    if iso is not None:
        minutes = round(iso.total_seconds() / 60)
        sign = "-" if minutes < 0 else "+"
        stamp = f"{local:%Y-%m-%dT%H:%M:%S.%f}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    head, cut, _ = line.message.partition(" | ")
    head += " " if cut else ""
    if line.program.startswith("corosync "):
        return f"{stamp} {line.node} corosync[100]:   [{line.program.split()[1]:<6}] {head}"
    if line.program in SYSTEM:
        return f"{stamp} {line.node} {line.program}{'' if line.program == 'kernel' else '[1]'}: {head}"
    if "(" in line.program:  # ocf_log forks a logger for syslog
        return f"{stamp} {line.node} {line.program}[1729]: {line.level.upper()}: {head}"
    daemon = line.program if line.program == "pacemakerd" else f"pacemaker-{line.program}"
    return f"{stamp} {line.node} {daemon}[{PIDS[line.program]}]: {line.level:>7}: {head}"


def write(
    told: Sequence[Line],
    *,
    carriers: Sequence[str] = ("detail",),
    zones: Mapping[str, float] = {},
    skew: Mapping[str, float | Callable[[datetime], float]] = {},
    missing: Sequence[str] = (),
) -> dict[str, str]:
    """The files of a story: path -> text, the node's name being the folder.

    `carriers`: detail (pacemaker.log and corosync.log), syslog (messages), iso (messages with zone). What the kernel
    and the init system say is always in messages. `zones`: hours by which a node's local time is ahead of UTC; `skew`:
    seconds by which its clock is ahead, or what gives them at a time. `missing`: nodes of which there is no log.
    """
    files: dict[str, list[str]] = {}
    for line in told:
        if line.node in missing:
            continue
        zone = timedelta(hours=zones.get(line.node, 0))
        ahead = skew.get(line.node, 0.0)
        seconds = ahead(line.time) if callable(ahead) else ahead
        local = (line.time + zone + timedelta(seconds=seconds)).replace(tzinfo=None)
        system = line.program in SYSTEM
        if "detail" in carriers and not system:
            name = "corosync.log" if line.program.startswith("corosync ") else "pacemaker.log"
            files.setdefault(f"{line.node}/{name}", []).append(detail(line, local))
        own = system or "(" in line.program or line.level in TO_SYSLOG or line.program.startswith("corosync ")
        if own and "iso" in carriers:
            files.setdefault(f"{line.node}/messages", []).append(syslog(line, local, iso=zone))
        elif (own and "syslog" in carriers) or system:
            files.setdefault(f"{line.node}/messages", []).append(syslog(line, local))
    return {name: "\n".join(text) + "\n" for name, text in files.items()}


# --- through the pipeline -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What logtrace makes of some files: the record of what happened, and the case concluded from it."""

    files: dict[str, str]
    record: Record

    @property
    def config(self) -> ClusterConfig:
        return self.record.config

    @property
    def clocks(self) -> Clocks:
        return self.record.clocks

    @property
    def timeline(self) -> Timeline:
        return self.record.timeline

    @cached_property
    def events(self) -> pl.DataFrame:
        return self.timeline.events.whole()

    @cached_property
    def case(self) -> Case:
        return pipeline.conclude(self.record).case

    @property
    def incidents(self) -> tuple[Incident, ...]:
        return self.case.incidents

    @property
    def only(self) -> Incident:
        """The one incident of a story that has one."""
        assert len(self.incidents) == 1, [(one.kind.value, one.root_cause, one.title) for one in self.incidents]
        return self.incidents[0]

    @property
    def labels(self) -> list[str]:
        return [one.root_cause for one in self.incidents]


def whole(frames: Frames) -> dict[str, pl.DataFrame]:
    """All frames by name, the events as one frame."""
    held = {each.name: getattr(frames, each.name) for each in fields(frames) if each.name != "told"}
    return {name: frame.whole() if isinstance(frame, Events) else frame for name, frame in held.items()}


def finding(incident: Incident, label: str) -> Cause:
    return next(one for one in incident.causes if one.label == label)


def gathered(
    files: Mapping[str, str],
    *,
    names: Sequence[str] = (),
    hints: Sequence[tuple[str | None, int, str]] = (),
    options: Options = Options(),  # noqa: B008  a frozen value
) -> Gathered:
    """Files in memory as they are gathered. `names`: as members.txt has them; `hints`: as files' times are (node,
    epoch, source), which files in memory have not.
    """
    found = gather_texts(files, catalogue.load(), options)
    found.members.extend(names)
    found.hints.extend(hints)
    return found


def understood(files: Mapping[str, str], **given: Any) -> pl.DataFrame:
    """The lines of files that the catalogue knows, each of its node, without `event`. `given`: that of gathered."""
    read = gathered(files, **given)
    events = pipeline.understood(read)
    return pipeline.named(events, pipeline.node_names(events, read, pipeline.configuration(read))).whole().drop("event")


def timed(
    files: Mapping[str, str], *, timezone: str | None = None, year: int | None = None, **given: Any
) -> tuple[pl.DataFrame, Clocks]:
    """Files up to the stage at which every line has its time, in UTC. `given`: those of gathered."""
    options = Options(timezone=timezone, year=year)
    read = gathered(files, options=options, **given)
    events = pipeline.understood(read)
    names = pipeline.node_names(events, read, pipeline.configuration(read))
    resolved, clocks = pipeline.timed(pipeline.named(events, names), read, options, names)
    return resolved.whole(), clocks


def read(
    files: Mapping[str, str],
    *,
    cib: str = "",
    corosync: str = "",
    timezone: str | None = None,
    year: int | None = None,
    **given: Any,
) -> Told:
    """Files through all stages. `cib`, `corosync`: the texts of cib.xml and corosync.conf; `given`: of gathered."""
    options = Options(timezone=timezone, year=year)
    known = {name: text for name, text in {"cib.xml": cib, "corosync.conf": corosync}.items() if text}
    found = gathered({**files, **known}, options=options, **given)
    return Told(dict(files), pipeline.record(found, options))


@lru_cache(maxsize=256)
def _case(text: str, cib: str, options: tuple[tuple[str, Any], ...]) -> Told:
    told = dict(options)
    story = {name: told.pop(name) for name in ("nodes", "dc", "day") if name in told}
    layout = {name: told.pop(name) for name in ("carriers", "zones", "skew", "missing") if name in told}
    for name in ("zones", "skew"):
        if name in layout:
            layout[name] = dict(layout[name])
    return read(write(tell(text, **story), **layout), cib=cib, **told)


def case(text: str, *, cib: str = "", **options: Any) -> Told:
    """A story through the pipeline. `options`: those of tell, write and read. The same story is read once."""
    for name in ("zones", "skew"):
        if name in options:
            options[name] = tuple(sorted(options[name].items()))
    return _case(text, cib, tuple(sorted(options.items())))


# --- configurations -----------------------------------------------------------------------------------


def primitive(
    name: str, agent: str = "ocf:pacemaker:Dummy", *, monitor: float | None = 10, timeout: float = 20, **meta: str
) -> str:
    """XML of a primitive with start, stop and (unless None) a monitor every so many seconds."""
    klass, *rest = agent.split(":")
    provider = f' provider="{rest[0]}"' if len(rest) > 1 else ""
    ops = [("start", 0.0), ("stop", 0.0), *([("monitor", float(monitor))] if monitor else [])]
    xml = "".join(
        f'<op id="{name}-{op}" name="{op}" interval="{interval:g}s" timeout="{timeout:g}s"/>' for op, interval in ops
    )
    return (
        f'<primitive id="{name}" class="{klass}"{provider} type="{rest[-1]}">{_meta(name, meta)}'
        f"<operations>{xml}</operations></primitive>"
    )


def fence_device(name: str = "st") -> str:
    return f'<primitive id="{name}" class="stonith" type="fence_virt"/>'


def group(name: str, *members: str, **meta: str) -> str:
    return f'<group id="{name}">{_meta(name, meta)}{"".join(members)}</group>'


def clone(name: str, child: str, **meta: str) -> str:
    return f'<clone id="{name}">{_meta(name, meta)}{child}</clone>'


def promotable(name: str, child: str) -> str:
    return clone(name, child, promotable="true")


def _meta(name: str, meta: Mapping[str, str]) -> str:
    pairs = "".join(
        f'<nvpair id="{name}-{key}" name="{key.replace("_", "-")}" value="{value}"/>' for key, value in meta.items()
    )
    return f'<meta_attributes id="{name}-meta">{pairs}</meta_attributes>' if pairs else ""


def cluster(*resources: str, nodes: Sequence[str] = ("node1", "node2"), rules: str = "", **properties: str) -> str:
    """A CIB of these resources. `rules`: XML of constraints."""
    pairs = "".join(
        f'<nvpair id="p-{key}" name="{key.replace("_", "-")}" value="{value}"/>' for key, value in properties.items()
    )
    members = "".join(f'<node id="{number}" uname="{name}"/>' for number, name in enumerate(nodes, 1))
    return (
        '<cib admin_epoch="0" epoch="9" num_updates="1" crm_feature_set="3.16.1"><configuration>'
        f'<crm_config><cluster_property_set id="cib-bootstrap-options">{pairs}</cluster_property_set></crm_config>'
        f"<nodes>{members}</nodes><resources>{''.join(resources)}</resources><constraints>{rules}</constraints>"
        "</configuration><status/></cib>"
    )


def order(first: str, then: str) -> str:
    return f'<rsc_order id="o-{first}-{then}" first="{first}" then="{then}"/>'


def at(time: str, day: str = DAY) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


#: A monitor that fails, and is repaired; several tests begin with it.
CRASH = """
12:00:00 node1 db start in 0.5s: ok
12:00:01.000 node1 db monitor 10s: ok
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:10.400 node1 db stop in 0.1s: ok
12:05:11.700 node1 db start in 1s: ok
12:05:11.900 node2 done 7
"""

#: The same with monitors that somebody asked for, of which the good results are told as well.
MENDED = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:10.400 node1 db stop in 0.05s: ok
12:05:11.600 node1 db start in 1.1s: ok
12:05:11.700 node1 db monitor 10s asked: ok
12:05:11.800 node2 done 7
"""
