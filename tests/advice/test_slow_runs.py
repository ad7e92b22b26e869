"""What takes long by itself, what stands in the way, and settings that cost more than the service."""

from __future__ import annotations

from stories import case, cluster, order, primitive, promotable

from logtrace.report.case import Incident

UP = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.000 node1 app start in 0.5s: ok
12:00:02.100 node1 db monitor 10s asked: ok
"""

BOUNCED = (
    UP
    + """
12:05:10.200 node1 db monitor 10s: not running
12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
12:05:22.300 node1 app stop in 12s: ok
12:05:22.500 node1 db stop in 0.1s: ok
12:05:23.600 node1 db start in 1s: ok
12:05:24.700 node1 app start in 1s: ok
12:05:24.900 node2 done 7
"""
)


def labels(one: Incident) -> dict[str, float | None]:
    return {advice.label: advice.saves for advice in one.advice}


def test_a_slow_stop_of_a_healthy_dependent_is_told_and_so_is_the_order() -> None:
    cib = cluster(primitive("db"), primitive("app"), rules=order("db", "app"))
    one = case(BOUNCED, cib=cib).only
    told = labels(one)
    assert one.root_cause == "group_cascade"
    assert told["shorten_stop"] is not None
    assert 6.5 < told["shorten_stop"] < 7.5  # 12 s, of which 5 are enough
    assert told["order_lifted"] is not None
    assert told["order_lifted"] > told["shorten_stop"]  # app would have run on
    lifted = next(advice for advice in one.advice if advice.label == "order_lifted")
    assert lifted.commands["crm"].startswith("crm configure delete ")


def test_an_order_after_what_others_need_stays() -> None:
    cib = cluster(primitive("db", "ocf:heartbeat:pgsql"), primitive("app"), rules=order("db", "app"))
    assert "order_lifted" not in labels(case(BOUNCED, cib=cib).only)


def test_a_slow_promote_is_the_share_and_has_advice() -> None:
    story = """
    12:00:01.000 node1 pg start in 0.5s: ok
    12:00:02.000 node1 pg promote in 0.5s: ok
    12:00:03.000 node2 pg start in 0.5s: ok
    12:00:03.100 node1 pg monitor 10s asked: promoted
    12:05:10.200 node1 pg monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover pg:0 ( Promoted node1 ) | Promote pg:1 ( Unpromoted -> Promoted node2 )
    12:05:10.500 node1 pg demote in 0.1s: ok
    12:05:10.700 node1 pg stop in 0.1s: ok
    12:05:10.850 node1 pg start in 0.1s: ok
    12:05:22.900 node2 pg promote in 12s: ok
    12:05:23.100 node2 done 7
    """
    one = case(story, cib=cluster(promotable("ms", primitive("pg", "ocf:heartbeat:pgsql")))).only
    assert one.root_cause == "slow_init"
    assert "The promote of pg on node2 took 12.0 s" in one.title
    assert labels(one)["shorten_promote"] is not None


def test_a_recovery_that_waits_behind_another_start_names_it() -> None:
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.100 node1 db monitor 10s asked: ok
    12:00:03.000 node2 repo start in 0.5s: ok
    12:00:03.100 node2 repo monitor 10s asked: ok
    12:05:09.200 node2 repo monitor 10s: not running
    12:05:09.240 node2 plan 7: Recover repo ( node2 )
    12:05:09.500 node2 repo stop in 0.1s: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:24.700 node2 repo start in 15s: ok
    12:05:24.900 node2 done 7: Stopped
    12:05:25.000 node2 plan 8: Recover db ( node1 )
    12:05:25.300 node1 db stop in 0.1s: ok
    12:05:26.500 node1 db start in 1s: ok
    12:05:26.700 node2 done 8
    """
    told = case(story, cib=cluster(primitive("db"), primitive("repo")))
    one = next(each for each in told.incidents if each.resources == ("db",))
    assert any(phase.what.startswith("behind the start of repo on node2") for phase in one.phases)
    saves = labels(one)["head_of_line"]
    assert saves is not None
    assert 9 < saves < 11  # of the 15 s 5 are enough


