"""Scripts the cluster must trust: whether their status action was ever seen to find what they started."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from logtrace.config.model import Primitive
from logtrace.config.query import base_name
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.lint.known import Known, Weakness
from logtrace.timeline import Run
from logtrace.timeline.operations import SUCCESS_RC

#: Classes whose monitor is the status action of a script, which nearly always looks for a pid file.
_SCRIPTS: Final = ("lsb", "upstart", "service")
#: What an agent says that looks for a pid file, or has one.
_OF_A_PID_FILE: Final = (Why.PID_FILE, Why.NO_PID_FILE)


def pid_file_unseen(known: Known) -> Iterator[Weakness]:
    """No line names a pid file, and no monitor was seen to find the service running."""
    for primitive in known.services:
        if primitive.klass not in _SCRIPTS:
            continue
        runs = [run for run in known.timeline.runs_of.get(primitive.id, []) if run.operation in ("start", "monitor")]
        denied = _denied(runs)
        where = _place(primitive)
        if denied:
            yield Weakness(
                "error",
                primitive.id,
                f"{where} started it, and the monitor that followed did not find it: the script leaves no pid file, or "
                "its status action looks for another.",
                evidence=known.lines(run.event for pair in denied[:2] for run in pair),
            )
        elif not _found(known, primitive, runs) and not _named(known, primitive.id):
            yield Weakness(
                "info",
                primitive.id,
                f"Nothing here shows that the status action of {where} finds what its start action began; make sure it "
                "writes a pid file and that status returns 3 when the service is dead.",
                evidence=known.cib,
            )


def _denied(runs: list[Run]) -> list[tuple[Run, Run]]:
    """Good starts with the monitor on that node that at once said not running."""
    pairs = []
    for start, after in pairwise(sorted(runs, key=lambda run: run.node)):
        same = start.operation == "start" and after.operation == "monitor" and start.node == after.node
        if same and start.ok and not after.probe and after.rc == 7 and (after.start - start.end).total_seconds() < 3:
            pairs.append((start, after))
    return pairs


def _found(known: Known, primitive: Primitive, runs: list[Run]) -> bool:
    """Whether a recurring monitor ever found it running, in the logs or as the status section remembers."""
    remembered = (one for one in known.history if one.interval > 0 and base_name(one.resource) == primitive.id)
    return any(run.recurring and run.rc in SUCCESS_RC for run in runs) or any(
        one.rc in SUCCESS_RC for one in remembered
    )


def _named(known: Known, resource: str) -> bool:
    """Whether a line of the agent names a pid file."""
    return any(
        event.resource == resource and event.why in _OF_A_PID_FILE
        for kind in (Kind.AGENT_SAYS, Kind.OP_OUTPUT)
        for event in known.timeline.rows.get(kind, [])
    )


def _place(primitive: Primitive) -> str:
    return f"/etc/init/{primitive.type}.conf" if primitive.klass == "upstart" else f"/etc/init.d/{primitive.type}"
