"""Logs put one behind the other on standard input are judged as the same files by name."""

from __future__ import annotations

import io
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from logtrace import analyze
from logtrace.report.case import Case

REPOSITORY = Path(__file__).parents[1]
SAMPLES = REPOSITORY / "samples"
QUICK = [SAMPLES / name / "crm_report.tar.bz2" for name in ("three-faults", "spurious-monitor")]
MORE = [SAMPLES / name / "crm_report.tar.bz2" for name in ("group-cascade", "service-crash", "slow-init")]
ARCHIVES = [*QUICK, *(pytest.param(archive, marks=pytest.mark.thorough) for archive in MORE)]

#: What a node's folder holds, each in a layout of its own.
LOGS = ("pacemaker.log", "corosync.log", "messages")


def judged(case: Case) -> list[tuple[object, ...]]:
    """What is said of each incident, times and confidence included. What else is ruled out may differ: of lines at the
    end of a log that tell nothing of the cluster, the last of a stream alone is looked at.
    """
    return [
        (
            one.kind, one.title, one.trigger, one.root_cause, one.contributing, one.confidence, one.recovered,
            one.t_detected, one.t_end, one.outage,
        )
        for one in case.incidents
    ]  # fmt: skip


def unpacked(archive: Path, into: Path, wanted: Iterable[str]) -> list[Path]:
    """The logs of the nodes, by kind and node."""
    with tarfile.open(archive) as report:
        report.extractall(into, filter="data")
    return [path for name in wanted for path in sorted(into.rglob(name)) if path.stat().st_size]


def in_one_stream(logs: Iterable[Path], monkeypatch: pytest.MonkeyPatch) -> Case:
    """What is said of them on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"".join(log.read_bytes() for log in logs))))
    return analyze("-", year=2026, one_case=True)


@pytest.mark.parametrize("wanted", [LOGS[:1], LOGS], ids=["pacemaker.log", "all"])
@pytest.mark.parametrize("archive", ARCHIVES, ids=[path.parent.name for path in (*QUICK, *MORE)])
def test_it_is_judged_as_the_same_files_by_name(
    archive: Path, wanted: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = unpacked(archive, tmp_path, wanted)
    by_name = judged(analyze(logs, year=2026, one_case=True))
    assert judged(in_one_stream(logs, monkeypatch)) == by_name
