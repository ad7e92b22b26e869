"""`logtrace grep` and `logtrace around`: what is printed, and what is said of what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from logs import CRASH, QUIET, archive, text
from stories import MENDED, cluster, primitive, tell, write

from logtrace.cli import run
from logtrace.render import log_lines

#: Says something a terminal would obey.
ODD = "Nov 22 12:05:10 node1 ourtool[7]: \x1b[31mred\u202e =cmd| 10.20.30.40 db not running\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A report of a database that died, each line in two logs, and a line nobody understands."""
    monkeypatch.chdir(tmp_path)
    files = write(tell(MENDED), carriers=("detail", "syslog"), skew={"node2": 3.5})
    files["node1/messages"] += ODD
    files["cib.xml"] = cluster(primitive("db", "ocf:heartbeat:mysql"))
    for path, content in files.items():
        (tmp_path / "report" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "report" / path).write_text(content)
    return tmp_path


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    status = run(arguments)
    out, err = capsys.readouterr()
    return status, out.splitlines(), err


# --- grep ---------------------------------------------------------------------------------------------


def test_what_is_found_is_told_once_in_one_order(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, err = called(capsys, "grep", "report", r"Result of \w+ operation for db")
    assert (status, err) == (0, "")
    assert [line.split()[:2] for line in lines] == [
        ["2026-11-22T12:00:01.000Z", "node1"],
        ["2026-11-22T12:00:02.000Z", "node1"],
        ["2026-11-22T12:05:10.200Z", "node1"],
        ["2026-11-22T12:05:10.400Z", "node1"],
        ["2026-11-22T12:05:11.600Z", "node1"],
        ["2026-11-22T12:05:11.700Z", "node1"],
    ]
    assert all("report/node1/pacemaker.log:" in line for line in lines)


def test_lines_of_other_nodes_stand_around(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = called(capsys, "grep", "report", "Calculated transition 7", "-B", "2", "-A", "1")
    asked = [number for number, line in enumerate(lines) if line.startswith("> ")]
    assert asked == [2]
    assert len(lines) == 4
    moments = [line[2:21] for line in lines]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (["result of monitor"], 0),
        (["result of monitor", "-i"], 3),
        (["Result.of.monitor"], 3),
        (["Result.of.monitor", "-F"], 0),
        (["^pacemaker-controld: Result of", "--node", "node1"], 6),
        (["Result of", "--node", "node2"], 0),
        (["Result of", "--node", "node*"], 6),
        (["not running", "--daemon", "ourtool"], 1),
        (["not running", "--daemon", "*-controld"], 2),
        (["Result of", "--since", "12:05:11Z"], 2),
        (["Result of", "--since", "12:05:10Z", "--until", "12:05:11Z"], 2),
    ],
)
def test_what_is_asked_for_is_counted(arguments: list[str], number: int, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, _ = called(capsys, "grep", "report", *arguments)
    assert len(lines) == number
    assert status == (0 if number else 1)


def test_the_count_has_the_copies_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert called(capsys, "grep", "report", "Result of monitor", "-c") == (0, ["6"], "")
    assert called(capsys, "grep", "report", "no such words", "--count") == (1, ["0"], "")


def test_a_level_takes_worse_ones(capsys: pytest.CaptureFixture[str]) -> None:
    warnings = called(capsys, "grep", "report", ".", "--level", "warn")[1]
    notices = called(capsys, "grep", "report", ".", "--level", "notice")[1]
    assert 0 < len(warnings) < len(notices)
    status, _, err = called(capsys, "grep", "report", ".", "--level", "warnig")
    assert (status, err) == (2, "logtrace: --level: no level is called 'warnig'; did you mean warning?\n")


def test_no_more_than_was_asked_for_are_shown_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, err = called(capsys, "grep", "report", "Result of", "--most", "2")
    assert status == 0
    assert len(lines) == 2
    assert err == "logtrace: 12 lines were found, copies included; the first are shown, and --most N shows more\n"
    assert called(capsys, "grep", "report", "Result of", "--most", "2", "-q")[2] == ""


def test_json_lines_hold_all_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = called(capsys, "grep", "report", "ourtool|Calculated", "--format", "jsonl")
    plan, odd = sorted(map(json.loads, lines), key=lambda line: line["daemon"] == "ourtool")
    assert plan["daemon"] == "pacemaker-schedulerd"
    assert plan["precise"]
    assert odd["message"] == "\x1b[31mred\u202e =cmd| 10.20.30.40 db not running"
    assert odd["file"] == "report/node1/messages"
    assert {"time", "node", "pid", "level", "line", "asked"} <= odd.keys()
    assert all(line.isascii() for line in lines)


def test_nothing_in_a_line_steers_a_terminal_and_names_can_go(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = called(capsys, "grep", "report", "ourtool")
    assert "\x1b" not in lines[0]
    assert "\u202e" not in lines[0]
    _, lines, _ = called(capsys, "grep", "report", "ourtool", "--redact")
    assert "10.20.30.40" not in lines[0]
    assert "node1" not in lines[0]
    assert "report/node-1/messages" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report"], "the pattern is missing"),
        (["report", "("], "PATTERN: no regular expression: '('"),
        (["report", "x", "--node", "node9"], "--node: nothing here is called 'node9'"),
        (["-", "x"], "-: standard input cannot be read twice"),
        (["not-there", "x"], "not-there: no such file or folder"),
        (["report", "x", "-C", "-1"], "'-1' is no whole number from 0 to 1000"),
        (["tickets", "x"], "these are 2 cases (calm, crash)"),
    ],
)
def test_what_cannot_be_is_refused(
    arguments: list[str], told: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "tickets").mkdir()
    archive(here / "tickets/calm.tar", **{"crm_report/beta/pacemaker.log": text(QUIET).replace("alpha", "beta")})
    archive(here / "tickets/crash.tar", **{"crm_report/alpha/pacemaker.log": text(CRASH)})
    status, lines, err = called(capsys, "grep", *arguments)
    assert (status, lines) == (2, [])
    assert told in err
    assert err.count("\n") == 1


