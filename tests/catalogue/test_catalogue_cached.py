"""The catalogue as it was cached, kept: the same catalogue, or none."""

from pathlib import Path

import msgspec
import pytest
from folders import QUORUM, RESULT, write

from logtrace import catalogue, data
from logtrace.catalogue import cached


def test_the_own_catalogue_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = data.folder("parsers").resolve()
    made = catalogue.load(folder)
    assert cached.read(tmp_path, cached.key(folder)) is None
    cached.write(tmp_path, cached.key(folder), made)
    kept = cached.read(tmp_path, cached.key(folder))
    assert kept is not None
    assert msgspec.structs.astuple(kept) == msgspec.structs.astuple(made)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("change", ["changed", "added", "renamed"])
def test_another_state_of_the_folder_is_not_served(tmp_path: Path, change: str) -> None:
    folder = write(tmp_path / "parsers", RESULT)
    cached.write(tmp_path, cached.key(folder), catalogue.load(folder))
    assert cached.read(tmp_path, cached.key(folder)) is not None
    messages = folder / "messages" / "daemon.toml"
    if change == "changed":
        messages.write_text(messages.read_text() + QUORUM)
    elif change == "added":
        (folder / "messages" / "other.toml").write_text(QUORUM)
    else:
        messages.rename(folder / "messages" / "other.toml")
    assert cached.read(tmp_path, cached.key(folder)) is None


@pytest.mark.parametrize("length", [0, 10, 32, 100])
def test_what_is_cut_short_is_not_served(tmp_path: Path, length: int) -> None:
    folder = write(tmp_path / "parsers", RESULT)
    cached.write(tmp_path, cached.key(folder), catalogue.load(folder))
    (file,) = (one for one in tmp_path.iterdir() if one.is_file())
    file.write_bytes(file.read_bytes()[:length])
    assert cached.read(tmp_path, cached.key(folder)) is None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    folder = write(tmp_path / "parsers", RESULT)
    place = tmp_path / "none"
    cached.write(place, cached.key(folder), catalogue.load(folder))
    assert cached.read(place, cached.key(folder)) is None
    assert not place.exists()


def test_it_is_looked_for_only_where_modules_may_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert data.beside("parsers") is None
