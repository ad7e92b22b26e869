"""`logtrace watch` as it is called: standard input, what is refused, and what survives of a state."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from stories import CRASH, tell, write
from told import LATER

from logtrace.cli import run


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    for name, text in write(tell(CRASH + LATER)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def piped(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logtrace", "watch", "-", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=120)


def test_a_log_on_standard_input_is_told_to_its_end(logs: Path) -> None:
    done = piped((logs / "node1" / "pacemaker.log").read_text(), "--format", "jsonl")
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert [message["what"] for message in messages] == ["opened", "closed", "opened", "closed"]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_journal_on_standard_input(logs: Path) -> None:
    entries = []
    for number, line in enumerate((logs / "node1" / "pacemaker.log").read_text().splitlines()):
        stamp, rest = line[:19], line[20:]
        host, tag, *_ = rest.split()
        seconds = int(stamp[7:9]) * 3600 + int(stamp[10:12]) * 60 + int(stamp[13:15])
        daemon, _, pid = tag.partition("[")
        level, _, message = line.partition(" \t")[2].partition(": ")
        entries.append(
            f"__CURSOR=s=1;i={number}\n__REALTIME_TIMESTAMP={1795305600_000_000 + seconds * 1_000_000}\n"
            f"_HOSTNAME={host}\nSYSLOG_IDENTIFIER={daemon}\n_PID={pid.rstrip(']') or 110}\n"
            f"MESSAGE={level}: {message}\n\n"
        )
    done = piped("".join(entries), "--format", "jsonl")
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    assert [message["what"] for message in messages].count("closed") == 2
    assert done.returncode == 0


def test_text_for_whoever_reads_along(logs: Path) -> None:
    done = piped((logs / "node1" / "pacemaker.log").read_text())
    assert "db was found not running on node1; it was restarted there." in done.stdout
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["logs", "--format", "xml"], "--format"),
        (["logs", "--webhook", "file:///etc/passwd"], "is no address of a web hook"),
        (["logs", "--webhook-secret", "x"], "--webhook-secret without --webhook"),
        (["logs", "--metrics", "9112"], "no address"),
        (["logs", "--exec", "a 'b"], "--exec"),
        (["logs", "--state", "logs/state"], "lies among what is read"),
        (["logs", "--pages", "logs/pages"], "lies among what is read"),
        (["logs", "--timezone", "Nowhere/City"], "Nowhere/City"),
    ],
)
def test_what_cannot_be_is_one_line(
    logs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(logs.parent)
    assert run(["watch", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"version": 99}', "not json"])
def test_a_state_of_something_else_is_refused_and_kept(
    logs: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    state = logs.parent / "state"
    state.write_text(text)
    assert run(["watch", str(logs), "--state", str(state)]) == 2
    assert state.read_text() == text
    assert "is no state of this release" in capsys.readouterr().err


def test_the_schema_of_messages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--watch"]) == 0
    assert json.loads(capsys.readouterr().out)["title"].startswith("logtrace watch message")
