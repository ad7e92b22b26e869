"""Every weakness: a cluster that has none, and what changes when one thing about it is wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from msgspec.structs import replace
from stories import case, clone, cluster, group, order, primitive, promotable

from logtrace.config import cib, corosync, texts
from logtrace.config.in_force import with_corosync, with_devices
from logtrace.config.model import ClusterConfig
from logtrace.domain.columns import EVENTS
from logtrace.events.store import Events
from logtrace.lint import CHECKS, findings
from logtrace.lint.finding import SEVERITIES, Finding
from logtrace.timeline import Timeline, build

NODES = ("node1", "node2", "node3")
DEVICE = (
    '<primitive id="st" class="stonith" type="fence_virt"><operations>'
    '<op id="st-m" name="monitor" interval="1h" timeout="60s"/></operations></primitive>'
)
DEFAULTS = {"resource-stickiness": "100", "failure-timeout": "600s"}


def nothing() -> Timeline:
    """The timeline of a case without logs."""
    return build(Events({}, {**EVENTS, "witnesses": pl.UInt16()}), {})


def nodelist(count: int, *, links: int = 2, more: str = "", provider: str = "provider: corosync_votequorum") -> str:
    """A corosync.conf of so many nodes."""
    rings = [f"    ring{link}_addr: 10.{link}.0.{{0}}\n" for link in range(links)]
    nodes = "".join(
        "  node {\n"
        + "".join(ring.format(number) for ring in rings)
        + f"    name: node{number}\n    nodeid: {number}\n  }}\n"
        for number in range(1, count + 1)
    )
    return f"totem {{\n  version: 2\n  token: 3000\n}}\nnodelist {{\n{nodes}}}\nquorum {{\n  {provider}\n{more}\n}}\n"


#: Three nodes, two links, a token of 3 s (and 0.65 s for the third node).
TWO_LINKS = nodelist(3)


def device(name: str = "st", **params: str) -> str:
    pairs = "".join(f'<nvpair id="{name}-{key}" name="{key}" value="{value}"/>' for key, value in params.items())
    inside = f'<instance_attributes id="{name}-ia">{pairs}</instance_attributes>'
    return (
        DEVICE.replace('"st"', f'"{name}"')
        .replace('"st-m"', f'"{name}-m"')
        .replace("<operations>", f"{inside}<operations>")
    )


def operation(name: str, interval: str, timeout: str = "20s", **more: str) -> str:
    rest = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f'<op id="{name}-{interval}-{rest.count(" ")}{len(rest)}" name="{name}" interval="{interval}" timeout="{timeout}"{rest}/>'  # noqa: E501


def service(name: str, *operations: str, agent: str = 'class="ocf" provider="pacemaker" type="Dummy"') -> str:
    return f'<primitive id="{name}" {agent}><operations>{"".join(operations)}</operations></primitive>'


def remembered(
    resource: str, op: str, rc: int, *, status: int = 0, took: int = 100, call: int = 7, node: int = 1,
    interval: int = 0, online: bool = True, last: str = "last_0", more: str = "",
) -> str:  # fmt: skip
    """The state of a node that remembers one operation, in milliseconds."""
    state = 'crmd="online" in_ccm="true"' if online else 'crmd="offline" in_ccm="false"'
    return (
        f'<node_state id="{node}" uname="node{node}" {state}><lrm id="{node}"><lrm_resources>'
        f'<lrm_resource id="{resource}" type="Dummy" class="ocf"><lrm_rsc_op id="{resource}_{last}" operation="{op}" '
        f'interval="{interval}" call-id="{call}" rc-code="{rc}" op-status="{status}" exec-time="{took}" {more}/>'
        "</lrm_resource></lrm_resources></lrm></node_state>"
    )


def transient(node: int, **attributes: str) -> str:
    """The state of a member with attributes that last until it restarts."""
    pairs = "".join(f'<nvpair id="t-{key}" name="{key}" value="{value}"/>' for key, value in attributes.items())
    return (
        f'<node_state id="{node}" uname="node{node}" crmd="online" in_ccm="true"><transient_attributes id="{node}">'
        f'<instance_attributes id="t">{pairs}</instance_attributes></transient_attributes></node_state>'
    )


def judged(
    *resources: str, nodes: tuple[str, ...] = NODES, conf: str = TWO_LINKS, rules: str = "", status: str = "",
    attributes: dict[str, str] | None = None, defaults: dict[str, str] | None = None, msgwait: float | None = None,
    timeline: Timeline | None = None, **properties: str,
) -> tuple[Finding, ...]:  # fmt: skip
    """The findings of a cluster of `resources` and, unless `properties` say otherwise, a fence device."""

    def pairs(values: dict[str, str], prefix: str) -> str:
        return "".join(
            f'<nvpair id="{prefix}-{key}" name="{key.replace("_", "-")}" value="{value}"/>'
            for key, value in values.items()
        )

    members = "".join(
        f'<node id="{number}" uname="{name}">'
        + (
            f'<instance_attributes id="n{number}">{pairs(attributes or {}, "a")}</instance_attributes>'
            if number == 1
            else ""
        )
        + "</node>"
        for number, name in enumerate(nodes, 1)
    )
    xml = (
        '<cib admin_epoch="0" epoch="9" num_updates="1" crm_feature_set="3.16.1"><configuration><crm_config>'
        f'<cluster_property_set id="cib-bootstrap-options">{pairs({"cluster_infrastructure": "corosync", **properties}, "p")}'  # noqa: E501
        f"</cluster_property_set></crm_config><nodes>{members}</nodes><resources>{''.join(resources)}</resources>"
        f'<constraints>{rules}</constraints><rsc_defaults><meta_attributes id="d">'
        f"{pairs(DEFAULTS if defaults is None else defaults, 'd')}</meta_attributes></rsc_defaults></configuration>"
        f"<status>{status}</status></cib>"
    )
    snapshot = cib.read(xml.encode(), source="report/node1/cib.xml")
    told = replace(corosync.read_conf(conf.encode()), source="report/corosync.conf", version="3.1.7") if conf else None
    config = with_corosync(snapshot.config, told)
    if msgwait is not None:
        config = replace(
            config, sbd=texts.sbd_timeouts(f"Timeout (watchdog) : 5\nTimeout (msgwait)  : {msgwait:.0f}\n")
        )
    return findings(config, timeline or nothing(), snapshot=snapshot)


def codes(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(each.label, each.subject) for each in found]


WEB = primitive("web")
SOUND = (DEVICE, WEB, clone("c", primitive("api", "ocf:openstack:keystone"), interleave="true"))


def test_a_sound_cluster_has_no_weakness() -> None:
    assert judged(*SOUND) == ()


def test_without_any_configuration_there_is_nothing_to_say() -> None:
    assert findings(ClusterConfig(), nothing()) == ()


def test_corosync_alone_is_judged_without_a_cib() -> None:
    config = with_corosync(ClusterConfig(), corosync.read_conf(nodelist(4, links=1).encode()))
    assert codes(findings(config, nothing())) == [("quorum-even", "quorum"), ("link-single", "corosync links")]


LONG = primitive("web", monitor=60)
QDEVICE = "  device {\n    model: net\n    net {\n      host: q\n    }\n  }\n"
#: A cluster without a nodelist, as it was usual with multicast.
MULTICAST = """totem {{
  version: 2
  interface {{
    ringnumber: 0
    bindnetaddr: 192.0.2.0
    mcastaddr: 239.255.1.1
  }}
}}
quorum {{
  provider: corosync_votequorum
  expected_votes: {}
}}
"""
PLUGIN = MULTICAST.format(2)[: MULTICAST.format(2).index("quorum")] + "service {\n  name: pacemaker\n  ver: 0\n}\n"


def sap(kind: str, *operations: str, provider: str = "suse") -> str:
    return service(f"rsc_{kind}", *operations, agent=f'class="ocf" provider="{provider}" type="{kind}"')


#: As the guides of SUSE, Red Hat, Azure and AWS for SAP HANA and SAP NetWeaver write them.
HANA = '<master id="msl"><meta_attributes id="msl-m"><nvpair id="i" name="interleave" value="true"/></meta_attributes>{}</master>'  # noqa: E501
SAP = (
    device(pcmk_delay_max="15s"),
    HANA.format(sap(
        "SAPHana", operation("start", "0", "3600"), operation("stop", "0", "3600"), operation("promote", "0", "3600"),
        operation("monitor", "60", "700", role="Master"), operation("monitor", "61", "700", role="Slave"))),
    clone("cln", sap("SAPHanaTopology", operation("monitor", "50", "600"), operation("start", "0", "600"))),
    clone("fil", sap("SAPHanaFilesystem", operation("monitor", "120", "120"))),
    sap("SAPInstance", operation("monitor", "120s", "60s"), operation("start", "0", "600s"),
        operation("stop", "0", "600s"), provider="heartbeat"),
    sap("SAPStartSrv"),
    primitive("rsc_ip", "ocf:heartbeat:IPaddr2", monitor=60),
    HANA.replace('"msl', '"mst').replace('id="i"', 'id="j"').format(sap(
        "SAPHanaController", operation("start", "0", "3600"), operation("monitor", "60", "700", role="Promoted"),
        operation("monitor", "61", "700", role="Unpromoted"))),
)  # fmt: skip
OPENSTACK = [primitive(name, f"ocf:openstack:{name}") for name in ("glance-api", "nova-api", "cinder-api")]
PLAIN = [primitive(f"m{number}") for number in range(1, 4)]
MOVED = '<rsc_location id="cli-{0}" rsc="web" node="node2" score="{1}"/>'

#: code, subject, severity, words of the sentence, (resources, everything else)
WEAK: tuple[tuple[str, str, str, str, tuple[str, ...], dict[str, Any]], ...] = (
    ("stonith-disabled", "stonith-enabled", "error", "Fencing is off", SOUND, {"stonith_enabled": "false"}),
    ("stonith-disabled", "stonith-enabled", "error", "Configure a fence device before", (WEB,), {"stonith_enabled": "false"}),  # noqa: E501
    ("stonith-no-devices", "stonith-enabled", "error", "no fence device", (WEB,), {}),
    ("stonith-node-uncovered", "node3", "error", "None of the 2 fence devices",
     (WEB, device("a", pcmk_host_list="node1 node2"), device("b", pcmk_host_map="NODE1:1;node2:2")), {}),
    ("stonith-timeout-short", "stonith-timeout", "warning", "msgwait, 60 s", SOUND, {"msgwait": 60.0}),
    ("stonith-timeout-short", "stonith-timeout", "warning", "st waits 65 s",
     (WEB, device(pcmk_delay_base="node1:5s;node2:65s")), {}),
    ("fence-race", "st", "warning", "Neither node waits", (WEB, DEVICE),
     {"nodes": NODES[:2], "conf": nodelist(2, more="  two_node: 1")}),
    ("no-quorum-policy-ignore", "no-quorum-policy", "error", "a duel", SOUND, {"no_quorum_policy": "ignore"}),
    ("two-node-off", "quorum", "error", "stops everything", (WEB, device(pcmk_delay_max="5s")),
     {"nodes": NODES[:2], "conf": nodelist(2)}),
    ("two-node-off", "quorum", "error", "can take nothing over", (WEB, device(pcmk_delay_max="5s")),
     {"nodes": NODES[:2], "conf": nodelist(2, more="  last_man_standing: 1"), "no_quorum_policy": "freeze"}),
    ("two-node-off", "quorum", "error", "stops everything", (WEB, device(pcmk_delay_max="5s")),
     {"nodes": NODES[:2], "conf": MULTICAST.format(2)}),
    ("two-node-misplaced", "quorum", "error", "there are 5", SOUND, {"conf": nodelist(5, more="  two_node: 1")}),
    ("two-node-misplaced", "quorum", "error", "refuses to start", SOUND, {"conf": nodelist(2, more=QDEVICE + "  two_node: 1")}),  # noqa: E501
    ("two-node-misplaced", "quorum", "error", "switches two_node off", SOUND,
     {"conf": nodelist(2, more="  two_node: 1\n  auto_tie_breaker: 1")}),
    ("quorum-provider-absent", "quorum", "error", "provider: corosync_votequorum", SOUND, {"conf": nodelist(3, provider="")}),  # noqa: E501
    ("node-id-duplicate", "nodeid 2", "error", "to node2 and node4", SOUND,
     {"conf": nodelist(5).replace("nodeid: 4", "nodeid: 2")}),
    ("expected-votes-low", "quorum", "error", "has 7 votes: a cold start needs only 3", SOUND, {"conf": nodelist(7, more="  expected_votes: 4")}),  # noqa: E501
    ("expected-votes-high", "quorum", "warning", "not one of them may be lost", SOUND, {"conf": nodelist(3, more="  expected_votes: 5")}),  # noqa: E501
    ("expected-votes-high", "quorum", "error", "cannot be reached", SOUND, {"conf": nodelist(3, more="  expected_votes: 6")}),  # noqa: E501
    ("no-quorum-policy-ignore", "no-quorum-policy", "error", "nothing keeps two of them", (WEB,),
     {"nodes": NODES[:2], "conf": "", "cluster_infrastructure": "heartbeat", "no_quorum_policy": "ignore", "stonith_enabled": "false"}),  # noqa: E501
    ("quorum-even", "quorum", "warning", "6 votes", SOUND, {"conf": nodelist(6, more="  last_man_standing: 1")}),
    ("link-single", "corosync links", "warning", "single link", SOUND, {"conf": MULTICAST.format(3)}),
    ("node-standby", "node2", "warning", "until it restarts", SOUND, {"status": transient(2, standby="true")}),
    ("resource-blocked", "web", "error", "Its monitor failed on node2 (gone), and on-fail is block", (DEVICE, service(
        "web", operation("monitor", "15s", on_fail="block"))),
     {"status": remembered("web", "monitor", 7, interval=15000, node=2, last="last_failure_0", more='exit-reason="gone"')}),  # noqa: E501
    ("resource-blocked", "web", "error", "Its start failed on node1", (DEVICE, service(
        "web", operation("monitor", "15s"), operation("start", "0", on_fail="block"))),
     {"status": remembered("web", "start", 1, last="last_failure_0")}),
    ("resource-blocked", "web", "error", "Its last stop on node3 failed", SOUND,
     {"status": remembered("web", "stop", 198, status=2, node=3), "stonith_enabled": "false"}),
    ("resource-blocked", "web", "error", "active on node1 and node3", (DEVICE, primitive("web", multiple_active="block")),  # noqa: E501
     {"status": remembered("web", "start", 0) + remembered("web", "monitor", 0, interval=10000, node=3)}),
    ("interval-unreadable", "web", "error", "'0:0:30'", (DEVICE, service("web", operation("monitor", "0:0:30"))), {}),
    ("monitor-absent", "web", "error", "never be noticed", (DEVICE, service("web", operation("monitor", "20s", role="Stopped"))), {}),  # noqa: E501
    ("monitor-slow", "web", "warning", "every 120 s", (DEVICE, service("web", operation("monitor", "P2M".replace("P", "PT")))), {}),  # noqa: E501
    ("wait-for-all-off", "quorum", "warning", "wait_for_all", (WEB, device(pcmk_delay_max="5s")),
     {"nodes": NODES[:2], "conf": nodelist(2, more="  two_node: 1\n  wait_for_all: 0")}),
    ("quorum-even", "quorum", "warning", "4 votes", SOUND, {"conf": nodelist(4)}),
    ("consensus-short", "consensus", "error", "at least 4.4 s", SOUND,
     {"conf": TWO_LINKS.replace("token: 3000", "token: 3000\n  consensus: 3000")}),
    ("token-short", "token", "warning", "short pause", SOUND,
     {"conf": TWO_LINKS.replace("token: 3000", "token: 300\n  token_coefficient: 0")}),
    ("token-long", "token", "info", "up to 67.4 s", SOUND, {"conf": TWO_LINKS.replace("token: 3000", "token: 30000")}),
    ("link-single", "corosync links", "warning", "single link", SOUND, {"conf": nodelist(3, links=1)}),
    ("maintenance-on", "maintenance-mode", "error", "nothing about any failure", SOUND, {"maintenance_mode": "true"}),
    ("maintenance-on", "stop-all-resources", "error", "nothing is started", SOUND, {"stop_all_resources": "true"}),
    ("maintenance-on", "node1", "warning", "in maintenance", SOUND, {"attributes": {"maintenance": "on"}}),
    ("node-standby", "node1", "warning", "in standby", SOUND, {"attributes": {"standby": "on"}}),
    ("resource-blocked", "web", "error", "it is blocked", (DEVICE, service(
        "web", operation("monitor", "10s"), operation("stop", "0", on_fail="block"))), {"status": remembered("web", "stop", 1)}),  # noqa: E501
    ("resource-unmanaged", "web", "warning", "It is unmanaged", (DEVICE, primitive("web", is_managed="false")), {}),
    ("resource-unmanaged", "g", "warning", "in maintenance", (DEVICE, group("g", WEB, maintenance="true")), {}),
    ("resource-orphan", "old", "warning", "last seen running on node1", SOUND, {"status": remembered("old", "start", 0)}),  # noqa: E501
    ("resource-stopped", "web", "info", "told to be down", (DEVICE, primitive("web", target_role="Stopped")), {}),
    ("constraint-leftover", "cli-ban-web-on-node2", "warning", "keeps it off node2", SOUND,
     {"rules": MOVED.format("ban-web-on-node2", "-INFINITY")}),
    ("constraint-leftover", "cli-prefer-web", "warning", "pulls it to node2", SOUND,
     {"rules": MOVED.format("prefer-web", "INFINITY")}),
    ("monitor-absent", "web", "error", "never be noticed", (DEVICE, primitive("web", monitor=None)), {}),
    ("monitor-absent", "web", "error", "never be noticed", (DEVICE, service("web", operation("monitor", "10s", enabled="false"))), {}),  # noqa: E501
    ("monitor-absent", "st", "warning", "fence device", (WEB, DEVICE.replace("1h", "0")), {}),
    ("monitor-role-absent", "db", "warning", "promoted role", (DEVICE, promotable("c", primitive("db"))), {}),
    ("monitor-duplicate", "web", "error", "2 of its monitors run every 10 s",
     (DEVICE, service("web", operation("monitor", "10s"), operation("monitor", "10s", role="Promoted"))), {}),
    ("monitor-slow", "web", "warning", "30 s on average and 80 s at worst", (DEVICE, LONG), {}),
    ("timeout-below-seen", "web", "warning", "Its start took 16.5 s on node1; it may take 20 s", SOUND,
     {"status": remembered("web", "start", 0, took=16500)}),
    ("timeout-below-advertised", "fs", "warning", "start 20 s (at least 60 s)", (DEVICE, primitive("fs", "ocf:heartbeat:Filesystem")), {}),  # noqa: E501
    ("timeout-below-advertised", "w", "info", "start 30 s (at least 40 s)",
     (DEVICE, primitive("w", "ocf:heartbeat:apache", timeout=30)), {"nodes": NODES[:1], "conf": ""}),
    ("script-pid-file", "old", "info", "/etc/init.d/nova", (DEVICE, primitive("old", "lsb:nova")), {}),
    ("group-large", "g", "warning", "6 members", (DEVICE, group("g", *PLAIN, *(primitive(f"n{n}") for n in range(3)))), {}),  # noqa: E501
    ("clone-interleave-off", "c2", "warning", "ordered after c1",
     (DEVICE, clone("c1", primitive("a")), clone("c2", primitive("b"))), {"rules": order("c1", "c2")}),
    ("service-single", "nova-api", "warning", "It can run on every node at once", (DEVICE, OPENSTACK[1]), {}),
    ("service-single", "g", "warning", "Its members glance-api, nova-api, cinder-api can run", (DEVICE, group("g", *OPENSTACK)), {}),  # noqa: E501
    ("service-single", "mq", "info", "a cluster of its own", (DEVICE, primitive("mq", "systemd:rabbitmq-server")), {}),
    ("threshold-forever", "rsc_defaults", "warning", "no failure-timeout", SOUND,
     {"defaults": {"resource-stickiness": "1", "migration-threshold": "3"}}),
    ("threshold-forever", "web", "warning", "After 2 failures", (DEVICE, primitive("web", migration_threshold="2")),
     {"defaults": {"resource-stickiness": "1"}}),
    ("start-failure-fatal", "start-failure-is-fatal", "info", "A single failed start", SOUND, {"defaults": {"resource-stickiness": "1"}}),  # noqa: E501
    ("start-failure-endless", "start-failure-is-fatal", "warning", "without end", SOUND, {"start_failure_is_fatal": "false"}),  # noqa: E501
    ("stickiness-absent", "resource-stickiness", "info", "moved for balance", SOUND, {"defaults": {"failure-timeout": "60s"}}),  # noqa: E501
)  # fmt: skip


@pytest.mark.parametrize(("code", "subject", "severity", "words", "resources", "rest"), WEAK)
def test_each_weakness(
    code: str, subject: str, severity: str, words: str, resources: tuple[str, ...], rest: dict[str, Any]
) -> None:
    found = [each for each in judged(*resources, **rest) if (each.label, each.subject) == (code, subject)]
    assert len(found) == 1
    (one,) = found
    assert one.severity == severity
    assert words in one.sentence
    assert one.evidence


#: What looks like a weakness and is none: code, (resources, everything else).
NONE: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    ("two-node-off", (WEB, DEVICE), {"nodes": NODES[:2], "conf": nodelist(2, more="  auto_tie_breaker: 1")}),
    ("two-node-off", (WEB, DEVICE), {"nodes": NODES[:2], "conf": nodelist(2), "no_quorum_policy": "ignore"}),
    ("two-node-off", (WEB, DEVICE), {"nodes": NODES[:2], "conf": PLUGIN, "cluster_infrastructure": "openais"}),
    ("two-node-off", (WEB, DEVICE), {"nodes": NODES[:2], "conf": nodelist(2).replace("nodeid: 2", "nodeid: 2\n    quorum_votes: 2")}),  # noqa: E501
    ("two-node-misplaced", SOUND, {"conf": nodelist(2, more="  two_node: 1")}),
    ("quorum-provider-absent", SOUND, {"conf": PLUGIN, "cluster_infrastructure": "classic openais (with plugin)"}),
    ("quorum-even", SOUND, {"conf": nodelist(6, more="  auto_tie_breaker: 1\n  auto_tie_breaker_node: highest")}),
    ("expected-votes-low", SOUND, {"conf": nodelist(5, more="  expected_votes: 3\n  allow_downscale: 1")}),
    ("expected-votes-low", SOUND, {"conf": nodelist(5, more="  expected_votes: 5")}),
    ("expected-votes-high", SOUND, {"conf": nodelist(3, more=QDEVICE + "  expected_votes: 5")}),
    ("expected-votes-high", SOUND, {"conf": nodelist(2, more="  expected_votes: 3")}),  # as many losses either way
    ("no-quorum-policy-ignore", (WEB, DEVICE), {"nodes": NODES[:2], "conf": "", "cluster_infrastructure": "cman", "no_quorum_policy": "ignore"}),  # noqa: E501
    ("no-quorum-policy-ignore", (WEB,), {"nodes": NODES[:1], "conf": "", "no_quorum_policy": "ignore"}),
    ("link-single", SOUND, {"conf": nodelist(1, links=1), "nodes": NODES[:1]}),
    ("token-long", (WEB, device().replace("fence_virt", "fence_azure_arm")), {"conf": TWO_LINKS.replace("token: 3000", "token: 29000")}),  # noqa: E501
    ("resource-blocked", SOUND, {"status": remembered("web", "stop", 1, online=False), "stonith_enabled": "false"}),
    ("resource-blocked", (DEVICE, service("web", operation("monitor", "15s", on_fail="block"))),
     {"status": remembered("web", "monitor", 7)}),  # a probe
    ("resource-blocked", (DEVICE, primitive("web", multiple_active="block")),
     {"status": remembered("web", "start", 0) + remembered("web", "start", 0, node=2, online=False)}),
    ("resource-orphan", SOUND, {"status": remembered("old", "start", 0, online=False)}),
    ("constraint-leftover", SOUND, {"rules": '<rsc_location id="cli-prefer-web" rsc="web"><rule id="r" '
        'score="INFINITY" boolean-op="and"><expression id="e" attribute="#uname" operation="eq" value="node2"/>'
        '<date_expression id="d" operation="lt" end="2026-11-27 10:00:00Z"/></rule></rsc_location>'}),
    ("monitor-absent", (DEVICE, service("web", operation("monitor", "0:0:30"))), {}),  # told by its interval
    ("monitor-absent", (WEB, DEVICE.replace("1h", "0").replace("fence_virt", "external/sbd")), {}),
    ("monitor-absent", (DEVICE, service("web", operation("monitor", "P45S"))), {}),
    ("monitor-slow", (DEVICE, service("web", operation("monitor", "PT30S"))), {}),
    ("monitor-slow", (DEVICE, primitive("web", "ocf:heartbeat:oracle", monitor=120, timeout=120)), {}),
    ("threshold-forever", SOUND, {"defaults": {"migration-threshold": "5000"}}),
    ("stonith-no-devices", (WEB,), {"have_watchdog": "true", "stonith_watchdog_timeout": "10s"}),
    ("stonith-node-uncovered", (WEB, device("a", pcmk_host_list="node1"), device("b")), {}),
    ("stonith-node-uncovered", (WEB, device("a", pcmk_host_list="node1", pcmk_host_check="dynamic-list")), {}),
    ("stonith-timeout-short", SOUND, {"msgwait": 40.0}),
    ("fence-race", (WEB, device(pcmk_delay_max="5s")), {"nodes": NODES[:2]}),
    ("fence-race", (WEB, DEVICE), {"nodes": NODES[:2], "priority_fencing_delay": "10s"}),
    ("two-node-off", (WEB, DEVICE), {"nodes": NODES[:2], "conf": nodelist(2, more="  two_node: 1")}),
    ("quorum-even", SOUND, {"conf": nodelist(4, more="  device {\n    model: net\n    net {\n      host: q\n    }\n  }")}),  # noqa: E501
    ("resource-blocked", SOUND, {"status": remembered("web", "stop", 1)}),  # fenced for it
    ("resource-blocked", SOUND, {"status": remembered("web", "stop", 0), "stonith_enabled": "false"}),
    ("resource-orphan", SOUND, {"status": remembered("old", "stop", 0)}),
    ("resource-orphan", SOUND, {"status": remembered("web", "start", 0)}),
    ("constraint-leftover", SOUND, {"rules": '<rsc_location id="web-on-2" rsc="web" node="node2" score="5"/>'}),
    ("monitor-role-absent", (DEVICE, promotable("c", service(
        "db", operation("monitor", "10s"), operation("monitor", "9s", role="Promoted")))), {}),
    ("monitor-duplicate", (DEVICE, service("web", operation("monitor", "10s"), operation("monitor", "11s"))), {}),
    ("timeout-below-seen", SOUND, {"status": remembered("web", "start", 0, took=9000)}),
    ("timeout-below-seen", SOUND, {"status": remembered("web", "monitor", 0, took=19000)}),
    ("group-large", (DEVICE, group("g", *PLAIN)), {}),
    ("group-large", (DEVICE, group("g", *PLAIN, *(primitive(f"n{n}") for n in range(3)), ordered="false")), {}),
    ("clone-interleave-off", (DEVICE, clone("c1", primitive("a")), clone("c2", primitive("b"), interleave="true")),
     {"rules": order("c1", "c2")}),
    ("clone-interleave-off", (DEVICE, clone("c1", primitive("a")), WEB), {"rules": order("c1", "web")}),
    ("service-single", (DEVICE, OPENSTACK[1]), {"nodes": NODES[:1], "conf": ""}),
    ("service-single", (DEVICE, primitive("v", "systemd:openstack-cinder-volume")), {}),
    ("service-single", (DEVICE, primitive("nova-api")), {}),  # an id is no agent
    ("script-pid-file", (DEVICE, primitive("old", "systemd:nova")), {}),
    ("threshold-forever", SOUND, {"defaults": {"migration-threshold": "3", "failure-timeout": "60"}}),
    ("start-failure-endless", SOUND, {"start_failure_is_fatal": "false", "defaults": {"migration-threshold": "3"}}),
    ("token-short", SOUND, {"conf": ""}),
)  # fmt: skip


@pytest.mark.parametrize(("code", "resources", "rest"), NONE)
def test_what_looks_weak_and_is_not(code: str, resources: tuple[str, ...], rest: dict[str, Any]) -> None:
    assert code not in [each.label for each in judged(*resources, **rest)]


def test_values_that_the_vendor_of_the_service_prescribes_are_no_weakness() -> None:
    found = judged(
        *SAP, nodes=NODES[:2], conf=nodelist(2, more="  two_node: 1"),
        defaults={"resource-stickiness": "1000", "migration-threshold": "5000", "failure-timeout": "600"},
    )  # fmt: skip
    assert found == ()


def test_the_same_intervals_of_other_services_are_rare() -> None:
    address = primitive("ip", "ocf:heartbeat:IPaddr2", monitor=60)
    assert codes(judged(DEVICE, LONG, address)) == [("monitor-slow", "web"), ("monitor-slow", "ip")]


def test_a_monitor_of_the_stopped_role_replaces_no_other() -> None:
    """A template's monitor stays beside an own one for nodes where the resource must not run (template_op_key)."""
    base = service("base", operation("monitor", "12s")).replace("primitive", "template")
    own = f'<primitive id="web" template="base"><operations>{operation("monitor", "47s", role="Stopped")}</operations></primitive>'  # noqa: E501
    assert judged(DEVICE, base, own) == ()


