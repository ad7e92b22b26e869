"""What --cache keeps gives the same case again, and nothing but what this logtrace wrote for this input is believed."""

import fcntl
import io
import os
import shutil
import stat
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from stories import whole

from logtrace import pipeline
from logtrace.cache import Cache
from logtrace.errors import UsageError
from logtrace.pipeline import analyze
from logtrace.render import document, page
from logtrace.report.case import Case
from logtrace.report.scope import Options

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "three-faults" / "crm_report.tar.bz2"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return Path(shutil.copy2(SAMPLE, tmp_path / "crm_report.tar.bz2"))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def look(report: Path, cache: Path | None, **said: object) -> Case:
    return analyze([str(report)], replace(Options(cache=str(cache) if cache else None), **said))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, str]:
    """A report, a cache after the first look at it, and what was seen."""
    folder = tmp_path_factory.mktemp("first")
    report = Path(shutil.copy2(SAMPLE, folder / "crm_report.tar.bz2"))
    return report, folder / "cache", document.render(look(report, folder / "cache"))


@pytest.fixture
def looked(first: tuple[Path, Path, str], cache: Path) -> tuple[Path, Path, str]:
    """The same with a copy of the cache that may be damaged: report, what is kept of it, what was seen."""
    report, made, expected = first
    shutil.copytree(made, cache)
    (kept,) = cache.iterdir()
    return report, kept, expected


