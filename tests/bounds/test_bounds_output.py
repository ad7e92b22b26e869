"""An output that cannot be written ends in one clear line; nothing half written stays, and what was there does."""

from __future__ import annotations

from pathlib import Path

import pytest
from measured import Run, run

SAMPLE = Path(__file__).parents[2] / "samples" / "slow-init" / "crm_report.tar.bz2"
#: Less than any of these outputs needs.
FULL = 2000


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def analyze(here: Path, *arguments: str, **given: int) -> Run:
    page = () if "--html" in arguments else ("--no-html",)
    return run(here, "analyze", str(SAMPLE), *page, "--quiet", *arguments, **given)


@pytest.mark.parametrize("option", ["--html", "--json", "--markdown"])
def test_a_full_disk_behind_a_device(here: Path, option: str) -> None:
    done = analyze(here, option, "/dev/full")
    assert done.status == 2
    assert done.err == (
        "logtrace: /dev/full: cannot be written (No space left on device); name another file or make room\n"
    )
    assert names(here) == []


@pytest.mark.parametrize("option", ["--html", "--json", "--markdown"])
def test_a_disk_that_fills_up_keeps_what_was_there(here: Path, option: str) -> None:
    (here / "out").write_text("the one of yesterday")
    done = analyze(here, option, "out", largest_file=FULL)
    assert done.status == 2
    assert done.err == "logtrace: out: cannot be written (File too large); name another file or make room\n"
    assert names(here) == ["out"]
    assert (here / "out").read_text() == "the one of yesterday"


def test_a_disk_that_fills_up_under_frames(here: Path) -> None:
    (here / "frames").mkdir()
    (here / "frames" / "cases.parquet").write_text("the one of yesterday")
    done = analyze(here, "--parquet", "frames", largest_file=FULL)
    assert done.status == 2
    assert done.err.startswith("logtrace: frames/cases.parquet: cannot be written (")
    assert done.err.count("\n") == 1
    assert (here / "frames" / "cases.parquet").read_text() == "the one of yesterday"
    assert set(names(here)) == {"frames", "frames/cases.parquet"}


@pytest.mark.parametrize("option", ["--json", "--markdown", "--html"])
def test_a_folder_that_cannot_be_written_to(here: Path, option: str) -> None:
    done = analyze(here, option, "/proc/out")
    assert done.status == 2
    assert done.err.startswith("logtrace: /proc/out: cannot be written (")
    assert done.err.count("\n") == 1


def test_frames_in_a_folder_that_cannot_be_made(here: Path) -> None:
    done = analyze(here, "--parquet", "/proc/frames")
    assert done.status == 2
    assert done.err.startswith("logtrace: /proc/frames: cannot be made (")
    assert done.err.count("\n") == 1


def test_the_default_page_on_a_full_disk_is_a_warning(here: Path) -> None:
    done = run(here, "analyze", str(SAMPLE), largest_file=FULL)
    assert done.status == 0
    assert done.err.startswith("logtrace: warning: no page: crm_report.logtrace.html: cannot be written (File too")
    assert done.err.count("\n") == 1
    assert names(here) == []
