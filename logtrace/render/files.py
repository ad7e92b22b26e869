"""Files that are either whole or not there."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logtrace.errors import UsageError


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Gives a path beside `path` to write to, and renames it to `path` once the block ended well.

    What is at `path` stays as it was until then, and for good when the block fails; it keeps its mode. `private`:
    readable for its owner only. A link is followed; a device or pipe is written to directly. Raises UsageError when the
    place cannot be written to.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        with _told(path):
            if target.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            yield target
        return
    part = None
    try:
        with _told(path):
            # made anew under a name nobody can foresee, for its owner only: others may write to that folder as well
            file, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
            os.close(file)
            part = Path(name)
            yield part
            part.chmod(0o600 if private else _mode(target))
            part.replace(target)
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"cannot be written ({error.strerror or error})", where=str(path), remedy="name another file or make room"
        ) from error


def _mode(target: Path) -> int:
    """The mode of what is at `target`, or what a new file would have."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def write(path: Path, text: str, *, private: bool = False) -> None:
    """Writes `text` to `path` in UTF-8, whole or not at all; `private`: readable for its owner only."""
    with replacing(path, private=private) as part:
        part.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def make_folder(folder: Path) -> None:
    """Makes `folder` unless it is there. Raises UsageError where it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot be made ({error.strerror})", where=str(folder), remedy="name another folder"
        ) from error
