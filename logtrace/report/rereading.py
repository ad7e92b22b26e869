"""What it takes to read all lines of a case again, on the clock on which the understood ones were put."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from msgspec import Struct

from logtrace.clocks.corrections import corrections
from logtrace.clocks.names import UNNAMED
from logtrace.events.store import Events


class Rereading(Struct, frozen=True, eq=False):
    """`files`: path and folder's node of each log, by its number; `nodes`: whose its lines are that name no host.

    `names`: host -> node. `exact`: number and node of each log that has fractions of a second. `corrections`: see
    logtrace.clocks.corrections. `secrets`: what must not be told.
    """

    files: tuple[tuple[str, str | None], ...]
    nodes: tuple[str, ...]
    names: dict[str, str]
    exact: frozenset[tuple[int, str]]
    corrections: pl.DataFrame
    secrets: frozenset[str]

    @classmethod
    def of(
        cls, events: Events, files: Sequence[tuple[str, str | None]], names: dict[str, str], secrets: frozenset[str]
    ) -> Rereading:
        """Of the dated events of all lines that were understood; `files`, `names`, `secrets`: as above."""
        lines = events.select("file", "node", "precise")
        told = dict(lines.group_by("file").agg(pl.col("node").mode().sort().first()).iter_rows())
        nodes = (names.get(node, node) if node else told.get(file, UNNAMED) for file, (_, node) in enumerate(files))
        exact = frozenset(lines.filter("precise").select("file", "node").unique().iter_rows())
        return cls(tuple(files), tuple(nodes), names, exact, corrections(events), secrets)
