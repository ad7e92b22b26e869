"""What is slow to tell is told by a thread of its own, from a queue that has an end: no receiver may hold up the watch,
nor fill the memory.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from logtrace.watch import messages
from logtrace.watch.run import News

#: Messages that wait at most; what comes on top of these is lost to the receiver, and said to be.
_MOST: Final = 1000

#: Seconds that are left at the end for what still waits.
_AT_THE_END: Final = 10.0


class Queue:
    """Lines that wait to be sent, in order; one that is sent waits until it is there.

    `send` is given one line after another, handles its own errors, and may wait with `pause`.
    """

    def __init__(self, name: str, send: Callable[[str], None], say: Callable[[str], None], most: int = _MOST) -> None:
        self._name = name
        self._send = send
        self._say = say
        self._most = most
        self._lines: deque[str] = deque()
        self._changed = threading.Condition()
        self._ended = False
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def put(self, lines: Iterable[str]) -> None:
        """Have `lines` sent, as far as there is room for them."""
        with self._changed:
            for line in lines:
                if len(self._lines) < self._most:
                    self._lines.append(line)
                else:
                    self._say(f"warning: {self._name}: {self._most} messages wait for it, and one more is lost to it")
            self._changed.notify_all()

    def waiting(self) -> list[str]:
        """What is not sent yet."""
        with self._changed:
            return list(self._lines)

    def pause(self, seconds: float) -> bool:
        """Wait, in the thread that sends, for so long or until the end; whether it has not come."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended, seconds)
            return not self._ended

    def close(self, within: float = _AT_THE_END) -> None:
        """Send what still waits, as far as that goes at the first attempt and in this time."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        end = time.monotonic() + within
        with self._changed:
            self._changed.wait_for(lambda: not self._lines, max(0.0, end - time.monotonic()))
            if self._lines:
                self._say(f"warning: {self._name}: {len(self._lines)} messages could not be sent")

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._lines))
                line = self._lines[0]
            self._send(line)
            with self._changed:
                self._lines.popleft()
                self._changed.notify_all()


class Queued:
    """An output, as run.Output says, whose receiver is told by a queue; `send` is the queue's."""

    name: str

    def __init__(self, send: Callable[[str], None], say: Callable[[str], None]) -> None:
        self._queue = Queue(self.name, send, say)

    def tell(self, news: News) -> None:
        self._queue.put(messages.line(message) for message in news.messages)

    def again(self, lines: Sequence[str]) -> None:
        self._queue.put(lines)

    def waiting(self) -> list[str]:
        return self._queue.waiting()

    def close(self) -> None:
        self._queue.close()
