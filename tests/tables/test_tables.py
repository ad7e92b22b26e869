"""A case as tables: what is in the case is in them, and what questions over many cases need beside it."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from stories import case, cluster, group, primitive

from logtrace import pipeline
from logtrace.config.model import ClusterConfig, Corosync, Member
from logtrace.fleet.store import STORED
from logtrace.report.case import Case, IncidentKind
from logtrace.tables.build import everything, tables, wording
from logtrace.tables.questions import ask
from logtrace.tables.schemas import TABLES, schema

SAMPLE = Path(__file__).parents[2] / "samples" / "group-cascade" / "crm_report.tar.bz2"


@cache
def sample() -> Case:
    return pipeline.analyze([str(SAMPLE)])


@cache
def laid_out() -> dict[str, pl.DataFrame]:
    return tables(sample(), "c1")


def test_every_table_has_its_declared_columns_and_the_case() -> None:
    found = laid_out()
    assert list(found) == list(TABLES)
    for name, frame in found.items():
        assert frame.schema == pl.Schema(schema(name)), name
        assert set(frame["case_id"]) <= {"c1"}
    assert all(column.meaning for table in TABLES.values() for column in table.values())


def test_rows_are_those_of_the_case() -> None:
    told, found = sample(), laid_out()
    assert found["incidents"]["incident"].to_list() == [one.id for one in told.incidents]
    assert found["phases"].height == sum(len(one.phases) for one in told.incidents)
    assert found["causes"].height == sum(len(one.causes) for one in told.incidents)
    assert found["advice"].height == sum(len(one.advice) for one in told.incidents)
    assert found["findings"]["label"].to_list() == [each.label for each in told.findings]
    assert found["operations"].height == told.frames.operations.height
    assert found["files"].height == told.frames.files.height
    assert found["nodes"]["node"].to_list() == [node.name for node in told.cluster.nodes]
    (row,) = found["cases"].to_dicts()
    assert row["faults"] == sum(one.kind is IncidentKind.FAULT for one in told.incidents)
    assert row["lines"] == told.coverage.lines
    assert row["began"] == told.window.start
    assert row["sha256"] == [each.sha256 for each in told.inputs]


def test_an_incident_tells_what_questions_over_many_cases_ask() -> None:
    _, worst, _ = sample().incidents
    row = laid_out()["incidents"].row(1, named=True)
    assert (row["cluster_name"], row["pacemaker"], row["corosync"], row["cluster_size"], row["fencing"]) == (
        "lab", "2.1.5", "3.1.7", 3, False,
    )  # fmt: skip
    assert (row["resource"], row["agent"]) == ("p_keystone", "ocf:openstack:keystone")
    assert (row["outage"], row["outage_max"]) == worst.outage_range
    assert worst.t_recovered is not None
    assert worst.t_detected is not None
    assert row["recovery"] == (worst.t_recovered - worst.t_detected).total_seconds()
    assert row["shape"] == ">".join(dict.fromkeys(phase.name.value for phase in worst.phases))
    seconds = {name: row[f"seconds_{name.value}"] for name in worst.phase_totals}
    assert seconds == pytest.approx(worst.phase_totals)
    assert row["first_error_kind"] == "op.result"
    assert row["first_error_class"] == "pacemaker-controld: Result of monitor operation for * on *: not running"
    assert row["first_error_place"].endswith("/controller-1/pacemaker.log:2411")


def test_the_headline_is_one_of_the_causes_and_evidence_is_a_place() -> None:
    headlines = laid_out()["causes"].filter("headline")
    assert headlines["label"].to_list() == [one.root_cause for one in sample().incidents]
    places = headlines["evidence"].explode()
    assert places.str.contains(r"\.log:\d+$").all()


def test_a_run_is_told_with_its_incident() -> None:
    runs = laid_out()["operations"]
    last = sample().incidents[-1]
    assert runs.filter(incident=last.id, critical=True).height == sum(run.critical for run in last.operations)


def test_no_rows_are_tables_all_the_same(empty: Case) -> None:
    found = tables(empty, "none")
    assert found["cases"].height == 1
    assert {name: frame.schema for name, frame in found.items()} == {name: pl.Schema(schema(name)) for name in TABLES}


@pytest.fixture
def empty() -> Case:
    return case("12:00:00 node1 controld: State transition S_NOT_DC -> S_IDLE").case


# --- by what a cluster is known again --------------------------------------------------------------------


def identity(**changes: Any) -> str | None:
    """The identity of a cluster `lab` of two nodes."""
    given = {"name": "lab", "nodes": ("a.example.org", "b"), "addresses": ("10.0.0.1", "10.0.0.2")} | changes
    nodelist = tuple(
        Member(name, str(number), (address,))
        for number, (name, address) in enumerate(zip(given["nodes"], given["addresses"], strict=True), start=1)
    )
    corosync = Corosync(
        nodelist=nodelist,
        nodes={each.id: each.name for each in nodelist if each.id},
        addresses={each.addresses[0]: each.name for each in nodelist},
    )
    config = ClusterConfig(cluster_name=given["name"], nodes=corosync.nodes, corosync=corosync)
    told = sample()
    changed = {"cluster": told.cluster.__class__(given["name"], None, None, None, (), ()), "config": config}
    value = tables(told.__class__(**{name: getattr(told, name) for name in told.__struct_fields__} | changed), "x")
    return value["incidents"]["cluster_id"][0]  # type: ignore[no-any-return]


def test_a_cluster_is_known_again() -> None:
    same = identity()
    assert same is not None
    assert identity(nodes=("b.example.org", "a"), addresses=("10.0.0.2", "10.0.0.1")) == same


@pytest.mark.parametrize(
    "change", [{"name": "other"}, {"nodes": ("a", "c")}, {"addresses": ("10.0.0.1", "10.9.0.2")}], ids=str
)
def test_a_stranger_is_not_taken_for_it(change: dict[str, Any]) -> None:
    assert identity(**change) not in {None, identity()}


# --- wording ---------------------------------------------------------------------------------------------


def test_a_wording_has_no_names_and_numbers() -> None:
    cib = cluster(primitive("web"), group("g", "web"))
    story = "12:00:00 node1 web monitor 10s: not running"
    first = tables(case(story, cib=cib).case, "a")["incidents"]
    other = tables(case(story.replace("web", "shop-db"), cib=cib.replace("web", "shop-db")).case, "b")["incidents"]
    assert first["first_error"].to_list() != other["first_error"].to_list()
    assert first["first_error_class"].to_list() == other["first_error_class"].to_list()
    assert "web" not in first["first_error_class"][0]


def test_numbers_of_any_sort_are_the_same() -> None:
    said = "timed out after 20.5s, ref 30be0bb3-d5ff-4692-a6a7-1ccc3c8cffa9 | call=7"
    assert wording(said, None) == "timed out after 0s, ref 0"


# --- all of it, to be asked ------------------------------------------------------------------------------


def test_events_are_read_lazily_and_whole(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path)
    found = everything({"c1": sample(), "c2": sample()})
    events = found["events"].filter(kind="op.result").select("case_id", "event").collect()
    assert events["case_id"].value_counts(sort=True)["count"].n_unique() == 1
    assert set(events["case_id"]) == {"c1", "c2"}
    assert found["events"].select(pl.len()).collect().item() == 2 * sample().frames.events.height
    assert found["events"].head(3).collect().height == 3


@pytest.mark.parametrize("table", STORED)
def test_no_column_is_a_word_of_sql(table: str) -> None:
    names = list(STORED[table])
    for chosen in (names, names[::-1]):
        query = f"SELECT {', '.join(chosen)} FROM {table} WHERE {chosen[0]} IS NULL ORDER BY {chosen[0]}"
        frame = pl.LazyFrame(schema={name: column.dtype for name, column in STORED[table].items()})
        assert ask({table: frame}, query).columns == chosen
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} INT' for name in names)})")
            assert connection.sql(query).columns == chosen
