"""What is slow to tell is told by a thread of its own, from a queue that has an end: no receiver may hold up the watch,
nor fill the memory.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Final

#: Messages that wait at most; what comes on top of these is lost, and said to be.
_MOST: Final = 1000

#: Seconds that are left at the end for what still waits.
_AT_THE_END: Final = 10.0


class Queue:
    """`name`: of the output, for warnings; `send` is given one message after another and handles its own errors."""

    def __init__(self, name: str, send: Callable[[str], None], say: Callable[[str], None], most: int = _MOST) -> None:
        self.lost = 0
        self._name = name
        self._send = send
        self._say = say
        self._waiting: queue.Queue[str] = queue.Queue(most)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, line: str) -> None:
        """Have `line` sent, if there is room for it."""
        try:
            self._waiting.put_nowait(line)
        except queue.Full:
            self.lost += 1
            if self.lost == 1:
                self._say(f"warning: {self._name}: {self._waiting.maxsize} messages wait; what follows is lost to it")

    def close(self, within: float = _AT_THE_END) -> None:
        """Wait for what still waits, as long as that may take."""
        end = time.monotonic() + within
        while self._waiting.unfinished_tasks and time.monotonic() < end:
            time.sleep(0.02)
        if left := self._waiting.unfinished_tasks:
            self._say(f"warning: {self._name}: {left} messages could not be sent before the end")

    def _run(self) -> None:
        while True:
            line = self._waiting.get()
            try:
                self._send(line)
            finally:
                self._waiting.task_done()
