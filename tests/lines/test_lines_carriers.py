"""Whatever holds lines of a log is a log: each carrier in other words than those it was written for."""

import csv
import html
import io
import json
import textwrap
import time
from collections.abc import Callable

import polars as pl
import pytest
from one_log import OneLog, one_log

from logtrace import catalogue
from logtrace.domain.columns import NO_TIME
from logtrace.events import understand

#: (day, time, host, tag, what is said): the lines that all carriers below carry.
SAID = [
    ("09", "22:41:07", "gull", "corosync[812]", "  [TOTEM ] A new membership (4.1b) was formed. Members left: 3"),
    ("09", "22:41:07", "gull", "pacemaker-controld[911]", " notice: Node tern state is now lost"),
    ("09", "22:41:08", "gull", "pacemaker-schedulerd[910]", " warning: Cluster node tern will be fenced: peer is gone"),
    ("09", "22:41:08", "wren", "pacemaker-controld[377]", " notice: Requesting fencing (reboot) of node tern"),
    ("09", "22:41:19", "wren", "pacemaker-fenced[373]", " notice: Operation 'off' targeting tern by wren for x@y: OK"),
    ("09", "22:41:20", "wren", "pacemaker-attrd[375]", " notice: Removing all tern attributes for peer gull"),
]  # fmt: skip
#: 22:00 of that day.
HOUR = 1678399200
LINES = [f"Mar {day} {time} {host} {tag}: {text}" for day, time, host, tag, text in SAID]
HOSTS = [host for _, _, host, _, _ in SAID]
DAEMONS = [tag.split("[")[0] for _, _, _, tag, _ in SAID]


def read(text: str | bytes) -> OneLog:
    return one_log([text.encode() if isinstance(text, str) else text], None)


def carried(by: Callable[[int, str], str]) -> str:
    return "".join(by(number, line) + "\n" for number, line in enumerate(LINES))


def same(found: OneLog) -> None:
    """What is read is what was written, in its order, and something is said of the carrier."""
    assert found.frame["node"].to_list() == HOSTS
    assert found.frame["daemon"].to_list() == DAEMONS
    assert [f"{local:%d %H:%M:%S}" for local in found.frame["local"]] == [f"{day} {time}" for day, time, *_ in SAID]
    assert found.frame["message"].to_list() == read(carried(lambda _, line: line)).frame["message"].to_list()
    assert found.log.carriers


PREFIXED: dict[str, Callable[[int, str], str]] = {
    "two quotes": lambda _, line: f">> {line}",
    "quotes with names": lambda _, line: f"AB> {line}",
    "quotes apart": lambda _, line: f"> > {line}",
    "an outline": lambda at, line: f"  {at + 1}) {line}",
    "asterisks": lambda _, line: f" * {line}",
    "dashes of a typesetter": lambda _, line: f"\u2013 {line}",
    "checked boxes": lambda _, line: f"- [x] {line}",
    "code in a list": lambda _, line: f"* `{line}`",
    "bold type": lambda _, line: f"**{line}**",
    "rows of a table": lambda _, line: f"| {line} |",
    "a tracker's table": lambda _, line: f"||{line}",
    "preformatted": lambda _, line: f"{{noformat}}{line}{{noformat}}",
    "quoted strings": lambda _, line: f'"{line}"',
    "numbers of cat": lambda at, line: f"{at + 1:6}\t{line}",
    "grep in a folder": lambda at, line: f"./{HOSTS[at]}/var/log/syslog.1:{line}",
    "grep with context": lambda at, line: f"syslog-{100 + at}-{line}" if at % 2 else f"syslog:{100 + at}:{line}",
    "parallel shells": lambda at, line: f"{HOSTS[at]}: {line}",
    "many containers": lambda at, line: f"ha_{HOSTS[at]}_1    | {line}",
    "pods": lambda at, line: f"[pod/ha-{at % 2}/cluster] {line}",
    "packets": lambda at, line: f"<{28 + at}>{line}",
    "a mail in a list": lambda _, line: f"  - > {line}",
    "uneven": lambda at, line: " " * (at % 3 * 2) + line,
    "a runtime": lambda at, line: f"2023-03-09T22:41:{7 + at:02}.5Z stdout F {line}",
    "a collector": lambda _, line: f"2023-03-09T22:41:30.001+00:00 relay {line}",
    "a relay": lambda _, line: f"Mar  9 22:41:30 relay pacemaker.log: {line}",
    "elements of a list": lambda _, line: f"        {json.dumps(line)},",
    "a store's brackets": lambda _, line: f"[2023-03-09 22:41:30,123] {line}",
}


