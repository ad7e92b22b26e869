"""CIBs and scheduler inputs: what is read, and what is refused."""

from __future__ import annotations

import bz2
import gzip
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtrace.config import choose, cib, cib_xml, config_at
from logtrace.config.model import Colocation, Corosync, Location, Order, Snapshot
from logtrace.domain import durations
from logtrace.errors import DamagedFileError

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


def cib_file(
    *,
    attributes: str = 'epoch="6" num_updates="374" admin_epoch="0" crm_feature_set="3.16.1"',
    properties: str = "",
    resources: str = "",
    constraints: str = "",
    more: str = "",
    status: str = "",
) -> bytes:
    return f"""<cib {attributes}>
  <configuration>
    <crm_config><cluster_property_set id="cib-bootstrap-options">{properties}</cluster_property_set></crm_config>
    <nodes><node id="1" uname="alpha"/><node id="2" uname="beta"/></nodes>
    <resources>{resources}</resources>
    <constraints>{constraints}</constraints>
    {more}
  </configuration>
  <status>{status}</status>
</cib>""".encode()


def read(data: bytes, source: str = "report/alpha/cib.xml") -> Snapshot:
    return cib.read(data, source=source)


def primitive(name: str, inside: str = "", agent: str = 'class="ocf" provider="heartbeat" type="Dummy"') -> str:
    return f'<primitive id="{name}" {agent}>{inside}</primitive>'


@pytest.mark.parametrize("pack", [bytes, bz2.compress, gzip.compress])
def test_plain_bz2_and_gz_are_told_by_their_first_bytes(pack: type[bytes]) -> None:
    snapshot = read(pack(cib_file()), "r/alpha/pengine/pe-warn-12.bz2")
    assert snapshot.config.epoch == (0, 6, 374)
    assert snapshot.name == "pe-warn-12"


def test_the_same_bytes_in_another_place_are_what_reading_them_there_gives() -> None:
    data = cib_file(attributes='epoch="6" execution-date="1795370567"', resources=primitive("web"))
    known = cib.read(data, source="r/alpha/pengine/pe-input-3.bz2", node="alpha")
    for source in ("r/beta/cib.xml", "r/beta/pengine/pe-warn-4.bz2"):
        there = cib.read(data, source=source, node="beta")
        assert cib.elsewhere(known, source=source, node="beta") == there


def test_the_root_tells_time_dc_and_last_change() -> None:
    snapshot = cib.read(
        cib_file(
            attributes='epoch="6" num_updates="374" admin_epoch="1" crm_feature_set="3.16.1" have-quorum="0"'
            ' cib-last-written="Sun Nov 22 18:01:10 2026" dc-uuid="2" execution-date="1795370567"'
            ' update-origin="alpha" update-client="cibadmin" update-user="root"',
            properties='<nvpair name="dc-version" value="2.0.1+20190417.13d370ca9-lp151"/>'
            '<nvpair name="cluster-name" value="osp"/><nvpair name="cluster-infrastructure" value="corosync"/>',
        ),
        source="r/beta/pengine/pe-input-3.bz2",
        node="beta",
    )
    assert (snapshot.executed, snapshot.name, snapshot.folder_node) == (1795370567, "pe-input-3", "beta")
    assert (snapshot.dc, snapshot.quorum) == ("beta", False)
    assert (snapshot.update_origin, snapshot.update_client, snapshot.update_user) == ("alpha", "cibadmin", "root")
    config = snapshot.config
    assert config.epoch == (1, 6, 374)
    assert config.written == datetime(2026, 11, 22, 18, 1, 10)  # noqa: DTZ001  local time, zone unknown
    assert (config.pacemaker, config.cluster_name, config.stack) == ("2.0.1", "osp", "corosync")
    assert config.nodes == {"1": "alpha", "2": "beta"}


@pytest.mark.parametrize(
    ("feature_set", "release"),
    [("3.0.9", "1.1.12"), ("3.0.14", "1.1.18-1.1.24"), ("3.20.5", "3.0.2"), ("3.0.99", None)],
)
def test_the_feature_set_tells_the_release_when_the_dc_did_not(feature_set: str, release: str | None) -> None:
    assert read(cib_file(attributes=f'epoch="1" crm_feature_set="{feature_set}"')).config.pacemaker == release


