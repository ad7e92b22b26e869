"""Which message of the catalogue a line is: first by daemon and needle, then by regular expression.

The first message that matches wins, in the order of the catalogue. A line's head is its message up to the first
` | `; what follows is the tail, whose facts a message may name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import polars as pl

from logtrace.catalogue.model import Catalogue, Message
from logtrace.catalogue.template import KEY_FIELDS, KEY_PATTERN, Pattern, ascii_classes
from logtrace.frames import KEY, TAIL

#: A function's name that 1.x daemons print before the message; Corosync's plugin prints a level before that.
_PREFIX: Final = r"^(?:[a-z_0-9]+|[A-Za-z]+_[A-Za-z_0-9]+|LogActions?|[a-z0-9_]+\.c:[0-9]+): *"
#: How many of them may stand there.
_PREFIXES: Final = 2

_KEY: Final = ascii_classes(f"^{KEY_PATTERN}$")


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One template of a message, with its place in the order of trial."""

    order: int
    message: Message
    pattern: Pattern

    @property
    def needle(self) -> str:
        return self.pattern.literals[0]


@lru_cache(maxsize=8)
def rules(catalogue: Catalogue) -> tuple[Rule, ...]:
    pairs = ((message, pattern) for message in catalogue.messages for pattern in message.patterns)
    return tuple(Rule(order, message, pattern) for order, (message, pattern) in enumerate(pairs))


