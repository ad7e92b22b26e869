"""Which happenings belong to one incident."""

from __future__ import annotations

import pytest
from stories import at, case, clone, cluster, fence_device, group, order, primitive

from logtrace.report.case import IncidentKind

CIB = cluster(
    group("g", primitive("db"), primitive("app")), primitive("web", monitor=10), primitive("mail", monitor=10),
    fence_device(), nodes=("node1", "node2"),
)  # fmt: skip

UP = """
12:00:00.000 node2 plan 0: Start db ( node1 ) | Start app ( node1 ) | Start web ( node2 ) | Start mail ( node1 )
12:00:01.000 node1 db start in 0.5s: ok
12:00:01.000 node2 web start in 0.5s: ok
12:00:01.000 node1 mail start in 0.5s: ok
12:00:01.800 node1 app start in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
12:00:02.000 node2 web monitor 10s asked: ok
12:00:02.000 node1 mail monitor 10s asked: ok
12:00:02.200 node1 app monitor 10s asked: ok
12:00:02.500 node2 done 0
"""

DB_DIES = """
12:05:10.200 node1 db monitor 10s: not running
12:05:10.220 node2 plan 6 obsolete: Recover db ( node1 )
12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
12:05:10.400 node1 app stop in 0.1s: ok
12:05:10.600 node1 db stop in 0.1s: ok
12:05:11.700 node1 db start in 1s: ok
12:05:12.000 node1 app start in 0.2s: ok
12:05:12.200 node1 db monitor 10s asked: ok
12:05:12.200 node1 app monitor 10s asked: ok
12:05:12.400 node2 done 7
"""


def test_start_up_is_no_incident() -> None:
    assert case(UP, cib=CIB).incidents == ()


def test_one_fault_is_one_incident() -> None:
    one = case(UP + DB_DIES, cib=CIB).only
    assert one.kind is IncidentKind.FAULT
    assert (one.resources, one.nodes) == (("db", "app"), ("node1",))
    assert (one.t_detected, one.t_decided, one.t_recovered) == (
        at("12:05:10.200"),
        at("12:05:10.240"),
        at("12:05:12.000"),
    )
    assert one.outage == 1.8
    assert [transition.number for transition in one.transitions if transition.outcome != "superseded"] == [7]


def test_two_faults_that_overlap_stay_two() -> None:
    story = (
        UP
        + """
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
    12:05:10.400 node1 app stop in 0.1s: ok
    12:05:10.500 node2 web monitor 10s: not running
    12:05:10.600 node1 db stop in 0.1s: ok
    12:05:11.700 node1 db start in 1s: ok
    12:05:11.800 node2 plan 8: Start app ( node1 ) | Recover web ( node2 )
    12:05:12.000 node1 app start in 0.2s: ok
    12:05:12.000 node2 web stop in 0.1s: ok
    12:05:15.000 node2 web start in 2.8s: ok
    12:05:15.200 node2 done 8
    """
    )
    first, second = case(story, cib=CIB).incidents
    assert (first.resources, first.t_recovered) == (("db", "app"), at("12:05:12.000"))
    assert (second.resources, second.t_recovered) == (("web",), at("12:05:15.000"))
    assert second.nodes == ("node2",)


def test_faults_of_the_same_second_on_different_things_are_two() -> None:
    story = (
        UP
        + """
    12:05:10.200 node1 mail monitor 10s: not running
    12:05:10.210 node2 web monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover mail ( node1 ) | Recover web ( node2 )
    12:05:10.400 node1 mail stop in 0.1s: ok
    12:05:10.400 node2 web stop in 0.1s: ok
    12:05:11.700 node1 mail start in 1s: ok
    12:05:11.900 node2 web start in 1s: ok
    12:05:12.400 node2 done 7
    """
    )
    assert [one.resources for one in case(story, cib=CIB).incidents] == [("mail",), ("web",)]


