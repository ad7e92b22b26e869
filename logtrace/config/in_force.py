"""Which configuration was in force: the newest of many CIBs, the one at a time, and what only logs tell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from logtrace.config import changes
from logtrace.config.changes import Change
from logtrace.config.model import ClusterConfig, Corosync, Primitive, Snapshot


def choose(snapshots: Sequence[Snapshot], corosync: Corosync | None) -> ClusterConfig | None:
    """The newest configuration: highest (admin_epoch, epoch, num_updates), then latest in time.

    Without any CIB it knows only `corosync`, and its `epoch` is None; None when there is neither.
    """
    latest = newest(snapshots)
    if latest is None:
        return None if corosync is None else with_corosync(ClusterConfig(), corosync)
    return with_corosync(latest.config, corosync)


def newest(snapshots: Sequence[Snapshot]) -> Snapshot | None:
    """The CIB that was written last, see choose; None where there is none."""
    return max(snapshots, key=_age, default=None)


def config_at(
    snapshots: Iterable[Snapshot],
    when: datetime,
    corosync: Corosync | None = None,
    logged: Sequence[Change] = (),
) -> ClusterConfig | None:
    """The configuration in force at `when` (aware): that of the last scheduler input computed up to then.

    Before the first, that of the first. `logged`: what logs tell of changes (logtrace.config.changes) is laid over it;
    then a CIB without a date, saved when the report was made, is enough to begin with. None when no snapshot carries
    an execution date (Pacemaker before 1.1.14) and nothing was logged.
    """
    several = list(snapshots)
    dated = sorted(((one.executed, one) for one in several if one.executed is not None), key=lambda pair: pair[0])
    if dated:
        executed, nearest = ([pair for pair in dated if pair[0] <= when.timestamp()] or dated[:1])[-1]
        saved, base = datetime.fromtimestamp(executed, UTC), nearest.config
    elif logged and (latest := newest(several)) is not None:
        saved, base = None, latest.config
    else:
        return None
    return with_corosync(changes.at(base, saved, logged, when), corosync)


class Configurations(Struct, frozen=True):
    """The configuration in force at any moment of a case.

    `dated`: what scheduler inputs held, with the epochs they were computed at, in order. After the last of them, and
    where there is none, the `newest` of all that is at hand.
    """

    newest: ClusterConfig
    dated: tuple[tuple[float, ClusterConfig], ...] = ()

    def at(self, when: datetime) -> ClusterConfig:
        """The one in force at `when` (aware); before the first scheduler input, that one's."""
        if not self.dated or when.timestamp() >= self.dated[-1][0]:
            return self.newest
        last = bisect_right(self.dated, when.timestamp(), key=_executed)
        return self.dated[max(0, last - 1)][1]


def over_time(snapshots: Iterable[Snapshot], newest: ClusterConfig, devices: Sequence[str] = ()) -> Configurations:
    """`newest`, and before it what scheduler inputs held. What is no part of a CIB is the same at all times: Corosync's
    files, sbd's timeouts, and the fence `devices` that were seen.
    """
    dated = {one.executed: one.config for one in snapshots if one.executed is not None}
    return Configurations(newest, tuple((when, _like(dated[when], newest, devices)) for when in sorted(dated)))


def _like(config: ClusterConfig, newest: ClusterConfig, devices: Sequence[str]) -> ClusterConfig:
    if config.epoch and newest.epoch and config.epoch[:2] == newest.epoch[:2]:
        return newest  # they differ in what their status sections hold
    known = replace(config, corosync=newest.corosync, sbd=newest.sbd, cluster_name=newest.cluster_name)
    return with_devices(known, devices)


def _executed(dated: tuple[float, ClusterConfig]) -> float:
    return dated[0]


def with_corosync(config: ClusterConfig, corosync: Corosync | None) -> ClusterConfig:
    """`config` with what corosync's own files know added."""
    if corosync is None:
        return config
    return replace(config, corosync=corosync, cluster_name=config.cluster_name or corosync.cluster_name)


def with_devices(config: ClusterConfig, devices: Iterable[str]) -> ClusterConfig:
    """`config` with fence devices that the fencer registered and no CIB describes: they are no services."""
    unknown = {
        name: Primitive(id=name, klass="stonith", provider=None, type="unknown", configured=False)
        for name in devices
        if name not in config.primitives
    }
    return replace(config, primitives={**config.primitives, **unknown}) if unknown else config


def _age(snapshot: Snapshot) -> tuple[tuple[int, int, int], datetime, int]:
    config = snapshot.config
    return config.epoch or (-1, -1, -1), config.written or datetime.min, snapshot.executed or 0  # noqa: DTZ901  naive
