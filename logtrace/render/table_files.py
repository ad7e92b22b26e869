"""The tables of a case as Parquet, for SQL and for many cases."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from logtrace.events.store import Events
from logtrace.render.files import make_folder, replacing
from logtrace.report.case import Case
from logtrace.tables.build import FRAMES, lazily, tables
from logtrace.tables.schemas import TABLES

#: What a case is written as.
TABLE_FILES: Final = (*TABLES, *FRAMES)


def write_tables(case: Case, folder: Path) -> list[Path]:
    """Writes `<folder>/<table>.parquet` for each table of logtrace.tables.schemas, in which the case is called by its
    name, and for each other frame (columns: logtrace.domain.columns); gives their paths.
    """
    make_folder(folder)
    laid_out = tables(case, case.name)
    written = []
    for name in TABLE_FILES:
        path = folder / f"{name}.parquet"
        made = io.BytesIO()  # first in memory: what goes wrong with the disk is then told as for every other output
        frame = laid_out[name] if name in laid_out else getattr(case.frames, name)
        if isinstance(frame, Events):
            lazily(frame).sink_parquet(made)
        else:
            frame.write_parquet(made)
        with replacing(path) as part:
            part.write_bytes(made.getbuffer())
        written.append(path)
    return written
