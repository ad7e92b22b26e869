"""Files that are either whole or not there."""

from __future__ import annotations

import errno
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
    with told(path):
        target = behind(path)
    if path.exists() and not (target.is_file() and path.samefile(target)):
        with told(path):
            if path.is_dir():
                raise IsADirectoryError(None, "it is a folder")
            yield path  # and not what its links lead to: of a pipe that is /dev/stdout they tell no name to open
        return
    part = None
    try:
        with told(path):
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


def behind(path: Path) -> Path:
    """Where the links of an output lead. Raises OSError where that is in a circle, or where what is there was put by
    another user into a folder in which anybody may, such as /tmp: it could lead anywhere.
    """
    target = Path(os.path.realpath(path))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    while os.path.lexists(path):
        folder, status = path.parent.stat(), path.lstat()
        open_to_all = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
        if open_to_all and status.st_uid not in {os.geteuid(), folder.st_uid}:
            raise PermissionError(errno.EACCES, "it belongs to another user")
        if not stat.S_ISLNK(status.st_mode):
            break
        path = path.parent / path.readlink()
    return target


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Raises UsageError for what OSError tells of an output for `path`."""
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
