"""What the command line prints: data on standard output; on standard error one line for each message, in which
nothing is parsed or obeyed by a terminal.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from logtrace.render.untrusted import shown

if TYPE_CHECKING:
    from rich.console import Console

    from logtrace.report.case import Case

WARNINGS: Final = 10
_PIECE: Final = 1 << 16
_PATIENCE: Final = 1.0


def put(text: str) -> None:
    """Prints `text` on standard output, in pieces: an unbuffered stream drops what a pipe does not take at once."""
    for start in range(0, len(text), _PIECE):
        sys.stdout.write(text[start : start + _PIECE])


def say(text: str) -> None:
    """One line on standard error, after the name of the program."""
    print(f"logtrace: {shown(' '.join(text.split()), 1000)}", file=sys.stderr)


def complain(text: str, status: int) -> int:
    """Says what is wrong and gives the exit status back."""
    say(text)
    return status


def terminal() -> tuple[Console, bool]:
    """Standard output for styled text, without colour where it is no terminal or NO_COLOR is set; and whether its
    encoding has block characters.
    """
    from rich.console import Console

    console = Console(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)
    try:
        "█▏·…".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return console, False
    return console, True


def warn_of_skipped(case: Case) -> None:
    """A line for each part of the input that was not read, up to WARNINGS of them."""
    skipped = case.coverage.skipped
    for part in skipped[:WARNINGS]:
        say(f"warning: {part.path}: {part.reason}")
    if len(skipped) > WARNINGS:
        say(f"warning: {len(skipped) - WARNINGS:,} more parts of the input were not read; --json - lists them all")


@contextmanager
def progress(text: str, *, quiet: bool = False) -> Iterator[None]:
    """Shows that work is going on, on standard error and only when that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(shown(text))):
        yield


@contextmanager
def reading(*, quiet: bool = False) -> Iterator[Callable[[int, int, int], None] | None]:
    """Gives what `analyze` tells how far it has read; shown as `progress` is, once that takes more than a second."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(compact=True)
    bar, joining = Progress(*columns, console=console, transient=True), console.status("")
    task = bar.add_task("", total=None)
    began = time.monotonic()

    def watch(done: int, total: int, logs: int) -> None:
        count = "1 log" if logs == 1 else f"{logs} logs"
        if time.monotonic() - began < _PATIENCE:
            return
        if total and done >= total:  # nothing is known of how long the rest takes
            bar.stop()
            joining.update("putting together what was read")
            joining.start()
        else:
            bar.update(task, description=f"reading, {count}", completed=done, total=total or None)
            bar.start()

    try:
        yield watch
    finally:
        bar.stop()
        joining.stop()