def test_a_template_in_a_set_stands_for_its_primitives() -> None:
    base = service("base", operation("monitor", "12s")).replace("primitive", "template")
    members = '<primitive id="a" template="base"/><primitive id="b" template="base"/>'
    rules = '<rsc_colocation id="c" score="INFINITY"><resource_set id="s"><resource_ref id="base"/></resource_set></rsc_colocation>'  # noqa: E501
    assert judged(DEVICE, base, members, rules=rules) == ()


def test_what_only_logs_tell_of_a_fence_device_is_no_weakness_of_it() -> None:
    config = with_devices(choice_of(WEB), ["kdump"])
    assert [one.label for one in findings(config, nothing()) if one.subject == "kdump"] == []


def choice_of(*resources: str) -> ClusterConfig:
    xml = f'<cib epoch="1"><configuration><resources>{"".join(resources)}</resources></configuration></cib>'
    return cib.read(xml.encode(), source="cib.xml").config


def test_nobody_is_told_of_two_node_where_it_does_not_exist() -> None:
    found = judged(
        WEB, nodes=NODES[:2], conf=PLUGIN, cluster_infrastructure="openais", no_quorum_policy="ignore",
        stonith_enabled="false",
    )  # fmt: skip
    assert not [one for one in found if "two_node" in one.sentence + " ".join(one.commands.values())]


