"""`logtrace schema`: the JSON Schema of what `analyze --json` writes."""

from __future__ import annotations

from logtrace.cli.messages import put


def schema() -> None:
    """Print the JSON Schema of the JSON output."""
    from logtrace.render import document

    put(document.schema())
