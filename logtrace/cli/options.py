"""What several commands share: what to read and which part of it, the reading, and redaction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from logtrace.cli.groups import Group
from logtrace.cli.messages import progress, say, warn_of_skipped
from logtrace.cli.messages import reading as watched
from logtrace.cli.outputs import STDOUT
from logtrace.domain import sizes
from logtrace.errors import NothingUsableError, UsageError

if TYPE_CHECKING:
    from logtrace.gather import Watch
    from logtrace.redaction import Redaction
    from logtrace.report.case import Case
    from logtrace.report.rereading import Rereading
    from logtrace.report.scope import Cases, Options

PATHS: Final = (
    "Report archives, unpacked reports, folders of these or of logs, single logs, or - for a log on standard input. "
    "What is of one cluster at one time is one case."
)


def number(least: int, most: int) -> Callable[[object], int]:
    """What reads a whole number from `least` to `most`; it raises BadParameter, in plain words, for all else."""

    def read(text: object) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", str(text)) or not least <= int(str(text)) <= most:
            raise typer.BadParameter(f"{text!r} is no whole number from {least} to {most}")
        return int(str(text))

    return read


Paths = Annotated[list[str], typer.Argument(metavar="PATH", help=PATHS, show_default=False)]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Leave out what is earlier: 16:40, yesterday 16:40, 2026-11-22 16:40, or 90s, 5m, 1h30m before the end of "
        "the logs. Times are read in the zone of the nodes (see --timezone); 16:40Z is UTC, in which logtrace tells "
        "them.",
    ),
]
Until = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Leave out what is later; like --since. A date alone is all of that day."),
]
Nodes = Annotated[
    list[str] | None,
    typer.Option("--node", metavar="NODE", help="Only what concerns this node, or a glob's (osp-*); may be repeated."),
]
Resources = Annotated[
    list[str] | None,
    typer.Option(
        "--resource", metavar="RESOURCE", help="Only what concerns this resource, or a glob's; may be repeated."
    ),
]
Timezone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="Zone of times that print none, such as Europe/Berlin.")
]
Year = Annotated[
    int | None, typer.Option(metavar="YEAR", help="Year of times that print none.", parser=number(1970, 9998))
]
Jobs = Annotated[
    int, typer.Option(metavar="N", help="Threads to use; 0: as suits the processors there are.", parser=number(0, 1024))
]
Kept = Annotated[
    str | None,
    typer.Option("--cache", metavar="DIR", help="Keep what was read in this folder, for the next look at the input."),
]
MaxMemory = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Memory to take at most, such as 2G; else three quarters of what is free."),
]

OneCase = Annotated[
    bool, typer.Option("--one-case", help="Take all that is named as one case, whatever clusters it speaks of.")
]

Redact = Annotated[
    bool, typer.Option("--redact", help="Replace hosts, addresses, users and domains: node-1, ip-1, user-1, domain-1.")
]
RedactNames = Annotated[
    bool, typer.Option("--redact-names", help="Like --redact, and the cluster and its resources as well.")
]
RedactMap = Annotated[
    str | None, typer.Option("--redact-map", metavar="FILE", help="Write which name became which, for yourself only.")
]


# --- reading ---------------------------------------------------------------------------------------------


def size(text: str | None) -> int | None:
    """`2G`, `500M` or a number as bytes; raises UsageError for what is neither."""
    if text is None:
        return None
    found = sizes.given(text)
    if found is None:
        raise UsageError(f"no size: {text!r}", where="--max-memory", remedy="write 2G or 500M")
    return found


class Window(Group, frozen=True, kw_only=True):
    """Which lines of the logs are asked for: of a time, and of nodes."""

    heading = "Part of the logs"

    since: Since = None
    until: Until = None
    nodes: Nodes = None

    def __post_init__(self) -> None:
        if (self.since, self.until) != (None, None):
            from logtrace.report import typed_times as typed

            for time in filter(None, (self.since, self.until)):
                typed.check(time)


class Part(Window, frozen=True, kw_only=True):
    """Which part of what the logs tell is asked for."""

    resources: Resources = None


class Lines(Group, frozen=True, kw_only=True):
    """How the input is to be read, and what is known of it beforehand, where no cache keeps what is asked for."""

    heading = "Reading"

    timezone: Timezone = None
    year: Year = None
    jobs: Jobs = 0
    max_memory: MaxMemory = None
    one_case: OneCase = False

    def __post_init__(self) -> None:
        size(self.max_memory)


class Reading(Lines, frozen=True, kw_only=True):
    """The same for what a cache keeps."""

    cache: Kept = None


_ALL: Final = Part()


def analysed(
    paths: Sequence[str],
    reading: Reading,
    part: Part = _ALL,
    *,
    quiet: bool,
    logs: bool = True,
) -> Case:
    """The case of `paths`, which must be one; unless `quiet`, progress is shown.

    `logs` False: a configuration alone is enough.
    """
    with _prepared(reading, part, quiet=quiet) as (wanted, watch):
        from logtrace import pipeline

        return pipeline.analyze(paths, wanted, logs=logs, watch=watch)


def cases(
    paths: Sequence[str],
    reading: Reading,
    part: Part = _ALL,
    *,
    quiet: bool,
) -> Cases:
    """The cases of `paths`; the rest is as for `analysed`."""
    with _prepared(reading, part, quiet=quiet) as (wanted, watch):
        from logtrace import pipeline

        return pipeline.cases(paths, wanted, watch=watch)


def reread(paths: Sequence[str], reading: Lines, part: Window = _ALL, *, quiet: bool) -> tuple[Case, Rereading]:
    """The case of `paths`, which must be one, and what it takes to read all its lines again."""
    if STDOUT in paths:  # standard input has the same name
        raise UsageError("standard input cannot be read twice", where=STDOUT, remedy="save it to a file, and name that")
    with _prepared(reading, part, quiet=quiet) as (wanted, watch):
        from logtrace import reading as again

        return again.opened(paths, wanted, watch)


@contextmanager
def _prepared(reading: Lines, part: Window, *, quiet: bool) -> Iterator[tuple[Options, Watch | None]]:
    """What was asked for, and what shows progress meanwhile."""
    from logtrace.report.scope import Options

    wanted = Options(
        since=part.since,
        until=part.until,
        nodes=tuple(part.nodes or ()),
        resources=tuple(part.resources or ()) if isinstance(part, Part) else (),
        timezone=reading.timezone,
        year=reading.year,
        jobs=reading.jobs,
        cache=reading.cache if isinstance(reading, Reading) else None,
        max_memory=size(reading.max_memory),
        one_case=reading.one_case,
    )
    with watched(quiet=quiet) as watch:
        yield wanted, watch


# --- redaction -------------------------------------------------------------------------------------------


class Hiding(Group, frozen=True, kw_only=True):
    """Whether names are replaced, and where it is written which name became which."""

    heading = "Redaction"

    redact: Redact = False
    redact_names: RedactNames = False
    redact_map: RedactMap = None

    def __post_init__(self) -> None:
        if self.redact_map is not None and not self.redact and not self.redact_names:
            raise UsageError("--redact-map without --redact", remedy="add --redact")
        if self.redact_map == STDOUT:
            raise UsageError("the names do not go to standard output", where="--redact-map", remedy="name a file")

    def of(
        self,
        cases: Sequence[Case],
        *,
        quiet: bool,
        more: Iterable[str] = (),
        unusable: Iterable[NothingUsableError] = (),
    ) -> Hidden:
        """`cases` as they may be shown, and what hides names in other texts, of which `more` are known already. Unless
        `quiet`, what was skipped of them is told, and why what is `unusable` is no case.
        """
        hidden: Redaction | None = None
        if self.redact or self.redact_names:
            from logtrace.redaction import learn

            with progress("redacting", quiet=quiet):
                hidden = learn(cases, names=self.redact_names, more=more)
        shown = {id(case): hidden.case(case) if hidden else case for case in cases}
        if not quiet:
            for case in shown.values():
                warn_of_skipped(case)
            for error in unusable:
                say(f"warning: {hidden.text(str(error)) if hidden else error}")
        return Hidden(tuple(shown[id(case)] for case in cases), hidden)

    def write_map(self, hidden: Hidden) -> None:
        """Writes the names and their pseudonyms (JSON), readable for their owner only, where that was asked for."""
        if self.redact_map is not None and hidden.redaction is not None:
            from logtrace.render import files

            files.write(Path(self.redact_map), json.dumps(hidden.redaction.mapping, indent=2) + "\n", private=True)


class Hidden(NamedTuple):
    """Cases as they may be shown, and the redaction they went through, if any."""

    cases: tuple[Case, ...]
    redaction: Redaction | None

    def text(self, text: str) -> str:
        """A text beside the cases, such as the name of a file."""
        return text if self.redaction is None else self.redaction.text(text)
