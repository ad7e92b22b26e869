"""A process of this package that may take only so much memory and time, and ends with whoever started it.

The module that runs as `python -m MODULE` calls `begin` before it imports anything heavy.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Final, Self, TypeVar

import msgspec
from msgspec import Struct

Order = TypeVar("Order", bound=Struct)

#: How a process ends that found no room on the disk: as a failure that is none the next time (sysexits.h).
NO_ROOM: Final = os.EX_TEMPFAIL
#: What one output file may have.
_LARGEST: Final = 1 << 30
_TOLD: Final = 2000  # characters of what it says on standard error


class Limits(Struct, frozen=True):
    """`memory`: bytes of addresses; `seconds`: on the clock, and of each processor it may use."""

    memory: int
    seconds: int


class Ended(Struct, frozen=True):
    """How a process ended: its exit status, or minus the signal; and the end of what it said on standard error."""

    status: int
    late: bool
    said: str


class Bounded:
    """A process that was started; whoever started it asks `ended` again and again."""

    def __init__(
        self, module: str, order: Struct, limits: Limits, folder: Path, *, threads: int = 0, reaches: str = ""
    ) -> None:
        """`order` is what `begin` gives there; `folder` is where it runs, and where what it says is kept. `reaches`: an
        address it opens, for which it is told what this process knows of such.
        """
        self._said: IO[bytes] = (folder / ".said").open("w+b")
        passed = ("LC_", *(_ADDRESSES if "://" in reaches else ()))
        environment = {key: value for key, value in os.environ.items() if key in _PASSED or key.startswith(passed)}
        environment |= {"_RJEM_MALLOC_CONF": "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0"}
        environment |= {"POLARS_MAX_THREADS": str(threads)} if threads else {}
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and a module of this package
            [sys.executable, "-m", module, msgspec.json.encode((limits, order)).decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        self._until = time.monotonic() + limits.seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._said.close()

    def ended(self, seconds: float = 0.0) -> Ended | None:
        """How it ended; None while it runs, after waiting so long. What is late is killed."""
        late = time.monotonic() >= self._until
        if late and self._process.poll() is None:
            self._kill()
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _TOLD))
        return Ended(status, late, self._said.read().decode(errors="replace"))

    def _kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


#: Beginnings of what libraries that open addresses look for in the environment.
_ADDRESSES: Final = ("AWS_", "GOOGLE_", "AZURE_", "FSSPEC_")
#: What such a process sees of the environment: no addresses, no secrets, but those of the store that it reads.
_PASSED: Final = frozenset({"PATH", "HOME", "LANG", "TZ", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"})


def begin(kind: type[Order]) -> Order:
    """Bounds this process as it was told, and gives what it is to do."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limits, order = msgspec.json.decode(sys.argv[1], type=tuple[Limits, kind])  # type: ignore[valid-type]
    processors = os.cpu_count() or 1
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds * processors),
        (resource.RLIMIT_FSIZE, _LARGEST),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.umask(0o077)
    return order


def full(error: BaseException | None) -> bool:
    """Whether it came of a disk, or of this user's part of it, that is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__
    return False


def _end_with_parent() -> None:
    """Standard input ends when the process that started this one does, however that ends."""
    while os.read(0, 1):
        pass
    os._exit(1)