@pytest.mark.parametrize("name", PREFIXED)
def test_what_stands_before_lines_is_taken_off(name: str) -> None:
    same(read(carried(PREFIXED[name])))


MARKED: dict[str, Callable[[int, str], str]] = {
    "red": lambda _, line: f"\x1b[01;31m\x1b[K{line[:15]}\x1b[m\x1b[K{line[15:]}",
    "spelled out": lambda _, line: f"^[[1m{line}^[[0m",
    "tags": lambda _, line: f"<code>{line}</code><br/>",
    "entities": lambda _, line: html.escape(line.replace("  ", " &nbsp;")).replace("&amp;nbsp;", "&nbsp;"),
    "wide blanks": lambda _, line: line.replace(" ", "\u00a0", 4),
    "of no width": lambda _, line: f"\u200b{line}",
    "returns": lambda _, line: f"{line}\r",
    "ends shown": lambda _, line: f"{line}$",
    "cells": lambda _, line: f"<tr><td>{line[:15]}</td> <td>{html.escape(line[16:], quote=False)}</td></tr>",
    "severity": lambda at, line: line.replace(f" {HOSTS[at]} ", f" {HOSTS[at]} daemon.notice ", 1),
    "typesetting": lambda _, line: line.replace("'", "\u2019"),
}


@pytest.mark.parametrize("name", MARKED)
def test_what_stands_within_lines_is_taken_off(name: str) -> None:
    found = read(carried(MARKED[name]))
    assert found.frame["node"].to_list() == HOSTS
    plain = read(carried(lambda _, line: line)).frame["message"].to_list()
    assert [" ".join(each.split()) for each in found.frame["message"]] == [" ".join(each.split()) for each in plain]


def stamped(stamp: Callable[[str, str], str]) -> str:
    return "".join(f"{stamp(day, time)} {host} {tag}: {text}\n" for day, time, host, tag, text in SAID)


STAMPED: dict[str, Callable[[str, str], str]] = {
    "iso": lambda day, time: f"2023-03-{day}T{time}.250",
    "apart": lambda day, time: f"2023-03-{day} {time}.25",
    "comma": lambda day, time: f"2023-03-{day} {time},250",
    "strokes": lambda day, time: f"2023/03/{day} {time}",
    "zone": lambda day, time: f"2023-03-{day} {time} +0000",
    "year first": lambda day, time: f"2023 Mar {day} {time}",
    "year behind the day": lambda day, time: f"Mar {day}, 2023 {time}",
    "year last": lambda day, time: f"Mar {day} {time} 2023",
    "ctime": lambda day, time: f"Thu Mar {day} {time} 2023",
    "date": lambda day, time: f"Thu Mar {day} {time} UTC 2023",
    "mail": lambda day, time: f"Thu, {day} Mar 2023 {time} +0000",
    "web": lambda day, time: f"[{day}/Mar/2023:{time} +0000]",
    "points": lambda day, time: f"{day}.03.2023 {time}",
    "half days": lambda day, time: f"03/{day}/2023 {int(time[:2]) - 12}{time[2:]} PM",
    "seconds": lambda _, time: f"{HOUR + int(time[3:5]) * 60 + int(time[6:])}.000",
    "whole seconds": lambda _, time: f"{HOUR + int(time[3:5]) * 60 + int(time[6:])}",
    "a journal in another language": lambda day, time: f"Do 2023-03-{day} {time} CET",
    "counted months": lambda day, time: f"2023年3月{day}日 {time}",
    "counted months apart": lambda day, time: f"2023년 3월 {day}일 {time}",
    "a dashboard": lambda day, time: f"Mar {int(day)}, 2023 @ {time}.250",
}


