"""Whether an incident was seen before: which parts agree, how often, and what came of it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_store import Row, case, incident, tables

from logtrace.cli import run
from logtrace.fleet.similar import alike, of_store, seen
from logtrace.report.incident import Advised
from reports import report

MINE = case("mine", "A", "2026-06")
ONE = incident(MINE, "i1", "slow_init", 10.0)
NAMES = [f"{letter}{month}" for letter in "ABC" for month in (1, 2)]
CASES = {name: case(name, name[0], f"2026-0{name[1]}") for name in NAMES}


def asked(*others: Row, one: Row = ONE, advice: tuple[tuple[str, str], ...] = ()) -> dict[str, pl.LazyFrame]:
    told = [{"case_id": of, "incident": "i1", "label": label} for of, label in advice]
    cases = [MINE, *CASES.values()]
    return tables(cases=cases, incidents=[one, *others], advice=told)


def like(frames: dict[str, pl.LazyFrame], one: Row = ONE) -> list[tuple[str, int]]:
    rows = tables(incidents=[one])["incidents"].collect()
    found = alike(frames, rows)["i1"].rows
    return [(case_id, score) for case_id, score in found.select("case_id", "score").iter_rows()]


def test_three_of_four_parts_agree_at_least() -> None:
    other = {"agent": "ocf:heartbeat:galera", "first_error_class": "else", "shape": "fencing"}
    frames = asked(
        incident(CASES["A1"], "i1", "slow_init", 5.0),
        incident(CASES["B1"], "i1", "slow_init", 5.0, agent=other["agent"]),
        incident(CASES["B2"], "i1", "slow_init", 5.0, shape=None),
        incident(CASES["C1"], "i1", "slow_init", 5.0, agent=other["agent"], shape=other["shape"]),
        incident(CASES["C2"], "i1", "slow_fencing", 5.0, first_error_class=ONE["first_error_class"]),
    )
    assert like(frames) == [("A1", 4), ("B2", 3), ("B1", 3)]  # the most alike first, then the latest


def test_what_is_unknown_agrees_with_nothing() -> None:
    unknown = ONE | {"agent": None}
    frames = asked(
        incident(CASES["A1"], "i1", "slow_init", 5.0, agent=None),
        incident(CASES["B1"], "i1", "slow_init", 5.0, agent=None, shape="fencing"),
        one=unknown,
    )
    assert like(frames, unknown) == [("A1", 3)]


def test_an_incident_is_not_its_own_precedent() -> None:
    """Nor where another archive tells of it, from a cluster whose name it does not know."""
    elsewhere = case("other", None, "2026-06")
    frames = asked(incident(elsewhere, "i1", "slow_init", 10.0), incident(elsewhere, "i2", "slow_init", 10.0))
    assert like(frames) == [("other", 4)]  # i2, a minute later
    assert like(asked()) == []


def test_what_befell_two_clusters_at_once_is_two() -> None:
    neighbour = case("other", "B", "2026-06")
    assert like(asked(incident(neighbour, "i1", "slow_init", 10.0))) == [("other", 4)]


def test_sums_and_what_was_advised() -> None:
    frames = asked(
        incident(CASES["A1"], "i1", "slow_init", 5.0),
        incident(CASES["B1"], "i1", "slow_init", 20.0),
        incident(CASES["B2"], "i1", "slow_init", 30.0),
        incident(CASES["C2"], "i1", "slow_init", 40.0, agent=None),
        advice=(("A1", "shorten_start"), ("B1", "shorten_start"), ("B2", "clone"), ("C2", "shorten_start")),
    )
    rows = tables(incidents=[ONE])["incidents"].collect()
    found = seen(frames, rows)["i1"]
    assert (found.cases, found.here, found.elsewhere, found.clusters) == (7, 1, 3, 2)
    assert found.alike == {"agent": 3, "wording": 4, "shape": 4}
    assert found.recovery == 25.0
    assert found.came_back == 2  # in A by this very incident, and in B
    assert found.advised == (Advised("shorten_start", 3, 1), Advised("clone", 1, 0))
    assert found.examples[0] == "B2#i1"
    assert found.first is not None
    assert found.last is not None
    assert (found.first.month, found.last.month) == (1, 2)


def test_by_hand_an_incident_is_found_by_its_name() -> None:
    frames = asked(incident(CASES["A1"], "i1", "slow_init", 5.0))
    found = of_store(frames, "A1", "i1")
    assert found is not None
    row, told, like = found
    assert (row["case_id"], told.here, like.rows["case_id"].to_list()) == ("A1", 1, ["mine"])
    assert of_store(frames, "A1", "i7") is None


# --- as commands -----------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    report(tmp_path / "pile" / "t1" / "one.tar", "alpha", cluster="prod")
    report(tmp_path / "pile" / "t2" / "two.tar", "beta", cluster="test")
    assert run(["fleet", "add", "store", "pile", "--workers", "1", "--quiet"]) == 0
    return tmp_path


def test_analyze_tells_what_the_store_has_seen(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    inputs = ["analyze", "pile/t1/one.tar", "--store", "store", "--no-html"]
    assert run([*inputs, "--json", "case.json", "--markdown", "ticket.md"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    (one,) = json.loads(Path("case.json").read_text())["incidents"]
    assert (one["seen_before"]["cases"], one["seen_before"]["here"], one["seen_before"]["elsewhere"]) == (2, 0, 1)
    assert "Seen before: 1 time in 1 other, last on " in told
    assert "Seen before: 1 time in 1 other, last on " in Path("ticket.md").read_text()
    assert run([*inputs[:4], "--html", "page.html", "--quiet", "--light"]) == 0
    assert "Seen before: 1 time in 1 other, last on " in Path("page.html").read_text()


def test_without_a_store_nothing_is_said_of_it(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "pile/t1/one.tar", "--no-html"]) == 0
    assert "een before" not in capsys.readouterr().out
    assert run(["analyze", "pile/t1/one.tar", "--no-html", "--store", "nowhere"]) == 2
    assert "nowhere: is no store" in capsys.readouterr().err


def test_similar_lists_what_agrees(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = "SELECT case_id, incident FROM recoveries WHERE cluster_name = 'prod'"
    assert run(["fleet", "query", "store", query, "--format", "csv"]) == 0
    case_id, number = capsys.readouterr().out.splitlines()[1].split(",")
    assert run(["fleet", "similar", "store", f"{case_id}#{number}"]) == 0
    told = capsys.readouterr().out
    assert "4/4" in told
    assert "what agrees" in told
    assert run(["fleet", "similar", "store", "nobody#i1"]) == 2
    assert "there is no incident 'nobody#i1'" in capsys.readouterr().err
    assert run(["fleet", "similar", "store", "nobody"]) == 2


def test_a_report_of_a_store_goes_to_a_page(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fleet", "report", "store"]) == 0
    assert "2 cases of 2 clusters" in capsys.readouterr().out
    assert "logtrace fleet" in Path("store.logtrace.html").read_text()
    assert run(["fleet", "report", "store", "--since", "2031-01"]) == 3
    assert run(["fleet", "report", "store", "--cause", "nonsense"]) == 2
    assert run(["fleet", "report", "store", "--until", "2031-1"]) == 2
    assert "is no month such as 2026-11" in capsys.readouterr().err
