"""What the command line says while it reads, and when it gives up for want of memory."""

import io
from pathlib import Path

import pytest
from logs import CRASH, text

from logtrace.cli import messages, run


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "pacemaker.log"
    path.write_text(text(CRASH))
    return path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_tells_how_much_is_left_once_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, now = Terminal(), [0.0]
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(messages.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("COLUMNS", "120")
    with messages.reading() as watch:
        assert watch is not None
        now[0] = 0.5
        watch(1_000_000, 9_000_000, 1)
        assert "reading" not in terminal.getvalue()
        now[0] = 1.5
        watch(3_000_000, 9_000_000, 2)
        watch(9_000_000, 9_000_000, 3)
    assert "reading, 2 logs" in terminal.getvalue()
    assert "3.0/9.0 MB" in terminal.getvalue()
    assert "putting together what was read" in terminal.getvalue()


@pytest.mark.parametrize("size", ["0", "-1G", "2X", "much"])
def test_a_size_that_is_none_is_wrong_usage(size: str, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", str(log), "--no-html", "--max-memory", size]) == 2
    assert "no size" in capsys.readouterr().err


def test_what_does_not_fit_into_memory_is_refused(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", str(log), "--no-html", "--max-memory", "1M"]) == 4
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "more than fits into 1.0 MB of memory; give fewer or shorter logs, or a larger --max-memory" in told
