"""Names leave a case everywhere at once, alike wherever they stand, and nothing else changes."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from logtrace.config.model import ClusterConfig, Corosync, Location, Primitive
from logtrace.domain.columns import EVENTS
from logtrace.events.store import Events
from logtrace.intake.evidence import Input
from logtrace.redaction import Redaction, learn
from logtrace.report.case import Case, Cluster, Coverage, Evidence, Frames, Incident, IncidentKind, Node, Window

NONE = pl.DataFrame({"node": []}, schema={"node": pl.String})
AGENTS = ClusterConfig(
    source="crm/osp-a/cib.xml",
    cluster_name="lab",
    properties={"cluster-name": "lab"},
    nodes={"1": "osp-a", "2": "osp-b"},
    primitives={
        "st-osp-a": Primitive("st-osp-a", "stonith", None, "fence_ipmilan", params={
            "ipaddr": "bmc-a.ipmi.example.com", "login": "jdoe", "pcmk_host_list": "osp-a osp-b"}),
        "db": Primitive("db", "ocf", "heartbeat", "mysql", params={"user": "mysql", "config": "/etc/my.cnf"}),
    },
    locations=(Location("l1", "db", "osp-b", "50"),),
    corosync=Corosync(cluster_name="lab", nodes={"1": "osp-a"}, addresses={"10.0.0.1": "osp-a"}),
)  # fmt: skip


def case(*messages: str, nodes: tuple[str, ...] = ("osp-a", "osp-b"), **more: Any) -> Case:
    """A case whose log says `messages`."""
    events = pl.DataFrame(
        {"message": messages, "node": [nodes[0]] * len(messages), "kind": ["other"] * len(messages)}
        | {"daemon": ["mysql"] * len(messages)}
    )
    events = events.with_row_index("event")
    empty = pl.DataFrame(schema={name: kind for name, kind in EVENTS.items() if name not in events.columns})
    frames = Frames(
        files=pl.DataFrame({"file": [0], "path": [f"crm/{nodes[0]}/pacemaker.log"], "node": [nodes[0]]}),
        events=Events.of_frame(pl.concat([events, empty], how="diagonal").with_columns(resource=pl.lit("db"))),
        operations=pl.DataFrame({"resource": ["db"], "node": [nodes[0]]}),
        transitions=NONE,
        membership=pl.DataFrame({"observer": [nodes[0]], "target": [nodes[-1]]}),
        fencing=pl.DataFrame({"target": [nodes[-1]], "peer": [nodes[0]]}),
    )
    made = Case(
        inputs=(Input("customers/acme/crm.tar.bz2", "archive", 1, "ab"),),
        cluster=Cluster("lab", "corosync", None, None, tuple(Node(name, True) for name in nodes), ()),
        window=Window(None, None, None, None),
        coverage=Coverage(1, 1, 1, 0),
        incidents=(),
        findings=(),
        config=None,
        frames=frames,
    )
    return replace(made, **more)


def told(made: Case, *, names: bool = False) -> list[str]:
    return learn([made], names=names).case(made).frames.events["message"].to_list()


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Node osp-a state is now lost", "Node node-1 state is now lost"),
        ("osp-b, OSP-B and osp-b.", "node-2, node-2 and node-2."),
        ("osp-a.example.com is up", "node-1.domain-1 is up"),
        ("www.example.com and mail.example.com", "host-2.domain-1 and host-1.domain-1"),
        ("the domain example.com of www.example.com", "the domain domain-1 of host-1.domain-1"),
        ("osp-a.ha.corpnet joined", "node-1.domain-1 joined"),
        ("/var/log/osp-a.log.gz of osp-ab", "/var/log/node-1.log.gz of osp-ab"),
        ("st_osp-a_off on osp-a_x", "st_node-1_off on node-1_x"),
        ("pacemaker-controld.117@osp-a", "pacemaker-controld.117@node-1"),
        ("link to 10.1.2.3:5405 from 10.1.2.30", "link to ip-1:5405 from ip-2"),
        ("vip_10_1_2_3 ip-10.1.2.3 vip-10-1-2-3 10.1.2.3", "vip_ip-1 ip-ip-1 vip-ip-1 ip-1"),
        ("from 127.0.0.1 to 0.0.0.0 mask 255.255.255.0", "from 127.0.0.1 to 0.0.0.0 mask 255.255.255.0"),
        ("version 2.1.5-a3f44794f94, 300.1.2.3", "version 2.1.5-a3f44794f94, 300.1.2.3"),
        ("[fe80::1%eth0]:5405 and FE80:0::1", "[ip-1%eth0]:5405 and ip-1"),
        ("fd00::5/64 ::ffff:10.0.0.9 ::1", "ip-2/64 ip-1 ::1"),
        ("ocf::heartbeat:IPaddr2 ocf::dead at 12:00:10", "ocf::heartbeat:IPaddr2 ocf::dead at 12:00:10"),
        ("key 13:0:0:cf64fa76-09c0-40e1-ac0a-fa869229e0a4", "key 13:0:0:cf64fa76-09c0-40e1-ac0a-fa869229e0a4"),
        ("lladdr 52:54:00:12:34:56 and 52-54-00-12-34-56", "lladdr mac-1 and mac-1"),
        ("ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff"),
        ('update-user="jdoe" by root, user=hacluster', 'update-user="user-1" by root, user=hacluster'),
        ("session opened for user jdoe(uid=1000) by jdoe", "session opened for user user-1(uid=1000) by user-1"),
        ("mail alice.b@example.com in /home/bob/x", "mail user-1@domain-1 in /home/user-2/x"),
        ("db and lab are kept", "db and lab are kept"),
        ("Failed for bob@filer7, rhost=jump9", "Failed for user-1@host-1, rhost=host-2"),
        (r"by ACME\svcx, FILER7 or filer7@", r"by host-1\user-1, FILER7 or filer7@"),
        ("ldap://dc01:389/x and DC01", "ldap://host-1:389/x and host-1"),
        ("mount filer:/export and //nas5/share", "mount host-1:/export and //host-2/share"),
        (r"\\nas4\share of dc=acme,dc=corp", r"\\host-3\share of dc=host-1,dc=host-2"),
        ("cn=Bob,ou=x,dc=acme uid=al,ou=p", "cn=user-1,ou=x,dc=host-1 uid=user-2,ou=p"),
        ("ip-10-77-1-9 vip_10_77_1_8 10-77-1-7", "ip-ip-3 vip_ip-2 ip-1"),
        ("at 2026-11-27-3 and 1.2.3-4-5-6-7", "at 2026-11-27-3 and 1.2.3-4-5-6-7"),
        ("52:54:00:aa:bb:cc 52-54-00-AA-BB-CC 5254.00aa.bbcc", "mac-1 mac-1 mac-1"),
        ("nodeid=169090601 nodeid=689837066 10.20.30.41", "nodeid=ip-1 nodeid=ip-1 ip-1"),
        ("www.xn--80ak6aa92e.xn--p1ai a.b.museum www.acme.bank", "host-2.domain-3 host-1.domain-2 host-2.domain-1"),
        ("pacemaker.service multi-user.target libfoo.so a.py", "pacemaker.service multi-user.target libfoo.so a.py"),
        ("nova.compute.manager getty@tty1.service", "nova.compute.manager getty@tty1.service"),
        ("https://portal.acme.io/z acme.io", "https://host-1.domain-1/z domain-1"),
        ("alice@acme.technology of acme.technology", "user-1@domain-1 of domain-1"),
        ("\x1f\x1e osp-a", "\ufffd\x1e node-1"),
    ],
)
def test_what_becomes_of_a_line(message: str, wanted: str) -> None:
    assert told(case(message)) == [wanted]


def test_a_node_named_after_its_domain_is_told_by_both() -> None:
    made = case("osp-a.x.example.com and osp-a", nodes=("osp-a.x.example.com", "osp-b.y.example.com"))
    hidden = learn([made]).case(made)
    assert [node.name for node in hidden.cluster.nodes] == ["node-1.domain-1", "node-2.domain-2"]
    assert hidden.frames.events["message"].to_list() == ["node-1.domain-1 and node-1"]


def test_a_pseudonym_is_never_the_name_of_something_else() -> None:
    made = case("node-1 lost node-2", nodes=("node-1", "node-2"))
    assert told(made) == ["node-3 lost node-4"]


def test_numbers_count_as_people_do() -> None:
    made = case("db10 db9 db2", nodes=("db2", "db9", "db10"))
    assert told(made) == ["node-3 node-2 node-1"]


def test_short_names_are_only_meant_in_their_own_spelling() -> None:
    assert told(case("A is a node", nodes=("A", "bc"))) == ["node-1 is a node"]


def test_the_configuration_is_redacted_with_its_own_names() -> None:
    made = case("jdoe and mysql at bmc-a.ipmi.example.com", config=AGENTS)
    redaction = learn([made])
    hidden = redaction.case(made)
    assert hidden.frames.events["message"].to_list() == ["user-1 and mysql at host-1.domain-1"]
    config = hidden.config
    assert config is not None
    assert config.source == "crm/node-1/cib.xml"
    assert list(config.nodes.values()) == ["node-1", "node-2"]
    assert config.primitives["st-node-1"].params == {
        "ipaddr": "host-1.domain-1", "login": "user-1", "pcmk_host_list": "node-1 node-2"}  # fmt: skip
    assert config.primitives["db"].agent == "ocf:heartbeat:mysql"
    assert config.corosync is not None
    assert config.corosync.addresses == {"ip-1": "node-1"}
    assert config.properties == {"cluster-name": "lab"}
    assert hidden.inputs[0].path == "crm.tar.bz2"
    assert redaction.mapping["user"] == {"jdoe": "user-1"}
    assert hidden.frames.membership.rows() == [("node-1", "node-2")]


def test_resources_and_clusters_go_on_demand() -> None:
    made = case("db of lab runs on osp-a; db_monitor_10000; dbx", config=AGENTS)
    redaction = learn([made], names=True)
    hidden = redaction.case(made)
    assert hidden.frames.events["message"][0] == (
        "resource-1 of cluster-1 runs on node-1; resource-1_monitor_10000; dbx"
    )
    assert hidden.frames.events["resource"].to_list() == ["resource-1"]
    assert hidden.config is not None
    assert hidden.config.properties == {"cluster-name": "cluster-1"}
    assert set(hidden.config.primitives) == {"resource-1", "resource-2"}


def test_codes_stay_even_where_a_node_is_called_like_one() -> None:
    incident = Incident(
        "i1", IncidentKind.FAULT, "crash of service", "service_crash", "service_crash", (), 0.9, ("service",), ("db",),
        None, None, "", None, None, None, None, None, True, None, None, (), (), (), (),
        (Evidence("e1", "crm/service/ha-log", 3, "service", None, "service died"),), (), first_error="e1",  # type: ignore[arg-type]
    )  # fmt: skip
    made = case("service", nodes=("service", "crash"), incidents=(incident,))
    hidden = learn([made]).case(made).incidents[0]
    assert (hidden.id, hidden.root_cause, hidden.first_error) == ("i1", "service_crash", "e1")
    assert hidden.title == "node-1 of node-2"
    assert hidden.evidence[0].file == "crm/node-2/ha-log"
    assert hidden.evidence[0].text == "node-2 died"


def test_a_glob_the_case_was_limited_to_is_spelled_out() -> None:
    made = case("x", window=Window(None, None, None, None, ("osp-*", "osp-b")))
    assert learn([made]).case(made).window.only == ("node-1", "node-2")


def test_two_cases_share_their_pseudonyms() -> None:
    first, second = case("osp-b"), case("osp-c and osp-b", nodes=("osp-c", "osp-b"))
    redaction = learn([first, second])
    assert redaction.case(first).frames.events["message"].to_list() == ["node-2"]
    assert redaction.case(second).frames.events["message"].to_list() == ["node-3 and node-2"]


def test_what_was_never_seen_is_hidden_all_the_same() -> None:
    redaction = learn([case("osp-a")])
    assert redaction.text("/srv/10.9.9.9/x.example.com") == "/srv/redacted/redacted"
    assert redaction.column(pl.Series(["osp-a", None, "x"])).to_list() == ["node-1", None, "x"]


def test_the_same_case_is_always_redacted_alike() -> None:
    made = case("osp-a 10.0.0.1 10.0.0.2 jdoe@example.com user=eve")
    assert learn([made]) == learn([made])
    assert isinstance(learn([made]), Redaction)


def test_any_number_of_names_of_any_length_is_replaced() -> None:
    long = "x" * 300_000
    nodes = (*(f"host{number}" for number in range(20_001)), long)
    messages = ("host20000 and host9", f"from {long} to", "host20001x")
    hidden = learn([made := case(*messages, nodes=nodes)]).case(made)
    assert hidden.frames.events["message"].to_list() == ["node-20001 and node-10", "from node-20002 to", "host20001x"]
    assert hidden.cluster.nodes[-1].name == "node-20002"


NAME = st.text("abcdefgxyz0123456789", min_size=3, max_size=8).filter(lambda name: not name.isdigit())


@settings(max_examples=50)
@given(st.lists(NAME, min_size=1, max_size=4, unique=True), st.data())
def test_no_node_is_left_whatever_stands_around_it(nodes: list[str], data: st.DataObject) -> None:
    around = st.text(" _-./:=@'\"[]()<>\x00\u202e\n", max_size=3)
    spaced = " ".join(data.draw(around) + name + data.draw(around) for name in nodes)
    made = case(spaced, nodes=tuple(nodes))
    words = set(
        told(made)[0].replace("_", " ").translate(str.maketrans("-./:=@'\"[]()<>\x00\u202e\n", " " * 17)).split()
    )
    assert not words & set(nodes)


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_text_without_names_is_never_changed(text: str) -> None:
    redaction = learn([case("x", nodes=("zzzqqq", "qqqzzz"))])
    plain = "".join(char for char in text if char not in ".:@\x1f\x1e" and not 0xD800 <= ord(char) < 0xE000)
    assert redaction.text(plain) == plain
