"""The year and the zone of a node's local times, recovered from epochs that the daemons print.

pacemaker.log and traditional syslog print neither. An anchor is a line whose local time and true epoch are both
known, for instance `Processing graph 4 (ref=pe_calc-pacemaker-controld-1795365638-38)` (pacemaker-controld,
do_te_invoke). Its epoch minus its naive local time is the node's UTC offset, and its year is the node's year.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import polars as pl
from msgspec import Struct

from logtrace.domain.columns import NAIVE, NO_YEAR
from logtrace.domain.kinds import Kind
from logtrace.domain.zones import EAST, WEST
from logtrace.errors import UsageError
from logtrace.events.store import Events

#: Zones are whole quarters of an hour; a printed epoch lags its line by less than this many seconds.
_QUARTER = 900
_TOLERANCE = 120
_LAST = 1 << 33  # the year 2242; an epoch behind it is damage
#: The rank of an epoch that is of another node's clock.
_FOREIGN = 9
#: Years in which there is a 29 February for certain, before and behind any: it is left out once in a hundred years.
_LEAP = 8
#: Anchors of a node that are looked at: the best ones, and the first of them.
_LOOKED_AT = 500
#: A date with its year within a message. `2021-02-16 03:10:06,858` is an agent's, `Jul  1 15:51:03 2022` a daemon's.
_FULL_DATE = (
    r"((?:\bat |last-rc-change='?)?(?:[A-Z][a-z][a-z] )?"
    r"(?:(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"|[A-Z][a-z][a-z] [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} (?:19|20)[0-9]{2}))(?:[^0-9]|$)"
)
_RECORDED = re.compile(r"(at |last-rc-change='?)?(?:[A-Z][a-z]{2} (?=[A-Z]))?(.*)")
#: No cluster is older, and no more lines with dates are looked at.
_FIRST_YEAR = 1998
_MANY = 100_000


_ANCHORS = {"node": pl.String(), "local": NAIVE, "epoch": pl.Float64(), "source": pl.String(), "rank": pl.Int8()}


class Anchor(Struct, frozen=True):
    """A local time of `node` (naive, year NO_YEAR when unknown) that is known to be `epoch`."""

    node: str
    local: datetime
    epoch: float
    source: str


class LocalClock(Struct, frozen=True):
    """How local times of a node become UTC: subtract `offset` after putting in the year.

    `year`: of the node's anchor, at local time `anchor`; `source` and `zone_source` say where they come from;
    `sure` is False when one of them was assumed.
    """

    node: str | None
    offset: timedelta
    zone: str
    year: int
    anchor: datetime
    source: str
    zone_source: str
    sure: bool


def anchors_from_events(events: Events, *, unzoned: bool = False) -> pl.DataFrame:
    """Anchors in the events themselves: columns node, local, epoch (Float64), source, rank (0 is best).

    `unzoned`: only those in lines of a node whose header prints no offset.
    """
    ref_epoch = pl.col("ref").str.extract(r"-([0-9]{9,11})-[0-9]+$").cast(pl.Float64)
    value_epoch = pl.col("value").str.extract(r"^([0-9]{9,11})$").cast(pl.Float64)
    # all nodes print an attribute, and its epoch is of the clock of the one whose attribute it is
    foreign = (pl.col("value").is_not_null() & (pl.col("target") != pl.col("node"))).fill_null(value=False)
    printed = pl.col("epoch").cast(pl.Float64)
    wanted = pl.col("offset_s").is_null() & pl.col("node").is_not_null() if unzoned else pl.lit(True)
    sources: tuple[tuple[str, pl.Expr, int, tuple[Kind, ...]], ...] = (
        ("scheduler reference", ref_epoch, 0, (Kind.TE_START, Kind.SCHED_OBSOLETE)),
        ("corosync pause line", pl.when(printed > 1e11).then(printed / 1000), 0, (Kind.COROSYNC_NOT_SCHEDULED,)),
        ("fail-count epoch", printed, 1, (Kind.FAILCOUNT_UPDATE,)),
        ("last-failure attribute", value_epoch, 2, (Kind.LASTFAILURE_SET,)),
        ("shutdown attribute", value_epoch, 2, (Kind.ATTR_SHUTDOWN,)),
    )
    parts = [
        events.of(*kinds, columns=("node", "local", "offset_s", "ref", "value", "epoch", "target"))
        .filter(wanted)
        .select(
            "node",
            "local",
            epoch.alias("epoch"),
            pl.lit(name).alias("source"),
            rank=pl.when(foreign).then(_FOREIGN).otherwise(rank).cast(pl.Int8),
        )
        .filter(pl.col("local").is_not_null() & pl.col("epoch").is_between(0, _LAST))
        for name, epoch, rank, kinds in sources
        if events.has(*kinds)
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=_ANCHORS)


def anchors_of_stores(stored: Iterable[tuple[str, datetime, str]]) -> pl.DataFrame:
    """Anchors in what log stores say of lines that have a time of their own: node, local time, and the stamp of the
    store. One without an offset anchors nothing, for it may be of any zone.
    """
    rows = [(node, local, epoch) for node, local, text in stored if (epoch := _epoch_of(text)) is not None]
    told = pl.DataFrame(rows, {"node": pl.String, "local": NAIVE, "epoch": pl.Float64}, orient="row")
    return told.with_columns(source=pl.lit("the log store's stamps"), rank=pl.lit(3, pl.Int8))


def _epoch_of(text: str) -> float | None:
    """The epoch of an ISO time with an offset, or of digits: seconds, or thousandths, millionths and so on of them."""
    if digits := re.fullmatch(r"(\d{10})\.?(\d*)", text):
        return float(f"{digits[1]}.{digits[2] or 0}")
    spelled = re.sub(r"[.,](\d{1,6})\d*", r".\1", text.replace("/", "-").replace(" ", "T", 1)).replace(" ", "")
    try:
        time = datetime.fromisoformat(spelled.replace("UTC", "Z").replace("GMT", "Z"))
    except ValueError:
        return None
    offset = time.utcoffset()
    return time.timestamp() if offset is not None and WEST <= offset.total_seconds() <= EAST else None


def printed_years(events: Events) -> dict[str, tuple[datetime, str]]:
    """Of each node whose lines have no year the latest moment, by its own clock, that a date with a year in a message
    proves: a recorded failure is not later than the line that tells it, and a program's own stamp is of the line's
    time, to the minute. With the words for where it was found.
    """
    lines = events.select("node", "local", "message").filter(pl.col("local").dt.year() == NO_YEAR).drop_nulls()
    told = pl.col("message").str.extract(_FULL_DATE)
    dated = lines.filter(pl.col("message").str.contains(_FULL_DATE)).select("node", "local", told=told)
    found: dict[str, tuple[datetime, str]] = {}
    for node, local, text in dated.unique(maintain_order=True).head(_MANY).iter_rows():
        recorded, date = _RECORDED.match(text).groups()  # type: ignore[union-attr]
        moment = _moment(date)
        if moment is None:
            continue
        # clocks of two nodes differ a little, and a stamp is of the second before
        early = moment - timedelta(seconds=_TOLERANCE)
        written = _first_from(local, early)
        if not recorded and written - moment > timedelta(seconds=_TOLERANCE):
            continue
        if node not in found or written > found[node][0]:
            found[node] = (written, f"a date in the lines: {date}")
    return found


def _moment(text: str) -> datetime | None:
    """A full date as agents and daemons print it."""
    for layout in ("%Y-%m-%d %H:%M:%S", "%b %d %H:%M:%S %Y"):
        try:
            moment = datetime.strptime(text, layout)  # noqa: DTZ007 - of the clock that wrote it
        except ValueError:
            continue
        return moment if moment.year >= _FIRST_YEAR else None
    return None


def _first_from(local: datetime, moment: datetime) -> datetime:
    """`local` in the first year that does not bring it before `moment`."""
    options = [in_year(local, moment.year + step) for step in range(_LEAP + 2)]
    return next(option for option in options if option is not None and option >= moment)


def local_clocks(
    anchors: pl.DataFrame,
    spans: pl.DataFrame,
    *,
    printed: Mapping[str, tuple[datetime, str]] | None = None,
    hints: Sequence[tuple[str | None, int, str]] = (),
    zone: tzinfo | None = None,
    year: int | None = None,
    now: datetime | None = None,
) -> dict[str, LocalClock]:
    """One LocalClock per node in `spans` (columns node, last: the latest local time of the node).

    `printed`: see printed_years. `hints`: (node or None for all, epoch seconds at or shortly after the end of the logs,
    source), e.g. file times; they give a year only. `zone`, `year`: what the user said, which always wins. Nothing
    known: UTC and the current year, marked as assumed.
    """
    now = now or datetime.now(UTC)
    clocks: dict[str, LocalClock] = {}
    last_of = dict(spans.select("node", "last").iter_rows())
    own = _by_node(anchors.filter(pl.col("rank") < _FOREIGN))
    foreign = _by_node(anchors.filter(pl.col("rank") == _FOREIGN))
    anchored = {node: clock for node in own if node in last_of and (clock := _from_anchors(node, own, zone, year))}
    shared = {clock.offset for clock in anchored.values()}
    for node, last in last_of.items():
        clock = anchored.get(node) or _from_anchors(node, foreign, zone, year)
        if clock is None or (shared and clock.offset not in shared):  # else its clock is off, and not in another zone
            told = printed.get(node) or next(iter(printed.values()), None) if printed else None
            clock = _from_hints(node, last, hints, zone, year, now, told)
        clocks[node] = clock
    sure = [clock for clock in clocks.values() if clock.sure]
    if sure:
        for node, clock in clocks.items():
            if not clock.sure:
                clocks[node] = _borrow(clock, sure[0], last_of[node])
    return clocks


def _by_node(anchors: pl.DataFrame) -> dict[str | None, list[tuple[datetime, float, str]]]:
    """Of each node local time, epoch and source of its anchors, the best first."""
    found: dict[str | None, list[tuple[datetime, float, str]]] = {}
    best = anchors.sort("rank", "local", maintain_order=True).group_by("node", maintain_order=True).head(_LOOKED_AT)
    for node, *anchor in best.select("node", "local", "epoch", "source").iter_rows():
        found.setdefault(node, []).append((anchor[0], anchor[1], anchor[2]))
    return found


def _from_anchors(
    node: str | None,
    anchors: Mapping[str | None, Sequence[tuple[datetime, float, str]]],
    said: tzinfo | None,
    year: int | None,
) -> LocalClock | None:
    """The offset most of the node's `anchors` agree on, and the year of the best of those."""
    candidates = []
    for local, epoch, source in anchors.get(node, ()):
        true = datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None)
        guess = nearest_year(local, true)
        seconds = (guess - true).total_seconds()
        quarter = round(seconds / _QUARTER) * _QUARTER
        if abs(seconds - quarter) <= _TOLERANCE and WEST <= quarter <= EAST:
            candidates.append((quarter, guess, source))
    if not candidates:
        return None
    quarters = [quarter for quarter, _, _ in candidates]
    best = max(set(quarters), key=quarters.count)
    _, guess, source = next(item for item in candidates if item[0] == best)
    offset = timedelta(seconds=best)
    zone_source = source
    if said is not None:
        offset, zone_source = said.utcoffset(guess) or timedelta(), "as told"
    if year is not None:
        guess, source = _told(guess, year), "as told"
    return LocalClock(node, offset, zone_name(offset), guess.year, guess, source, zone_source, True)