RETRIED = """
12:05:10.200 node1 web monitor 10s: not running
12:05:10.240 node2 plan 7: Recover web ( node1 )
12:05:10.400 node1 web stop in 0.1s: ok
12:05:11.700 node1 web start in 1s: error (port is taken)
12:05:11.900 node2 plan 8: Recover web ( node1 -> node2 )
12:05:12.100 node1 web stop in 0.1s: ok
12:05:14.100 node2 web start in 1s: error (port is taken)
12:05:14.300 node2 plan 9: Stop web ( node2 )  due to node availability
12:05:14.500 node2 web stop in 0.1s: ok
12:05:14.600 node2 done 9
"""


def test_one_fault_with_retries_is_one() -> None:
    one = case("12:00:01 node1 web start in 0.5s: ok" + RETRIED, cib=CIB).only
    assert not one.recovered
    assert one.t_recovered is None
    assert [(run.node, run.operation) for run in one.operations if run.rc == 1] == [
        ("node1", "start"),
        ("node2", "start"),
    ]


ESCALATION = (
    UP
    + """
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
12:05:10.400 node1 app stop in 0.1s: ok
12:05:30.500 node1 db stop in 20s: Timed Out
12:05:30.700 node2 plan 8: Fence (reboot) node1 'db failed there' | Move db ( node1 -> node2 ) | Move app ( node1 -> node2 ) | Move mail ( node1 -> node2 )
12:05:33.000 node2 lose node1
12:05:35.000 node2 fence node1 in 4s: OK
12:05:37.000 node2 db start in 1.5s: ok
12:05:38.000 node2 app start in 0.5s: ok
12:05:38.100 node2 mail start in 0.5s: ok
12:05:38.300 node2 done 8
12:07:00.000 node2 see node1
"""  # noqa: E501
)


def test_a_chain_of_escalations_is_one_incident() -> None:
    """The monitor fails, the stop runs into its timeout, the node is fenced for it, all of it fails over."""
    one = case(ESCALATION, cib=CIB).only
    assert one.root_cause == "stop_failure"
    assert one.t_detected == at("12:05:10.200")
    assert one.t_recovered == at("12:05:38.100")
    assert set(one.resources) == {"db", "app", "mail"}
    assert set(one.nodes) >= {"node1"}


def test_the_return_of_a_fenced_node_is_no_incident_of_its_own() -> None:
    story = (
        ESCALATION
        + """
    12:07:00.500 node2 plan 9: Start st ( node1 )
    12:07:01.000 node1 st probe: not running
    12:07:01.000 node1 db probe: not running
    12:07:01.200 node1 st start in 0.1s: ok
    12:07:01.500 node2 done 9
    """
    )
    assert len(case(story, cib=CIB).incidents) == 1


def test_a_failure_soon_after_the_recovery_is_the_same_fault() -> None:
    story = (
        UP
        + DB_DIES
        + """
    12:05:22.300 node1 db monitor 10s: not running
    12:05:22.400 node2 plan 8: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
    12:05:22.500 node1 app stop in 0.1s: ok
    12:05:22.600 node1 db stop in 0.1s: ok
    12:05:23.700 node1 db start in 1s: ok
    12:05:24.000 node1 app start in 0.2s: ok
    12:05:24.400 node2 done 8
    """
    )
    one = case(story, cib=CIB).only
    assert one.t_recovered == at("12:05:24.000")


def test_a_failure_much_later_is_another_fault() -> None:
    later = DB_DIES.replace("12:05", "12:25").replace("plan 6", "plan 8").replace("plan 7", "plan 9")
    first, second = case(UP + DB_DIES + later.replace("done 7", "done 9"), cib=CIB).incidents
    assert (first.t_recovered, second.t_detected) == (at("12:05:12.000"), at("12:25:10.200"))


