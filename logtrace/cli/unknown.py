"""`logtrace unknown`: what the catalogue of messages does not know yet."""

from __future__ import annotations

from typing import Annotated

import typer

from logtrace.cli import options
from logtrace.cli.messages import progress, put


def unknown(
    paths: options.Paths,
    most: Annotated[
        int,
        typer.Option(
            metavar="N", help="Only so many wordings, the most frequent.", parser=options.number(1, 1_000_000)
        ),
    ] = 20,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Print what was not understood, as stanzas.

    Of lines that looked relevant, numbers and the names of nodes and resources are blanked, and those of one wording
    are told once, the most frequent first. Give a stanza its kind and its fields, put it into a file of
    parsers/messages, and let `check` prove it.
    """
    from logtrace.events.unknown import unknown as wordings

    with progress(f"reading {', '.join(paths)}", quiet=quiet):
        found = wordings(paths, most)
    put("".join(f"{each.stanza()}\n\n" for each in found))
