"""The frames of a case as Parquet files, for SQL and for statistics over many cases."""

from __future__ import annotations

import io
from pathlib import Path

from logtrace.errors import UsageError
from logtrace.model import Case
from logtrace.render.files import replacing


def write(case: Case, folder: Path) -> list[Path]:
    """Writes `<folder>/<frame>.parquet` for each frame of the case (columns: logtrace.frames); gives their paths."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot be made ({error.strerror})", where=str(folder), remedy="name another folder"
        ) from error
    written = []
    for name, frame in case.frames.plain():
        path = folder / f"{name}.parquet"
        made = io.BytesIO()  # first in memory: what goes wrong with the disk is then told as for every other output
        frame.write_parquet(made)
        with replacing(path) as part:
            part.write_bytes(made.getbuffer())
        written.append(path)
    return written
