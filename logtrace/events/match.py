"""Which message of the catalogue a line is: first by daemon and needle, then by regular expression.

The first message that matches wins, in the order of the catalogue. Most lines say what another line said, so each
wording (daemon and head) is looked at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.catalogue.model import Catalogue, Message
from logtrace.catalogue.template import Pattern
from logtrace.domain import codes
from logtrace.events import values

#: What daemons print before the message: up to 1.x a function's name, behind a level (Corosync's plugin); Corosync a
#: place in the source, if told to (`service.c:373 `, `service.c:exit_handler:373 `). As many as may stand there are
#: tried without.
_PREFIX: Final = r"^(?:(?:[a-z_0-9]+|[A-Za-z]+_[A-Za-z_0-9]+|LogActions?):[ \t]*|[a-z0-9_]+\.c:(?:\w+:)?[0-9]+:? +)"
_PREFIXES: Final = 2

#: The daemon of lines of daemons that no message names.
_OTHERS: Final = ""


class Rule(Struct, frozen=True, eq=False):
    """One template of a message, with its place in the order of trial."""

    order: int
    message: Message
    pattern: Pattern

    @property
    def needle(self) -> str:
        return self.pattern.literals[0]


@lru_cache(maxsize=8)
def rules(catalogue: Catalogue) -> tuple[Rule, ...]:
    """Every template of every message, in the order in which they are tried."""
    pairs = ((message, pattern) for message in catalogue.messages for pattern in message.patterns)
    return tuple(Rule(order, message, pattern) for order, (message, pattern) in enumerate(pairs))


def match(lines: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Match `lines` (row, daemon with its modern name, head).

    Gives row, rule (see `rules`) and the fields, typed but spelled as printed, one row per line that matches, in order.
    """
    parts = list(_told(lines, catalogue))
    if not parts:
        return pl.DataFrame(schema={"row": pl.UInt32, "rule": pl.UInt32})
    found = values.typed(pl.concat(parts, how="diagonal", rechunk=True))
    place = found.select("row", place=pl.int_range(pl.len())).explode("row").sort("row")
    said = found.select(pl.exclude("row").gather(place["place"]))
    return place.select("row").hstack(said).with_columns(pl.col("rule").cast(pl.UInt32))


def claims(lines: pl.DataFrame, catalogue: Catalogue) -> dict[int, list[Message]]:
    """All messages whose text fits each of `lines` (row, daemon, head), by row: what the checker wants to be one."""
    claimed: dict[int, list[Message]] = {}
    for attempt in range(_PREFIXES + 1):
        rest = lines.filter(~pl.col("row").is_in(list(claimed)))
        rest = rest.with_columns(_without_prefixes(rest["head"], attempt))
        for rule in rules(catalogue):
            fits = rest["head"].str.contains(rule.pattern.regex)
            for row, daemon in rest.filter(fits).select("row", "daemon").iter_rows():
                if _may_log(rule, daemon) and rule.message not in claimed.setdefault(row, []):
                    claimed[row].append(rule.message)
    return claimed


def _may_log(rule: Rule, daemon: object) -> bool:
    if daemon in codes.ANY_DAEMON and any(name.startswith("pacemaker") for name in rule.message.daemons):
        return True
    return not rule.message.daemons or daemon in rule.message.daemons


def _without_prefixes(heads: pl.Series, number: int) -> pl.Series:
    for _ in range(number):
        heads = heads.str.replace(_PREFIX, "")
    return heads


def _told(lines: pl.DataFrame, catalogue: Catalogue) -> Iterator[pl.DataFrame]:
    """By rule, what it makes of `lines`: lists of rows that say the same, the rule, and fields as printed."""
    if lines.is_empty():
        return
    named = pl.col("daemon").is_in(list(_named(catalogue)))
    rest = lines.group_by(pl.when(named).then("daemon").otherwise(pl.lit(_OTHERS)).alias("daemon"), "head").agg("row")
    wanted = pl.concat(_needles(catalogue, daemon) for daemon in rest["daemon"].unique())
    for attempt in range(_PREFIXES + 1 if wanted.height else 0):
        heads = rest.select("daemon", _without_prefixes(rest["head"], attempt).alias("head"))
        free = pl.repeat(True, rest.height, eager=True)
        for rule, at, fields in _match_heads(heads, wanted, rules(catalogue), free):
            constants = {name: str(value) for name, value in rule.message.constants.items()} | {"rule": str(rule.order)}
            same = [pl.Series(name, [value]).new_from_index(0, len(at)) for name, value in constants.items()]
            yield pl.DataFrame([rest["row"][at], *same, *fields])
        rest = rest.filter(free & rest["head"].str.contains(_PREFIX))
        if rest.is_empty():
            return


@lru_cache(maxsize=8)
def _named(catalogue: Catalogue) -> frozenset[str]:
    """The daemons that some message names; all others say what any daemon may."""
    return frozenset({*codes.ANY_DAEMON, *(daemon for rule in rules(catalogue) for daemon in rule.message.daemons)})


@lru_cache(maxsize=256)
def _needles(catalogue: Catalogue, daemon: str) -> pl.DataFrame:
    """The rules that lines of `daemon` may fit: daemon, needle, rule (u32, its order)."""
    mine = [rule for rule in rules(catalogue) if _may_log(rule, daemon)]
    said = {
        "daemon": [daemon] * len(mine),
        "needle": [each.needle for each in mine],
        "rule": [each.order for each in mine],
    }
    return pl.DataFrame(said, {"daemon": pl.String, "needle": pl.String, "rule": pl.UInt32})


def _match_heads(
    heads: pl.DataFrame, wanted: pl.DataFrame, known: Sequence[Rule], free: pl.Series
) -> Iterator[tuple[Rule, pl.Series, list[pl.Series]]]:
    """Each rule with the places in `heads` (daemon, head) it matches and the fields it gives there; clears those places
    in `free`.

    A rule sees only heads of its daemons with its needle (`wanted`, see `_needles`) that no rule before it took.
    """
    needles = wanted["needle"].unique(maintain_order=True).to_list()
    hits = heads.select(
        "daemon",
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("at"),
        pl.col("head").str.extract_many(needles, overlapping=True).alias("needle"),
    )
    tries = (
        hits.explode("needle").unique().join(wanted, on=["daemon", "needle"]).group_by("rule").agg("at").sort("rule")
    )
    text = heads["head"]
    for index, places in zip(tries["rule"], tries["at"], strict=True):
        rule = known[index]
        at = places.filter(free[places])
        if at.is_empty():
            continue
        said = text[at]
        regex, fields, sure = rule.pattern.regex, rule.pattern.fields, rule.pattern.sure
        groups = said.str.extract_groups(regex).struct.unnest() if fields else pl.DataFrame()
        if sure and not groups[sure].has_nulls():  # as a needle promises of most
            free.scatter(at, False)
            yield rule, at, groups.get_columns()
            continue
        fits = groups[sure].is_not_null() if sure else said.str.contains(regex)
        if fits.any():
            at = at.filter(fits)
            free.scatter(at, False)
            yield rule, at, [column.filter(fits) for column in groups.iter_columns()]
