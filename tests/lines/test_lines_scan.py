"""A log file's lines: which are kept, what their headers say, and what the file as a whole says."""

from collections.abc import Iterator
from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_log import OneLog, one_log

from logtrace import catalogue
from logtrace.domain.columns import LINES, NO_YEAR
from logtrace.lines import carriers, headers, reader

LOST = "Node n2 state is now lost"


def read(*lines: str | bytes, node: str | None = None, end: bytes = b"\n") -> OneLog:
    data = b"".join((line.encode() if isinstance(line, str) else line) + end for line in lines)
    return one_log([data], node)


def only(*lines: str | bytes, node: str | None = None) -> dict[str, object]:
    """The one line that is kept."""
    return read(*lines, node=node).frame.row(0, named=True)


def at(month: int, day: int, hour: int, minute: int, second: int, micro: int = 0, year: int = NO_YEAR) -> datetime:
    return datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 - a line's own local time


# --- headers, one of every layout and era ----------------------------------------------------------------

HEADERS = [
    # Pacemaker's detail log: 2.1, 2.0, 1.1 late and early, with tracing
    (
        f"Nov 22 16:53:20.201 n1 pacemaker-controld  [117] (crm_update_peer_state_iter) \tnotice: {LOST} | nodeid=2",
        ("pacemaker-2", at(11, 22, 16, 53, 20, 201_000), True, "n1", "pacemaker-controld", 117, "notice"),
    ),
    (
        f"Mar 02 10:39:55 n1 pacemaker-schedulerd[2920] (LogAction@sched.c:12) \twarning: {LOST}",
        ("pacemaker-2", at(3, 2, 10, 39, 55), False, "n1", "pacemaker-schedulerd", 2920, "warning"),
    ),
    (
        f"Aug 21 12:58:32 [11661] n1.example.com       crmd:   notice: crm_update_peer_state: \t{LOST}",
        ("pacemaker-1.1", at(8, 21, 12, 58, 32), False, "n1.example.com", "crmd", 11661, "notice"),
    ),
    (
        f"Aug 01 12:58:32 [11661] n1 stonith-ng:     info: crm_update_peer_state:\t{LOST}",
        ("pacemaker-1.1", at(8, 1, 12, 58, 32), False, "n1", "stonith-ng", 11661, "info"),
    ),
    (
        f"Aug 01 12:58:32 [11661] n1 crmd: (membership.c:212  ) notice: crm_update_peer_state:\t{LOST}",
        ("pacemaker-1.1", at(8, 1, 12, 58, 32), False, "n1", "crmd", 11661, "notice"),
    ),
    # syslog of all eras
    (
        f"Jul  4 00:00:01 n1 crmd[1136]:   notice: {LOST} ",
        ("syslog/pacemaker", at(7, 4, 0, 0, 1), False, "n1", "crmd", 1136, "notice"),
    ),
    (
        f"Nov 22 16:53:20 n1 pacemaker-attrd[115]:  notice: {LOST}",
        ("syslog/pacemaker", at(11, 22, 16, 53, 20), False, "n1", "pacemaker-attrd", 115, "notice"),
    ),
    (
        f"Mar 15 11:22:20 n1 crmd: [10777]: WARN: {LOST}",
        ("syslog/cl_log", at(3, 15, 11, 22, 20), False, "n1", "crmd", 10777, "warning"),
    ),
    (
        f"Feb 21 22:37:56 crmd[1828]:  notice: {LOST}",
        ("bare/pacemaker", at(2, 21, 22, 37, 56), False, "me", "crmd", 1828, "notice"),
    ),
    (
        "Jul 14 01:02:03.123456 n1 kernel: [82908.857103] Out of memory: Killed process 12 (mysqld)",
        ("syslog/kernel", at(7, 14, 1, 2, 3, 123_456), True, "n1", "kernel", None, None),
    ),
    (
        "Jul 14 01:02:03 n1 systemd[1]: corosync.service: Main process exited, code=killed, status=9/KILL",
        ("syslog/plain", at(7, 14, 1, 2, 3), False, "n1", "systemd", 1, None),
    ),
    # RFC 3339, journals, RFC 5424
    (
        f"2020-02-29T10:34:47.602896+08:00 n1 crmd[7]:   notice: {LOST}",
        ("iso/pacemaker", at(2, 29, 10, 34, 47, 602_896, 2020), True, "n1", "crmd", 7, "notice"),
    ),
    (
        f"2019-03-22T11:01:22+0530 n1 crmd[7]:  notice: {LOST}",
        ("iso/pacemaker", at(3, 22, 11, 1, 22, 0, 2019), False, "n1", "crmd", 7, "notice"),
    ),
    (
        f"2019-03-22T11:01:22.5Z n1 crmd[7]:  notice: {LOST}",
        ("iso/pacemaker", at(3, 22, 11, 1, 22, 500_000, 2019), True, "n1", "crmd", 7, "notice"),
    ),
    (
        f"Fri 2019-03-22 11:01:02 CST n1 crmd[1740]:   notice: {LOST}",
        ("journal-full/pacemaker", at(3, 22, 11, 1, 2, 0, 2019), False, "n1", "crmd", 1740, "notice"),
    ),
    (
        f"<29>1 2020-01-02T03:04:05.000001-02:30 n1 pacemaker-fenced 117 - -  notice: {LOST}",
        ("rfc5424/pacemaker", at(1, 2, 3, 4, 5, 1, 2020), True, "n1", "pacemaker-fenced", 117, "notice"),
    ),
    (
        "<6>1 2020-01-02T03:04:05Z n1 kernel - - - Out of memory: Killed process 12 (mysqld)",
        ("rfc5424/plain", at(1, 2, 3, 4, 5, 0, 2020), False, "n1", "kernel", None, None),
    ),
    # Corosync's file and syslog
    (
        "Nov 22 16:53:20.103 [100] n1 corosync warning [TOTEM ] A new membership (1.d) was formed. Members left: 2",
        ("corosync-2", at(11, 22, 16, 53, 20, 103_000), True, "n1", "corosync", 100, "warning"),
    ),
    (
        "Nov 22 16:53:20 [100] n1 corosyncnotice  [QUORUM] Members[1]: 1",
        ("corosync-2", at(11, 22, 16, 53, 20), False, "n1", "corosync", 100, "notice"),
    ),
    (
        "Sep 02 11:04:17 corosync [TOTEM ] A processor failed, forming new configuration.",
        ("corosync-1", at(9, 2, 11, 4, 17), False, "me", "corosync", None, None),
    ),
    (
        "Sep  2 11:04:17 n1 corosync[1681]:   [TOTEM ] A processor failed, forming new configuration.",
        ("syslog/corosync", at(9, 2, 11, 4, 17), False, "n1", "corosync", 1681, None),
    ),
    (
        "Jul 14 01:02:03 n1 last message repeated 3 times",
        ("syslog-repeated", at(7, 14, 1, 2, 3), False, "n1", None, None, None),
    ),
    # heartbeat, and resource agents of both ages
    (
        f"crmd[4711]: 2010/03/15_11:22:19 CRIT: {LOST}",
        ("heartbeat", at(3, 15, 11, 22, 19, 0, 2010), False, "me", "crmd", 4711, "crit"),
    ),
    (
        "Nov 22 16:40:04  IPaddr2(vip:0)[2810]:    INFO: Adding inet address 10.0.0.5/24",
        ("bare/agent", at(11, 22, 16, 40, 4), False, "me", "IPaddr2(vip:0)", 2810, "info"),
    ),
    (
        "IPaddr2(vip)[222]:\t2016/01/02_03:04:05 ERROR: Adding inet address 10.0.0.5/24",
        ("agent-dated", at(1, 2, 3, 4, 5, 0, 2016), False, "me", "IPaddr2(vip)", 222, "error"),
    ),
    (
        "2022-02-07T08:06:29.373844+08:00 n1 SAPHana(rsc_HANA)[67749]: WARNING: HANA_CALL timed out",
        ("iso/agent", at(2, 7, 8, 6, 29, 373_844, 2022), True, "n1", "SAPHana(rsc_HANA)", 67749, "warning"),
    ),
]


