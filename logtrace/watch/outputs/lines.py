"""Messages on standard output: as JSON Lines for programs, or a few plain lines each for whoever reads along."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from typing import Any, Final

from logtrace.render import words
from logtrace.render.untrusted import shown
from logtrace.watch import messages
from logtrace.watch.messages import to_dict
from logtrace.watch.run import News

#: Bytes at the end of an output file in which a message is looked for that may have been written before a crash.
_END: Final = 4 << 20


class JsonLines:
    """One line for each message, written at once."""

    name = "standard output"

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor

    def tell(self, news: News) -> None:
        for message in news.messages:
            _write(self._descriptor, messages.line(message))

    def again(self, lines: Sequence[str]) -> None:
        """A file shows what was written to it; what reads a pipe has to know a message by its key."""
        written = _end_of(self._descriptor)
        for line in lines:
            if line.encode() not in written:
                torn = written and not written.endswith(b"\n")
                _write(self._descriptor, f"\n{line}" if torn else line)
                written = b""

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...


class PlainLines:
    """A line for each message, and what to do below an incident that closes."""

    name = "standard output"

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor

    def tell(self, news: News) -> None:
        for message in news.messages:
            _write(self._descriptor, "".join(f"{line}\n" for line in said(to_dict(message))))

    def again(self, lines: Sequence[str]) -> None:
        for line in lines:
            _write(self._descriptor, "".join(f"{each}\n" for each in said(json.loads(line))))

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...


def said(message: dict[str, Any]) -> Iterator[str]:
    """A message in plain words, nothing of it alive in a terminal."""
    incident = message["incident"] or {}
    pieces = [message["told"][11:19], f"{message['what']:<9}", message["incident_id"]]
    if incident:
        pieces.append(words.label(incident["root_cause"]))
    if incident and incident["outage"] is not None:
        least, most = incident["outage"], incident["outage_max"] or incident["outage"]
        pieces.append(f"outage {words.duration(least)}" + (f" to {words.duration(most)}" if most > least else ""))
    yield shown("  ".join(pieces), 300)
    yield f"          {shown(message['title'], 600)}"
    if message["reason"]:
        yield f"          {shown(message['reason'], 300)}"
    if message["what"] == "closed":
        yield from (f"          - {shown(advice['sentence'], 400)}" for advice in incident.get("advice", ())[:3])


def _write(descriptor: int, text: str) -> None:
    data = text.encode("utf-8", "backslashreplace")
    while data:
        data = data[os.write(descriptor, data) :]


def _end_of(descriptor: int) -> bytes:
    """The last bytes of the file that is written to; nothing where it is none."""
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return b""
        with open(f"/dev/fd/{descriptor}", "rb") as file:  # noqa: PTH123 - a descriptor, whatever its file is called
            file.seek(max(0, status.st_size - _END))
            return file.read()
    except OSError:
        return b""
