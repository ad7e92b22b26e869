"""`logtrace schema`: the JSON Schemas of what `analyze --json` and `watch --format jsonl` write."""

from __future__ import annotations

from typing import Annotated

import typer

from logtrace.cli.messages import put


def schema(
    watch: Annotated[bool, typer.Option("--watch", help="Print that of the messages of `logtrace watch`.")] = False,
) -> None:
    """Print the JSON Schema of the JSON output.

    For example:
      logtrace schema > case.schema.json   # to check documents, or to generate types
    """
    if watch:
        from logtrace.watch import messages

        put(messages.schema())
        return
    from logtrace.render import document

    put(document.schema())
