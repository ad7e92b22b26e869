"""Which lines are asked for: by what they say, by whom, how bad and when, or by their places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace.errors import UsageError
from logtrace.reading import copies
from logtrace.reading.lines import COLUMNS, ORDER

LEVELS: Final = ("emerg", "alert", "crit", "error", "warning", "notice", "info", "debug", "trace")


class Wanted(Struct, frozen=True):
    """What a line must be to be asked for; what is None or empty asks nothing.

    `pattern`: a regular expression, looked for in what is shown of a line: its daemon, a colon and its message.
    `nodes`, `daemons`: names or globs. `level`: this one or a worse one.
    """

    pattern: str | None = None
    nodes: Sequence[str] = ()
    daemons: Sequence[str] = ()
    level: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def between(self, since: datetime | None, until: datetime | None) -> Wanted:
        """The same of this time."""
        return replace(self, since=since, until=until)

    def of(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Those of `lines` that are asked for; of what is just beside the time that is, copies are to be known."""
        for column, globs in (("node", self.nodes), ("daemon", self.daemons)):
            if globs:
                named = [
                    each for each in lines[column].drop_nulls().unique() if any(fnmatchcase(each, one) for one in globs)
                ]
                lines = lines.filter(pl.col(column).is_in(named))
        if self.level is not None:
            lines = lines.filter(pl.col("level").is_in(LEVELS[: LEVELS.index(self.level) + 1]))
        lines = self.inside(lines, copies.BESIDE)
        if self.pattern is not None:
            lines = lines.filter(lines.select(said())["said"].str.contains(self.pattern))
        return lines

    def inside(self, lines: pl.DataFrame, beside: timedelta = timedelta()) -> pl.DataFrame:
        """Those of `lines` within the time that is asked for, or so near to it."""
        if self.since is not None:
            lines = lines.filter(pl.col("time") >= self.since - beside)
        if self.until is not None:
            lines = lines.filter(pl.col("time") <= self.until + beside)
        return lines


def said() -> pl.Expr:
    """What is shown of a line: `daemon: message`."""
    return pl.concat_str("daemon", pl.lit(": "), "message").fill_null(pl.col("message")).alias("said")


def expression(pattern: str, *, fixed: bool = False, ignore_case: bool = False) -> str:
    """`pattern` as a regular expression, which polars looks for in linear time; raises UsageError for what is none.

    `fixed`: it is plain text.
    """
    told = pl.escape_regex(pattern) if fixed else pattern
    told = f"(?i){told}" if ignore_case else told
    try:
        pl.Series([""]).str.contains(told)
    except pl.exceptions.PolarsError as error:
        told, *_ = str(error).split("\n\n", 1)  # behind it stands the expression of polars
        reason = told.strip().rpartition("error: ")[2]
        raise UsageError(
            f"no regular expression: {pattern!r} ({reason})", where="PATTERN", remedy="add -F to look for plain text"
        ) from None
    return told


class Found(Struct, frozen=True):
    """`lines`: COLUMNS in the merged order. `number`: how many were found, copies included; `more`: `lines` are only
    the first of them.
    """

    lines: pl.DataFrame
    number: int
    more: bool = False


def asked(frames: Iterable[pl.DataFrame], wanted: Wanted, most: int) -> Found:
    """The first `most` lines that are asked for."""
    number, more, held, beside = 0, False, pl.DataFrame(schema=COLUMNS), pl.DataFrame(schema=COLUMNS)
    for frame in frames:
        mine = wanted.of(frame)
        number += wanted.inside(mine).height
        if most and mine.height:
            left = copies.once(pl.concat([held, beside, mine]).sort(ORDER))
            inside = wanted.inside(left)
            beside = left.join(inside, on=("file", "row"), how="anti", maintain_order="left").head(most)
            more, held = more or inside.height > most, inside.head(most)
    return Found(held, number, more)


def at(frames: Iterable[pl.DataFrame], places: Iterable[tuple[int, int]]) -> pl.DataFrame:
    """The lines at these places (file and number of the line)."""
    schema = {"file": COLUMNS["file"], "line": COLUMNS["line"]}
    wanted = pl.DataFrame(sorted(places), schema=schema, orient="row")
    held = [found for frame in frames if (found := frame.join(wanted, on=("file", "line"), how="semi")).height]
    return pl.concat([pl.DataFrame(schema=COLUMNS), *held]).sort(ORDER)
