"""Names of files, which come from strangers, as text that is safe to show; and what a report is called after them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: What names of reports and logs end in, beside what tells them apart.
_ENDINGS: Final = (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".zst", ".log", ".txt")


def report_name(path: str) -> str:
    """The name of a report without its endings: `/srv/crm_report.tar.bz2` -> crm_report; `-` -> stdin."""
    if path == "-":
        return "stdin"
    name = Path(os.path.realpath(path)).name
    while (shorter := next((name[: -len(end)] for end in _ENDINGS if name.lower().endswith(end)), "")) != "":
        name = shorter
    return name or "report"


def printable(path: str) -> str:
    """A path from a stranger as one line of harmless text: control and undecodable characters as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in path)


def short(path: str) -> str:
    """The same, of a length that fits into a message."""
    return printable(path[:300]) + ("..." if len(path) > 300 else "")
