"""The command line as such: help at once, one line for what is wrong, and how a run ends."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from logs import CRASH, text

from logtrace.cli import app, run
from logtrace.cli.program import program
from logtrace.version import VERSION

ROOT = Path(__file__).parents[2]
LOGTRACE = (sys.executable, "-m", "logtrace")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS"}} | {
    "PYTHONPATH": str(ROOT)
}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "pacemaker.log"
    path.write_text(text(CRASH))
    return path


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {command} " in shown for command in program(app).commands)


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([option]) == 0
    assert capsys.readouterr().out == f"logtrace {VERSION}\n"


def test_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["analyse", "x"], "No such command 'analyse'; did you mean: logtrace analyze x"),
        (["x.tar.bz2", "--html", "my page"], "did you mean: logtrace analyze x.tar.bz2 --html 'my page'"),
        (["fold/er"], "No such command 'fold/er'; did you mean: logtrace analyze fold/er"),
        (["frobnicate"], "No such command 'frobnicate'; see logtrace --help"),
        (["analyze"], "Missing argument 'PATH'; see logtrace analyze --help"),
        (["analyze", "--frob", "x"], "No such option: --frob"),
        (["analyze", "--year", "soon", "x"], "Invalid value for '--year': 'soon' is no whole number from 1970 to 9998"),
        (["analyze", "--year", "26", "x"], "'26' is no whole number from 1970 to 9998; see logtrace analyze --help"),
        (["lint", "--jobs", "-1", "x"], "Invalid value for '--jobs': '-1' is no whole number from 0 to 1024"),
        (["unknown", "--most", "0", "x"], "Invalid value for '--most': '0' is no whole number from 1 to "),
        (["analyze", "--html", "a.html", "--no-html", "x"], "contradict each other"),
        (["analyze", "--json", "-", "--markdown", "-", "x"], "only one output fits on standard output"),
        (["analyze", "missing.tar.bz2"], "missing.tar.bz2: no such file or folder"),
        (["analyze", "a\x1b[31m\n.log"], "no such file or folder"),
        (["timeline", "--format", "xml", "x"], "Invalid value for '--format': 'xml' is not one of 'table', 'csv', "),
        (["analyze", "--format", "xml", "x"], "Invalid value for '--format': 'xml' is not one of 'json', 'jsonl', "),
        (["check", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_wrong_usage_is_one_line_and_status_two(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("logtrace: ")
    assert told in err
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert not list(tmp_path.iterdir())


def test_help_needs_nothing_heavy() -> None:
    """No columnar engine, template engine or chart library: that is what keeps `--help` under a quarter of a second."""
    script = (
        "import sys; from logtrace.cli import run; run(['analyze', '--help']); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "typer" in loaded
    assert not loaded & {"polars", "plotly", "jinja2", "lxml", "dateutil", "rich"}


def test_a_reader_that_has_enough_is_no_error(log: Path) -> None:
    often = (
        line.replace("12:00:", f"{minute // 60:02d}:{minute % 60:02d}:") for minute in range(600) for line in CRASH
    )
    log.write_text(text(list(often)))
    command = f"{sys.executable} -m logtrace timeline --format jsonl {log} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    first, status = done.stdout.splitlines()
    assert json.loads(first)["node"] == "alpha"
    assert status == "141"
    assert done.stderr == ""


def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*LOGTRACE, "schema"], env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "logtrace: No space left on device\n"


@pytest.mark.parametrize(
    ("closed", "arguments", "status", "said"),
    [
        ("<&-", "analyze crash.log --no-html", 0, ""),
        ("<&-", "analyze - --no-html", 3, "logtrace: -: is empty; fetch it again\n"),
        (">&-", "analyze crash.log --no-html", 2, "logtrace: Bad file descriptor\n"),
        (">&-", "analyze crash.log --quiet --html out", 0, ""),
        ("2>&-", "analyze crash.log --no-html", 0, ""),
        ("2>&-", "analyze none.log --no-html", 2, ""),
        ("<&- >&- 2>&-", "analyze crash.log --quiet --json out", 0, ""),
    ],
)
def test_closed_streams_are_no_defect(closed: str, arguments: str, status: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "crash.log").write_text(text(CRASH))
    command = f"{shlex.join(LOGTRACE)} {arguments} {closed}"
    done = subprocess.run(["sh", "-c", command], env=ENVIRONMENT, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (status, said)
    assert (tmp_path / "out").exists() == (" out" in arguments)


@pytest.mark.parametrize(("limit", "said"), [("-v 600000", "0.6 GB of addresses"), ("-n 6", "6 open files")])
def test_a_limit_that_is_too_tight_is_told_before_the_engine_fails(limit: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "crash.log").write_text(text(CRASH))
    command = f"ulimit {limit}; {shlex.join(LOGTRACE)} analyze crash.log --no-html"
    done = subprocess.run(["sh", "-c", command], env=ENVIRONMENT, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"logtrace: a limit leaves this process {said}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "ended by SIGTERM"),
        (signal.SIGHUP, 129, "ended by SIGHUP"),
    ],
)
@pytest.mark.parametrize("times", [1, 400])
def test_a_signal_ends_in_one_line(times: int, number: signal.Signals, status: int, said: str) -> None:
    process = subprocess.Popen(
        ["env", "--default-signal", *LOGTRACE, "analyze", "--no-html", "-"],  # the tests may run under nohup
        env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(text(CRASH) * 400)  # far more than a pipe holds: once it is gone, the process is reading
    process.stdin.flush()
    for _ in range(times):  # as who presses the key again, or ends a whole group of processes
        process.send_signal(number)
        time.sleep(0.0001)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (status, "", f"logtrace: {said}\n")
