"""FENCING: one row per fencing of a node, from the first request to the last word about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.domain.columns import UTC
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events

#: A request that comes this long after the last word about its target is another fencing. The controller repeats what
#: failed at once, up to stonith-max-attempts times, and a request may take stonith-timeout (60 s by default) for each
#: of the devices of a level.
_APART: Final = timedelta(minutes=5)

#: Lines of several nodes about one result are this far apart: stamps of whole seconds.
_AT_ONCE: Final = timedelta(seconds=2)

_KINDS: Final = (
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

_ASKED: Final = (
    "time", "event", "node", "kind", "target", "fence_action", "client", "device", "peer", "delay_ms", "rc", "status",
    "state", "message",
)  # fmt: skip

#: Clients that are the cluster itself, and DLM, whose call of the library (stonith_api_kick) names itself so; anything
#: else that asks is a person or a program, such as stonith_admin.
_CLUSTER: Final = (
    "pacemaker-controld", "crmd", "pacemaker-fenced", "stonith-ng", "stonithd", "pacemaker-schedulerd", "stonith-api",
)  # fmt: skip

#: Lines that follow a fencing and begin none.
_ECHOES: Final = (Kind.FENCE_MERGED, Kind.FENCE_SUCCEEDED, Kind.FENCE_RECORDED)

#: What every member logs of the end of a fencing; who asked and who did it logged more before.
_RESULTS: Final = (Kind.FENCE_RESULT, Kind.FENCE_NOTIFIED)

#: Lines that are not the first about a fencing, whose request is then not at hand.
_ENDS: Final = (*_RESULTS, Kind.FENCE_DEVICE_RESULT, Kind.FENCE_DEVICE_DONE)

#: CMAN's fenced asks by way of fence_pcmk, which calls stonith_admin with this tag.
_CMAN: Final = "stonith_admin.cman"


#: What stands for a device where the client leaves the choice to the fencer.
_ANY: Final = "(any)"


#: Shorter parts are messages on their way.
_TOLD: Final = 0.1


class Attempt(Struct, frozen=True):
    """What became of one run of a fence device. `proven`: by the agent's exit status, not only that it ended."""

    device: str
    ended: datetime
    ok: bool
    proven: bool = True


@dataclass(slots=True, eq=False)
class Fencing:
    """One fencing under way or ended. `status`: ok, failed, confirmed (by a person) or unknown (no last word).

    `device`: the one that worked, else the first that is named; `tried`: what each of them came to, where the log of
    the node that ran it tells. `self_ms`: how long the target's own watchdog was given to reset it, without a device.
    `unasked`: the request is not at hand, `requested` is but the first word of it: the result.
    `by_cluster`: False where the first client is a person's program; who is not named is the cluster.

    Its time has three parts: it waits for a peer to be asked and for configured delays, until it is `begun`; then the
    device, or the watchdog, works until it has `acted`; then that must reach who asked, at `ended`.
    """

    target: str
    requested: datetime
    begun: datetime | None = None
    acted: datetime | None = None
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
    unasked: bool = False
    events: list[int] = field(default_factory=list)

    @property
    def by_hand(self) -> bool:
        """A person or a program other than the cluster asked for it, or confirmed it without any request."""
        return self.by_cluster is False

    @property
    def failures(self) -> int:
        """Requests that failed, as the node that logged most of them counts them."""
        return max(self.failed_by.values(), default=0)

    @property
    def fenced(self) -> datetime | None:
        """When the target was known to be down; None when it never was."""
        return self.ended if self.status in ("ok", "confirmed") else None

    @property
    def down_by(self) -> datetime | None:
        """When the target was down at the latest, known or not: its device had worked. The word of it may take until
        Corosync has lost the target, where that had joined again meanwhile.
        """
        return self.acted if self.fenced is not None and self.acted is not None else self.fenced

    @property
    def passed_over(self) -> Attempt | None:
        """The last failure of a device before another one, of the next fencing level, did it."""
        worked = {attempt.device for attempt in self.tried if attempt.ok}
        failed = [attempt for attempt in self.tried if not attempt.ok and attempt.device not in worked]
        return failed[-1] if worked and failed else None

    @property
    def seconds(self) -> float | None:
        """From the request to the last word; None where one of the two is not told."""
        known = self.ended is not None and not self.unasked
        return (self.ended - self.requested).total_seconds() if known and self.ended is not None else None

    @property
    def parts(self) -> tuple[float, float, float] | None:
        """Seconds of waiting, of the device's own work and of confirmation, which add up to `seconds`; None where the
        lines in between are not told.
        """
        if self.fenced is None or self.begun is None or self.acted is None:
            return None
        begun = min(self.begun, self.acted)
        spans = (begun - self.requested, self.acted - begun, self.fenced - self.acted)
        return spans[0].total_seconds(), spans[1].total_seconds(), spans[2].total_seconds()


