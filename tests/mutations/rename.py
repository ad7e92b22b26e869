"""Give every node and resource another name, in every file of a report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from report_files import SYSLOGS, Report

#: Names as clusters have them: qualified and short ones, with dots, dashes, underscores and digits.
NODES: Final = ("db-1.zone-a.example.org", "7th.example.org", "ctl_02", "x1", "a-host-with-a-long-name.example.com")
#: Ids as the CIB allows them (no digit in front), some of which look like operation keys.
RESOURCES: Final = (
    *("web.front-01", "db_main_2", "vip-10.0.0.5", "A", "srv_monitor_10", "x_start", "p-API.v2", "stop_0", "Z_9"),
    *("nfs__export", "proc.start-1", "q", "w_promote", "long-resource-name_with.everything-42", "n0de", "fence.it"),
)
_HEADER: Final = re.compile(r"^((?:\w{3} [ \d]\d \S+|\d{4}-\S+) )([^\s.]+)\.\S+ ", re.MULTILINE)
_IDS: Final = re.compile(r"<(?:primitive|group|clone|master|bundle)\s[^>]*?\bid=\"([^\"]+)\"")


def resources(report: Report) -> list[str]:
    """The ids of every resource in any CIB of the report."""
    found: dict[str, None] = {}
    for member in report.members:
        if member.data is not None and (member.name.startswith(("cib.xml", "pe-")) and "." in member.name):
            found |= dict.fromkeys(_IDS.findall(member.text()))
    return list(found)


def names(old: Iterable[str], pool: Sequence[str]) -> dict[str, str]:
    """A new name for each old one; a pool that is too small goes on with numbers behind."""
    fresh = (f"{name}{number or ''}" for number in range(99) for name in pool)
    return dict(zip(old, fresh, strict=False))


def rename(report: Report, mapping: Mapping[str, str], *, short_hosts: bool = False) -> Report:
    """`short_hosts`: loggers write qualified hosts' names without their domain, as most do."""
    whole = dict(mapping)
    for old, new in mapping.items():
        if "." in old:
            whole.setdefault(old.split(".")[0], new.split(".")[0])
    wanted = re.compile(
        rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, sorted(whole, key=len, reverse=True)))})(?![A-Za-z0-9])"
    )

    def swap(text: str) -> str:
        return wanted.sub(lambda match: whole[match[0]], text)

    changed = report.rewrite(lambda _, text: swap(text))
    renamed = Report(tuple(replace(one, path=_path(one.path, whole), link=one.link) for one in changed.members))
    if not short_hosts:
        return renamed
    return renamed.rewrite(lambda _, text: _HEADER.sub(r"\1\2 ", text), SYSLOGS)


def _path(path: str, mapping: Mapping[str, str]) -> str:
    return "/".join(mapping.get(part, part) for part in path.split("/"))