def test_resources_with_their_collections_operations_and_templates() -> None:
    config = read(
        cib_file(
            resources=f"""
            <template id="web" class="ocf" provider="heartbeat" type="apache">
              <instance_attributes id="w-i">
                <nvpair name="port" value="80"/><nvpair name="d" value="x"/>
              </instance_attributes>
              <operations>
                <op name="monitor" interval="10s" id="w-m"/><op name="start" interval="0" timeout="1min" id="w-s"/>
              </operations>
            </template>
            <group id="g">
              <primitive id="web1" template="web">
                <instance_attributes id="a"><nvpair name="port" value="8000"/></instance_attributes>
                <meta_attributes id="b"><nvpair name="migration-threshold" value="3"/></meta_attributes>
                <operations>
                  <op name="monitor" interval="30" timeout="200ms" on-fail="restart" enabled="no" id="m"/>
                </operations>
              </primitive>
              {primitive("fs")}
              <meta_attributes id="gm"><nvpair name="ordered" value="false"/></meta_attributes>
            </group>
            <clone id="c"><meta_attributes id="cm"><nvpair name="promotable" value="true"/></meta_attributes>
              {primitive("db", '<operations><op name="monitor" interval="PT5M" role="Promoted"/></operations>')}</clone>
            <master id="ms"><group id="old">{primitive("drbd")}</group></master>
            <clone id="plain">{primitive("ping")}</clone>
            <bundle id="b1"><podman image="i" promoted-max="1"/>{primitive("galera")}</bundle>
            {primitive("shoot", agent='class="stonith" type="fence_ipmilan"')}
            """
        )
    ).config
    web = config.primitives["web1"]
    assert (web.agent, web.params, web.meta) == (
        "ocf:heartbeat:apache",
        {"port": "8000", "d": "x"},
        {"migration-threshold": "3"},
    )
    monitor, start = web.ops  # the template's own monitor is replaced, its start is kept
    assert (monitor.interval, monitor.timeout, monitor.on_fail, monitor.enabled) == (30.0, 0.2, "restart", False)
    assert (start.name, start.timeout) == ("start", 60.0)
    assert web.parents == ("g",)
    assert config.groups["g"].members == ("web1", "fs")
    assert not config.groups["g"].ordered
    assert config.groups["old"].ordered
    assert [(c.id, c.child, c.promotable) for c in config.clones.values()] == [
        ("c", "db", True),
        ("ms", "old", True),
        ("plain", "ping", False),
    ]
    assert config.primitives["db"].ops[0].interval == 300.0
    assert config.primitives["drbd"].parents == ("old", "ms")
    assert (config.bundles["b1"].child, config.bundles["b1"].container) == ("galera", "podman")
    assert config.primitives["shoot"].agent == "stonith:fence_ipmilan"


def test_the_bootstrap_set_wins_over_scores_and_rules_are_left_out() -> None:
    config = read(
        cib_file(
            properties='<nvpair name="stonith-enabled" value="true"/>',
            more="""<rsc_defaults>
              <meta_attributes id="low" score="1"><nvpair name="priority" value="low"/></meta_attributes>
              <meta_attributes id="high" score="INFINITY"><nvpair name="priority" value="high"/></meta_attributes>
              <meta_attributes id="rule" score="INFINITY"><rule id="r"/><nvpair name="x" value="1"/></meta_attributes>
            </rsc_defaults>
            <op_defaults>
              <meta_attributes id="o"><nvpair name="timeout" value="600"/></meta_attributes>
            </op_defaults>""",
        ).replace(
            b"</crm_config>",
            b'<cluster_property_set id="a" score="INFINITY"><nvpair name="stonith-enabled" value="false"/>'
            b"</cluster_property_set></crm_config>",
        )
    ).config
    assert config.properties == {"stonith-enabled": "true"}
    assert config.rsc_defaults == {"priority": "high"}
    assert config.op_defaults == {"timeout": "600"}


def test_the_old_timeout_property_counts_as_a_default_unless_there_is_a_new_one() -> None:
    old = '<nvpair name="default-action-timeout" value="90s"/>'
    assert read(cib_file(properties=old)).config.op_defaults == {"timeout": "90s"}
    new = '<op_defaults><meta_attributes id="o"><nvpair name="timeout" value="7"/></meta_attributes></op_defaults>'
    assert read(cib_file(properties=old, more=new)).config.op_defaults == {"timeout": "7"}


def test_node_attributes() -> None:
    data = cib_file().replace(
        b'<node id="2" uname="beta"/>',
        b'<node id="2" uname="beta"><instance_attributes id="nodes-2">'
        b'<nvpair id="nodes-2-standby" name="standby" value="on"/></instance_attributes></node>',
    )
    assert read(data).config.node_attributes == {"beta": {"standby": "on"}}


