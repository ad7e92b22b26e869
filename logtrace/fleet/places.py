"""Where a store lies: a folder, or a bucket behind an address that fsspec knows, such as s3://bucket/store.

A place can do four things, and no more is asked of an object store: list names, put a file whole or not at all, read
one, and remove one. Names are relative, with `/`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from logtrace.errors import UsageError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

#: An address; a path of Windows has a single letter before its colon.
_ADDRESS: Final = re.compile(r"^(?P<protocol>[a-z][a-z0-9+.-]+)://")

#: What one cannot write to.
_READ_ONLY: Final = ("http", "https")


class Place(Protocol):
    """See the module."""

    where: str

    def names(self, below: str) -> list[str]:
        """The names of files at any depth below the folder `below`; none where there is no such folder."""

    def put(self, name: str, content: bytes) -> None:
        """Make a file, or replace it, in one step: others see all of it or nothing. Raises UsageError."""

    def read(self, name: str) -> bytes:
        """A file's content. Raises FileNotFoundError."""

    def remove(self, name: str) -> None:
        """Remove a file; it is no error if somebody else has."""

    def address(self, name: str) -> str:
        """What polars opens the file by."""

    @property
    def options(self) -> dict[str, str] | None:
        """What polars must know to open it."""


def place(where: str) -> Place:
    """The place at a path or an address. Raises UsageError for one that no store can lie at."""
    protocol = protocol_of(where)
    if protocol in _READ_ONLY:
        raise UsageError(
            "cannot be written to", where=where, remedy="name a folder or a bucket such as s3://NAME/store"
        )
    if protocol in {None, "file"}:
        return Folder(where.removeprefix("file://"))
    return Bucket(where)


def protocol_of(where: str) -> str | None:
    """The protocol of an address; None for a path."""
    match = _ADDRESS.match(where)
    return match["protocol"] if match else None


def opened(where: str) -> tuple[AbstractFileSystem, str]:
    """The file system behind an address, and the path there. Raises UsageError where what reads it is not installed."""
    try:
        from fsspec.core import url_to_fs

        system, path = url_to_fs(where)
    except ImportError as error:
        raise UsageError(
            f"addresses need what is not installed ({error.name or error})",
            where=where,
            remedy="pip install 'logtrace[fleet]'",
        ) from error
    except ValueError as error:
        raise UsageError(str(error), where=where, remedy="name a path, or an address that fsspec knows") from error
    return system, str(path)


class Folder:
    """A folder on a disk, or on one that many machines share."""

    options = None

    def __init__(self, where: str) -> None:
        self.where = where
        self._root = Path(where)

    def names(self, below: str) -> list[str]:
        return sorted(_below(self._root / below, below))

    def put(self, name: str, content: bytes) -> None:
        from logtrace.render.files import make_folder, replacing

        target = self._root / name
        make_folder(target.parent)
        with replacing(target) as part, part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # a rename may reach the disk before what was written

    def read(self, name: str) -> bytes:
        return (self._root / name).read_bytes()

    def remove(self, name: str) -> None:
        (self._root / name).unlink(missing_ok=True)

    def address(self, name: str) -> str:
        return str(self._root / name)


def _below(folder: Path, name: str) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        inner = f"{name}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), inner)
        elif entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):  # dots: what is being written
            yield inner


class Bucket:
    """A bucket of an object store. A put there is whole or nothing by itself."""

    def __init__(self, where: str) -> None:
        self.where = where.rstrip("/")
        self._system, path = opened(self.where)
        self._root = path.rstrip("/")

    def names(self, below: str) -> list[str]:
        self._system.invalidate_cache()
        found = self._asked(lambda: self._system.find(f"{self._root}/{below}"))
        return sorted(str(path).removeprefix(f"{self._root}/") for path in found)

    def put(self, name: str, content: bytes) -> None:
        try:
            self._asked(lambda: self._system.pipe_file(f"{self._root}/{name}", content))
        except FileNotFoundError as error:
            raise UsageError(f"cannot be written: {error}", where=self.where, remedy="make the bucket first") from error

    def read(self, name: str) -> bytes:
        return bytes(self._asked(lambda: self._system.cat_file(f"{self._root}/{name}")))

    def remove(self, name: str) -> None:
        try:
            self._asked(lambda: self._system.rm_file(f"{self._root}/{name}"))
        except FileNotFoundError:
            return

    def address(self, name: str) -> str:
        return f"{self.where}/{name}"

    @property
    def options(self) -> dict[str, str] | None:
        """For polars, whose own reader takes the same variables of the environment, but refuses plain HTTP unasked."""
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if endpoint is None or protocol_of(self.where) != "s3":
            return None
        return {"aws_endpoint_url": endpoint} | ({"aws_allow_http": "true"} if endpoint.startswith("http://") else {})

    def _asked(self, call: Any) -> Any:
        """What the object store answers. Raises UsageError where it refuses or cannot be reached."""
        try:
            return call()
        except FileNotFoundError:
            raise
        except Exception as error:  # each protocol's library has errors of its own
            told = next(iter(str(error).splitlines()), type(error).__name__)
            raise UsageError(
                f"cannot be used: {told}", where=self.where, remedy="see to its address and rights"
            ) from error
