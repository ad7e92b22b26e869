"""A terminal of its own for a program: what it prints there, and what is typed to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 60.0  # seconds for what takes one; a busy machine is no defect


class Terminal:
    """Runs `command` on a terminal of `size` (lines, columns). Where what is waited for does not come, AssertionError
    tells all that was printed.
    """

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, size: tuple[int, int] = (24, 80)
    ) -> None:
        self.printed = ""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self._process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=cwd, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - there are no threads
        )  # fmt: skip
        os.close(theirs)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def read_until(self, awaited: str) -> str:
        """What has been printed since the last call, up to `awaited`."""
        self._read(lambda: awaited in self.printed)
        before, found, self.printed = self.printed.partition(awaited)
        assert found, f"{awaited!r} was not printed: {before!r}"
        return before + found

    def end(self) -> tuple[int, str]:
        """The exit status, and what was printed since the last call."""
        self._read(lambda: False)
        status = self._process.wait(PATIENCE)
        os.close(self._ours)
        return status, self.printed.replace("\r\n", "\n")

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        """The program is ended, if it is still there."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):  # closed at the end
            os.close(self._ours)

    def _read(self, done) -> None:  # type: ignore[no-untyped-def]
        deadline = time.monotonic() + PATIENCE
        while not done() and (left := deadline - time.monotonic()) > 0:
            if not select.select([self._ours], [], [], left)[0]:
                break
            try:
                data = os.read(self._ours, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            self.printed += data.decode(errors="replace")
