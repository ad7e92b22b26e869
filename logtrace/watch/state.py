"""What survives the end of the process, whatever ends it: how far logs were read, what was told, what is to be told.

The file is written whole or not at all, before and after something is told. So what a crash may leave open is whether
the last messages reached somebody: they are sent again with the keys they had (`pending`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

from logtrace.errors import UsageError
from logtrace.render.files import replacing
from logtrace.watch.ledger import Told
from logtrace.watch.tails import Tail

VERSION: Final = 1

#: A larger file is none of ours.
_LARGEST: Final = 64 << 20


class Place(Struct):
    """Where to begin to read a log again: what is held of it begins behind `offset` bytes and `line` lines."""

    offset: int
    line: int


class State(Struct):
    """`saved`: epoch of the last time; `paths`: what was watched; `places`: by the number of the tail; `pending`:
    messages as lines of JSON that may not have been told, by output.
    """

    version: int = 0
    saved: float = 0.0
    paths: list[str] = field(default_factory=list)
    tails: list[Tail] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    pending: dict[str, list[str]] = field(default_factory=dict)


def load(path: Path) -> State | None:
    """What was saved; None where there is nothing yet. Raises UsageError for a file that is no such state."""
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError("is too large for a state", where=str(path), remedy="name another file")
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), remedy="name another file") from None
    try:
        state = msgspec.json.decode(data, type=State)
    except (msgspec.DecodeError, ValueError):
        state = State()
    if state.version != VERSION:
        remedy = "name another file, or remove it: what is over by now is not told then"
        raise UsageError("is no state of this release of logtrace watch", where=str(path), remedy=remedy)
    return state


def save(path: Path, state: State) -> None:
    """Write it in the place of what was saved before, for its owner only. Raises UsageError where that cannot be."""
    with replacing(path, private=True) as part, part.open("wb") as file:
        file.write(msgspec.json.encode(state))
        file.flush()
        os.fsync(file.fileno())
