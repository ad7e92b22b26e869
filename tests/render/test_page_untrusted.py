"""Text from logs, made safe to look at."""

from __future__ import annotations

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from logtrace.render.untrusted import Shown, shown, shown_lines

INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_no_character_of_unicode_stays_invisible() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    text = shown(everything, len(everything))
    assert {each for each in set(text) if unicodedata.category(each) in INVISIBLE} == set()
    text.encode()  # no lone surrogate is left


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_text_is_cut_and_what_is_cut_is_counted(text: str, limit: int) -> None:
    told = shown(text, limit)
    if len(text) <= limit:
        assert told == shown(text)
    else:
        assert told.endswith(f" \N{HORIZONTAL ELLIPSIS} ({len(text) - limit:,} more characters)")


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"])))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert shown(text, 1000) == text


def test_what_is_hidden_is_named() -> None:
    assert shown("\x1b[31mred\x07") == "\N{SYMBOL FOR ESCAPE}[31mred\N{SYMBOL FOR BELL}"
    assert shown("a\tb") == "a b"
    assert shown("gnp\u202eexe") == "gnp\u2039U+202E\u203aexe"


def test_text_is_treated_once() -> None:
    told = shown("x" * 100, 10)
    assert isinstance(told, Shown)
    assert shown(told, 5) is told


def test_commands_keep_their_line_ends() -> None:
    assert shown_lines("one \\\r\n  two\x1b\nthree") == "one \\\n  two\N{SYMBOL FOR ESCAPE}\nthree"
    assert shown_lines("x" * 30, 10).endswith("\n\N{HORIZONTAL ELLIPSIS} (20 more characters)")
