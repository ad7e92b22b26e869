"""Tickets leave a store for good: files that tell of them are put again, under their names, without them.

This is the one thing that changes a file. Each is replaced in one step, `cases` last: a removal that is interrupted is
seen, and ended by the next, and every other case is there at all times. What a writer that died has left of a ticket is
not seen, and goes when the store is compacted.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import polars as pl

from logtrace.errors import UsageError
from logtrace.fleet.store import MONTH, Contents, File, Store

#: A compaction may put the rows elsewhere meanwhile; it does not do so again and again.
_TRIES: Final = 5


def remove(store: Store, tickets: Collection[str]) -> int:
    """Removes all analyses of these tickets, and their pages, and gives how many cases that were. Raises UsageError
    where somebody changes the store all the time.
    """
    removed: set[str] = set()
    for _ in range(_TRIES):
        contents = store.read()
        gone = contents.index.filter(pl.col("ticket").is_in(list(tickets)))
        if gone.is_empty():
            return len(removed)
        removed.update(gone["case_id"])
        for case in removed:
            store.place.remove(f"pages/{case}.html")
        for file in _telling(contents, gone):
            try:
                without(store, file, gone["case_id"])
            except FileNotFoundError:  # it has been put elsewhere since
                break
    raise UsageError("its files change all the time", where=store.place.where, remedy="try again later")


def _telling(contents: Contents, gone: pl.DataFrame) -> list[File]:
    """The files that may tell of cases, `cases` last."""
    there = set(gone.select("batch", MONTH).iter_rows())
    mine = [file for file in contents.files if (file.batch, file.month) in there and file.table != "refused"]
    return sorted(mine, key=lambda file: file.table == "cases")


def without(store: Store, file: File, cases: pl.Series) -> None:
    """Puts a file again without the rows of these cases. Raises FileNotFoundError where it is gone."""
    rows = store.rows(file)
    left = rows.filter(~pl.col("case_id").is_in(cases.implode()))
    if left.is_empty():
        store.place.remove(file.name)
    elif left.height < rows.height:
        store.put_file(file.table, file.month, file.batch, left)