@pytest.mark.parametrize("name", STAMPED)
def test_a_stamp_with_a_year_keeps_it(name: str) -> None:
    found = read(stamped(STAMPED[name]))
    assert found.frame["node"].to_list() == HOSTS
    told = [f"{local:%Y-%m-%d %H:%M:%S}" for local in found.frame["local"]]
    assert told == [f"2023-03-{day} {time}" for day, time, *_ in SAID]


def test_lines_that_a_script_gathered_without_process_ids() -> None:
    lines = [
        "2023-03-09 22:41:07 gull corosync: [TOTEM ] A processor failed, forming new configuration.",
        "2023-03-09 22:41:08 gull pengine: notice: LogNodeActions:    * Fence (reboot) tern 'peer is gone'",
        "2023-03-09 22:41:09 gull stonith-ng:notice: remote_op_done:    Operation reboot of tern by gull: OK",
        "2023-03-09 22:41:10 gull SAPInstance(ascs): ERROR: SAP instance service msg_server is not running",
    ]
    found = read("\n\n".join(lines)).frame
    assert found["message"].to_list() == [
        "A processor failed, forming new configuration.",
        "* Fence (reboot) tern 'peer is gone'",
        "Operation reboot of tern by gull: OK",
        "SAP instance service msg_server is not running",
    ]
    assert [f"{local:%Y-%m-%d %H:%M:%S}" for local in found["local"]] == [line[:19] for line in lines]


@pytest.mark.parametrize(
    ("name", "number"),
    [("Mär", 3), ("mars", 3), ("mrt", 3), ("abr", 4), ("giu", 6), ("août", 8), ("Okt", 10), ("déc.", 12), ("мая", 5)],
)
def test_months_of_other_languages(name: str, number: int) -> None:
    found = read("".join(line.replace("Mar", name) + "\n" for line in LINES))
    assert found.frame["local"].dt.month().to_list() == [number] * len(LINES)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_broken_by_a_terminal_are_joined(width: int) -> None:
    broken = "".join(line[start : start + width] + "\n" for line in LINES for start in range(0, len(line), width))
    same(read(broken))


def test_a_longer_line_beside_lines_broken_by_a_terminal_hides_no_width() -> None:
    """As it stands in a ticket: a command that was typed elsewhere is in one piece."""
    broken = "".join(line[start : start + 60] + "\n" for line in LINES for start in range(0, len(line), 60))
    same(read(f"# {'grep -hE corosync.pacemaker /var/log/messages ' * 4}\n\n{broken}"))


def test_lines_broken_by_a_mail_program_are_joined() -> None:
    broken = "\n".join(part for line in LINES for part in textwrap.wrap(line, 72, break_on_hyphens=False))
    found = read("\n".join(f"> {line}" for line in broken.split("\n")))
    assert found.frame["node"].to_list() == HOSTS
    assert found.frame["message"][3] == "Requesting fencing (reboot) of node tern"


@pytest.mark.parametrize("mark", ["**{}**", "--> {}", ">>> {} <<<", "\u2462\t{}", "\u27a1 {}"])
def test_one_line_that_somebody_points_at_is_read(mark: str) -> None:
    """It is the one that matters, and no one in ten."""
    found = read("\n".join([*LINES * 3, mark.format(LINES[3]), *LINES * 3]))
    assert found.frame.height == 7 * len(LINES) - len(LINES) + 1
    assert found.frame.row(3 * len(LINES), named=True)["message"] == "Requesting fencing (reboot) of node tern"
    assert found.log.carriers == ["marks of emphasis"]


def test_prose_around_lines_says_nothing() -> None:
    block = carried(lambda _, line: f"    {line}")
    same(read(f"Dear all,\n\non Mar 09 at 22:41:07 a node was lost, see below.\n\n{block}\nRegards\n"))


def test_the_newest_line_first() -> None:
    lines = [line.replace("22:41:07 gull cor", "22:41:06 gull cor") for line in LINES]
    found = read("\n".join(reversed(lines)))
    assert found.log.backwards
    assert sorted(found.frame["line"].to_list()) == list(range(1, len(LINES) + 1))
    newest = found.frame.filter(pl.col("line") == 1).row(0, named=True)
    assert newest["daemon"] == "pacemaker-attrd"


