"""A story as its logs grow, and what watching tells of it meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from stories import Line, at, tell, write

from logtrace import catalogue
from logtrace.report.scope import Options
from logtrace.watch.ledger import Ledger
from logtrace.watch.look import Look, look
from logtrace.watch.messages import Message
from logtrace.watch.window import Window

#: What comes after stories.CRASH: the same half a minute later, and another resource an hour and a half later.
AGAIN = """
12:05:40.200 node1 db monitor 10s: not running
12:05:40.240 node2 plan 8: Recover db ( node1 )
12:05:40.400 node1 db stop in 0.1s: ok
12:05:41.700 node1 db start in 1s: ok
12:05:41.900 node2 done 8
"""
LATER = """
13:35:10.200 node1 mail monitor 10s: not running
13:35:10.240 node2 plan 9: Recover mail ( node1 )
13:35:10.400 node1 mail stop in 0.1s: ok
13:35:11.700 node1 mail start in 1s: ok
13:35:11.900 node2 done 9
"""


class Growing:
    """The logs of a story, read up to a time of the day; `missing`: how files begin that come later."""

    def __init__(self, story: str, **layout: Any) -> None:
        self.lines: list[Line] = tell(story)
        self.layout = layout
        self.window = Window("story", catalogue.load())
        self.ledger = Ledger([], lambda: datetime(2026, 11, 22, 15, tzinfo=UTC))
        self._logs: dict[str, tuple[int, int]] = {}
        self.found: Look | None = None

    def until(self, clock: str, *, missing: tuple[str, ...] = (), last: bool = False) -> list[Message]:
        """What is new when the logs have grown up to then."""
        self.read(clock, missing)
        self.found = look(self.window, Options(year=2026))
        return self.ledger.compare(self.found.incidents, self.found.names, None, last=last)

    def read(self, clock: str, missing: tuple[str, ...] = ()) -> None:
        """Have the logs grow."""
        files = write([line for line in self.lines if line.time <= at(clock)], **self.layout)
        for path, text in files.items():
            if path.startswith(missing):
                continue
            node = path.partition("/")[0]
            if path not in self._logs:
                log = self.window.begin(path, node, path, text.encode()[:1000])
                assert log is not None
                self._logs[path] = (log, 0)
            log, size = self._logs[path]
            if len(text) > size:
                self.window.append(log, size, text.encode()[size:])
                self._logs[path] = (log, len(text))
        self.window.understood()

    def close(self) -> None:
        self.window.__exit__()


def whats(messages: list[Message]) -> list[str]:
    return [message.what.value for message in messages]
