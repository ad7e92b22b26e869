"""Lines that stand newest first, as log stores list them, and journalctl -r."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import polars as pl

from logtrace.lines import stamps
from logtrace.lines.carriers.block import STORED, Carrier, Strip

#: Of the changes of time from line to line, so many percent must be steps back; and the least that prove it.
_PROOF: Final = 90
_LEAST: Final = 2


def _sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    times = stamps.wordings(sample["text"])["local"].drop_nulls().to_list()
    if STORED in sample.columns and len(set(times)) < len(times):
        times = sample[STORED].drop_nulls().to_list()
    changes = [after < before for before, after in pairwise(times) if after != before]
    back = sum(changes)
    if back < _LEAST or back * 100 < len(changes) * _PROOF:
        return None
    return "the newest line first", lambda lines: lines.reverse()


ORDERS: Final = (Carrier(_sees),)
