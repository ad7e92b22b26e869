"""The server of the quorum device heard nothing from a node any more and dropped it (corosync-qnetd)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Self

from logtrace.chains.belonging import one_change
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline
from logtrace.timeline.membership import learned_ids


class ClientDropped(Trigger, frozen=True, eq=False, kw_only=True):
    """`server`: the host that tells it; `address`: the node's. A client that closes its connection left by itself."""

    server: str
    address: str

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """Clients that sent nothing for as long as they had promised to (qnetd-dpd-timer.c). Which node that is the
        line of the disconnection tells.
        """
        told = [event for event in timeline.rows.get(Kind.QDEVICE_STATE) if event.daemon == "corosync-qnetd"]
        names = _names(timeline, config) if told else {}
        for event in told:
            if event.state != "silent" or event.address is None:
                continue
            same = [other for other in told if other.address == event.address and other.nodeid is not None]
            address = re.sub(r"^::ffff:|:\d+$", "", event.address)
            number = same[0].nodeid if same else None
            yield cls(
                time=event.time,
                node=names.get(address, address) if number is None else names.get(number, f"node id {number}"),
                events=(event.event, *[other.event for other in same if other.time >= event.time][:1]),
                server=event.node,
                address=address,
            )

    def join(self, state: Knowledge) -> Chain | None:
        """The others lose a node that fell silent as well; and all nodes fall silent to a server that is cut off."""
        chain = state.in_trouble(self.node)
        if chain is not None and chain.is_fault:
            return chain
        for other in state.recent():
            dropped = (trigger for trigger in other.triggers if isinstance(trigger, ClientDropped))
            if any(self.time - trigger.time <= one_change(state) for trigger in dropped):
                return other
        return None

    def strike(self, state: Knowledge, chain: Chain) -> None:
        """The loss of that node, which its peers tell, is the same."""
        if self.node is not None:
            state.of_node[self.node] = chain

    @property
    def beginning(self) -> str:
        """What the server saw; whether the node died or was cut off it cannot see."""
        return (
            f"{self.node} ({self.address}) fell silent: the server of the quorum device (qnetd on {self.server}) heard "
            "nothing from it any more and dropped it"
        )


def _names(timeline: Timeline, config: ClusterConfig) -> dict[str, str]:
    """Names of nodes by their ids and addresses."""
    names = {**learned_ids(timeline.events), **config.nodes}
    return {**names, **config.corosync.nodes, **config.corosync.addresses} if config.corosync else names
