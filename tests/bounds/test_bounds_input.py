"""Hostile input ends in one clear line, soon, in bounded memory, and leaves nothing behind."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from measured import MEMORY, SECONDS, Run, run

from logtrace import intake

LOG: Final = (
    b"Nov 22 12:00:10.200 alpha pacemaker-controld  [105] (log_executor_event) \tnotice: Result of monitor operation "
    b"for web on alpha: not running | CIB update 9, graph action confirmed; call=11 key=web_monitor_10000 rc=7\n"
)
ANALYZE: Final = ("analyze", "--no-html")
MIB, GIB = 1 << 20, 1 << 30


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> int:
    """Memory that a log of one line takes."""
    folder = tmp_path_factory.mktemp("baseline")
    (folder / "small.log").write_bytes(LOG)
    return run(folder, *ANALYZE, "small.log").memory


@pytest.fixture
def bounded(here: Path, baseline: int):
    """Runs a command and asserts that its status, cost and words are in bounds."""

    def check(*arguments: str, status: int, said: str, lines: int = 1, **given: object) -> Run:
        before = sorted(here.iterdir())
        done = run(here, *arguments, **given)
        assert done.status == status, done.err
        assert said in done.err
        assert done.err.count("\n") == lines, done.err
        assert all(line.startswith("logtrace: ") and len(line) < 400 for line in done.err.splitlines())
        assert done.memory < baseline + MEMORY
        assert done.seconds < SECONDS
        assert sorted(here.iterdir()) == before
        return done

    return check


# --- bombs --------------------------------------------------------------------------------------------

# One stream of so many bytes, repeated: all of these formats are still the same format when put one after another.
_STREAM: Final = 10 * MIB
_COMPRESS: Final = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lambda data: lzma.compress(data, preset=0),
}


def bomb(suffix: str, content: bytes = b"a b\n") -> bytes:
    """10 GB of lines, or what `content` repeats."""
    return _COMPRESS[suffix]((content * _STREAM)[:_STREAM]) * (10 * GIB // _STREAM)


@pytest.mark.parametrize("suffix", _COMPRESS)
def test_ten_gigabytes_in_a_compressed_log(here: Path, bounded, suffix: str) -> None:
    (here / f"bomb.log{suffix}").write_bytes(bomb(suffix))
    assert (here / f"bomb.log{suffix}").stat().st_size < 20 * MIB
    bounded(*ANALYZE, f"bomb.log{suffix}", status=4, said="like a decompression bomb; if you trust")


def test_ten_gigabytes_of_zeros_are_no_text(here: Path, bounded) -> None:
    (here / "bomb.log.bz2").write_bytes(bomb(".bz2", b"\0"))
    bounded(*ANALYZE, "bomb.log.bz2", status=3, said="is neither a report archive nor a text log; name a crm_report")


@pytest.mark.parametrize("suffix", _COMPRESS)
def test_ten_gigabytes_in_a_member_of_an_archive(here: Path, bounded, suffix: str) -> None:
    with tarfile.open(here / "report.tar", "w") as archive:
        for name, data in (("r/n1/pacemaker.log", LOG), (f"r/n1/messages{suffix}", bomb(suffix, b"\0"))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    bounded(*ANALYZE, "report.tar", status=4, said="report.tar: decompresses to more than 200 times its size")


def test_a_bomb_wrapped_twice(here: Path, bounded) -> None:
    """Ten gigabytes in 10 kB; what is inside of a compressed file is not decompressed again."""
    (here / "bomb.log.gz").write_bytes(gzip.compress(bomb(".bz2", b"\0")))
    assert (here / "bomb.log.gz").stat().st_size < 20_000
    bounded(*ANALYZE, "bomb.log.gz", status=3, said="is neither a report archive nor a text log")


def test_a_million_empty_streams_in_a_member(here: Path, bounded) -> None:
    streams = gzip.compress(b"", mtime=0) * 1_000_000
    with tarfile.open(here / "report.tar.gz", "w:gz") as archive:
        for name, data in (("r/n1/pacemaker.log", LOG), ("r/n1/messages.gz", streams)):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    bounded(*ANALYZE, "report.tar.gz", status=4, said="report.tar.gz: decompresses to more than 200 times its size")


def test_a_bomb_that_the_columnar_engine_would_decompress(here: Path, bounded) -> None:
    """Eight gigabytes without a NUL byte in 111 bytes; polars' reader of lines decompresses zstd by itself."""
    frame = b"\x28\xb5\x2f\xfd\x10\x38" + b"\xfa\xff\x0fa" * 61_000 + b"\xfb\xff\x0fa"
    (here / "case").mkdir()
    (here / "case" / "pacemaker.log").write_bytes(LOG)
    (here / "case" / "messages.gz").write_bytes(gzip.compress(frame))
    bounded(*ANALYZE, "case", status=0, said="", lines=0)


