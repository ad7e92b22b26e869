"""When a lost node was last heard of: how long Corosync waits for one it no longer hears."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
from msgspec.structs import replace

from logtrace.config.corosync import consensus_seconds, token_seconds
from logtrace.config.defaults import CONSENSUS_FACTOR
from logtrace.config.model import ClusterConfig, Corosync
from logtrace.domain.durations import LONGEST
from logtrace.domain.kinds import Kind
from logtrace.timeline import Timeline

#: Syslog leaves out fractions: a line within this of the expected time stands where it is expected.
_SECOND = timedelta(seconds=1)


def last_heard(timeline: Timeline, config: ClusterConfig, detected: datetime) -> datetime | None:
    """The last moment a node can have been heard of whose membership ended at `detected`; None when nothing tells how
    long Corosync waits.

    That is token plus consensus: as a member tells them when its token times out (Corosync 2.4.6, 3.1.0), as
    configured, or as the release has them. Agreement may take a second round; then that line tells when it began.
    """
    told = timeline.events.of(Kind.TOTEM_TOKEN, columns=("time", "token_ms", "consensus_ms")).drop_nulls("token_ms")
    told = told.filter(pl.col("time") <= detected)
    if told.is_empty():
        return _by_configuration(timeline, config, detected)
    time, token, consensus = told.row(-1)
    waited = _milliseconds(consensus or token * CONSENSUS_FACTOR)
    regular = detected - waited
    began: datetime = time if regular - waited <= time < regular - _SECOND else regular
    return began - _milliseconds(token)


def _milliseconds(number: float) -> timedelta:
    return timedelta(milliseconds=min(number, LONGEST * 1000))


def _by_configuration(timeline: Timeline, config: ClusterConfig, detected: datetime) -> datetime | None:
    if token_seconds(config) is None:
        release = next((one.version for one in reversed(timeline.rows.get(Kind.COROSYNC_START)) if one.version), None)
        known = config.corosync or Corosync(nodes=config.nodes)
        config = replace(config, corosync=replace(known, version=release))
    token, consensus = token_seconds(config), consensus_seconds(config)
    return None if token is None or consensus is None else detected - timedelta(seconds=token + consensus)