def told_parts(fencing: Fencing) -> str:
    """The parts of a fencing's time in words, of those that can be told apart; nothing where all was the device's."""
    waited, acted, confirmed = fencing.parts or (0.0, 0.0, 0.0)
    if max(waited, confirmed) < _TOLD:
        return ""
    told = [
        (waited, "until a device began"),
        (acted, "of the device"),
        (confirmed, "until that was known to all"),
    ]
    return ", ".join(f"{seconds:.1f} s {what}" for seconds, what in told if seconds >= _TOLD)


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
        if fencing is not None and _is_new(fencing, row["time"], asks):
            fencing = None
        if fencing is not None and fencing.fenced and row["kind"] == Kind.FENCE_RECORDED:
            continue  # what the fencer said already
        if fencing is None:
            if row["kind"] in _ECHOES or _is_late(row):
                continue  # an echo of a fencing that is told elsewhere
            fencing = current[target] = Fencing(target, row["time"], unasked=row["kind"] in _ENDS)
            done.append(fencing)
        _tell(fencing, row)
    for fencing in done:
        _conclude(fencing)
    return done


def _is_late(row: dict[str, object]) -> bool:
    """Whether a line only looks back on a fencing: `Marking node2, target of a previous fencing action, as clean`."""
    return row["kind"] == Kind.FENCE_SELF and str(row["message"]).startswith("Marking")


def _conclude(fencing: Fencing) -> None:
    """What follows when nothing more is told: a device that worked did its work, though nobody says what came of it;
    and who asked is the cluster where no client is named, and no person confirmed.
    """
    worked = [attempt for attempt in fencing.tried if attempt.ok]
    if fencing.status == "unknown" and worked:
        fencing.status, fencing.ended = "ok", worked[-1].ended
    if fencing.by_cluster is None:
        fencing.by_cluster = fencing.status != "confirmed"
    if fencing.fenced is None:
        return
    if fencing.acted is not None:
        fencing.acted = min(fencing.acted, fencing.fenced)
    if fencing.begun is not None:
        fencing.begun = min(max(fencing.begun, fencing.requested), fencing.fenced)


def _is_new(fencing: Fencing, time: datetime, asks: bool) -> bool:
    """Whether a line begins another fencing of the same target. A request stays open until its last word."""
    if not asks:
        return fencing.ended is not None and time - fencing.ended > _APART
    last = fencing.ended or fencing.requested
    return time - last > (_AT_ONCE if fencing.fenced is not None else _APART)


def _tell(fencing: Fencing, row: dict[str, object]) -> None:
    """Take one line into the account of a fencing."""
    kind, time = str(row["kind"]), row["time"]
    assert isinstance(time, datetime)
    event = row["event"]
    assert isinstance(event, int)
    fencing.events.append(event)
    for name in ("fence_action", "client", "device", "peer"):
        if row[name] not in (None, _ANY) and (getattr(fencing, name) is None or name == "peer"):
            setattr(fencing, name, row[name])
    wait = "self_ms" if kind == Kind.FENCE_SELF else "delay_ms"
    if row["delay_ms"] is not None and getattr(fencing, wait) is None:
        setattr(fencing, wait, row["delay_ms"])
    _time(fencing, row, time)
    if kind in (Kind.FENCE_DEVICE_RESULT, Kind.FENCE_DEVICE_DONE):
        _try(fencing, row, time)
    if fencing.by_cluster is None:  # who asks later asks for what is under way
        fencing.by_cluster = _by_cluster(kind, row["client"])
    if kind == Kind.FENCE_STARTED:
        fencing.attempts += 1
    outcome = _outcome(kind, row)
    if outcome == "failed" and kind == Kind.FENCE_RESULT:
        node = str(row["node"])
        fencing.failed_by[node] = fencing.failed_by.get(node, 0) + 1
    if outcome and fencing.fenced is None:
        fencing.status, fencing.ended = outcome, time
        if kind == Kind.FENCE_SELF_DONE:
            fencing.acted = time


