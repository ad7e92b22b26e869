"""Processes that read: none of them is missed for long."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import jobs
import pytest

from logtrace.fleet.local import Died, Workers

J = TypeVar("J")


def taking(given: Iterable[J]) -> Callable[[], J | None]:
    waiting = deque(given)
    return lambda: waiting.popleft() if waiting else None


@pytest.mark.parametrize("count", [1, 3])
def test_every_job_is_done_once(count: int) -> None:
    with Workers(jobs.double, count=count, threads=1) as workers:
        assert sorted(workers.results(taking(range(1, 8)))) == [(number, 2 * number) for number in range(1, 8)]


def test_jobs_may_come_of_results() -> None:
    waiting = deque([1])
    told = []
    with Workers(jobs.double, count=2, threads=1) as workers:
        for _, result in workers.results(lambda: waiting.popleft() if waiting else None):
            told.append(result)
            if isinstance(result, int) and result < 16:
                waiting.append(result)
    assert told == [2, 4, 8, 16]


def test_who_dies_costs_its_own_job_only() -> None:
    with Workers(jobs.die_at_three, count=2, threads=1) as workers:
        told = dict(workers.results(taking(range(1, 7))))
    died = told.pop(3)
    assert isinstance(died, Died)
    assert died.how == "signal SIGKILL"
    assert told == {number: 2 * number for number in (1, 2, 4, 5, 6)}


def test_a_job_whose_process_died_is_tried_again(tmp_path: Path) -> None:
    with Workers(jobs.die_once, count=1, threads=1) as workers:
        assert list(workers.results(taking([str(tmp_path / "mark")]))) == [(str(tmp_path / "mark"), "done")]


def test_an_error_that_nobody_expected_ends_the_process(capfd: pytest.CaptureFixture[str]) -> None:
    with Workers(jobs.fail, count=1, threads=1) as workers:
        ((_, died),) = workers.results(taking([1]))
    assert isinstance(died, Died)
    assert died.how == "status 1"
    assert "ValueError" in capfd.readouterr().err


def test_nobody_waits_for_who_is_busy_at_an_interrupt() -> None:
    asked = []

    def take() -> int:
        asked.append(1)
        if len(asked) > 1:
            raise KeyboardInterrupt
        return 1

    before = set(multiprocessing.active_children())
    with pytest.raises(KeyboardInterrupt), Workers(jobs.wait_long, count=2, threads=1) as workers:
        next(workers.results(take))
    assert set(multiprocessing.active_children()) == before


def test_processes_share_the_processors() -> None:
    with Workers(jobs.threads, count=1, threads=5) as workers:
        assert list(workers.results(taking([1]))) == [(1, "5")]
