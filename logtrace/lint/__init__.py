"""Weaknesses of a configuration, found without any incident: a chapter for each subject, a declaration a check."""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.config.model import ClusterConfig, Snapshot
from logtrace.lint import fencing, leftovers, monitors, quorum, recovery, scripts, structure, timeouts, totem
from logtrace.lint.check import Check, Facts
from logtrace.lint.finding import SEVERITIES, Finding
from logtrace.timeline import Timeline

_CHAPTERS: Final = (fencing, quorum, totem, leftovers, monitors, timeouts, scripts, structure, recovery)

#: Every check, in the order of the chapters and in the order in which each declares them.
CHECKS: Final[tuple[Check, ...]] = tuple(
    one for chapter in _CHAPTERS for one in vars(chapter).values() if isinstance(one, Check)
)


def findings(
    config: ClusterConfig,
    timeline: Timeline,
    *,
    snapshot: Snapshot | None = None,
    files: pl.DataFrame | None = None,
) -> tuple[Finding, ...]:
    """Every weakness of `config`, worst first, then in the order of CHECKS.

    `timeline`: what was seen to happen under it; `snapshot`: the CIB it came from, for what its status section
    remembers; `files`: columns file, path, for the places of lines.
    What was not at hand (no CIB, no corosync.conf) has no weaknesses.
    """
    paths = dict(files.select("file", "path").iter_rows()) if files is not None else {}
    facts = Facts(config, timeline, snapshot or Snapshot(config), paths)
    told = {(one.label, one.subject, one.sentence): one for check in CHECKS for one in check.findings(facts)}
    return tuple(sorted(told.values(), key=lambda one: SEVERITIES.index(one.severity)))
