"""Files that are either whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logtrace.errors import UsageError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and renames it to `path` once the block ended well.

    What is at `path` stays as it was until then, and for good when the block fails; a device or pipe is written to
    directly. Raises UsageError when the place cannot be written to.
    """
    direct = path.exists() and not path.is_file()
    part = path if direct else path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        yield part
        if not direct:
            part.replace(path)
    except OSError as error:
        raise UsageError(
            f"cannot be written ({error.strerror or error})", where=str(path), remedy="name another file or make room"
        ) from error
    finally:
        if not direct:
            part.unlink(missing_ok=True)


def write(path: Path, text: str, *, private: bool = False) -> None:
    """Writes `text` to `path` in UTF-8, whole or not at all; `private`: readable for its owner only."""
    with replacing(path) as part:
        if private:
            part.touch(mode=0o600)
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
