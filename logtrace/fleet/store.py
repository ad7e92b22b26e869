"""A store: the tables of many cases as Parquet files, and what makes them whole for whoever reads them.

    STORE/store.json                             what it is, and whether its names are pseudonyms
    STORE/<table>/month=2026-11/<batch>.parquet  rows of one batch whose cases begin in that month (unknown: no time)
    STORE/refused/month=all/<batch>.parquet      what could not be read, and why
    STORE/pages/<case_id>.html                   pages, if they were asked for

Files are made under new names and never changed, but where a ticket is removed (logtrace.fleet.removal). A batch's rows
count once their cases stand in `cases`, whose files are put last: what a writer that died has left behind is not seen.
One analysis of a ticket may give several cases; it counts once all of them are there. Of several analyses of the same
evidence the one of most of it, else the latest counts; so two writers at once, or a compaction at the same time, lose
nothing and tell nothing twice. Other readers of Parquet see the same where they join `cases`; only what was analysed
twice shows twice to them until it is compacted.
"""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec
import polars as pl
from msgspec import Struct

from logtrace.errors import UsageError
from logtrace.fleet.places import Place, place
from logtrace.tables.schemas import TABLES, Column, Table

Answer = TypeVar("Answer")

#: What is known of a case beside what it tells itself.
KEPT: Final[Table] = {
    "ticket": Column(pl.String(), "digest of all that was read together"),
    "ticket_cases": Column(pl.Int64(), "cases that came of it"),
    "evidence": Column(pl.List(pl.String()), "digests of the archives, folders and logs that were read together"),
    "analysis": Column(pl.String(), "the same for cases of one reading of it, and for no others"),
    "added": Column(pl.Datetime("us", "UTC"), "when it was analysed"),
    "page": Column(pl.String(), "its page, below the store; null: none was asked for"),
}

REFUSED: Final[Table] = {
    "ticket": Column(pl.String(), "digest of all that was read together"),
    "evidence": KEPT["evidence"],
    "input": Column(pl.String(), "what could not be used"),
    "reason": Column(pl.String(), "why"),
    "added": Column(pl.Datetime("us", "UTC"), "when that was found"),
    "logtrace": Column(pl.String(), "version of logtrace that found it"),
}

#: Everything a store holds. `month` is in the names of folders.
STORED: Final[dict[str, Table]] = {**TABLES, "cases": {**TABLES["cases"], **KEPT}, "refused": REFUSED}

MONTH: Final = "month"
_EVER: Final = "all"
_UNKNOWN: Final = "unknown"
_VERSION: Final = 1
_MARK: Final = "store.json"

_FILE: Final = re.compile(
    rf"(?P<table>{'|'.join(STORED)})/month=(?P<month>\d{{4}}-\d\d|{_UNKNOWN}|{_EVER})/(?P<batch>\d{{8}}T\d{{12}}-[0-9a-f]{{8}})\.parquet"
)
#: Columns of `cases` that say which rows count.
_INDEX: Final = ("case_id", "ticket", "ticket_cases", "evidence", "analysis", "logtrace")


class File(Struct, frozen=True):
    """A Parquet file of the store."""

    name: str
    table: str
    month: str
    batch: str


class _Mark(Struct, frozen=True):
    """What `store.json` tells; see Store."""

    store: int
    redacted: str | None


