"""Journals as JSON and in the export format, pastes with line numbers, and the marks between two boots."""

import json
import re
import struct
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_log import OneLog, one_log

from logtrace import catalogue
from logtrace.events import understand
from logtrace.lines import carriers

LOST = "Node n2 state is now lost"
ENTRIES: list[dict[str, str]] = [
    {
        "__CURSOR": "s=1;i=1",
        "__REALTIME_TIMESTAMP": "1795365345123456",
        "_SOURCE_REALTIME_TIMESTAMP": "1795365345000007",
        "_BOOT_ID": "0f3a",
        "_HOSTNAME": "n1",
        "SYSLOG_IDENTIFIER": "pacemaker-controld",
        "_PID": "117",
        "MESSAGE": f" notice: {LOST}",
    },
    {
        "__CURSOR": "s=1;i=2",
        "__REALTIME_TIMESTAMP": "1795365346000000",
        "_HOSTNAME": "n1",
        "SYSLOG_IDENTIFIER": "kernel",
        "MESSAGE": "Out of memory: Killed process 12 (mysqld)\nand a = second line",
    },
    {
        "__CURSOR": "s=1;i=3",
        "__REALTIME_TIMESTAMP": "1795365347000000",
        "_HOSTNAME": "n1",
        "_COMM": "corosync",
        "SYSLOG_PID": "100",
        "MESSAGE": '  [QUORUM] Members[1]: 1 "quoted" \\ \u00e9',
    },
]


def as_json(*entries: dict[str, str]) -> bytes:
    return "".join(json.dumps(entry) + "\n" for entry in entries).encode()


def as_export(*entries: dict[str, str]) -> bytes:
    """As systemd writes it: values of several lines have their size before them."""
    out = b""
    for entry in entries:
        for name, value in entry.items():
            data = value.encode()
            sized = name.encode() + b"\n" + struct.pack("<Q", len(data)) + data
            out += (sized if "\n" in value else f"{name}=".encode() + data) + b"\n"
        out += b"\n"
    return out


def as_verbose(*entries: dict[str, str]) -> bytes:
    """As `journalctl -o verbose` prints them, in German; further lines of a value stand below its first."""
    out = ""
    for entry in entries:
        at = int(entry["__REALTIME_TIMESTAMP"])
        time = datetime.fromtimestamp(at / 1e6, UTC)
        out += f"So {time:%Y-%m-%d %H:%M:%S.%f} CET [s=1;i=1;b={'0f' * 16};m=1;t={at:x};x=1]\n"
        for name, value in entry.items():
            if not name.startswith("__"):
                out += f"    {name}=" + value.replace("\n", "\n" + " " * (len(name) + 5)) + "\n"
    return out.encode()


def read(data: bytes, cut: int = 1 << 20) -> OneLog:
    chunks = (data[start : start + cut] for start in range(0, len(data), cut))
    return one_log(chunks, "me")


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (as_json(*ENTRIES), [1, 2]),
        (as_json(*ENTRIES).replace(b'{"', b'data: {"'), [1, 2]),
        (as_json(*ENTRIES).replace(b'{"', b'\x1e{"'), [1, 2]),
        (as_export(*ENTRIES), [1, 10]),
        (as_verbose(*ENTRIES), [1, 8]),
    ],
)
def test_journals_are_read_like_syslog(data: bytes, lines: list[int]) -> None:
    found = read(data)
    assert found.log.lines == 4, "the second entry has two"
    told = found.frame.filter(pl.col("daemon").is_in(["pacemaker-controld", "kernel"]))
    assert told["line"].to_list() == lines
    controld, kernel = told.iter_rows(named=True)
    assert controld["local"].replace(tzinfo=UTC) == datetime.fromtimestamp(1795365345.000007, UTC)
    assert (controld["offset_s"], controld["precise"]) == (0, True)
    assert (controld["node"], controld["pid"], controld["level"], controld["message"]) == ("n1", 117, "notice", LOST)
    assert kernel["message"] == "Out of memory: Killed process 12 (mysqld)"
    assert kernel["pid"] is None
    kinds = understand(found.frame, catalogue.load())["kind"].to_list()
    assert kinds[:2] == ["member.state", "process.oom"]


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=12),
    st.integers(1, 700),
    st.sampled_from([as_json, as_export, as_verbose]),
)
def test_no_cut_changes_what_a_journal_says(
    entries: list[dict[str, str]], size: int, packed: Callable[..., bytes]
) -> None:
    data = packed(*entries)
    original = carriers.blocks
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carriers, "blocks", lambda chunks, start=b"": original(chunks, 300, start))
        small = read(data, size)
    whole = read(data)
    assert small.frame.equals(whole.frame)
    assert small.log.lines == whole.log.lines == len(entries) + entries.count(ENTRIES[1])
    assert whole.frame["message"].str.contains("lost").sum() == entries.count(ENTRIES[0])


