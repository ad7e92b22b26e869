"""Report archives: what is handed out, what is skipped, what is refused."""

from __future__ import annotations

import gzip
import hashlib
import re
import tarfile
import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest
from archives import (
    CIB,
    COMPRESS,
    DIRECTORY,
    END,
    LOG,
    REPORT,
    REPORT_PIECES,
    Link,
    Special,
    blocks,
    header,
    names,
    pieces,
    tar,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logtrace.errors import NothingUsableError, UnsafeInputError
from logtrace.intake import EvidenceKind, IntakeReport, Limits, read

SMALL = Limits(ratio_free_bytes=1 << 20, max_members=50, max_document_bytes=1 << 16)


@pytest.fixture
def put(tmp_path):
    def write(data: bytes, name: str = "report.tar") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def skipped(report: IntakeReport) -> list[tuple[str, str]]:
    return [(skip.path, skip.reason) for skip in report.skipped]


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_report_in_any_compression_whatever_its_name(put, suffix):
    data = COMPRESS[suffix](tar(REPORT))
    path = put(data, "renamed-by-the-ticket-system")
    report = IntakeReport()
    assert pieces([path], report) == REPORT_PIECES
    assert report.nodes == {"node1", "node2"}
    assert report.skipped == []
    (given_,) = report.inputs
    assert (given_.path, given_.kind, given_.bytes) == (str(path), "archive", len(data))
    assert given_.sha256 == hashlib.sha256(data).hexdigest()
    assert report.describe() == "13 files: 2 log, 1 corosync_conf, 1 members, 1 dc_marker, 1 cib, 1 pe_input, 1 text"


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_in_every_format(put, form):
    folder = "pcmk-1/node1/" + "/".join(["f" * 60] * (3 if form == tarfile.USTAR_FORMAT else 30))
    path = put(tar([(f"{folder}/pacemaker.log", LOG)], form=form))
    assert pieces([path]) == [(f"{folder}/pacemaker.log", "log", "node1", LOG)]


def test_piece_has_the_members_size_and_time(put):
    (piece,) = read([str(put(tar([("r/n1/pacemaker.log.1.gz", gzip.compress(LOG))])))], IntakeReport())
    assert (piece.size, piece.modified) == (len(gzip.compress(LOG)), 1_795_365_926)


def test_pieces_need_not_be_consumed(put):
    path = str(put(tar(REPORT)))
    assert [piece.path for piece in read([path], IntakeReport())] == [path for path, *_ in REPORT_PIECES]


def test_chunks_of_a_piece_that_was_passed_are_gone_not_wrong(put):
    path = put(tar([("r/n1/ha-log.txt", b"first\n"), ("r/n2/ha-log.txt", b"other\n")]))
    found = list(read([str(path)], IntakeReport()))
    assert [b"".join(piece.chunks()) for piece in found] == [b"", b""]


@pytest.mark.parametrize("root", [[("./", DIRECTORY)], [("analysis.txt", b"x")]])
def test_archive_without_a_top_folder(put, root):
    found = pieces([put(tar([*root, ("./node1/pacemaker.log", LOG), ("./node2/pacemaker.log", LOG)]))])
    assert [(path, node) for path, _, node, _ in found] == [
        ("node1/pacemaker.log", "node1"),
        ("node2/pacemaker.log", "node2"),
    ]


def test_links_are_other_names_and_never_followed(put):
    report = IntakeReport()
    members = [
        ("r/n1/ha-log.txt", LOG),
        ("r/n1/messages", Link("ha-log.txt")),
        ("r/n1/cluster-log.txt", Link("corosync.log.extract.txt")),
        ("r/n1/corosync.conf", Link("../corosync.conf")),
        ("r/n1/syslog", Link("/var/log/syslog")),
        ("r/n1/kern.log", Link("../../../etc/shadow")),
        ("r/n1/daemon.log", Link("../../etc/shadow")),
        ("r/n1/pacemaker.log", Link("/etc/shadow", tarfile.LNKTYPE)),
        ("r/n1/corosync.log", Link("../shadow", tarfile.LNKTYPE)),
    ]
    assert names([put(tar(members))], report) == ["r/n1/ha-log.txt"]
    reason = "a link that leads out of the archive is not followed"
    assert skipped(report) == [
        ("r/n1/syslog", reason),
        ("r/n1/kern.log", reason),
        ("r/n1/pacemaker.log", reason),
        ("r/n1/corosync.log", reason),
    ]


@pytest.mark.parametrize(
    "name", ["/var/log/pacemaker.log", "../pacemaker.log", "r/../../pacemaker.log", "r/n1/../x.log"]
)
def test_a_name_that_leads_out_is_skipped_and_the_rest_is_read(put, name):
    report = IntakeReport()
    assert names([put(tar([(name, LOG), ("r/n1/pacemaker.log", LOG)]))], report) == ["r/n1/pacemaker.log"]
    assert skipped(report) == [(name, "its name leads out of the archive")]


def test_many_names_that_lead_out_are_refused(put):
    path = put(tar([(f"../../etc/cron.d/{at}", LOG) for at in range(21)]))
    with pytest.raises(UnsafeInputError, match=r"more than 20 members lead out of the archive") as error:
        names([path])
    assert error.value.status == 4
    assert str(path) in str(error.value)


@pytest.mark.parametrize("type_", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, b"Z"])
def test_special_files_are_skipped(put, type_):
    report = IntakeReport()
    members = [("r/n1/pacemaker.log", Special(type_)), ("r/n1/corosync.log", LOG)]
    assert names([put(tar(members))], report) == ["r/n1/corosync.log"]
    assert skipped(report) == [("r/n1/pacemaker.log", "a device, pipe or other special file is not read")]


