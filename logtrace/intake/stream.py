"""A forward-only stream of bytes with a bounded look ahead.

Files, archives and decompressors all hand their bytes on as iterators of chunks; this gives such an iterator the
few reading methods the formats need. Damage is a property of the stream, not an exception: whatever came before it
can be read, and `damage` then says why there is no more.
"""

from __future__ import annotations

from collections.abc import Iterator

_ALL = 1 << 62


class DamagedError(Exception):
    """Raised by a source of chunks that ends before its end; the text says why, for the user."""


class ByteStream:
    """Reads `chunks` once. `position` is the number of bytes taken so far."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.position = 0
        self.damage: str | None = None
        self._chunks = chunks
        self._chunk = b""
        self._at = 0

    def _pull(self) -> bytes:
        """The next chunk that is not empty; nothing at the end or at the damage."""
        try:
            return next((chunk for chunk in self._chunks if chunk), b"")
        except DamagedError as error:
            self.damage = str(error)
            self._chunks = iter(())
            return b""

    def peek(self, size: int) -> bytes:
        """The next `size` bytes without taking them; fewer only when the stream ends."""
        while len(self._chunk) - self._at < size and (more := self._pull()):
            self._chunk, self._at = self._chunk[self._at :] + more, 0
        return self._chunk[self._at : self._at + size]

    def some(self, size: int) -> bytes:
        """At least one byte and at most `size`, whatever is at hand; nothing at the end."""
        if self._at == len(self._chunk):
            self._chunk, self._at = self._pull(), 0
        taken = self._chunk[self._at : self._at + size]
        self._at += len(taken)
        self.position += len(taken)
        return taken

    def give_back(self, data: bytes) -> None:
        """Put back `data`, which was taken last; it comes next again. What is still at hand is not copied."""
        self.position -= len(data)
        if len(data) <= self._at:
            self._at -= len(data)
        else:
            self._chunk, self._at = data + self._chunk[self._at :], 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only when the stream ends."""
        taken = self.some(size)
        while len(taken) < size and (more := self.some(size - len(taken))):
            taken += more
        return taken

    def until(self, stop: int) -> Iterator[bytes]:
        """The chunks up to `position` `stop`; nothing once the stream has moved past it."""
        while self.position < stop and (piece := self.some(stop - self.position)):
            yield piece

    def rest(self) -> Iterator[bytes]:
        """All remaining chunks as they come."""
        while piece := self.some(_ALL):
            yield piece

    def skip(self, size: int) -> None:
        """Drop `size` bytes, or what there is."""
        for _ in self.until(self.position + size):
            pass