CLEANUP = """
12:09:00.000 node1 based info: Completed cib_delete operation for section //node_state[@uname='node1']/lrm/lrm_resources/lrm_resource[@id='web']: OK (rc=0, origin=node1/crmd/64, version=0.9.31)
12:09:00.000 node2 controld info: Transition 9 aborted by deletion of lrm_resource[@id='web']: Resource state removal | cib=0.9.31 source=abort_unless_down:299 path=/cib/status/node_state[@id='1']/lrm[@id='1']/lrm_resources/lrm_resource[@id='web'] complete=true
12:09:00.020 node1,node2 attrd: Setting fail-count-web#start_0[node1]: INFINITY -> (unset) | from node1 with no write delay
12:09:00.100 node2 plan 10: Start web ( node1 )
12:09:00.400 node1 web probe: not running
12:09:01.500 node1 web start in 1s: ok
12:09:01.700 node2 done 10
"""  # noqa: E501


def test_a_cleanup_that_ends_a_fault_is_an_incident_of_its_own() -> None:
    fault, command = case("12:00:01 node1 web start in 0.5s: ok" + RETRIED + CLEANUP, cib=CIB).incidents
    assert (fault.kind, command.kind) == (IncidentKind.FAULT, IncidentKind.PLANNED)
    assert fault.recovered
    assert fault.t_recovered == at("12:09:01.500")
    assert command.outage is None
    assert command.t_detected is not None
    assert abs((command.t_detected - at("12:09:00")).total_seconds()) < 1


def test_what_the_scheduler_repeats_is_history() -> None:
    """`Unexpected result ... at {then}` is printed again in every run until somebody cleans up."""
    replay = "".join(
        f"12:1{minute}:00.000 node2 plan {minute + 8}: Start mail ( node1 )\n12:1{minute}:01.000 node2 done {minute + 8}\n"  # noqa: E501
        for minute in range(5)
    )
    told = case(UP + DB_DIES + replay, cib=CIB)
    assert sum("Unexpected result" in text for text in told.events["message"]) == 7
    assert told.only.t_end is not None
    assert told.only.t_end < at("12:06:00")


def test_a_window_that_holds_only_history_holds_no_incident() -> None:
    story = """
    12:10:00 node2 schedulerd warning: Unexpected result (not running) was recorded for monitor of db on node1 at Nov 22 12:05:10 2026 | rc=7 id=db_last_failure_0
    12:10:00.100 node2 plan 12: Start mail ( node1 )
    12:10:01 node2 done 12
    """  # noqa: E501
    assert case(story, cib=CIB).incidents == ()


def test_probes_after_a_refresh_that_find_services_running_are_no_fault() -> None:
    story = (
        UP
        + """
    12:05:00.100 node2 plan 7: Start db ( node1 ) | Start mail ( node1 )
    12:05:00.300 node1 db probe: ok
    12:05:00.300 node1 mail probe: ok
    12:05:00.500 node2 done 7
    """
    )
    assert [one.kind for one in case(story, cib=CIB).incidents if one.kind is not IncidentKind.PLANNED] == []


def test_the_recheck_timer_is_no_incident() -> None:
    story = (
        UP
        + """
    12:15:02.500 node2 controld: State transition S_IDLE -> S_POLICY_ENGINE | input=I_PE_CALC cause=C_TIMER_POPPED origin=crm_timer_popped
    12:15:02.600 node2 plan 1:
    12:15:02.700 node2 done 1
    """  # noqa: E501
    )
    assert case(story, cib=CIB).incidents == ()


def test_a_promotion_score_that_changes_is_no_incident() -> None:
    story = (
        UP
        + """
    12:15:02.500 node1,node2 attrd: Setting master-db[node1]: 5 -> 10 | from node1 with 5s write delay
    12:15:02.500 node2 controld info: Transition 0 aborted by status-1-master-db doing modify master-db=10: Transient attribute change | cib=0.9.31 source=abort_unless_down:299 complete=true
    12:15:02.600 node2 plan 1:
    """  # noqa: E501
    )
    assert case(story, cib=CIB).incidents == ()