REMOTE = '<node id="far" uname="far" type="remote"/><node id="b-0" uname="b-0" type="remote"/></nodes>'
BUNDLE = '<bundle id="b"><podman image="i"/><network/>{}</bundle>'


def test_remote_nodes_do_not_vote_and_guests_are_fenced_with_what_they_live_in() -> None:
    """A pair with a remote node is a pair; the remote node needs a device, a replica of a bundle does not."""
    xml = cluster(
        device(pcmk_host_list="node1 node2"), primitive("web", "systemd:web"), BUNDLE.format(WEB.replace("web", "in")),
        nodes=NODES[:2], stonith_enabled="true",
    ).replace("</nodes>", REMOTE)  # fmt: skip
    config = cib.read(xml.encode(), source="cib.xml").config
    found = codes(findings(config, nothing()))
    assert ("fence-race", "st") in found
    assert [subject for code, subject in found if code == "stonith-node-uncovered"] == ["far"]


def test_a_minute_is_what_pacemaker_advertises_for_units() -> None:
    (one,) = judged(DEVICE, primitive("web", "systemd:web", monitor=60, timeout=100))
    assert (one.label, one.severity) == ("monitor-slow", "info")


def test_a_later_success_ends_a_block() -> None:
    failed = remembered("web", "monitor", 7, interval=15000, last="last_failure_0")
    resource = service("web", operation("monitor", "15s", on_fail="block"))
    assert "resource-blocked" in [one.label for one in judged(DEVICE, resource, status=failed)]
    again = '<lrm_rsc_op id="web_last_0" operation="start" interval="0" call-id="9" rc-code="0" op-status="0"/>'
    assert "resource-blocked" not in [
        one.label
        for one in judged(DEVICE, resource, status=failed.replace("</lrm_resource>", f"{again}</lrm_resource>"))
    ]


