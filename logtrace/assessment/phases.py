"""The stretches an outage is made of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class PhaseName(StrEnum):
    DETECTION = "detection"
    DECISION = "decision"
    FENCING = "fencing"
    STOP = "stop"
    START = "start"
    PROMOTE = "promote"
    WAIT = "wait"
    VERIFY = "verify"


class Phase(Struct, frozen=True):
    """A stretch of an incident's critical path; phases do not overlap and leave no gap."""

    name: PhaseName
    start: datetime
    end: datetime
    what: str

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()