def test_on_fail_that_costs_the_whole_node_is_told_by_name() -> None:
    cib = cluster(primitive("db")).replace('name="monitor"', 'name="monitor" on-fail="standby"')
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.100 node1 db monitor 10s asked: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 -> node2 )
    12:05:10.500 node1 db stop in 0.1s: ok
    12:05:11.600 node2 db start in 1s: ok
    12:05:11.700 node2 done 7
    """
    one = case(story, cib=cib).only
    told = next(advice for advice in one.advice if advice.label == "on_fail")
    assert "on-fail=standby moves all that its node runs" in told.sentence
    assert told.saves == 0  # it runs alone there
    assert "on-fail" in told.commands["pcs"]


def test_a_stop_of_what_had_died_that_takes_most_of_the_outage_is_told() -> None:
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.100 node1 db monitor 10s asked: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 )
    12:05:27.500 node1 db stop in 17s: ok
    12:05:28.600 node1 db start in 1s: ok
    12:05:28.700 node2 done 7
    """
    one = case(story, cib=cluster(primitive("db"))).only
    assert one.root_cause == "service_crash"
    assert one.title.endswith("The stop of db on node1 took 17.0 s.")
    assert 11.5 < (labels(one)["shorten_stop"] or 0) < 12.5


def test_dependents_on_other_nodes_that_stay_there_have_not_moved() -> None:
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node2 app start in 0.5s: ok
    12:00:02.100 node1 db monitor 10s asked: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node2 )  due to required db start
    12:05:11.300 node2 app stop in 1s: ok
    12:05:11.500 node1 db stop in 0.1s: ok
    12:05:12.600 node1 db start in 1s: ok
    12:05:15.700 node2 app start in 3s: ok
    12:05:15.900 node2 done 7
    """
    one = case(story, cib=cluster(primitive("db"), primitive("app"), rules=order("db", "app"))).only
    assert one.title.endswith("on node1; it and 1 that depends on it were restarted, each where it had run.")


def test_what_else_its_node_had_to_give_up_for_it_is_what_on_fail_costs() -> None:
    cib = cluster(primitive("db"), primitive("big")).replace('name="monitor"', 'name="monitor" on-fail="standby"', 1)
    story = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 big start in 9s: ok
    12:00:02.100 node1 db monitor 10s asked: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 -> node2 ) | Move big ( node1 -> node2 )
    12:05:10.500 node1 db stop in 0.1s: ok
    12:05:11.500 node1 big stop in 1s: ok
    12:05:11.600 node2 db start in 1s: ok
    12:05:20.900 node2 big start in 9s: ok
    12:05:21.700 node2 done 7
    """
    told = next(advice for advice in case(story, cib=cib).only.advice if advice.label == "on_fail")
    assert told.saves is not None
    assert 9.2 < told.saves < 9.4  # of 10.7 s the stop and the start of db are left


def test_who_waits_for_a_promotion_needs_it() -> None:
    rules = (
        '<rsc_order id="o" first="ms" first-action="promote" then="app" then-action="start"/>'
        '<rsc_colocation id="c" rsc="app" with-rsc="ms" with-rsc-role="Promoted" score="INFINITY"/>'
    )
    cib = cluster(promotable("ms", primitive("pg")), primitive("app"), rules=rules)
    story = """
    12:00:01.000 node1 pg start in 0.5s: ok
    12:00:02.000 node1 pg promote in 0.5s: ok
    12:00:03.000 node1 app start in 0.5s: ok
    12:00:03.100 node1 pg monitor 10s asked: promoted
    12:05:10.200 node1 pg monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover pg:0 ( Promoted node1 ) | Restart app ( node1 )  due to required pg:0 promote
    12:05:14.400 node1 app stop in 4s: ok
    12:05:14.500 node1 pg demote in 0.1s: not running
    12:05:14.700 node1 pg stop in 0.1s: ok
    12:05:14.850 node1 pg start in 0.1s: ok
    12:05:15.100 node1 pg promote in 0.1s: ok
    12:05:19.300 node1 app start in 4s: ok
    12:05:19.500 node2 done 7
    """
    one = case(story, cib=cib).only
    assert one.root_cause == "group_cascade"
    assert "order_lifted" not in labels(one)