def match(lines: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Match `lines` (row, daemon with its modern name, message).

    Gives row, kind and the fields as printed (all strings), one row per line understood.
    """
    rest = _heads(lines)
    parts = []
    for attempt in range(_PREFIXES + 1):
        if attempt:
            rest = _without_prefix(rest)
        if rest.is_empty():
            break
        found = list(_match(rest, rules(catalogue)))
        if found:
            part = pl.concat(found, how="diagonal")
            parts.append(_with_tail(part.join(rest.select("row", "tail"), on="row"), rules(catalogue)))
            rest = rest.join(part.select("row"), on="row", how="anti")
    if not parts:
        return pl.DataFrame(schema={"row": pl.UInt32, "kind": pl.String})
    matched = pl.concat(parts, how="diagonal")
    kinds = pl.Series([rule.message.kind for rule in rules(catalogue)], dtype=pl.String)
    return matched.with_columns(kinds.gather(matched["rule"]).alias("kind")).drop("rule")


def claims(lines: pl.DataFrame, catalogue: Catalogue) -> dict[int, list[Message]]:
    """All messages whose text matches each of `lines` (as for `match`), by row: what the checker wants to be one."""
    rest = _heads(lines)
    claimed: dict[int, list[Message]] = {}
    for attempt in range(_PREFIXES + 1):
        if attempt:
            rest = _without_prefix(rest).filter(~pl.col("row").is_in(list(claimed)))
        for rule in rules(catalogue):
            daemons = rule.message.daemons
            fits = rest["head"].str.contains(rule.pattern.regex)
            for row, daemon in rest.filter(fits).select("row", "daemon").iter_rows():
                others = claimed.setdefault(row, []) if not daemons or daemon in daemons else [rule.message]
                if rule.message not in others:
                    others.append(rule.message)
    return claimed


def _heads(lines: pl.DataFrame) -> pl.DataFrame:
    """Split messages at ` | ` (old libqb: also a bare `|` before a key=value) into head and tail."""
    split = lines.with_columns(pl.col("message").str.splitn(" | ", 2).struct.rename_fields(["head", "tail"])).unnest(
        "message"
    )
    bare = split.with_columns(
        pl.when(pl.col("tail").is_null() & pl.col("head").str.contains("|", literal=True))
        .then(pl.col("head").str.extract(r"\| *([a-z_-]+[=:].*)$"))
        .otherwise("tail")
        .alias("tail")
    )
    head = pl.col("head")
    return bare.with_columns(
        pl.when(head.str.contains("|", literal=True))
        .then(head.str.replace(r"\|(?: *[a-z_-]+[=:].*)?$", ""))
        .otherwise(head)
        .str.strip_chars()
    )


def _without_prefix(rest: pl.DataFrame) -> pl.DataFrame:
    shorter = rest.with_columns(pl.col("head").str.replace(_PREFIX, "").alias("shorter"))
    return shorter.filter(pl.col("shorter") != pl.col("head")).with_columns(head="shorter").drop("shorter")


def _match(heads: pl.DataFrame, all_rules: tuple[Rule, ...]) -> Iterator[pl.DataFrame]:
    for (daemon,), mine in heads.group_by("daemon"):
        known = [rule for rule in all_rules if not rule.message.daemons or daemon in rule.message.daemons]
        yield from _match_daemon(mine, known)


def _match_daemon(heads: pl.DataFrame, known: list[Rule]) -> Iterator[pl.DataFrame]:
    """Try `known` on the heads of one daemon; a rule sees only lines with its needle that no rule before it took."""
    by_needle: dict[str, list[int]] = defaultdict(list)
    for index, rule in enumerate(known):
        by_needle[rule.needle].append(index)
    needles = pl.DataFrame({"needle": list(by_needle), "rule": list(by_needle.values())})
    hits = (
        pl.DataFrame({"at": pl.int_range(heads.height, dtype=pl.UInt32, eager=True)})
        .with_columns(heads["head"].str.extract_many(list(by_needle), overlapping=True).alias("needle"))
        .explode("needle")
        .drop_nulls()
        .unique()
        .join(needles, on="needle")
        .explode("rule")
    )
    free = pl.repeat(True, heads.height, eager=True)
    for (index,), mine in sorted(hits.group_by("rule"), key=lambda item: int(item[0][0])):
        rule = known[int(index)]
        at = mine["at"]
        at = at.filter(free.gather(at)).sort()
        if at.is_empty():
            continue
        text = heads["head"].gather(at)
        regex = rule.pattern.regex
        if rule.pattern.fields:
            groups = text.str.extract_groups(regex).struct.unnest()
            fits = text.str.contains(regex)
        else:
            groups = pl.DataFrame()
            fits = text.str.contains(regex)
        if not fits.any():
            continue
        at = at.filter(fits)
        free.scatter(at, False)
        rows = pl.DataFrame({"row": heads["row"].gather(at)}).with_columns(
            pl.lit(rule.order, pl.UInt32).alias("rule"),
            *(pl.lit(str(value)).alias(name) for name, value in rule.message.constants.items()),
        )
        yield rows.hstack(groups.filter(fits)) if rule.pattern.fields else rows


def _with_tail(found: pl.DataFrame, all_rules: tuple[Rule, ...]) -> pl.DataFrame:
    """Add the facts of the tail that each message wants; what the head said stands."""
    wants = {rule.order: rule.message.tail for rule in all_rules if rule.message.tail}
    signatures = sorted(set(wants.values()))
    number = {order: signatures.index(tail) for order, tail in wants.items()}
    parts = []
    signed = found.with_columns(
        pl.col("rule").replace_strict(number, default=None, return_dtype=pl.UInt32).alias("wants")
    )
    for (which,), part in signed.group_by("wants"):
        facts = () if which is None else signatures[int(which)]
        for name in facts:
            part = _with_fact(part, name)
        parts.append(part.drop("wants", "tail"))
    return pl.concat(parts, how="diagonal")


def _with_fact(part: pl.DataFrame, name: str) -> pl.DataFrame:
    column, pattern = TAIL[name]
    fact = pl.col("tail").str.extract(ascii_classes(pattern), 1)
    if column != KEY:
        return _fill(part, column, fact)
    keys = part.select(fact.str.extract_groups(_KEY).alias("key")).unnest("key")
    for field in KEY_FIELDS:
        part = _fill(part, field, keys[field])
    return part


def _fill(part: pl.DataFrame, column: str, fact: pl.Expr | pl.Series) -> pl.DataFrame:
    given = [pl.col(column).cast(pl.String)] if column in part.columns else []
    return part.with_columns(pl.coalesce(*given, fact).alias(column))