def changed(what: str) -> str:
    """A line of the controller on a change of the configuration."""
    said = f"controld info: Transition 0 aborted by {what}: Configuration change | cib=0.9.31 complete=true"
    return f"{UP}\n12:15:02.500 node2 {said}\n12:15:02.600 node2 plan 1:\n"


@pytest.mark.parametrize(
    "kept",
    [
        "nodes-1-revision doing modify revision=88123",
        "cib-bootstrap-options-standalone_node doing create standalone_node=node1",
        "nodes-1-hana_ha1_clone_state doing modify hana_ha1_clone_state=PROMOTED",
        "SAPHanaSR-hana_ha1_site_srHook_WDF doing modify hana_ha1_site_srHook_WDF=SFAIL",
        "nodes-1-lpa_ha1_lpt doing modify lpa_ha1_lpt=10",
        "nodes-1-pgsql-data-status doing modify pgsql-data-status=LATEST",
    ],
)
def test_what_agents_keep_in_the_configuration_is_no_command(kept: str) -> None:
    assert case(changed(kept), cib=CIB).incidents == ()


@pytest.mark.parametrize(
    "set_by_hand",
    [
        "nodes-1-standby doing create standby=on",
        "cib-bootstrap-options-stonith-enabled doing modify stonith-enabled=false",
        "nodes-1-site doing create site=north",
    ],
)
def test_other_attributes_are_set_by_people(set_by_hand: str) -> None:
    assert [one.kind for one in case(changed(set_by_hand), cib=CIB).incidents] == [IncidentKind.PLANNED]


PEERS = ("node1", "node2", "node3")
NODE_DIES = """
12:00:01.000 node3 db start in 0.5s: ok
12:00:01.000 node3 web start in 0.5s: ok
12:05:40.100 node1,node2 lose node3
12:05:40.300 node1 plan 4: Fence (reboot) node3 'peer is no longer part of the cluster' | Move db ( node3 -> node1 ) | Move web ( node3 -> node2 )
12:05:43.500 node1 fence node3 in 3s: OK
12:05:45.000 node1 db start in 1.4s: ok
12:05:44.500 node2 web start in 0.9s: ok
12:05:45.200 node1 done 4
"""  # noqa: E501


def test_a_lost_node_is_one_incident_whatever_ran_on_it() -> None:
    one = case(NODE_DIES, nodes=PEERS, dc="node1", cib=cluster(primitive("db"), primitive("web"), nodes=PEERS)).only
    assert one.trigger == "node_failure"
    assert set(one.resources) >= {"db", "web"}
    assert (one.t_detected, one.t_recovered) == (at("12:05:40.100"), at("12:05:45.000"))
    assert one.outage == 4.9


def test_an_orderly_stop_is_planned_and_its_moves_are_part_of_it() -> None:
    story = """
    12:00:01.000 node3 db start in 0.5s: ok
    12:05:00.000 node3 pacemakerd: Caught 'Terminated' signal | 15 (invoking handler)
    12:05:00.050 node3 controld: Shutting down cluster resource manager | limit=1200000ms
    12:05:00.100 node1,node2,node3 attrd: Setting shutdown[node3]: (unset) -> 1795349100 | from node3
    12:05:00.300 node1 plan 4: Shutdown node3 | Move db ( node3 -> node1 )
    12:05:00.600 node3 db stop in 0.2s: ok
    12:05:02.000 node1 db start in 1.3s: ok
    12:05:03.000 node1 done 4
    12:05:04.000 node1,node2 lose node3 in order
    """
    one = case(story, nodes=PEERS, dc="node1", cib=cluster(primitive("db"), nodes=PEERS)).only
    assert (one.kind, one.root_cause, one.outage) == (IncidentKind.PLANNED, "manual_action", None)
    assert "node3" in one.nodes


