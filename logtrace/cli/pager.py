"""Answers for a reader: what is longer than the terminal is shown through a pager, as `git` and `man` do.

The pager is LOGTRACE_PAGER, else PAGER, else less; none where the one that is set is empty or `cat`. Nothing is paged
where standard output is no terminal. A pager that is missing, or ends before it has read all, is no error.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli.groups import Group
from logtrace.cli.messages import put, terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.text import Text


class Screen(Group, frozen=True, kw_only=True):
    """How an answer is shown on a terminal."""

    no_pager: Annotated[bool, typer.Option("--no-pager", help="Show what is longer than the terminal at once.")] = False

    def styled(self, render: Callable[[int, bool], Text]) -> None:
        """Shows what `render` makes of the terminal's width, and of whether its encoding has block characters."""
        console, symbols = terminal()
        with console.capture() as capture:
            console.print(render(console.width, symbols), soft_wrap=True)
        self.plain(capture.get())

    def plain(self, text: str) -> None:
        """Shows `text`, which ends with a line end and may hold colours."""
        pager = None if self.no_pager or not sys.stdout.isatty() or _fits(text) else _pager()
        if pager is None or not _through(pager, text):
            put(text)


def _fits(text: str) -> bool:
    """Whether a line is left for the prompt; a line that the terminal breaks counts once, and so may scroll away."""
    return text.count("\n") < shutil.get_terminal_size().lines


def _pager() -> list[str] | None:
    """The command line of the pager; None where there is to be none, or none is found."""
    asked = next((os.environ[name] for name in ("LOGTRACE_PAGER", "PAGER") if name in os.environ), "less")
    try:
        words = shlex.split(asked)
    except ValueError:  # a quote that is never closed
        return None
    program = shutil.which(words[0]) if words else None
    if program is None or words == ["cat"]:
        return None
    colours = ["-R"] if PurePath(program).name == "less" else []
    return [program, *words[1:], *colours]


def _through(pager: list[str], text: str) -> bool:
    """Whether `pager` has shown `text`, or as much of it as the reader wanted."""
    # less, unless told otherwise, is to leave what was read on the screen, as for git
    environment = {"LESS": "FRX", "LESSCHARSET": "utf-8"} | os.environ
    sys.stdout.flush()
    # an interrupt is meant for the pager from its first moment on; it would inherit SIG_IGN, and does not a function
    interrupts = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with subprocess.Popen(pager, stdin=subprocess.PIPE, env=environment) as process:  # noqa: S603 - the user set it
            try:
                with contextlib.suppress(OSError):  # the reader has enough
                    process.communicate(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
                process.wait()
            finally:
                if process.poll() is None:
                    process.terminate()
    except OSError:
        return False
    finally:
        signal.signal(signal.SIGINT, interrupts)
    return True
