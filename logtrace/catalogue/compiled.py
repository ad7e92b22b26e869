"""The catalogue as it was compiled the last time, kept in one file: data of known types, in which nothing can run."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec

from logtrace import codes, frames
from logtrace.catalogue.model import Catalogue

_NAME: Final = "catalogue.msgpack"
_KEY: Final = 32  # bytes before the catalogue


def read(place: Path, folder: Path) -> Catalogue | None:
    """What is kept in `place` of the catalogue in `folder`; None where it is of another state or no such file."""
    try:
        kept = (place / _NAME).read_bytes()
        if kept[:_KEY] != _key(folder):
            return None
        return msgspec.msgpack.decode(kept[_KEY:], type=Catalogue)
    except (OSError, msgspec.MsgspecError):
        return None


def write(place: Path, folder: Path, catalogue: Catalogue) -> None:
    """Keep `catalogue`, all of it or nothing; a place that cannot be written to is done without."""
    part = place / f".{_NAME}.{os.getpid()}.part"
    with contextlib.suppress(OSError):
        try:
            part.write_bytes(_key(folder) + msgspec.msgpack.encode(catalogue))
            part.replace(place / _NAME)
        finally:
            part.unlink(missing_ok=True)


def _key(folder: Path) -> bytes:
    """A digest of all that decides what is made of the catalogue: its files, and the code that reads them."""
    code = [*Path(__file__).parent.glob("*.py"), Path(codes.__file__), Path(frames.__file__)]
    digest = hashlib.sha256()
    for file in (*sorted(folder.rglob("*.toml")), *sorted(code)):
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)} ".encode())
        digest.update(content)
    return digest.digest()
