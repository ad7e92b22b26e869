"""Every wording with other values in every field: what is put into a line is what is read from it.

Names are put into all places of a line where they stand by test_catalogue_round_trip.py; here each field has its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from logtrace import catalogue
from logtrace.catalogue.model import Example, Message
from logtrace.catalogue.template import KEY_FIELDS, KEY_PATTERN
from logtrace.domain import codes
from logtrace.domain.columns import FIELDS, KEY, TAIL
from logtrace.events import matched

KNOWN: Final = catalogue.load()

WORD = st.from_regex(r"[b-y][a-z]{3,7}", fullmatch=True).map(lambda word: f"q{word}z")  # no word of a daemon
NAME = st.tuples(WORD, st.sampled_from([".", "-", "_", ""]), WORD).map("".join)
NUMBER = st.integers(2, 99_999)
FIGURES = st.lists(st.integers(1, 64), min_size=1, max_size=4, unique=True).map(lambda ids: " ".join(map(str, ids)))
PAUSE = st.decimals(1, 9_999, places=2, allow_nan=False).map(str)
LENGTH = st.one_of(
    st.integers(1, 99_999).map(str),
    st.integers(1, 99_999).map("{}ms".format),
    st.integers(1, 999).map("{}s".format),
    st.tuples(st.integers(1, 59), st.integers(1, 59)).map(lambda parts: f"{parts[0]}m{parts[1]}s"),
    st.tuples(st.integers(1, 99), st.integers(0, 999)).map(lambda parts: f"{parts[0]}.{parts[1]:03}s"),
)

#: What fields that hold no name, number or duration look like.
WORDINGS: Final[dict[str, st.SearchStrategy[str]]] = {
    "operation": st.sampled_from(codes.OPERATIONS),
    "rc_text": st.sampled_from(sorted(codes.RC_OF_WORD)),
    "expected": st.sampled_from(sorted(codes.RC_OF_WORD)),
    # not those that are the words of a return code as well
    "status": st.sampled_from([word for word in codes.STATUS_WORDS if word.lower() not in codes.RC_OF_WORD]),
    "transition_key": st.tuples(NUMBER, NUMBER, st.integers(0, 9), st.uuids()).map(lambda key: ":".join(map(str, key))),
    "verb": st.sampled_from(["Start", "Stop", "Recover", "Restart", "Move", "Promote", "Demote", "Migrate", "Reload"]),
    "outcome": st.sampled_from(["Complete", "Stopped", "Terminated"]),
    "state": st.sampled_from(["S_IDLE", "S_ELECTION", "member", "lost"]),
    "old_state": st.sampled_from(["S_IDLE", "S_ELECTION", "member", "lost"]),
    "input": st.sampled_from(["I_PE_CALC", "I_ELECTION", "I_NODE_JOIN"]),
    "cause": st.sampled_from(["C_FSA_INTERNAL", "C_TIMER_POPPED"]),
    "at": st.datetimes().map(lambda at: f"{at:%b %d %H:%M:%S} 2026"),
    "epoch": st.integers(1_500_000_000, 1_999_999_999).map(str),
    "members": FIGURES,
    "joined": FIGURES,
    "left": FIGURES,
    "address": st.ip_addresses(v=4).map(str),
    "pause_ms": PAUSE,
    "threshold_ms": PAUSE,
    "token_ms": NUMBER.map(str),
    "consensus_ms": NUMBER.map(str),
    "fence_action": st.sampled_from(["reboot", "off", "on"]),
    "version": st.tuples(NUMBER, NUMBER, NUMBER).map(lambda parts: ".".join(map(str, parts))),
    "cib_op": st.sampled_from(["cib_modify", "cib_apply_diff", "cib_replace", "cib_delete"]),
    "limit": NUMBER.map(str),
    "nodeid": NUMBER.map(str),
    "membership": st.tuples(st.ip_addresses(v=4), NUMBER).map(lambda ring: f"{ring[0]}:{ring[1]}"),
    "value": NUMBER.map(str),
    "old_value": NUMBER.map(str),
}  # fmt: skip


def strategy(name: str) -> st.SearchStrategy[str]:
    if name in WORDINGS:
        return WORDINGS[name]
    if FIELDS[name].unit == "ms":
        return LENGTH
    return NAME if FIELDS[name].dtype == pl.String else NUMBER.map(str)


VALUES: Final = st.fixed_dictionaries({name: strategy(name) for name in FIELDS})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands in an example, and the pattern it has there."""

    name: str
    start: int
    end: int
    pattern: str


def in_python(regex: str) -> str:
    r"""Rust's dialect in Python's, as far as templates use it."""
    return regex.replace(r"(?-u:\b)", r"\b").replace("(?i-u:", "(?i:")


