"""Damage near an end: what the decoder gave is kept, and that something is wrong is told."""

from __future__ import annotations

import gzip
import io
import lzma
import random
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from logtrace import intake
from logtrace.intake.evidence import Skipped

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_FEW = b"".join(
    b"Nov 22 12:00:%02d alpha crmd[7]: notice: Node n%d state is now lost\n" % (at, at * 7919) for at in range(30)
)


def _tar_of(data: bytes, name: str = "r/n1/pacemaker.log") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _flipped(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 0x55
    return bytes(changed)


def _read(path: Path) -> tuple[bytes, list[Skipped]]:
    report = intake.IntakeReport()
    given = b"".join(chunk for piece in intake.read([str(path)], report) for chunk in piece.chunks())
    return given, report.skipped


def _zstd(data: bytes) -> bytes:
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


@pytest.mark.parametrize(
    ("pack", "at"), [(gzip.compress, -6), (lzma.compress, -30), (_zstd, -2)], ids=["gzip", "xz", "zstd"]
)
def test_a_small_log_with_a_wrong_checksum_is_kept(tmp_path: Path, pack: Callable[[bytes], bytes], at: int) -> None:
    (tmp_path / "a.log").write_bytes(_flipped(pack(_FEW), at))
    given, (skip,) = _read(tmp_path / "a.log")
    assert given in {_FEW, _FEW[:-1]}
    assert skip.reason.startswith("is damaged (")


def test_of_a_small_log_all_before_the_damage_is_kept(tmp_path: Path) -> None:
    packed = lzma.compress(_FEW)
    for at in range(len(packed) * 9 // 10, len(packed)):
        (tmp_path / "a.log").write_bytes(_flipped(packed, at))
        given, _ = _read(tmp_path / "a.log")
        assert len(given) > len(_FEW) / 2
        assert _FEW.startswith(given[:-40])


@pytest.mark.parametrize(("pack", "at"), [(gzip.compress, -6), (lzma.compress, -30), (_zstd, -2)])
def test_a_wrong_checksum_behind_the_last_member_is_told(
    tmp_path: Path, pack: Callable[[bytes], bytes], at: int
) -> None:
    (tmp_path / "r.tar.x").write_bytes(_flipped(pack(_tar_of(_FEW)), at))
    given, (skip,) = _read(tmp_path / "r.tar.x")
    assert given == _FEW
    assert skip.reason.endswith(" behind its last member; what its members hold may be wrong")
    assert skip.lost


def test_an_archive_that_is_cut_behind_its_last_member_lost_nothing(tmp_path: Path) -> None:
    (tmp_path / "r.tar.gz").write_bytes(gzip.compress(_tar_of(_FEW))[:-4])
    given, (skip,) = _read(tmp_path / "r.tar.gz")
    assert given == _FEW
    assert (skip.reason, skip.lost) == ("ends early: it was cut off, behind its last member", False)


@pytest.mark.parametrize("kept", [60, 700])
def test_a_cut_archive_in_a_folder_is_told_as_one_that_is_named(tmp_path: Path, kept: int) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "pacemaker.log").write_bytes(_FEW)
    packed = gzip.compress(_tar_of(bytes(random.Random(1).choices(b"abcdefgh \n", k=3000))))[:kept]
    (tmp_path / "case" / "n2.tar.gz").write_bytes(packed)
    _, (skip,) = _read(tmp_path / "case")
    assert skip.path.startswith("case/n2.tar.gz")
    assert skip.reason.startswith("ends early: it was cut off")
    assert skip.lost
