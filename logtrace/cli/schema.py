"""`logtrace schema`: the JSON Schema of what `analyze --json` writes."""

from __future__ import annotations

from logtrace.cli.messages import put


def schema() -> None:
    """Print the JSON Schema of the JSON output.

    For example:
      logtrace schema > case.schema.json   # to check documents, or to generate types
    """
    from logtrace.render import document

    put(document.schema())
