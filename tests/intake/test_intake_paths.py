"""What the user may name as PATH: folders, lone logs, standard input, several at once, and what cannot be read."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tarfile

import pytest
from archives import CIB, COMPRESS, DIRECTORY, LOG, REPORT, REPORT_PIECES, Link, names, pieces, tar
from hypothesis import given, settings
from hypothesis import strategies as st

from logtrace.errors import NothingUsableError, UnsafeInputError, UsageError
from logtrace.intake import EvidenceKind, IntakeReport, Limits, read


def unpack(data: bytes, folder):
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, filter="fully_trusted")


def reasons(report: IntakeReport) -> dict[str, str]:
    return {skip.path: skip.reason for skip in report.skipped}


# Folders


def test_an_unpacked_report(tmp_path):
    unpack(tar(REPORT), tmp_path)
    report = IntakeReport()
    assert pieces([tmp_path / "pcmk-1"], report) == REPORT_PIECES
    assert report.nodes == {"node1", "node2"}
    assert report.skipped == []
    (given_,) = report.inputs
    total = sum(len(content) for _, content in REPORT if isinstance(content, bytes))
    assert (given_.path, given_.kind, given_.bytes, given_.sha256) == (str(tmp_path / "pcmk-1"), "folder", total, None)


LINE = b"Nov 22 16:40:01 node1 corosync[7]: [MAIN] started\n"
FILES = st.builds(
    "{}{}".format,
    st.sampled_from(["", "node1/", "node2/", "node2/pengine/", "pacemaker/", "trace_ra/", "node1/var/log/"]),
    st.sampled_from(["pacemaker.log", "corosync.log.1.gz", "messages", "x.log", "cib.xml", "events.txt", "syslog.bz2"]),
)
CONTENTS = st.sampled_from([LINE, b"", CIB, b"no log\n", COMPRESS[".gz"](LINE), COMPRESS[".gz"](LINE)[:-9], b"\0\1"])


@settings(max_examples=60)
@given(st.dictionaries(FILES, CONTENTS, min_size=1, max_size=8))
def test_a_folder_and_the_archive_of_it_give_the_same(tmp_path_factory, files):
    tmp_path = tmp_path_factory.mktemp("same")
    links = [("r/node3/ha-log.txt", Link("../messages")), ("r/node3/syslog", Link("/var/log/syslog"))]
    data = tar([("r", DIRECTORY), *((f"r/{name}", content) for name, content in files.items()), *links])
    (tmp_path / "r.tar").write_bytes(data)
    unpack(data, tmp_path)
    archive, folder = IntakeReport(), IntakeReport()
    in_archive, in_folder = pieces([tmp_path / "r.tar"], archive), pieces([tmp_path / "r"], folder)
    assert sorted(in_archive, key=str) == sorted(in_folder, key=str)
    assert archive.nodes == folder.nodes
    assert (archive.members, archive.pieces) == (folder.members, folder.pieces)
    assert {skip.path for skip in archive.skipped} == {skip.path for skip in folder.skipped}


def test_of_two_names_of_one_file_the_first_is_read(tmp_path):
    data = tar([("r/ha-log.txt", LOG), ("r/messages", Link("r/ha-log.txt", tarfile.LNKTYPE))])
    (tmp_path / "r.tar").write_bytes(data)
    unpack(data, tmp_path)
    assert names([tmp_path / "r.tar"]) == names([tmp_path / "r"]) == ["r/ha-log.txt"]


def test_a_folder_of_logs_and_of_reports(tmp_path):
    (tmp_path / "pacemaker.log").write_bytes(LOG)
    (tmp_path / "anything").write_bytes(LOG)
    (tmp_path / "notes.md").write_bytes(b"# call the customer\n")
    (tmp_path / "other.tar.gz").write_bytes(COMPRESS[".gz"](tar(REPORT)))
    unpack(tar(REPORT), tmp_path / "tickets")
    report = IntakeReport()
    top = tmp_path.name
    found = pieces([tmp_path], report)
    assert [(path, node) for path, kind, node, _ in found if kind == "log"] == [
        (f"{top}/anything", None),
        (f"{top}/other.tar.gz/pcmk-1/node1/ha-log.txt", "node1"),
        (f"{top}/other.tar.gz/pcmk-1/node2/pacemaker.log-20261121.gz", "node2"),
        (f"{top}/pacemaker.log", None),
        (f"{top}/tickets/pcmk-1/node1/ha-log.txt", "node1"),
        (f"{top}/tickets/pcmk-1/node2/pacemaker.log-20261121.gz", "node2"),
    ]
    assert reasons(report) == {}


def test_a_nodes_folder_taken_out_of_its_report(tmp_path):
    (tmp_path / "node7").mkdir()
    (tmp_path / "node7" / "RUNNING").touch()
    (tmp_path / "node7" / "ha-log.txt").write_bytes(LOG)
    assert pieces([tmp_path / "node7"]) == [("node7/ha-log.txt", "log", "node7", LOG)]


def test_a_folder_cannot_lead_out_of_itself(tmp_path):
    (tmp_path / "secret.log").write_bytes(LOG)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pacemaker.log").write_bytes(LOG)
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "corosync.log").write_bytes(LOG)
    (folder / "messages").symlink_to("corosync.log")
    (folder / "pacemaker.log").symlink_to("../secret.log")
    (folder / "node1").symlink_to(tmp_path / "secrets")
    (folder / "loop").symlink_to("loop")
    (folder / "again").symlink_to(".")
    os.mkfifo(folder / "ha-log.txt")
    report = IntakeReport()
    assert names([folder], report) == ["r/corosync.log"]
    link = "a link that leads out of the folder is not followed; name its target as a PATH"
    assert reasons(report) == {
        "r/ha-log.txt": "a device, pipe or other special file is not read",
        "r/node1": link,
        "r/pacemaker.log": link,
    }


def test_a_folder_with_too_many_files_is_refused(tmp_path):
    for at in range(12):
        (tmp_path / f"{at}").touch()
    with pytest.raises(UnsafeInputError, match="more than 12 files; name the report itself"):
        pieces([tmp_path], limits=Limits(max_members=12))


# One file


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_lone_log(tmp_path, suffix):
    path = tmp_path / f"case1-pm01.log{suffix}"
    data = COMPRESS[suffix](LOG)
    path.write_bytes(data)
    os.utime(path, (1_795_365_926, 1_795_365_926))
    report = IntakeReport()
    (piece,) = read([str(path)], report)
    assert (piece.path, piece.kind, piece.node) == (str(path), EvidenceKind.LOG, None)
    assert (piece.size, piece.modified) == (len(data), 1_795_365_926)
    assert pieces([path], report) == [(str(path), "log", None, LOG)]
    given_ = report.inputs[-1]
    assert (given_.kind, given_.bytes, given_.sha256) == ("log", len(data), hashlib.sha256(data).hexdigest())


def test_a_file_the_user_names_is_a_log_whatever_its_name_unless_it_is_other_evidence(tmp_path):
    contents = {
        "events.txt": (LOG, "log"),
        "notes": (b"it went down at noon\n", "log"),
        "cib.xml": (CIB, "cib"),
        "config-of-monday.xml": (CIB, "cib"),
        "pe-input-3.bz2": (COMPRESS[".bz2"](CIB), "pe_input"),
        "corosync.conf": (b"totem {\n}\n", "corosync_conf"),
    }
    for name, (data, _) in contents.items():
        (tmp_path / name).write_bytes(data)
    found = pieces([tmp_path / name for name in contents])
    assert [kind for _, kind, _, _ in found] == [kind for _, kind in contents.values()]


@pytest.mark.parametrize("suffix", COMPRESS)
def test_standard_input(suffix):
    report = IntakeReport()
    data = COMPRESS[suffix](LOG)
    assert pieces(["-"], report, stdin=data) == [("-", "log", None, LOG)]
    (given_,) = report.inputs
    assert (given_.path, given_.kind, given_.bytes, given_.sha256) == ("-", "stdin", len(data), None)


def test_an_archive_on_standard_input():
    assert pieces(["-"], stdin=COMPRESS[".bz2"](tar(REPORT))) == REPORT_PIECES


def test_a_cut_log_is_read_up_to_the_cut(tmp_path):
    path = tmp_path / "pacemaker.log.gz"
    path.write_bytes(COMPRESS[".gz"](LOG)[:-300])
    report = IntakeReport()
    ((_, _, _, content),) = pieces([path], report)
    assert LOG.startswith(content)
    assert content
    assert reasons(report) == {str(path): "ends early: it was cut off; what came before was read"}


# Several


class Failing(io.RawIOBase):
    """A disk that can be read up to `bad` and no further, in pieces of its own size."""

    def __init__(self, data: bytes, bad: int) -> None:
        self._data = io.BytesIO(data[:bad])

    def readable(self):
        return True

    def readinto(self, buffer):
        if read := self._data.readinto(memoryview(buffer)[:1000]):
            return read
        raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("bad", [700, 1000, 5_500, len(LOG) - 1])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_what_comes_before_a_read_error_is_read(suffix, bad):
    data = COMPRESS[suffix](LOG)
    report = IntakeReport()
    disk = io.BufferedReader(Failing(data, min(bad, len(data) - 1)))
    (piece,) = ((piece, b"".join(piece.chunks())) for piece in read(["-"], report, stdin=disk))
    assert LOG.startswith(piece[1])
    assert piece[1] == LOG[:bad] if not suffix else len(piece[1]) > 0
    assert report.skipped[0].reason == "cannot be read further: Input/output error; what came before was read"


def test_several_paths_are_one_case_and_a_bad_one_does_not_end_it(tmp_path):
    unpack(tar(REPORT), tmp_path)
    (tmp_path / "empty.log").touch()
    (tmp_path / "b.log").write_bytes(LOG)
    report = IntakeReport()
    paths = [tmp_path / "empty.log", tmp_path / "pcmk-1", tmp_path / "b.log"]
    assert names(paths, report) == [*(path for path, *_ in REPORT_PIECES), str(tmp_path / "b.log")]
    assert reasons(report) == {str(tmp_path / "empty.log"): "is empty"}
    assert [given_.kind for given_ in report.inputs] == ["log", "folder", "log"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (bytes(range(256)) * 9, "is neither a report archive nor a text log"),
        (b"Rar!\x1a\x07" + bytes(50), "is a rar archive; unpack it and name the folder"),
        (b"LPKSHHRH" + bytes(500), "is a binary journal; export it with journalctl"),
        # the first bytes of what gpg wrote for a passphrase, an RSA key and an elliptic curve, openssl and age
        (
            bytes.fromhex("8c0d04090302 9e5a419b7650d43c"),
            "is encrypted by OpenPGP; decrypt it first with gpg --decrypt",
        ),
        (bytes.fromhex("85010c03 8aaf0941e779af05 0108"), "is encrypted by OpenPGP"),
        (bytes.fromhex("845e03 17fbd9acfe981943 1201"), "is encrypted by OpenPGP"),
        (b"-----BEGIN PGP MESSAGE-----\n\njA0ECQMC\n", "is encrypted by OpenPGP"),
        (b"Salted__j\xa7R7t\x06F9", "is encrypted by openssl; decrypt it first with openssl enc -d"),
        (b"U2FsdGVkX1/PRL0eXw==\n", "is encrypted by openssl"),
        (b"age-encryption.org/v1\n-> X25519 abc\n", "is encrypted by age; decrypt it first with age -d"),
        (COMPRESS[".bz2"](LOG)[:40], "ends early"),
        (COMPRESS[".gz"](b""), "is empty"),
        pytest.param(COMPRESS[".gz"](tar(REPORT))[:30], "what: ends early: it was cut off; fetch it again$", id="cut"),
    ],
)
def test_nothing_usable(tmp_path, content, message):
    path = tmp_path / "what"
    path.write_bytes(content)
    with pytest.raises(NothingUsableError, match=message) as error:
        names([path])
    assert str(error.value).startswith(f"{path}: ")
    assert error.value.status == 3


def test_an_encrypted_log_in_a_report_is_lost_and_told(tmp_path):
    secret = b"Salted__j\xa7R7t\x06F9" + bytes(range(256)) * 9
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "pacemaker.log.enc").write_bytes(secret)
    (tmp_path / "report" / "messages").write_bytes(LOG)
    report = IntakeReport()
    assert len(names([tmp_path / "report"], report)) == 1
    assert [each.reason.partition(";")[0] for each in report.skipped] == ["is encrypted by openssl"]
    assert report.skipped[0].lost


def test_paths_are_checked_before_anything_is_read(tmp_path):
    good = tmp_path / "good.log"
    good.write_bytes(LOG)
    report = IntakeReport()
    os.mkfifo(tmp_path / "pipe")
    for bad, message in (
        (str(tmp_path / "none.log"), "no such file or folder"),
        (str(good / "x"), "cannot be read"),
        (str(tmp_path / "pipe"), "is a device, pipe or socket"),
        ("/dev/null", "is a device, pipe or socket"),
        ("a\0b", "cannot be read"),
    ):
        with pytest.raises(UsageError, match=message) as error:
            read([str(good), bad], report)
        assert error.value.where == bad
        assert error.value.status == 2
    with pytest.raises(UsageError, match="a path is empty"):
        read([""], report)
    assert report == IntakeReport()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can read everything")
def test_what_may_not_be_read(tmp_path):
    (tmp_path / "r").mkdir()
    for name in ("pacemaker.log", "r/corosync.log"):
        (tmp_path / name).write_bytes(LOG)
        (tmp_path / name).chmod(0)
    with pytest.raises(UsageError, match="permission denied; make it readable"):
        read([str(tmp_path / "pacemaker.log")], IntakeReport())
    report = IntakeReport()
    assert [content for *_, content in pieces([tmp_path / "r"], report)] == [b""]
    assert reasons(report) == {"r/corosync.log": "cannot be read: Permission denied"}


def test_a_path_that_may_not_be_read_is_skipped_beside_others(tmp_path, monkeypatch):
    """Also for the superuser of the tests, who may read everything."""
    for name in ("good.log", "secret.log"):
        (tmp_path / name).write_bytes(LOG)
    monkeypatch.setattr(os, "access", lambda path, _: "secret" not in path)
    good, secret = str(tmp_path / "good.log"), str(tmp_path / "secret.log")
    for paths in ([good, secret], [secret, good]):
        report = IntakeReport()
        assert names(paths, report) == [good]
        assert reasons(report) == {secret: "cannot be read: permission denied; make it readable for this user"}
    for paths in ([secret], [secret, secret]):
        with pytest.raises(UsageError, match="permission denied; make it readable"):
            read(paths, IntakeReport())
    with pytest.raises(UsageError, match="no such file or folder"):
        read([secret, good, str(tmp_path / "none.log")], IntakeReport())


def test_a_report_without_logs_says_what_it_holds(tmp_path):
    path = tmp_path / "r.tar"
    path.write_bytes(tar([("r/n1/cib.xml", CIB), ("r/n1/events.txt", LOG)]))
    report = IntakeReport()
    assert [kind for _, kind, _, _ in pieces([path], report)] == ["cib"]
    assert report.describe() == "2 files: no log, 1 cib"


def test_a_time_of_a_file_that_cannot_be_is_none(tmp_path):
    path = tmp_path / "pacemaker.log"
    path.write_bytes(LOG)
    for seconds, told in ((1_795_365_926, 1_795_365_926.0), (-5, None), (10**10, None)):
        os.utime(path, (seconds, seconds))
        (piece,) = read([str(path)], IntakeReport())
        assert piece.modified == told
