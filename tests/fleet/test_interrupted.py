"""A run that ends at any moment, however often, is gone on with and comes to the same store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.context import SpawnContext
from pathlib import Path

import polars as pl
import pytest
from dying import DiesError, Dying

from logtrace.fleet import add as adding
from logtrace.fleet.add import Job, Result, add, perform
from logtrace.fleet.local import Died, _Worker
from logtrace.fleet.places import Place, place
from logtrace.fleet.store import MONTH, Store
from logtrace.fleet.tickets import Ticket, tickets
from logtrace.fleet.work import How
from logtrace.tables.schemas import TABLES
from reports import report

TICKETS = 5


@pytest.fixture(autouse=True)
def interrupts() -> Iterator[None]:
    """Interrupts count, also where the tests run in the background and a shell had them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Inline:
    """Does jobs one after another, here; is interrupted after so many results."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most

    def results(self, take: Callable[[], Job | None]) -> Iterator[tuple[Job, Result | Died]]:
        while (job := take()) is not None:
            if self.most == 0:
                raise KeyboardInterrupt
            yield job, perform(job)
            self.most = None if self.most is None else self.most - 1


@pytest.fixture
def pile(tmp_path: Path) -> list[Ticket]:
    for number in range(TICKETS):
        report(tmp_path / "pile" / f"t{number}" / "x.tar", f"node{number}", cluster=f"of-{number}")
    (tmp_path / "pile" / "bad").mkdir()
    (tmp_path / "pile" / "bad" / "x.tar").write_bytes(b"")
    return list(tickets([str(tmp_path / "pile")]))


def fill(at: Place, pile: list[Ticket], most: int | None = None) -> adding.Tally:
    return add(Store(at, None), pile, How(), Inline(most), lambda _: None, refresh=False)


def told(store: Store) -> dict[str, pl.DataFrame]:
    """What a store tells, but for when and in what order it was put there."""
    contents = store.read()
    return {
        name: contents.table(name).select(*TABLES[name], MONTH).collect().sort(pl.all().exclude(pl.List))
        for name in TABLES
    }


def test_a_run_killed_again_and_again_comes_to_the_same_store(
    tmp_path: Path, pile: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "_CASES", 2)
    whole, often = Store.made(str(tmp_path / "whole"), None), Store.made(str(tmp_path / "often"), None)
    assert fill(whole.place, pile).cases == TICKETS
    for last in (0, 3, 7, 8, 12):
        with pytest.raises(DiesError):
            fill(Dying(often.place.where, last), pile)
    rest = fill(often.place, pile)
    assert rest.read + rest.known + rest.lost == TICKETS + 1
    assert rest.known > 0
    one, other = told(whole), told(often)
    assert all(one[name].equals(other[name]) for name in TABLES)
    assert one["cases"].height == TICKETS


def test_an_interrupt_keeps_what_was_read(tmp_path: Path, pile: list[Ticket]) -> None:
    store = Store.made(str(tmp_path / "store"), None)
    with pytest.raises(KeyboardInterrupt):
        fill(place(store.place.where), pile, most=6)  # of each ticket it is told what it is, and then what is in it
    read = store.read().table("cases").collect().height
    assert 0 < read < TICKETS
    rest = fill(place(store.place.where), pile)
    assert rest.known >= read
    assert store.read().table("cases").collect().height == TICKETS


def test_an_interrupt_at_the_terminal_is_one_line(tmp_path: Path, pile: list[Ticket]) -> None:
    """It reaches all processes of the terminal, also those that have just begun."""
    command = [sys.executable, "-m", "logtrace", "fleet", "add", str(tmp_path / "store"), str(tmp_path / "pile")]
    with subprocess.Popen(
        [*command, "--workers", "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        begun = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while len(begun.read_text().split()) < 2:
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, "", "logtrace: interrupted\n")
    assert Store.at(str(tmp_path / "store")).read().known.is_empty()


def test_a_process_that_begins_is_told_what_to_do_whatever_comes_between() -> None:
    """Where there are other threads, the signal is delivered to one of them, and handled by the one that starts it."""
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    told = []

    class Beginning:
        def start(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)
            told.append("what to do")

    class Context(SpawnContext):
        def Process(self, **_: object) -> Beginning:  # type: ignore[override]  # noqa: N802 - as multiprocessing has it
            return Beginning()

    try:
        with pytest.raises(KeyboardInterrupt):
            _Worker(Context(), ("math", "sqrt"), 1)
    finally:
        done.set()
        other.join()
    assert told == ["what to do"]
