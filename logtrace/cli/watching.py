"""What `logtrace watch` is made of, and its loop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType

from msgspec import Struct

from logtrace.cli.messages import say
from logtrace.domain.zones import parse_zone
from logtrace.errors import UsageError
from logtrace.report.scope import Options
from logtrace.watch.outputs.command import Command
from logtrace.watch.outputs.lines import JsonLines, PlainLines
from logtrace.watch.outputs.pages import Pages
from logtrace.watch.outputs.webhook import Webhook
from logtrace.watch.run import Output, Watch
from logtrace.watch.stdin import STDIN


class Asked(Struct, frozen=True):
    """Where messages go, as it was typed."""

    form: StrEnum | None
    command: str | None
    webhook: str | None
    secret: str | None
    pages: str | None
    metrics: str | None
    metrics_file: str | None


def outputs(asked: Asked) -> list[Output]:
    """What was asked for. Raises UsageError for what cannot be."""
    if asked.secret is not None and asked.webhook is None:
        raise UsageError("--webhook-secret without --webhook", remedy="add --webhook URL")
    told = [_on_standard_output(asked.form)]
    if asked.command is not None:
        told.append(Command(asked.command, say))
    if asked.webhook is not None:
        told.append(Webhook(asked.webhook, Path(asked.secret) if asked.secret else None, say))
    if asked.pages is not None:
        told.append(Pages(Path(asked.pages)))
    if asked.metrics is not None or asked.metrics_file is not None:
        told.append(_metrics(asked.metrics, Path(asked.metrics_file) if asked.metrics_file else None))
    return told


def _on_standard_output(form: StrEnum | None) -> Output:
    if form == "jsonl":
        return JsonLines()
    if form == "live" or (form is None and sys.stdout.isatty()):
        from logtrace.cli.messages import terminal
        from logtrace.watch.outputs.live import Live

        return Live(terminal()[0])
    return PlainLines()


def _metrics(address: str | None, file: Path | None) -> Output:
    try:
        from logtrace.watch.outputs.metrics import Metrics
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "prometheus_client":
            raise
        remedy = "install logtrace[watch]"
        raise UsageError("the package prometheus-client is not installed", where="--metrics", remedy=remedy) from None
    return Metrics(address, file)


def run(paths: Sequence[str], asked: Asked, state: Path | None, timezone: str | None, *, every: bool) -> None:
    """Watch until standard input ends, if that is all there is, or somebody ends it, which waits for the look that goes
    on: what is being told is noted first.
    """
    for path in paths:
        if path != STDIN and not Path(path).exists():
            raise UsageError("no such file or folder", where=path, remedy="check the path, or name its folder")
    parse_zone(timezone)
    wanted, told = Options(timezone=timezone), outputs(asked)
    watch = Watch(paths, told, lambda text: say(f"warning: {text}"), options=wanted, state=state, everything=every)
    with _held_back() as (ended, asleep):
        try:
            while not (ended or watch.ended):
                pause = watch.round()
                if not watch.ended:
                    asleep.wait(pause)
        finally:
            watch.close()
    for number in ended:
        os.kill(os.getpid(), number)  # as if it came now


@contextmanager
def _held_back() -> Iterator[tuple[list[int], threading.Event]]:
    """Signals that end the process are noted meanwhile, and set the event. One that is ignored stays so; a second one
    of a kind ends it at once.
    """
    ended: list[int] = []
    asleep = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    def note(number: int, _: FrameType | None) -> None:
        ended.append(number)
        asleep.set()
        signal.signal(number, before[signal.Signals(number)])

    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, note)
    try:
        yield ended, asleep
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