@pytest.mark.parametrize(
    ("line", "expected"), HEADERS, ids=[f"{i}-{header[0]}" for i, (_, header) in enumerate(HEADERS)]
)
def test_headers(line: str, expected: tuple[object, ...]) -> None:
    row = only(line, node="me")
    names = ("format", "local", "precise", "node", "daemon", "pid", "level")
    assert tuple(row[name] for name in names) == expected
    assert not str(row["message"]).startswith(("notice", "[", "crm_update", " "))
    assert str(row["message"])[:8] in line
    assert (row["file"], row["line"]) == (0, 1)


def test_a_layout_that_only_the_last_of_many_lines_have() -> None:
    """Filters leave columns whose first part is empty, which not all of polars bears."""
    daemon = [f"Jul  4 00:00:01 n1 crmd[{pid}]:   notice: {LOST}" for pid in range(12_000)]
    agent = [f"Jul  4 00:00:02 n1 IPaddr2(vip{number})[7]: INFO: hello" for number in range(40)]
    for lines in (daemon + agent, agent + daemon):
        found = read(*lines).frame
        assert found["format"].value_counts(sort=True).rows() == [("syslog/pacemaker", 12_000), ("syslog/agent", 40)]


def test_all_headers_in_one_file() -> None:
    """Layouts are told apart line by line."""
    found = read(*(line for line, _ in HEADERS), node="me")
    assert found.frame["format"].to_list() == [header[0] for _, header in HEADERS]
    assert found.frame["line"].to_list() == list(range(1, len(HEADERS) + 1))
    assert found.log.undated == 0


