"""How long Corosync takes to miss a node and to agree on a membership without it."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta

from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.defaults import CONSENSUS_FACTOR, TOKEN_SECONDS
from logtrace.config.model import ClusterConfig
from logtrace.domain.durations import LONGEST
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline, computed_once

#: When a member told of its token, and of its consensus, in milliseconds.
Told = tuple[datetime, float, float | None]

#: The longest default token of any release, in seconds: what is known of a cluster that tells nothing of its own.
_LONGEST_TOKEN = max(seconds for _, seconds in TOKEN_SECONDS)


def agreement(timeline: Timeline, config: ClusterConfig, until: datetime) -> timedelta:
    """Token and consensus, as a member told them last before `until`, as configured, or as the releases of today have
    them by default.
    """
    token = next((token for _, token, _ in reversed(told_tokens(timeline, until)) if token), None)
    if token is not None:
        return timedelta(milliseconds=min(token, LONGEST * 1000) * (1 + CONSENSUS_FACTOR))
    seconds = token_seconds(config)
    if seconds is None:
        return timedelta(seconds=_LONGEST_TOKEN * (1 + CONSENSUS_FACTOR))
    return timedelta(seconds=seconds + (consensus_seconds(config) or seconds * CONSENSUS_FACTOR))


def told_tokens(timeline: Timeline, until: datetime) -> list[Told]:
    """What members told of their token, and of their consensus (None where they did not), up to `until`."""
    told = _tokens(timeline)
    return told[: bisect_right(told, until, key=_when)]


@computed_once
def _tokens(timeline: Timeline) -> list[Told]:
    lines = timeline.events.of(Kind.TOTEM_TOKEN, columns=("time", "token_ms", "consensus_ms"))
    return lines.drop_nulls("token_ms").rows()


def _when(told: Told) -> datetime:
    return told[0]