def _from_hints(
    node: str | None,
    last: datetime,
    hints: Sequence[tuple[str | None, int, str]],
    said: tzinfo | None,
    year: int | None,
    now: datetime,
    printed: tuple[datetime, str] | None,
) -> LocalClock:
    """No epoch in the lines: the year of a date they print, else the one that puts the last line just before the best
    hint, in the zone told or UTC.
    """
    mine = [hint for hint in hints if hint[0] in (node, None)] or list(hints)
    epoch, source = (mine[0][1], mine[0][2]) if mine else (now.timestamp(), "assumed: the current year")
    limit = datetime.fromtimestamp(epoch, UTC).replace(tzinfo=None) + timedelta(days=2)
    if last.year != NO_YEAR:
        guess, source = last, "printed"
    elif printed and not year:
        guess, source = nearest_year(last, printed[0]), printed[1]
    else:
        guess = _told(last, year) if year else latest_before(last, limit)
    offset = (said.utcoffset(guess) if said is not None else None) or timedelta()
    zone_source = "as told" if said is not None else "assumed: UTC"
    return LocalClock(
        node,
        offset,
        zone_name(offset),
        year or guess.year,
        guess,
        "as told" if year else source,
        zone_source,
        (bool(mine or printed) or last.year != NO_YEAR or year is not None) and said is not None,
    )