def test_every_code_is_tested() -> None:
    assert {code for code, *_ in WEAK} == {check.code for check in CHECKS}


def test_the_worst_comes_first() -> None:
    found = judged(LONG, stonith_enabled="false", maintenance_mode="true", defaults={})
    order_of = [SEVERITIES.index(each.severity) for each in found]  # type: ignore[arg-type]
    assert len(set(order_of)) == 3
    assert order_of == sorted(order_of)


def test_commands_use_the_clusters_own_names() -> None:
    (one,) = judged(DEVICE, primitive("web.server-1", monitor=None))
    assert one.commands["pcs"] == "pcs resource op add web.server-1 monitor interval=10s timeout=20s"
    (one,) = judged(DEVICE, LONG)
    assert one.commands["crm"] == "crm configure set web.monitor.interval 10s"
    assert one.evidence == ("report/node1/cib.xml",)


# --- what logs add ------------------------------------------------------------------------------------

UP = """
12:00:00.000 node2 plan 0: Start web ( node1 )
12:00:{end} node1 web start in {seconds}s: {words}
12:00:50.000 node2 done 0
"""


def seen(story: str, *resources: str, **rest: Any) -> tuple[Finding, ...]:
    """The findings of a cluster to which `story` happened."""
    return judged(*(resources or SOUND), timeline=case(story).timeline, **rest)


