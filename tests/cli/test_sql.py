"""`logtrace sql`: one SELECT over a report's tables, and nothing else."""

from __future__ import annotations

import io
import json
from pathlib import Path

import polars as pl
import pytest
from logs import CRASH, archive, text

from logtrace.cli import run
from logtrace.tables.schemas import TABLES

OUTAGE = "SELECT incident, root_cause, round(outage, 1) AS outage, t_detected FROM incidents"


@pytest.fixture(autouse=True)
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return archive(tmp_path / "crash.tar", **{"crm_report/alpha/pacemaker.log": text(CRASH)})


def test_a_question_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", "crash.tar", OUTAGE]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["incident", "root_cause", "outage", "t_detected"]
    assert row.split() == ["i1", "service_crash", "2.4", "2026-11-22T12:00:10.200Z"]


def test_every_format_tells_the_same(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    told = {}
    for name in ("csv", "json", "parquet"):
        assert run(["sql", "crash.tar", OUTAGE, "--format", name]) == 0
        told[name] = capsysbinary.readouterr().out
    row = json.loads(told["json"])[0]
    assert row == {
        "incident": "i1", "root_cause": "service_crash", "outage": 2.4, "t_detected": "2026-11-22T12:00:10.200Z"
    }  # fmt: skip
    assert told["csv"].splitlines()[1] == b"i1,service_crash,2.4,2026-11-22T12:00:10.200Z"
    assert pl.read_parquet(io.BytesIO(told["parquet"])).height == 1


def test_tables_join_by_their_keys(capsys: pytest.CaptureFixture[str]) -> None:
    query = (
        "SELECT sum(p.seconds) - max(i.outage) AS rest FROM incidents i "
        "JOIN phases p ON i.case_id = p.case_id AND i.incident = p.incident"
    )
    assert run(["sql", "crash.tar", query, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["rest"] == pytest.approx(0, abs=1e-6)


def test_without_a_question_the_columns_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", "crash.tar"]) == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line and not line.startswith(" ")][: len(TABLES)] == list(TABLES)
    assert "  t_recovered        time       when the last thing lost was running again" in out


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT outag FROM incidents", "there is no column 'outag'; near it are outage (of cases, incidents)"),
        ("SELECT i.outag FROM incidents i", "there is no column 'outag'; near it are outage (of cases, incidents)"),
        ("SELECT 1 FROM incident", "there is no table 'incident'; there are advice, cases, causes,"),
        ("SELECT frobnicate(outage) FROM incidents", "unsupported function 'frobnicate'"),
        ("SELECT outage FROM incidents WHERE", "sql parser error"),
        ("SELECT 1; SELECT 2", "one (and only one) statement"),
        ("DROP TABLE incidents", "a question is a SELECT"),
        ("DELETE FROM incidents", "a question is a SELECT"),
        ("", "a question is a SELECT"),
    ],
)
def test_what_cannot_be_answered_is_one_line(query: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", "crash.tar", query]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"logtrace: SQL: {told}")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM \"read_csv\"('{file}')",
        "SELECT * FROM READ_CSV/**/('{file}')",
        "SELECT * FROM incidents, read_csv('{file}')",
        "SELECT incident FROM incidents WHERE incident IN (SELECT secret FROM read_csv('{file}'))",
        "WITH x AS (SELECT * FROM read_csv('{file}')) SELECT * FROM x",
        "SELECT * -- '\nFROM read_csv('{file}') -- '\n",
        "SELECT * FROM read_parquet('{file}')",
        "SELECT * FROM read_ipc('{file}')",
        "SELECT * FROM read_json('{file}')",
        "SELECT * FROM scan_parquet('{file}')",
        "SELECT * FROM '{file}'",
        'SELECT * FROM "{file}"',
        "TABLE '{file}'",
    ],
)
def test_no_question_reads_a_file(tmp_path: Path, query: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "private.csv"
    file.write_text("secret\nopen-sesame\n")
    assert run(["sql", "crash.tar", query.format(file=file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "open-sesame" not in err


def test_names_are_hidden_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sql", "crash.tar", "SELECT node FROM nodes UNION ALL SELECT message FROM events", "--redact"]) == 0
    out = capsys.readouterr().out
    assert "alpha" not in out
    assert "node-1" in out


def test_hostile_text_is_shown_as_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.replace("web", "=cmd\u202e|x") for line in CRASH]
    archive(tmp_path / "odd.tar", **{"crm_report/alpha/pacemaker.log": text(lines)})
    query = "SELECT DISTINCT resource FROM events WHERE resource IS NOT NULL"
    assert run(["sql", "odd.tar", query, "--format", "csv"]) == 0
    out = capsys.readouterr().out
    assert "\u202e" not in out
    assert all(not line.startswith("=") for line in out.splitlines())
