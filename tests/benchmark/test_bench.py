"""The benchmark's logs: the size asked for, the same every time, and like the daemons' own."""

from __future__ import annotations

import argparse
import io
import re
import sys
import tarfile
from pathlib import Path

import bench
import pacemaker_logs
import pytest
import repeated
import storm

HEADER = re.compile(
    r"[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d\.\d{3} node[123] pacemaker-[a-z]+ *\[\d+\] \(\w+\) \t[a-z]+: \S"
)


def test_logs_have_the_size_asked_for_and_are_the_same_every_time(tmp_path: Path) -> None:
    first = pacemaker_logs.write(tmp_path / "a", 2_000_000, 3)
    second = pacemaker_logs.write(tmp_path / "b", 2_000_000, 3)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert sum(path.stat().st_size for path in first) == pytest.approx(2_000_000, rel=0.1)
    assert [path.parent.name for path in first] == list(pacemaker_logs.NODES)


def test_lines_are_whole_ordered_and_hold_every_crash_on_every_node(tmp_path: Path) -> None:
    for path in pacemaker_logs.write(tmp_path, 1_000_000, 4):
        lines = path.read_text().splitlines()
        assert all(HEADER.match(line) for line in lines)
        assert "%" not in "".join(lines)
        stamps = [line[:19] for line in lines]
        assert stamps == sorted(stamps)
        assert sum("Setting fail-count-" in line for line in lines) == 4


def test_about_an_eighth_of_the_lines_matter() -> None:
    assert pacemaker_logs.relevant_share() == pytest.approx(0.12, abs=0.02)


def test_a_storm_is_the_same_every_time_and_its_lines_are_in_order(tmp_path: Path) -> None:
    first, second = storm.write(tmp_path / "a", 1_000_000), storm.write(tmp_path / "b", 1_000_000)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    for path in first:
        lines = path.read_text().splitlines()
        assert all(line.startswith("Mar 01 00:") for line in lines)
        stamps = [line[:19] for line in lines]
        assert stamps == sorted(stamps)
    told = "".join(path.read_text() for path in first)
    assert told.count("(told)") >= 40
    assert 5 <= told.count("Updating failcount for") <= 20


def test_syslog_has_whole_seconds_and_the_names_of_1_1(tmp_path: Path) -> None:
    (source, *_) = pacemaker_logs.write(tmp_path, 1_000_000, 4)
    pacemaker_logs.as_syslog(source, tmp_path / "syslog")
    lines = (tmp_path / "syslog").read_text().splitlines()
    header = re.compile(
        r"[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d node1 (?:cib|crmd|pengine|lrmd|attrd|stonith-ng)\[\d+\]: +[a-z]+: \S"
    )
    assert all(header.match(line) for line in lines)
    assert len(lines) == len(source.read_text().splitlines())


def test_the_history_of_crmsh_must_tell_of_the_same_report() -> None:
    transitions = [{"pe_input": "pe-input-7"}, {"pe_input": "pe-input-9"}]
    case = {"cluster": {"nodes": [{"name": "n1"}]}, "incidents": [{"transitions": transitions}]}
    answer = "Period: 2026-03-01 00:00:00 - 2026-03-02 00:00:00\nNodes: n1\nTransitions: 0 7*\n"
    bench._compare(answer, case)
    for other in (answer.replace("7*", "8*"), answer.replace("7*", "7"), answer.replace("n1", "n2")):
        with pytest.raises(RuntimeError, match="another report"):
            bench._compare(other, case)


def test_a_report_in_a_row_moves_its_times_and_no_id_that_looks_like_one(tmp_path: Path) -> None:
    log = (
        "Dec 31 23:50:00 n1 crmd: [7]: info: id=1769673730 last-failure=1356997800\n"
        "Dec 31 23:50:01 n1 crmd: [7]: info: at 1356997801, version 1.1769673730\n"
    )
    archive = tmp_path / "report.tar.bz2"
    with tarfile.open(archive, "w:bz2") as tar:
        for name in ("report/n1/ha-log.txt", "report/ha-log.txt", "report/n1/other.txt"):
            info = tarfile.TarInfo(name)
            info.size = len(log)
            tar.addfile(info, io.BytesIO(log.encode()))
    repeated.write(archive, tmp_path / "out", 2, 600, name="ha-log.txt")
    (path,) = (each for each in (tmp_path / "out").rglob("*") if each.is_file())
    assert path == tmp_path / "out" / "n1" / "ha-log.txt"
    first, second = path.read_text()[: len(log)], path.read_text()[len(log) :]
    assert first == log
    assert second.splitlines() == [
        "Jan 01 00:00:00 n1 crmd: [7]: info: id=1769673730 last-failure=1356998400",
        "Jan 01 00:00:01 n1 crmd: [7]: info: at 1356998401, version 1.1769673730",
    ]


def test_sizes() -> None:
    assert [bench.size_of(text) for text in ("200M", "1g", "3K", "77")] == [200_000_000, 10**9, 3000, 77]
    for text in ("", "M", "-1M", "0", "1.5G", "lots"):
        with pytest.raises(argparse.ArgumentTypeError):
            bench.size_of(text)


def test_a_measurement_counts_children_and_refuses_failures() -> None:
    burn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'], check=True)"
    cost = bench.measure([sys.executable, "-c", burn])
    idle = bench.measure([sys.executable, "-c", "pass"])
    assert cost.cpu > idle.cpu + 0.02
    assert cost.memory > 1_000_000
    with pytest.raises(RuntimeError, match="ended with 3: woe"):
        bench.measure([sys.executable, "-c", "import sys; print('woe', file=sys.stderr); sys.exit(3)"])


def test_there_are_sixty_needles_and_most_of_the_made_events_have_one(tmp_path: Path) -> None:
    assert len(set(bench.NEEDLES)) == 60
    lines = [line for node in pacemaker_logs.NODES for line in pacemaker_logs.crash_minute(node) if line.relevant]
    assert all(any(needle in line.message for needle in bench.NEEDLES) for line in lines)
