"""Every wording with other names in it: what is put into a line is what is read from it."""

from __future__ import annotations

import re
from typing import Final

import polars as pl
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from logtrace import catalogue
from logtrace.catalogue.model import Example, Message
from logtrace.domain import codes
from logtrace.events import matched

#: Fields that hold names, of which there is no list; those of other fields are words of the daemons.
NAMES: Final = ("resource", "target", "peer")
KNOWN: Final = catalogue.load()
TRIED: Final[list[tuple[Message, Example]]] = [
    (message, example)
    for message in KNOWN.messages
    for example in message.examples
    # where one word stands for two things, it cannot be told which of them is which
    if (own := [example.fields[name] for name in NAMES if name in example.fields]) and len(set(own)) == len(own)
]
#: What may stand before and behind a name: the end of a word, or parts of an attribute's name or an operation's key.
_BEGIN: Final = r"(?:(?<![\w.-])|(?<=fail-count-)|(?<=last-failure-))"
_END: Final = rf"(?=_(?:{'|'.join(codes.OPERATIONS)}|pre_notify|post_notify|last_failure)_|[^\w.-]|\.(?:\W|$)|-?$)"

names = st.tuples(
    st.from_regex(r"[a-z][a-z0-9]{1,6}", fullmatch=True),
    st.sampled_from([".", "_", ""]),
    st.from_regex(r"[a-z][a-z0-9]{2,8}", fullmatch=True),
).map("".join)


def renamed(example: Example, new: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The example's line with new names, and those it must give."""
    own = {str(example.fields[name]): new[name] for name in NAMES if name in example.fields}
    words = "|".join(re.escape(word) for word in sorted(own, key=len, reverse=True))
    line = re.sub(rf"{_BEGIN}({words})-({words})(?=_)", lambda match: f"{own[match[1]]}-{own[match[2]]}", example.line)
    line = re.sub(rf"{_BEGIN}(?:{words}){_END}", lambda match: own[match[0]], line)
    return line, {name: new[name] for name in NAMES if name in example.fields}


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])  # a shorter name explains nothing
@given(st.lists(names, min_size=3, max_size=3, unique=True))
def test_names_come_back_from_every_wording(drawn: list[str]) -> None:
    new = dict(zip(NAMES, drawn, strict=True))
    tried = [(message, *renamed(example, new)) for message, example in TRIED]
    lines = pl.DataFrame(
        {
            "row": range(len(tried)),
            "daemon": [next(iter(sorted(message.daemons)), "") for message, *_ in tried],
            "message": [line for _, line, _ in tried],
        },
        schema={"row": pl.UInt32, "daemon": pl.String, "message": pl.String},
    )
    found = {row["row"]: row for row in matched(lines, KNOWN).iter_rows(named=True)}
    for row, (message, line, wanted) in enumerate(tried):
        told = found.get(row, {})
        assert told.get("kind") == message.kind, line
        assert {name: told[name] for name in wanted} == wanted, line


def test_nearly_all_wordings_with_names_are_tried() -> None:
    named = [example for message in KNOWN.messages for example in message.examples if set(example.fields) & set(NAMES)]
    assert len(TRIED) > 0.9 * len(named) > 200
