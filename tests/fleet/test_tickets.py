"""What is read together, and what by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from logtrace.errors import UsageError
from logtrace.fleet.tickets import digests, tickets


def made(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return root


def found(root: Path) -> list[set[str]]:
    return [{str(Path(path).relative_to(root)) for path in each.paths} for each in tickets([str(root)])]


def test_a_file_is_a_ticket(tmp_path: Path) -> None:
    made(tmp_path, "a.log", "b.tar.bz2")
    told = list(tickets([str(tmp_path / "b.tar.bz2"), str(tmp_path / "a.log")]))
    assert [each.paths for each in told] == [(str(tmp_path / "b.tar.bz2"),), (str(tmp_path / "a.log"),)]


def test_archives_of_one_folder_are_read_together(tmp_path: Path) -> None:
    made(tmp_path, "README.md", "t1/node1.tar.bz2", "t1/node2.tgz", "t1/cib.xml", "t1/truth.json", "t2/report.TAR.XZ")
    assert found(tmp_path) == [{"t1/node1.tar.bz2", "t1/node2.tgz", "t1/cib.xml"}, {"t2/report.TAR.XZ"}]


def test_a_pile_is_no_ticket(tmp_path: Path) -> None:
    names = [f"{number}.tar" for number in range(33)]
    made(tmp_path, *names, "messages", "t1/report.tar")
    assert found(tmp_path) == [*({name} for name in sorted(names)), {"t1/report.tar"}]


def test_a_folder_without_archives_is_a_ticket(tmp_path: Path) -> None:
    made(tmp_path, "t1/crm_report/analysis.txt", "t1/crm_report/node1/pacemaker.log", "t2/logs/corosync.log.gz")
    assert found(tmp_path) == [{"t1/crm_report"}, {"t2/logs"}]
    assert found(tmp_path / "t1" / "crm_report") == [{"."}]


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.tar")
    assert found(tmp_path) == []


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        list(tickets([str(tmp_path / "none")]))


def test_a_ticket_is_known_by_its_content(tmp_path: Path) -> None:
    made(tmp_path / "one", "a", "b/c")
    made(tmp_path / "two", "a", "b/c")
    made(tmp_path / "three", "a", "b/d")
    one, two, three = (digests([str(tmp_path / name)]) for name in ("one", "two", "three"))
    assert one == two != three
    files = [str(tmp_path / "one" / name) for name in ("a", "b/c")]
    assert digests(files) == digests(files[::-1])


def test_holes_are_not_read(tmp_path: Path) -> None:
    with (tmp_path / "hollow.tar").open("wb") as file:
        file.truncate(1 << 40)
    assert len(digests([str(tmp_path / "hollow.tar")])) == 1
