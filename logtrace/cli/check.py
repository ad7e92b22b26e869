"""`logtrace check`: is the catalogue of messages sound?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logtrace.cli.messages import put
from logtrace.errors import UsageError
from logtrace.render.untrusted import shown


def check(
    folder: Annotated[
        str | None, typer.Argument(metavar="DIR", help="A folder like parsers/.", show_default="the one in use")
    ] = None,
) -> None:
    """Check the catalogue of log formats and messages.

    For example:
      logtrace check            # what is in use
      logtrace check parsers/   # what was changed in a checkout

    Exit status: 0 sound; 1 something is wrong with it, a line for each; 2 it cannot be read.
    """
    from logtrace import catalogue
    from logtrace.events import check as proof

    if folder is not None and not Path(folder).is_dir():
        raise UsageError("no such folder", where=folder, remedy="name a folder like parsers/")
    problems = list(proof.problems(catalogue.load(Path(folder) if folder is not None else None)))
    put("".join(f"{shown(str(problem), 1000)}\n" for problem in problems))
    if problems:
        raise typer.Exit(1)