@pytest.mark.parametrize(
    ("seconds", "words", "told"),
    [
        (18, "ok", "Its start took 18 s on node1; it may take 20 s."),
        (25, "ok", "Its start took 25 s on node1; it may take 20 s."),
        (20, "Timed Out", "Its start ran into its timeout of 20 s once; how long it needs is not known."),
        (10, "ok", None),
    ],
)
def test_timeouts_are_held_against_what_was_seen(seconds: int, words: str, told: str | None) -> None:
    found = seen(UP.format(end=f"{seconds + 1}.000", seconds=seconds, words=words))
    assert [each.sentence for each in found if each.label == "timeout-below-seen"] == ([told] if told else [])


def test_a_timeout_is_raised_to_twice_what_was_seen() -> None:
    found = seen(UP.format(end="19.000", seconds=18, words="ok"))
    assert found[0].commands["crm"] == "crm configure set web.start.timeout 40s"


PAUSED = """
12:00:00.000 node1 corosync MAIN warning: Corosync main process was not scheduled for {0} ms (threshold is 2400.0000 ms). Consider token timeout increase.
"""  # noqa: E501


@pytest.mark.parametrize(("pause", "told"), [("3100.5", True), ("2000.0", False), ("90000.0", False)])
def test_pauses_that_reach_the_token_ask_for_a_longer_one(pause: str, told: bool) -> None:
    found = [each for each in seen(PAUSED.format(pause)) if each.label == "token-short"]
    assert [each.commands["pcs"] for each in found] == (["pcs cluster config update totem token=5000"] if told else [])