@lru_cache(maxsize=4096)
def group_pattern(regex: str, name: str) -> str:
    """What stands in a named group."""
    start = regex.index(f"(?P<{name}>") + len(f"(?P<{name}>")
    depth, position, in_class = 1, start, False
    while depth:
        char = regex[position]
        if char == "\\":
            position += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            position += (
                2 if regex[position + 1] == "^" and regex[position + 2] == "]" else int(regex[position + 1] in "^]")
            )
        else:
            depth += {"(": 1, ")": -1}.get(char, 0)
        position += 1
    return regex[start : position - 1]


def places(message: Message, line: str) -> list[Place]:
    """The fields of an example, in head and tail, the last first."""
    head, bar, tail = line.partition(" | ")
    found: list[Place] = []
    blank = len(head) - len(head.lstrip())
    for prefix in (blank, *(match.end() for match in re.finditer(r"[\w.:]+: *", head))):
        for pattern in message.patterns:
            regex = in_python(pattern.regex)
            if (match := re.match(regex, head[prefix:].rstrip())) is None:
                continue
            spans = {name: match.span(name) for name in pattern.fields if match.group(name)}
            found = [
                Place(name, prefix + start, prefix + end, group_pattern(regex, name))
                for name, (start, end) in spans.items()
            ]
            break
        if found:
            break
    behind = len(head) + len(bar)
    for name in message.tail if tail else ():
        found += [place for place in in_tail(name, tail, behind) if place.name not in {other.name for other in found}]
    return sorted(found, key=lambda place: -place.start)


def in_tail(name: str, tail: str, behind: int) -> Iterator[Place]:
    column, regex = TAIL[name]
    match = re.search(regex, tail)
    if match is None:
        return
    if column != KEY:
        own = re.sub(r"(?<!\\)\((?!\?)", "(?P<own>", regex, count=1)
        yield Place(column, behind + match.start(1), behind + match.end(1), group_pattern(own, "own"))
        return
    inner = re.match(KEY_PATTERN, match[1])
    for part in KEY_FIELDS if inner else ():
        start, end = inner.span(part)  # type: ignore[union-attr]
        yield Place(part, behind + match.start(1) + start, behind + match.start(1) + end, r"\S+")


TRIED: Final[list[tuple[Message, Example, list[Place]]]] = [
    (message, example, places(message, example.line)) for message in KNOWN.messages for example in message.examples
]


def filled(line: str, where: list[Place], values: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The line with new values, and those it must give; a place that admits none keeps its own."""
    put = {}
    for place in where:
        value = values[place.name]
        if re.fullmatch(place.pattern, value) is None:
            continue
        put[place.name] = value
        line = line[: place.start] + value + line[place.end :]
    return line, put


def wanted(name: str, value: str) -> object:
    """A value as printed, with the type of its field."""
    if FIELDS[name].unit == "ms":
        units = {"ms": 1.0, "s": 1000.0, "m": 60_000.0, "": 1.0}
        return round(sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(ms|s|m|)", value)), 3)
    return value if FIELDS[name].dtype == pl.String else int(value)


#: Values that are tried at once: a call for all wordings takes as long with several lines of each as with one.
AT_ONCE: Final = 5


@settings(max_examples=4, phases=[Phase.explicit, Phase.generate])
@given(st.lists(VALUES, min_size=AT_ONCE, max_size=AT_ONCE))
def test_values_come_back_from_every_wording(several: list[dict[str, str]]) -> None:
    tried = [(message, *filled(example.line, where, values)) for values in several for message, example, where in TRIED]
    # fields with a closed choice of words keep the word that makes the wording what it is
    assert sum(len(put) for *_, put in tried) > 0.85 * AT_ONCE * sum(len(where) for *_, where in TRIED)
    lines = pl.DataFrame(
        {
            "row": range(len(tried)),
            "daemon": [next(iter(sorted(message.daemons)), "") for message, *_ in tried],
            "message": [line for _, line, _ in tried],
        },
        schema={"row": pl.UInt32, "daemon": pl.String, "message": pl.String},
    )
    found = {row["row"]: row for row in matched(lines, KNOWN).iter_rows(named=True)}
    wrong = []
    for row, (message, line, put) in enumerate(tried):
        told = found.get(row, {})
        expected = {name: wanted(name, value) for name, value in put.items()}
        got = {name: round(value, 3) if isinstance(value := told.get(name), float) else value for name in put}
        if told.get("kind") != message.kind or got != expected:
            wrong.append((message.where, message.kind, told.get("kind"), line, expected, got))
    assert not wrong, "\n".join(map(str, wrong))


def test_nearly_all_fields_have_their_places() -> None:
    stated = sum(len(set(example.fields) - set(message.constants)) for message, example, _ in TRIED)
    placed = sum(len({place.name for place in where} & set(example.fields)) for _, example, where in TRIED)
    assert placed > 0.98 * stated > 1500