@pytest.mark.parametrize(
    ("switched", "title"),
    [
        ("cib-bootstrap-options-stop-all-resources doing create stop-all-resources=true", "Stop of all resources."),
        (
            "cib-bootstrap-options-stop-all-resources doing modify stop-all-resources=false",
            "End of the stop of all resources.",
        ),
        ("cib-bootstrap-options-maintenance-mode doing create maintenance-mode=true", "Maintenance mode on."),
        ("db-meta_attributes-is-managed doing create is-managed=false", "Unmanaged."),
    ],
)
def test_a_switch_is_told_in_its_own_words(switched: str, title: str) -> None:
    assert case(changed(switched), cib=CIB).only.title == title


@pytest.mark.parametrize(("value", "title"), [("true", "Maintenance."), ("off", "End of maintenance.")])
def test_maintenance_of_a_node_is_no_mode_of_the_cluster(value: str, title: str) -> None:
    story = f"""
    12:04:59.990 node1 based info: ++                              <nvpair id="nodes-1-maintenance" name="maintenance" value="{value}"/>
    12:05:00.000 node1 based info: Completed cib_modify operation for section nodes: OK (rc=0, origin=node1/crm_attribute/4, version=0.7.0)
    """  # noqa: E501
    assert case(story, nodes=PEERS, cib=CIB).only.title == title


@pytest.mark.parametrize(
    "lines",
    [
        "Transition 3 aborted by nodes-1-standby doing modify standby=on: Configuration change | cib=0.10.0 path=/cib/configuration/nodes/node[@id='1']/instance_attributes[@id='nodes-1']/nvpair[@id='nodes-1-standby'] complete=true",  # noqa: E501
        "Transition 3 aborted by rsc_location.cli-prefer-db 'create': Configuration change | cib=0.10.0 path=/cib/configuration/constraints complete=true",  # noqa: E501
        "Transition 3 aborted by rsc_location.cli-ban-db-on-node1 'create': Configuration change | cib=0.10.0 path=/cib/configuration/constraints complete=true",  # noqa: E501
        "Transition 3 aborted by db-meta_attributes-target-role doing modify target-role=Stopped: Configuration change | cib=0.10.0 path=/cib/configuration/resources/primitive[@id='db']/meta_attributes[@id='db-meta_attributes']/nvpair[@id='db-meta_attributes-target-role'] complete=true",  # noqa: E501
    ],
)
def test_what_an_operator_moves_or_stops_is_planned(lines: str) -> None:
    story = f"""
    12:00:01.000 node1 db start in 0.5s: ok
    12:05:00.000 node1 based info: Completed cib_apply_diff operation for section 'all': OK (rc=0, origin=node1/cibadmin/2, version=0.10.0)
    12:05:00.010 node2 controld info: {lines}
    12:05:00.100 node2 plan 4: Move db ( node1 -> node2 )
    12:05:00.500 node1 db stop in 0.2s: ok
    12:05:01.500 node2 db start in 0.9s: ok
    12:05:01.700 node2 done 4
    """  # noqa: E501
    one = case(story, cib=CIB).only
    assert (one.kind, one.outage) == (IncidentKind.PLANNED, None)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('++                              <nvpair id="nodes-1-standby" name="standby" value="on"/>', True),
        ("+  /cib/configuration/nodes/node[@id='1']/instance_attributes[@id='nodes-1']/nvpair[@id='nodes-1-standby']:  @value=on", True),  # noqa: E501
        ("+  /cib/configuration/nodes/node[@id='1']/instance_attributes[@id='nodes-1']/nvpair[@id='nodes-1-hana_p01_vhost']:  @value=h1", False),  # noqa: E501
    ],
)  # fmt: skip
def test_a_standby_is_known_without_the_log_of_the_dc(line: str, found: bool) -> None:
    """The DC died with its log. Agents keep attributes of their own in the same place, with the same tool."""
    story = f"""
    12:04:59.990 node1 based info: {line}
    12:05:00.000 node1 based info: Completed cib_modify operation for section nodes: OK (rc=0, origin=node1/crm_attribute/4, version=0.7.0)
    """  # noqa: E501
    told = [one.title for one in case(story, nodes=PEERS, cib=CIB).incidents]
    assert len(told) == found
    assert all(title.startswith("Standby") for title in told)


