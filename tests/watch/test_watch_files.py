"""Logs that are written, rotated, copied, cut and compressed: every line is handed on once, and in order."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from logtrace.watch.files import Follower
from logtrace.watch.tails import Tail

LINE = "Nov 22 18:03:%02d node1 pacemaker-controld  [7] (x) \tinfo: line %d\n"


class Reader:
    """A follower of a folder, and what it has handed on."""

    def __init__(self, folder: Path, tails: Iterable[Tail] = (), since: float | None = 0.0) -> None:
        self.said: list[str] = []
        self.folder = folder
        self.follower = Follower([str(folder)], self.said.append, list(tails), since)
        self.lines: list[str] = []

    def poll(self, *, last: bool = False) -> None:
        for portion in self.follower.poll(last=last):
            self.lines += portion.data.decode().splitlines()

    def restarted(self) -> Reader:
        kept = msgspec.json.decode(msgspec.json.encode(list(self.follower.tails.values())), type=list[Tail])
        other = Reader(self.folder, kept)
        other.lines = self.lines
        return other


class Writer:
    """A daemon that logs, and logrotate."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[str] = []
        self.write("")

    def write(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(text)

    def log(self, number: int = 1) -> None:
        for _ in range(number):
            text = LINE % (len(self.lines) % 60, len(self.lines))
            self.lines.append(text.rstrip("\n"))
            self.write(text)

    def cut(self) -> None:
        os.truncate(self.path, 0)

    def shift(self) -> None:
        """pacemaker.log.1 becomes .2 and so on, compressed or not."""
        rotated = sorted(self.path.parent.glob(f"{self.path.name}.*"), key=lambda each: -int(each.name.split(".")[2]))
        for each in rotated:
            parts = each.name.split(".")
            parts[2] = str(int(parts[2]) + 1)
            each.rename(each.with_name(".".join(parts)))

    def rename(self) -> None:
        self.shift()
        self.path.rename(f"{self.path}.1")
        self.write("")

    def copy_and_cut(self) -> None:
        self.shift()
        shutil.copy(self.path, f"{self.path}.1")
        self.cut()

    def compress(self) -> None:
        for each in self.path.parent.glob(f"{self.path.name}.*"):
            if each.suffix != ".gz":
                Path(f"{each}.gz").write_bytes(gzip.compress(each.read_bytes()))
                each.unlink()


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path / "pacemaker.log")


def test_what_is_appended_is_handed_on_once(writer: Writer, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for number in (3, 0, 1, 40):
        writer.log(number)
        reader.poll()
        reader.poll()
    assert reader.lines == writer.lines


def test_a_line_is_handed_on_when_it_is_whole(writer: Writer, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    writer.log(2)
    writer.write("Nov 22 18:04:00 node1 pacema")
    reader.poll()
    assert reader.lines == writer.lines
    writer.write("kerd[1] (x) info: rest\n")
    reader.poll()
    assert reader.lines[2] == "Nov 22 18:04:00 node1 pacemakerd[1] (x) info: rest"


@pytest.mark.parametrize("rotate", [Writer.rename, Writer.copy_and_cut])
def test_what_was_written_just_before_the_rotation_is_not_lost(writer: Writer, tmp_path: Path, rotate) -> None:  # type: ignore[no-untyped-def]
    reader = Reader(tmp_path)
    writer.log(30)
    reader.poll()
    writer.log(5)
    rotate(writer)
    writer.log(2)
    reader.poll()
    assert reader.lines == writer.lines
    writer.compress()
    writer.log(1)
    reader.poll()
    assert reader.lines == writer.lines
    assert [Path(tail.path).name for tail in reader.follower.tails.values()] == ["pacemaker.log.1.gz", "pacemaker.log"]


def test_a_log_compressed_before_its_end_was_read(writer: Writer, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    writer.log(30)
    reader.poll()
    writer.log(5)
    writer.rename()
    writer.compress()
    reader.poll()
    assert reader.lines == writer.lines


def test_a_log_named_by_itself_is_followed_into_its_rotated_file(writer: Writer, tmp_path: Path) -> None:
    reader = Reader(writer.path)
    writer.log(3)
    reader.poll()
    writer.log(3)
    writer.rename()
    writer.log(1)
    reader.poll()
    assert reader.lines == writer.lines


def test_a_file_cut_and_written_beyond_where_it_was_is_another_log(writer: Writer, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    writer.log(10)
    reader.poll()
    writer.cut()
    writer.log(40)
    reader.poll()
    assert reader.lines == writer.lines


def test_nodes_of_a_log_host_appear_later(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.poll()
    for node in ("node1", "node2"):
        (tmp_path / node).mkdir()
        Writer(tmp_path / node / "pacemaker.log").log(2)
    reader.poll()
    assert [(tail.node, tail.offset) for tail in reader.follower.tails.values()] == [("node1", 128), ("node2", 128)]


def test_two_logs_that_begin_alike_are_two(tmp_path: Path) -> None:
    for node in ("node1", "node2"):
        (tmp_path / node).mkdir()
        Writer(tmp_path / node / "messages").log(2)
    reader = Reader(tmp_path)
    reader.poll()
    assert len(reader.lines) == 4


def test_history_is_passed_over_until_it_grows(writer: Writer, tmp_path: Path) -> None:
    writer.log(5)
    reader = Reader(tmp_path, since=writer.path.stat().st_mtime + 10)
    reader.poll()
    assert reader.lines == []
    writer.log(1)
    reader.poll()
    assert reader.lines == writer.lines[5:]


def test_what_is_no_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cib.xml").write_text('<cib epoch="1"><configuration/></cib>\n')
    (tmp_path / "corosync.conf").write_text("totem {\n token: 1000\n}\n")
    (tmp_path / "system.journal").write_bytes(b"LPKSHHRH" + bytes(100) + b"\n")
    (tmp_path / "notes").write_text("nothing of note\n")
    (tmp_path / "away.log").symlink_to("/etc/hostname")
    reader = Reader(tmp_path)
    reader.poll()
    assert reader.lines == []
    assert reader.follower.tails == {}


def test_a_named_journal_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "system.journal"
    path.write_bytes(b"LPKSHHRH" + bytes(100) + b"\n")
    reader = Reader(path)
    reader.poll()
    reader.poll()
    assert len(reader.said) == 1
    assert "journalctl --file" in reader.said[0]


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_in_whatever_order_no_line_is_lost_or_told_twice(tmp_path: Path, seed: int) -> None:
    rnd = random.Random(seed)
    writer = Writer(tmp_path / "pacemaker.log")
    writer.log(1)
    reader = Reader(tmp_path)
    for _ in range(60):
        match rnd.choice(("log", "log", "torn", "rename", "cut", "compress", "poll", "poll", "restart")):
            case "log":
                writer.log(rnd.randrange(1, 30))
            case "torn":
                text = LINE % (0, len(writer.lines))
                writer.lines.append(text.rstrip("\n"))
                writer.write(text[:20])
                reader.poll()
                writer.write(text[20:])
            case "rename" if writer.path.stat().st_size:
                writer.rename()
            case "cut" if writer.path.stat().st_size:
                reader.poll()  # rotation that copies loses what nobody has read only where it does so by itself
                writer.copy_and_cut()
            case "compress":
                writer.compress()
            case "poll":
                reader.poll()
            case "restart":
                reader = reader.restarted()
    reader.poll()
    assert sorted(reader.lines) == sorted(writer.lines)
    assert reader.said == []