def test_only_what_may_have_told_something_is_lost(put):
    report = IntakeReport()
    members = [
        ("r/n1/pacemaker.log", Special(tarfile.FIFOTYPE)),
        ("r/n1/syslog", Link("/var/log/syslog")),
        ("r/n2/lastlog", Special(tarfile.GNUTYPE_SPARSE)),
        ("r/n2/pacemaker.log", Special(tarfile.GNUTYPE_SPARSE)),
        ("r/n2/ha-log.txt.gz", gzip.compress(LOG)[:-200]),
        ("../pacemaker.log", LOG),
        ("r/n1/ha-log.txt", LOG),
    ]
    pieces([put(tar(members))], report)
    assert [(skip.path, skip.lost) for skip in report.skipped] == [
        ("r/n1/pacemaker.log", False),
        ("r/n1/syslog", False),
        ("r/n2/lastlog", False),
        ("r/n2/pacemaker.log", True),
        ("r/n2/ha-log.txt.gz", True),
        ("../pacemaker.log", True),
    ]


def test_skipped_members_are_named_up_to_twenty_and_then_counted(put):
    report = IntakeReport()
    path = put(tar([(f"r/n1/{at}", Special(tarfile.FIFOTYPE)) for at in range(33)] + [("r/n1/ha-log.txt", LOG)]))
    assert names([path], report) == ["r/n1/ha-log.txt"]
    assert len(report.skipped) == 21
    assert skipped(report)[-1] == (str(path), "13 more of its files were skipped, or cut off")
    assert not any(skip.lost for skip in report.skipped)
    unsafe = [(f"../{at}", LOG) for at in range(2)]
    names([put(tar([(f"r/n1/{at}", Special(tarfile.FIFOTYPE)) for at in range(33)] + unsafe))], report)
    assert report.skipped[-1].lost


def test_sparse_files_are_skipped_and_their_maps_not_read(put):
    old = bytearray(header("r/n1/pacemaker.log", tarfile.GNUTYPE_SPARSE, 512))
    old[482] = 1  # the map goes on in the next block
    old[148:156] = b"%06o\0 " % (sum(old[:148]) + 8 * 32 + sum(old[156:]))
    more = b"\x01" * 504 + b"\x01" + b"\0" * 7
    last = b"\x01" * 504 + b"\0" * 8
    pax = b"22 GNU.sparse.major=1\n" + b"37 GNU.sparse.name=r/n1/corosync.log\n"
    new = header("x", tarfile.XHDTYPE, len(pax)) + blocks(pax) + header("r/x", tarfile.REGTYPE, 6) + blocks(b"99999\n")
    path = put(bytes(old) + more + last + b"s" * 512 + new + tar([("r/n1/ha-log.txt", LOG)]))
    report = IntakeReport()
    assert names([path], report) == ["r/n1/ha-log.txt"]
    assert skipped(report) == [
        ("r/n1/pacemaker.log", "a sparse file is not read"),
        ("r/n1/corosync.log", "a sparse file is not read"),
    ]