@pytest.mark.parametrize(
    ("constraint", "title"),
    [
        ('<rsc_location id="cli-prefer-db" rsc="db" node="node2" score="INFINITY"/>', "Move of db."),
        ('<rsc_location id="cli-ban-db-on-node1" rsc="db" node="node1" score="-INFINITY"/>', "Ban of db from node1."),
    ],
)
def test_a_name_ends_where_its_xml_does(constraint: str, title: str) -> None:
    story = f"""
    12:05:00.000 node2 based info: ++ /cib/configuration/constraints:  {constraint}
    12:05:00.001 node2 based info: Completed cib_modify operation for section constraints: OK (rc=0, origin=node1/crm_resource/2, version=0.10.0)
    12:05:00.010 node2 controld info: Transition 3 aborted by rsc_location 'create': Configuration change | cib=0.10.0 path=/cib/configuration/constraints complete=true
    12:05:00.100 node2 plan 4: Move db ( node1 -> node2 )
    12:05:00.500 node1 db stop in 0.2s: ok
    12:05:01.500 node2 db start in 0.9s: ok
    12:05:01.700 node2 done 4
    """  # noqa: E501
    one = case(story, cib=CIB).only
    assert (one.title, one.resources) == (title, ("db",))


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (
            ["-- /cib/configuration/constraints/rsc_location[@id='cli-ban-db-on-node1']"],
            "Ban of db from node1 cleared.",
        ),
        (["-- /cib/configuration/constraints/rsc_location[@id='cli-prefer-db']"], "Move of db cleared."),
        (
            [
                "-- /cib/configuration/constraints/rsc_location[@id='cli-ban-db-on-node1']",
                '++ /cib/configuration/constraints:  <rsc_location id="cli-prefer-db" rsc="db" node="node1"/>',
            ],
            "Move of db.",
        ),
    ],
)
def test_what_is_cleared_is_told_as_cleared(lines: list[str], title: str) -> None:
    """crm_resource --clear asks for every constraint to be deleted that may be there, on every node in turn."""
    asked = "//rsc_location[@id='cli-prefer-db'][rule[@id='cli-prefer-rule-db']]"
    told = "\n".join(f"12:05:00.001 node2 based info: {line}" for line in lines)
    story = f"""
    12:05:00.000 node2 based info: Completed cib_delete operation for section {asked}: OK (rc=0, origin=node1/crm_resource/3, version=0.10.0)
    {told}
    12:05:00.002 node2 based info: Completed cib_delete operation for section constraints: OK (rc=0, origin=node1/crm_resource/4, version=0.10.0)
    12:05:00.010 node2 controld info: Transition 3 aborted by configuration: Configuration change | cib=0.10.0 path=/cib/configuration complete=true
    12:05:00.100 node2 plan 4:
    12:05:00.200 node2 done 4
    """  # noqa: E501
    one = case(story, cib=CIB).only
    assert (one.title, one.resources) == (title, ("db",))


def ticket(plan: str) -> str:
    return f"""
    12:05:00.000 node1 based info: Completed cib_modify operation for section status: OK (rc=0, origin=node1/crm_ticket/4, version=0.9.7)
    12:05:00.010 node2 controld info: Transition 3 aborted by ticket_state.east 'modify': Ticket attribute change | cib=0.9.7 source=te_update_diff_v2:478 path=/cib/status/tickets complete=true
    12:05:00.100 node2 {plan}
    """  # noqa: E501


def test_a_ticket_that_is_revoked_is_planned() -> None:
    """By hand or by booth, which calls crm_ticket as well: nothing failed here."""
    stopped = "12:05:02.000 node1 db stop in 1.5s: ok\n12:05:02.200 node2 done 4"
    one = case(ticket("plan 4: Stop db ( node1 )  due to node availability") + stopped, cib=CIB).only
    assert (one.kind, one.title, one.resources) == (IncidentKind.PLANNED, "Change of ticket east.", ("db",))
    assert one.outage is None


