"""The catalogue as it was compiled the last time, kept in one file: data of known types, in which nothing can run."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec

from logtrace import domain
from logtrace.catalogue.model import Catalogue

_NAME: Final = "catalogue.msgpack"
_KEY: Final = 32  # bytes of the key, which stands before the catalogue


def read(place: Path, key: bytes) -> Catalogue | None:
    """The catalogue that is kept in `place` under `key`; None where it is another one or no such file."""
    try:
        kept = (place / _NAME).read_bytes()
        if kept[:_KEY] != key:
            return None
        return msgspec.msgpack.decode(kept[_KEY:], type=Catalogue)
    except (OSError, msgspec.MsgspecError):
        return None


def write(place: Path, key: bytes, catalogue: Catalogue) -> None:
    """Keep `catalogue` under `key`, all of it or nothing; a place that cannot be written to is done without."""
    part = place / f".{_NAME}.{os.getpid()}.part"
    with contextlib.suppress(OSError):
        try:
            part.write_bytes(key + msgspec.msgpack.encode(catalogue))
            part.replace(place / _NAME)
        finally:
            part.unlink(missing_ok=True)


def key(folder: Path) -> bytes:
    """A digest of all that decides what is made of the catalogue in `folder`: its files, and the code that reads them.
    To be taken before they are read: of files that change meanwhile, what was made is then not believed.
    """
    code = [file for place in (__file__, str(domain.__file__)) for file in Path(place).parent.glob("*.py")]
    digest = hashlib.sha256()
    for file in (*sorted(folder.rglob("*.toml")), *sorted(code)):
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)} ".encode())
        digest.update(content)
    return digest.digest()
