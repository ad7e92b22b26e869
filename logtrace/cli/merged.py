"""What `grep` and `around` share: the lines of a case, read again, and how some of them are shown."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

import typer
from msgspec import Struct

from logtrace.cli import options
from logtrace.cli.messages import put
from logtrace.cli.pager import Screen
from logtrace.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from logtrace.report.case import Case
    from logtrace.report.rereading import Rereading

PATHS: Final = "Report archives, unpacked reports, folders of these or of logs, or single logs, of one case."
MOST: Final = 1000


class Format(StrEnum):
    """How lines are printed."""

    TEXT = "text"
    JSONL = "jsonl"


Wanted = Annotated[
    Format, typer.Option("--format", metavar="text|jsonl", help="Lines to read, or a JSON object for each.")
]
Most = Annotated[
    int, typer.Option("--most", metavar="N", help="Show at most so many lines.", parser=options.number(1, 100_000))
]


class Logs(Struct, frozen=True, eq=False):
    """A case, and the way to all its lines."""

    case: Case
    known: Rereading
    paths: Sequence[str]
    jobs: int

    @property
    def files(self) -> tuple[str, ...]:
        """The logs' paths, by their numbers."""
        return tuple(path for path, _ in self.known.files)

    def frames(self) -> Iterator[pl.DataFrame]:
        """All lines, see logtrace.reading.lines."""
        from logtrace.reading import lines

        return lines.every(self.paths, self.known, self.jobs)

    def at(self, places: Sequence[tuple[int, int]]) -> pl.DataFrame:
        """The lines at these places: numbers of a log and of a line."""
        from logtrace.reading import lines, search

        files = {file for file, _ in places}
        return search.at(lines.every(self.paths, self.known, self.jobs, files), places)

    def around(self, marks: pl.DataFrame, before: int, after: int, seconds: float | None, most: int) -> pl.DataFrame:
        """These lines and what stands around them, see logtrace.reading.around."""
        from logtrace.reading.around import Reach, around

        return around(self.frames, marks, Reach(before, after, seconds, most))


def opened(paths: Sequence[str], reading: options.Lines, part: options.Window | None = None, *, quiet: bool) -> Logs:
    """The logs of `paths`, which must be of one case."""
    case, known = options.reread(paths, reading, part or options.Window(), quiet=quiet)
    return Logs(case, known, paths, reading.jobs)


def level(name: str | None) -> str | None:
    """The level of this name, which may be spelled as daemons do; raises UsageError for none."""
    if name is None:
        return None
    from logtrace.domain import codes
    from logtrace.reading.search import LEVELS

    known = codes.LEVELS.get(name.lower(), name.lower())
    if known not in LEVELS:
        close = difflib.get_close_matches(known, LEVELS, n=1)
        remedy = f"did you mean {close[0]}?" if close else f"there are {', '.join(LEVELS)}"
        raise UsageError(f"no level is called {name!r}", where="--level", remedy=remedy)
    return known


def show(
    logs: Logs,
    lines: pl.DataFrame,
    wanted: Format,
    hiding: options.Hiding,
    screen: Screen,
    *,
    title: str | None = None,
    quiet: bool,
) -> None:
    """Prints lines as logtrace.reading.search finds them; to be read, under a title where there is one."""
    import polars as pl

    from logtrace.redaction.replace import decodable
    from logtrace.render import log_lines

    paths = pl.Series([decodable(path) for path in logs.files], dtype=pl.String)
    lines = lines.with_columns(path=paths[lines["file"]])
    texts = [title or "", *(text for name in ("path", "node", "message") for text in lines[name].unique())]
    hidden = hiding.of([logs.case], quiet=quiet, more=texts)
    if hidden.redaction is not None:
        lines, title = hidden.redaction.frame(lines), hidden.text(title) if title else None
    hiding.write_map(hidden)
    if wanted is Format.JSONL:
        put(log_lines.jsonl(lines))
    elif sys.stdout.isatty():
        nodes = [node.name for node in hidden.cases[0].cluster.nodes]
        screen.styled(lambda width, symbols: log_lines.text(lines, nodes, width, title, symbols=symbols))
    else:
        put("".join(f"{line}\n" for line in log_lines.rows(lines, title)))
