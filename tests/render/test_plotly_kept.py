"""Plotly's script is compressed once, and what is kept of that is believed for this script only."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from logtrace.render import plotly


def test_what_was_compressed_once_is_kept_for_this_script_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotly, "beside", lambda _: tmp_path)
    made = plotly.compressed(b"one script", "sha256-one")
    assert zlib.decompress(made) == b"one script"
    (kept,) = tmp_path.iterdir()
    with monkeypatch.context() as without:
        without.delattr(zlib, "compress")
        assert plotly.compressed(b"one script", "sha256-one") == made
    assert zlib.decompress(plotly.compressed(b"another", "sha256-another")) == b"another"
    kept.write_bytes(b"damaged")
    assert plotly.compressed(b"one script", "sha256-one") == made


@pytest.mark.parametrize("place", [None, Path("/nowhere")])
def test_where_nothing_can_be_kept_it_is_compressed_each_time(
    place: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plotly, "beside", lambda _: place)
    assert zlib.decompress(plotly.compressed(b"one script", "sha256-one")) == b"one script"
