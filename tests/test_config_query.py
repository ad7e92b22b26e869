"""Questions to a configuration: timeouts, intervals, collections, dependents, defaults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logtrace.config import failures, query
from logtrace.config.dependents import Wait, chains, dependents, waits
from logtrace.config.model import Bundle, Clone, ClusterConfig, Colocation, Group, Location, Op, Order, Primitive


def config(*primitives: Primitive, **more: object) -> ClusterConfig:
    base = ClusterConfig(epoch=(0, 1, 0), primitives={one.id: one for one in primitives})
    return replace(base, **more)  # type: ignore[arg-type]


def dummy(name: str, *ops: Op, parents: tuple[str, ...] = (), klass: str = "ocf", **params: str) -> Primitive:
    return Primitive(name, klass, "heartbeat", "Dummy", ops=ops, params=params, parents=parents)


def grouped(group: str, *names: str, parents: tuple[str, ...] = (), **meta: str) -> tuple[Group, list[Primitive]]:
    return Group(group, names, meta), [dummy(name, parents=(group, *parents)) for name in names]


DB = dummy(
    "db",
    Op("start", 0.0, 120.0),
    Op("monitor", 30.0, 45.0),
    Op("monitor", 10.0, 15.0, role="Master"),
    Op("monitor", 5.0, role="Stopped"),
    Op("monitor", 1.0, enabled=False),
    Op("stop", 0.0),
)


def test_a_timeout_is_its_own_then_the_default_then_twenty_seconds() -> None:
    alone = config(DB)
    defaulted = config(DB, op_defaults={"timeout": "2min"})
    assert query.op_timeout(alone, "db", "start") == 120.0
    assert query.op_timeout(alone, "db", "stop") == 20.0
    assert query.op_timeout(defaulted, "db", "stop") == 120.0
    assert query.op_timeout(defaulted, "db", "migrate_to") == 120.0
    assert query.op_timeout(config(DB, op_defaults={"timeout": "rubbish"}), "db", "stop") == 20.0
    assert query.op_timeout(alone, "unknown", "start") is None


def test_monitors_differ_by_interval_and_a_probe_has_that_of_the_most_frequent() -> None:
    one = config(DB)
    assert query.op_timeout(one, "db:0", "monitor", 30) == 45.0
    assert query.op_timeout(one, "db:12", "monitor", 10) == 15.0
    assert query.op_timeout(one, "db", "monitor", 0) == 20.0  # the one of every 5 s, without a timeout of its own
    assert query.op_timeout(one, "db", "monitor", 77) == 20.0
    assert (
        query.op_timeout(config(dummy("x", Op("monitor", 0.0, 9.0), Op("monitor", 5.0, 7.0))), "x", "monitor", 0) == 9
    )


def test_the_monitor_of_a_fence_device_has_a_timeout_of_its_own() -> None:
    device = dummy("shoot", Op("monitor", 60.0, 30.0), klass="stonith", pcmk_monitor_timeout="120s")
    assert query.op_timeout(config(device), "shoot", "monitor", 60) == 120.0
    assert query.op_timeout(config(device), "shoot", "start") == 20.0
    assert query.is_stonith(config(device), "shoot")
    assert not query.is_stonith(config(DB), "db")


def test_the_monitor_interval_depends_on_the_role() -> None:
    one = config(DB)
    assert query.monitor_interval(one, "db") == 10.0
    assert query.monitor_interval(one, "db:1", "Promoted") == 10.0
    assert query.monitor_interval(one, "db", "Slave") == 30.0
    assert query.monitor_interval(config(dummy("bare")), "bare") is None
    assert query.monitor_interval(one, "unknown") is None


def test_collections_are_found_from_within() -> None:
    group, members = grouped("g", "a", "b", parents=("c",))
    one = config(*members, DB, dummy("gal", parents=("bun",)), groups={"g": group},
                 clones={"c": Clone("c", "g", promotable=True)},
                 bundles={"bun": Bundle("bun", "gal", "podman", {"promoted-max": "3"})})  # fmt: skip
    assert query.group_of(one, "a:2") is group
    assert query.group_of(one, "db") is None
    assert query.clone_of(one, "b") is query.clone_of(one, "c") is query.clone_of(one, "g") is one.clones["c"]
    assert query.is_clone(one, "a:0")
    assert query.is_promotable(one, "a")
    assert not query.is_clone(one, "db")
    for name in ("gal", "bun", "bun-podman-1", "bun-ip-192.168.1.5", "bun-2"):
        assert query.bundle_of(one, name) is one.bundles["bun"], name
    assert query.bundle_of(one, "bundesbank") is None
    assert query.is_promotable(one, "gal")
    assert query.bundle_of(one, "bun-other") is None


def test_meta_attributes_come_from_within_outwards_then_from_the_defaults() -> None:
    own = replace(dummy("a", parents=("g", "c")), meta={"priority": "1"})
    one = config(own, groups={"g": Group("g", ("a",), {"priority": "2", "is-managed": "false"})},
                 clones={"c": Clone("c", "g", promotable=False, meta={"is-managed": "true", "interleave": "true"})},
                 rsc_defaults={"migration-threshold": "3"})  # fmt: skip
    found = [query.meta_of(one, "a", name) for name in ("priority", "is-managed", "interleave", "migration-threshold")]
    assert found == ["1", "false", "true", "3"]
    assert query.meta_of(one, "a", "failure-timeout") == "0"
    assert query.meta_of(one, "c", "interleave") == "true"
    assert query.meta_of(one, "a", "no-such-thing") is None


def test_properties_have_defaults_only_where_a_cib_was_read() -> None:
    assert query.property_of(config(), "stonith-enabled") == "true"
    assert query.property_of(config(properties={"stonith-enabled": "false"}), "stonith-enabled") == "false"
    assert query.property_of(config(properties={"fencing-enabled": "false"}), "stonith-enabled") == "false"
    assert query.property_of(config(), "no-such-property") is None
    assert query.property_of(ClusterConfig(), "stonith-enabled") is None


def test_later_members_of_a_group_depend_on_the_earlier() -> None:
    group, members = grouped("g", "a", "b", "c", "d")
    one = config(*members, groups={"g": group})
    assert dependents(one, "b") == ("c", "d")
    assert dependents(one, "d") == ()
    assert dependents(one, "a:0") == ("b", "c", "d")
    assert dependents(one, "unknown") == ()


def test_members_of_a_group_neither_ordered_nor_colocated_do_not() -> None:
    group, members = grouped("g", "a", "b", ordered="false", collocated="false")
    assert dependents(config(*members, groups={"g": group}), "a") == ()


def test_what_follows_a_group_follows_each_of_its_members_transitively() -> None:
    group, members = grouped("g", "fs", "db")
    one = config(
        *members, dummy("vip"), dummy("web"), dummy("far"), dummy("optional"), dummy("oneway"), dummy("liked"),
        groups={"g": group},
        orders=(
            Order("o1", "g", "vip"),
            Order("o2", "vip", "web"),
            Order("o3", "vip", "optional", kind="Optional"),
            Order("o4", "vip", "oneway", symmetrical=False),
            Order("o5", "web", "fs", first_action="stop", then_action="start"),
        ),
        colocations=(Colocation("k1", "far", "web"), Colocation("k2", "liked", "web", "500"),
                     Colocation("k3", "optional", "web", "-INFINITY")),
    )  # fmt: skip
    assert dependents(one, "fs") == ("db", "vip", "web", "far")
    assert dependents(one, "db") == ("vip", "web", "far")
    assert dependents(one, "g") == ("vip", "web", "far")


def test_clones_and_bundles_pass_dependence_on_and_cycles_end() -> None:
    group, members = grouped("g", "a", "b", parents=("c",))
    one = config(
        *members, dummy("gal", parents=("bun",)), dummy("top"),
        groups={"g": group}, clones={"c": Clone("c", "g", promotable=False)},
        bundles={"bun": Bundle("bun", "gal", "podman")},
        orders=(Order("o1", "gal", "c"), Order("o2", "c", "top"), Order("o3", "top", "bun", "promote", "promote")),
    )  # fmt: skip
    assert dependents(one, "bun") == ("a", "b", "top")
    assert dependents(one, "top") == ("gal", "a", "b")


NAMES = st.sampled_from([f"r{i}" for i in range(8)])


@given(st.lists(st.tuples(NAMES, NAMES), max_size=20), NAMES)
def test_dependents_are_closed_and_never_name_the_resource_itself(pairs: list[tuple[str, str]], start: str) -> None:
    one = config(
        *(dummy(f"r{i}") for i in range(8)),
        orders=tuple(Order(f"o{i}", first, then) for i, (first, then) in enumerate(pairs)),
    )
    found = dependents(one, start)
    assert start not in found
    assert len(set(found)) == len(found)
    reached = {start, *found}
    assert {then for first, then in pairs if first in reached} <= reached


@pytest.mark.parametrize(("printed", "base"), [("x:0", "x"), ("x:12", "x"), ("a:b", "a:b"), ("x", "x")])
def test_instance_numbers_are_taken_off(printed: str, base: str) -> None:
    assert query.base_name(printed) == base


# --- what waits for what ------------------------------------------------------------------------------


def ordered(*pairs: str, **more: object) -> tuple[Order, ...]:
    """Orders `a-b`, each with the pair as its id."""
    return tuple(Order(pair, *pair.split("-"), **more) for pair in pairs)  # type: ignore[arg-type]


def test_waits_name_the_group_or_the_order_that_makes_them() -> None:
    group, members = grouped("g", "ip", "fs", "db")
    one = config(*members, dummy("web"), dummy("log"), groups={"g": group}, orders=ordered("g-web", "web-log"))
    assert waits(one) == (
        Wait("ip", "fs", "g", True), Wait("fs", "db", "g", True),
        Wait("db", "web", "g-web", False), Wait("web", "log", "web-log", False),
    )  # fmt: skip


@pytest.mark.parametrize(
    "loose", [{"kind": "Optional"}, {"symmetrical": False}, {"require_all": False}, {"first_action": "stop"}]
)
def test_orders_that_do_not_bind_are_no_waits(loose: dict[str, object]) -> None:
    assert waits(config(dummy("a"), dummy("b"), orders=ordered("a-b", **loose))) == ()


def test_a_chain_of_orders_without_a_group_is_seen_as_one() -> None:
    names = [dummy(name) for name in ("ip", "fs", "db", "web", "x", "y")]
    one = config(*names, orders=ordered("fs-db", "ip-fs", "db-web", "x-y", "ip-web"))
    assert chains(one) == (("ip", "fs", "db", "web"),)


def test_chains_that_part_share_what_comes_first_with_the_longest_only() -> None:
    names = [dummy(name) for name in "abcdefg"]
    one = config(*names, orders=ordered("a-b", "b-c", "c-d", "b-e", "e-f", "f-g"))
    assert chains(one) == (("a", "b", "e", "f", "g"),)  # c and d alone are no chain


def test_a_circle_of_orders_is_no_chain_and_ends() -> None:
    assert chains(config(*map(dummy, "abc"), orders=ordered("a-b", "b-c", "c-a"))) == ()


def test_members_of_groups_are_in_no_chain() -> None:
    group, members = grouped("g", "a", "b", "c")
    assert chains(config(*members, dummy("d"), groups={"g": group}, orders=ordered("g-d"))) == ()


# --- what follows a failure ---------------------------------------------------------------------------

OFF = {"stonith-enabled": "false"}


@pytest.mark.parametrize(
    ("ops", "asked", "properties", "told"),
    [
        ((), ("monitor",), {}, "restart"),
        ((), ("stop",), {}, "fence"),
        ((), ("stop",), OFF, "block"),
        ((Op("stop", 0, on_fail="ignore"),), ("stop",), {}, "ignore"),
        ((Op("stop", 0, on_fail="standby"),), ("stop",), OFF, "block"),  # a stop cannot be answered so
        ((Op("monitor", 10, on_fail="fence"),), ("monitor", 10), {}, "fence"),
        ((Op("monitor", 10, on_fail="fence"),), ("monitor", 10), OFF, "stop"),
        ((Op("monitor", 10, on_fail="nonsense"),), ("monitor", 10), {}, "restart"),
        ((Op("monitor", 10, on_fail="demote"),), ("monitor", 10), {}, "restart"),  # only for the promoted role
        ((Op("monitor", 9, on_fail="Demote", role="Master"), Op("monitor", 10, on_fail="block")), ("monitor", 9), {}, "demote"),  # noqa: E501
        ((Op("monitor", 9, on_fail="demote", role="Master"), Op("monitor", 10, on_fail="block")), ("monitor", 10), {}, "block"),  # noqa: E501
        ((Op("monitor", 9, on_fail="block", role="Promoted"),), ("demote",), {}, "block"),
        ((Op("start", 0, on_fail="nothing"),), ("start",), {}, "ignore"),
    ],
)  # fmt: skip
def test_on_fail_is_what_pacemaker_makes_of_it(
    ops: tuple[Op, ...], asked: tuple[str, float], properties: dict[str, str], told: str
) -> None:
    assert failures.on_fail(config(dummy("db", *ops), properties=properties), "db:1", *asked) == told


def test_on_fail_has_defaults_by_place() -> None:
    inside = config(dummy("in", parents=("b",)), bundles={"b": Bundle("b", "in", "podman")})
    assert failures.on_fail(inside, "in", "monitor", 10) == "restart-container"
    far = config(Primitive("far", "ocf", "pacemaker", "remote"))
    assert failures.on_fail(far, "far", "monitor", 10) == "fence"
    assert failures.on_fail(far, "far", "start") == "restart"
    assert failures.on_fail(config(DB, op_defaults={"on-fail": "standby"}), "db", "monitor", 10) == "standby"
    assert failures.on_fail(config(DB), "unknown", "stop") is None


def test_thresholds_and_their_expiry() -> None:
    told = config(DB, rsc_defaults={"migration-threshold": "3", "failure-timeout": "PT10M"})
    assert (failures.threshold(told, "db"), failures.failure_timeout(told, "db")) == (3, 600.0)
    zero = config(DB, rsc_defaults={"migration-threshold": "0", "failure-timeout": "0"})
    assert (failures.threshold(zero, "db"), failures.failure_timeout(zero, "db")) == (1_000_000, None)


NODES = {"1": "n1", "2": "n2", "3": "n3"}


@pytest.mark.parametrize(
    ("score", "stickiness", "home"),
    [("50", "0", "n1"), ("50", "100", None), ("INFINITY", "100", "n1"), ("100", "100", None), ("-INFINITY", "0", None)],
)
def test_a_service_goes_back_where_it_is_preferred_by_more_than_it_sticks(
    score: str, stickiness: str, home: str | None
) -> None:
    one = config(
        DB, nodes=NODES, locations=(Location("l", "db", "n1", score),), rsc_defaults={"resource-stickiness": stickiness}
    )
    assert failures.failback_node(one, "db") == home


def test_a_group_sticks_by_the_sum_of_its_members_and_is_preferred_by_all_their_rules() -> None:
    group, members = grouped("g", "a", "b", "c")
    one = config(
        *members, groups={"g": group}, nodes=NODES, rsc_defaults={"resource-stickiness": "40"},
        locations=(Location("l", "g", "n2", "100"), Location("m", "b", "n2", "10")),
    )  # fmt: skip
    assert (failures.stickiness(one, "b"), failures.preferences(one, "a")) == (120, {"n2": 110})
    assert failures.failback_node(one, "a") is None
    assert failures.failback_node(replace(one, rsc_defaults={"resource-stickiness": "30"}), "a") == "n2"


def test_where_it_may_not_run_is_no_place_to_stay() -> None:
    only = tuple(Location(f"l{name}", "db", name, "-INFINITY") for name in ("n2", "n3"))
    one = config(DB, nodes=NODES, locations=(*only, Location("home", "db", "n1", "10")))
    assert failures.failback_node(one, "db") is None  # it never left
