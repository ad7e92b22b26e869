"""Lines without any time, such as those of journalctl -o cat: their order is kept, in the first second of 1970.

The reader's line numbers order them; nothing that lasts between two of them is told (see logtrace.clocks.timeless).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.domain.columns import NO_TIME
from logtrace.lines.carriers.block import Carrier, Strip
from logtrace.lines.carriers.shapes import DAEMONS, LEVEL, OWN_FILES, STAMP, SUBSYSTEM, TAGGED, TIMELESS

#: Indents, quote marks and bullets: what stands before such lines cannot be told by the line behind it.
_BEFORE: Final = r"[ \t>|]*(?:[-*\u2022] +)?"

#: How lines begin, and what is put before them that is missing: those that have it all, those that kept their daemon's
#: name, and those that have lost that as well.
_BEGINNINGS: Final = (
    (rf"^((?:{TIMELESS}|{OWN_FILES}).*)", "$1"),
    (rf"^{_BEFORE}({DAEMONS})(: +{LEVEL}: .*)", "$1[1]$2"),
    (rf"^{_BEFORE}({LEVEL}: .*)", "pacemaker[1]: $1"),
    (rf"^{_BEFORE}({SUBSYSTEM}.*)", "corosync[1]: $1"),
)
_ANY: Final = "|".join(begins for begins, _ in _BEGINNINGS)

#: One line that only a daemon writes so is a log. Of those that merely have its tag, or less, fewer than this are prose
#: that quotes one.
_SURE: Final = rf"^(?:{TAGGED}|{OWN_FILES}|[ \t]*(?:{DAEMONS}): +{LEVEL}: )"
_LEAST: Final = 2


def _sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    text = sample["text"]
    told = text.str.contains(_SURE).any() or text.str.contains(_ANY).sum() >= _LEAST
    if not told or text.str.contains(f"^(?:{STAMP})").any():
        return None
    return "lines without any time", _stamped


def _stamped(lines: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    told = text
    for begins, whole in reversed(_BEGINNINGS):
        stamped = text.str.replace(begins, f"{NO_TIME:%Y-%m-%dT%H:%M:%S}Z {whole}")
        told = pl.when(text.str.contains(begins)).then(stamped).otherwise(told)
    return lines.with_columns(told.alias("text"))


TIMELESS_LINES: Final = (Carrier(_sees),)