def test_a_second_stamp_is_kept_as_the_stores() -> None:
    found = read(carried(PREFIXED["a collector"]))
    assert found.log.stored[0][0] == "gull"
    assert found.log.stored[0][2] == "2023-03-09T22:41:30.001+00:00"


def exported(**names: str) -> list[dict[str, str]]:
    return [
        {names["time"]: f"2023-03-{day}T{time}.000Z", names["host"]: host, names["text"]: f"{tag}: {text}"}
        for day, time, host, tag, text in SAID
    ]


ELASTIC = {"time": "@timestamp", "host": "host.name", "text": "message"}
RECORDS: dict[str, Callable[[], str]] = {
    "a line each": lambda: "\n".join(json.dumps(each) for each in exported(time="ts", host="hostname", text="msg")),
    "an array": lambda: json.dumps(exported(time="@timestamp", host="host", text="message"), indent=1),
    "an array in one line": lambda: json.dumps(exported(time="@timestamp", host="host", text="message")),
    "hits": lambda: json.dumps(
        {"took": 3, "hits": {"hits": [{"_id": "x", "_source": each} for each in exported(**ELASTIC)]}}
    ),
    "results": lambda: "\n".join(
        json.dumps({"preview": False, "result": each}) for each in exported(time="_time", host="host", text="_raw")
    ),
    "streams": lambda: json.dumps({"status": "success", "data": {"resultType": "streams", "result": [
        {"stream": {"host": host}, "values": [
            [str(HOUR + int(time[3:5]) * 60 + int(time[6:])) + "0" * 9, f"{tag}: {text}"]
            for _, time, at, tag, text in SAID if at == host
        ]} for host in ("gull", "wren")
    ]}}),
    "tables": lambda: json.dumps({"tables": [{"name": "t", "columns": [
        {"name": "TimeGenerated", "type": "datetime"}, {"name": "SyslogMessage", "type": "string"}
    ], "rows": [[f"2023-03-{day}T{at}Z", f"{host} {tag}: {text}"] for day, at, host, tag, text in SAID]}]}, indent=2),
    "a container's file": lambda: "\n".join(
        json.dumps({"log": f"{line}\n", "stream": "stdout", "time": f"2023-03-09T22:41:{at + 7:02}.123456789Z"})
        for at, line in enumerate(LINES)
    ),
    "commas": lambda: as_csv(exported(time="TimeGenerated", host="Computer", text="SyslogMessage"), ","),
    "semicolons": lambda: as_csv(exported(time="time", host="host", text="line"), ";"),
    "sorted by time": lambda: as_csv(exported(time="_time", host="host", text="_raw"), ","),
    "dates in numbers": lambda: as_csv(
        [
            {"When": f"3/9/2023, 10{at[2:]} PM", "Host": host, "Text": f"{tag}: {text}"}
            for _, at, host, tag, text in SAID
        ],
        ",",
    ),
    "a drawn table": lambda: "| time | host | text |\n|---|---|---|\n"
    + "".join(f"| 2023-03-{day} {at} | {host} | {tag}: {text} |\n" for day, at, host, tag, text in SAID),
    "a query's table": lambda: "".join(
        f" 2023-03-{day} {at} | {host} | {tag}: {text}\n" for day, at, host, tag, text in SAID
    ),
    "objects over several lines": lambda: "\n".join(
        json.dumps(each, indent="\t") for each in exported(time="time", host="_HOSTNAME", text="MESSAGE")
    ),
    "rows of which the first says nothing": lambda: json.dumps({"tables": [{"columns": [
        {"name": "TimeGenerated"}, {"name": "Computer"}, {"name": "ProcessName"}, {"name": "SyslogMessage"}
    ], "rows": [
        ["2023-03-09T22:41:00Z", "gull", "sudo", "pam_unix: session opened"],
        *([f"2023-03-{day}T{at}Z", host, tag, text] for day, at, host, tag, text in SAID)
    ]}]}, indent=1),
    "tabs": lambda: as_csv(exported(time="time", host="host", text="line"), "\t"),
}  # fmt: skip


def as_csv(records: list[dict[str, str]], by: str) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]), delimiter=by, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


