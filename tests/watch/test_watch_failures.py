"""A watch outlives what goes wrong around it and in it, says so once, and tells what it had to tell when it is over."""

from __future__ import annotations

import bz2
import gzip
import inspect
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from stories import CRASH, at, tell, write
from told import LATER

from logtrace.report.scope import Options
from logtrace.watch import state as kept
from logtrace.watch.failures import Doing
from logtrace.watch.outputs.lines import JsonLines
from logtrace.watch.outputs.metrics import Metrics
from logtrace.watch.outputs.pages import Pages
from logtrace.watch.run import News, Output, Watch

STORY = CRASH + LATER


class Told:
    """Notes what it is told."""

    name = "told"

    def __init__(self) -> None:
        self.whats: list[str] = []
        self.failures = 0

    def tell(self, news: News) -> None:
        self.whats += [message.what.value for message in news.messages]
        self.failures = sum(news.failures.values())

    def again(self, lines: Sequence[str]) -> None: ...

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...


class Watched:
    """Logs on a disk that grow, and a watch of them with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs"
        self.state = folder / "var" / "state"
        self.state.parent.mkdir()
        self.said: list[str] = []
        self.told = Told()
        self.now = 0.0
        self.write("12:04:00")
        self.watch: Watch | None = None

    def start(self, *outputs: Output) -> Watch:
        told = [self.told, *outputs]
        self.watch = Watch(
            [str(self.logs)], told, self.said.append, options=Options(year=2026), state=self.state,
            clock=lambda: self.now,
        )  # fmt: skip
        self.watch.round()
        return self.watch

    def write(self, clock: str) -> None:
        for name, text in write([line for line in tell(STORY) if line.time <= at(clock)]).items():
            path = self.logs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a") as file:
                file.write(text[path.stat().st_size :])

    def look(self, clock: str | None = None) -> None:
        assert self.watch is not None
        if clock:
            self.write(clock)
        self.now += 10
        self.watch.round()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    yield made
    if made.watch is not None:
        made.watch.close()


def test_a_state_that_cannot_be_written_is_said_once_and_written_later(watched: Watched, tmp_path: Path) -> None:
    watched.start()
    watched.state.parent.rename(tmp_path / "away")  # as a disk that is not mounted any more
    watched.look("12:06:00")
    for _ in range(5):
        watched.look()
    assert watched.told.whats == ["opened", "closed"]
    (said,) = watched.said
    assert said.startswith("keeping the state: ")
    assert "the watch goes on" in said
    assert watched.told.failures >= 5
    (tmp_path / "away").rename(watched.state.parent)
    watched.look()
    assert len(watched.said) == 1
    saved = kept.load(watched.state)
    assert saved is not None
    assert [one.standing for one in saved.told] == ["closed"]


def test_a_folder_where_files_are_written(watched: Watched, tmp_path: Path) -> None:
    metrics = tmp_path / "logtrace.prom"
    watched.start(Metrics(None, metrics), Pages(tmp_path / "pages"))
    metrics.unlink()
    metrics.mkdir()
    (tmp_path / "pages").rmdir()
    (tmp_path / "pages").write_text("")
    watched.look("12:06:00")
    watched.look()
    assert watched.told.whats == ["opened", "closed"]
    assert sorted(text.partition(":")[0] for text in watched.said) == ["telling --metrics", "telling --pages"]
    metrics.rmdir()
    watched.look("13:40:00")
    assert 'logtrace_failures_total{doing="telling"}' in metrics.read_text()


def test_logs_that_turn_into_something_else(watched: Watched) -> None:
    """The others are read on, and what is in their place is said once."""
    watched.start()
    for node in ("node1", "node2"):
        (watched.logs / node / "pacemaker.log-20261121.gz").write_bytes(gzip.compress(b"x" * 9999)[:30])
        (watched.logs / node / "pe-input-7.bz2").write_bytes(bz2.compress(os.urandom(9999))[:500])
        (watched.logs / node / "corosync.log").mkdir()
        (watched.logs / node / "cib.xml").write_text("<cib><configuration>")
    os.mkfifo(watched.logs / "node1" / "messages")
    watched.look("12:06:00")
    watched.look()
    assert watched.told.whats == ["opened", "closed"]
    assert len(watched.said) == len(set(watched.said))
    assert not any("defect" in text for text in watched.said)


@contextmanager
def no_more_files() -> Iterator[None]:
    """This process may open no file."""
    free = os.dup(0)
    os.close(free)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_line_is_lost_while_no_file_can_be_opened(watched: Watched) -> None:
    watched.start()
    watched.write("12:06:00")
    with no_more_files():
        watched.look()
        watched.look()
    assert watched.told.whats == []
    assert watched.said
    watched.look()
    watched.look("13:40:00")
    assert watched.told.whats == ["opened", "closed"] * 2


@contextmanager
def shallow(depth: int) -> Iterator[None]:
    """Calls may go no deeper than this from here."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + depth)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def test_a_defect_costs_one_look_and_no_incident(watched: Watched) -> None:
    """Whatever of a look runs out of stack: what is held is whole, and is judged with the next one."""
    watched.start()
    watched.look("12:05:10.21")
    assert watched.told.whats == ["opened"]
    for depth in range(16, 60, 2):
        watched.now += 60
        assert watched.watch is not None
        with shallow(depth):
            watched.watch.round()
    assert watched.watch is not None
    assert watched.watch._failures.counted[Doing.JUDGING]
    assert any(
        text.startswith("a defect of logtrace, judging what is held: RecursionError at") for text in watched.said
    )
    watched.look("12:06:00")
    assert watched.told.whats == ["opened", "closed"]
    watched.look("13:40:00")
    assert watched.told.whats == ["opened", "closed"] * 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("needs the superuser")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the superuser, who may mount")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


def test_a_full_disk_costs_no_message(watched: Watched, small_disk: Path) -> None:
    watched.state = small_disk / "state"
    out, filling = small_disk / "out", small_disk / "filling"
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    watched.start(JsonLines(descriptor), Pages(small_disk / "pages"))
    with pytest.raises(OSError, match="No space"):
        fill(filling)
    watched.look("12:06:00")
    for _ in range(3):
        watched.look()
    assert watched.told.whats == ["opened", "closed"]
    assert {text.partition(": ")[0] for text in watched.said} >= {"keeping the state", "telling standard output"}
    assert len(watched.said) <= 4
    filling.unlink()
    watched.look()
    watched.look("13:40:00")
    os.close(descriptor)
    messages = [json.loads(line) for line in out.read_text().splitlines()]
    assert [message["what"] for message in messages] == ["opened", "closed"] * 2
    saved = kept.load(watched.state)
    assert saved is not None
    assert len(saved.told) == 2
