"""What stands within lines: colours of a terminal, entities and tags of a page, odd blanks, typographic quotes."""

from __future__ import annotations

import html
import re
from html.entities import html5
from typing import Final

import polars as pl

from logtrace.lines.carriers.block import Carrier, Strip, texts
from logtrace.lines.carriers.shapes import MONTH, TIME

#: Lines of a sample with a mark, of those that are not empty, for it to be believed: one in so many.
_SHARE: Final = 4

_COLOUR: Final = r"(?:\x1b|\^\[|ESC|#033|\\033|\\x1b|\\e)\[[0-9;?]*[A-Za-z]|\x1b\([A-Z0-9]|\x0f"
_LOST_COLOUR: Final = r"\[(?:[0-9]{1,3}(?:;[0-9]{1,3})*)?m"  # its escape character was lost in a copy
_ENTITY: Final = r"&(?:nbsp|gt|lt|amp|quot|apos|#[0-9]{2,4}|#[xX][0-9a-fA-F]{2,4});"
_TAG: Final = r"</?(?:br|p|pre|code|span|div|tt|li|td|tr|b|i|em|strong|font|samp|blockquote)(?:\s[^<>]{0,200})?/?>"
#: Facility and severity behind the host, as templates of rsyslog and syslog-ng have them.
_PRIORITY: Final = (
    r"^(\S.{13,34} [0-9A-Za-z_.-]+) (?:kern|user|daemon|auth|authpriv|syslog|cron|local[0-7])[. ]"
    r"(?:emerg|alert|crit|err|error|warn|warning|notice|info|debug):? "
)
_CELL: Final = r"</t[dh]>\s*<t[dh](?:\s[^<>]{0,200})?>"
_BLANK: Final = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_NOTHING: Final = "[\u200b-\u200f\u2060\ufeff]"  # of no width
_QUOTES: Final = "[\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb]"


def _entities() -> dict[str, str]:
    """The entities that stand for one character a log may hold; never for the end of a line."""
    named = {f"&{name}": value for name, value in html5.items() if name.endswith(";") and len(value) == 1}
    numbers = [*range(32, 127), 160, *range(0x2018, 0x201F)]
    numbered = {
        spelled: html.unescape(spelled)
        for number in numbers
        for spelled in (f"&#{number};", f"&#{number:03};", f"&#x{number:x};", f"&#x{number:X};", f"&#X{number:X};")
    }
    common = {name: value for name, value in named.items() if value.isprintable() and len(name) <= len("&rdquo;")}
    return {**common, **numbered, "&nbsp;": " ", "&#160;": " ", "&#xa0;": " ", "&#xA0;": " "}


def _replaced(pattern: str, by: str = "") -> Strip:
    return lambda lines: lines.with_columns(pl.col("text").str.replace_all(pattern, by))


def _unescaped(lines: pl.DataFrame) -> pl.DataFrame:
    text = lines["text"]
    some = text.str.contains("&", literal=True)
    plain = text.filter(some).str.replace_many(_entities())
    return lines.with_columns(text=text.clone().scatter(some.arg_true(), plain))


def _straight(lines: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text").str.replace_all("[\u2018\u2019\u201a]", "'")
    return lines.with_columns(text.str.replace_all("[\u201c\u201d\u201e\u00ab\u00bb]", '"'))


def _mark(what: str, pattern: str, strip: Strip, share: int = _SHARE) -> Carrier:
    """A carrier that is there when one in `share` lines has `pattern`."""

    def sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
        found = re.compile(pattern)  # not before some sample is looked at: most logs have no marks
        lines = [text for text in texts(sample) if text.strip()]
        marked = sum(1 for text in lines if found.search(text))
        return (what, strip) if marked and marked * share >= len(lines) else None

    return Carrier(sees)


def _ends(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.with_columns(pl.col("text").str.strip_chars_end("\r"))


MARKS: Final = (
    _mark("line ends of Windows", r"\r$", _ends, share=2),
    _mark("line ends made visible", r"\$$", _replaced(r"(?:\^M)?\$$"), share=2),  # cat -A
    _mark("tabs within times", rf"^{MONTH}\t *[0-9]{{1,2}}\t *{TIME}\t", _replaced("\t", " ")),
    _mark("colours of a terminal", _COLOUR, _replaced(_COLOUR)),
    _mark("colours of a terminal", rf"^(?:\S* ?)?{_LOST_COLOUR}", _replaced(_LOST_COLOUR)),
    _mark("cells of a web page", _CELL, _replaced(_CELL, " ")),
    _mark("tags of a web page", _TAG, _replaced(_TAG)),
    _mark("entities of a web page", _ENTITY, _unescaped),
    _mark("characters of no width", _NOTHING, _replaced(_NOTHING)),
    _mark("facility and severity", _PRIORITY, _replaced(_PRIORITY, "$1 "), share=2),
    _mark("no-break spaces", _BLANK, _replaced(_BLANK, " ")),
    _mark("typographic quote marks", _QUOTES, _straight, share=10),
)

#: What a sample of plain lines never has: where none of it occurs, no mark is looked for. Each begins with a byte
#: of its own, which re looks for ten times as fast as for any of many.
HINTS: Final = tuple(
    re.compile(hint)
    for hint in (
        rb"\x0f",
        rb"\r",
        rb"\x1b",
        rb"\xc2[\xa0\xab\xbb]",
        rb"\xe1\x9a\x80",
        rb"\xe2[\x80\x81]",
        rb"\xe3\x80\x80",
        rb"\xef\xbb\xbf",
        rb"\$\n",
        rb" (?:kern|user|daemon|auth|authpriv|syslog|local[0-7])[. ](?:err|warn|notice|info|crit)",
        rb"\[\d*(?:;\d+)*m",
        rb"ESC\[",
        rb"#033",
        rb"\\(?:033|x1b|e\[)",
        rb"&(?:nbsp|gt|lt);",
        rb"<(?:br|p|pre|code|span|td)\b",
        # marks of emphasis (prefixes.py)
        rb"\n[ \t]*(?:\*+|[-=]+>|>>+|\xe2[\x86\x87\x91-\x93\x9d\x9e].)[ \t]*(?:[A-Z][a-z][a-z] [ \d]|\d{4}-\d\d-)",
    )
)
