"""How many actions a node runs at once, learnt from how many it was seen to run when more were waiting.

The controller lets a node run `node-action-limit` actions, by default twice its processors; half of that under low
load and until the node has told its load, a quarter under medium, one under high (controld_throttle.c,
throttle_get_job_limit).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta

from logtrace.config.model import ClusterConfig
from logtrace.domain.kinds import Kind
from logtrace.timeline import Run, Timeline, computed_once
from logtrace.timeline.rows import Event

#: Load mode as printed (words since 2.0.5, bits before) -> the part of the limit that is allowed.
_PART = {
    "negligible": 1.0, "0000": 1.0,
    "low": 0.5, "0001": 0.5, "undetermined": 0.5, "ffff": 0.5,
    "medium": 0.25, "0010": 0.25,
    "high": 0.0, "0100": 0.0, "extreme": 0.0, "1000": 0.0,
}  # fmt: skip

#: A burst tells the limit only when this many more actions waited than ran.
_WAITING = 2


def jobs_at_once(timeline: Timeline, config: ClusterConfig, when: datetime, nodes: set[str]) -> int | None:
    """The number of actions `nodes` run at once around `when`; None when nothing in the case was held back by it."""
    full = _configured(config) or _learnt(timeline)
    if full is None:
        return None
    part = min((_part(timeline, node, when) for node in nodes), default=1.0)
    return max(1, int(full * part))


def _configured(config: ClusterConfig) -> int | None:
    """A node-action-limit of 1 or more; 0, the default, means twice the processors."""
    text = config.properties.get("node-action-limit", "")
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < 6 else None


@computed_once
def _learnt(timeline: Timeline) -> int | None:
    """Probes of one node in one transition wait for nothing but room: the most that ran at once is the limit then."""
    bursts: defaultdict[tuple[str, int | None], list[Run]] = defaultdict(list)
    for run in timeline.runs:
        if run.request_event is not None and run.precise:
            bursts[(run.node, run.transition)].append(run)
    found = []
    for (node, _), runs in bursts.items():
        most = _at_once(runs)
        part = _part(timeline, node, runs[0].start)
        probes = sum(1 for run in runs if run.probe)
        if part > 0 and most > 0 and probes >= most + _WAITING:
            found.append(round(most / part))
    return max(found, default=None)


def _at_once(runs: list[Run]) -> int:
    moments = sorted([(run.start, 1) for run in runs] + [(run.end - timedelta(milliseconds=1), -1) for run in runs])
    most = now = 0
    for _, step in moments:
        now += step
        most = max(most, now)
    return most


def _part(timeline: Timeline, node: str, when: datetime) -> float:
    """The part of the limit that `node` was allowed: by the last mode it told, else that of an undetermined load."""
    told = _modes(timeline).get(node, [])
    last = bisect_right(told, when, key=lambda event: event.time)
    return _PART.get((told[last - 1].state or "").lower(), 1.0) if last else 0.5


@computed_once
def _modes(timeline: Timeline) -> dict[str, list[Event]]:
    modes: defaultdict[str, list[Event]] = defaultdict(list)
    for event in timeline.rows.get(Kind.LOAD_MODE, []):
        modes[event.node].append(event)
    return modes
