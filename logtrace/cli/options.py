"""What several commands share: the arguments that say what to read and which part of it, and the reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli.messages import progress, warn_of_skipped

if TYPE_CHECKING:
    from logtrace.model import Case

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH",
        help="Report archives, unpacked reports, folders of logs, single logs, or - for a log on standard input. "
        "All of them are one case.",
        show_default=False,
    ),
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Leave out what is earlier: a date and time, or -2h from the end of the logs."),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Leave out what is later; like --since.")]
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
Year = Annotated[int | None, typer.Option(metavar="YEAR", help="Year of times that print none.", min=1970, max=9998)]
Jobs = Annotated[
    int, typer.Option(metavar="N", help="Threads to use; 0: as many as there are processors.", min=0, max=1024)
]
Kept = Annotated[
    str | None,
    typer.Option("--cache", metavar="DIR", help="Keep what was read in this folder, for the next look at the input."),
]


def analysed(
    paths: Sequence[str],
    since: str | None,
    until: str | None,
    nodes: Sequence[str] | None,
    resources: Sequence[str] | None,
    timezone: str | None,
    year: int | None,
    jobs: int,
    *,
    quiet: bool,
    cache: str | None = None,
    logs: bool = True,
) -> Case:
    """The case of `paths`; unless `quiet`, progress is shown and what was skipped is told.

    `logs` False: a configuration alone is enough.
    """
    from logtrace import analysis
    from logtrace.whole import Options as Wanted

    wanted = Wanted(since, until, tuple(nodes or ()), tuple(resources or ()), timezone, year, jobs, cache)
    with progress(f"reading {', '.join(paths)}", quiet=quiet):
        case = analysis.analyze(paths, wanted, logs=logs)
    if not quiet:
        warn_of_skipped(case)
    return case
