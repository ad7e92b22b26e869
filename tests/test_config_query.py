"""Questions to a configuration: timeouts, intervals, collections, dependents, defaults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logtrace.config import query
from logtrace.config.dependents import dependents
from logtrace.config.model import Bundle, Clone, ClusterConfig, Colocation, Group, Op, Order, Primitive


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
