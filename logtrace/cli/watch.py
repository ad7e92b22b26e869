"""`logtrace watch`: incidents while they happen, from logs that are being written."""

from __future__ import annotations

import gc
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from logtrace.cli import options, outputs


class Form(StrEnum):
    """How messages stand on standard output."""

    LIVE = "live"
    TEXT = "text"
    JSONL = "jsonl"


PATHS = (
    "Logs and folders that are written to, of one cluster: of a node (/var/log/pacemaker, /var/log/cluster), of a log "
    "host, or - for what journalctl -f -o export prints. Its cib.xml and corosync.conf may be named as well."
)


def watch(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help=PATHS, show_default=False)],
    *,
    state: Annotated[
        str | None, typer.Option(metavar="FILE", help="Remember here what was read and told, for the next start.")
    ] = None,
    form: Annotated[
        Form | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="On standard output: a live view, text to read, or jsonl; else live on a terminal, and text.",
        ),
    ] = None,
    command: Annotated[
        str | None,
        typer.Option(
            "--exec",
            metavar="COMMAND",
            help="Run this for each message, which is on its standard input as JSON. No shell reads it.",
        ),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL", help="Post each message there as JSON, until somebody takes it.")
    ] = None,
    webhook_secret: Annotated[
        str | None, typer.Option(metavar="FILE", help="Sign what is posted with the secret in this file.")
    ] = None,
    pages: Annotated[
        str | None, typer.Option(metavar="DIR", help="Write the page of each incident that closes into this folder.")
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="[ADDRESS]:PORT", help="Answer Prometheus there; without an address on this machine alone."
        ),
    ] = None,
    metrics_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the metrics there, for the textfile collector: NAME.prom.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Tell also what was over before the watch began, as far as is looked back.")
    ] = False,
    timezone: options.Timezone = None,
) -> None:
    """Tell incidents while they happen.

    Each is told when it opens, when what is known of it changes, and with the verdict when it closes.

    For example:
      logtrace watch /var/log/pacemaker /var/log/cluster     # on a node
      logtrace watch /var/log/hosts --state /var/lib/logtrace/state --format jsonl  # on a log host
      journalctl -f -o export | logtrace watch -             # from the journal

    Exit status: 0 standard input ended; 2 wrong usage; 130 and 143 ended by an interrupt or SIGTERM.
    """
    gc.set_threshold(10_000)  # what a look leaves in circles holds its tables, and there will be another look
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # tables are small: more threads take memory, and no less time
    from logtrace.cli import watching

    outputs.check([state, metrics_file], paths, folders=[pages])
    asked = watching.Asked(form, command, webhook, webhook_secret, pages, metrics, metrics_file)
    watching.run(paths, asked, Path(state) if state else None, timezone, every=every)