def message(text: str, number: int = 1, **fields: str) -> dict[str, str]:
    """An entry of corosync on n1."""
    return {
        "__CURSOR": f"s=1;i={number}",
        "__REALTIME_TIMESTAMP": str(1795365345000000 + number),
        "_HOSTNAME": "n1",
        "SYSLOG_IDENTIFIER": "pacemaker-controld",
        **fields,
        "MESSAGE": text,
    }


@pytest.mark.parametrize("packed", [as_json, as_export])
def test_all_lines_of_a_message_are_read(packed: Callable[..., bytes]) -> None:
    """Each under the header of its entry; what looks like a field of the export format within a message is text."""
    lines = [f"Node n{number} state is now lost" for number in (2, 3, 4)]
    text = f"{lines[0]}\n\nMESSAGE=no field\n__CURSOR=none\n{lines[1]}\n"
    found = read(packed(message(text), message(lines[2], 2)))
    told = found.frame.filter(pl.col("message").str.contains("lost"))
    assert told["message"].to_list() == lines
    first, second, third = told.drop("message", "said").iter_rows()
    assert first == second
    assert told["line"][2] == (2 if packed is as_json else 1 + packed(message(text)).count(b"\n"))
    assert third[3] > first[3]


@pytest.mark.parametrize("packed", [as_json, as_export])
def test_another_boot_is_marked(packed: Callable[..., bytes]) -> None:
    """As journalctl marks it, and for each host on its own: journals of several may be merged."""
    one, two, other = ("0f3a2b1c4d5e6f708192a3b4c5d6e7f8", "1f3a2b1c4d5e6f708192a3b4c5d6e7f8", "2" * 32)
    found = read(
        packed(
            message(LOST, 1, _BOOT_ID=one),
            message(LOST, 2, _BOOT_ID=other, _HOSTNAME="n2"),
            message(LOST, 3, _BOOT_ID=one),
            message(LOST, 4, _BOOT_ID=two),
            message(LOST, 5, _BOOT_ID=other, _HOSTNAME="n2"),
            message(LOST, 6, _BOOT_ID=two),
        )
    )
    told = understand(found.frame, catalogue.load()).whole()
    boots = told.filter(pl.col("kind") == "boot")
    assert boots.select("node", "text").rows() == [("n1", f"-- Boot {two} --")]
    assert boots["local"].item() == told.filter(pl.col("kind") != "boot")["local"][3]
    assert told["kind"].to_list().index("boot") == 3


def test_a_core_dump_is_passed_over() -> None:
    dump = {"COREDUMP": "x\n" * (1 << 20)}
    data = as_export(message(LOST, 1, **dump), message(LOST, 2))
    for cut in (1 << 16, 1 << 24):
        assert read(data, cut).frame["message"].to_list() == [LOST, LOST]


def test_odd_entries_do_no_harm() -> None:
    odd = b'{"MESSAGE":[78,111],"__REALTIME_TIMESTAMP":"17953653450"}\n{broken\n[]\n{"__REALTIME_TIMESTAMP":"x"}\n'
    found = read(as_json(ENTRIES[0]) + odd)
    assert found.log.lines == 5
    assert found.frame.height == 1
    found = read(as_export(ENTRIES[0]) + b"__CURSOR=\nMESSAGE\n\xff\xff\xff\xff\0\0\0\0x\n=\n\n\nFOO\n" + b"\0" * 90)
    assert found.frame.height == 1


@pytest.mark.parametrize("number", ["{} ", "{}: ", "  {}\t", "{}:", "{}. "])
def test_numbers_of_a_paste_are_taken_away(number: str) -> None:
    lines = [f"Feb 24 10:00:0{second} n1 crmd[7]:   notice: {LOST}" for second in range(5)]
    plain = read("\n".join(lines).encode())
    pasted = read("\n".join(number.format(290 + at) + line for at, line in enumerate(lines)).encode())
    assert plain.frame.height == 5
    assert pasted.frame.equals(plain.frame)


