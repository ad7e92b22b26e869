"""The store of many cases (`logtrace.fleet`) that finished ones go to, and that deleted ones leave.

An analysis has laid out its rows as a store is; they are put into the real one by whoever holds the job. The same
evidence analysed twice, also by `logtrace fleet add`, counts once there. Nothing here loads polars.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from logtrace.errors import UsageError
from logtrace.fleet.places import Folder, place
from logtrace.serve import leaving, tidying
from logtrace.serve.bounded import Bounded, Limits
from logtrace.serve.library import IN_STORE
from logtrace.serve.settings import Settings

_MARK: Final = "store.json"
#: Files of a month's cases from which on it is looked whether they are to be put together.
_MANY: Final = 16


def check(where: str) -> None:
    """Raises UsageError where there is a store whose names are pseudonyms: names of uploads are as they are."""
    try:
        told = msgspec.json.decode(place(where).read(_MARK))
    except FileNotFoundError:
        return
    if not isinstance(told, dict) or told.get("redacted") is not None:
        raise UsageError("is a store with pseudonyms for names", where=where, remedy="name another store")


def feed(settings: Settings, rows: Path) -> None:
    """Puts the rows of a job into the store, those last by which the others count, and removes the folder."""
    into, made = place(settings.store), Folder(str(rows))
    if not _there(settings):
        into.put(_MARK, made.read(_MARK))
    names = [name for table in sorted(path.name for path in rows.iterdir()) for name in made.names(table)]
    for name in sorted(names, key=lambda name: name.startswith("cases/")):
        into.put(name, made.read(name))
    shutil.rmtree(rows)


def _there(settings: Settings) -> bool:
    try:
        place(settings.store).read(_MARK)
    except FileNotFoundError:
        return False
    return True


def remove(settings: Settings, jobs: Sequence[str]) -> None:
    """Takes the cases of `jobs` out of the store, in a process with limits. Raises OSError where that fails."""
    if _there(settings):
        _changed(settings, leaving.__name__, leaving.Order(settings.store, tuple(job[:IN_STORE] for job in jobs)))


def tidy(settings: Settings) -> None:
    """Puts its files together where there are many, in a process with limits. Raises OSError where that fails."""
    months = Counter(name.rpartition("/")[0] for name in place(settings.store).names("cases"))
    if max(months.values(), default=0) >= _MANY:
        _changed(settings, tidying.__name__, tidying.Order(settings.store))


def _changed(settings: Settings, module: str, order: Struct) -> None:
    """Has a process change the store."""
    folder = Path(tempfile.mkdtemp(prefix="store-", dir=settings.incoming))
    try:
        limits = Limits(settings.memory, settings.seconds)
        with Bounded(module, order, limits, folder, threads=1, reaches=settings.store) as process:
            ended = process.ended(limits.seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if ended is None or ended.status != 0:
        sys.stderr.write(f"{module}: {ended.said if ended else 'it takes too long'}\n")
        raise OSError("the store of many cases cannot be changed now; it is tried again")