def test_archives_inside_are_read_like_those_that_are_named(put):
    report = IntakeReport()
    sos = "sosreport-node9-2026-11-22-abcdefg"
    inner = {
        "case/node1.tar.bz2": COMPRESS[".bz2"](tar(REPORT)),
        "case/node9.tar.xz": COMPRESS[".xz"](tar([(f"{sos}/var/log/messages", LOG), (f"{sos}/etc/hosts", b"x\n")])),
        "case/plain.tar": tar([("./corosync.log", LOG)]),
        "case/cores.tar.bz2": COMPRESS[".bz2"](tar(REPORT)),  # known by name, and no evidence
    }
    found = pieces([put(tar([*inner.items(), ("case/pacemaker.log", LOG)]))], report)
    assert found == [
        *((f"case/node1.tar.bz2/{path}", *rest) for path, *rest in REPORT_PIECES),
        (f"case/node9.tar.xz/{sos}/var/log/messages", "log", "node9", LOG),
        ("case/plain.tar/corosync.log", "log", None, LOG),
        ("case/pacemaker.log", "log", None, LOG),
    ]
    assert report.nodes == {"node1", "node2", "node9"}
    assert skipped(report) == []


def test_archives_are_opened_one_level_deep(put):
    report = IntakeReport()
    deep = tar([("b/c.tar.gz", COMPRESS[".gz"](tar(REPORT))), ("b/pacemaker.log", LOG)])
    assert names([put(tar([("a/b.tar.gz", COMPRESS[".gz"](deep))]))], report) == ["a/b.tar.gz/b/pacemaker.log"]
    assert skipped(report) == [
        (
            "a/b.tar.gz/b/c.tar.gz",
            "an archive inside an archive inside the input is not opened; name it as a PATH of its own",
        )
    ]


def test_damage_of_an_archive_inside_is_its_own(put):
    report = IntakeReport()
    path = put(tar([("a/cut.tar", tar([("r/n1/ha-log.txt", LOG)], end=False)), ("a/n2/ha-log.txt", LOG)]))
    assert names([path], report) == ["a/cut.tar/r/n1/ha-log.txt", "a/n2/ha-log.txt"]
    assert skipped(report) == [
        ("a/cut.tar", "ends early: the archive has no end mark, so members may be missing; what came before was read")
    ]


def test_limits_hold_for_archives_inside(put):
    many = tar([(f"r/n1/{at}.txt", b"") for at in range(30)])
    path = put(tar([("a/1.tar", many), ("a/2.tar", many)]))
    with pytest.raises(UnsafeInputError, match="holds more than 50 files"):
        names_within(path, Limits(max_members=50))
    bomb = COMPRESS[".gz"](COMPRESS[".gz"](tar([("r/n1/ha-log.txt", b"\n" * 20_000_000)])))
    path = put(tar([("a/bomb.tar.gz", bomb)]))
    assert names([path]) == [], "compressed twice is no archive"
    path = put(COMPRESS[".gz"](tar([("a/bomb.tar.gz", COMPRESS[".gz"](tar([("r/ha-log.txt", b"\n" * 20_000_000)])))])))
    with pytest.raises(UnsafeInputError, match="like a decompression bomb"):
        names_within(path, Limits(ratio_free_bytes=1_000_000))
    outside = tar([(f"../{at}", b"x") for at in range(3)])
    with pytest.raises(UnsafeInputError, match="lead out of the archive"):
        names_within(put(tar([("a/1.tar", outside)])), Limits(max_unsafe_names=2))


def names_within(path, limits):
    return [name for name, *_ in pieces([path], limits=limits)]


def test_names_cannot_control_the_terminal(put):
    report = IntakeReport()
    members = [
        ("r/\x1b[2Jn1/ha-log.txt\n", LOG),
        ("r/n1/x\x1b]0;", Special(tarfile.FIFOTYPE)),
        ("../\x9b", LOG),
    ]
    path = put(tar(members, end=False) + header("r/n1/\x07", tarfile.REGTYPE, 1))
    assert names([path], report) == [r"r/\x1b[2Jn1/ha-log.txt\n"]
    assert [name for name, _ in skipped(report)] == [r"r/n1/x\x1b]0;", r"../\x9b", r"r/n1/\x07"]
    assert report.nodes == set()


