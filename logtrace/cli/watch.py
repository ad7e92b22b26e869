"""`logtrace watch`: incidents while they happen, from logs that are being written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import options, outputs
from logtrace.errors import UsageError

if TYPE_CHECKING:
    from logtrace.watch.run import Output

PATHS = (
    "Logs and folders that are written to, of one cluster: of a node (/var/log/pacemaker, /var/log/cluster), of a log "
    "host, or - for what journalctl -f -o export prints. Its cib.xml and corosync.conf may be named as well."
)


def watch(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help=PATHS, show_default=False)],
    state: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Remember here what was read and told, for the next start."),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", metavar="FORM", help="live, text or jsonl; else live on a terminal.")
    ] = None,
    command: Annotated[
        str | None,
        typer.Option("--exec", metavar="COMMAND", help="Run this for each message, which is on its standard input."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Tell also what was over before the watch began, as far as is looked back.")
    ] = False,
    timezone: options.Timezone = None,
    year: options.Year = None,
) -> None:
    """Tell incidents while they happen.

    Each is told when it opens, when what is known of it changes, and with the verdict when it closes.

    Exit status: 0 standard input ended; 2 wrong usage; 130 and 143 ended by an interrupt or SIGTERM.
    """
    from logtrace.cli import watching

    if state is not None:
        outputs.check([state], paths)
    if form not in (None, "live", "text", "jsonl"):
        raise UsageError(f"no such form: {form!r}", where="--format", remedy="live, text or jsonl")
    told: list[Output] = watching.outputs(form, command)
    watching.run(paths, told, Path(state) if state else None, every=every, timezone=timezone, year=year)
