"""`logtrace around`: what the logs of all nodes say around a line that is cited, or around an incident."""

from __future__ import annotations

import difflib
import re
from pathlib import PurePosixPath
from typing import Annotated, Final

import typer

from logtrace.cli import merged, options, outputs
from logtrace.cli.messages import progress, say
from logtrace.cli.pager import Screen
from logtrace.cli.show import named
from logtrace.errors import UsageError, there_are

_LINES: Final = 10
_INCIDENT: Final = re.compile(r"i?[0-9]{1,6}", re.ASCII | re.IGNORECASE)


def around(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH... FILE:LINE|INCIDENT",
            help=f"{merged.PATHS} Last a line as reports cite it (node3/pacemaker.log:623), or an incident: i2, or 2.",
            show_default=False,
        ),
    ],
    *,
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
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    screen: Screen,
    hiding: options.Hiding,
    reading: options.Lines,
) -> None:
    """Show the lines of all nodes around a cited one.

    All lines are in one order, understood or not, with clocks corrected, and each is told once, however many logs of
    its node hold it. The cited ones have a mark. Around an incident stands what is near any line it cites.

    For example:
      logtrace around report.tar.bz2 node3/pacemaker.log:623      # ten lines before and after
      logtrace around report.tar.bz2 i2 --seconds 2               # all that was said near what an incident cites
    """
    *paths, place = words
    if not paths:
        raise UsageError("the line or the incident is missing", remedy="logtrace around PATH FILE:LINE")
    if lines is not None and seconds is not None:
        raise UsageError("--lines and --seconds contradict each other", remedy="give one of them")
    _check(place)
    length = _length(seconds)
    outputs.check([hiding.redact_map], paths)
    logs = merged.opened(paths, reading, quiet=quiet)
    cited, title = _cited(logs, place)
    with progress("searching", quiet=quiet):
        marks = logs.at(cited).head(most)
        if marks.is_empty():
            raise UsageError("has no such line", where=place, remedy="give one that it has")
        before = _LINES if lines is None else lines
        found = logs.around(marks, before, before, length, most)
    merged.show(logs, found, format_, hiding, screen, title=title, quiet=quiet)
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


def _check(place: str) -> None:
    """Raises UsageError for what cannot be a line or an incident, whatever there is."""
    from logtrace.report.neighbours import parted

    if not _INCIDENT.fullmatch(place) and parted(place) is None:
        remedy = "name a line as reports cite it (node3/pacemaker.log:623), or an incident (i2)"
        raise UsageError(f"neither a line nor an incident: {place!r}", remedy=remedy)


def _cited(logs: merged.Logs, place: str) -> tuple[list[tuple[int, int]], str | None]:
    """Files (their numbers) and lines that are meant, and what to say above them."""
    if _INCIDENT.fullmatch(place):
        incident = named(logs.case, place)
        numbers = dict(logs.case.frames.files.select("path", "file").iter_rows())
        cited = [(numbers[each.file], each.line) for each in incident.evidence if each.file in numbers]
        return cited, f"{incident.id}: {incident.title}"
    file, _, line = place.rpartition(":")
    return [(_file(logs.files, file), int(line))], None


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