def test_numbers_stay_where_nearly_all_other_lines_have_dates() -> None:
    line = f"Feb 24 10:00:00 n1 crmd[7]:   notice: {LOST}"
    found = read((f"{line}\n" * 30 + f"290 {line}\n291 {line}\n").encode())
    assert (found.frame.height, found.log.undated) == (30, 2)


@pytest.mark.parametrize("mark", ["-- Reboot --", "-- Boot 0f3a2b1c4d5e6f708192a3b4c5d6e7f8 --"])
@pytest.mark.parametrize("stamp", ["Feb 24 10:00:0{}", "2026-02-24T10:00:0{}+0100", "Tue 2026-02-24 10:00:0{} CET"])
def test_a_boot_is_dated_by_the_next_line(mark: str, stamp: str) -> None:
    before, after = stamp.format(1), stamp.format(9)
    found = read(
        f"-- Logs begin at Mon 2026-02-23 10:00:00 CET, end at Tue 2026-02-24 11:00:00 CET. --\n"
        f"{before} n1 cron[9]: x\n{mark}\nno header\n{after} n1 cron[9]: x\n{mark}\n".encode()
    )
    told = understand(found.frame, catalogue.load()).whole()
    assert told.select("kind", "line", "node", "text").rows() == [("boot", 3, "n1", mark)]
    assert (told["local"][0].day, told["local"][0].second) == (24, 9)
    assert found.log.undated == 1, "behind the last mark there is no line that dates it"


def test_sections_of_a_supportconfig_are_read_as_one_log() -> None:
    """ha.txt and messages.txt: logs between commands and files, each behind a bar."""
    found = read(
        f"""#==[ Command ]======================================#
# /usr/sbin/crm_mon -r -1
  * Node n1: online

#==[ Log File ]=====================================#
# /var/log/messages - Last 500 Lines
2026-02-24T10:00:00.000001+01:00 n1 pacemaker-controld[7]:  notice: {LOST}

#==[ Log File ]=====================================#
# /var/log/pacemaker/pacemaker.log - Last 500 Lines
Feb 24 10:00:00.001 n1 pacemaker-controld  [7] (x) \tnotice: {LOST}
#==[ Verification ]=================================#
""".encode()
    )
    assert found.frame["line"].to_list() == [7, 11]
    assert found.frame["message"].to_list() == [LOST, LOST]
    assert found.log.undated == 0


# --- every layout with every form of a time --------------------------------------------------------------------------

