"""Everything that can end a run, as one small tree.

Each error is one line for the user: what is wrong, where (`file` or `file:line`), and what to do.
`status` is the exit status of the command line (see the README).
"""

from __future__ import annotations

from collections.abc import Iterable


def there_are(names: Iterable[str], most: int = 12) -> str:
    """A remedy for a name that nothing has: the names there are, the first so many of them; "" for none."""
    known = list(names)
    more = f" and {len(known) - most:,} more" if len(known) > most else ""
    return f"there are {', '.join(known[:most])}{more}" if known else ""


class LogtraceError(Exception):
    """Base of all errors shown to the user as one line.

    `message` says what is wrong, `where` names the file (and line), `remedy` says what to do.
    """

    status = 3

    def __init__(self, message: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.message = message
        self.where = where
        self.remedy = remedy
        super().__init__(": ".join(part for part in (where, message) if part) + (f"; {remedy}" if remedy else ""))


class UsageError(LogtraceError):
    """The command line asks for something that does not exist or makes no sense."""

    status = 2


class NothingUsableError(LogtraceError):
    """The input was read and holds no cluster log at all."""

    status = 3


class DamagedFileError(LogtraceError):
    """One file of the input cannot be read; the caller skips it, counts it and says so."""

    status = 3


class UnsafeInputError(LogtraceError):
    """The input tries to escape a directory or to exhaust the machine."""

    status = 4


class TooLargeError(UnsafeInputError):
    """The input does not fit into the memory that may be taken for it; elsewhere it may."""


class CatalogueError(LogtraceError):
    """A contributor's mistake in parsers/; `where` is `file:line`."""

    status = 2
