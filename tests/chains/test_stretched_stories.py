"""The same story with all its times ten and a hundred times as long, and its configuration alike, has the same causes:
nothing is bounded by seconds of ours.
"""

from __future__ import annotations

import re

import pytest
from stories import at, case, clone, cluster, fence_device, primitive

from logtrace.report.case import IncidentKind

BEGIN = at("12:00:00")
PEERS = ("node1", "node2", "node3")


def stretched(story: str, factor: int) -> str:
    """Every time of `story` so many times as far from noon."""

    def later(found: re.Match[str]) -> str:
        return f"{BEGIN + (at(found[1]) - BEGIN) * factor:%Y-%m-%d %H:%M:%S.%f}"

    def longer(found: re.Match[str]) -> str:
        return f"monitor {int(found[1]) * factor}s"

    story = re.sub(r"^\s*(\d\d:\d\d:\d\d(?:\.\d+)?)", later, story, flags=re.MULTILINE)
    return re.sub(r"\bmonitor (\d+)s", longer, story)


def corosync(factor: int) -> str:
    return f"totem {{\n  version: 2\n  cluster_name: lab\n  token: {1000 * factor}\n  consensus: {1200 * factor}\n}}\n"


def ping(factor: int) -> str:
    return (
        '<primitive id="p_ping" class="ocf" provider="pacemaker" type="ping"><instance_attributes id="p_ping-ia">'
        f'<nvpair id="p_ping-d" name="dampen" value="{5 * factor}s"/></instance_attributes><operations>'
        f'<op id="p_ping-m" name="monitor" interval="{10 * factor}s" timeout="{20 * factor}s"/>'
        "</operations></primitive>"
    )


#: A card fails, the ping agent notices at its next run, attrd dampens, the scheduler moves what needs the network.
NETWORK = """
12:00:01.000 node1 db start in 0.01s: ok
12:02:30.000 node1 corosync TOTEM: Marking ringid 1 interface 10.0.8.31 FAULTY
12:02:45.000 node1,node2 attrd: Setting pingd[node1]: 1000 -> 0 | from node1 with 5s write delay
12:02:50.240 node2 plan 7: Move db ( node1 -> node2 )
12:02:50.800 node1 db stop in 0.01s: ok
12:02:51.900 node2 db start in 0.01s: ok
12:02:52.000 node2 done 7
"""

#: One failure after the other until the threshold is reached, and the move that follows.
FLAPS = """
12:00:01.000 node1 db start in 0.01s: ok
12:01:00.000 node1 db monitor 10s: not running
12:01:00.100 node2 plan 4: Recover db ( node1 )
12:01:00.300 node1 db stop in 0.01s: ok
12:01:01.000 node1 db start in 0.01s: ok
12:01:01.100 node2 done 4
12:01:12.000 node1 db monitor 10s: not running
12:01:12.090 node2 schedulerd warning: db cannot run on node1 due to reaching migration threshold (clean up resource to allow again) | failures=2 migration-threshold=2
12:01:12.100 node2 plan 5: Recover db ( node1 -> node2 )
12:01:12.300 node1 db stop in 0.01s: ok
12:01:13.000 node2 db start in 0.01s: ok
12:01:13.100 node2 done 5
"""  # noqa: E501

#: The network between two sides fails; both tell of it, and both go on.
PARTED = """
12:00:01.000 node1 db start in 0.01s: ok
12:02:00.000 node1 corosync KNET: link: host: 2 link: 0 is down
12:02:00.050 node1 corosync KNET: host: host: 2 has no active links
12:02:02.100 node1,node3 lose node2
12:02:02.100 node2 lose node1,node3
12:02:30.000 node2 attrd: Setting one[node2]: (unset) -> 1 | from node2
12:03:00.000 node1,node3 see node2
"""

#: The DC dies; another is elected and plans.
DC_DIES = """
12:00:01.000 node1 db start in 0.01s: ok
12:02:00.000 node2,node3 lose node1
12:02:00.500 node2 fence node1 in 0.3s: OK
12:02:00.600 node2 plan 1: Recover db ( node1 -> node2 )
12:02:00.700 node2 db start in 0.01s: ok
12:02:01.000 node2 done 1
"""

#: A stop fails and its node is fenced for it.
STOP = """
12:00:01.000 node1 db start in 0.01s: ok
12:02:00.000 node1 db monitor 10s: not running
12:02:00.100 node2 plan 4: Recover db ( node1 )
12:02:00.300 node1 db stop in 0.01s: error
12:02:00.400 node2 plan 5: Fence node1 (reboot) 'db failed to stop'
12:02:03.000 node2 fence node1 in 0.3s: OK
12:02:03.100 node2,node3 lose node1
12:02:04.000 node2 db start in 0.01s: ok
12:02:04.100 node2 done 5
"""

#: A daemon dies and is started again.
DAEMON = """
12:00:01.000 node1 db start in 0.01s: ok
12:02:00.000 node1 pacemakerd warning: pacemaker-controld[117] terminated with signal 9 (KILL)
12:02:00.100 node1 pacemakerd: Respawning pacemaker-controld subdaemon after unexpected exit
"""


def told(name: str, story: str, factor: int) -> set[tuple[str, str, str, tuple[str, ...]]]:
    cib = cluster(
        primitive("db", "ocf:heartbeat:mysql", monitor=10 * factor, timeout=20 * factor, migration_threshold="2"),
        clone("c_ping", ping(factor)),
        fence_device(),
        nodes=PEERS,
    )
    dc = "node1" if name == "dc" else "node2"
    found = case(stretched(story, factor), cib=cib, corosync=corosync(factor), nodes=PEERS, dc=dc)
    slow = {"slow_detection", "cold_failover", "slow_fencing", "dc_loss"}  # these are measured in seconds
    return {
        (one.kind.value, one.trigger, one.trigger if one.root_cause in slow else one.root_cause, one.nodes)
        for one in found.incidents
    }


@pytest.mark.parametrize("factor", [10, 100])
@pytest.mark.parametrize(
    ("name", "story", "label"),
    [
        ("network", NETWORK, "network_partition"),
        ("flaps", FLAPS, "flapping"),
        ("parted", PARTED, "network_partition"),
        ("dc", DC_DIES, "node_failure"),
        ("stop", STOP, "stop_failure"),
        ("daemon", DAEMON, "daemon_crash"),
    ],
)
def test_a_stretched_story_has_the_same_causes(name: str, story: str, label: str, factor: int) -> None:
    once = told(name, story, 1)
    assert [label in (trigger, root) for kind, trigger, root, _ in once if kind == IncidentKind.FAULT] == [True]
    assert told(name, story, factor) == once