TRADITIONAL = ["Feb 29 23:59:58", "Feb  9 23:59:58", "Feb 09 23:59:58.123", "Feb 09 23:59:58.123456"]
ISO = [
    f"2024-02-29T23:59:58{fraction}{offset}"
    for fraction in ("", ".1", ",123", ".123456", ".123456789")
    for offset in ("Z", "+01:00", "-0330", "+05")
]
FULL = [f"Thu 2024-02-29 23:59:58{fraction} {zone}" for fraction in ("", ".123456") for zone in ("UTC", "CET", "+0100")]
UNZONED = ["2024-02-29T23:59:58", "2024-02-29T23:59:58,123", *ISO]
DATED = ["2024/02/29_23:59:58"]
PLAIN = ["2024-02-29 23:59:58", "2024-02-29 23:59:58.123", "2024-02-29 23:59:58,123"]
APACHE = ["Thu Feb 29 23:59:58 2024", "Thu Feb 29 23:59:58.123456 2024"]
ACCESS = ["29/Feb/2024:23:59:58 +0100", "29/Feb/2024:23:59:58 -0330"]
LAYOUTS: list[tuple[str, list[str], str]] = [
    ("pacemaker-2", TRADITIONAL, "{} n1 pacemaker-controld[7] (x@y.c:1) \tnotice: {}"),
    ("pacemaker-2-tagged", TRADITIONAL, "{} n1 pacemaker-controld [7] (x) tag \tnotice: {}"),
    ("pacemaker-1.1", TRADITIONAL, "{} [7] n1 crmd:   notice: x: \t{}"),
    ("corosync-2", TRADITIONAL, "{} [7] n1 corosync notice  [QUORUM] {}"),
    ("corosync-1", TRADITIONAL, "{} corosync [pcmk  ] {}"),
    ("heartbeat", DATED, "crmd[7]: {} notice: {}"),
    ("agent-dated", DATED, "IPaddr2(vip)[7]: {} INFO: {}"),
    ("agent-stamped", TRADITIONAL, "pgsqlms(db)[7]: {} INFO: {}"),
    ("corosync-foreground", TRADITIONAL, "corosync[7]: {} notice  [QUORUM] {}"),
    ("iso-pacemaker-2", UNZONED, "{} n1 pacemaker-controld[7] (x@y.c:1) \tnotice: {}"),
    ("iso-pacemaker-1.1", UNZONED, "{} [7] n1 crmd:   notice: x: \t{}"),
    ("iso-corosync-2", UNZONED, "{} [7] n1 corosync notice  [QUORUM] {}"),
    ("iso-bare", UNZONED, "{} crmd[7]:   notice: {}"),
    ("syslog", TRADITIONAL, "{} n1 crmd[7]:   notice: {}"),
    ("syslog-spaced", TRADITIONAL, "{} My Node 1 crmd[7]:   notice: {}"),
    ("iso-spaced", ISO, "{} My Node 1 crmd[7]:   notice: {}"),
    ("pacemaker-2-spaced", TRADITIONAL, "{} My Node 1 pacemaker-controld[7] (x@y.c:1) \tnotice: {}"),
    ("bare", TRADITIONAL, "{} crmd[7]:   notice: {}"),
    ("iso", UNZONED, "{} n1 crmd[7]:   notice: {}"),
    ("journal-full", FULL, "{} n1 crmd[7]:   notice: {}"),
    ("rfc5424", ISO, "<29>1 {} n1 crmd 7 - - notice: {}"),
    ("syslog-repeated", TRADITIONAL, "{} n1 last message repeated 3 times"),
    ("oslo", PLAIN, "{} 7 ERROR nova.service [-] {}"),
    ("mysqld", [*PLAIN, "2024-02-29T23:59:58.123456Z", "2024-02-29T23:59:58.123456+01:00"], "{} 0 [ERROR] {}"),
    ("rabbitmq", [*PLAIN, "2024-02-29 23:59:58.123456+01:00"], "{} [error] <0.8.0> {}"),
    ("access", ACCESS, '10.0.1.2 - - [{}] "{}"'),
    ("apache", APACHE, "[{}] [core:error] [pid 7:tid 8] {}"),
]


def test_every_layout_has_its_times() -> None:
    known = {fmt.name for fmt in catalogue.load().formats if fmt.part != "payload"}
    assert {name for name, _, _ in LAYOUTS} == known


@pytest.mark.parametrize(
    ("layout", "stamp", "line"), [(layout, stamp, line) for layout, stamps, line in LAYOUTS for stamp in stamps]
)
def test_a_layout_with_a_form_of_time(layout: str, stamp: str, line: str) -> None:
    row = read(line.format(stamp, LOST).encode()).frame.row(0, named=True)
    assert row["format"].split("/")[0] == layout
    local = row["local"]
    assert (local.month, local.hour, local.minute, local.second) == (2, 23, 59, 58)
    assert local.day == (9 if "Feb" in stamp and "29" not in stamp else 29)
    found = re.search(r"58[.,](\d+)", stamp)
    digits = found[1] if found else ""
    assert local.microsecond == int((digits + "000000")[:6])
    assert row["precise"] == bool(digits)
    offsets = {"Z": 0, "+01:00": 3600, "-0330": -12_600, "+05": 18_000, "UTC": 0, "+0100": 3600}
    assert row["offset_s"] == next((offsets[end] for end in offsets if stamp.endswith(end)), None)
    assert layout == "syslog-repeated" or row["message"].strip('"').endswith(LOST)


def hosts(*heads: str, node: str | None = None) -> list[str | None]:
    text = "".join(f"Feb 24 10:00:00 {head} notice: {LOST}\n" for head in heads).encode()
    return one_log([text], node).frame["node"].to_list()


def test_hosts_with_blanks() -> None:
    assert hosts("My Node 1 crmd[7]:", "My Node 1 cib[8]:") == ["My Node 1"] * 2
    assert hosts("My Node 1 crmd[7]:", "My crmd[7]:") == ["My"], "the first may quote what crmd said"
    assert hosts("My Node 1 crmd[7]:", "My crmd[7]:", node="My Node 1") == ["My Node 1", "My"]
    assert hosts("My Node 1 said that crmd:") == [], "no tag with a process id tells where the name ends"
