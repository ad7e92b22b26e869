"""Storage that services may stand on failed under a node: a split brain of DRBD, the last path to it, a GFS2 that
withdrew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Self

from logtrace.chains.belonging import one_change
from logtrace.chains.chain import Chain
from logtrace.chains.knowledge import Knowledge
from logtrace.chains.limits import MOST_LINES
from logtrace.chains.trigger import Trigger
from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline

#: What the kernel puts before the name of a DRBD device or resource.
_DRIVER: Final = re.compile(r"^(?:block|d-con|drbd) ")


class StorageFailed(Trigger, frozen=True, eq=False, kw_only=True):
    """`device` by the name that its lines give it; `kind`: that of its lines; `why`: what the file system says."""

    device: str
    kind: Kind
    why: str = ""

    @property
    def split(self) -> bool:
        """Whether its copies differ."""
        return self.kind == Kind.STORAGE_SPLIT_BRAIN

    @classmethod
    def find(cls, timeline: Timeline, config: ClusterConfig) -> Iterator[Self]:
        """A split brain that nobody has resolved; storage no path leads to, once until it is back; a file system that
        withdrew, which it does once. One path of several is no failure yet.
        """
        for kind in (Kind.STORAGE_SPLIT_BRAIN, Kind.STORAGE_PATH, Kind.STORAGE_WITHDRAWN):
            gone: dict[tuple[str, str], list[Event]] = {}
            for event in timeline.rows.get(kind):
                device = (event.node, _DRIVER.sub("", event.device or ""))
                if event.state in ("unresolved", "gone") or kind == Kind.STORAGE_WITHDRAWN:
                    gone.setdefault(device, []).append(event)
                elif device in gone:
                    yield cls._of(device, gone.pop(device), kind)
            for device, lines in gone.items():
                yield cls._of(device, lines, kind)

    @classmethod
    def _of(cls, place: tuple[str, str], lines: list[Event], kind: Kind) -> Self:
        node, device = place
        events = tuple(line.event for line in lines)[:MOST_LINES]
        why = next((line.reason for line in lines if line.reason), None) or ""
        return cls(time=lines[0].time, node=node, events=events, device=device, kind=kind, why=why)

    def join(self, state: Knowledge) -> Chain | None:
        """Both nodes of a pair find a split brain when they meet again; a network that fails takes storage along."""
        for chain in state.recent():
            if not chain.is_fault:
                continue
            known = (trigger for trigger in chain.triggers if isinstance(trigger, StorageFailed))
            if any(trigger.kind == self.kind and self.time - trigger.time <= one_change(state) for trigger in known):
                return chain
            if any(loss.away_at(self.time) or self._is_told_with(state, loss.time) for loss in chain.losses):
                return chain
        return None

    def _is_told_with(self, state: Knowledge, time: datetime) -> bool:
        return time <= self.time <= time + one_change(state)

    @property
    def beginning(self) -> str:
        """What it means for the data; why it came to that other lines may tell."""
        if self.split:
            return (
                f"{self.node} found a split brain of {self.device}: both copies were written apart from each other, "
                "and they are replicated no more until somebody chooses one"
            )
        if self.kind == Kind.STORAGE_WITHDRAWN:
            why = f" ({self.why})" if self.why else ""
            return (
                f"{self.node} withdrew from the GFS2 file system {self.device}{why}: nothing can use it there until "
                "the node begins anew"
            )
        return f"{self.node} lost its storage {self.device}: no path leads to it"
