"""Where outputs go: refused before the work what would fail, or destroy evidence, after it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from logtrace.cli.messages import put
from logtrace.errors import UsageError

STDOUT: Final = "-"


def check(outputs: Sequence[str | None], inputs: Sequence[str]) -> None:
    """Raises UsageError for an output that could not be written, is one of the inputs, or would be written over by
    another. None: not wanted.
    """
    files = [Path(each) for each in outputs if each is not None and each != STDOUT]
    for output in files:
        if not output.name:
            raise UsageError("is no name for a file", where=str(output), remedy="name a file")
        if not output.parent.is_dir():
            raise UsageError("its folder does not exist", where=str(output), remedy="make the folder first")
        if output.exists() and any(Path(path).exists() and output.samefile(path) for path in inputs):
            raise UsageError("is one of the inputs", where=str(output), remedy="name another file for the output")
    for output, other in combinations(files, 2):
        if output.resolve() == other.resolve() and not output.is_char_device():  # such as /dev/null
            raise UsageError("is named for two outputs", where=str(other), remedy="name a file for each")


def write(target: str, text: str) -> None:
    """Writes `text` to a file, or to standard output where `target` is `-`."""
    from logtrace.render import files

    if target == STDOUT:
        put(text)
    else:
        files.write(Path(target), text)
