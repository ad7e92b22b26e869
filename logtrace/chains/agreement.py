"""How long Corosync takes to miss a node and to agree on a membership without it."""

from __future__ import annotations

from datetime import datetime, timedelta

from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.defaults import CONSENSUS_FACTOR, TOKEN_SECONDS
from logtrace.config.model import ClusterConfig
from logtrace.domain.durations import LONGEST
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline

#: The longest default token of any release, in seconds: what is known of a cluster that tells nothing of its own.
_LONGEST_TOKEN = max(seconds for _, seconds in TOKEN_SECONDS)


def agreement(timeline: Timeline, config: ClusterConfig, until: datetime) -> timedelta:
    """Token and consensus, as a member told them last before `until`, as configured, or as the releases of today have
    them by default.
    """
    told = timeline.before(Kind.TOTEM_TOKEN, until)
    token = next((event.token_ms for event in reversed(told) if event.token_ms), None)
    if token is not None:
        return timedelta(milliseconds=min(token, LONGEST * 1000) * (1 + CONSENSUS_FACTOR))
    seconds = token_seconds(config)
    if seconds is None:
        return timedelta(seconds=_LONGEST_TOKEN * (1 + CONSENSUS_FACTOR))
    return timedelta(seconds=seconds + (consensus_seconds(config) or seconds * CONSENSUS_FACTOR))