def _by_cluster(kind: str, client: object) -> bool | None:
    """Whether the cluster asks, None where a line does not tell who does."""
    if kind == Kind.FENCE_REQUESTED:
        return True
    if not isinstance(client, str) or not client:
        return None
    return client.split(".")[0] in _CLUSTER or client.startswith(_CMAN)


def _try(fencing: Fencing, row: dict[str, object], time: datetime) -> None:
    """Take the result of a device, which the peer that ran it tells and the one that asked repeats.

    Since 2.1.2 the one that asked says only whether the agent could be run: "complete" also of an agent that failed
    (fenced_process_fencing_reply). The peer's own line has the agent's exit status (log_async_result).
    """
    if not isinstance(row["device"], str):
        return
    status = str(row["status"] or "").lower()
    proven = row["rc"] is not None or not status.startswith("complete")
    attempt = Attempt(row["device"], time, row["rc"] == 0 or (row["rc"] is None and _is_good(status)), proven)
    if _is_echo(fencing, attempt):
        return
    fencing.tried.append(attempt)
    # another node's word of the same moment may stand before it
    if attempt.ok and (fencing.fenced is None or time - fencing.fenced <= _AT_ONCE):
        again = fencing.acted is not None and fencing.device == attempt.device
        fencing.device, fencing.acted = attempt.device, min(fencing.acted, time) if again and fencing.acted else time


def _is_echo(fencing: Fencing, attempt: Attempt) -> bool:
    """Whether another node's line of the same run stands before it. What that did not prove, this one corrects."""
    last = next(iter(fencing.tried[-1:]), None)
    if last is None or last.device != attempt.device or attempt.ended - last.ended > _AT_ONCE:
        return False
    if attempt.proven and not last.proven:
        fencing.tried.pop()
        if not attempt.ok and fencing.acted == last.ended:
            fencing.acted = None
        return False
    return last.ok == attempt.ok or not attempt.proven


def _time(fencing: Fencing, row: dict[str, object], time: datetime) -> None:
    """When the device, or the target's own watchdog, begins: when a peer is asked, and delays are over."""
    if fencing.fenced is not None:
        return
    delay = row["delay_ms"] if isinstance(row["delay_ms"], float) else 0.0
    if row["kind"] in (Kind.FENCE_DELEGATED, Kind.FENCE_DELAY):
        fencing.begun = time + timedelta(milliseconds=delay)
    if row["kind"] == Kind.FENCE_SELF and delay:
        fencing.begun = time


def _is_good(status: object) -> bool:
    return str(status or "").lower().startswith(("ok", "complete", "done"))


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
        return "ok" if _is_good(row["status"]) else "failed"
    return None


FENCINGS: Final[dict[str, pl.DataType]] = {
    "target": pl.String(),
    "requested": UTC,
    "begun": UTC,
    "acted": UTC,
    "ended": UTC,
    "status": pl.String(),
    "fence_action": pl.String(),
    "client": pl.String(),
    "device": pl.String(),
    "peer": pl.String(),
    "delay_ms": pl.Float64(),
    "attempts": pl.Int64(),
    "failures": pl.Int64(),
}


def fencing_frame(rows: list[Fencing]) -> pl.DataFrame:
    """FENCINGS: the fields of Fencing that are single values."""
    return pl.DataFrame(
        [tuple(getattr(fencing, name) for name in FENCINGS) for fencing in rows], schema=FENCINGS, orient="row"
    )