@pytest.mark.parametrize("name", RECORDS)
def test_exports_of_log_stores_are_lines_again(name: str) -> None:
    same(read(RECORDS[name]()))


def test_records_keep_the_lines_of_their_file() -> None:
    found = read(RECORDS["an array"]())
    assert found.frame["line"].to_list() == [2 + 5 * at for at in range(len(LINES))]
    assert read(RECORDS["commas"]()).frame["line"].to_list() == [2 + at for at in range(len(LINES))]


@pytest.mark.parametrize("host", [True, False])
def test_lines_without_any_time_keep_their_order(host: bool) -> None:
    found = read("".join(f"{f'{at} ' if host else ''}{tag}: {text}\n" for _, _, at, tag, text in SAID))
    assert found.frame["daemon"].to_list() == DAEMONS
    assert set(found.frame["local"]) == {NO_TIME}
    assert found.log.undated == len(LINES)


@pytest.mark.parametrize(
    ("line", "daemon"),
    [
        ("corosync[100]:  [MAIN  ] Corosync main process was not scheduled for 2787.0891 ms", "corosync"),
        ("pacemaker-controld[117]:  notice: State transition S_IDLE -> S_POLICY_ENGINE", "pacemaker-controld"),
        ("crmd:    error: process_lrm_event:\tResult of stop operation for vol on n2: Timed Out", "crmd"),
        (
            "[434] node-1.example.org corosyncnotice  [TOTEM ] A processor failed, forming new configuration.",
            "corosync",
        ),
        ("[8157] node1       crmd:  warning: do_cib_control: \tCouldn't complete CIB registration 28 times", "crmd"),
    ],
)
def test_one_line_that_only_a_daemon_writes_so_is_a_log(line: str, daemon: str) -> None:
    found = read(f"{line}\n")
    assert found.frame["daemon"].to_list() == [daemon]
    assert set(found.frame["local"]) == {NO_TIME}


def test_one_line_with_the_tag_of_a_daemon_is_prose() -> None:
    assert read("corosync[100]: is what it said\n").frame.is_empty()
    assert read("The cluster's attrd: info is what I looked at\n").frame.is_empty()


def test_messages_alone_keep_their_order() -> None:
    found = read("".join(f"{text}\n" for *_, text in SAID))
    assert found.frame["daemon"].to_list() == ["corosync", *["pacemaker"] * 5]
    told = understand(found.frame, catalogue.load()).whole()
    assert set(told["daemon"]) <= {
        "corosync",
        "pacemaker-controld",
        "pacemaker-schedulerd",
        "pacemaker-fenced",
        "pacemaker-attrd",
    }
    assert told.height >= 4


@pytest.mark.parametrize("mark", ["  - ", "> ", "* ", "    "])
def test_messages_alone_may_stand_in_a_list(mark: str) -> None:
    found = read("".join(f"{mark}{text.strip()}\n" for *_, text in SAID))
    assert (
        found.frame["message"].to_list() == read("".join(f"{text}\n" for *_, text in SAID)).frame["message"].to_list()
    )


def test_a_unit_stands_for_its_daemons() -> None:
    """journalctl -o with-unit"""
    units = {"c": "corosync.service", "p": "pacemaker.service"}
    found = read(
        "".join(
            f"Thu 2023-03-{day} {time} UTC {host} {units[tag[0]]}[7]: {text}\n" for day, time, host, tag, text in SAID
        )
    )
    told = understand(found.frame, catalogue.load()).whole()
    assert told.filter(pl.col("message").str.contains("state is now lost"))["daemon"].to_list() == [
        "pacemaker-controld"
    ]
    assert told.filter(pl.col("message").str.contains("membership"))["daemon"].to_list() == ["corosync"]


STATUS = """\
  * Last updated: Thu Mar  9 23:00:00 2023
Failed Resource Actions:
  * db_start_0 on wren 'not installed' (5): call=31, status='complete', exitreason='no binary', last-rc-change='2023-03-09 22:41:07Z', queued=0ms, exec=2000ms
  * web 10s-interval monitor on gull returned 'not running' at Thu Mar  9 22:50:00 2023 after 40ms
    ip_stop_0 (node=wren, call=9, rc=1, status=Timed Out, exitreason='none', last-rc-change=Thu Mar  9 22:51:00 2023): unknown error
Fencing History:
  * reboot of tern failed: delegate=wren, client=pacemaker-controld.5, origin=gull, last-failed='2023-03-09 22:55:00Z'
"""  # noqa: E501 - as crm_mon writes it