@pytest.mark.parametrize(
    ("printed", "seconds"),
    [("+08:00", 28_800), ("-0330", -12_600), ("Z", 0), ("+00:00", 0), ("+05", 18_000)],
)
def test_offsets(printed: str, seconds: int) -> None:
    line = f"2019-03-22T11:01:22{printed} n1 crmd[7]:  notice: {LOST}"
    assert only(line)["offset_s"] == seconds
    assert read(line).log.first_offset == seconds


@pytest.mark.parametrize(
    ("printed", "seconds"),
    [("+14:00", 50_400), ("-12:00", -43_200), ("+14:15", None), ("-12:01", None), ("+23:59", None), ("-99:99", None)],
)
def test_an_offset_that_no_zone_has_is_not_believed(printed: str, seconds: int | None) -> None:
    assert only(f"2026-11-22T12:00:00.100{printed} n1 crmd[7]:  notice: {LOST}")["offset_s"] == seconds


def test_zone_names_are_no_offset_but_utc() -> None:
    assert only(f"Fri 2019-03-22 11:01:02 CST n1 crmd[7]:  notice: {LOST}")["offset_s"] is None
    assert only(f"Fri 2019-03-22 11:01:02 UTC n1 crmd[7]:  notice: {LOST}")["offset_s"] == 0


def test_the_frame_has_the_declared_columns() -> None:
    assert dict(read(HEADERS[0][0]).frame.schema) == LINES
    assert dict(read().frame.schema) == LINES


# --- what is kept ---------------------------------------------------------------------------------------


def test_only_lines_that_may_matter_are_kept_and_all_are_counted() -> None:
    found = read(
        "Jul  4 00:00:01 n1 sshd[9]: Accepted publickey for root",
        f"Jul  4 00:00:02 n1 crmd[1]:   notice: {LOST}",
        "Jul  4 00:00:03 n1 cron[9]: (root) CMD (true)",
    )
    assert found.log.lines == 3
    assert found.frame["line"].to_list() == [2]
    assert (found.log.first, found.log.last) == (at(7, 4, 0, 0, 1), at(7, 4, 0, 0, 3))


def test_noise_is_left_out_whatever_words_are_in_it() -> None:
    change = "Jul 14 00:00:01.500 n1 pacemaker-based     [9] (cib_perform_op) \tinfo: {} /cib{}:  @x=Result of start"
    found = read(*(change.format(sign, "/status/node_state[@id='1']") for sign in ("++", "--", "+ ")))
    assert (found.frame.height, found.log.lines) == (0, 3)
    found = read(change.format("+ ", "/configuration/resources"))
    assert found.frame.height == 1


def test_lines_without_a_header_are_counted() -> None:
    found = read(
        f"Jul  4 00:00:02 n1 crmd[1]:   notice: {LOST}",
        f"  {LOST}",
        "no header at all",
        f"Jul 99 99:99:99 n1 crmd[1]: info: {LOST}",
    )
    assert (found.frame.height, found.log.undated, found.log.lines) == (1, 2, 4)


