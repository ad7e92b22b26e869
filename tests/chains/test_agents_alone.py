"""Tickets that hold an agent's own lines and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtrace import analyze
from logtrace.report.case import Incident

ERROR = "Jun  2 17:04:06 node1 Agent(db:0)[12]: ERROR: the instance has crashed\n"
REFUSED = "Jun  2 17:04:11 node2 Agent(db:1)[13]: CRIT: no position of node1\n"
RESULT = "Jun  2 17:04:06 node1 crmd[7]:  notice: Result of monitor operation for db on node1: ok\n"


def incidents(folder: Path, text: str) -> tuple[Incident, ...]:
    path = folder / "ticket.log"
    path.write_text(text)
    return tuple(analyze(path).incidents)


def test_errors_of_an_agent_alone_are_one_unsure_fault(tmp_path: Path) -> None:
    (one,) = incidents(tmp_path, ERROR + REFUSED)
    assert (one.root_cause, one.trigger) == ("resource_agent_error", "resource_agent_error")
    assert one.resources == ("db",)
    assert one.confidence < 0.4
    assert "the instance has crashed" in one.title
    assert one.outage is None


@pytest.mark.parametrize(
    "text",
    [
        ERROR + RESULT,  # a result says what came of it
        ERROR.replace("ERROR", "WARNING"),
        ERROR.replace("(db:0)", "(default)"),  # run by hand, or one of Heartbeat's scripts
    ],
)
def test_other_lines_of_agents_are_none(tmp_path: Path, text: str) -> None:
    assert incidents(tmp_path, text + ERROR.replace("ERROR", "INFO")) == ()