class Store:
    """A store at a place. `secret_mark`: what tells the secret its pseudonyms were made with; None where names are as
    they are.
    """

    def __init__(self, at: Place, secret_mark: str | None) -> None:
        self.place = at
        self.secret_mark = secret_mark

    @classmethod
    def at(cls, where: str) -> Store:
        """The store at a path or an address. Raises UsageError where there is none."""
        there = place(where)
        mark = _mark(there)
        if mark is None:
            raise UsageError("is no store", where=where, remedy=f"make one: logtrace fleet add {where} PATH...")
        return cls(there, mark.redacted)

    @classmethod
    def made(cls, where: str, secret_mark: str | None) -> Store:
        """The same; made where there is none yet. Raises UsageError where it holds other names than it would get."""
        there = place(where)
        mark = _mark(there)
        if mark is None:
            there.put(_MARK, msgspec.json.encode(_Mark(_VERSION, secret_mark)) + b"\n")
        elif mark.redacted != secret_mark:
            raise UsageError(
                "its names are pseudonyms of another secret, or none",
                where=where,
                remedy="use the same --redact and --redact-key as before, or another store",
            )
        return cls(there, secret_mark)

    # --- writing -----------------------------------------------------------------------------------------

    def put(self, tables: Mapping[str, pl.DataFrame]) -> None:
        """Add rows in one batch: tables with the columns of STORED and, but for `refused`, `month`."""
        batch = new_batch()
        for table in (*(name for name in tables if name != "cases"), "cases"):
            frame = tables.get(table)
            if frame is None or frame.is_empty():
                continue
            dated = frame if MONTH in frame.columns else frame.with_columns(pl.lit(_EVER).alias(MONTH))
            for (month,), part in sorted(dated.partition_by(MONTH, as_dict=True).items()):
                self.put_file(table, str(month), batch, part)

    def put_file(self, table: str, month: str, batch: str, frame: pl.DataFrame) -> None:
        """Add rows of one table and month."""
        made = io.BytesIO()
        frame.select(list(STORED[table])).write_parquet(made, compression="zstd", row_group_size=_ROWS)
        self.place.put(f"{table}/{MONTH}={month}/{batch}.parquet", made.getvalue())

    # --- reading -----------------------------------------------------------------------------------------

    def rows(self, file: File) -> pl.DataFrame:
        """All rows of a file, also those that do not count."""
        with _told(self.place):
            return _scanned(self.place, file.table, [file]).drop(MONTH).collect()

    def read(self) -> Contents:
        """What the store holds now. Raises UsageError where a file is none of logtrace's."""
        for _ in range(_TRIES):
            files = self._files()
            try:
                return Contents(self.place, files, _counting(self._index(files)))
            except FileNotFoundError:  # a compaction has removed it since, and put another in its place
                continue
        raise self._restless()

    def asked(self, ask: Callable[[dict[str, pl.LazyFrame]], Answer]) -> Answer:
        """What `ask` answers of the tables; asked again where a compaction took files away meanwhile."""
        for _ in range(_TRIES):
            try:
                with _told(self.place):
                    return ask(self.read().tables())
            except FileNotFoundError:
                continue
        raise self._restless()

    def _restless(self) -> UsageError:
        return UsageError("its files change all the time", where=self.place.where, remedy="try again later")

    def _files(self) -> list[File]:
        found = [_FILE.fullmatch(name) for table in STORED for name in self.place.names(table)]
        return [File(match[0], **match.groupdict()) for match in found if match]

    def _index(self, files: Sequence[File]) -> pl.DataFrame:
        """Who stands in `cases`: the columns of _INDEX, `batch` and `month`."""
        mine = [file for file in files if file.table == "cases"]
        found = _scanned(self.place, "cases", mine, path="path").select(*_INDEX, "path")
        with _told(self.place):
            told = found.collect()
        batches = pl.DataFrame(
            {"path": [self.place.address(file.name) for file in mine], "batch": [file.batch for file in mine],
             MONTH: [file.month for file in mine]}, schema={"path": pl.String, "batch": pl.String, MONTH: pl.String},
        )  # fmt: skip
        return told.join(batches, on="path", how="left").drop("path")


#: Rows that are read or passed over together.
_ROWS: Final = 50_000
#: A reader sees a listing at a time at which nobody compacts, sooner or later.
_TRIES: Final = 5


