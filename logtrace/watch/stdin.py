"""A log on standard input, such as what `journalctl -f` prints: it comes once, and can be read but once."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from typing import Final

from logtrace.lines.blocks import BLOCK
from logtrace.lines.carriers import wrapping
from logtrace.watch.files import Portion
from logtrace.watch.tails import Head, Tail

#: How it is named among paths, and its number, which no file has.
STDIN: Final = "-"
NUMBER: Final = -1

#: Bytes taken at once, as many as a pipe holds.
_PIECE: Final = 1 << 16


class Standard:
    """Standard input. `ended`: nothing will follow."""

    def __init__(self, descriptor: int = 0) -> None:
        self.tail = Tail(NUMBER, STDIN, STDIN, None, STDIN, Head(0, ""))
        self.ended = False
        self._descriptor = descriptor
        self._rest = b""
        self._ends: bytes | None = None

    def poll(self) -> Iterator[Portion]:
        """What came in since, in whole lines or entries of a journal."""
        while not self.ended and select.select([self._descriptor], [], [], 0)[0]:
            data = os.read(self._descriptor, _PIECE)
            self.ended = not data
            self._rest += data
            if len(self._rest) >= BLOCK:
                yield from self._whole()
        yield from self._whole()

    def _whole(self) -> Iterator[Portion]:
        if self._ends is None and self._rest.count(b"\n"):
            self._ends = wrapping(iter([self._rest]))[0].ends or b"\n"
        ends = self._ends or b"\n"
        end = len(self._rest) if self.ended or len(self._rest) > 2 * BLOCK else self._rest.rfind(ends) + len(ends)
        if end >= len(ends) and self._rest[:end]:
            data, self._rest = self._rest[:end], self._rest[end:]
            yield Portion(self.tail, self.tail.offset, data)
            self.tail.offset += end