def test_fencing_that_took_nearly_its_time_asks_for_more() -> None:
    story = "12:00:00.000 node2 lose node1\n12:00:55.000 node2 fence node1 in 54s: OK\n"
    (one,) = [each for each in seen(story) if each.label == "stonith-timeout-short"]
    assert "fencing node1 took" in one.sentence
    assert one.commands["crm"] == "crm configure property stonith-timeout=110s"


OLD = primitive("old", "lsb:nova")
STARTED = """
12:00:00.000 node2 plan 0: Start old ( node1 )
12:00:02.000 node1 old start in 1s: ok
12:00:02.100 node1 old monitor 10s asked: {0}
12:00:02.300 node2 done 0
"""


def test_a_script_whose_status_denies_what_it_started() -> None:
    (one,) = [each for each in seen(STARTED.format("not running"), DEVICE, OLD) if each.label == "script-pid-file"]
    assert one.severity == "error"
    assert "did not find it" in one.sentence


def test_a_script_whose_status_finds_what_it_started_is_trusted() -> None:
    assert "script-pid-file" not in [each.label for each in seen(STARTED.format("ok"), DEVICE, OLD)]


def test_lines_are_cited_by_file_and_number() -> None:
    told = case(UP.format(end="19.000", seconds=18, words="ok"))
    found = findings(with_corosync(cib.read(b"<cib><configuration><resources>" + WEB.encode() + b"</resources>"
        b"</configuration><status/></cib>", source="c").config, None), told.timeline,
        files=told.record.files)  # fmt: skip
    (one,) = [each for each in found if each.label == "timeout-below-seen"]
    path, _, line = one.evidence[-1].rpartition(":")
    assert "Result of start operation for web" in told.files[path].splitlines()[int(line) - 1]


def test_a_millisecond_is_no_reason() -> None:
    """Corosync rounds consensus to whole milliseconds."""
    conf = TWO_LINKS.replace("token: 3000", "token: 3333\n  token_coefficient: 0\n  consensus: 3999")
    assert judged(*SOUND, conf=conf) == ()
    assert timedelta(seconds=3.9996) > timedelta(seconds=3.999)
