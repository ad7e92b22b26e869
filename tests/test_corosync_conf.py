"""corosync.conf, cmap dumps, and the timing that follows from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtrace.config import corosync
from logtrace.config.model import ClusterConfig, Corosync, Member

CONF = b"""
# a comment { not a section
totem {
    version: 2
    cluster_name: osp
    transport: knet
    token: 5000
    token_coefficient: 1000
    interface {
        linknumber: 0
    }
    interface {
        linknumber: 1
    }
}
nodelist {
    node {
        ring0_addr: 10.0.0.1
        ring1_addr: 10.1.0.1
        name: alpha
        nodeid: 1
    }
    node {
        ring0_addr: 10.0.0.2
        ring1_addr: 10.1.0.2
    }
}
quorum {
    provider: corosync_votequorum
    expected_votes: 3
    two_node: 1
    wait_for_all: 0
    device {
        model: net
        net {
            host: witness.example.com
        }
    }
}
"""

DUMP = b"""
nodelist.node.0.name (str) = alpha
nodelist.node.0.nodeid (u32) = 1
nodelist.node.0.ring0_addr (str) = 10.0.0.1
runtime.config.totem.consensus (u32) = 4380
runtime.config.totem.token (u32) = 3650
runtime.votequorum.two_node (u8) = 0
totem.cluster_name (str) = osp
totem.token (u32) = 3000
not a line of a dump
"""


def test_the_configuration_file() -> None:
    found = corosync.read_conf(CONF)
    assert found == Corosync(
        cluster_name="osp",
        transport="knet",
        token=5.0,
        token_coefficient=1.0,
        provider="corosync_votequorum",
        two_node=True,
        wait_for_all=False,
        expected_votes=3,
        quorum_device="witness.example.com",
        links=2,
        nodelist=(
            Member("alpha", "1", ("10.0.0.1", "10.1.0.1")),
            Member("10.0.0.2", None, ("10.0.0.2", "10.1.0.2")),
        ),
        nodes={"1": "alpha", "167772162": "10.0.0.2"},
        addresses={"10.0.0.1": "alpha", "10.1.0.1": "alpha", "10.0.0.2": "10.0.0.2", "10.1.0.2": "10.0.0.2"},
    )


def test_the_dump_knows_what_is_in_force() -> None:
    found = corosync.read_dump(DUMP)
    assert (found.token, found.runtime_token, found.runtime_consensus) == (3.0, 3.65, 4.38)
    assert (found.cluster_name, found.nodes) == ("osp", {"1": "alpha"})


def test_files_complete_one_another_and_the_first_has_precedence() -> None:
    merged = corosync.merge(corosync.read_conf(CONF), corosync.read_dump(DUMP), Corosync(version="3.1.7"))
    assert (merged.token, merged.runtime_token, merged.version, merged.links) == (5.0, 3.65, "3.1.7", 2)
    assert merged.nodes == {"1": "alpha", "167772162": "10.0.0.2"}
    assert corosync.merge() == Corosync()


@pytest.mark.parametrize("data", [b"", b"}}}}", b"totem {", b"totem\n{\ntoken: x\n}", b"\xff\xfe{\n: \n}" * 50])
def test_odd_files_give_the_defaults(data: bytes) -> None:
    assert corosync.read_conf(data).token is None
    assert corosync.read_dump(data) == Corosync()


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_readers(data: bytes) -> None:
    assert corosync.read_conf(b"nodelist {\nnode {\n" + data).links >= 0
    assert corosync.read_dump(b"nodelist.node.0.name (str) = a\n" + data).links >= 0


def timing(**values: object) -> tuple[float | None, float | None]:
    nodes = {str(i): f"n{i}" for i in range(int(str(values.pop("members", 2))))}
    config = ClusterConfig(corosync=Corosync(nodes=nodes, **values))  # type: ignore[arg-type]
    return corosync.token_seconds(config), corosync.consensus_seconds(config)


@pytest.mark.parametrize(
    ("values", "token", "consensus"),
    [
        ({"runtime_token": 3.65, "runtime_consensus": 4.38, "token": 1.0}, 3.65, 4.38),
        ({"token": 10.0, "consensus": 15.0}, 10.0, 15.0),
        ({"token": 3.0, "members": 3}, 3.65, 4.38),
        ({"token": 3.0, "members": 5, "token_coefficient": 0.0}, 3.0, 3.6),
        ({"version": "3.1.7"}, 3.0, 3.6),
        ({"version": "3.1.7", "members": 5}, 4.95, 5.94),
        ({"version": "3.0.4", "members": 3}, 1.65, 1.98),
        ({"version": "2.4.6"}, 1.0, 1.2),
        ({"version": "2.3.3", "members": 9}, 1.0, 1.2),
        ({"version": "1.4", "token": 5.0, "members": 4}, 5.0, 6.0),
        ({}, None, None),
    ],
)
def test_token_and_consensus(values: dict[str, object], token: float | None, consensus: float | None) -> None:
    assert timing(**values) == (token, consensus)


def test_without_corosync_there_is_no_token() -> None:
    assert corosync.token_seconds(ClusterConfig()) is None
    assert corosync.consensus_seconds(ClusterConfig()) is None


def test_the_least_consensus_of_a_token() -> None:
    assert corosync.least_consensus(5.65) == 6.78


ONE = b"nodelist {\n node {\n ring0_addr: a\n }\n}\n"


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        # knet's interfaces are options
        (b"totem {\n transport: knet\n interface {\n a: 1\n }\n interface {\n a: 2\n }\n}\n" + ONE, 1),
        (b"totem {\n interface {\n ringnumber: 0\n }\n interface {\n ringnumber: 1\n }\n}\n", 2),
        (b"totem {\n version: 2\n}\n", 0),
    ],
)  # fmt: skip
def test_links_are_counted_by_addresses_or_rings(conf: bytes, told: int) -> None:
    assert corosync.read_conf(conf).links == told


VOTES = ClusterConfig(corosync=Corosync(provider="corosync_votequorum"))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (ClusterConfig(), True),
        (VOTES, True),
        (ClusterConfig(stack="corosync"), True),
        (ClusterConfig(stack="heartbeat", corosync=VOTES.corosync), False),
        (ClusterConfig(stack="cman"), False),
        (ClusterConfig(stack="classic openais (with plugin)"), False),
        (ClusterConfig(pacemaker="1.0.9"), False),
        (ClusterConfig(pacemaker="1.1.7-1.1.8"), True),
        (ClusterConfig(corosync=Corosync(version="1.4.7")), False),
        (ClusterConfig(corosync=corosync.read_conf(b"service {\n name: pacemaker\n ver: 1\n}\n")), False),
    ],
)
def test_stacks_before_corosync_two_have_no_votequorum(config: ClusterConfig, told: bool) -> None:
    assert corosync.has_votequorum(config) is told
