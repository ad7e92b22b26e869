"""Zip archives, which ticket systems make: read like any other, and as bounded."""

import io
import zipfile
from pathlib import Path

import pytest

from logtrace.errors import UnsafeInputError
from logtrace.intake import EvidenceKind, IntakeReport, Limits, read

LOG = b"Nov 22 16:53:20 node1 crmd[7]:   notice: Node node2 state is now lost\n"


def packed(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def pieces(path: Path, limits: Limits | None = None) -> tuple[dict[str, bytes], IntakeReport]:
    report = IntakeReport()
    found = {}
    for piece in read([str(path)], report, limits=limits or Limits()):
        found[piece.path] = b"".join(piece.chunks())
        assert piece.kind is EvidenceKind.LOG
    return found, report


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_its_members_are_read(tmp_path: Path, how: int) -> None:
    path = tmp_path / "ticket.zip"
    path.write_bytes(
        packed({"case/node1/messages": LOG, "case/picture.png": b"\x89PNG\0", "case/more.log": LOG * 2}, how)
    )
    found, report = pieces(path)
    assert found == {"case/node1/messages": LOG, "case/more.log": LOG * 2}
    assert report.inputs[0].kind == "archive"
    assert report.inputs[0].bytes == path.stat().st_size
    assert not report.skipped


def test_one_inside_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "ticket.zip").write_bytes(packed({"messages": LOG}))
    found, _ = pieces(tmp_path)
    assert list(found.values()) == [LOG]


def test_what_leads_out_and_links_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "ticket.zip"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../messages", LOG)
        link = zipfile.ZipInfo("case/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("case/messages", LOG)
    path.write_bytes(out.getvalue())
    found, report = pieces(path)
    assert list(found) == ["case/messages"]
    assert [each.path for each in report.skipped] == ["../messages"]


def test_encrypted_members_are_named_as_such(tmp_path: Path) -> None:
    data = bytearray(packed({"messages": LOG, "other.log": LOG}, zipfile.ZIP_STORED))
    flag = data.index(b"PK\x01\x02") + 8  # of the first member, in the directory
    data[flag] |= 1
    path = tmp_path / "ticket.zip"
    path.write_bytes(data)
    found, report = pieces(path)
    assert list(found) == ["other.log"]
    assert report.skipped[0].path == "messages"
    assert report.skipped[0].reason == ("is encrypted with a password; unpack ticket.zip yourself and name the folder")
    assert report.skipped[0].lost


@pytest.mark.parametrize("at", [10, 60, -40, -5])
def test_damage_is_named_and_ends_no_run(tmp_path: Path, at: int) -> None:
    data = bytearray(packed({"messages": LOG * 50, "other.log": LOG * 50}))
    for offset in range(4):
        data[at + offset] ^= 0xFF
    path = tmp_path / "ticket.zip"
    path.write_bytes(data)
    _, report = pieces(path)
    assert all(each.reason for each in report.skipped)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ticket.zip"
    path.write_bytes(packed({"messages": LOG * 100_000}))
    with pytest.raises(UnsafeInputError, match="bomb"):
        pieces(path, Limits(ratio_free_bytes=1 << 20))


def test_a_directory_of_absurd_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ticket.zip"
    path.write_bytes(packed({"messages": LOG}))
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = (1 << 30).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(UnsafeInputError, match="directory"):
        pieces(path)
