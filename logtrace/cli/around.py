"""`logtrace around`: what the logs of all nodes say around a line that is cited, or around an incident."""

from __future__ import annotations

import difflib
import re
from pathlib import PurePosixPath
from typing import Annotated, Final

import typer

from logtrace.cli import merged, options, outputs
from logtrace.cli.messages import progress, say
from logtrace.cli.show import named
from logtrace.errors import UsageError, there_are

_LINES: Final = 10
_INCIDENT: Final = re.compile(r"i[0-9]{1,9}", re.ASCII)


def around(
    *,
    paths: Annotated[list[str] | None, typer.Argument(metavar="PATH", help=options.PATHS, show_default=False)] = None,
    place: Annotated[
        str,
        typer.Argument(
            metavar="FILE:LINE|INCIDENT",
            help="A line as reports cite it (node3/pacemaker.log:623), or an incident: i2.",
        ),
    ],
    lines: Annotated[
        int | None,
        typer.Option(
            "--lines",
            metavar="N",
            help=f"So many lines before and after; else {_LINES}.",
            parser=options.number(0, 1000),
        ),
    ] = None,
    seconds: Annotated[
        str | None,
        typer.Option("--seconds", metavar="SECONDS", help="All lines this near in time instead: 5, 0.5, 2m."),
    ] = None,
    most: merged.Most = merged.MOST,
    format_: merged.Wanted = merged.Format.TEXT,
    hiding: options.Hiding,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    reading: options.Lines,
) -> None:
    """Show the lines of all nodes around a cited one.

    All lines are in one order, understood or not, with clocks corrected, and each is told once, however many logs of
    its node hold it. The cited ones have a mark. Around an incident stands what is near any line it cites.
    """
    if not paths:
        raise UsageError("the line or the incident is missing", remedy="logtrace around PATH FILE:LINE")
    if lines is not None and seconds is not None:
        raise UsageError("--lines and --seconds contradict each other", remedy="give one of them")
    length = _length(seconds)
    outputs.check([hiding.redact_map], paths)
    logs = merged.opened(paths, reading, options.Window(), quiet=quiet)
    cited, title = _cited(logs, place)
    with progress("searching", quiet=quiet):
        marks = logs.at(cited).head(most)
        if marks.is_empty():
            raise UsageError("has no such line", where=place, remedy="give one that it has")
        before = _LINES if lines is None else lines
        found = logs.around(marks, before, before, length, most)
    merged.show(logs, found, hiding, format_, title=title, quiet=quiet)
    if not quiet and found.height == most:
        say(f"only {most:,} lines are shown; --most N shows more")


def _length(seconds: str | None) -> float | None:
    if seconds is None:
        return None
    from logtrace.report import typed_times as typed

    length = typed.length(seconds)
    if length is None:
        raise UsageError(f"no length of time: {seconds!r}", where="--seconds", remedy="write 5, 0.5 or 2m")
    return length


def _cited(logs: merged.Logs, place: str) -> tuple[list[tuple[int, int]], str | None]:
    """Files (their numbers) and lines that are meant, and what to say above them."""
    from logtrace.report.neighbours import parted

    parts = parted(place)
    if parts is None or _INCIDENT.fullmatch(place):
        if not _INCIDENT.fullmatch(place):
            remedy = "name a line as reports cite it (node3/pacemaker.log:623), or an incident (i2)"
            raise UsageError(f"neither a line nor an incident: {place!r}", remedy=remedy)
        incident = named(logs.case, place)
        numbers = dict(logs.case.frames.files.select("path", "file").iter_rows())
        cited = [(numbers[each.file], each.line) for each in incident.evidence if each.file in numbers]
        return cited, f"{incident.id}: {incident.title}"
    file, line = parts
    return [(_file(logs.files, file), line)], None


def _file(files: tuple[str, ...], name: str) -> int:
    """The number of the log that is called so, or whose path ends so; raises UsageError for none, and for several."""
    exact = [number for number, path in enumerate(files) if path == name]
    found = exact or [number for number, path in enumerate(files) if path.endswith(f"/{name}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError("several logs are called so", where=name, remedy=there_are(files[each] for each in found))
    short = {"/".join(PurePosixPath(path).parts[-2:]): path for path in files}
    close = difflib.get_close_matches(name, [*files, *short], n=3, cutoff=0.5)
    remedy = f"did you mean {' or '.join(close)}?" if close else there_are(short)
    raise UsageError("no log is called so", where=name, remedy=remedy)
