"""Many machines, as far as one machine can stand for them: a real scheduler, real workers, a real object store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import distributed
import fleet_servers
import fsspec
import jobs
import pytest

from logtrace.errors import UsageError
from logtrace.fleet.cluster import Cluster
from logtrace.fleet.local import Died
from reports import report

J = TypeVar("J")

pytestmark = [
    # what Dask and its loop leave open at the end of a client is theirs
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def taking(given: Iterable[J]) -> Callable[[], J | None]:
    waiting = deque(given)
    return lambda: waiting.popleft() if waiting else None


def logtrace(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "logtrace", *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def asked(store: str, query: str, **environment: str) -> list[dict[str, Any]]:
    done = logtrace("fleet", "query", store, query, "--format", "json", **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_every_job_is_done_once_and_one_that_kills_is_given_up(tmp_path: Path) -> None:
    with (
        fleet_servers.scheduler(tmp_path) as address,
        fleet_servers.worker(tmp_path, address, "a"),
        fleet_servers.worker(tmp_path, address, "b"),
    ):
        with Cluster(jobs.double, address) as cluster:
            assert sorted(cluster.results(taking(range(1, 20)))) == [(number, 2 * number) for number in range(1, 20)]
        with Cluster(jobs.fail, address) as cluster:
            ((_, died),) = cluster.results(taking([1]))
        assert isinstance(died, Died)
        assert died.how == "ValueError: 1"


def test_a_job_whose_worker_dies_is_done_by_another(tmp_path: Path) -> None:
    mark = str(tmp_path / "mark")
    with (
        fleet_servers.scheduler(tmp_path) as address,
        fleet_servers.worker(tmp_path, address, "a") as first,
        fleet_servers.worker(tmp_path, address, "b") as second,
        Cluster(jobs.die_once, address) as cluster,
    ):
        assert list(cluster.results(taking([mark]))) == [(mark, "done")]
        assert sorted([first.poll() is None, second.poll() is None]) == [False, True]


def test_who_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logtrace.fleet.cluster._PATIENCE", 1.0)
    with pytest.raises(UsageError, match="no cluster answers"):
        Cluster(jobs.double, "tcp://127.0.0.1:1")


def test_workers_of_another_release_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logtrace.fleet.cluster.VERSION", "9.9")
    with (
        fleet_servers.scheduler(tmp_path) as address,
        fleet_servers.worker(tmp_path, address, "a"),
        pytest.raises(UsageError, match=r"workers have logtrace .*; install 9\.9 on all of them"),
    ):
        Cluster(jobs.double, address)


def test_a_bucket_is_filled_by_workers_of_which_one_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"node{number}" for number in range(10)]
    with fleet_servers.s3(tmp_path) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        bucket = fsspec.filesystem("s3")
        for name in names:
            made = report(tmp_path / "made" / f"{name}.tar", name, cluster=f"of-{name}")
            bucket.pipe_file(f"fleet/tickets/{name}/{name}.tar", made.read_bytes())
        bucket.pipe_file("fleet/tickets/bad/bad.tar", b"this is none")
        with (
            fleet_servers.scheduler(tmp_path) as address,
            fleet_servers.worker(tmp_path, address, "a", **environment) as first,
            fleet_servers.worker(tmp_path, address, "b", **environment),
            distributed.Client(address, set_as_default=False) as watcher,
        ):
            command = [sys.executable, "-m", "logtrace", "fleet", "add", "s3://fleet/store", "s3://fleet/tickets"]
            with subprocess.Popen(
                [*command, "--scheduler", address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as run:
                _until(lambda: any(watcher.processing().values()))
                os.kill(first.pid, signal.SIGKILL)
                out, err = run.communicate()
        assert run.returncode == 0, err
        assert out == "10 tickets read (10 cases, 10 incidents), 0 known, 1 refused\n"
        assert "s3://fleet/tickets/bad/bad.tar: " in err
        told = asked("s3://fleet/store", "SELECT cluster_name, inputs FROM cases ORDER BY cluster_name")
        assert told == [
            {"cluster_name": f"of-{name}", "inputs": [f"s3://fleet/tickets/{name}/{name}.tar"]} for name in names
        ]
        again = logtrace("fleet", "add", "s3://fleet/store", "s3://fleet/tickets", "--workers", "2")
        assert again.stdout == "0 tickets read (0 cases, 0 incidents), 11 known, 0 refused\n"
        assert logtrace("fleet", "compact", "s3://fleet/store").returncode == 0
        assert len(asked("s3://fleet/store", "SELECT * FROM recoveries")) == 10
        gone = logtrace("fleet", "add", "s3://none/store", str(tmp_path / "made"))
        assert gone.returncode == 2
        assert gone.stderr.startswith("logtrace: s3://none/store: cannot be written: ")
        assert len(gone.stderr.splitlines()) == 1


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