class Contents(Struct, frozen=True):
    """What a store held when it was looked at. `index`: the cases that are in its files, with `batch`, `month` and
    `counts`.
    """

    place: Place
    files: list[File]
    index: pl.DataFrame

    @property
    def known(self) -> pl.DataFrame:
        """The cases that count."""
        return self.index.filter("counts")

    def table(self, name: str) -> pl.LazyFrame:
        """A table of all cases that count, with `month`; read when it is asked for, and only as far as it is."""
        mine = [file for file in self.files if file.table == name]
        if name == "refused":
            return _scanned(self.place, name, mine)
        by_batch: dict[tuple[str, str], tuple[int, int]] = {
            (batch, month): (counting, there)
            for batch, month, counting, there in self.index.group_by("batch", MONTH)
            .agg(counting=pl.col("counts").sum(), there=pl.len())
            .iter_rows()
        }
        whole: list[File] = []
        part: list[File] = []
        for file in mine:
            counting, there = by_batch.get((file.batch, file.month), (0, 0))
            if counting:
                (whole if counting == there else part).append(file)
        frames = [_scanned(self.place, name, whole)]
        known = self.known
        for file in part:
            cases = known.filter(batch=file.batch, month=file.month)["case_id"].implode()
            rows = _scanned(self.place, name, [file]).filter(pl.col("case_id").is_in(cases))
            frames.append(rows)
        return pl.concat(frames)

    def tables(self) -> dict[str, pl.LazyFrame]:
        """All tables."""
        return {name: self.table(name) for name in STORED}


def new_batch() -> str:
    """A name nobody else makes; names are in order of time, as far as clocks of machines agree."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"


def made_at(batch: str) -> datetime:
    """When a batch was begun."""
    return datetime.strptime(batch[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)


def _mark(at: Place) -> _Mark | None:
    """What the store says it is; None where there is none. Raises UsageError for what this release cannot read."""
    try:
        mark = msgspec.json.decode(at.read(_MARK), type=_Mark)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot be read as a store: {error}", where=at.where, remedy="name another place") from error
    if mark.store != _VERSION:
        raise UsageError("is a store of another release", where=at.where, remedy="use that release of logtrace")
    return mark


@contextmanager
def _told(at: Place) -> Iterator[None]:
    """What is wrong with the files of a store is one line."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        said = next(iter(str(error).splitlines()), type(error).__name__)
        raise UsageError(f"cannot be read as a store: {said}", where=at.where, remedy="see who wrote to it") from error


def _counting(index: pl.DataFrame) -> pl.DataFrame:
    """`index` with `counts`: which cases are to be seen. See the module."""
    once = index.with_row_index("row").sort("batch").unique(["case_id", "analysis"], keep="last", maintain_order=True)
    complete = (
        once.group_by("ticket", "analysis")
        .agg(
            pl.col("row"),
            pl.col("evidence").first(),
            batch=pl.col("batch").max(),
            size=pl.col("evidence").first().list.len(),
            whole=pl.len() == pl.col("ticket_cases").first(),
        )
        .filter("whole")
    )
    winners = complete
    if complete["evidence"].explode().is_duplicated().any():
        best = complete.explode("evidence").sort("size", "batch", "analysis", descending=True)
        won = best.unique("evidence", keep="first", maintain_order=True).select("ticket", "analysis").unique()
        winners = complete.join(won, on=["ticket", "analysis"], how="semi")
    rows = winners["row"].explode().implode()
    return index.with_columns(counts=pl.int_range(pl.len(), dtype=pl.UInt32).is_in(rows))


def _scanned(at: Place, table: str, files: Sequence[File], *, path: str | None = None) -> pl.LazyFrame:
    """The rows of `files`, with `month`; what a file of an older or newer release lacks is null, what it has more is
    left out. `path`: the column to put the file's name into.
    """
    columns: dict[str, pl.DataType] = {name: column.dtype for name, column in STORED[table].items()}
    if not files:
        return pl.LazyFrame(schema=columns | dict.fromkeys((MONTH, path) if path else (MONTH,), pl.String()))
    return pl.scan_parquet(
        [at.address(file.name) for file in files],
        glob=False,
        schema=columns,
        hive_partitioning=True,
        hive_schema={MONTH: pl.String()},
        missing_columns="insert",
        extra_columns="ignore",
        storage_options=at.options,
        include_file_paths=path,
    )
