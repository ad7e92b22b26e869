"""One log read by itself."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from logtrace import catalogue
from logtrace.domain.columns import LINES
from logtrace.lines import Log, Reader


@dataclass(frozen=True)
class OneLog:
    """`frame`: its lines that may matter (frames.LINES); `log`: what else is known of it."""

    frame: pl.DataFrame
    log: Log


def one_log(chunks: Iterable[bytes], node: str | None) -> OneLog:
    """The log given as `chunks`, which belongs to `node`."""
    with Reader(catalogue.load(), lambda lines: {"": lines}, jobs=2) as reader:
        reader.read(iter(chunks), node)
        return OneLog(pl.concat(reader.finish().get("") or [pl.DataFrame(schema=LINES)]), reader.logs[0])
