"""Names of files, which come from strangers, as text that is safe to show."""

from __future__ import annotations


def printable(path: str) -> str:
    """A path from a stranger as one line of harmless text: control and undecodable characters as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in path)


def short(path: str) -> str:
    """The same, of a length that fits into a message."""
    return printable(path[:300]) + ("..." if len(path) > 300 else "")