def test_a_bomb_of_a_configuration_is_left_out_and_the_rest_is_read(here: Path, bounded) -> None:
    (here / "case").mkdir()
    (here / "case" / "pacemaker.log").write_bytes(LOG)
    (here / "case" / "cib.xml").write_bytes(b"<cib>" + b"<a/>" * (24 * MIB))
    bounded(*ANALYZE, "case", status=0, said="warning: case/cib.xml: ", lines=2)


def test_a_configuration_of_resources_without_number(here: Path, bounded) -> None:
    """Each is small, and so is the file; what is found about all of them would be neither."""
    many = b"".join(b'<primitive id="p%d" class="ocf" type="x"/>' % number for number in range(400_000))
    (here / "cib.xml").write_bytes(b"<cib><configuration><resources>" + many + b"</resources></configuration></cib>")
    bounded("lint", "cib.xml", status=3, said="cib.xml: has more than 10,000 resources or nodes")


def test_a_million_members(here: Path, bounded) -> None:
    """Half a gigabyte of headers; a quarter of them is looked at."""
    header = tarfile.TarInfo("r/n1/pacemaker.log").tobuf()
    (here / "report.tar.gz").write_bytes(gzip.compress(header * 10_000, mtime=0) * 100)
    bounded(*ANALYZE, "report.tar.gz", status=4, said="report.tar.gz: holds more than 250000 files; name the report")


# --- names and texts that take long to look at ----------------------------------------------------------

_LONG: Final = {
    "rotation": "x-2026112" + "2" * 3000 + "!",
    "rotations": "-20261122" * 400 + "!",
    "sosreport": "sosreport-" + "-11111" * 600 + "!",
}


def test_names_that_take_long_to_match(here: Path) -> None:
    with tarfile.open(here / "report.tar.gz", "w:gz") as archive:
        for name in _LONG.values():
            for path in (f"r/{name}", f"{name}/n1/x.log"):
                info = tarfile.TarInfo(path)
                info.size = len(LOG)
                archive.addfile(info, io.BytesIO(LOG))
    done = run(here, *ANALYZE, "report.tar.gz", "--quiet")
    assert (done.status, done.err) == (0, "")
    assert done.seconds < 10


@pytest.mark.parametrize(
    "hostile",
    [b"pacemaker-" + b"a" * 60_000, b"crmd " * 12_000, b"cib" + b" " * 60_000, b"1" * 60_000, b"[" * 60_000],
    ids=["a daemon's name", "daemons", "blanks", "digits", "brackets"],
)
def test_a_line_that_takes_long_to_match(here: Path, hostile: bytes) -> None:
    (here / "hostile.log").write_bytes(hostile + b"\n" + LOG)
    done = run(here, *ANALYZE, "hostile.log")
    assert (done.status, done.err) == (0, "")
    assert done.seconds < 10


# --- lines without an end -------------------------------------------------------------------------------


def poured(pieces: Iterator[bytes]) -> int:
    """The reading end of a pipe into which a thread pours `pieces`, until nobody reads any more."""
    reading, writing = os.pipe()

    def pour() -> None:
        with open(writing, "wb", buffering=0) as pipe:  # noqa: PTH123  a descriptor
            try:
                pipe.writelines(pieces)
            except BrokenPipeError:
                return

    threading.Thread(target=pour, daemon=True).start()
    return reading


