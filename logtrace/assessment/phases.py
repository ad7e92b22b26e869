"""The stretches an outage is made of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class PhaseName(StrEnum):
    """What was going on. up: what had been lost ran, before it failed again."""

    DETECTION = "detection"
    DECISION = "decision"
    FENCING = "fencing"
    STOP = "stop"
    START = "start"
    PROMOTE = "promote"
    WAIT = "wait"
    VERIFY = "verify"
    UP = "up"


class Phase(Struct, frozen=True):
    """A stretch of an incident's critical path; phases do not overlap and leave no gap."""

    name: PhaseName
    start: Annotated[datetime, Meta(description="When it began.")]
    end: Annotated[datetime, Meta(description="When it ended, and the next one began.")]
    what: Annotated[str, Meta(description="What was waited for.")]

    @property
    def seconds(self) -> Annotated[float, Meta(description="Its length.", ge=0, extra={"after": "end"})]:
        return (self.end - self.start).total_seconds()
