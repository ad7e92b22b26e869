"""What agents give as their reason stands in titles, and what it means in advice."""

from __future__ import annotations

import pytest
from stories import case

from logtrace.report.case import Incident, IncidentKind

FENCING = """
12:00:00.000 node1 controld: Requesting fencing (reboot) of node node2
12:00:05.000 node1 fenced warning: fence_ipmilan[912] stderr: [ {} ]
12:00:05.100 node1 controld: Peer node2 was not terminated (reboot) by node1 on behalf of pacemaker-controld.117: error
"""


def only(story: str) -> Incident:
    (found,) = [one for one in case(story).incidents if one.kind is IncidentKind.FAULT]
    return found


def advice(incident: Incident) -> str:
    return " ".join(each.sentence for each in incident.advice)


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("2026-11-22 12:00:04,398 ERROR: Failed: Unable to establish IPMI v2 / RMCP+ session", "No IPMI session"),
        ("Connection timed out", "did not answer in time"),
        ("Unable to connect/login to fencing device", "could not connect"),
    ],
)
def test_why_a_fence_agent_failed(said: str, means: str) -> None:
    found = only(FENCING.format(said))
    assert found.root_cause == "fencing_failure"
    assert said.split("ERROR: ")[-1] in found.title
    assert means in advice(found)


def test_a_fence_agent_that_says_nothing() -> None:
    found = only("\n".join(line for line in FENCING.splitlines() if "stderr" not in line))
    assert "(" not in found.title
    assert "test it by hand" in advice(found)


def test_an_exit_reason_stands_in_title_and_advice() -> None:
    found = only(
        "12:00:00.000 node1 vip start in 1s: error ([findif] failed)\n12:00:00.500 node1 IPaddr2(vip) info: x\n"
    )
    assert "[findif] failed" in found.title
    assert "no interface for this address" in advice(found)


def test_an_error_that_the_agent_logs_stands_for_a_reason_it_does_not_give() -> None:
    found = only(
        "12:00:00.200 node1 Filesystem(fs) error: Couldn't mount device [/dev/sdb1] as /data\n"
        "12:00:01.000 node1 fs start in 1s: error\n"
    )
    assert "Couldn't mount device" in found.title


ASKED = "12:00:00.000 node1 controld: Initiating start operation web_start_0 locally on node1 | action 3\n"
REFUSED = '12:00:01.000 node1 podman(web) error: the container name "web" is already in use by "4f00a1b2c3d4"\n'


def test_an_agents_error_fails_what_has_no_result() -> None:
    found = only(ASKED + REFUSED)
    assert found.root_cause == "resource_agent_error"
    assert found.resources == ("web",)
    assert not found.recovered
    assert found.confidence < 0.6
    assert "podman rm" in advice(found)


def test_an_agents_error_in_an_operation_that_ended_well_is_no_failure() -> None:
    assert not case(REFUSED + "12:00:02.000 node1 web start in 2s: ok\n").incidents
