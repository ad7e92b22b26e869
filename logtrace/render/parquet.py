"""The frames of a case as Parquet files, for SQL and for statistics over many cases."""

from __future__ import annotations

import io
from dataclasses import fields
from pathlib import Path
from typing import Final

import polars as pl
from polars.io.plugins import register_io_source

from logtrace.errors import UsageError
from logtrace.events.store import Events
from logtrace.render.files import replacing
from logtrace.report.case import Case

#: Events that are put into one frame together.
_ROWS: Final = 50_000


def write(case: Case, folder: Path) -> list[Path]:
    """Writes `<folder>/<frame>.parquet` for each frame (columns: logtrace.domain.columns); gives their paths."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot be made ({error.strerror})", where=str(folder), remedy="name another folder"
        ) from error
    written = []
    for each in fields(case.frames):
        if each.name == "told":  # values, and not a frame
            continue
        path = folder / f"{each.name}.parquet"
        made = io.BytesIO()  # first in memory: what goes wrong with the disk is then told as for every other output
        frame = getattr(case.frames, each.name)
        if isinstance(frame, Events):
            _lazily(frame).sink_parquet(made)
        else:
            frame.write_parquet(made)
        with replacing(path) as part:
            part.write_bytes(made.getbuffer())
        written.append(path)
    return written


def _lazily(events: Events) -> pl.LazyFrame:
    """The events as one frame that is never held as a whole."""
    return register_io_source(lambda *_: events.parts(_ROWS), schema=events.schema)
