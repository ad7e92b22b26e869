"""Files that are nearly all holes: a few bytes on disk that read as gigabytes of zeros, like a decompression bomb."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from logtrace.intake.limits import Limits

SPARSE = "a sparse file is not read"


def is_hollow(path: Path, size: int, limits: Limits) -> bool:
    """Whether of the file's `size` hardly anything was ever written, by the same measure as for a compressed file.

    Where holes are not told, as on some file systems, a file has none.
    """
    if size <= limits.ratio_free_bytes or not hasattr(os, "SEEK_DATA"):
        return False
    try:
        with path.open("rb") as file:
            return _written(file.fileno(), size, enough=size // limits.max_ratio) < size // limits.max_ratio
    except OSError:  # whoever reads it will be told
        return False


def _written(file: int, size: int, enough: int) -> int:
    """Bytes of the open `file` that are not holes, counted up to `enough`."""
    at = data = 0
    while at < size and data < enough:
        try:
            start = os.lseek(file, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # only a hole follows
                return data
            raise
        at = os.lseek(file, start, os.SEEK_HOLE)
        data += at - start
    return data
