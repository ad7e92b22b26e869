"""A small pacemaker.log: a node that is its own DC, whose web server dies once and is restarted."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

_DC = "Nov 22 12:00:{seconds} alpha pacemaker-{daemon}[{pid}] ({function}) \t{level}: {message}"
_PIDS = {"controld": 105, "schedulerd": 104, "execd": 102}
_TAIL = "CIB update 9, graph action confirmed; call={call} key={key} rc={rc}"


def line(seconds: str, message: str, *, daemon: str = "controld", level: str = "notice", function: str = "f") -> str:
    """One line; `seconds` within the minute, with milliseconds."""
    return _DC.format(
        seconds=seconds, daemon=f"{daemon:<10}", pid=_PIDS[daemon], function=function, level=level, message=message
    )


def result(seconds: str, operation: str, interval: int, words: str, rc: int, call: int) -> str:
    tail = _TAIL.format(call=call, key=f"web_{operation}_{interval}", rc=rc)
    return line(
        seconds, f"Result of {operation} operation for web on alpha: {words} | {tail}", function="log_executor_event"
    )


def asked(seconds: str, operation: str, interval: int, action: int) -> list[str]:
    key = f"web_{operation}_{interval}"
    return [
        line(seconds, f"Initiating {operation} operation {key} locally on alpha | action {action}"),
        line(
            seconds,
            f"Requesting local execution of {operation} operation for web on alpha | "
            f"transition_key={action}:7:0:0a0b0c0d-1111-2222-3333-444455556666 op_key={key}",
        ),
    ]


QUIET = [
    line("00.100", "State transition S_TRANSITION_ENGINE -> S_IDLE | input=I_TE_SUCCESS cause=C_FSA_INTERNAL origin=x"),
    line("05.100", "Current ping state: S_IDLE"),
]

CRASH = [
    *QUIET,
    result("10.200", "monitor", 10000, "not running", 7, 11),
    line(
        "10.210",
        "Transition 6 action 3 (web_monitor_10000 on alpha): expected 'ok' but got 'not running' | "
        "target-rc=0 rc=7 call-id=11 event='arrived after initial scheduling'",
    ),
    line("10.211", "State transition S_IDLE -> S_POLICY_ENGINE | input=I_PE_CALC cause=C_FSA_INTERNAL origin=x"),
    line(
        "10.220",
        "Unexpected result (not running) was recorded for monitor of web on alpha at Nov 22 12:00:10 2026 | rc=7 id=x",
        daemon="schedulerd",
        level="warning",
    ),
    line("10.221", "Actions: Recover    web     ( alpha )", daemon="schedulerd"),
    line(
        "10.230",
        "Calculated transition 7, saving inputs in /var/lib/pacemaker/pengine/pe-input-7.bz2",
        daemon="schedulerd",
    ),
    *asked("10.240", "stop", 0, 2),
    result("10.400", "stop", 0, "ok", 0, 12),
    *asked("10.410", "start", 0, 4),
    result("12.610", "start", 0, "ok", 0, 13),
    *asked("12.620", "monitor", 10000, 1),
    result("12.700", "monitor", 10000, "ok", 0, 14),
    line(
        "12.710",
        "Transition 7 (Complete=3, Pending=0, Fired=0, Skipped=0, Incomplete=0, "
        "Source=/var/lib/pacemaker/pengine/pe-input-7.bz2): Complete",
    ),
    line("12.711", "State transition S_TRANSITION_ENGINE -> S_IDLE | input=I_TE_SUCCESS cause=C_FSA_INTERNAL origin=x"),
    line("30.000", "Current ping state: S_IDLE"),
]


def text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def archive(path: Path, **members: str | bytes) -> Path:
    """A .tar.bz2 at `path`; keyword names are paths with `__` for `/` and `_dot_` for `.`."""
    with tarfile.open(path, "w:bz2") as tar:
        for name, content in members.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name.replace("__", "/").replace("_dot_", "."))
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path