def test_an_empty_or_foreign_file_has_no_times() -> None:
    for found in (read(), read("", ""), read("hello", "world")):
        assert found.frame.is_empty()
        assert (found.log.first, found.log.last, found.log.first_offset, found.log.hosts) == (None, None, None, {})


def test_a_file_of_another_kind_is_no_log() -> None:
    found = one_log([bytes(range(256)) * 50], None)
    assert found.frame.is_empty()
    assert found.log.first is None


# --- whose line ------------------------------------------------------------------------------------------


def test_hosts_are_counted_and_name_the_lines_around_that_print_none() -> None:
    agent = "Nov 22 16:40:04  IPaddr2(vip)[2810]:    INFO: hello"
    lines = [f"Nov 22 16:40:0{i} {host} crmd[1]:   notice: {LOST}" for i, host in enumerate(["n1", "n2", "n2"])]
    found = read(agent, *lines)
    assert found.log.hosts == {"n2": 2, "n1": 1}
    assert found.frame["node"].to_list() == ["n1", "n1", "n2", "n2"]
    assert read(agent, *lines, node="n9").frame["node"].to_list() == ["n9", "n1", "n2", "n2"]
    assert read(agent).frame["node"].to_list() == [None]


# --- damage and disguise -----------------------------------------------------------------------------------


def test_crlf_tabs_and_rsyslog_escapes() -> None:
    line = "Apr 15 20:30:14 n1 pengine[1135]:   notice: Start   web#011(n1)#015"
    assert only(line)["message"] == "Start   web\t(n1)"
    crlf = read(f"Jul  4 00:00:02 n1 crmd[1]:   notice: {LOST}  ", end=b"\r\n")
    assert crlf.frame["message"].to_list() == [LOST]


def test_a_repeated_message_is_the_message() -> None:
    row = only(f"Dec 16 11:53:24 n1 crmd[6904]: message repeated 3 times: [   notice: {LOST}]")
    assert (row["daemon"], row["pid"], row["level"], row["message"]) == ("crmd", 6904, "notice", LOST)


def test_bytes_that_are_no_utf8_and_nul_runs() -> None:
    found = read(
        b"Jul  4 00:00:01 n1 sshd[9]: caf\xe9",
        b"\0" * 5000 + f"Jul  4 00:00:02 n1 crmd[1]:   notice: {LOST}".encode(),
        f"Jul  4 00:00:03 n1 crmd[1]:   notice: {LOST}".encode() + b"\0\0",
    )
    assert found.frame["message"].to_list() == [LOST, LOST]
    assert found.log.lines == 3


def test_a_long_line_is_cut() -> None:
    found = read(
        f"Jul  4 00:00:02 n1 crmd[1]:   notice: {LOST} " + "x" * 1_000_000,
        f"Jul  4 00:00:03 n1 crmd[1]:   notice: {LOST}",
    )
    assert found.frame.height == 2
    longest = found.frame["message"].str.len_chars().max()
    assert longest is not None
    assert 3900 < int(str(longest)) <= 4096


def test_29_february_can_be_said() -> None:
    assert only(f"Feb 29 12:00:00 n1 crmd[1]:   notice: {LOST}")["local"] == at(2, 29, 12, 0, 0)


# --- any cut of the bytes gives the same ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def small_blocks() -> Iterator[None]:
    """Blocks of a few lines and batches of two, so that boundaries fall everywhere."""
    patch = pytest.MonkeyPatch()
    original = carriers.blocks
    patch.setattr(carriers, "blocks", lambda chunks: original(chunks, size=300))
    patch.setattr(reader, "BATCH", 2)
    patch.setattr(headers, "_SAMPLE", 2)
    yield
    patch.undo()


@pytest.mark.usefixtures("small_blocks")
@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from([line for line, _ in HEADERS] + ["noise", "", "Jul  4 00:00:09 n1 cron[1]: x"]), max_size=30
    ),
    st.lists(st.integers(1, 400), max_size=20),
    st.booleans(),
)
def test_any_chunking_gives_the_same(lines: list[str], sizes: list[int], ended: bool) -> None:
    data = "\n".join(lines).encode() + (b"\n" if ended else b"")
    whole = one_log([data], "me")
    pieces = []
    rest = data
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    cut = one_log([*pieces, rest], "me")
    assert cut.frame.drop("said").equals(whole.frame.drop("said"))
    for name in ("lines", "undated", "first", "last", "first_offset", "hosts"):
        assert getattr(cut.log, name) == getattr(whole.log, name), name
    assert whole.log.lines == data.count(b"\n") + (not data.endswith(b"\n") and data != b"")


