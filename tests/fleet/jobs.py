"""What processes are given to do in tests."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def die_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def die_once(mark: str) -> str:
    path = Path(mark)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def fail(number: int) -> int:
    raise ValueError(number)


def wait_long(number: int) -> int:
    time.sleep(3600)
    return number


def threads(_: int) -> str:
    return os.environ["POLARS_MAX_THREADS"]
