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

#: Fewer lines with the tag of a daemon are prose that quotes one.
_LEAST: Final = 2


def _sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    text = sample["text"]
    if text.str.contains(f"^(?:{STAMP})").any() or text.str.contains(f"^{TAGGED}").sum() < _LEAST:
        return None
    return "lines without any time", _stamped


def _stamped(lines: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    stamp = pl.lit(f"{NO_TIME:%Y-%m-%dT%H:%M:%S}Z ")
    tagged = pl.when(text.str.contains(f"^{TAGGED}"))
    return lines.with_columns(tagged.then(pl.concat_str(stamp, text)).otherwise(text).alias("text"))


TIMELESS: Final = (Carrier(_sees),)
