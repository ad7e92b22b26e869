"""What `logtrace watch` is made of, and its loop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from logtrace.cli.messages import say
from logtrace.errors import UsageError
from logtrace.report.scope import Options
from logtrace.watch.outputs.command import Command
from logtrace.watch.outputs.lines import JsonLines, PlainLines
from logtrace.watch.run import Output, Watch


def outputs(form: str, command: str | None) -> list[Output]:
    """Where messages go."""
    told: list[Output] = [JsonLines() if form == "jsonl" else PlainLines()]
    if command is not None:
        told.append(Command(command, say))
    return told


def run(
    paths: Sequence[str],
    told: Sequence[Output],
    state: Path | None,
    *,
    every: bool,
    timezone: str | None,
) -> None:
    """Watch until standard input ends, if that is all there is, or somebody ends it."""
    for path in paths:
        if path != "-" and not Path(path).exists():
            raise UsageError("no such file or folder", where=path, remedy="check the path, or name its folder")
    wanted = Options(timezone=timezone)
    watch = Watch(paths, told, lambda text: say(f"warning: {text}"), options=wanted, state=state, everything=every)
    try:
        while not watch.ended:
            watch.wait(watch.round())
    finally:
        watch.close()
