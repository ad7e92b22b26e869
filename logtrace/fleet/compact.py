"""Many small files of a store become few: rows are read and put again, and only then the old files are removed.

Whoever reads meanwhile sees each row once, whatever is there (logtrace.fleet.store); of two compactions at once one
does its work for nothing. What a removal takes away meanwhile does not come back: it looks again once all it knew is
gone, and a compaction looks again once it has put what it read, so that one of them sees what the other did.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from logtrace.errors import UsageError
from logtrace.fleet.removal import without
from logtrace.fleet.store import MONTH, STORED, Contents, File, Store, made_at, new_batch

#: A month of so many batches is compacted unasked: opening a file takes as long as reading thousands of rows.
MANY: Final = 16

#: Nobody puts one batch for so long: what is not whole by then was left by a writer that died.
_ABANDONED: Final = timedelta(days=1)


def compact(
    store: Store, *, least: int = 2, below: int | None = None, watch: Callable[[str], None] = lambda _: None
) -> int:
    """Puts the rows of each month that has at least `least` batches into one, and gives how many months that were.

    What was superseded, and what a writer that died left behind, goes. `below`: batches of so many cases are left as
    they are, so that a store which grows case by case is not written anew again and again. `watch` is told each month.
    """
    contents = store.read()
    months = _months(contents, below)
    for month, batches in months.items():
        if len(batches) >= least:
            watch(month)
            _month(store, contents, month, batches)
    _sweep(store, contents)
    return sum(len(batches) >= least for batches in months.values())


def crowded(contents: Contents, below: int | None = None) -> bool:
    """Whether compaction is worth it; `below` as there."""
    return any(len(batches) >= MANY for batches in _months(contents, below).values())


def _months(contents: Contents, below: int | None) -> dict[str, set[str]]:
    """The batches of each month that may be put together: those of which no analysis is still being put."""
    now = datetime.now(UTC)
    whole = contents.index.group_by("ticket", "analysis").agg(
        whole=pl.col("case_id").n_unique() == pl.col("ticket_cases").first()
    )
    told = contents.index.join(whole, on=["ticket", "analysis"], how="left")
    unfinished = {
        batch for batch in told.filter(~pl.col("whole"))["batch"].unique() if now - made_at(batch) < _ABANDONED
    }
    found: dict[str, set[str]] = {}
    sizes = told.group_by(MONTH, "batch").len().sort(MONTH, "batch")
    for month, batch, size in sizes.iter_rows():
        if batch not in unfinished and (below is None or size < below):
            found.setdefault(month, set()).add(batch)
    return found


def _month(store: Store, contents: Contents, month: str, batches: set[str]) -> None:
    mine = [
        file for file in contents.files if file.month == month and file.batch in batches and file.table != "refused"
    ]
    part = Contents(contents.place, mine, contents.index)
    batch = new_batch()
    try:
        for table in (*(name for name in STORED if name not in {"cases", "refused"}), "cases"):
            rows = part.table(table).drop(MONTH).collect()
            if not rows.is_empty():
                store.put_file(table, month, batch, rows.sort("case_id", maintain_order=True))
    except FileNotFoundError as error:  # somebody else does the same, or removes
        _remove(store, _put(store, batch))
        raise UsageError(
            "somebody else changes the store", where=store.place.where, remedy="try again later"
        ) from error
    _follow(store, mine, batch)
    _remove(store, mine)


def _follow(store: Store, read: list[File], batch: str) -> None:
    """Takes out of a new batch what somebody has taken out of the files it was read from: a removal, or another
    compaction, which has put it elsewhere.
    """
    left: set[str] = set()
    for file in (each for each in read if each.table == "cases"):
        with suppress(FileNotFoundError):
            left.update(store.rows(file)["case_id"])
    put = _put(store, batch)
    gone = [case for file in put if file.table == "cases" for case in store.rows(file)["case_id"] if case not in left]
    for file in sorted(put, key=lambda file: file.table == "cases") if gone else ():
        without(store, file, pl.Series(gone))


def _put(store: Store, batch: str) -> list[File]:
    return [file for file in store.read().files if file.batch == batch]


def _remove(store: Store, files: list[File]) -> None:
    """Removes files; those first without which the others are not seen."""
    for file in sorted(files, key=lambda file: file.table != "cases"):
        store.place.remove(file.name)


def _sweep(store: Store, contents: Contents) -> None:
    """Removes what writers that died have left: files of batches without cases."""
    seen = set(contents.index["batch"])
    now = datetime.now(UTC)
    left = [
        file
        for file in contents.files
        if file.table != "refused" and file.batch not in seen and now - made_at(file.batch) > _ABANDONED
    ]
    _remove(store, left)