def test_a_ticket_that_is_renewed_is_nothing() -> None:
    assert case(ticket("plan 4:"), cib=CIB).incidents == ()


def test_what_a_command_left_stopped_is_not_what_fails_later() -> None:
    """web has no room since the standby, which ended as planned; db fails when all is quiet."""
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:01.000 node2 web start in 0.5s: ok
    12:05:00.000 node1 based info: Completed cib_apply_diff operation for section 'all': OK (rc=0, origin=node2/cibadmin/2, version=0.10.0)
    12:05:00.010 node2 controld info: Transition 3 aborted by nodes-1-standby doing modify standby=on: Configuration change | cib=0.10.0 path=/cib/configuration/nodes/node[@id='1']/instance_attributes[@id='nodes-1']/nvpair[@id='nodes-1-standby'] complete=true
    12:05:00.100 node2 plan 4: Move db ( node1 -> node2 ) | Stop web ( node2 ) 'node availability'
    12:05:00.500 node1 db stop in 0.2s: ok
    12:05:00.500 node2 web stop in 0.2s: ok
    12:05:01.500 node2 db start in 0.9s: ok
    12:05:01.700 node2 done 4
    12:05:16.000 node2 db monitor: not running
    12:05:16.100 node2 plan 5: Recover db ( node2 )
    12:05:16.300 node2 db stop in 0.1s: ok
    12:05:17.500 node2 db start in 1.0s: ok
    12:05:17.600 node2 done 5
    12:05:40.000 node2 plan 6: Start web ( node1 )
    12:05:41.000 node1 web start in 0.5s: ok
    12:05:41.200 node2 done 6
    """  # noqa: E501
    found = [one for one in case(story, cib=CIB).incidents if one.kind == IncidentKind.FAULT]
    assert [(one.resources, one.t_recovered) for one in found] == [(("db",), at("12:05:17.500"))]


def test_a_failure_that_somebody_reports_is_none() -> None:
    """The controller records it in the name of an operation that no agent has (fail_lrm_resource, 2.1.5)."""
    story = """
    12:00:01.000 node1 web start in 0.5s: ok
    12:05:00.000 node1 controld: Result of asyncmon operation for web on node1: error (Simulated failure) | CIB update 51, graph action unconfirmed; call=12 key=web_asyncmon_0 rc=1
    12:05:00.100 node2 plan 4: Recover web ( node1 )
    12:05:00.300 node1 web stop in 0.1s: ok
    12:05:01.500 node1 web start in 1.0s: ok
    12:05:01.600 node2 done 4
    """  # noqa: E501
    one = case(story, cib=CIB).only
    assert (one.kind, one.resources) == (IncidentKind.PLANNED, ("web",))
    assert one.title == "Failure of web on node1, reported by crm_resource --fail."


def test_a_command_that_runs_into_a_fault_is_two() -> None:
    story = """
    12:00:01.000 node1 web start in 0.5s: ok
    12:05:00.000 node1 based info: Completed cib_apply_diff operation for section 'all': OK (rc=0, origin=node1/crm_resource/2, version=0.10.0)
    12:05:00.010 node2 controld info: Transition 3 aborted by rsc_location.cli-prefer-web 'create': Configuration change | cib=0.10.0 path=/cib/configuration/constraints complete=true
    12:05:00.100 node2 plan 4: Move web ( node1 -> node2 )
    12:05:00.500 node1 web stop in 0.2s: ok
    12:05:20.600 node2 web start in 20s: Timed Out
    12:05:20.800 node2 plan 5: Recover web ( node2 -> node1 )
    12:05:21.000 node2 web stop in 0.1s: ok
    12:05:22.000 node1 web start in 0.9s: ok
    12:05:22.200 node2 done 5
    """  # noqa: E501
    command, fault = case(story, cib=CIB).incidents
    assert (command.kind, fault.kind) == (IncidentKind.PLANNED, IncidentKind.FAULT)
    assert fault.root_cause == "start_timeout"
    assert fault.recovered


def test_timeouts_of_a_starved_node_are_one_incident() -> None:
    story = (
        UP
        + """
    12:05:30.000 node1 db monitor 10s in 20s: Timed Out
    12:05:30.100 node1 mail monitor 10s in 20s: Timed Out
    12:05:30.300 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start | Recover mail ( node1 )
    12:05:30.500 node1 app stop in 0.1s: ok
    12:05:30.600 node1 mail stop in 0.1s: ok
    12:05:30.700 node1 db stop in 0.1s: ok
    12:05:31.700 node1 db start in 0.9s: ok
    12:05:31.700 node1 mail start in 0.9s: ok
    12:05:32.000 node1 app start in 0.2s: ok
    12:05:32.200 node2 done 7
    """  # noqa: E501
    )
    one = case(story, cib=CIB).only
    assert set(one.resources) == {"db", "app", "mail"}


def test_a_copy_of_a_clone_that_fails_takes_down_that_copy_only() -> None:
    cib = cluster(clone("web-clone", primitive("httpd")), primitive("vip"), rules=order("web-clone", "vip"))
    story = """
    12:00:01.000 node1,node2 httpd start in 0.5s: ok
    12:00:01.000 node1 vip start in 0.1s: ok
    12:05:10.200 node2 httpd monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover httpd:1 ( node2 )
    12:05:10.400 node2 httpd stop in 0.1s: ok
    12:05:11.700 node2 httpd start in 1s: ok
    12:05:11.900 node2 done 7
    """
    one = case(story, cib=cib).only
    assert (one.resources, one.outage) == (("httpd",), 1.5)


def test_a_fence_device_that_fails_takes_nothing_down() -> None:
    story = (
        UP
        + """
    12:04:00.000 node2 st start in 1s: ok
    12:05:10.200 node2 st monitor 60s: error (no route to host)
    12:05:10.400 node2 plan 7: Recover st ( node2 )
    12:05:10.600 node2 st stop in 0.1s: ok
    12:05:14.600 node2 st start in 4s: ok
    12:05:15.000 node2 done 7
    """
    )
    one = case(story, cib=CIB).only
    assert one.outage == 0.0


def test_without_a_cib_a_copy_of_what_runs_elsewhere_as_well_is_not_missed() -> None:
    """Three nodes ran `web`, as only a clone can; the lost one alone ran `db`, which moves."""
    one = case(
        """
        12:00:01.000 node1 web start in 0.5s: ok
        12:00:01.000 node2 web start in 0.5s: ok
        12:00:01.000 node3 web start in 0.5s: ok
        12:00:02.000 node3 db start in 0.5s: ok
        12:05:00.000 node1,node2 lose node3
        12:05:00.100 node1 plan 7: Start db ( node1 )
        12:05:02.000 node1 db start in 1.5s: ok
        12:05:02.100 node1 done 7
        """,
        nodes=("node1", "node2", "node3"),
    ).only
    assert one.recovered
    assert one.t_recovered == at("12:05:02.000")
    assert "did not come back" not in one.title


def test_what_the_side_that_was_shot_had_planned_is_no_outage() -> None:
    """Each side plans to fence the other and to take over its services; only one of the two is quick enough."""
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 db monitor 10s asked: ok
    12:05:00.100 node1 lose node2
    12:05:00.100 node2 lose node1
    12:05:00.200 node2 plan 4: Fence node1 'peer is no longer part of the cluster' | Move db ( node1 -> node2 )
    12:05:00.300 node1 plan 0: Fence node2 'peer is no longer part of the cluster'
    12:05:03.400 node1 fence node2 in 3s: OK
    12:05:03.500 node1 done 0
    12:05:20.000 node1 see node2
    """
    one = case(story, cib=cluster(primitive("db"))).only
    assert one.kind is IncidentKind.FAULT
    assert one.recovered
    assert one.outage == 0.0
