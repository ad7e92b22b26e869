"""Lines without any time, such as those of journalctl -o cat: their order is kept, in the first second of 1970.

The reader's line numbers order them; nothing that lasts between two of them is told (see logtrace.clocks.timeless).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.domain.columns import NO_TIME
from logtrace.lines.carriers.block import Carrier, Strip
from logtrace.lines.carriers.shapes import STAMP
from logtrace.lines.carriers.shapes import TIMELESS as TAGGED

#: Lines that have lost their tag as well: how Pacemaker's and Corosync's begin.
_UNTAGGED: Final = (
    (r"[ \t]*(?:emerg|alert|crit|error|warning|notice|info): ", "pacemaker[1]: "),
    (r"[ \t]*\[(?:TOTEM|QUORUM|VOTEQ|MAIN|KNET|CPG|CFG|CMAP|SERV|QB|WD) *\] ", "corosync[1]: "),
)
_ANY: Final = "|".join([TAGGED, *(begins for begins, _ in _UNTAGGED)])

#: Fewer lines with the tag of a daemon are prose that quotes one.
_LEAST: Final = 2


def _sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    text = sample["text"]
    if text.str.contains(f"^(?:{STAMP})").any() or text.str.contains(f"^(?:{_ANY})").sum() < _LEAST:
        return None
    return "lines without any time", _stamped


def _stamped(lines: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    stamp = pl.lit(f"{NO_TIME:%Y-%m-%dT%H:%M:%S}Z ")
    told = pl.when(text.str.contains(f"^{TAGGED}")).then(pl.concat_str(stamp, text)).otherwise(text)
    for begins, tag in _UNTAGGED:
        told = pl.when(text.str.contains(f"^{begins}")).then(pl.concat_str(stamp, pl.lit(tag), text)).otherwise(told)
    return lines.with_columns(told.alias("text"))


TIMELESS: Final = (Carrier(_sees),)
