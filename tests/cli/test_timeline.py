"""`logtrace timeline` and `logtrace check` on real input."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from logs import CRASH, text

from logtrace.cli import run


@pytest.fixture(autouse=True)
def two_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same lines twice, as pacemaker.log and as a merged copy: each event is told once all the same."""
    monkeypatch.chdir(tmp_path)
    Path("pacemaker.log").write_text(text(CRASH))
    Path("ha-log.txt").write_text(text(CRASH))


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, str]]:
    assert run(["timeline", "pacemaker.log", "ha-log.txt", "--year", "2024", "--format", "csv", *arguments]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_every_event_is_told_once_and_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    told = rows(capsys)
    times = [row["time"] for row in told]
    assert len(told) == len(CRASH) - 2
    assert times == sorted(times)
    assert times[0] == "2024-11-22T12:00:00.100Z"
    assert {row["node"] for row in told} == {"alpha"}
    assert [row["line"] for row in told][:3] == ["1", "3", "4"]


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (["--kind", "op.result"], {"op.result"}),
        (["--kind", "te", "--kind", "sched.d*"], {"te.done", "sched.done"}),
        (["--resource", "web", "--kind", "op.req"], {"op.requested", "op.requested_local"}),
        (["--node", "alpha", "--since", "2024-11-22 12:00:12.705"], {"te.done", "fsa.state"}),
        (["--until", "2024-11-22 12:00:05"], {"fsa.state"}),
        (["--node", "a[lp]?ha", "--until", "10s"], {"fsa.state"}),
        (["--kind", "fence"], set()),
    ],
)
def test_filters(arguments: list[str], kinds: set[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert {row["kind"] for row in rows(capsys, *arguments)} == kinds


@pytest.mark.parametrize("kind", ["foo", "fense", "op.result.x", "?", "[of]*"])
def test_a_kind_that_no_event_has_is_refused(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["timeline", "pacemaker.log", "--kind", "op.result", "--kind", kind]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"logtrace: --kind: no event is of kind {kind!r}; kinds begin with agent, attr, boot, ")
    assert err.count("\n") == 1


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["timeline", "pacemaker.log", "--format", "jsonl"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["rc"] for row in told if row["kind"] == "op.result"] == [7, 0, 0, 0]


def test_a_table_in_a_pipe_is_whole_and_without_colour(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["timeline", "pacemaker.log"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["time", "node", "kind", "resource", "place", "message"]
    assert len(lines) == len(CRASH) - 2
    assert any("pacemaker.log:3 " in line and line.endswith("key=web_monitor_10000 rc=7") for line in lines)
    assert not any("\x1b" in line for line in lines)


def test_nothing_usable_has_the_status_of_analyze(capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty.log").write_text("")
    assert run(["timeline", "empty.log"]) == 3
    assert capsys.readouterr().err.startswith("logtrace: empty.log: ")


def test_check_tells_each_problem_of_a_catalogue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "formats").mkdir()
    (tmp_path / "messages").mkdir()
    (tmp_path / "kinds.toml").write_text('"boot" = { meaning = "the machine booted", fields = ["text"] }\n')
    assert run(["check", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert "no message has kind 'boot'" in out
    assert err == ""


def test_check_of_a_catalogue_that_cannot_be_read_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kinds.toml").write_text("this is = = not toml\n")
    assert run(["check", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "kinds.toml" in err
    assert err.count("\n") == 1
