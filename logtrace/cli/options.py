"""What several commands share: what to read and which part of it, the reading, and redaction."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple, TypedDict, Unpack

import typer

from logtrace.cli.messages import progress, reading, say, warn_of_skipped
from logtrace.cli.outputs import STDOUT
from logtrace.domain import sizes
from logtrace.errors import NothingUsableError, UsageError

if TYPE_CHECKING:
    from logtrace.gather import Watch
    from logtrace.redaction import Redaction
    from logtrace.report.case import Case
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
        help="Leave out what is earlier: 16:40, or 2026-11-22 16:40, or -90s, -5m, -1h30m before the end of the logs. "
        "Times are read in the zone of the nodes (see --timezone); for UTC, in which logtrace tells them, add Z: "
        "16:40Z.",
    ),
]
Until = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Leave out what is later; like --since. A date alone is all of that day."),
]
Nodes = Annotated[
    list[str] | None, typer.Option("--node", metavar="NODE", help="Only what concerns this node; may be repeated.")
]
Resources = Annotated[
    list[str] | None,
    typer.Option("--resource", metavar="RESOURCE", help="Only what concerns this resource; may be repeated."),
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


def _bytes(text: str | None) -> int | None:
    """`2G`, `500M` or a number as bytes; raises UsageError for what is neither."""
    if text is None:
        return None
    found = sizes.given(text)
    if found is None:
        raise UsageError(f"no size: {text!r}", where="--max-memory", remedy="write 2G or 500M")
    return found


class Asked(TypedDict, total=False):
    """What a command was given that says what to read, and how; what is left out is as if it were not given."""

    since: str | None
    until: str | None
    nodes: Sequence[str] | None
    resources: Sequence[str] | None
    timezone: str | None
    year: int | None
    jobs: int
    cache: str | None
    max_memory: str | None
    one_case: bool


def analysed(paths: Sequence[str], *, quiet: bool, logs: bool = True, **asked: Unpack[Asked]) -> Case:
    """The case of `paths`, which must be one; unless `quiet`, progress is shown.

    `logs` False: a configuration alone is enough.
    """
    with _prepared(quiet=quiet, **asked) as (wanted, watch):
        from logtrace import pipeline

        return pipeline.analyze(paths, wanted, logs=logs, watch=watch)


def cases(paths: Sequence[str], *, quiet: bool, **asked: Unpack[Asked]) -> Cases:
    """The cases of `paths`; the rest is as for `analysed`."""
    with _prepared(quiet=quiet, **asked) as (wanted, watch):
        from logtrace import pipeline

        return pipeline.cases(paths, wanted, watch=watch)


@contextmanager
def _prepared(*, quiet: bool, **asked: Unpack[Asked]) -> Iterator[tuple[Options, Watch | None]]:
    """What was asked for, checked, and what shows progress meanwhile."""
    from logtrace.intake.memory import check_limits

    check_limits()  # before the engine is there
    from logtrace.report import typed_times as typed
    from logtrace.report.scope import Options

    wanted = Options(
        since=asked.get("since"),
        until=asked.get("until"),
        nodes=tuple(asked.get("nodes") or ()),
        resources=tuple(asked.get("resources") or ()),
        timezone=asked.get("timezone"),
        year=asked.get("year"),
        jobs=asked.get("jobs", 0),
        cache=asked.get("cache"),
        max_memory=_bytes(asked.get("max_memory")),
        one_case=asked.get("one_case", False),
    )
    for time in (wanted.since, wanted.until):
        if time is not None:
            typed.check(time)
    with reading(quiet=quiet) as watch:
        yield wanted, watch


# --- redaction -------------------------------------------------------------------------------------------


class Hiding(NamedTuple):
    """What `--redact`, `--redact-names` and `--redact-map` ask for."""

    redact: bool
    names: bool
    map: str | None

    @classmethod
    def asked(cls, redact: bool, names: bool, map_: str | None) -> Hiding:
        """Raises UsageError where `--redact-map` makes no sense."""
        if map_ is not None and not redact and not names:
            raise UsageError("--redact-map without --redact", remedy="add --redact")
        if map_ == STDOUT:
            raise UsageError("the names do not go to standard output", where="--redact-map", remedy="name a file")
        return cls(redact or names, names, map_)

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
        if self.redact:
            from logtrace.redaction import learn

            with progress("redacting", quiet=quiet):
                hidden = learn(cases, names=self.names, more=more)
        shown = {id(case): hidden.case(case) if hidden else case for case in cases}
        if not quiet:
            for case in shown.values():
                warn_of_skipped(case)
            for error in unusable:
                say(f"warning: {hidden.text(str(error)) if hidden else error}")
        return Hidden(tuple(shown[id(case)] for case in cases), hidden)

    def write_map(self, hidden: Hidden) -> None:
        """Writes the names and their pseudonyms (JSON), readable for their owner only, where that was asked for."""
        if self.map is not None and hidden.redaction is not None:
            from logtrace.render import files

            files.write(Path(self.map), json.dumps(hidden.redaction.mapping, indent=2) + "\n", private=True)


class Hidden(NamedTuple):
    """Cases as they may be shown, and the redaction they went through, if any."""

    cases: tuple[Case, ...]
    redaction: Redaction | None

    def text(self, text: str) -> str:
        """A text beside the cases, such as the name of a file."""
        return text if self.redaction is None else self.redaction.text(text)