def test_the_records_of_a_status_are_evidence() -> None:
    found = read(STATUS)
    told = found.frame.select("line", "node", "message").rows()
    assert [line for line, _, _ in told] == [3, 4, 5, 7]
    assert told[0][2] == "Result of start operation for db on wren: not installed (no binary)"
    assert told[1][1:] == ("gull", "Result of monitor operation for web on gull: not running")
    assert told[2][2] == "Result of stop operation for ip on wren: Timed Out"
    assert told[3][2].startswith("Operation 'reboot' targeting tern by wren for pacemaker-controld.5@gull: Error")
    assert f"{found.frame['local'][0]:%H:%M:%S}" == "22:41:09", "a start is told when it ended"


def test_a_status_does_not_repeat_the_log_beside_it() -> None:
    log = "Mar 09 22:41:09 wren pacemaker-controld[1]: notice: Result of start operation for db on wren: not installed"
    assert read(f"{log}\n{STATUS}").frame["line"].to_list() == [1, 5, 6, 8]


QUOTED = """\
> 2 nodes configured
>
> Node gull: UNCLEAN (offline)
> Last updated: Thu Mar  9 23:00:00 2023
>
> Migration Summary:
> * Node wren:
>    ip: migration-threshold=1 fail-count=1000000 last-failure='Thu Mar  9 22:52:00 2023'
>
> Failed Actions:
> * db_stop_0 on wren 'insufficient privileges' (4): call=31, status=complete, exitreason='',
>     last-rc-change='Thu Mar  9 22:41:07 2023', queued=0ms, exec=0ms
>
> Failed Fencing Actions:
> * reboot of gull failed: delegate=wren, client=crmd.5, origin=wren,
>     last-failed='Thu Mar  9 22:55:00 2023'
"""
FENCINGS = [
    "  * reboot of gull by wren for pacemaker-controld.5@wren last failed (no route) at Thu Mar  9 22:55:00 2023",
    "  * reboot of gull by wren for pacemaker-controld.5@wren successful at 2023-03-09 22:55:00.250Z",
    "  * turning off of gull by wren for crmd.5@wren last successful at Thu Mar  9 22:55:00 2023",
    "wren was able to reboot node gull on behalf of crmd.5 from wren at Thu Mar  9 22:55:00 2023",
    "This node failed to turn off node gull on behalf of crmd.5 from wren at Thu Mar  9 22:55:00 2023",
    "reboot of gull successful: delegate=wren, client=crmd.5, origin=wren, completed='2023-03-09 22:55:00 +00:00'",
    "  * reboot of gull failed: delegate=, client=stonith-api.9, origin=wren, last-failed='2023-03-09 22:55:00 +00:00'",
]


def test_a_status_in_a_mail_is_evidence() -> None:
    found = read(QUOTED)
    assert found.frame.select("line", "message").rows() == [
        (3, "Scheduling Node gull for STONITH"),
        (8, "Setting fail-count-ip[wren]: (unset) -> INFINITY"),
        (11, "Result of stop operation for db on wren: insufficient privileges"),
        (15, "Operation 'reboot' targeting gull by wren for crmd.5@wren: Error"),
    ]


@pytest.mark.parametrize("record", FENCINGS)
def test_histories_of_fencing_of_all_releases(record: str) -> None:
    (row,) = read(f"  * Last updated: Thu Mar  9 23:00:00 2023\n{record}\n").frame.rows(named=True)
    assert row["message"].startswith(("Operation 'reboot' targeting gull by", "Operation 'off' targeting gull by"))
    assert ("Error" in row["message"]) == ("failed" in record)
    assert f"{row['local']:%d %H:%M:%S}" == "09 22:55:00"


