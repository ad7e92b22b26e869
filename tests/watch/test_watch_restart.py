"""`logtrace watch` is killed at random moments and started again: each incident is told, and nothing is told twice."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from logtrace import pipeline

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmark"))
import pacemaker_logs

CRASHES = 5
MINUTES = 40


def started(folder: Path, out: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "logtrace", "watch", str(folder), "--format", "jsonl", "--all", *more]
    with out.open("ab") as file, Path(f"{out}.err").open("ab") as errors:
        return subprocess.Popen(command, stdout=file, stderr=errors, env=os.environ | {"POLARS_MAX_THREADS": "1"})


def told(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text().splitlines()]


def until(done: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)


class Cluster:
    """Logs of three nodes that grow by pieces of all of them, cut anywhere, and are rotated in between."""

    def __init__(self, folder: Path) -> None:
        self.whole = folder / "whole"
        self.live = folder / "live"
        paths = pacemaker_logs.write(self.whole, pacemaker_logs.minute_size() * MINUTES, CRASHES)
        self.left = {path.parent.name: path.read_bytes() for path in paths}
        self.sizes = {node: len(data) for node, data in self.left.items()}
        for node in self.left:
            (self.live / node).mkdir(parents=True)

    def grow(self, share: float) -> None:
        for node, data in self.left.items():
            size = int(self.sizes[node] * share)
            with (self.live / node / "pacemaker.log").open("ab") as file:
                file.write(data[:size])
            self.left[node] = data[size:]

    def rotate(self, number: int) -> None:
        for node in self.left:
            path = self.live / node / "pacemaker.log"
            path.rename(f"{path}.{number}")

    @property
    def done(self) -> bool:
        return not any(self.left.values())


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.thorough)])
def test_killed_at_random_moments(tmp_path: Path, kills: int) -> None:
    chance = random.Random(kills)
    cluster, out, state = Cluster(tmp_path), tmp_path / "out", str(tmp_path / "state")
    for number in range(kills):
        running = started(cluster.live, out, "--state", state)
        for _ in range(3):
            cluster.grow(1 / 3 / kills)
            time.sleep(chance.random() * 1.5)
        if number in (kills // 3, kills // 2):
            cluster.rotate(number)
        running.kill()
        running.wait()
    cluster.grow(1.0)
    assert cluster.done
    running = started(cluster.live, out, "--state", state)
    try:
        until(lambda: sum(each["what"] == "closed" for each in told(out)) >= CRASHES)
        time.sleep(3)
    finally:
        running.terminate()
        running.wait()
    messages = told(out)
    keys = [each["key"] for each in messages]
    assert len(keys) == len(set(keys)), "a message was told twice"
    expected = pipeline.analyze([str(cluster.whole)]).incidents
    assert len(expected) == CRASHES
    closed = {each["incident_id"]: each["incident"] for each in messages if each["what"] == "closed"}
    opened = [each["incident_id"] for each in messages if each["what"] == "opened"]
    assert sorted(opened) == sorted(closed)
    assert verdicts(closed.values()) == sorted(
        (one.root_cause, one.t_detected.isoformat(timespec="milliseconds"), round(one.outage or 0, 3))
        for one in expected
        if one.t_detected
    )
    assert running.returncode == 143
    assert "warning" not in Path(f"{out}.err").read_text()


def verdicts(incidents: Sequence[dict[str, Any]] | Any) -> list[tuple[Any, ...]]:
    return sorted((one["root_cause"], one["t_detected"].replace("Z", "+00:00"), one["outage"]) for one in incidents)
