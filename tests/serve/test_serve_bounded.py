"""A process with limits keeps to them, and ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hungry import Order
from servers import until

from logtrace.serve.bounded import Bounded, Ended, Limits

HERE = Path(__file__).parent
ROOM = 1 << 29


def run(what: str, folder: Path, seconds: int = 60) -> Ended:
    with Bounded("hungry", Order(what), Limits(ROOM, seconds), folder) as process:
        return until(lambda: process.ended(0.1))


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))


def test_too_much_memory_ends_it(tmp_path: Path) -> None:
    ended = run("memory", tmp_path)
    assert ended.status == 1
    assert "MemoryError" in ended.said
    assert not ended.late


def test_too_much_time_ends_it(tmp_path: Path) -> None:
    ended = run("time", tmp_path, seconds=1)
    assert ended.late
    assert ended.status == -signal.SIGKILL


def test_it_sees_no_secret_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret")
    ended = run("said", tmp_path)
    assert ended.status == 0
    assert "PATH" in ended.said.split()
    assert "PGPASSWORD" not in ended.said.split()


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    starter = f"""
import time
from pathlib import Path
from hungry import Order
from logtrace.serve.bounded import Bounded, Limits
process = Bounded("hungry", Order("processors"), Limits({ROOM}, 600), Path({str(tmp_path)!r}))
print(process._process.pid, flush=True)
time.sleep(600)
"""
    started = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    with started.stdout:
        child = int(started.stdout.readline())
    os.kill(child, 0)
    started.kill()
    started.wait()
    until(lambda: not runs(child))


def runs(process: int) -> bool:
    """Whether it still does something: nobody may have asked yet how it ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
