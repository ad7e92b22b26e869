"""Uploaded files on the disk: whole and durable before anybody is told, one for each content, and gone when deleted.

Files come and go under one lock, so that an upload never counts on a file that is just being deleted.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from logtrace.render.untrusted import shown
from logtrace.serve.queue import File
from logtrace.serve.settings import Settings

_NAME: Final = 120  # characters of a name that are kept
_ODD: Final = re.compile(r"[^\w.+@=-]+", re.ASCII)


@contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Nobody else adds or deletes files meanwhile, in any process."""
    descriptor = os.open(Path(settings.folder, "files.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def keep(settings: Settings, parts: Iterable[tuple[Path, File]]) -> None:
    """Moves what was uploaded to its place, where it survives whatever happens next. For use while `locked`."""
    for part, file in parts:
        place = settings.files / file.sha256
        if place.exists():
            part.unlink()
        else:
            part.rename(place)
    _sync(settings.files)


def delete(settings: Settings, contents: Iterable[str]) -> None:
    """Deletes files by their contents. For use while `locked`."""
    for sha256 in contents:
        (settings.files / sha256).unlink(missing_ok=True)
    _sync(settings.files)


def lay_out(settings: Settings, files: Iterable[File], folder: Path) -> list[str]:
    """Puts `files` into `folder` under the names they were uploaded with, made harmless, and gives these names.

    Raises FileNotFoundError where one was deleted.
    """
    names: list[str] = []
    for file in files:
        name = file_name(file.name)
        name = name if name not in names else f"{len(names)}-{name}"
        place = settings.files / file.sha256
        try:
            os.link(place, folder / name)
        except FileNotFoundError:
            raise
        except OSError:  # a filesystem without hard links
            shutil.copyfile(place, folder / name)
        names.append(name)
    return names


def file_name(name: str) -> str:
    """A name from a stranger, for a file: of one folder, of plain characters, with its ending, and no option."""
    plain = _ODD.sub("_", name.replace("\\", "/").rpartition("/")[2])
    return plain[-_NAME:].lstrip("._-") or "log"


def shown_name(name: str) -> str:
    """The same name for people."""
    return shown(name.replace("\\", "/").rpartition("/")[2] or "log", 200)


def room(settings: Settings) -> int:
    """Bytes that may still be uploaded; less than 0 where the disk is too full."""
    return shutil.disk_usage(settings.folder).free - settings.min_free


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
