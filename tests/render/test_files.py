"""Outputs are whole or not there, and Parquet holds the frames."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from cases import CASCADE, FRAMES, case

from logtrace.errors import UsageError
from logtrace.render import files
from logtrace.render.table_files import write_tables


def test_a_file_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    files.write(target, "é\n")
    files.write(target, "second\udcff\n")
    assert target.read_bytes() == b"second\\udcff\n"
    assert list(tmp_path.iterdir()) == [target]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("first")

    def half_way() -> None:
        with files.replacing(target) as part:
            part.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_way()
    assert target.read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    for target in (tmp_path / "none" / "page.html", tmp_path):
        with pytest.raises(UsageError, match="cannot be written") as error:
            files.write(target, "x")
        assert error.value.where == str(target)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        files.write(pipe, "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_link_is_written_through(tmp_path: Path) -> None:
    kept, link = tmp_path / "reports" / "page.html", tmp_path / "page.html"
    kept.parent.mkdir()
    kept.write_text("old")
    link.symlink_to(kept)
    files.write(link, "page")
    assert (kept.read_text(), link.is_symlink()) == ("page", True)
    assert {each.name for each in tmp_path.rglob("*")} == {"reports", "page.html"}


def test_a_link_to_a_pipe_is_no_reason_to_replace_the_pipe(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "stdout"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        files.write(link, "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert link.is_symlink()
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}"])
def test_a_pipe_that_has_a_number_only(name: str) -> None:
    reader, writer = os.pipe()
    try:
        files.write(Path(name.format(writer)), "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
        os.close(writer)


def test_a_file_that_was_removed_is_written_to_where_it_is_still_open(tmp_path: Path) -> None:
    with (tmp_path / "page.html").open("w+") as page:
        (tmp_path / "page.html").unlink()
        files.write(Path(f"/dev/fd/{page.fileno()}"), "through")
        assert page.read() == "through"
    assert not list(tmp_path.iterdir())


def test_links_in_a_circle_are_named(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(UsageError, match="cannot be written"):
        files.write(circle, "x")
    assert circle.is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
@pytest.mark.parametrize("through", [False, True])
@pytest.mark.parametrize("kind", ["link", "dangling", "file"])
def test_what_another_user_put_where_anybody_may_is_not_written_to(tmp_path: Path, kind: str, through: bool) -> None:
    kept, common = tmp_path / "kept", tmp_path / "common"
    kept.write_text("of root")
    common.mkdir()
    common.chmod(0o1777)
    target = common / "page.html"
    if kind == "file":
        target.write_text("of another")
    else:
        target.symlink_to(kept if kind == "link" else tmp_path / "new")
    os.chown(target, 65534, 65534, follow_symlinks=False)
    output = tmp_path / "page.html" if through else target
    if through:
        output.symlink_to(target)
    with pytest.raises(UsageError, match="it belongs to another user"):
        files.write(output, "x")
    assert kept.read_text() == "of root"
    assert sorted(path.name for path in common.iterdir()) == ["page.html"]
    assert not (tmp_path / "new").exists()


def test_what_is_written_beside_cannot_be_foreseen_and_is_nobody_elses(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    seen = []
    for _ in range(2):
        with files.replacing(target) as part:
            seen.append(part.name)
            assert part.stat().st_mode & 0o777 == 0o600
            part.write_text("x")
    assert seen[0] != seen[1]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "page.html"
    target.write_text("old")
    target.chmod(mode)
    files.write(target, "new")
    assert target.stat().st_mode & 0o777 == mode


def test_a_new_file_has_the_mode_of_new_files(tmp_path: Path) -> None:
    (tmp_path / "like").write_text("")
    files.write(tmp_path / "page.html", "new")
    assert (tmp_path / "page.html").stat().st_mode == (tmp_path / "like").stat().st_mode
    files.write(tmp_path / "map.json", "new", private=True)
    assert (tmp_path / "map.json").stat().st_mode & 0o777 == 0o600


def test_parquet_holds_every_table(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "frames"
    written = write_tables(case(CASCADE), folder)
    assert {path.name for path in written} == {path.name for path in folder.iterdir()}
    assert {path.stem for path in written} == {
        "cases", "nodes", "incidents", "phases", "causes", "advice", "operations", "findings", "coverage", "files",
        "events", "transitions", "membership", "fencing",
    }  # fmt: skip
    assert pl.read_parquet(folder / "files.parquet").drop("case_id").equals(FRAMES.files)
    assert pl.read_parquet(folder / "incidents.parquet")["case_id"].unique().to_list() == [case(CASCADE).name]
    assert pl.read_parquet(folder / "events.parquet").schema == pl.Schema(FRAMES.events.schema)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        write_tables(case(), tmp_path / "file")