ELEMENTS = """\
<pacemaker-result api-version="2.30" request="crm_mon --output-as xml">
  <summary><stack type="corosync"/></summary>
    <current_dc present="true" name="wren" id="2" with_quorum="true"/>
    <last_update time="Thu Mar  9 23:00:00 2023" origin="wren"/>
    <node name="tern" id="1" online="false" unclean="true" type="member"/>
    <node name="wren" id="2" online="true" unclean="false" type="member"/>
    <failure op_key="db_start_0" node="wren" exitstatus="error" exitreason="port &quot;5432&quot; is taken" exitcode="1" call="44" status="complete" last-rc-change="2023-03-09 22:41:05Z" queued="0" exec="2000" interval="0" task="start"/>
    <fence_event target="tern" action="reboot" client="pacemaker-controld.5" origin="wren" status="failed" exit-reason="no route" delegate="wren" completed="2023-03-09 22:55:00Z"/>
"""  # noqa: E501 - as crm_mon writes it


def test_a_status_in_xml_is_evidence() -> None:
    assert read(ELEMENTS).frame.select("line", "message").rows() == [
        (5, "Scheduling Node tern for STONITH"),
        (7, 'Result of start operation for db on wren: error (port "5432" is taken)'),
        (8, "Operation 'reboot' targeting tern by wren for pacemaker-controld.5@wren: Error (no route)"),
    ]


def test_fail_counts_without_a_time_are_evidence() -> None:
    found = read("Failcounts for resource 'db'\n  wren: 3\n  gull: INFINITY\n  tern: 0\n")
    assert found.frame["message"].to_list() == [
        "Setting fail-count-db[wren]: 2 -> 3",
        "Setting fail-count-db[gull]: (unset) -> INFINITY",
    ]
    assert set(found.frame["local"]) == {NO_TIME}


RING = [
    "drbd r0/0 drbd1 tern: Split-Brain detected but unresolved, dropping connection!",
    "drbd r0 tern: conn( Connected -> Disconnecting )",
]


@pytest.mark.parametrize("stamp", ["[ 1142.905973]", "[Thu Mar  9 22:41:07 2023]"])
def test_the_ring_buffer_is_the_kernels(stamp: str) -> None:
    found = read("".join(f"{stamp} {line}\n" for line in RING))
    assert set(found.frame["daemon"]) == {"kernel"}
    assert found.frame["message"][0] == RING[0]


@pytest.mark.parametrize(
    ("line", "program"),
    [("Can't connect to qnetd host. (-5986): refused", "qdevice"), ("Client ::ffff:10.0.0.1:3 disconnect", "qnetd")],
)
def test_a_quorum_device_in_the_foreground(line: str, program: str) -> None:
    found = read(f"Mar 09 22:41:07 debug   Algorithm result vote is ACK\nMar 09 22:41:08 error   {line}\n")
    assert set(found.frame["daemon"]) == {f"corosync-{program}"}


# --- what is no carrier ----------------------------------------------------------------------------------------------


def test_plain_logs_are_left_alone() -> None:
    found = read(carried(lambda _, line: line))
    assert found.log.carriers == []
    assert found.frame["line"].to_list() == list(range(1, len(LINES) + 1))


@pytest.mark.parametrize(
    "text",
    [
        "> " * 50_000 + LINES[0],
        ("> " * 200 + LINES[0] + "\n") * 50,
        "[" * 100_000,
        '[{"message": ' * 20_000,
        '{"a":' * 50_000,
        '"' + "x" * 3_000_000,
        "time,host,line\n" + '"' + "y" * 3_000_000 + "\n" + f'2023-03-09T22:41:07Z,n1,"{LINES[0]}"\n',
        json.dumps({"message": "z" * 3_000_000, "time": "2023-03-09T22:41:07Z"}) + "\n",
        "a-1-" * 100_000,
        "a b:" * 100_000,
        "\x1b[" * 100_000,
        "&#x" * 100_000,
        ("x" * 80 + "\n") * 5_000,
        "* _start_0 on " * 20_000,
    ],
    ids=range(14),
)  # fmt: skip
def test_hostile_carriers_are_bounded(text: str) -> None:
    begun = time.process_time()
    read(text)
    read(text + "\n" + carried(lambda _, line: f"> {line}"))
    assert time.process_time() - begun < 20, "for two readings of 3 MB at most"
