"""Long answers on a terminal go through a pager, and nothing else does."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from logs import CRASH, text
from terminals import Terminal

from logtrace.cli import run

ROOT = Path(__file__).parents[2]
LOGTRACE = (sys.executable, "-m", "logtrace")
SETTINGS = ("LOGTRACE_PAGER", "PAGER", "LESS", "NO_COLOR", "COLUMNS", "LINES")
PLAIN = {name: value for name, value in os.environ.items() if name not in SETTINGS} | {
    "PYTHONPATH": str(ROOT),
    "TERM": "xterm-256color",
}


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """A pager that keeps what it is given, and says that it was there."""
    (tmp_path / "crash.log").write_text(text(CRASH))
    program = tmp_path / "keep"
    program.write_text('#!/bin/sh\ncat > kept\necho "paged $*"\n')
    program.chmod(0o755)
    return str(program)


def shown(folder: Path, *arguments: str, lines: int = 24, **settings: str) -> tuple[int, str]:
    return Terminal([*LOGTRACE, *arguments], env=PLAIN | settings, cwd=folder, size=(lines, 80)).end()


@pytest.mark.parametrize("name", ["LOGTRACE_PAGER", "PAGER"])
def test_a_long_answer_goes_through_the_pager_with_its_colours(name: str, pager: str, tmp_path: Path) -> None:
    assert shown(tmp_path, "show", "crash.log", "1", "--quiet", **{name: f"{pager} --now"}) == (0, "paged --now\n")
    kept = (tmp_path / "kept").read_text()
    assert "\x1b[" in kept
    assert "evidence" in kept


def test_the_pager_of_logtrace_goes_before_that_of_all(pager: str, tmp_path: Path) -> None:
    assert shown(tmp_path, "help", "analyze", PAGER="false", LOGTRACE_PAGER=pager) == (0, "paged \n")


@pytest.mark.parametrize(
    ("arguments", "lines", "settings"),
    [
        (["--no-pager"], 24, {}),
        ([], 400, {}),
        ([], 24, {"LOGTRACE_PAGER": ""}),
        ([], 24, {"LOGTRACE_PAGER": "cat"}),
        ([], 24, {"LOGTRACE_PAGER": "no-such-pager --at-all"}),
        ([], 24, {"LOGTRACE_PAGER": "'never closed"}),
    ],
)
def test_where_no_pager_is_wanted_or_there_is_none_all_is_printed(
    arguments: list[str], lines: int, settings: dict[str, str], pager: str, tmp_path: Path
) -> None:
    status, printed = shown(
        tmp_path, "help", "analyze", *arguments, lines=lines, **{"LOGTRACE_PAGER": pager, **settings}
    )
    assert status == 0
    assert printed.startswith("Usage: logtrace analyze") == (settings != {} or arguments != [] or lines == 400)
    assert printed.endswith("input refused as unsafe.\n")
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("ends", ["true", "false", "head -n 1"])
def test_a_pager_that_ends_early_is_no_error(ends: str, tmp_path: Path) -> None:
    status, printed = shown(tmp_path, "explain", PAGER=ends)
    assert status == 0
    assert printed.count("\n") <= 1


def test_less_is_the_pager_of_those_who_have_set_none(tmp_path: Path) -> None:
    if shutil.which("less") is None:
        pytest.skip("less is not installed; it is in the package less")
    with Terminal([*LOGTRACE, "help", "analyze"], env=PLAIN, cwd=tmp_path) as terminal:
        first = terminal.read_until(":")
        assert "Usage" in first + terminal.read_until("\x1b[K")
        terminal.type("q")
        assert terminal.end()[0] == 0


def test_an_interrupt_is_meant_for_the_pager(pager: str, tmp_path: Path) -> None:
    Path(pager).write_text('#!/bin/sh\ntrap "echo stopped" INT\necho ready\nread line </dev/tty\ncat >/dev/null\n')
    with Terminal([*LOGTRACE, "help", "analyze"], env=PLAIN | {"PAGER": pager}, cwd=tmp_path) as terminal:
        terminal.read_until("ready")
        terminal.type("\x03")
        terminal.read_until("stopped")
        terminal.type("on\n")
        assert terminal.end()[0] == 0


def test_nothing_is_paged_where_standard_output_is_no_terminal(
    pager: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PAGER", pager)
    monkeypatch.chdir(tmp_path)
    assert run(["explain"]) == 0
    assert capsys.readouterr().out.count("\n") > 30
    assert not (tmp_path / "kept").exists()
