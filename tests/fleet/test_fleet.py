"""`logtrace fleet`: reports in, answers out; what is wrong with one costs no other."""

from __future__ import annotations

import json
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from logtrace.cli import run
from logtrace.fleet import work
from logtrace.fleet.store import Store
from logtrace.fleet.tickets import Ticket
from logtrace.fleet.work import How
from logtrace.tables.schemas import TABLES
from reports import CRASH, report

RECOVERIES = "SELECT cluster_name, root_cause, outage, seconds_start FROM recoveries ORDER BY cluster_name"


@pytest.fixture(autouse=True)
def pile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three tickets: two clusters, and something that is no report."""
    monkeypatch.chdir(tmp_path)
    report(tmp_path / "pile" / "t1" / "one.tar", "alpha", cluster="prod")
    report(tmp_path / "pile" / "t2" / "two.tar", "beta", cluster="test")
    (tmp_path / "pile" / "t3").mkdir()
    (tmp_path / "pile" / "t3" / "bad.tar.bz2").write_bytes(b"BZh91AY&SY this is none")
    return tmp_path / "pile"


def add(*arguments: str) -> int:
    return run(["fleet", "add", "store", *(arguments or ("pile",)), "--workers", "1"])


def asked(capsys: pytest.CaptureFixture[str], query: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run(["fleet", "query", "store", query, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_reports_are_read_once(capsys: pytest.CaptureFixture[str], pile: Path) -> None:
    assert add() == 0
    out, err = capsys.readouterr()
    assert out == "2 tickets read (2 cases, 2 incidents), 0 known, 1 refused\n"
    assert err.startswith("logtrace: warning: pile/t3/bad.tar.bz2: ")
    before = {path: path.stat().st_mtime_ns for path in Path("store").rglob("*.parquet")}
    assert add() == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("0 tickets read (0 cases, 0 incidents), 3 known, 0 refused\n", "")
    assert {path: path.stat().st_mtime_ns for path in Path("store").rglob("*.parquet")} == before
    shutil.copy(pile / "t1" / "one.tar", "again.tar")
    report(pile / "t4" / "new.tar", "gamma", cluster="dev")
    assert add("pile", "again.tar") == 0
    assert capsys.readouterr().out == "1 ticket read (1 case, 1 incident), 4 known, 0 refused\n"
    told = asked(capsys, RECOVERIES)
    assert [row["cluster_name"] for row in told] == ["dev", "prod", "test"]
    assert {row["root_cause"] for row in told} == {"service_crash"}
    (refused,) = asked(capsys, "SELECT input, reason FROM refused")
    assert refused["input"] == "pile/t3/bad.tar.bz2"


def test_every_view_answers(capsys: pytest.CaptureFixture[str]) -> None:
    add()
    (cause,) = asked(capsys, "SELECT * FROM root_causes")
    assert (cause["root_cause"], cause["incidents"], cause["clusters"]) == ("service_crash", 2, 2)
    (release,) = asked(capsys, "SELECT * FROM releases")
    assert (release["pacemaker"], release["cases"], release["incidents"]) == ("2.1.5", 2, 2)
    monitors = asked(capsys, "SELECT * FROM monitors")
    assert [(row["agent"], row["seconds_between"], row["failures"]) for row in monitors] == [
        ("ocf:heartbeat:apache", 10.0, 2)
    ]
    assert asked(capsys, "SELECT * FROM repeat_offenders") == []
    assert {row["clusters"] for row in asked(capsys, "SELECT * FROM advice_value")} <= {1, 2}
    assert run(["fleet", "query", "store"]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line and not line.startswith(" ")]
    assert told == [
        *TABLES,
        "refused",
        "recoveries",
        "root_causes",
        "advice_value",
        "repeat_offenders",
        "monitors",
        "releases",
    ]


def test_an_incident_of_two_reports_counts_once(capsys: pytest.CaptureFixture[str], pile: Path) -> None:
    report(pile / "t4" / "later.tar", "alpha", cluster="prod", more="Nov 22 12:59:59 alpha later\n")
    add()
    assert len(asked(capsys, "SELECT * FROM incidents WHERE cluster_name = 'prod'")) == 2
    assert len(asked(capsys, "SELECT * FROM recoveries WHERE cluster_name = 'prod'")) == 1
    assert asked(capsys, "SELECT * FROM repeat_offenders") == []


def test_what_comes_back_is_told(capsys: pytest.CaptureFixture[str], pile: Path) -> None:
    report(pile / "t4" / "later.tar", "alpha", cluster="prod", day="Nov 23")
    add()
    (told,) = asked(capsys, "SELECT * FROM repeat_offenders")
    assert (told["cluster_name"], told["root_cause"], told["incidents"], told["cases"]) == (
        "prod",
        "service_crash",
        2,
        2,
    )
    assert told["first"][:10] == "2026-11-22"
    assert told["last"][:10] == "2026-11-23"


def test_what_grew_is_read_anew_and_counts_once(capsys: pytest.CaptureFixture[str], pile: Path) -> None:
    add()
    report(pile / "t1" / "other.tar", "gamma", cluster="dev")
    assert add() == 0
    told = asked(capsys, "SELECT case_id, cluster_name, ticket_cases FROM cases ORDER BY cluster_name")
    assert [(row["cluster_name"], row["ticket_cases"]) for row in told] == [("dev", 2), ("prod", 2), ("test", 1)]


def test_another_release_reads_again_on_demand(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add("pile/t1")
    store = Store.at("store")
    (file,) = Path("store").glob("cases/*/*.parquet")
    pl.read_parquet(file).with_columns(logtrace=pl.lit("0.0.9")).write_parquet(file)
    capsys.readouterr()
    assert add("pile/t1") == 0
    assert "1 known" in capsys.readouterr().out
    for known in ("0 known", "1 known"):
        assert add("pile/t1", "--refresh") == 0
        assert known in capsys.readouterr().out
    assert store.read().table("cases").collect().height == 1
    assert len(list(Path("store").glob("cases/*/*.parquet"))) == 2


def test_pages_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert add("pile/t1", "--pages") == 0
    (row,) = asked(capsys, "SELECT case_id, page FROM cases")
    assert row["page"] == f"pages/{row['case_id']}.html"
    assert "service_crash" in Path("store", row["page"]).read_text()


def test_nothing_usable_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert add("pile/t3") == 3
    assert capsys.readouterr().err.splitlines()[-1] == "logtrace: pile/t3: nothing of it can be used"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_reports_are_fetched_from_a_web_server(capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/pile"
        assert add(f"{address}/t1/one.tar", f"{address}/none.tar") == 0
        server.shutdown()
    out, err = capsys.readouterr()
    assert out == "1 ticket read (1 case, 1 incident), 0 known, 1 refused\n"
    assert err.startswith(f"logtrace: warning: {address}/none.tar: cannot be fetched: ")
    (row,) = asked(capsys, "SELECT cluster_name, inputs FROM cases")
    assert row == {"cluster_name": "prod", "inputs": [f"{address}/t1/one.tar"]}


# --- pseudonyms ------------------------------------------------------------------------------------------


def key(name: str = "key", secret: str = "0123456789abcdef0123456789abcdef") -> str:
    Path(name).write_text(secret)
    Path(name).chmod(0o600)
    return name


def test_a_redacted_store_holds_no_name(capsys: pytest.CaptureFixture[str], pile: Path) -> None:
    report(pile / "t4" / "later.tar", "alpha", cluster="prod", day="Nov 23")
    assert add("pile", "--redact-names", "--redact-key", key(), "--pages") == 0
    kept = [path for path in Path("store").rglob("*") if path.is_file()]
    frames = [pl.read_parquet(path, hive_partitioning=False) for path in kept if path.suffix == ".parquet"]
    texts = [frame.write_ndjson() for frame in frames] + [path.read_text() for path in kept if path.suffix == ".html"]
    for name in ("alpha", "beta", "prod", "10.1.2.", "webserver", "pile/"):
        assert not any(name in text for text in texts), name
    told = asked(capsys, "SELECT cluster_name, cluster_id, nodes, resource FROM incidents ORDER BY cluster_name")
    assert len({row["cluster_name"] for row in told}) == 2
    assert len({row["cluster_id"] for row in told}) == 2
    assert len({row["resource"] for row in told}) == 1
    assert all(row["nodes"][0].startswith("node-") for row in told)
    assert len(asked(capsys, "SELECT * FROM repeat_offenders")) == 1
    assert asked(capsys, "SELECT DISTINCT sha256 FROM cases") == [{"sha256": None}]


def test_pseudonyms_are_of_their_secret() -> None:
    def names(secret: bytes | None) -> set[str]:
        ticket = Ticket(("pile/t1/one.tar",))
        how = How(secret=secret, names=True)
        found = work.evidence(ticket, how)
        assert isinstance(found, tuple)
        read = work.read(ticket, found, how)
        return {
            read.tables["cases"]["cluster_name"][0],
            read.tables["cases"]["case_id"][0],
            *read.tables["nodes"]["node"],
        }

    assert names(b"a" * 16) == names(b"a" * 16)
    assert not names(b"a" * 16) & names(b"b" * 16)
    assert not names(b"a" * 16) & names(None)


def test_a_store_has_one_secret(capsys: pytest.CaptureFixture[str]) -> None:
    assert add("pile/t1", "--redact", "--redact-key", key()) == 0
    for other in (
        [],
        ["--redact-names", "--redact-key", "key"],
        ["--redact", "--redact-key", key("other", "f" * 32)],
    ):
        assert add("pile/t2", *other) == 2
        assert "its names are pseudonyms of another secret, or none" in capsys.readouterr().err
    assert add("pile/t2", "--redact", "--redact-key", "key") == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--redact"], "--redact without --redact-key"),
        (["--redact-key", "key"], "--redact-key without --redact"),
        (["--redact", "--redact-key", "none"], "none: cannot be read"),
        (["--redact", "--redact-key", "short"], "short: is too short for a secret"),
        (["--redact", "--redact-key", "open"], "open: may be read by others"),
        (["--scheduler", "tcp://127.0.0.1:1"], "--workers and --scheduler contradict each other"),
        (["--max-memory", "much"], "--max-memory: no size: 'much'"),
    ],
)
def test_wrong_options_are_one_line(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    key()
    key("short", "secret")
    key("open")
    Path("open").chmod(0o644)
    assert add("pile/t1", *options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"logtrace: {said}")
    assert len(err.splitlines()) == 1
    assert not Path("store").exists()


@pytest.mark.parametrize("store", ["pile", "pile/store", "link/store", "pile/t1/one.tar"])
def test_no_store_among_the_evidence(store: str, pile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("link").symlink_to(pile)
    before = sorted(pile.rglob("*"))
    assert run(["fleet", "add", store, "pile", "--workers", "1"]) == 2
    assert capsys.readouterr().err == (
        f"logtrace: {store}: lies among what is read (pile); name a place outside of it\n"
    )
    assert sorted(pile.rglob("*")) == before


# --- one bad ticket of many ------------------------------------------------------------------------------


def test_what_does_not_fit_into_memory_is_refused_and_tried_again(
    capsys: pytest.CaptureFixture[str], pile: Path
) -> None:
    assert add("pile", "--max-memory", "1M") == 3
    err = capsys.readouterr().err
    assert "the input holds more than fits into" in err
    assert add() == 0
    assert capsys.readouterr().out.startswith("2 tickets read")


def test_one_that_must_be_refused_costs_not_its_neighbours(capsys: pytest.CaptureFixture[str], pile: Path) -> None:
    with (pile / "t1" / "hollow.tar").open("wb") as file:
        file.truncate(1 << 36)
    assert add("pile/t1") == 0
    out, err = capsys.readouterr()
    assert out == "1 ticket read (1 case, 1 incident), 0 known, 0 refused\n"
    assert "hollow.tar: is a sparse file" in err
    assert add("pile/t1") == 0
    assert "1 known" in capsys.readouterr().out


def test_hostile_text_stays_text(capsys: pytest.CaptureFixture[str], pile: Path) -> None:
    report(pile / "t9" / "odd.tar", "alpha", cluster="=cmd|'/c calc'!A1\u202e", log=CRASH)
    assert add("pile/t9") == 0
    capsys.readouterr()
    for name in ("table", "csv", "json"):
        assert run(["fleet", "query", "store", "SELECT cluster_name FROM cases", "--format", name]) == 0
        out = capsys.readouterr().out
        assert "\u202e" not in out
        assert "=cmd" not in {line[:4] for line in out.splitlines()} or name == "table"


def test_compact_is_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    add("pile/t1")
    add("pile/t2")
    capsys.readouterr()
    assert run(["fleet", "compact", "store"]) == 0
    assert capsys.readouterr().out == "1 month put together\n"
    assert len(list(Path("store").glob("cases/*/*.parquet"))) == 1
    assert len(asked(capsys, "SELECT * FROM cases")) == 2