def orders(text: str) -> list[tuple[str, str]]:
    return [(one.first, one.then) for one in read(cib_file(constraints=text)).config.orders]


def set_of(*names: str, options: str = "") -> str:
    return f"<resource_set {options}>" + "".join(f'<resource_ref id="{name}"/>' for name in names) + "</resource_set>"


def test_a_plain_order_and_its_defaults() -> None:
    text = (
        '<rsc_order id="o" first="a" then="b" first-action="promote"/><rsc_order id="s" first="a" then="c" score="0"/>'
    )
    assert read(cib_file(constraints=text)).config.orders == (
        Order("o", "a", "b", "promote", "promote", "Mandatory", symmetrical=True),
        Order("s", "a", "c", "start", "start", "Optional", symmetrical=True),
    )


def test_ordered_sets_become_pairs() -> None:
    sequential = f'<rsc_order id="o">{set_of("a", "b", "c")}{set_of("d", "e", options=SEQUENTIAL_NO)}</rsc_order>'
    assert orders(sequential) == [("a", "b"), ("b", "c"), ("c", "d"), ("c", "e")]


SEQUENTIAL_NO = 'sequential="false"'


def test_any_one_of_an_unordered_set_may_be_enough() -> None:
    sets = set_of("a", "b", options=f'{SEQUENTIAL_NO} require-all="false"') + set_of("c")
    found = read(cib_file(constraints=f'<rsc_order id="o">{sets}</rsc_order>')).config.orders
    assert [(one.first, one.then, one.require_all) for one in found] == [("a", "c", False), ("b", "c", False)]


def test_colocated_sets_follow_the_one_before_inside_and_the_set_after_outside() -> None:
    sets = set_of("c", "d", options=SEQUENTIAL_NO) + set_of("a", "b")
    text = f'<rsc_colocation id="k" score="INFINITY">{sets}</rsc_colocation>'
    found = read(cib_file(constraints=text)).config.colocations
    assert [(one.resource, one.with_resource) for one in found] == [("b", "a"), ("c", "b"), ("d", "b")]


def test_a_set_kept_apart_is_apart_in_every_pair() -> None:
    text = f'<rsc_colocation id="k" score="-INFINITY">{set_of("a", "b", "c")}</rsc_colocation>'
    found = read(cib_file(constraints=text)).config.colocations
    assert [(one.resource, one.with_resource) for one in found] == [("b", "a"), ("c", "a"), ("c", "b")]


def test_tags_and_templates_in_constraints_stand_for_their_members() -> None:
    config = read(
        cib_file(
            resources='<template id="t" class="ocf" type="x"/>'
            '<primitive id="p" template="t"/><primitive id="q" template="t"/>',
            constraints='<rsc_colocation id="k" rsc="t" with-rsc="all" score="100"/>',
            more='<tags><tag id="all"><obj_ref id="m"/><obj_ref id="n"/></tag></tags>',
        )
    ).config
    assert config.colocations[0] == Colocation("k", "p", "m", "100", None, None)
    assert [(one.resource, one.with_resource) for one in config.colocations[1:]] == [("p", "n"), ("q", "m"), ("q", "n")]


def test_locations_of_nodes_rules_patterns_and_sets() -> None:
    rule = '<rule id="r" score="-INFINITY"><expression attribute="#uname" operation="eq" value="beta" id="e"/></rule>'
    other = '<rule id="s" score="5"><expression attribute="cpu" operation="gt" value="4" id="f"/></rule>'
    text = (
        '<rsc_location id="a" rsc="p" node="alpha" score="100"/>'
        f'<rsc_location id="b" rsc="p">{rule}</rsc_location>'
        f'<rsc_location id="c" rsc-pattern="^vip" node="beta" score="1">{other}</rsc_location>'
        f'<rsc_location id="d" node="alpha" score="2">{set_of("x", "y")}</rsc_location>'
    )
    assert read(cib_file(constraints=text)).config.locations == (
        Location("a", "p", "alpha", "100"),
        Location("b", "p", "beta", "-INFINITY"),
        Location("c", "/^vip/", "beta", "1"),
        Location("c", "/^vip/", None, "5"),
        Location("d", "x", "alpha", "2"),
        Location("d", "y", "alpha", "2"),
    )