def _told(local: datetime, year: int) -> datetime:
    """`local` in the year the user told; raises UsageError for a 29 February in a year that has none."""
    moment = in_year(local, year)
    if moment is None:
        raise UsageError(f"there is a line of 29 February, which {year} did not have", remedy="give another --year")
    return moment


def _borrow(clock: LocalClock, from_clock: LocalClock, last: datetime) -> LocalClock:
    """A node without anchors takes zone and year of a node that has some: clusters share a zone as a rule."""
    if clock.zone_source == "as told":
        return clock
    guess = nearest_year(last, from_clock.anchor)
    return LocalClock(
        clock.node,
        from_clock.offset,
        from_clock.zone,
        guess.year,
        guess,
        f"as on {from_clock.node}",
        f"assumed: as on {from_clock.node}",
        False,
    )


def nearest_year(local: datetime, true: datetime) -> datetime:
    """`local` in the year that brings it nearest to `true`; a printed year is kept."""
    if local.year != NO_YEAR:
        return local
    options = [in_year(local, true.year + step) for step in range(-_LEAP, _LEAP + 1)]
    return min((option for option in options if option), key=lambda option: abs(option - true))


def latest_before(local: datetime, limit: datetime) -> datetime:
    """`local` in the latest year that does not bring it behind `limit`."""
    options = [in_year(local, limit.year - step) for step in range(_LEAP + 1)]
    return next(option for option in options if option is not None and option <= limit)


def in_year(local: datetime, year: int) -> datetime | None:
    """`local` in `year`; None where it is a 29 February and there is none."""
    try:
        return local.replace(year=year)
    except ValueError:  # 29 February
        return None


def zone_name(offset: timedelta) -> str:
    """`UTC`, `UTC+02:00`, ..."""
    return "UTC" if not offset else str(timezone(offset))
