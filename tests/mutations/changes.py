"""Changes to a report: those that keep all it says, and those that take witnesses away."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from report_files import COROSYNC_LOGS, LOGS, PACEMAKER_LOGS, SYSLOGS, Member, Report, save

_STAMP: Final = re.compile(
    r"(?:(?P<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)|(?P<named>\w{3} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?))"
)
_DECIDED: Final = re.compile(
    r"^.{0,40}(?:pacemaker-schedulerd|pengine).*(?:saving inputs in|Calculated|PEngine Input)", re.MULTILINE
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
}
