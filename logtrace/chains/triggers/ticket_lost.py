"""A site of a geo cluster lost the ticket that lets it run its services (booth)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline


class TicketLost(Trigger, frozen=True, eq=False, kw_only=True):
    """`ticket` by its name; `site`: who had it, by its address, None where that is the site that tells it."""

    ticket: str
    site: str | None

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """A ticket that expired because its site could not renew it (ticket_lost in booth's ticket.c); one that is
        revoked was not lost. Each site and the arbitrator tell it; what they tell before it is granted again is one.
        """
        lost: set[str] = set()
        for event in timeline.rows.get(Kind.TICKET_STATE):
            ticket = (event.text or "").partition(" ")[0]
            if event.state == "granted":
                lost.discard(ticket)
            elif event.state == "lost" and ticket not in lost:
                lost.add(ticket)
                yield cls(time=event.time, node=event.node, events=(event.event,), ticket=ticket, site=event.target)

    @property
    def beginning(self) -> str:
        """What follows depends on the ticket's loss-policy and on who gets it next."""
        where = f"at {self.site}" if self.site else f"at the site of {self.node}"
        return f"the ticket {self.ticket} was lost {where}, which could not renew it: its services may not run there"