def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, reading an input is an error."""

    def read(*_: object) -> None:
        raise AssertionError("the input was read")

    monkeypatch.setattr(pipeline, "gather", read)


@pytest.mark.parametrize("said", [{}, {"since": "-20m"}, {"nodes": ("*1",)}, {"resources": ("p_*",)}])
def test_a_second_look_says_the_same(
    report: Path, cache: Path, said: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = look(report, None, **said)
    look(report, cache)
    known(monkeypatch)
    kept = look(report, cache, **said)
    assert document.render(kept) == document.render(expected)
    assert page.render(kept, light=True) == page.render(expected, light=True)
    assert replace(kept, frames=expected.frames) == expected
    for name, frame in whole(expected.frames).items():
        assert whole(kept.frames)[name].equals(frame), name


def test_what_somebody_reads_is_left_alone(report: Path, cache: Path) -> None:
    """Two first looks at once: the second to end must not take away what a third is reading."""
    look(report, cache)
    kept = look(report, cache)
    (folder,) = cache.iterdir()
    before = folder.stat()
    again = Cache(folder)
    (found,), _ = pipeline.wholes([str(report)], Options())
    again.write(found)
    assert (folder.stat().st_ino, list(cache.iterdir())) == (before.st_ino, [folder])
    assert whole(kept.frames).keys() == whole(look(report, None).frames).keys()


def test_only_the_owner_may_look(report: Path, cache: Path) -> None:
    look(report, cache)
    (kept,) = cache.iterdir()
    assert not stat.S_IMODE(cache.stat().st_mode) & 0o077
    assert not stat.S_IMODE(kept.stat().st_mode) & 0o077


@pytest.mark.parametrize("said", [{"timezone": "Asia/Tokyo"}, {"year": 2019}])
def test_what_changes_the_reading_is_another_case(report: Path, cache: Path, said: dict[str, object]) -> None:
    look(report, cache)
    assert document.render(look(report, cache, **said)) == document.render(look(report, None, **said))
    assert len(list(cache.iterdir())) == 2


def test_another_content_is_another_case(report: Path, cache: Path) -> None:
    first = look(report, cache)
    shutil.copy(SAMPLE.parents[1] / "quiet" / SAMPLE.name, report)
    assert look(report, cache).incidents != first.incidents


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "gone", "list"])
@pytest.mark.parametrize("name", ["case.msgpack", "digests.msgpack", "events.parquet", "events.te.done.parquet"])
def test_what_is_damaged_is_made_anew(looked: tuple[Path, Path, str], cache: Path, name: str, damage: str) -> None:
    report, kept, expected = looked
    file = kept / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    made = {"cut": content[: len(content) // 2], "flip": content, "empty": b"", "list": b"\x93\x01\x02\x03"}
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(made[damage])
    assert document.render(look(report, cache)) == expected
    assert [path.name for path in cache.iterdir()] == [kept.name], "nothing else is left behind"


def test_values_of_others_are_not_believed(looked: tuple[Path, Path, str], cache: Path) -> None:
    """Whoever can write to the cache can write digests too; what does not fit the types is still refused."""
    import hashlib

    report, kept, expected = looked
    (kept / "case.msgpack").write_bytes(msgspec.msgpack.encode({"case": {"inputs": "x"}}))
    digests = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in kept.iterdir()
        if "digests" not in file.name
    }
    (kept / "digests.msgpack").write_bytes(msgspec.msgpack.encode(digests))
    assert document.render(look(report, cache)) == expected


@pytest.mark.parametrize("name", ["../outside.parquet", "events..parquet", "events.te/../done.parquet", "more"])
def test_files_nobody_wrote_are_not_read(looked: tuple[Path, Path, str], cache: Path, name: str) -> None:
    report, kept, expected = looked
    digests = msgspec.msgpack.decode((kept / "digests.msgpack").read_bytes())
    (kept / "digests.msgpack").write_bytes(msgspec.msgpack.encode({**digests, name: "0"}))
    assert document.render(look(report, cache)) == expected
    assert msgspec.msgpack.decode((kept / "digests.msgpack").read_bytes()) == digests, "it was made anew"


@pytest.mark.parametrize("name", ["case.msgpack", "digests.msgpack", "files.parquet"])
@pytest.mark.parametrize("trap", ["pipe", "link", "endless"])
def test_what_others_lay_into_it_is_neither_opened_nor_read_on(
    looked: tuple[Path, Path, str], cache: Path, name: str, trap: str
) -> None:
    report, kept, expected = looked
    copy = kept.parent.parent / "copy"
    (kept / name).rename(copy)
    if trap == "pipe":
        os.mkfifo(kept / name)
    else:
        (kept / name).symlink_to(copy if trap == "link" else "/dev/zero")
    assert Cache(kept).read() is None
    assert document.render(look(report, cache)) == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a file away")
def test_a_file_of_another_user_is_not_believed(looked: tuple[Path, Path, str]) -> None:
    os.chown(looked[1] / "case.msgpack", 12345, 12345)
    assert Cache(looked[1]).read() is None


@pytest.mark.parametrize("place", [".", "kept", "deep/kept"])
def test_a_cache_is_no_evidence(report: Path, place: str) -> None:
    with pytest.raises(UsageError, match="lies among what is read"):
        analyze([str(report.parent)], Options(cache=str(report.parent / place)))


def test_what_a_killed_writer_left_is_swept(report: Path, cache: Path) -> None:
    left = cache / ".part-killed"
    left.mkdir(parents=True)
    (left / "case.msgpack").write_bytes(b"half")
    look(report, cache)
    assert not left.exists()


def test_what_another_writer_is_at_is_left_alone(report: Path, cache: Path) -> None:
    (cache / ".part-busy").mkdir(parents=True)
    busy = os.open(cache / ".part-busy", os.O_RDONLY)
    fcntl.flock(busy, fcntl.LOCK_EX)
    try:
        look(report, cache)
        assert (cache / ".part-busy").exists()
    finally:
        os.close(busy)


def test_a_file_is_no_cache(report: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be used as a cache"):
        look(report, tmp_path / "file")


def test_a_full_disk_costs_only_the_cache(report: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert look(report, cache).incidents
    assert not any(cache.iterdir())


def test_standard_input_is_not_taken_for_a_file_of_its_name(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(SAMPLE, "-")

    def piped(sample: str) -> Case:
        with (SAMPLE.parents[1] / sample / SAMPLE.name).open("rb") as report:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(report))
            return look(Path("-"), cache)

    assert piped("three-faults").incidents != piped("quiet").incidents
    assert not any(cache.iterdir())


def test_a_file_of_holes_is_not_digested(report: Path, cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    shutil.copy(report, folder)
    with (folder / "huge.log").open("wb") as file:
        file.truncate(1 << 40)
    assert look(folder, cache).incidents
    assert not any(cache.iterdir())
