"""Weaknesses of a configuration, found without any incident: one module per theme, one function per code.

A code is public (`--ignore`, `logtrace explain`, the JSON's `label`) and never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import polars as pl

from logtrace.config.model import ClusterConfig, HistoryEntry
from logtrace.lint import agents, fencing, leftovers, membership, monitors, recovery, structure, timeouts
from logtrace.lint.finding import Finding
from logtrace.lint.known import SEVERITIES, Known, Weakness
from logtrace.timeline import Timeline

Judge = Callable[[Known], Iterator[Weakness]]

ALL: tuple[tuple[str, Judge], ...] = (
    ("stonith-disabled", fencing.disabled),
    ("stonith-no-devices", fencing.no_devices),
    ("stonith-node-uncovered", fencing.uncovered),
    ("stonith-timeout-short", fencing.timeout_short),
    ("fence-race", fencing.race),
    ("no-quorum-policy-ignore", membership.quorum_ignored),
    ("two-node-off", membership.two_node_off),
    ("wait-for-all-off", membership.wait_for_all_off),
    ("quorum-even", membership.quorum_even),
    ("consensus-short", membership.consensus_short),
    ("token-short", membership.token_short),
    ("token-long", membership.token_long),
    ("link-single", membership.link_single),
    ("maintenance-on", leftovers.maintenance),
    ("resource-blocked", leftovers.blocked),
    ("resource-unmanaged", leftovers.unmanaged),
    ("resource-orphan", leftovers.orphan),
    ("resource-stopped", leftovers.told_to_stop),
    ("constraint-leftover", leftovers.constraint_left),
    ("node-standby", leftovers.standby),
    ("monitor-absent", monitors.absent),
    ("monitor-role-absent", monitors.role_absent),
    ("monitor-duplicate", monitors.duplicate),
    ("monitor-slow", monitors.slow),
    ("timeout-below-seen", timeouts.below_seen),
    ("timeout-below-advertised", timeouts.below_advertised),
    ("script-pid-file", agents.pid_file_unseen),
    ("group-large", structure.group_large),
    ("clone-interleave-off", structure.clone_waits),
    ("service-single", structure.single_instance),
    ("threshold-forever", recovery.threshold_forever),
    ("start-failure-fatal", recovery.start_fatal),
    ("start-failure-endless", recovery.start_endless),
    ("stickiness-absent", recovery.stickiness_absent),
)


def findings(
    config: ClusterConfig,
    timeline: Timeline,
    *,
    history: Sequence[HistoryEntry] = (),
    files: pl.DataFrame | None = None,
) -> tuple[Finding, ...]:
    """Every weakness of `config`, worst first, then in the order of ALL.

    `timeline`: what was seen to happen under it; `history`: what the CIB's status section remembers; `files`: columns
    file, path, for the places of lines. What was not at hand (no CIB, no corosync.conf) has no weaknesses.
    """
    paths = dict(files.select("file", "path").iter_rows()) if files is not None else {}
    known = Known(config, timeline, tuple(history), paths)
    told = {(code, one.subject, one.sentence): one for code, judge in ALL for one in judge(known)}
    ordered = sorted(told.items(), key=lambda item: SEVERITIES.index(item[1].severity))
    return tuple(
        Finding(code, one.severity, one.subject, one.sentence, one.commands, one.evidence)
        for (code, _, _), one in ordered
    )