STATUS = """
<node_state id="1" uname="alpha" in_ccm="true" crmd="online">
  <transient_attributes id="1"><instance_attributes id="status-1">
    <nvpair id="f" name="fail-count-db#monitor_5000" value="1"/></instance_attributes></transient_attributes>
  <lrm id="1"><lrm_resources><lrm_resource id="db" class="ocf" provider="heartbeat" type="Dummy">
    <lrm_rsc_op id="db_last_failure_0" operation="monitor" call-id="22" rc-code="7" op-status="0" interval="5000"
      last-rc-change="1795370512" exec-time="0" queue-time="12" exit-reason="gone" transition-key="9:1:0:abc"/>
    <lrm_rsc_op id="db_last_0" operation="start" call-id="junk" rc-code="-1" interval="0" last-rc-change="0"/>
  </lrm_resource></lrm_resources></lrm>
</node_state>
<node_state id="2" uname="beta" in_ccm="false" crmd="offline"/>
<node_state id="3" uname="gamma" in_ccm="1795370000" crmd="1795370001"/>
<node_state id="4" uname="delta" in_ccm="1795370000" crmd="0"/>
"""


def test_the_status_section_remembers_results_members_and_fail_counts() -> None:
    snapshot = read(cib_file(status=STATUS))
    assert snapshot.online == ("alpha", "gamma")
    assert snapshot.transient == {"alpha": {"fail-count-db#monitor_5000": "1"}}
    failure, start = snapshot.history
    assert (failure.node, failure.resource, failure.operation, failure.interval) == ("alpha", "db", "monitor", 5.0)
    assert (failure.call, failure.rc, failure.status, failure.last_rc_change) == (22, 7, 0, 1795370512)
    assert (failure.exec_time, failure.queue_time, failure.exit_reason) == (0.0, 0.012, "gone")
    assert (start.call, start.rc, start.last_rc_change, start.exec_time) == (None, -1, None, None)


def refusal(data: bytes) -> DamagedFileError:
    with pytest.raises(DamagedFileError) as caught:
        read(data)
    return caught.value


def test_malformed_xml_names_the_file_and_the_line() -> None:
    error = refusal(b"<cib>\n<configuration>\n</cib>")
    assert error.where == "report/alpha/cib.xml:3"
    assert error.status == 3
    assert str(error).startswith("report/alpha/cib.xml:3: is not well-formed XML (")
    assert error.remedy


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html/>", "is not a CIB (its outermost element is <html>)"),
        (bz2.compress(cib_file())[:-20], "cannot be unpacked"),
        (gzip.compress(cib_file())[:-20], "cannot be unpacked"),
        (b"BZh9 nonsense", "cannot be unpacked"),
        (b'<!DOCTYPE cib [<!ENTITY e SYSTEM "file:///etc/passwd">]><cib>&e;</cib>', "declares a document type"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE cib><cib/>'.encode("utf-16"), "declares a document type"),
        (b"<cib>" + b"<a/>" * (cib_xml.MAX_NODES + 1), "elements and attributes"),
        (bz2.compress(b" " * (cib_xml.MAX_BYTES + 1)), "is larger than 64 MB unpacked"),
    ],
)
def test_what_is_no_whole_harmless_cib_is_refused(data: bytes, words: str) -> None:
    assert words in refusal(data).message


def test_entities_cannot_multiply_in_attributes_either() -> None:
    lines = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<?xml version="1.0" encoding="utf-16"?><!DOCTYPE cib [<!ENTITY e0 "aaaaaaaaaa">{lines}]><cib a="&e9;"/>'
    assert refusal(bomb.encode("utf-16"))


TEMPLATE = (
    "<template id='t'><operations>"
    + "".join(f"<op id='o{number}' name='n{number}' interval='{number}'/>" for number in range(2000))
    + "</operations></template>"
)
SET = (
    "<meta_attributes id='m'>" + "".join(f"<nvpair name='n{n}' value='v'/>" for n in range(2000)) + "</meta_attributes>"
)
TAG = "<tags><tag id='t'>" + "".join(f"<obj_ref id='r{number}'/>" for number in range(2000)) + "</tag></tags>"


@pytest.mark.parametrize(
    "configuration",
    [
        f"<resources>{TEMPLATE}" + "".join(f"<primitive id='p{n}' template='t'/>" for n in range(400)) + "</resources>",
        f"<rsc_defaults>{SET}</rsc_defaults><resources>"
        + "".join(f"<primitive id='p{n}'><meta_attributes id-ref='m'/></primitive>" for n in range(400))
        + "</resources>",
        f"{TAG}<constraints><rsc_location id='l' node='n'><resource_set id='s'>"
        + "<resource_ref id='t'/>" * 400
        + "</resource_set></rsc_location></constraints>",
    ],
    ids=["template", "set", "tag"],
)
def test_references_cannot_multiply(configuration: str) -> None:
    with pytest.raises(DamagedFileError, match="references to more than 500,000"):
        cib.read(f"<cib><configuration>{configuration}</configuration></cib>".encode(), source="cib.xml")


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(DamagedFileError):
        read(data)