def test_undecodable_and_very_long_names(put):
    report = IntakeReport()
    odd = header("r/n1/NAME.log", tarfile.REGTYPE, len(LOG)).replace(b"NAME", b"\xff\xfe\xe4x")
    odd = odd[:148] + b"%06o\0 " % (sum(odd[:148]) + 8 * 32 + sum(odd[156:])) + odd[156:]
    path = put(odd + blocks(LOG) + tar([("r/" + "n/" * 3000 + "ha-log.txt", LOG)]))
    assert names([path], report) == [r"r/n1/\xff\xfe\xe4x.log"]
    ((name, reason),) = skipped(report)
    assert len(name) < 310
    assert reason == "its path is longer than 4096 characters"


# Bombs


def consume(path: Path, limits: Limits) -> None:
    """Read all and keep nothing."""
    for piece in read([str(path)], IntakeReport(), limits=limits):
        for _ in piece.chunks():
            pass


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_a_decompression_bomb_is_refused_while_it_goes_off(put, suffix):
    path = put(COMPRESS[suffix](tar([("r/n1/pacemaker.log", b"\0" * (24 << 20))])))
    tracemalloc.start()
    with pytest.raises(UnsafeInputError, match="more than 200 times its size"):
        consume(path, SMALL)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 << 20


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_a_bomb_inside_the_archive_is_refused(put, suffix):
    path = put(tar([("r/n1/pacemaker.log" + suffix, COMPRESS[suffix](b"\0" * (24 << 20)))]))
    with pytest.raises(UnsafeInputError, match="more than 200 times its size"):
        pieces([path], limits=SMALL)


def test_the_ratio_of_an_ordinary_report_is_fine_and_the_total_bounded(put):
    path = put(COMPRESS[".xz"](tar([("r/n1/pacemaker.log", LOG * 1000)])))
    generous = Limits(ratio_free_bytes=64 << 20)
    assert pieces([path], limits=generous) == [("r/n1/pacemaker.log", "log", "n1", LOG * 1000)]
    with pytest.raises(UnsafeInputError, match="more than 1,000,000 bytes"):
        pieces([path], limits=Limits(max_total_bytes=1_000_000))


def test_a_million_tiny_members_are_refused(put):
    with pytest.raises(UnsafeInputError, match="more than 50 files"):
        pieces([put(tar([(f"r/n1/{at}", b"x") for at in range(51)]))], limits=SMALL)


def test_a_chain_of_extended_headers_counts_as_members(put):
    link = header("x", tarfile.GNUTYPE_LONGNAME, 2) + blocks(b"y\0")
    with pytest.raises(UnsafeInputError, match="more than 50 files"):
        pieces([put(link * 51)], limits=SMALL)


