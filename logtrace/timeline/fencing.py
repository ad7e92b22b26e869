"""FENCING: one row per fencing of a node, from the first request to the last word about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl
from msgspec import Struct

from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: Lines about one target that are further apart than this belong to different fencings.
_APART = timedelta(minutes=5)

_KINDS = (
    Kind.FENCE_REQUESTED,
    Kind.FENCE_WANTED,
    Kind.FENCE_STARTED,
    Kind.FENCE_DELEGATED,
    Kind.FENCE_DELAY,
    Kind.FENCE_DEVICE_RESULT,
    Kind.FENCE_RESULT,
    Kind.FENCE_NOTIFIED,
    Kind.FENCE_FAILED,
    Kind.FENCE_SUCCEEDED,
    Kind.FENCE_NO_DEVICE,
    Kind.FENCE_GIVING_UP,
    Kind.FENCE_CONFIRMED,
    Kind.FENCE_EXTERNAL,
    Kind.FENCE_SELF,
    Kind.FENCE_SELF_DONE,
    Kind.FENCE_DEVICE_DONE,
    Kind.FENCE_RECORDED,
    Kind.FENCE_MERGED,
    Kind.FENCE_TIMEOUT,
)

_ASKED = (
    "time", "event", "node", "kind", "target", "fence_action", "client", "device", "peer", "delay_ms", "rc", "status",
    "state",
)  # fmt: skip

#: Clients that are the cluster itself; anything else that asks is a person or a program (stonith_admin, dlm, sbd).
_CLUSTER = ("pacemaker-controld", "crmd", "pacemaker-fenced", "stonith-ng", "stonithd", "pacemaker-schedulerd")

#: Lines that follow a fencing and begin none.
_ECHOES = (Kind.FENCE_MERGED, Kind.FENCE_SUCCEEDED, Kind.FENCE_RECORDED, Kind.FENCE_NOTIFIED)

#: CMAN's fenced asks by way of fence_pcmk, which calls stonith_admin with this tag.
_CMAN = "stonith_admin.cman"


class Attempt(Struct, frozen=True):
    """What became of one run of a fence device."""

    device: str
    ended: datetime
    ok: bool


@dataclass(slots=True)
class Fencing:
    """One fencing under way or ended. `status`: ok, failed, confirmed (by a person) or unknown (no last word).

    `device`: the one that worked, else the first that is named; `tried`: what each of them came to, where the log of
    the node that ran it tells. `self_ms`: how long the target's own watchdog was given to reset it, without a device.
    """

    target: str
    requested: datetime
    ended: datetime | None = None
    status: str = "unknown"
    fence_action: str | None = None
    client: str | None = None
    device: str | None = None
    peer: str | None = None
    delay_ms: float | None = None
    self_ms: float | None = None
    tried: list[Attempt] = field(default_factory=list)
    attempts: int = 0
    failed_by: dict[str, int] = field(default_factory=dict)  # every member logs every failed request
    by_cluster: bool | None = None
    events: list[int] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """Requests that failed, as the node that logged most of them counts them."""
        return max(self.failed_by.values(), default=0)

    @property
    def fenced(self) -> datetime | None:
        """When the target was known to be down; None when it never was."""
        return self.ended if self.status in ("ok", "confirmed") else None

    @property
    def passed_over(self) -> Attempt | None:
        """The last failure of a device before another one, of the next fencing level, did it."""
        worked = {attempt.device for attempt in self.tried if attempt.ok}
        failed = [attempt for attempt in self.tried if not attempt.ok and attempt.device not in worked]
        return failed[-1] if worked and failed else None

    @property
    def seconds(self) -> float | None:
        return None if self.ended is None else (self.ended - self.requested).total_seconds()


def fencings(events: Events) -> list[Fencing]:
    """Every fencing, in order of its request. Unfencing (`on`) and device monitors are none.

    A fencing that fails and is tried again at once stays one fencing with several attempts (`failures`).
    """
    rows = events.of(*_KINDS, columns=_ASKED).filter(
        pl.col("target").is_not_null()
        & (pl.col("fence_action").is_null() | pl.col("fence_action").is_in(["reboot", "off", "poweroff", "cycle"]))
    )
    done: list[Fencing] = []
    current: dict[str, Fencing] = {}
    for row in rows.iter_rows(named=True):
        target: str = row["target"]
        fencing = current.get(target)
        asks = row["kind"] in (Kind.FENCE_REQUESTED, Kind.FENCE_WANTED, Kind.FENCE_STARTED)
        confirms = row["kind"] == Kind.FENCE_CONFIRMED
        if fencing is not None and _is_new(fencing, row["time"], asks):
            fencing = None
        if fencing is not None and fencing.fenced and row["kind"] == Kind.FENCE_RECORDED:
            continue  # what the fencer said already
        if fencing is None:
            if not asks and not confirms and row["kind"] in _ECHOES:
                continue  # an echo of a fencing that is already told
            fencing = current[target] = Fencing(target, row["time"])
            done.append(fencing)
        _tell(fencing, row)
    return done


def _is_new(fencing: Fencing, time: datetime, asks: bool) -> bool:
    last = fencing.ended or fencing.requested
    if time - last > _APART:
        return True
    return asks and fencing.fenced is not None and time - last > timedelta(seconds=2)


def _tell(fencing: Fencing, row: dict[str, object]) -> None:
    """Take one line into the account of a fencing."""
    kind, time = str(row["kind"]), row["time"]
    assert isinstance(time, datetime)
    event = row["event"]
    assert isinstance(event, int)
    fencing.events.append(event)
    for name in ("fence_action", "client", "device", "peer"):
        if row[name] is not None and (getattr(fencing, name) is None or name == "peer"):
            setattr(fencing, name, row[name])
    wait = "self_ms" if kind == Kind.FENCE_SELF else "delay_ms"
    if row["delay_ms"] is not None and getattr(fencing, wait) is None:
        setattr(fencing, wait, row["delay_ms"])
    if kind == Kind.FENCE_DEVICE_RESULT and isinstance(row["device"], str):
        attempt = Attempt(row["device"], time, row["rc"] == 0)
        fencing.tried.append(attempt)
        fencing.device = attempt.device if attempt.ok else fencing.device
    client = row["client"]
    if isinstance(client, str) and client:
        by_cluster = client.split(".")[0] in _CLUSTER or client.startswith(_CMAN)
        fencing.by_cluster = by_cluster or bool(fencing.by_cluster)
    if kind == Kind.FENCE_REQUESTED:
        fencing.by_cluster = True
    if kind == Kind.FENCE_STARTED:
        fencing.attempts += 1
    outcome = _outcome(kind, row)
    if outcome == "failed" and kind == Kind.FENCE_RESULT:
        node = str(row["node"])
        fencing.failed_by[node] = fencing.failed_by.get(node, 0) + 1
    if outcome and fencing.fenced is None:
        fencing.status, fencing.ended = outcome, time


def _outcome(kind: str, row: dict[str, object]) -> str | None:
    if kind == Kind.FENCE_CONFIRMED:
        return "confirmed"
    if kind in (Kind.FENCE_FAILED, Kind.FENCE_NO_DEVICE, Kind.FENCE_GIVING_UP):
        return "failed"
    if kind in (Kind.FENCE_SUCCEEDED, Kind.FENCE_EXTERNAL, Kind.FENCE_SELF_DONE):
        return "ok"
    if kind == Kind.FENCE_RECORDED:
        return "ok" if row["state"] == "complete" else None
    if kind == Kind.FENCE_NOTIFIED:
        return "failed" if str(row["state"] or "").startswith("not ") else "ok"
    if kind == Kind.FENCE_RESULT:
        return "ok" if str(row["status"] or "").lower().startswith(("ok", "complete", "done")) else "failed"
    return None


def fencing_frame(rows: list[Fencing]) -> pl.DataFrame:
    """FENCING: target, requested, ended, status, fence_action, client, device, peer, delay_ms, attempts, failures."""
    return pl.DataFrame(
        [
            (f.target, f.requested, f.ended, f.status, f.fence_action, f.client, f.device, f.peer, f.delay_ms,
             f.attempts, f.failures)
            for f in rows
        ],
        schema={
            "target": pl.String, "requested": pl.Datetime("us", "UTC"), "ended": pl.Datetime("us", "UTC"),
            "status": pl.String, "fence_action": pl.String, "client": pl.String, "device": pl.String,
            "peer": pl.String, "delay_ms": pl.Float64, "attempts": pl.Int64, "failures": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
