"""The arguments that several commands share: what to read, and which part of it."""

from __future__ import annotations

from typing import Annotated

import typer

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
    list[str], typer.Option("--node", metavar="NODE", help="Only what concerns this node; may be repeated.")
]
Resources = Annotated[
    list[str],
    typer.Option("--resource", metavar="RESOURCE", help="Only what concerns this resource; may be repeated."),
]
Timezone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="Zone of times that print none, such as Europe/Berlin.")
]
Year = Annotated[int | None, typer.Option(metavar="YEAR", help="Year of times that print none.", min=1970, max=9998)]
Jobs = Annotated[
    int, typer.Option(metavar="N", help="Threads to use; 0: as many as there are processors.", min=0, max=1024)
]
