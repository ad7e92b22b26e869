"""What stands before lines: quote marks, bullets, indents, names of files and containers, another stamp.

A prefix is what stands between the beginning of a line and the place where a line of a log may begin (shapes.py), if it
is made of the pieces below. A line that begins as a log's lines do has none, whatever it quotes.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.lines.carriers.block import STORED, Carrier, Strip
from logtrace.lines.carriers.shapes import ANY, BEGINNINGS, ISO, MONTH, PLAIN, STAMP, TIME

_NAME: Final = r"[0-9A-Za-z_][0-9A-Za-z_./@-]*"


class _Piece(Struct, frozen=True):
    """Something that stands before lines; `what` it is called."""

    what: str
    regex: str


#: As messengers copy it: `[11/22/2026 12:07 PM] Jane Doe:`, `22.11.26, 12:07 - Jane:`, `12:07 <jane>`.
_SAID_BY: Final = (
    r"\[?(?:[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4},? )?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: ?[AaPp]\.?[Mm]\.?)?\]?"
    rf"[ \t]+(?:-[ \t]+)?(?:<[@+%&~ ]?{_NAME}>|{_NAME}(?: {_NAME}){{0,3}}:)[ \t]+"
)

#: In order of trial.
_PIECES: Final = (
    _Piece("indentation", r"[ \t]+"),
    _Piece("quote marks of a mail", r"(?:[A-Z]{1,3})?>+"),
    _Piece("marks of a tracker", r"\{(?:quote|noformat|code|panel|monospaced)(?::[^{}]{0,80})?\}|bc\.+ "),
    _Piece("who said it in a chat", _SAID_BY),
    _Piece("bars of a table", r"[|\u2502\u2503]{1,2}"),
    _Piece("bullets", r"[-*+#=~\u2022\u2023\u25e6\u2043\u2219\u00b7\u2013\u2014\u25cf\u25aa](?: ?\[[ x]\] )?"),
    _Piece("code marks", r"`{1,3}"),
    _Piece("quote characters", r"[\"']"),
    _Piece("the priority number of syslog", r"<[0-9]{1,3}>(?:[0-9]{1,9}: )?"),
    _Piece("line numbers", r"\(?[0-9]{1,9}(?:[.:|)\]]{1,2}[ \t]*|[ \t]+)"),
    _Piece("the name of a container", rf"\[{_NAME}(?:[ /]{_NAME})*\]:? |{_NAME}(?: +{_NAME})? *\| ?"),
    _Piece("the stream of a container", r"(?:stdout|stderr) (?:[FP] )?"),
    _Piece("the names of files or nodes", r"(?:[A-Za-z]:)?[^\s:|<>\"'\[\]{}()]{1,200}:(?:[0-9]{1,9}:)?[ \t]*"),
    _Piece("the names of files", r"[^\s:|<>\"'\[\]{}()]{1,200}-[0-9]{1,9}-"),  # lines around what grep -Hn found
    _Piece("the names of nodes", rf"{_NAME}[ \t]+"),
)  # fmt: skip
_COMPILED: Final = tuple(re.compile(piece.regex) for piece in _PIECES)
_PREFIX: Final = rf"(?:{'|'.join(piece.regex for piece in _PIECES)}){{1,6}}?"
#: What stands before a line. The shortest prefix counts, for lines may quote others.
_PREFIXED: Final = rf"^({_PREFIX})(?:{ANY})"

#: Of the lines that begin as a log's lines, with a prefix or without, one in so many must have one of the same shape.
_SHARE: Final = 10
#: Words alone are a prefix where one in so many lines has it, for they may be those of a sentence.
_WORDS: Final = 3
_FEW: Final = 2  # and so many lines for each of them
_SAID: Final = {number for number, piece in enumerate(_PIECES) if "nodes" in piece.what}

#: Marks that stand behind each line as they stand before it.
_CLOSING: Final = r"[ \t]*(?:`{1,3}|\*{2,3}|(?:\\+n)?[\"'],?|\||\{(?:quote|noformat|code)\}|\\)[ \t]*$"
_CLOSED_BY: Final = ("bullets", "code marks", "quote characters", "marks of a tracker", "bars of a table")

#: What points at a single line: bold type, an arrow, a number in a circle.
_POINTER: Final = r"\*{1,3}|[-=]{1,4}>|>{2,4}|[\u2190-\u21ff\u2460-\u24ff\u2776-\u27be]"
_POINTED: Final = rf"^[ \t]*({_POINTER})[ \t]*((?:{PLAIN}))"
_POINTED_END: Final = r"[ \t]*(?:\*{1,3}|<[-=]{1,4}|<{2,4})[ \t]*$"

#: A stamp of a log store before one of the line's own: ISO 8601, seconds since 1970, or syslog's.
_STORED: Final = (
    rf"(?:{ISO}(?:[.,][0-9]{{1,9}})?(?: ?(?:Z|UTC|GMT|[+-][0-9]{{2}}:?[0-9]{{2}}))?"
    r"|[0-9]{10}(?:\.[0-9]{1,9}|[0-9]{3})?)"
)
_RELAY: Final = rf"(?:{MONTH} [ 0-9][0-9] {TIME}(?:\.[0-9]{{1,9}})?)"
_TWICE: Final = (
    rf"^\[?(?:({_STORED})|{_RELAY})\]?[ \t]*[-|:,;]?[ \t]*(?:(?:stdout|stderr) (?:[FP] )?)?"
    rf"(?:{_NAME} )?(?:{_NAME}(?:\[[0-9]+\])?: *)?((?:{STAMP}).*)$"
)


def _sees_prefixes(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    text = sample["text"].str.slice(0, 400)
    headed = text.str.contains(f"^{ANY}")
    near = text.filter(~headed & text.str.contains(ANY))  # in a hundredth of what the next expression takes for a line
    told = near.to_frame().select("text", prefix=pl.col("text").str.extract(_PREFIXED, 1)).drop_nulls()
    made = [_pieces(prefix) for prefix in told["prefix"]]
    lines = int(headed.sum()) + len(made)
    counts = Counter(made)
    usual = [each for each, count in counts.items() if _is_usual(each, count, lines)]
    mine = [each in usual for each in made]
    if sum(mine) * _SHARE < lines or not any(mine):
        return None
    found = told.filter(pl.Series(mine))
    rest = found.select(pl.col("text").str.slice(pl.col("prefix").str.len_chars()))["text"]
    begins = [each for each in BEGINNINGS if rest.str.contains(f"^(?:{each})").any()]
    prefixes = "|".join("".join(f"(?:{_PIECES[piece].regex})" for piece in each) for each in usual)
    pattern = f"^((?:{prefixes}))(?:{'|'.join(begins)})"
    own = f"^(?:{'|'.join(begins)})"
    common = _common(found["prefix"])
    names = _called(usual)

    def strip(lines: pl.DataFrame) -> pl.DataFrame:
        text = pl.col("text")
        if common:  # what goes on in a line of its own, or was said in between, has it as well
            lines = lines.with_columns(text.str.strip_prefix(common))
        if not all(each == common for each in found["prefix"]):
            prefix = pl.when(~text.str.contains(own)).then(text.str.extract(pattern, 1)).str.len_chars().fill_null(0)
            lines = lines.with_columns(text.str.slice(prefix))
        if quoted:  # as programs print texts
            lines = lines.with_columns(text.str.replace_many({"\\t": "\t", '\\"': '"'}))
        return lines.with_columns(text.str.replace(_CLOSING, "")) if closed else lines

    quoted = "quote characters" in names
    closed = any(name in _CLOSED_BY for name in names)
    return ", ".join(names), strip


def _is_usual(pieces: tuple[int, ...], count: int, lines: int) -> bool:
    """Whether a prefix that so many of the lines have is one, and no beginning of a sentence."""
    if set(pieces) <= _SAID:
        return count * _WORDS >= lines and count >= _FEW * len(pieces)
    return count * _SHARE >= lines


def _pieces(prefix: str) -> tuple[int, ...]:
    """Of which pieces a prefix is made, the longest first."""
    made, at = [], 0
    while at < len(prefix):
        ends = [found.end() if (found := piece.match(prefix, at)) else 0 for piece in _COMPILED]
        at = max(ends)
        if not at:  # cut into pieces in another way
            return ()
        made.append(ends.index(at))
    return tuple(made)


def _common(prefixes: pl.Series) -> str:
    """The prefix that half of the lines and more have."""
    ((prefix, count),) = Counter(prefixes).most_common(1)
    return prefix if count * 2 >= len(prefixes) else ""


def _called(usual: list[tuple[int, ...]]) -> list[str]:
    """What the pieces of prefixes are called, in order of trial; indentation only where there is nothing else."""
    names = list(dict.fromkeys(_PIECES[piece].what for piece in sorted({piece for each in usual for piece in each})))
    return [name for name in names if name != "indentation"] or names


def _sees_emphasis(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    """A few lines that somebody pointed at; where one in ten has a mark, they are bullets."""
    pointed = sample["text"].str.contains(_POINTED).sum()
    if not pointed or pointed * _SHARE >= sample.height:
        return None
    bare = pl.col("text").str.replace(_POINTED, "$2").str.replace(_POINTED_END, "")
    strip = pl.when(pl.col("text").str.contains(_POINTED)).then(bare).otherwise(pl.col("text"))
    return "marks of emphasis", lambda lines: lines.with_columns(text=strip)


def _sees_two_stamps(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    headed = sample["text"].str.contains(f"^{ANY}").sum()
    twice = sample["text"].str.contains(_TWICE).sum()
    if not twice or twice * 2 < headed:
        return None

    def strip(lines: pl.DataFrame) -> pl.DataFrame:
        groups = lines["text"].str.extract_groups(_TWICE).struct.rename_fields(["stored", "own"]).struct.unnest()
        return lines.with_columns(
            pl.coalesce(groups["own"], lines["text"]).alias("text"), groups["stored"].alias(STORED)
        )

    return "a second stamp before that of the line", strip


PREFIXES: Final = (Carrier(_sees_emphasis), Carrier(_sees_prefixes), Carrier(_sees_two_stamps), Carrier(_sees_prefixes))
