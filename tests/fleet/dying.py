"""A writer that dies."""

from __future__ import annotations

from logtrace.fleet.places import Folder


class DiesError(Exception):
    """Stands for the end of the process."""


class Dying(Folder):
    """A place whose writer dies at its `last`-th file."""

    def __init__(self, where: str, last: int) -> None:
        super().__init__(where)
        self.left = last

    def put(self, name: str, content: bytes) -> None:
        if not self.left:
            raise DiesError
        self.left -= 1
        super().put(name, content)
