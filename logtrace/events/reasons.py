"""What the words of a reason come to: the class of each text that a daemon or an agent gives (parsers/reasons).

A reason is found anywhere in the text and in any case of letters, for agents wrap what programs say in words of their
own. The first reason that fits wins, in the order of the catalogue; each text is looked at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.catalogue.model import Catalogue, Reason
from logtrace.domain.reasons import Why
from logtrace.events import values

#: The columns that hold what an event gives as its reason.
TEXTS: Final = ("reason", "detail", "text")


class Meaning(Struct, frozen=True):
    """What a reason means: its class, a sentence for the reader and what to do about it."""

    why: Why
    meaning: str
    remedy: str


def meaning_of(text: str, catalogue: Catalogue, agent: str | None = None) -> Meaning | None:
    """What `agent` (its name without class and provider, where it is known) means by `text`; None where nobody taught
    the catalogue.
    """
    found = _first_fitting(_one(text, agent), [rule for rule in _rules(catalogue) if rule.reason.meaning])
    if found.is_empty():
        return None
    reason = _rules(catalogue)[found["rule"][0]].reason
    return Meaning(reason.why, reason.meaning, reason.remedy)


def with_reasons(events: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """`events` (kind and fields) with `why` and what else their reasons tell, where they did not say it themselves."""
    texts = [name for name in TEXTS if name in events.columns]
    if not texts:
        return events
    agent = pl.col("agent").str.extract(r"([^:/]+)$") if "agent" in events.columns else pl.lit(None, pl.String)
    said = events.select(
        place=pl.int_range(pl.len(), dtype=pl.UInt32),
        kind="kind",
        agent=agent,
        text=pl.concat_str(texts, separator=" ", ignore_nulls=True),
    ).filter(pl.col("text") != "")
    parts = []
    for (kind,), mine in said.group_by("kind"):
        rules = _rules_of(catalogue, str(kind))
        if rules:
            wordings = mine.group_by("text", "agent").agg("place")
            found = _first_fitting(wordings, rules)
            parts.append(found.with_columns(wordings["place"][found["row"]]).drop("row", "rule"))
    known = pl.concat(parts, how="diagonal") if parts else pl.DataFrame()
    if known.is_empty():
        return events
    told = said.select("place").join(values.typed(known).explode("place"), on="place").sort("place")
    every = (
        events.select(place=pl.int_range(pl.len(), dtype=pl.UInt32)).join(told, on="place", how="left").drop("place")
    )
    here = [name for name in every.columns if name in events.columns]
    return events.with_columns(*every.drop(here), *(pl.coalesce(name, every[name]).alias(name) for name in here))


class _Rule(Struct, frozen=True, eq=False):
    """One template of a reason, with its place in the order of trial, its needle and its expression in any case."""

    order: int
    reason: Reason
    fields: tuple[str, ...]
    needle: str
    regex: str


@lru_cache(maxsize=8)
def _rules(catalogue: Catalogue) -> tuple[_Rule, ...]:
    pairs = ((reason, pattern) for reason in catalogue.reasons for pattern in reason.patterns)
    return tuple(
        _Rule(
            order,
            reason,
            pattern.fields,
            pattern.literals[0].lower(),
            f"(?i){pattern.regex.removeprefix('^').removesuffix('$')}",
        )
        for order, (reason, pattern) in enumerate(pairs)
    )


@lru_cache(maxsize=256)
def _rules_of(catalogue: Catalogue, kind: str) -> tuple[_Rule, ...]:
    return tuple(rule for rule in _rules(catalogue) if kind in rule.reason.kinds)


def claims(text: str, kind: str, agent: str | None, catalogue: Catalogue) -> list[Reason]:
    """All reasons whose words `text` holds, in order: what the checker wants to begin with the right one."""
    said = _one(text, agent)
    return [rule.reason for rule in _rules_of(catalogue, kind) if not _first_fitting(said, [rule]).is_empty()]


def _one(text: str, agent: str | None) -> pl.DataFrame:
    return pl.DataFrame({"text": [text], "agent": [agent]}, schema={"text": pl.String, "agent": pl.String})


def _first_fitting(said: pl.DataFrame, rules: Sequence[_Rule]) -> pl.DataFrame:
    """The first of `rules` that fits each of `said` (text, agent): row, rule, why and the fields, as printed."""
    free = pl.repeat(True, said.height, eager=True)
    parts = [pl.DataFrame(schema={"row": pl.UInt32, "rule": pl.Int64, "why": pl.String})]
    for rule, candidates in _sifted(said["text"], rules):
        at = candidates.filter(free[candidates])
        fits = said["text"][at].str.contains(rule.regex)
        if rule.reason.agents:
            fits &= said["agent"][at].is_in(list(rule.reason.agents)).fill_null(value=True)
        at = at.filter(fits)
        if at.is_empty():
            continue
        free.scatter(at, False)
        same = {"row": at, "rule": rule.order, "why": str(rule.reason.why)}
        fields = said["text"][at].str.extract_groups(rule.regex).struct.unnest() if rule.fields else pl.DataFrame()
        parts.append(pl.DataFrame(same).hstack(fields.get_columns()))
    return pl.concat(parts, how="diagonal_relaxed").sort("row")


def _sifted(texts: pl.Series, rules: Sequence[_Rule]) -> Iterator[tuple[_Rule, pl.Series]]:
    """Each rule with the places in `texts` that hold its needle."""
    by_needle: dict[str, list[int]] = defaultdict(list)
    for index, rule in enumerate(rules):
        by_needle[rule.needle].append(index)
    lower = texts.str.to_lowercase().str.replace_all("[ \t]+", " ")
    hits = pl.DataFrame({
        "at": pl.int_range(len(texts), dtype=pl.UInt32, eager=True),
        "needle": lower.str.extract_many(list(by_needle), overlapping=True),
    }).explode("needle").unique()  # fmt: skip
    wanted = pl.DataFrame({"needle": list(by_needle), "rule": list(by_needle.values())}).explode("rule")
    for index, at in hits.join(wanted, on="needle").group_by("rule").agg("at").sort("rule").iter_rows():
        yield rules[index], pl.Series(sorted(set(at)), dtype=pl.UInt32)