def test_more_resources_than_any_cluster_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cib, "MOST", 3)
    assert len(read(cib_file(resources="".join(primitive(name) for name in "abc"))).config.primitives) == 3
    with pytest.raises(DamagedFileError, match="has more than 3 resources or nodes; find out who wrote this file"):
        read(cib_file(resources="".join(primitive(name) for name in "abcd")))


@given(st.data())
def test_a_damaged_cib_is_read_or_refused(data: st.DataObject) -> None:
    whole = cib_file(
        status=STATUS, resources=primitive("db"), constraints=f'<rsc_order id="o">{set_of("a", "b")}</rsc_order>'
    )
    position = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:position] + data.draw(st.binary(max_size=3)) + whole[position + data.draw(st.integers(0, 9)) :]
    try:
        outcome = str(read(damaged).config.source)
    except DamagedFileError as error:
        outcome = str(error.where)
    assert outcome.startswith("report/alpha/cib.xml")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5s", 5.0), ("1min", 60.0), ("10", 10.0), ("200ms", 0.2), ("PT5M", 300.0), (" 2 h ", 7200.0), ("1.9s", 1.0),
        ("0", 0.0), ("P1DT2H", 93600.0), ("3sec", 3.0), ("30 seconds", 30.0), ("250us", 0.00025),
        ("P30S", 30.0), ("P1M", 2592000.0), ("PT1M30S", 90.0), ("PT30S1H", 3630.0),
        ("PT2M ", 120.0), ("0:0:30", None), ("pt5m", None), ("PT5", None), ("P5X", None), ("PT-5S", None),
        ("", None), ("P", None), ("PT", None), ("soon", None), ("-5s", None), ("INFINITY", None), (None, None),
        ("9" * 70, None),
    ],
)  # fmt: skip
def test_time_specifications(text: str | None, seconds: float | None) -> None:
    assert durations.seconds(text) == seconds


def snapshot(epoch: int, *, executed: int | None = None, updates: int = 0) -> Snapshot:
    date = f' execution-date="{executed}"' if executed else ""
    return read(
        cib_file(attributes=f'admin_epoch="0" epoch="{epoch}" num_updates="{updates}"{date}'), f"cib-{epoch}.xml"
    )


def test_the_newest_configuration_is_chosen_whatever_the_order() -> None:
    cibs = [snapshot(9, updates=1), snapshot(10, executed=50), snapshot(10, executed=70), snapshot(9, updates=400)]
    for ordering in (cibs, cibs[::-1]):
        config = choose(ordering, None)
        assert config is not None
        assert config.epoch == (0, 10, 0)


def test_without_a_cib_only_corosync_is_known() -> None:
    assert choose([], None) is None
    config = choose([], Corosync(cluster_name="osp"))
    assert config is not None
    assert (config.epoch, config.cluster_name) == (None, "osp")


def test_the_configuration_in_force_is_the_last_one_computed() -> None:
    cibs = [snapshot(12), snapshot(5, executed=300), snapshot(3, executed=100), snapshot(4, executed=200)]

    def at(second: int) -> tuple[int, int, int] | None:
        config = config_at(cibs, datetime.fromtimestamp(second, UTC))
        assert config is not None
        return config.epoch

    assert [at(second) for second in (0, 100, 199, 200, 999)] == [(0, 3, 0), (0, 3, 0), (0, 3, 0), (0, 4, 0), (0, 5, 0)]
    assert config_at([snapshot(12)], datetime.fromtimestamp(0, UTC)) is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside this checkout")
def test_every_cib_of_the_corpus_is_read() -> None:
    count = 0
    for archive in sorted(CORPUS.glob("*/*/*.tar.*")):
        with tarfile.open(archive) as report:
            for member in report:
                name = Path(member.name).name
                if name in {"cib.xml", "cib.xml.live"} or (name.startswith("pe-") and name.endswith(".bz2")):
                    content = report.extractfile(member)
                    assert content is not None
                    found = read(content.read(), member.name)
                    assert found.config.nodes
                    assert found.config.pacemaker
                    count += 1
    assert count > 1000
