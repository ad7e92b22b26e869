"""What the words of a reason come to: the class of each text that a daemon or an agent gives (parsers/reasons).

A reason is found anywhere in the text and in any case of letters, for agents wrap what programs say in words of their
own. The first reason that fits wins, in the order of the catalogue; of many texts each is looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.catalogue.load import load
from logtrace.catalogue.model import Catalogue, Reason
from logtrace.domain.reasons import Why

_BLANKS: Final = re.compile("[ \t]+")


class Meaning(Struct, frozen=True):
    """What a reason means: its class, a sentence for the reader and what to do about it."""

    why: Why
    meaning: str
    remedy: str


@lru_cache(maxsize=1024)
def meaning_of(
    text: str, agent: str | None = None, catalogue: Catalogue | None = None, *, kind: str | None = None
) -> Meaning | None:
    """What `agent` means by `text`; None where nobody taught the catalogue.

    `agent` is its name, with or without class and provider (`ocf:heartbeat:Filesystem`, `stonith:external/ipmi`); None
    where it is not known, and then the reasons of all agents are tried. `kind`: that of the event that holds the text,
    where it is not an agent's.
    """
    known = catalogue or load()
    kinds = {kind} if kind else {entry.name for entry in known.kinds.values() if entry.agent}
    words = _BLANKS.sub(" ", text.lower())  # one text has been looked through before an automaton is made
    rules = [
        rule
        for rule in _rules(known)
        if rule.needle in words and rule.reason.meaning and not kinds.isdisjoint(rule.reason.kinds)
    ]
    if not rules or (found := first_fitting(_one(text, agent_name(agent)), rules)).is_empty():
        return None
    reason = _rules(known)[found["rule"][0]].reason
    return Meaning(reason.why, reason.meaning, reason.remedy)


def agent_name(agent: str | None) -> str | None:
    """An agent without class, provider and path; of a unit, whoever runs it."""
    if agent and agent.startswith(("systemd:", "service:")):
        return "systemd"
    return re.split("[:/]", agent)[-1] if agent else None


class Rule(Struct, frozen=True, eq=False):
    """One template of a reason, with its place in the order of trial, its needle and its expression in any case."""

    order: int
    reason: Reason
    fields: tuple[str, ...]
    needle: str
    regex: str


@lru_cache(maxsize=8)
def _rules(catalogue: Catalogue) -> tuple[Rule, ...]:
    pairs = ((reason, pattern) for reason in catalogue.reasons for pattern in reason.patterns)
    return tuple(
        Rule(
            order,
            reason,
            pattern.fields,
            pattern.literals[0].lower(),
            f"(?i){pattern.regex.removeprefix('^').removesuffix('$')}",
        )
        for order, (reason, pattern) in enumerate(pairs)
    )


@lru_cache(maxsize=256)
def rules_of(catalogue: Catalogue, kind: str) -> tuple[Rule, ...]:
    """The reasons that events of `kind` may give, in the order in which they are tried."""
    return tuple(rule for rule in _rules(catalogue) if kind in rule.reason.kinds)


def first_of(
    texts: Sequence[str], kind: str, agents: Sequence[str | None], catalogue: Catalogue
) -> list[Reason | None]:
    """The reason that is found for each of `texts`, as events of `kind` give it of the agents; None where none fits."""
    said = pl.DataFrame({"text": texts, "agent": agents}, schema={"text": pl.String, "agent": pl.String})
    found = first_fitting(said, rules_of(catalogue, kind))
    reasons = dict(zip(found["row"], found["rule"], strict=True))
    known = _rules(catalogue)
    return [known[reasons[row]].reason if row in reasons else None for row in range(said.height)]


def holds(text: str, reason: Reason, catalogue: Catalogue) -> bool:
    """Whether `text` holds words of `reason`, whatever other reason it holds before."""
    rules = [rule for rule in _rules(catalogue) if rule.reason is reason]
    return not first_fitting(_one(text, min(reason.agents, default=None)), rules).is_empty()


def _one(text: str, agent: str | None) -> pl.DataFrame:
    return pl.DataFrame({"text": [text], "agent": [agent]}, schema={"text": pl.String, "agent": pl.String})


def first_fitting(said: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
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


def _sifted(texts: pl.Series, rules: Sequence[Rule]) -> Iterator[tuple[Rule, pl.Series]]:
    """Each rule with the places in `texts` that hold its needle."""
    needles = [rule.needle for rule in rules]
    wanted = pl.DataFrame({"needle": needles}, {"needle": pl.String}).with_row_index("rule")
    lower = texts.str.to_lowercase().str.replace_all(_BLANKS.pattern, " ")
    hits = pl.DataFrame({
        "at": pl.int_range(len(texts), dtype=pl.UInt32, eager=True),
        "needle": lower.str.extract_many(list(dict.fromkeys(needles)), overlapping=True),
    }).explode("needle").unique()  # fmt: skip
    for index, at in hits.join(wanted, on="needle").group_by("rule").agg("at").sort("rule").iter_rows():
        yield rules[index], pl.Series(sorted(set(at)), dtype=pl.UInt32)
