"""What is advised is said in crmsh's and pcs's own syntax, and makes the change that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from corpus_cases import read
from msgspec.structs import replace
from shells import apply, cib_changes, cib_of, config, meaning

from logtrace.config import commands
from logtrace.config.model import Op
from logtrace.domain.advice import Advice

pytestmark = pytest.mark.xdist_group("corpus")

#: Commands of one label differ in names only; so many cases of each are tried (each takes the shells seconds).
EACH = 1


@cache
def _cases() -> tuple[tuple[str, str, Advice], ...]:
    """(scenario, CIB, advice) of every advice in the corpus that changes the CIB, EACH of a label."""
    found: list[tuple[str, str, Advice]] = []
    counts: dict[str, int] = {}
    for archive, incidents in read():
        for advice in (advice for incident in incidents for advice in incident.advice):
            if not cib_changes(advice.commands.get("crm", "")) or counts.get(advice.label, 0) >= EACH:
                continue
            cib = cib_of(archive)
            if cib is not None:
                counts[advice.label] = counts.get(advice.label, 0) + 1
                found.append((archive.parent.name, cib, advice))
    return tuple(found)


def test_the_corpus_has_advice_that_changes_the_cib() -> None:
    labels = {advice.label for _, _, advice in _cases()}
    assert {"group_split", "group_unordered", "clone", "shorter_interval", "faster_fencing", "start_timeout"} <= labels
    assert {"promote_timeout", "monitor_timeout", "limit_retries", "avoid_node", "stop_unexpected"} <= labels


def test_both_shells_accept_each_change_of_the_corpus_and_mean_the_same(tmp_path: Path) -> None:
    for scenario, cib, advice in _cases():
        before = meaning(cib)
        crm, pcs = (
            meaning(apply(cib_changes(advice.commands[shell]), cib, tmp_path, shell)) for shell in ("crm", "pcs")
        )
        assert crm != before, f"{scenario}: {advice.label} changes nothing"
        differing = {key: (crm[key], pcs[key]) for key in crm if crm[key] != pcs[key]}
        assert not differing, f"{scenario}: {advice.label}: {differing}"


# --- every function of commands, on a configuration with awkward names ---------------------------------

AWKWARD = """<cib admin_epoch="0" epoch="9" num_updates="1" crm_feature_set="3.16.1" validate-with="pacemaker-3.9">
<configuration><crm_config><cluster_property_set id="cib-bootstrap-options">
<nvpair id="o1" name="stonith-enabled" value="false"/></cluster_property_set></crm_config>
<nodes><node id="1" uname="osp-a.cloud"/><node id="2" uname="osp_b"/></nodes>
<resources>
<group id="g.web-1"><primitive id="vip" class="ocf" provider="heartbeat" type="IPaddr2">
<instance_attributes id="vip-i"><nvpair id="vip-ip" name="ip" value="10.1.1.1"/></instance_attributes></primitive>
<primitive id="p.web" class="ocf" provider="pacemaker" type="Dummy"><operations>
<op id="p.web-monitor-10s" name="monitor" interval="10s" timeout="20s" on-fail="restart"/></operations></primitive>
<primitive id="p_app-2" class="ocf" provider="pacemaker" type="Dummy"/></group>
<clone id="ms"><meta_attributes id="ms-m"><nvpair id="ms-p" name="promotable" value="true"/></meta_attributes>
<primitive id="db" class="ocf" provider="pacemaker" type="Stateful"><operations>
<op id="db-monitor-10s" name="monitor" interval="10s" timeout="20s" role="Unpromoted"/>
<op id="db-monitor-11s" name="monitor" interval="11s" timeout="20s" role="Promoted"/>
</operations></primitive></clone>
<primitive id="st.1" class="stonith" type="fence_dummy"/><primitive id="st_2" class="stonith" type="fence_dummy"/>
</resources><constraints/></configuration><status/></cib>"""

WEB, APP, DB, VIP = (config(AWKWARD).primitives[name] for name in ("p.web", "p_app-2", "db", "vip"))


def _op(name: str, interval: float) -> Op:
    return next(op for op in config(AWKWARD).primitives[name].ops if op.interval == interval)


def _operation(*arguments: object, **options: str) -> commands.Commands:
    return commands.operation(config(AWKWARD), *arguments, **options)  # type: ignore[arg-type]


def _awkward() -> Iterator[tuple[str, commands.Commands]]:
    yield "an interval, id with a dot", _operation(WEB, _op("p.web", 10), "monitor", interval="5s")
    yield "one of two monitors", _operation(DB, _op("db", 11), "monitor", interval="7s")
    yield "an operation that is not there", _operation(APP, None, "start", timeout="90s")
    yield "a monitor that is not there", _operation(VIP, None, "monitor", interval="10s", timeout="20s")
    yield "a start beside other operations", _operation(WEB, None, "start", timeout="90s")
    yield "a start in a clone", _operation(DB, None, "start", timeout="90s")
    yield "a property", commands.property_("maintenance-mode", "true")
    yield "meta attributes", commands.meta("p.web", migration_threshold="3", failure_timeout="10min")
    yield "meta attributes of a group", commands.meta("g.web-1", is_managed="true")
    yield "a parameter of a device", commands.parameter("st.1", "pcmk_delay_base", "5s")
    yield "a node to avoid", commands.avoid("ms", ["osp-a.cloud", "osp_b"])
    yield "fencing levels", commands.levels("osp-a.cloud", ["st.1", "st_2"])
    yield "a split", commands.taken_out("g.web-1", ["p.web", "p_app-2"], ordered=True)
    yield "a split by one", commands.taken_out("g.web-1", ["p_app-2"], ordered=True)
    yield "without order", commands.taken_out("g.web-1", ["p.web", "p_app-2"], ordered=False)
    yield "clones of members", commands.cloned(config(AWKWARD), ["p.web", "p_app-2"])
    yield "a clone of a group", commands.cloned(config(AWKWARD), ["vip", "p.web", "p_app-2"])
    yield (
        "two at once",
        commands.joined(commands.property_("maintenance-mode", "true"), commands.meta("vip", is_managed="true")),
    )


@pytest.mark.parametrize(("what", "made"), [pytest.param(*each, id=each[0]) for each in _awkward()])
def test_awkward_names(what: str, made: commands.Commands, tmp_path: Path) -> None:
    crm, pcs = (meaning(apply(made[shell], AWKWARD, tmp_path, shell)) for shell in ("crm", "pcs"))
    assert crm != meaning(AWKWARD), what
    assert {key: value for key, value in crm.items() if pcs[key] != value} == {}


def test_a_split_leaves_what_is_needed_first(tmp_path: Path) -> None:
    made = commands.taken_out("g.web-1", ["p.web", "p_app-2"], ordered=True)
    one = config(apply(made["pcs"], AWKWARD, tmp_path, "pcs"))
    assert one.groups["g.web-1"].members == ("vip",)
    assert {(each.first, each.then) for each in one.orders} == {("g.web-1", "p.web"), ("g.web-1", "p_app-2")}
    assert {(each.resource, each.with_resource) for each in one.colocations} == {
        ("p.web", "g.web-1"),
        ("p_app-2", "g.web-1"),
    }


def test_pcs_is_told_again_what_was_configured_of_an_operation(tmp_path: Path) -> None:
    made = _operation(WEB, _op("p.web", 10), "monitor", interval="5s")
    (op,) = config(apply(made["pcs"], AWKWARD, tmp_path, "pcs")).primitives["p.web"].ops
    assert (op.interval, op.timeout, op.on_fail) == (5.0, 20.0, "restart")


def test_names_that_are_in_use_are_not_used_again() -> None:
    made = commands.taken_out("g", ["a", "b"], ordered=True, taken={"col-g", "ord-g", "ord-g-2"})
    assert "col-g-2" in made["crm"]
    assert "ord-g-3" in made["pcs"]


@pytest.mark.parametrize(
    "name", ["a;reboot", "$(x)", "a b", "-f", "--force", "", "a\nproperty stonith-enabled=false", "(", "a'b", "`x`"]
)
def test_no_command_is_made_of_what_is_no_name(name: str) -> None:
    bad = replace(APP, id=name, parents=())
    known = config(AWKWARD)
    known = replace(known, primitives={**known.primitives, name: bad})
    assert commands.operation(known, bad, None, "start", timeout="90s") == {}
    assert commands.operation(known, WEB, replace(_op("p.web", 10), id=name or "-"), "monitor", interval="5s") == {}
    assert commands.operation(known, replace(WEB, parents=(name,)), None, "start", timeout="90s") == {}
    assert commands.meta(name, is_managed="true") == {}
    assert commands.parameter(name, "delay", "5s") == {}
    assert commands.cleanup(name) == {}
    assert commands.avoid(name, ["osp_b"]) == commands.avoid("vip", ["osp_b", name]) == {}
    assert commands.levels(name, ["st_2"]) == commands.levels("osp_b", ["st_2", name]) == {}
    assert commands.taken_out(name, ["vip"], ordered=True) == {}
    assert commands.taken_out("g.web-1", ["vip", name], ordered=True) == {}
    assert commands.cloned(known, ["p_app-2", name]) == {}
    assert commands.joined(commands.cleanup(name)) == {}
    of_judge = (
        commands.delete_constraint,
        commands.manage,
        commands.start,
        commands.node_ready,
        commands.node_online,
        commands.show,
    )
    assert [make(name) for make in of_judge] == [{}] * 6


@pytest.mark.parametrize("name", ["vip", "_x", "p.web-1", "db:0", "10.0.0.1"])
def test_names_a_cib_can_hold_are_names(name: str) -> None:
    assert commands.cleanup(name)["pcs"] == f"pcs resource cleanup {name}"


@pytest.mark.parametrize(
    ("klass", "kind", "unit"),
    [
        ("systemd", "nginx", "nginx"),
        ("systemd", r"web@a\x2d1", r"'web@a\x2d1'"),
        ("lsb", "mysql", "mysql"),
        ("systemd", "x` `reboot", None),
        ("systemd", "x; reboot", None),
        ("systemd", "--now", None),
        ("ocf", "apache", None),
    ],
)
def test_a_unit_stands_in_a_sentence_as_a_shell_takes_it(klass: str, kind: str, unit: str | None) -> None:
    assert commands.unit(replace(WEB, klass=klass, type=kind)) == unit


def test_the_check_can_fail(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="stonith"):
        apply("pcs property set stonith-enabled=true; pcs resource delete st.1; pcs resource delete st_2",
              AWKWARD, tmp_path, "pcs")  # fmt: skip
    with pytest.raises(AssertionError, match="no-such-resource"):
        apply("pcs resource meta no-such-resource is-managed=true", AWKWARD, tmp_path, "pcs")
