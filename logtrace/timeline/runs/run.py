"""RUNS and Run: one run of an agent as a row of the table and as a value, and how far who tells of it is to be trusted.

An agent's run has many witnesses. The node that executed it saw when it began and how it ended; the DC was told; the
attribute manager counted a failure; the CIB remembers the last result; a scheduler plans to recover what had failed.
Each run stands in the table once, with the best of its witnesses (see reconcile.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.columns import UTC


class Witness(StrEnum):
    """Who tells of a run, the most trustworthy first."""

    EXECUTOR = "executor"  # the controller of the node that ran it, and its executor
    DC = "dc"  # the DC's controller, which was told
    TRANSITION = "transition"  # the DC's transition that ended with nothing left to do: when within it is not told
    CIB = "cib"  # lrm_rsc_op in a status section: the last result of an operation, to the second
    RECORD = "record"  # a failure the scheduler reads there and prints, with its own date if it prints one
    AGENT = "agent"  # the agent's own error while it ran, where nobody tells the result
    ATTRIBUTES = "attributes"  # a raised fail count: that something failed, not how
    PLAN = "plan"  # the scheduler recovers it: it had failed some time before

    @property
    def rank(self) -> int:
        """0 for the most trustworthy."""
        return _RANKS[self]

    def beats(self, other: Witness) -> bool:
        """Whether this one is to be believed where they differ."""
        return self.rank < other.rank


_RANKS: Final = {witness: rank for rank, witness in enumerate(Witness)}

#: What tells that one of them failed, without having seen the run itself.
HEARSAY: Final = (Witness.RECORD, Witness.AGENT, Witness.ATTRIBUTES, Witness.PLAN)

#: `Run.event` of a run that no line tells.
NO_EVENT: Final = -1

#: `Run.status` of a run whose result never reached the DC.
NO_RESULT: Final = "no result"

#: What makes two runs the same but for their time: who ran what.
WHO: Final = ["node", "resource", "operation"]

RUNS: Final[dict[str, pl.DataType]] = {
    "run": pl.UInt32(),  # id, 0-based, in order of end
    "node": pl.String(),  # where it ran
    "resource": pl.String(),
    "operation": pl.String(),  # a probe is a `monitor` with `probe` True
    "interval": pl.Int64(),  # milliseconds; 0: one-shot; null: recurring, how often is not told
    "call": pl.Int64(),  # the executor's call id
    "start": UTC,
    "end": UTC,
    "rc": pl.Int64(),  # null where it did not end by itself, or is not told
    "status": pl.String(),  # the executor's word in lower case where it is not `complete`
    "reason": pl.String(),  # the agent's or the executor's
    "ok": pl.Boolean(),  # null: merely cancelled
    "probe": pl.Boolean(),
    "precise": pl.Boolean(),  # the line that tells of it has fractions of a second
    "transition": pl.Int64(),  # its number on the DC that asked
    "dc_uuid": pl.String(),
    "queue_ms": pl.Float64(),  # waited in the executor
    "event": pl.UInt32(),  # the line that tells how it ended; null: none does
    "request_event": pl.UInt32(),  # the DC's line that asks for it
    "begin_event": pl.UInt32(),  # the node's own line of handing it over or beginning
    "witness": pl.String(),  # a Witness
}


#: What a witness tells that has nothing to tell.
NO_RUNS: Final = pl.DataFrame(schema={name: dtype for name, dtype in RUNS.items() if name != "run"})
_MISSING: Final = {name: pl.lit(None, dtype) for name, dtype in NO_RUNS.schema.items()}


class Run(Struct, frozen=True, eq=False):
    """A row of RUNS. `event` is NO_EVENT where no line tells of it."""

    run: int
    node: str
    resource: str
    operation: str
    interval: int | None
    call: int | None
    start: datetime
    end: datetime
    rc: int | None
    status: str | None
    reason: str | None
    ok: bool | None
    probe: bool
    precise: bool
    transition: int | None
    dc_uuid: str | None
    queue_ms: float | None
    event: int
    request_event: int | None
    begin_event: int | None
    witness: Witness

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    @property
    def timed_out(self) -> bool:
        return self.status is not None and "timed out" in self.status

    @property
    def recurring(self) -> bool:
        return self.operation == "monitor" and self.interval != 0

    @property
    def failed(self) -> bool:
        return self.ok is False


def table(frame: pl.DataFrame, witness: Witness) -> pl.DataFrame:
    """`frame` with all columns of RUNS but `run`, those it lacks null, told by `witness`."""
    if frame.is_empty():
        return NO_RUNS
    told = {name: pl.col(name).cast(RUNS[name]) for name in frame.columns if name in RUNS}
    return frame.select(**{**_MISSING, **told, "witness": pl.lit(witness.value)})


def joined(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Parts made by `table` as one, in order of time."""
    return pl.concat([part for part in parts if part.height] or [NO_RUNS]).sort("end", "event", nulls_last=False)


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """RUNS of what `joined` gives."""
    return frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("run"), *(name for name in RUNS if name != "run"))


def values(frame: pl.DataFrame) -> list[Run]:
    """The rows of RUNS as values, in their order."""
    known = {witness.value: witness for witness in Witness}
    rows = frame.with_columns(pl.col("event").cast(pl.Int64).fill_null(NO_EVENT)).iter_rows()
    return [Run(*(*row, known[witness])) for *row, witness in rows]


def is_probe() -> pl.Expr:
    """Whether an operation is one: a monitor that is run once."""
    return (pl.col("operation") == "monitor") & (pl.col("interval") == 0)