# --- around -------------------------------------------------------------------------------------------


def place_of(words: str, here: Path) -> int:
    lines = (here / "report/node1/pacemaker.log").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def test_a_cited_line_is_shown_among_its_neighbours(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = place_of("monitor operation for db on node1: not running", here)
    status, lines, err = called(capsys, "around", "report", f"node1/pacemaker.log:{number}", "--lines", "3")
    assert (status, err) == (0, "")
    assert [line.startswith("> ") for line in lines] == [False] * 3 + [True] + [False] * 3
    assert f"report/node1/pacemaker.log:{number} pacemaker-controld: Result of monitor" in lines[3]
    assert any(" node2 " in line for line in lines)
    moments = [line[2:21] for line in lines]
    assert moments == sorted(moments)


def test_all_that_is_near_in_time(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = place_of("monitor operation for db on node1: not running", here)
    place = f"report/node1/pacemaker.log:{number}"
    _, lines, _ = called(capsys, "around", "report", place, "--seconds", "0.5", "--format", "jsonl")
    told = [json.loads(line) for line in lines]
    assert [line["asked"] for line in told].count(True) == 1
    assert {line["node"] for line in told} == {"node1", "node2"}
    assert all("12:05:09.7" <= line["time"][11:] <= "12:05:10.7" for line in told)


def test_an_incident_is_shown_with_what_stands_around_what_it_cites(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, _ = called(capsys, "around", "report", "i1", "--lines", "1")
    assert status == 0
    assert lines[0].startswith("i1: MySQL (db) was found not running on node1")
    assert sum(line.startswith("> ") for line in lines) > 3
    assert "--" in lines


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["report"], "the line or the incident is missing; logtrace around PATH FILE:LINE"),
        (["report", "node1/pacemakr.log:3"], "no log is called so; did you mean node1/pacemaker.log"),
        (["report", "pacemaker.log:3"], "several logs are called so; there are report/node1/pacemaker.log"),
        (["report", "node1/pacemaker.log:99999"], "node1/pacemaker.log:99999: has no such line"),
        (["report", "i7"], "no incident is called 'i7'; there are i1"),
        (["report", "somewhere"], "neither a line nor an incident: 'somewhere'"),
        (["report", "i1", "--lines", "3", "--seconds", "3"], "--lines and --seconds contradict each other"),
        (["report", "i1", "--seconds", "soon"], "--seconds: no length of time: 'soon'"),
    ],
)
def test_a_place_that_is_none_is_refused(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, err = called(capsys, "around", *arguments)
    assert (status, lines) == (2, [])
    assert told in err
    assert err.count("\n") == 1


# --- for the eye --------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [60, 120])
def test_lines_fit_the_terminal(width: int) -> None:
    import polars as pl

    from logtrace.reading.lines import COLUMNS

    values = {"time": "2026-11-22T12:05:10.2", "message": "word " * 60, "node": "a-long-name-of-a-node-of-ours"}
    row = {name: values.get(name) for name in COLUMNS} | {"path": "r/n/p.log", "line": 3, "precise": True, "gap": False}
    frame = pl.DataFrame([row | {"asked": True}, row | {"asked": False}])
    frame = frame.with_columns(pl.col("time").str.to_datetime(time_zone="UTC"))
    told = log_lines.text(frame, ["n"], width).split()
    assert all(line.cell_len <= width for line in told)
    assert told[0].plain == "  22 Nov 2026 UTC"
    assert told[1].plain.startswith("> 12:05:10.200 ")
    assert sum("n/p.log:3" in line.plain for line in told) == 2
