"""`logtrace schema`: the JSON Schema of what `analyze --json` writes."""

from __future__ import annotations

import sys


def schema() -> None:
    """Print the JSON Schema of the JSON output."""
    from logtrace.render import document

    sys.stdout.write(document.schema())