@pytest.mark.parametrize("type_", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_an_extended_header_of_absurd_size_is_refused_unread(put, type_):
    with pytest.raises(UnsafeInputError, match="extended header claims 17179869184 bytes"):
        pieces([put(tar(REPORT, end=False) + header("x", type_, 16 << 30) + blocks(b"x"))])


def test_a_global_header_is_passed_over_unread(put):
    comment = b"52 comment=1234567890123456789012345678901234567890\n"
    path = put(header("pax_global_header", tarfile.XGLTYPE, len(comment)) + blocks(comment) + tar(REPORT))
    report = IntakeReport()
    assert pieces([path], report) == REPORT_PIECES
    assert report.skipped == []


@pytest.mark.parametrize(
    "records",
    [b"999999999 path=x\n", b"0 path=x\n", b"-5 path=x\n", b"x", b"3 =\n" * 100_000, b"12 size=-99\n12 mtime=1e9\n"],
)
def test_rubbish_in_an_extended_header_does_no_harm(put, records):
    path = put(header("x", tarfile.XHDTYPE, len(records)) + blocks(records) + tar([("r/n1/ha-log.txt", LOG)]))
    assert pieces([path]) == [("r/n1/ha-log.txt", "log", "n1", LOG)]


def test_a_document_is_read_up_to_its_limit(put):
    report = IntakeReport()
    path = put(tar([("r/n1/cib.xml", CIB + b" " * 70_000), ("r/n1/pacemaker.log", LOG * 10)]))
    found = pieces([path], report, limits=SMALL)
    assert [len(content) for *_, content in found] == [1 << 16, len(LOG) * 10]
    assert skipped(report) == [("r/n1/cib.xml", "only its first 65,536 bytes were read; no cib is that large")]


# Damage


def test_a_member_that_claims_more_than_there_is(put):
    report = IntakeReport()
    path = put(header("r/n1/ha-log.txt", tarfile.REGTYPE, 1 << 62) + LOG)
    assert pieces([path], report) == [("r/n1/ha-log.txt", "log", "n1", LOG)]
    assert skipped(report) == [("r/n1/ha-log.txt", "ends early: it was cut off; what came before was read")]


def test_a_bad_header_costs_one_member(put):
    members = [tar([(f"r/n{at}/ha-log.txt", LOG)], end=False) for at in (1, 2, 3)]
    report = IntakeReport()
    broken = b"rubbish!" * 64 + members[1][512:]
    path = put(members[0] + broken + members[2] + END)
    assert names([path], report) == ["r/n1/ha-log.txt", "r/n3/ha-log.txt"]
    ((where, reason),) = skipped(report)
    assert where == str(path)
    assert re.fullmatch(r"is damaged before byte \d+: a member's header is missing", reason)


def test_a_negative_size_is_a_bad_header(put):
    report = IntakeReport()
    path = put(tar([("r/n1/ha-log.txt", LOG)], end=False) + header("r/n2/ha-log.txt", tarfile.REGTYPE, -512) + END)
    assert names([path], report) == ["r/n1/ha-log.txt"]
    assert "a member's header is missing" in skipped(report)[0][1]


def test_a_compressed_log_that_was_cut_is_read_up_to_the_cut(put):
    report = IntakeReport()
    path = put(tar([("r/n1/pacemaker.log.1.gz", gzip.compress(LOG)[:-200]), ("r/n1/ha-log.txt", LOG)]))
    (cut, whole) = pieces([path], report)
    assert LOG.startswith(cut[3])
    assert 0 < len(cut[3]) < len(LOG)
    assert whole[3] == LOG
    assert skipped(report) == [("r/n1/pacemaker.log.1.gz", "ends early: it was cut off; what came before was read")]


@pytest.mark.parametrize("suffix", COMPRESS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 1))
def test_cut_anywhere_what_came_before_is_handed_out_and_the_cut_is_told(put, suffix, share):
    whole = COMPRESS[suffix](tar(REPORT))
    first = 10 if suffix else 512  # less than tells the format may well be text
    report = IntakeReport()
    try:
        found = pieces([put(whole[: first + int((len(whole) - first) * share)])], report)
    except NothingUsableError:
        found = []
        assert not report.pieces
    for got, expected in zip(found, REPORT_PIECES, strict=False):
        assert got[:3] == expected[:3]
        stored = dict(REPORT)[got[0]]
        # Fewer bytes than tell the compression are handed out as they are.
        assert expected[3].startswith(got[3]) or (len(got[3]) < 10 and stored.startswith(got[3]))
    assert found == REPORT_PIECES or report.skipped


@pytest.mark.parametrize("suffix", COMPRESS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=5))
def test_flipped_bits_end_in_nothing_worse_than_a_refusal(put, suffix, damage):
    data = bytearray(COMPRESS[suffix](tar(REPORT)))
    for place, change in damage:
        data[int(place * len(data))] ^= change
    path = put(bytes(data))
    with suppress(NothingUsableError, UnsafeInputError):
        assert {kind for _, kind, *_ in pieces([path])} <= set(EvidenceKind)


def test_of_thousands_of_logs_of_a_line_only_the_first_are_read_and_the_rest_is_counted(put) -> None:
    few = Limits(logs_free=20, min_log_bytes=500, max_skipped=2)
    logs = tar([(f"r/n1/pacemaker.log-{at}", LOG) for at in range(40)])
    report = IntakeReport()
    assert len(pieces([put(gzip.compress(logs), "bomb.tar.gz")], report, limits=few)) == 20
    named, other, counted = report.skipped
    assert named.path == "r/n1/pacemaker.log-20"
    assert (
        named.reason == other.reason == "one of too many logs: beyond 20 only as many are read as hold 500 bytes each"
    )
    assert named.lost
    assert counted.reason.startswith("18 more")
    assert len(pieces([put(logs)], limits=few)) == 40
