"""`--exec`: a command for each message, which is on its standard input as JSON.

The command is split as a shell would, once, before any log is read, and run without one: nothing of a log ever becomes
an argument. It runs beside the watch, one after another; one that hangs is ended.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from typing import Final

from logtrace.errors import UsageError
from logtrace.watch.outputs.queue import Queued

#: Seconds a command may take.
_PATIENCE: Final = 60.0


class Command(Queued):
    """Raises UsageError for a command line that cannot be split."""

    name = "--exec"

    def __init__(self, command: str, say: Callable[[str], None], patience: float = _PATIENCE) -> None:
        try:
            self._arguments = shlex.split(command)
        except ValueError as error:
            raise UsageError(f"cannot be read: {error}", where=self.name, remedy="mind the quotes") from None
        if not self._arguments:
            raise UsageError("names no command", where=self.name, remedy="name one")
        self._say = say
        self._patience = patience
        super().__init__(self._run, say)

    def _run(self, line: str) -> None:
        try:
            done = subprocess.run(  # noqa: S603 - the administrator's own command
                self._arguments, input=line.encode(), timeout=self._patience, stdout=subprocess.DEVNULL, check=False
            )
        except subprocess.TimeoutExpired:
            self._say(f"warning: --exec: the command did not end within {self._patience:g} s and was ended")
        except OSError as error:
            self._say(f"warning: --exec: {self._arguments[0]}: {error.strerror}")
        else:
            if done.returncode:
                self._say(f"warning: --exec: the command ended with status {done.returncode}")
