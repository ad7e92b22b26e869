"""A store is whole at every moment, whoever died, wrote at the same time or put files together."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import duckdb
import polars as pl
import pytest
from dying import DiesError, Dying
from rows import ticket

from logtrace.errors import UsageError
from logtrace.fleet import compact as compaction
from logtrace.fleet import removal
from logtrace.fleet.compact import compact
from logtrace.fleet.store import STORED, Store
from logtrace.tables.schemas import TABLES

#: Of a case of one month.
FILES = sum(not frame.is_empty() for frame in ticket("t").values())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.made(str(tmp_path / "store"), None)


def cases(store: Store, table: str = "cases") -> list[str]:
    return sorted(store.read().table(table).collect()["case_id"].unique())


def causes(store: Store) -> list[str]:
    return sorted(store.read().table("incidents").collect()["root_cause"])


def files(store: Store) -> set[Path]:
    return set(Path(store.place.where).rglob("*.parquet"))


def test_rows_come_back(store: Store) -> None:
    made = ticket("t1", months=["2026-10", "2026-11"])
    store.put(made)
    for name in TABLES:
        columns = list(STORED[name])
        told = store.read().table(name).select(columns).collect()
        assert told.sort(columns[:2]).equals(made[name].select(columns).sort(columns[:2])), name
    months = store.read().table("cases").select("case_id", "month").collect()
    assert sorted(months.rows()) == [("t1.1", "2026-10"), ("t1.2", "2026-11")]


def test_an_empty_store_has_all_tables(store: Store) -> None:
    told = store.read().tables()
    assert {name: frame.collect().height for name, frame in told.items()} == dict.fromkeys(STORED, 0)


@pytest.mark.parametrize("last", range(3 * FILES))
def test_a_writer_may_die_at_any_file(store: Store, last: int) -> None:
    store.put(ticket("t1"))
    dying = Store(Dying(store.place.where, last), None)
    with pytest.raises(DiesError):
        dying.put(ticket("t2", months=["2026-09", "2026-10", "2026-11"]))
    for table in TABLES:
        assert set(cases(store, table)) <= {"t1.1"}, table
    assert cases(store) == ["t1.1"]
    store.put(ticket("t2", analysis="a2", months=["2026-09", "2026-10", "2026-11"]))
    assert cases(store) == ["t1.1", "t2.1", "t2.2", "t2.3"]
    assert len(causes(store)) == 4


def test_of_two_analyses_the_latest_counts(store: Store) -> None:
    store.put(ticket("t1", months=["2026-10", "2026-11"]))
    store.put(ticket("t2"))
    store.put(ticket("t1", analysis="a2", root_cause="slow_init"))
    assert cases(store) == ["t1.1", "t2.1"]
    assert causes(store) == ["service_crash", "slow_init"]


def test_what_was_read_together_goes_before_its_parts(store: Store) -> None:
    store.put(ticket("t1", evidence=["x"]))
    store.put(ticket("t12", evidence=["x", "y"]))
    store.put(ticket("t2", evidence=["y"]))
    store.put(ticket("t3", evidence=["z"]))
    assert cases(store) == ["t12.1", "t3.1"]
    assert cases(store, "incidents") == ["t12.1", "t3.1"]


# --- putting files together ------------------------------------------------------------------------------


def filled(store: Store) -> None:
    for number in range(6):
        store.put(ticket(f"t{number}", months=["2026-10", "2026-11"]))
    store.put(ticket("t0", analysis="a2", months=["2026-11"], root_cause="slow_init"))


def told(store: Store) -> dict[str, pl.DataFrame]:
    contents = store.read()
    return {name: contents.table(name).collect().sort(pl.all().exclude(pl.List)) for name in TABLES}


def test_compaction_changes_no_row(store: Store) -> None:
    filled(store)
    before = told(store)
    assert compact(store) == 2
    after = told(store)
    assert all(after[name].equals(before[name]) for name in TABLES)
    assert len(files(store)) <= 2 * len(TABLES)
    assert compact(store) == 0


@pytest.mark.parametrize("last", [0, 1, FILES - 2, FILES - 1, FILES, 2 * FILES - 1])
def test_a_compaction_may_die_at_any_file(store: Store, last: int) -> None:
    filled(store)
    before = told(store)
    with pytest.raises(DiesError):
        compact(Store(Dying(store.place.where, last), None))
    after = told(store)
    assert all(after[name].equals(before[name]) for name in TABLES)
    compact(store)
    assert all(told(store)[name].equals(before[name]) for name in TABLES)


def test_two_compactions_at_once_tell_nothing_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(store)
    before = told(store)
    with monkeypatch.context() as patched:
        patched.setattr(compaction, "_remove", lambda *_: None)
        compact(store)
        compact(store)
    assert all(told(store)[name].equals(before[name]) for name in TABLES)
    compact(store)
    assert all(told(store)[name].equals(before[name]) for name in TABLES)


@pytest.mark.parametrize("at", ["incidents", "cases"])
def test_what_is_removed_during_a_compaction_does_not_come_back(
    store: Store, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """The compaction has read some of it by then, or all, and not put it yet."""
    for name in ("t1", "t2"):
        store.put(ticket(name))
    gone = store.read().known["ticket"][0]
    [case] = store.read().known.filter(ticket=gone)["case_id"]
    put_file, removed = store.put_file, []

    def put(table: str, *rest: object) -> None:
        if table == at and not removed:
            removed.append(removal.remove(Store.at(store.place.where), [gone]))
        put_file(table, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "put_file", put)
    with suppress(UsageError):
        compact(store)
    assert removed == [1]
    assert case not in cases(store)
    assert all(case not in pl.read_parquet(file)["case_id"].to_list() for file in files(store))
    assert len(cases(store)) == 1


def test_full_batches_are_left_where_a_store_grows_case_by_case(store: Store) -> None:
    store.put({name: pl.concat(ticket(f"t{n}")[name] for n in range(3)) for name in ticket("t")})
    full = files(store)
    for number in range(3, 3 + compaction.MANY):
        assert not compaction.crowded(store.read(), below=3)
        store.put(ticket(f"t{number}"))
    assert compaction.crowded(store.read(), below=3)
    assert compact(store, least=compaction.MANY, below=3) == 1
    assert full <= files(store)
    assert len(files(store)) == 2 * FILES
    assert len(cases(store)) == 3 + compaction.MANY


def test_compaction_leaves_what_is_still_being_put(store: Store) -> None:
    store.put(ticket("t1"))
    store.put(ticket("t2"))
    half = Store(Dying(store.place.where, 2 * FILES - 1), None)
    with pytest.raises(DiesError):
        half.put(ticket("t3", months=["2026-10", "2026-11"]))
    unfinished = files(store)
    compact(store)
    assert cases(store) == ["t1.1", "t2.1"]
    assert len(files(store) & unfinished) == 2 * FILES - 1


def test_a_question_goes_on_when_files_are_put_together_meanwhile(store: Store) -> None:
    filled(store)
    looks = []

    def ask(tables: dict[str, pl.LazyFrame]) -> pl.DataFrame:
        looks.append(tables)
        if len(looks) == 1:
            compact(store)
        return tables["cases"].select(pl.len()).collect()

    assert store.asked(ask).item() == 11
    assert len(looks) == 2


# --- other readers, and what others have put there -------------------------------------------------------


def test_duckdb_reads_the_same(store: Store) -> None:
    for number in range(3):
        store.put(ticket(f"t{number}", months=["2026-10", "2026-11"]))
    with pytest.raises(DiesError):
        Store(Dying(store.place.where, FILES - 1), None).put(ticket("t9"))
    where = store.place.where
    query = f"""
        SELECT i.root_cause, count(*), max(i.outage) FROM read_parquet('{where}/incidents/*/*.parquet') i
        SEMI JOIN read_parquet('{where}/cases/*/*.parquet') c ON c.case_id = i.case_id GROUP BY ALL
    """
    incidents = store.read().table("incidents")
    mine = incidents.group_by("root_cause").agg(n=pl.len(), outage=pl.col("outage").max()).collect()
    with duckdb.connect() as connection:
        assert connection.sql(query).fetchall() == mine.rows()
        months = connection.sql(f"SELECT DISTINCT month FROM read_parquet('{where}/cases/*/*.parquet')").fetchall()
    assert sorted(months) == [("2026-10",), ("2026-11",)]


def test_foreign_files_are_not_looked_at(store: Store, tmp_path: Path) -> None:
    store.put(ticket("t1"))
    month = Path(store.place.where, "cases", "month=2026-11")
    (month / "notes.txt").write_text("mine")
    (month / "../../../outside.parquet").write_text("no")
    os.mkfifo(month / "20261128T000000000000-00000000.parquet")
    (month / "20261128T000000000001-00000000.parquet").symlink_to("/dev/zero")
    assert cases(store) == ["t1.1"]


def test_a_damaged_file_is_one_line(store: Store) -> None:
    store.put(ticket("t1"))
    (file,) = (path for path in files(store) if path.parts[-3] == "cases")
    file.write_bytes(b"PAR1 and nothing else PAR1")
    with pytest.raises(UsageError, match="cannot be read as a store"):
        store.read()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "cannot be read as a store"),
        (b'{"store": 2, "redacted": null}', "is a store of another release"),
        (b'{"store": "1", "redacted": null}', "cannot be read as a store"),
    ],
)
def test_a_store_says_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "store.json").write_bytes(content)
    with pytest.raises(UsageError, match=said):
        Store.at(str(tmp_path))


def test_what_is_no_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no store"):
        Store.at(str(tmp_path))
    with pytest.raises(UsageError, match="cannot be written to"):
        Store.made("https://example.org/store", None)


def test_columns_of_other_releases_are_no_trouble(store: Store) -> None:
    made = ticket("t1")
    store.put(made)
    (file,) = (path for path in files(store) if path.parts[-3] == "incidents")
    made["incidents"].drop("month", "shape").with_columns(mood=pl.lit("good")).write_parquet(file)
    incidents = store.read().table("incidents").collect()
    assert incidents["shape"].null_count() == incidents.height
    assert "mood" not in incidents.columns
