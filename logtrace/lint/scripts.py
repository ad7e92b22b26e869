"""Scripts the cluster must trust: whether their status action was ever seen to find what they started."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from logtrace.config.model import Primitive
from logtrace.config.query import base_name
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.domain.results import RUNNING_RC
from logtrace.lint.check import Look, Source, check
from logtrace.lint.finding import Finding
from logtrace.timeline import Run

#: Classes whose monitor is the status action of a script, which nearly always looks for a pid file.
_SCRIPTS: Final = ("lsb", "upstart", "service")
#: What an agent says that looks for a pid file, or has one.
_OF_A_PID_FILE: Final = (Why.PID_FILE, Why.NO_PID_FILE)


@check(
    "script-pid-file",
    "error",
    Source.CIB,
    line="A script's status action was never seen to find the service.",
    means="""
        The monitor of an init script is its status action, and that mostly means a pid file. If the script
        leaves none, or looks for another, the cluster restarts a healthy service for ever.
    """,
    proves="""
        A start that ended well and was denied at once by the monitor. Milder: neither a good monitor nor a line
        with a pid file is in the logs or the CIB.
    """,
    disproves="""
        One good recurring monitor shows that it works. A process that dies right after its start looks the same
        at first.
    """,
    fix="""
        Run start, status and stop by hand; status must return 0 while it runs and 3 when it is dead. Write the
        pid file in the script, or move to a systemd unit or an OCF agent.
    """,
)
def pid_file_unseen(look: Look) -> Iterator[Finding]:
    """No line names a pid file, and no monitor was seen to find the service running."""
    for primitive in look.services:
        if primitive.klass not in _SCRIPTS:
            continue
        runs = [run for run in look.timeline.runs_of.get(primitive.id, []) if run.operation in ("start", "monitor")]
        denied = _denied(runs)
        where = _place(primitive)
        if denied:
            yield look.finding(
                primitive.id,
                f"{where} started it, and the monitor that followed did not find it: the script leaves no pid file, or "
                "its status action looks for another.",
                evidence=look.lines(run.event for pair in denied[:2] for run in pair),
            )
        elif not _found(look, primitive, runs) and not _named(look, primitive.id):
            yield look.finding(
                primitive.id,
                f"Nothing here shows that the status action of {where} finds what its start action began; make sure it "
                "writes a pid file and that status returns 3 when the service is dead.",
                severity="info",
            )


def _denied(runs: list[Run]) -> list[tuple[Run, Run]]:
    """Good starts with the monitor on that node that at once said not running."""
    pairs = []
    for start, after in pairwise(sorted(runs, key=lambda run: run.node)):
        same = start.operation == "start" and after.operation == "monitor" and start.node == after.node
        if same and start.ok and not after.probe and after.rc == 7 and (after.start - start.end).total_seconds() < 3:
            pairs.append((start, after))
    return pairs


def _found(look: Look, primitive: Primitive, runs: list[Run]) -> bool:
    """Whether a recurring monitor ever found it running, in the logs or as the status section remembers."""
    remembered = (one for one in look.history if one.interval > 0 and base_name(one.resource) == primitive.id)
    return any(run.recurring and run.rc in RUNNING_RC for run in runs) or any(
        one.rc in RUNNING_RC for one in remembered
    )


def _named(look: Look, resource: str) -> bool:
    """Whether a line of the agent names a pid file."""
    return any(
        event.resource == resource and event.why in _OF_A_PID_FILE
        for kind in (Kind.AGENT_SAYS, Kind.OP_OUTPUT)
        for event in look.timeline.rows.get(kind, [])
    )


def _place(primitive: Primitive) -> str:
    return f"/etc/init/{primitive.type}.conf" if primitive.klass == "upstart" else f"/etc/init.d/{primitive.type}"
