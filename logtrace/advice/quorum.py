"""Votes that are left when a node is gone."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.advice.advice import Advice
from logtrace.advice.situation import Situation
from logtrace.config.corosync import has_votequorum

_CONF = "/etc/corosync/corosync.conf"


def advise(situation: Situation) -> Iterator[Advice]:
    """A quorum device; two_node for two nodes; more nodes."""
    if not situation.true("quorum_loss") or not has_votequorum(situation.config):
        return
    corosync, nodes = situation.config.corosync, situation.nodes
    if corosync is not None and len(nodes) == 2 and not corosync.two_node:
        yield Advice(
            "two_node",
            "Say in the quorum section that the cluster has two nodes (two_node: 1): one alone keeps quorum, and "
            "fencing decides who",
            files=(_CONF,),
            saves_basis="not computed: what the remaining node would have started is not known",
            risk="only with working fencing: without it, both nodes may run everything after a cut",
        )
    if corosync is not None and corosync.quorum_device is None:
        yield Advice(
            "quorum_device",
            f"Add a vote outside the {len(nodes)} nodes (corosync-qnetd on a host of its own, named here QNETD_HOST): "
            + ("one node alone then keeps quorum" if len(nodes) == 2 else "with lms, the last node keeps quorum"),
            {
                "crm": "crm cluster init qdevice --qnetd-hostname=QNETD_HOST --qdevice-algo="
                + ("ffsplit" if len(nodes) % 2 == 0 else "lms"),
                "pcs": "pcs quorum device add model net host=QNETD_HOST algorithm="
                + ("ffsplit" if len(nodes) % 2 == 0 else "lms"),
            },
            files=(_CONF,),
            saves_basis="not computed: what the remaining nodes would have started is not known",
            risk="one more host to keep up; without fencing no partition may go on anyway",
        )