def one_line(size: int) -> Iterator[bytes]:
    yield LOG
    for _ in range(size // MIB):
        yield b"a" * MIB
    yield b"\n" + LOG


SIZES: Final = [GIB // 4, pytest.param(5 * GIB, marks=pytest.mark.slow)]


@pytest.mark.parametrize("size", SIZES)
def test_a_line_of_gigabytes(here: Path, bounded, size: int) -> None:
    with open(poured(one_line(size)), "rb") as pipe:
        done = bounded(*ANALYZE, "-", status=0, said="", lines=0, stdin=pipe)
    assert "web" in done.out


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("head", [b'{"MESSAGE":"', b"__CURSOR=s\nMESSAGE\n", b"__CURSOR=s\nMESSAGE="])
def test_a_line_of_gigabytes_in_a_journal(here: Path, bounded, head: bytes, size: int) -> None:
    def journal() -> Iterator[bytes]:
        yield head
        yield from one_line(size)

    with open(poured(journal()), "rb") as pipe:
        bounded(*ANALYZE, "-", status=3, said="-: ", stdin=pipe)


def test_zeros_without_an_end_on_standard_input(bounded) -> None:
    with Path("/dev/zero").open("rb") as zeros:
        bounded(*ANALYZE, "-", status=3, said="-: is neither a report archive nor a text log", stdin=zeros)


# --- what is no plain file ------------------------------------------------------------------------------


def test_pipes_and_devices_are_refused_unopened(here: Path, bounded) -> None:
    os.mkfifo(here / "pipe.log")
    for path in ("pipe.log", "/dev/zero", "/dev/full", "/dev/random"):
        said = f"{path}: is a device, pipe or socket; name a file or folder, or - and pipe it in"
        bounded(*ANALYZE, path, status=2, said=said)


def test_a_pipe_in_a_folder_is_left_out_unopened(here: Path, bounded) -> None:
    (here / "case").mkdir()
    os.mkfifo(here / "case" / "corosync.log")
    (here / "case" / "pacemaker.log").write_bytes(LOG)
    said = "warning: case/corosync.log: a device, pipe or other special file is not read"
    bounded(*ANALYZE, "case", status=0, said=said)


def hollow(path: Path, size: int = 100 * GIB) -> None:
    """A file that reads as many zeros and takes hardly any room."""
    with path.open("wb") as file:
        file.write(LOG)
        file.truncate(size)


def test_a_sparse_file_of_100_gigabytes(here: Path, bounded) -> None:
    hollow(here / "big.log")
    bounded(*ANALYZE, "big.log", status=4, said="big.log: is a sparse file: 107,374,182,400 bytes, nearly all of them")
    hollow(here / "big.log", 0)
    hollow(here / "big.log", 4 << 20)  # small ones are preallocated logs
    bounded(*ANALYZE, "big.log", status=0, said="", lines=0)


def test_a_sparse_file_of_100_gigabytes_in_a_folder(here: Path, bounded) -> None:
    (here / "case").mkdir()
    hollow(here / "case" / "corosync.log")
    hollow(here / "case" / "core.1234")
    (here / "case" / "pacemaker.log").write_bytes(LOG)
    done = bounded(*ANALYZE, "case", status=0, said="warning: case/corosync.log: a sparse file is not read\n", lines=2)
    assert "service" in done.out


def test_a_folder_on_standard_input(here: Path) -> None:
    """Reading fails, as it does on a broken disk."""
    script = "import os, sys; os.dup2(os.open('.', os.O_RDONLY), 0); from logtrace.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, *ANALYZE, "-"], cwd=here, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 3
    assert done.stderr == "logtrace: -: cannot be read further: Is a directory; fetch it again\n"


def test_what_could_not_be_read_is_named_before_what_is_empty(here: Path, bounded) -> None:
    (here / "case").mkdir()
    (here / "case" / "corosync.log").write_bytes(b"")
    (here / "case" / "pacemaker.log.gz").write_bytes(gzip.compress(LOG)[:12] + b"\xff" * 300)
    bounded(*ANALYZE, "case", status=3, said="logtrace: case/pacemaker.log.gz: is damaged (gzip: ")


def test_a_file_that_cannot_be_read_beside_one_that_can(here: Path, bounded) -> None:
    (here / "pacemaker.log").write_bytes(LOG)
    if not Path("/proc/self/mem").exists():
        pytest.skip("the superuser may read everything, and there is no /proc/self/mem, which nobody can")
    bounded(*ANALYZE, "/proc/self/mem", "pacemaker.log", status=0, said="warning: /proc/self/mem: ")


@pytest.mark.parametrize("name", ["pacemaker.log", "."], ids=["named", "in a folder"])
def test_a_log_that_grows_as_fast_as_it_is_read(here: Path, name: str) -> None:
    """It is read up to where it ended when it was opened."""
    path = here / "pacemaker.log"
    path.write_bytes(LOG * 20_000)
    size = path.stat().st_size
    read = 0
    with path.open("ab") as file:
        for piece in intake.read([str(here / name)], intake.IntakeReport()):
            for chunk in piece.chunks():
                read += len(chunk)
                assert read <= size
                file.write(chunk * 2)
                file.flush()
    assert read == size
