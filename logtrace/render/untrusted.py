"""Text from logs, made safe to look at: nothing invisible, nothing that moves other text, no endless lines.

Escaping for HTML is the template's work; this is about characters that mislead an eye or a terminal, and about words
that mean something to Markdown: log text stands in fences longer than any run of backticks in it, or in code spans,
where no mention, link, reference or HTML is alive.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Final

#: Controls, format characters (bidi, zero width, soft hyphen, tags), line separators, lone surrogates, non-characters.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


class Shown(str):
    """Text that has been through `shown`: visible characters only, no longer than was asked for."""

    __slots__ = ()


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code == 0x09:
        return " "
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures: ESC is shown as one sign
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else f"\u2039U+{code:04X}\u203a"


def shown(text: str, limit: int = 600) -> Shown:
    """`text` on one line: its first `limit` characters, and how many were left out. A Shown stays as it is."""
    if isinstance(text, Shown):
        return text
    cut = len(text) - limit
    visible = _HIDDEN.sub(_visible, text[:limit])
    return Shown(f"{visible} \u2026 ({cut:,} more characters)" if cut > 0 else visible)


def shown_lines(text: str, limit: int = 20_000) -> Shown:
    """Like `shown` for text of several lines (commands): line ends stay."""
    cut = len(text) - limit
    visible = "\n".join(_HIDDEN.sub(_visible, line) for line in text[:limit].replace("\r\n", "\n").split("\n"))
    return Shown(f"{visible}\n\u2026 ({cut:,} more characters)" if cut > 0 else visible)


# --- in Markdown ---------------------------------------------------------------------------------------

#: A word that means nothing to any Markdown dialect in the middle of a line: no mark-up, mention, link or reference.
_HARMLESS: Final = re.compile(r"(?![:%]|.*(?:_|//|www\.))[\w.,;:()%/'\"?+=-]*", re.IGNORECASE)
#: A word, or several in backticks: a command in a sentence of our own.
_WORDS: Final = re.compile(r"""[("']*`[^`]*[^`\s][^`]*`[.,;:)"']*(?!\S)|\S+""")
_QUOTED: Final = re.compile(r"`[^`]+`")
#: What may stand around a word that goes into a code span.
_EDGES: Final = re.compile(r"(?P<before>[(\"']*)(?P<core>.*?)(?P<after>[.,;:)\"']*)$", re.DOTALL)


def inline(text: str) -> str:
    """`text` for the middle of a line: every word that any dialect might give a meaning stands in a code span.

    Words that stand in backticks already stay one span.
    """
    return " ".join(_word(word) for word in _WORDS.findall(shown(text)))


def _word(word: str) -> str:
    if _HARMLESS.fullmatch(word):
        return word
    edges = _EDGES.match(word)
    assert edges is not None
    before, core, after = edges.group("before", "core", "after")
    if _QUOTED.fullmatch(core):
        return word
    return f"{before}{_span(core)}{after}" if core else _span(word)


def _span(core: str) -> str:
    ticks = _ticks(core, 1)
    pad = " " if core.startswith("`") or core.endswith("`") else ""
    return f"{ticks}{pad}{core}{pad}{ticks}"


def cell(text: str) -> str:
    """`text` for a table; a pipe becomes a broken bar, for no two dialects agree on how to escape it in a code span."""
    return inline(text.replace("|", "¦"))


def fence(lines: Sequence[str]) -> Iterator[str]:
    """Lines as a code block that nothing in them can end; how long they may be is for the caller to say."""
    ticks = _ticks("".join(lines), 3)
    yield ticks
    yield from (shown(line, sys.maxsize) for line in lines)
    yield ticks


def _ticks(text: str, least: int) -> str:
    """A run of backticks longer than any in `text`."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", text)), default=0))
