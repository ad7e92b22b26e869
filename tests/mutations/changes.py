"""Changes to a report: those that keep all it says, and those that take witnesses away."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from report_files import COROSYNC_LOGS, LOGS, PACEMAKER_LOGS, SYSLOGS, Member, Report, save

_STAMP: Final = re.compile(
    r"(?:(?P<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)|(?P<named>\w{3} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?))"
)
_DECIDED: Final = re.compile(
    r"^.{0,40}(?:pacemaker-schedulerd|pengine).*(?:saving inputs in|Calculated|PEngine Input)", re.MULTILINE
)

#: What an agent says of itself, and what the executor prints of its output.
_SAID: Final = re.compile(r"^(.{0,70}?[\w.-]+\([\w.:-]+\)\[\d+\]:\s+(?:DEBUG|INFO|WARNING|ERROR): ).*$", re.MULTILINE)
_PRINTED: Final = re.compile(r"(\w+_\d+:\d+:(?:stderr|stdout)) \[.*\]")

#: A stamp with fractions of a second: date and time, and the fraction.
_FINE: Final = re.compile(r"^(\w{3} [ \d]\d \d\d:\d\d:\d\d)(\.\d+)", re.MULTILINE)

#: Stamp and host of a line of syslog; what begins the attribute manager's line of a node that joins.
_SYSTEM: Final = re.compile(r"^(?:\w{3} [ \d]\d [\d:]+|\d{4}-\S+) \S+ ")
_JOINS: Final = re.compile(r"^(.*pacemaker-attrd.*(?:notice|info): )Setting #attrd-protocol\[[^\]]+\]: \(unset\) -> ")

#: chronyd (sources.c, reference.c), ntpd (ntp_proto.c), systemd-timesyncd, openntpd: nothing is stepped.
_KEEPING_TIME: Final = (
    "chronyd[480]: Selected source 192.0.2.7 (ntp1.example.org)",
    "chronyd[480]: Source 192.0.2.8 replaced with 192.0.2.9 (pool.ntp.org)",
    "ntpd[481]: 0.0.0.0 c615 05 clock_sync",
    "ntpd[481]: kernel reports TIME_ERROR: 0x41: Clock Unsynchronized",
    "systemd-timesyncd[482]: Contacted time server 192.0.2.7:123 (ntp1.example.org).",
    "ntpd[483]: adjusting local clock by -0.004821s",
    "ntpd[483]: adjusting clock frequency by 1.276312 to -9.501000ppm",
)

#: Seconds by which a node's clock is ahead, by the name of its folder.
Skews = dict[str, float]


def is_log(member: Member) -> bool:
    return member.data is not None and member.name in LOGS


# --- what keeps the story ---------------------------------------------------------------------------------------------


def without_top_level(report: Report) -> Report:
    return report.keep(lambda one: one.folder is not None)


def without_syslog(report: Report) -> Report:
    return report.keep(lambda one: one.name not in (*SYSLOGS, "journal.log", "cluster-log.txt"))


def shuffled(report: Report, seed: int = 7) -> Report:
    members = list(report.members)
    random.Random(seed).shuffle(members)
    return Report(tuple(members))


def rotated(report: Report) -> Report:
    """Every log in two files, as a rotation in its middle would leave them."""

    def change(member: Member) -> Iterable[Member]:
        if not is_log(member) or not member.data:
            return (member,)
        lines = member.data.splitlines(keepends=True)
        half = len(lines) // 2
        stem, dot, rest = member.path.partition(".extract.txt")
        older = replace(member, path=f"{stem}.1{dot}{rest}", data=b"".join(lines[:half]))
        return (replace(member, data=b"".join(lines[half:])), older)

    return report.each(change)


def zipped(report: Report) -> Report:
    """Every log compressed inside the archive."""

    def change(member: Member) -> Iterable[Member]:
        if not is_log(member) or not member.data:
            return (member,)
        return (replace(member, path=f"{member.path}.gz", data=gzip.compress(member.data, 1, mtime=0)),)

    return report.each(change)


def carriage_returns(report: Report) -> Report:
    return report.rewrite(lambda _, text: text.replace("\n", "\r\n"), LOGS)


def doubled(report: Report) -> Report:
    """Every log twice, as a careless copy leaves it."""

    def change(member: Member) -> Iterable[Member]:
        if not is_log(member) or not member.data:
            return (member,)
        return (member, replace(member, path=f"{member.path}.bak"))

    return report.each(change)


def with_time_daemons(report: Report) -> Report:
    """What daemons that keep the time say all day, between the lines of each syslog."""

    def change(member: Member, text: str) -> str:
        if member.name not in SYSLOGS:
            return text
        lines: list[str] = []
        for number, line in enumerate(text.splitlines(keepends=True)):
            lines.append(line)
            stamp = _SYSTEM.match(line)
            if stamp and number % 15 == 7:
                lines.append(f"{stamp[0]}{_KEEPING_TIME[number // 15 % len(_KEEPING_TIME)]}\n")
        return "".join(lines)

    return report.rewrite(change, LOGS)


def with_old_fail_counts(report: Report, resource: str, node: str) -> Report:
    """What a node is told of old failures when it joins: the count, and a day at which it was counted."""

    def change(_: Member, text: str) -> str:
        lines: list[str] = []
        for line in text.splitlines(keepends=True):
            lines.append(line)
            if found := _JOINS.match(line):
                old = f"fail-count-{resource}#monitor_10000[{node}]", f"last-failure-{resource}#monitor_10000[{node}]"
                lines += [
                    f"{found[1]}Setting {name}: (unset) -> {value}\n"
                    for name, value in zip(old, (2, 1700000000), strict=True)
                ]
        return "".join(lines)

    return report.rewrite(change, LOGS)


def cut(report: Report, start: float, end: float, skews: Skews, *, keep_inputs: bool = False) -> Report:
    """Only the lines from `start` to `end` (epoch seconds, the reports' local time being UTC); no pe-inputs."""

    def change(member: Member, text: str) -> str:
        skew = skews.get(member.folder or "", 0.0)
        return _between(text, start + skew, end + skew)

    kept = report if keep_inputs else report.keep(lambda one: "pengine" not in one.parts)
    return kept.rewrite(change, LOGS)


def _between(text: str, start: float, end: float) -> str:
    lines, inside = [], False
    year = datetime.fromtimestamp(start, UTC).year
    for line in text.splitlines(keepends=True):
        stamp = _STAMP.match(line)
        if stamp:
            moment = _seconds(stamp, year)
            inside = start <= moment <= end
        if inside:
            lines.append(line)
    return "".join(lines)


def _seconds(stamp: re.Match[str], year: int) -> float:
    if stamp["iso"]:
        return datetime.fromisoformat(stamp["iso"]).replace(tzinfo=UTC).timestamp()
    text = stamp["named"]
    form = "%Y %b %d %H:%M:%S.%f" if "." in text else "%Y %b %d %H:%M:%S"
    return datetime.strptime(f"{year} {text}", form).replace(tzinfo=UTC).timestamp()


def per_node(report: Report, into: Path) -> list[Path]:
    """An archive per node, each with what lies at the top; their paths."""
    paths = []
    for number, node in enumerate(report.folders):
        part = report.keep(lambda one, node=node: one.folder in (None, node))  # type: ignore[misc]
        own = Report(tuple(one for one in part.members if one.folder in (None, node)))
        paths.append(save(own, into / f"part-{number}.tar"))
    return paths


# --- what takes witnesses away ----------------------------------------------------------------------------------------


def without_node(report: Report, node: str) -> Report:
    """A node of which nothing was collected; the merged copies at the top may be its own."""
    gone = report.keep(lambda one: one.folder not in (None, node) or (one.folder is None and not is_log(one)))
    return Report(tuple(one for one in gone.members if one.folder != node))


def only_node(report: Report, node: str) -> Report:
    for other in report.folders:
        if other != node:
            report = without_node(report, other)
    return report


def syslog_only(report: Report) -> Report:
    return report.keep(lambda one: one.name in SYSLOGS and one.folder is not None)


def corosync_only(report: Report) -> Report:
    return report.keep(lambda one: one.name in (*COROSYNC_LOGS, "corosync.conf") and one.folder is not None)


def pacemaker_only(report: Report) -> Report:
    """Nothing but pacemaker.log: no corosync, no CIB, no pe-inputs."""
    return report.keep(lambda one: one.name in PACEMAKER_LOGS and one.folder is not None)


def every_tenth(report: Report, *, kept: bool, first: int = 4) -> Report:
    """Every tenth line of each log lost, or nothing but these."""

    def change(_: Member, text: str) -> str:
        lines = enumerate(text.splitlines(keepends=True))
        return "".join(line for number, line in lines if (number % 10 == first) is kept)

    return report.rewrite(change, LOGS)


def without_daemon(report: Report, name: str) -> Report:
    """Every line of one daemon lost."""
    header = re.compile(rf"^.{{0,70}}?\b{re.escape(name)}\b\s*(?:\[|:|\s(?:info|notice|warning|error|debug)\b)")

    def change(_: Member, text: str) -> str:
        return "".join(line for line in text.splitlines(keepends=True) if not header.match(line))

    return report.rewrite(change, LOGS)


def in_other_words(report: Report) -> Report:
    """What agents and their programs say, in words nobody knows."""

    def change(_: Member, text: str) -> str:
        return _PRINTED.sub(r"\1 [ done as told ]", _SAID.sub(r"\1the program answered as it does", text))

    return report.rewrite(change, LOGS)


def in_whole_seconds(report: Report, phase: float) -> Report:
    """Nothing but the daemons' own logs, stamped in whole seconds by clocks that are `phase` seconds ahead."""

    def change(_: Member, text: str) -> str:
        return _FINE.sub(_whole(phase), text)

    logs = report.keep(lambda one: not is_log(one) or one.name in (*PACEMAKER_LOGS, *COROSYNC_LOGS))
    return without_top_level(logs).rewrite(change, LOGS)


def _whole(phase: float) -> Callable[[re.Match[str]], str]:
    def stamp(match: re.Match[str]) -> str:
        told = datetime.strptime(f"2024 {match[1]}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
        moment = told + timedelta(seconds=float(match[2]) + phase)
        return f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S}"

    return stamp


def deciders(report: Report, start: float, end: float, skews: Skews) -> list[str]:
    """The nodes whose scheduler spoke between two moments: who was DC."""

    def decided(member: Member) -> bool:
        if not is_log(member) or member.folder is None:
            return False
        skew = skews.get(member.folder, 0.0)
        return _DECIDED.search(_between(member.text(), start + skew, end + skew)) is not None

    return list(dict.fromkeys(one.folder for one in report.members if decided(one) and one.folder))


Mutation = Callable[[Report], Report]

#: Those that need nothing but the report, by name.
HARMLESS: Final[dict[str, Mutation]] = {
    "without_top_level": without_top_level,
    "without_syslog": without_syslog,
    "shuffled": shuffled,
    "rotated": rotated,
    "zipped": zipped,
    "carriage_returns": carriage_returns,
    "doubled": doubled,
    "with_time_daemons": with_time_daemons,
}
