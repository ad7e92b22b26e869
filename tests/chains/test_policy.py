"""Healthy services that the cluster moves by its own rules are an incident of their own kind."""

from __future__ import annotations

import pytest
from stories import at, case, cluster, primitive, promotable

from logtrace.report.case import IncidentKind

PEERS = ("node1", "node2", "node3")
CIB = cluster(primitive("db"), primitive("web"), nodes=PEERS)

IDLE = "controld: State transition S_TRANSITION_ENGINE -> S_IDLE | input=I_TE_SUCCESS cause=C_FSA_INTERNAL"
#: db and web run on node2, long after everything else.
UP = f"""
11:00:00.500 node2 db start in 0.5s: ok
11:00:00.900 node2 web start in 0.5s: ok
11:00:01.000 node1 {IDLE}
"""
MOVE = """
12:00:01.000 node1 plan 7: Move db ( node2 -> node3 ) | Move web ( node2 -> node3 )
12:00:01.200 node2 web stop in 0.1s: ok
12:00:01.400 node2 db stop in 0.1s: ok
12:00:03.000 node3 db start in 1.5s: ok
12:00:04.400 node3 web start in 1.2s: ok
12:00:04.500 node1 done 7
"""

REASONS = {
    "return": ("11:59:50 node1,node2 see node3", "node3"),
    "expiry": (
        "12:00:00.900 node1 schedulerd: Clearing failure of db on node3 because it expired | db_clear_failcount_0",
        "expired",
    ),
    "attribute": ("12:00:00.500 node1,node2 attrd: Setting #health-disk[node2]: green -> red | from node2", "#health"),
    "recheck": (
        "12:00:00.8 node1 controld: State transition S_IDLE -> S_POLICY_ENGINE | input=I_PE_CALC cause=C_TIMER_POPPED",
        "cluster-recheck-interval",
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_a_move_by_the_clusters_own_rules_says_why(name: str) -> None:
    line, why = REASONS[name]
    one = case(UP + line + MOVE, nodes=PEERS, dc="node1", cib=CIB).only
    assert (one.kind, one.trigger, one.root_cause) == (IncidentKind.POLICY, "policy_move", "policy_move")
    assert why in one.title
    assert set(one.resources) == {"db", "web"}
    assert (one.t_detected, one.t_recovered) == (at("12:00:01"), at("12:00:04.400"))


def test_its_outage_is_from_the_first_stop_to_the_last_start() -> None:
    assert case(UP + REASONS["return"][0] + MOVE, nodes=PEERS, dc="node1", cib=CIB).only.outage == 3.2


def test_how_long_ago_it_was_does_not_matter_but_whether_the_cluster_was_idle_since() -> None:
    early = "11:10:00 node1,node2 see node3\n"
    answered = f"11:10:01 node1 plan 6:\n11:10:01.200 node1 done 6\n11:10:01.300 node1 {IDLE}\n"
    told = case(UP + early + MOVE, nodes=PEERS, dc="node1", cib=CIB)
    assert [one.kind for one in told.incidents] == [IncidentKind.POLICY]
    told = case(UP + early + answered + MOVE, nodes=PEERS, dc="node1", cib=CIB)
    assert "node3 was back" not in " ".join(one.title for one in told.incidents)


def test_a_start_that_fails_in_a_move_is_a_fault_of_its_own() -> None:
    fails = MOVE.replace("12:00:03.000 node3 db start in 1.5s: ok", "12:00:03.000 node3 db start in 1.5s: error")
    fails = fails.replace("12:00:04.400 node3 web start in 1.2s: ok\n", "")
    back = """
    12:00:04.800 node1 plan 8: Recover db ( node3 -> node2 ) | Start web ( node2 )
    12:00:05.000 node3 db stop in 0.1s: ok
    12:00:06.000 node2 db start in 0.5s: ok
    12:00:07.000 node2 web start in 0.5s: ok
    12:00:07.100 node1 done 8
    """
    told = case(UP + REASONS["return"][0] + fails + back, nodes=PEERS, dc="node1", cib=CIB)
    assert [one.kind for one in told.incidents] == [IncidentKind.POLICY, IncidentKind.FAULT]
    assert told.incidents[1].recovered


def test_a_command_that_moves_is_no_policy() -> None:
    edit = """
    12:00:00.000 node2 based info: Completed cib_apply_diff operation for section 'all': OK (rc=0, origin=node1/crm_resource/2, version=0.10.0)
    12:00:00.010 node1 controld info: Transition 6 aborted by rsc_location.cli-prefer-db 'create': Configuration change | cib=0.10.0 path=/cib/configuration/constraints complete=true
    """  # noqa: E501
    told = case(UP + REASONS["return"][0] + edit + MOVE, nodes=PEERS, dc="node1", cib=CIB)
    assert [one.kind for one in told.incidents] == [IncidentKind.PLANNED]


def test_what_has_no_stickiness_is_told_to_stay() -> None:
    told = case(UP + REASONS["return"][0] + MOVE, nodes=PEERS, dc="node1", cib=CIB).only
    (advice,) = told.advice
    assert advice.label == "stickiness"
    assert advice.saves == told.outage
    sticky = cluster(primitive("db", resource_stickiness="200"), primitive("web"), nodes=PEERS)
    assert case(UP + REASONS["return"][0] + MOVE, nodes=PEERS, dc="node1", cib=sticky).only.advice == ()


def test_a_promotion_score_that_an_agent_raised_is_the_reason() -> None:
    story = f"""
    11:00:00.500 node2 pg start in 0.5s: ok
    11:00:00.900 node2 pg promote in 0.2s: ok
    11:00:01.500 node3 pg start in 0.5s: ok
    11:00:02.000 node1 {IDLE}
    12:00:00.900 node1,node2,node3 attrd: Setting master-pg[node3]: 5 -> 500 | from node3 with no write delay
    12:00:00.950 node1 controld info: Transition 6 aborted by status-3-master-pg doing modify master-pg=500: Transient attribute change | cib=0.6.35 source=abort_unless_down:299 path=/cib/status complete=true
    12:00:01.000 node1 plan 7: Demote pg:0 ( Promoted -> Unpromoted node2 ) | Promote pg:1 ( Unpromoted -> Promoted node3 )
    12:00:01.200 node2 pg demote in 0.1s: ok
    12:00:01.600 node3 pg promote in 0.2s: ok
    12:00:01.700 node1 done 7
    """  # noqa: E501
    cib = cluster(promotable("ms", primitive("pg", "ocf:heartbeat:pgsql")), nodes=PEERS)
    one = case(story, nodes=PEERS, dc="node1", cib=cib).only
    assert one.root_cause == "policy_move"
    assert "the promotion score of pg on node3 went from 5 to 500" in one.title


@pytest.mark.parametrize(
    ("pull", "sticky", "wanted"),
    [("400", None, "300"), ("400", "100", "300"), ("50", None, "100"), ("INFINITY", "0", "")],
)
def test_stickiness_has_to_be_stronger_than_what_draws_it_back(pull: str, sticky: str | None, wanted: str) -> None:
    """A group has the stickiness of all its members together."""
    own = {"resource_stickiness": sticky} if sticky else {}
    members = f'<group id="g">{primitive("db", **own)}{primitive("web", **own)}</group>'
    prefers = f'<rsc_location id="l" rsc="g" node="node3" score="{pull}"/>'
    cib = cluster(members, rules=prefers, nodes=PEERS)
    told = case(UP + REASONS["return"][0] + MOVE, nodes=PEERS, dc="node1", cib=cib).only
    said = [advice.commands["crm"] for advice in told.advice if advice.label == "stickiness"]
    if sticky and wanted:
        assert said == [f"crm resource meta db set resource-stickiness {wanted}"]
    else:
        assert said == ([f"crm configure rsc_defaults resource-stickiness={wanted}"] if wanted else [])
