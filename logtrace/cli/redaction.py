"""The options of every command that can leave names out of its output, and what they do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli.messages import progress
from logtrace.errors import UsageError

if TYPE_CHECKING:
    from logtrace.redaction import Redaction
    from logtrace.report.case import Case

Redact = Annotated[
    bool, typer.Option("--redact", help="Replace hosts, addresses, users and domains: node-1, ip-1, user-1, domain-1.")
]
RedactNames = Annotated[
    bool, typer.Option("--redact-names", help="Like --redact, and the cluster and its resources as well.")
]
RedactMap = Annotated[
    str | None, typer.Option("--redact-map", metavar="FILE", help="Write which name became which, for yourself only.")
]


def wanted(
    cases: Sequence[Case], *, redact: bool, names: bool, quiet: bool, more: Iterable[str] = ()
) -> Redaction | None:
    """What to replace in `cases` and in the texts `more`; None when nothing is to be replaced."""
    if not redact and not names:
        return None
    from logtrace.redaction import learn

    with progress("redacting", quiet=quiet):
        return learn(cases, names=names, more=more)


def check_map(path: str | None, *, redact: bool, names: bool) -> None:
    """Raises UsageError where `--redact-map` makes no sense."""
    if path is not None and not redact and not names:
        raise UsageError("--redact-map without --redact", remedy="add --redact")
    if path == "-":
        raise UsageError("the names do not go to standard output", where="--redact-map", remedy="name a file")


def write_map(path: str | None, redaction: Redaction | None) -> None:
    """Writes the names and their pseudonyms to `path` (JSON), readable for its owner only."""
    if path is not None and redaction is not None:
        from logtrace.render import files

        files.write(Path(path), json.dumps(redaction.mapping, indent=2) + "\n", private=True)