STAMPS = [
    "Jul  4 00:00:01", "Jul 04 00:00:01", "Jul 14 23:59:59.5", "Jul 14 23:59:59.123", "Jul 14 23:59:59.123456",
    "Jul 14 23:59:59.1234567891", "Jul 99 99:99:99", "Foo 14 23:59:59.123", "Feb 30 01:02:03", "Jul   4 00:00:01",
    "2020-02-29T10:34:47", "2020-02-29T10:34:47.602", "2020/02/29T10:34:47.602896", "2020-13-29T10:34:47",
    "2020-02-29 10:34:47.602", "0000-02-29 10:34:47.602", "2020-02-29  10:34:47,602",
]  # fmt: skip
BEHIND = [
    f" n1 crmd[1]:   notice: {LOST}",
    f" n1 crmd[2]:   notice: {LOST}",
    f"+02:00 n1 crmd[1]:   notice: {LOST}",
    f" [7] n1 crmd: notice: f: {LOST}",
    f" 7 INFO nova.x [-] {LOST}",
    f" [info] <0.1.0> {LOST}",
    f"4 n1 crmd[1]: notice: {LOST}",
]


@given(st.lists(st.tuples(st.sampled_from(STAMPS), st.sampled_from(BEHIND)), min_size=1, max_size=12))
def test_a_line_says_the_same_whatever_stands_beside_it(parts: list[tuple[str, str]]) -> None:
    """Of lines that differ only in their time one is read for all: each must be as if it were read by itself."""
    lines = [stamp + behind for stamp, behind in parts]
    alone = [row for line in lines for row in headed(line)]
    assert headed(*lines) == alone


def headed(*lines: str) -> list[tuple[object, ...]]:
    """What the headers of the lines say."""
    found = headers.read(pl.DataFrame({"text": lines}), catalogue.load().formats)
    return found.drop("said").rows()


def test_lines_that_differ_only_in_their_time_are_known_as_such() -> None:
    lines = [stamp + BEHIND[0] for stamp in STAMPS[:2]] + [STAMPS[0] + BEHIND[1], STAMPS[3] + BEHIND[0]]
    assert read(*lines, "noise", *lines).frame["said"].to_list() == [0, 0, 2, 3, 0, 0, 2, 3]


@pytest.mark.parametrize(
    "when",
    ["Foo 11 10:00:00", "Jul 00 10:00:00", "Jul 32 10:00:00", "Jul 11 24:00:00", "Jul 11 10:60:00", "Jul 11 10:00:61"],
)
def test_what_is_no_time_is_undated(when: str) -> None:
    found = read(f"{when} n1 crmd[1]:   notice: {LOST}", f"2020-13-45T10:00:00Z n1 crmd[1]:   notice: {LOST}")
    assert (found.frame.height, found.log.undated) == (0, 2)
    assert found.log.first is None


def test_impossible_years_are_no_time() -> None:
    found = read(*(f"{year}-01-01T10:00:00Z n1 crmd[1]:   notice: {LOST}" for year in ("0000", "0001", "1969", "9999")))
    assert (found.frame.height, found.log.undated, found.log.first) == (0, 4, None)


# --- lines without a host where several nodes speak ------------------------------------------------------


def test_a_line_without_a_host_is_of_the_node_that_speaks_around_it() -> None:
    """Agents name no host in Pacemaker's log; here those of two nodes stand one behind the other."""

    def lost(host: str, time: str) -> str:
        return f"Nov 22 {time} {host} pacemaker-controld  [117] (f) \tnotice: {LOST}"

    def agent(time: str) -> str:
        return f"Nov 22 {time}  apache(web)[90]:    INFO: stopped"

    found = read(
        agent("10:00:00"), lost("n1", "10:00:01.000"), agent("10:05:00"), lost("n1", "10:05:01.000"), agent("10:06:00"),
        agent("10:00:02"), lost("n2", "10:00:03.000"), agent("10:05:02"), lost("n2", "10:05:03.000"),
        lost("n2", "10:05:04.000"), agent("10:06:02"),
    )  # fmt: skip
    assert found.frame["node"].to_list() == ["n1"] * 5 + ["n2"] * 6
