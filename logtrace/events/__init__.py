"""From lines that may matter to events: what each line says, in the vocabulary of logtrace.frames.

match.py tries the messages of the catalogue, values.py gives the printed words types and one spelling.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace import codes
from logtrace.catalogue.model import Catalogue
from logtrace.events import match, values
from logtrace.frames import EVENT_HEAD, FIELDS, LINES

#: The columns `understand` gives: EVENTS without `event` and `time`, which need all clocks, with what clocks need.
COLUMNS: Final[dict[str, pl.DataType]] = {
    **{name: dtype for name, dtype in EVENT_HEAD.items() if name not in {"event", "time"}},
    "offset_s": LINES["offset_s"],
    "format": LINES["format"],
    **{name: field.dtype for name, field in FIELDS.items()},
}


def understand(lines: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Understand `lines` (frames.LINES, of any number of files; one call for many files is faster than many calls).

    Gives COLUMNS, one row per line that the catalogue knows, in the order of `lines`; what it does not know is left
    out, so `height` of both is the coverage. `daemon` is the modern name (for an agent's line the agent), results are
    spelled as in logtrace.codes, resources are without clone instance, a probe is a monitor with interval 0.
    """
    table = lines.with_row_index("row").with_columns(pl.col("daemon").replace(codes.DAEMON_NAMES))
    own_kind = {fmt.name: fmt.kind for fmt in catalogue.formats if fmt.kind}
    kind_of_format = (
        pl.col("format").str.split("/").list.last().replace_strict(own_kind, default=None, return_dtype=pl.String)
    )
    table = table.with_columns(kind_of_format.alias("kind"))
    told = _agents(table.filter(pl.col("kind").is_not_null()))
    found = match.match(table.filter(pl.col("kind").is_null()).select("row", "daemon", "message"), catalogue)
    known = values.normalise(
        values.typed(pl.concat([found, told.select("row", "kind", "agent", "resource", "text")], how="diagonal"))
    )
    known = known.sort("row")
    head = table.drop("kind").join(known.select("row"), on="row", how="semi", maintain_order="left")
    # resource agents' lines carry `Agent(resource)` where others carry a daemon
    daemon = pl.when(known["kind"].is_in(list(own_kind.values()))).then(known["agent"]).otherwise(pl.col("daemon"))
    events = head.with_columns(daemon.alias("daemon")).hstack(known.drop("row"))
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in COLUMNS.items() if name not in events.columns]
    return events.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())


def _agents(told: pl.DataFrame) -> pl.DataFrame:
    """Lines of a format that says what they are: `Agent(resource)` and free text."""
    tag = pl.col("daemon").str.extract_groups(r"^(?P<agent>[^(]+)\((?P<resource>.*)\)$").struct
    return told.with_columns(
        tag.field("agent").alias("agent"), tag.field("resource").alias("resource"), pl.col("message").alias("text")
    )
