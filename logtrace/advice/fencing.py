"""Fencing that is quick, that works, and that exists."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from logtrace.advice.situation import Situation
from logtrace.assessment.reasons import reason_for_fencing
from logtrace.config.commands import joined, levels, parameter, property_
from logtrace.config.model import ClusterConfig, Primitive
from logtrace.config.query import property_of
from logtrace.domain import durations
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.domain.values import true
from logtrace.timeline import Timeline, computed_once
from logtrace.timeline.fencing import Attempt, Fencing
from logtrace.whatif.model import Change

#: What a management board or a power switch needs to confirm that a node is off.
_QUICK = 5.0

_BY_HAND = "test it by hand with its agent's status action from every node, address, user and route included"

#: Less is not worth a change.
_LEAST = 1.0

#: Two nodes that shoot at the same time: one of them is given this start.
_HEAD_START = 5.0


def advise(situation: Situation) -> Iterator[Advice]:
    """Delays and slow devices, failed requests, and nodes that should have been fenced."""
    fencings = [each for each in situation.one.chain.fencings if each.ended is not None]
    if situation.true("slow_fencing") and fencings and not situation.is_headline("fencing_failure"):
        yield from _slow(situation, max(fencings, key=lambda each: each.seconds or 0.0))
    if situation.concerns("fencing_failure") and situation.one.chain.fencings:
        yield from _failed(situation, situation.one.chain.fencings[0])
    if situation.is_headline("stop_failure", "network_partition", "multiple_active", "quorum_loss"):
        yield from _missing(situation)
    if situation.concerns("network_partition") and situation.one.chain.losses and len(situation.nodes) == 2:
        yield from _head_start(situation)


def devices_of(config: ClusterConfig, node: str) -> list[Primitive]:
    """Fence devices that say they can fence `node`; those that say nothing may, and come last."""
    found, open_ = [], []
    for device in config.primitives.values():
        if device.klass != "stonith":
            continue
        hosts = device.params.get("pcmk_host_list", "") + " " + device.params.get("pcmk_host_map", "")
        if node in hosts.replace(",", " ").replace(";", " ").replace(":", " ").split():
            found.append(device)
        elif not hosts.strip() and "hostname" not in device.params:
            open_.append(device)
    return [*found, *open_]


def _device(situation: Situation, fencing: Fencing) -> tuple[Primitive | None, str | None]:
    """(the device in the CIB, its name): as the log names it, else the first that can fence the target."""
    logged = (
        fencing.device if fencing.device and not fencing.device.startswith("(") else None
    )  # "(any)": not yet chosen
    named = situation.config.primitives.get(logged or "")
    device = named or next(iter(devices_of(situation.config, fencing.target)), None)
    return device, logged or (device.id if device is not None else None)


def _slow(situation: Situation, fencing: Fencing) -> Iterator[Advice]:
    if fencing.passed_over is not None:
        yield _first_level(situation, fencing, fencing.passed_over)
        return
    if fencing.self_ms:
        yield _watchdog(situation, fencing, fencing.self_ms / 1000)
        return
    (device, name), seconds = _device(situation, fencing), fencing.seconds or 0.0
    delays = {
        delay: value
        for delay in ("pcmk_delay_max", "pcmk_delay_base")
        if device is not None and (value := durations.seconds(device.params.get(delay))) and value >= 1
    }
    delayed = (fencing.delay_ms or 0.0) / 1000 or max(delays.values(), default=0.0)
    if device is not None and delays and delayed >= 1:
        keep = _HEAD_START if len(situation.nodes) == 2 else 0.0
        left = max(0.5, seconds - max(0.0, delayed - keep))
        saves, basis = situation.saves(Change("fencing", left))
        yield Advice(
            "fencing_delay",
            f"Take the delay out of {device.id}: {delayed:.0f} s of the {seconds:.1f} s it took to fence "
            f"{fencing.target} were {' and '.join(delays)}" + (f"; {keep:g} s are enough" if keep else ""),
            joined(*(parameter(device.id, delay, f"{keep:g}s") for delay in delays)),
            saves=saves,
            saves_basis=basis,
            risk="with two nodes, only one of the two devices may have the delay, else both nodes are shot"
            if keep
            else "none with quorum: the delay only matters to two nodes that fence each other",
        )
        return
    if delayed * 2 >= seconds:
        yield _undelayed(situation, fencing, name or "its device", delayed)
        return
    was_off = fencing.fence_action == "off"
    how = (
        "Measure what it waits for: logins, retries, its own power_wait and power_timeout"
        if was_off
        else "Let it switch off instead of rebooting, so that it need not wait for the node to come up"
    )
    saves, basis = situation.saves(Change("fencing", _QUICK))
    if saves is not None and saves < _LEAST:
        return  # what ran there ran on until it was fenced
    yield Advice(
        "faster_fencing",
        f"Have {fencing.target} fenced within {_QUICK:g} s: {name or 'its device'} took {seconds:.1f} s. {how}",
        parameter(device.id, "pcmk_reboot_action", "off") if device is not None and not was_off else {},
        saves=saves,
        saves_basis=f"{basis}; {_QUICK:g} s is what a management board or power switch needs",
        risk="a device that answers too early leaves the node running: measure it by hand first"
        if was_off
        else "the node stays off until somebody switches it on; measure the device by hand first",
    )


def _undelayed(situation: Situation, fencing: Fencing, name: str, delayed: float) -> Advice:
    """Most of it was a delay that the fencer tells of; which option sets it is not at hand."""
    seconds = fencing.seconds or 0.0
    saves, basis = situation.saves(Change("fencing", max(0.5, seconds - max(0.0, delayed - _HEAD_START))))
    return Advice(
        "fencing_delay",
        f"Shorten the delay of fencing {fencing.target} with {name} (pcmk_delay_base, pcmk_delay_max or "
        f"priority-fencing-delay): it was {delayed:.0f} of the {seconds:.1f} s. One of two nodes needs a head start of "
        f"{_HEAD_START:g} s, more nodes need none",
        saves=saves,
        saves_basis=basis,
        risk="with two nodes, only one of the two devices may have the delay, else both nodes are shot",
    )


def _first_level(situation: Situation, fencing: Fencing, failed: Attempt) -> Advice:
    """What did it was quick enough; what was tried before it did not work."""
    seconds = fencing.seconds or 0.0
    spent = (failed.ended - fencing.requested).total_seconds()
    saves, basis = situation.saves(Change("fencing", max(0.0, seconds - spent)))
    return Advice(
        "fix_fencing",
        f"Repair {failed.device}, which failed after {spent:.1f} s before {fencing.device} fenced {fencing.target} in "
        f"{seconds - spent:.1f} s: {_BY_HAND}",
        files=_agent(situation.config.primitives.get(failed.device)),
        saves=saves,
        saves_basis=f"{basis}; {seconds - spent:.1f} s is what {fencing.device} took",
        risk="a test that reboots takes the node down",
    )


def _watchdog(situation: Situation, fencing: Fencing, given: float) -> Advice:
    """Without a device the cluster waits until the node has reset itself."""
    saves, basis = situation.saves(Change("fencing", _QUICK))
    return Advice(
        "faster_fencing",
        f"Have {fencing.target} fenced within {_QUICK:g} s: there is no device for it, and its own watchdog was given "
        f"{given:g} s (stonith-watchdog-timeout). Shorten that with SBD_WATCHDOG_TIMEOUT, to no less than twice as "
        "long, or give it a fence device",
        files=("/etc/sysconfig/sbd",),
        saves=saves,
        saves_basis=f"{basis}; {_QUICK:g} s is what a management board or power switch needs",
        risk="a timeout that is shorter than the watchdog's own starts services while the node still runs them",
    )


def _agent(device: Primitive | None) -> tuple[str, ...]:
    return () if device is None else (f"/usr/sbin/{device.type}",)


def _failed(situation: Situation, fencing: Fencing) -> Iterator[Advice]:
    config, target = situation.config, fencing.target
    devices = devices_of(config, target)
    measured = _quickest(situation.one.timeline)
    usual = measured if measured is not None else _QUICK
    saves, basis = situation.saves(Change("fencing", usual))
    source = "the quickest fencing of this case" if measured is not None else "what a working device needs"
    basis = f"{basis}; fencing within {usual:.1f} s: {source}"
    if saves is not None and saves < 0.5:
        saves, basis = None, "not computed: the logs do not tell how long the failed requests took"
    _, name = _device(situation, fencing)
    failed = f"{max(fencing.failures, 1)} request{'s' if fencing.failures > 1 else ''} failed"
    reason = reason_for_fencing(situation.one, fencing)
    how = reason.advice if reason is not None else None
    with_what = f" with {name}" if name else ": no device can do it" if _has_no_device(situation, fencing) else ""
    yield Advice(
        "fix_fencing",
        f"Repair the fencing of {target} ({failed}{with_what}): {how or _BY_HAND}",
        files=_agent(next(iter(devices), None)),
        saves=saves,
        saves_basis=basis,
        risk="a test that reboots takes the node down",
    )
    if len(devices) > 1 and not config.fencing_levels:
        yield Advice(
            "fencing_level",
            f"Give {target} a second fencing level: {devices[1].id} when {devices[0].id} fails",
            levels(target, [device.id for device in devices[:2]]),
            saves_basis="not computed: it is not known how long the second device needs",
            risk="the devices must not depend on the same power or network",
        )


def _has_no_device(situation: Situation, fencing: Fencing) -> bool:
    """Whether a line says that nobody has a device for it."""
    nobody = (pl.col("kind") == Kind.FENCE_NO_DEVICE) | (pl.col("status").str.to_lowercase() == "no such device")
    lines = situation.one.timeline.events.of(Kind.FENCE_NO_DEVICE, Kind.FENCE_RESULT)
    return not lines.filter(nobody & pl.col("event").is_in(fencing.events)).is_empty()


@computed_once
def _quickest(timeline: Timeline) -> float | None:
    """The seconds of the quickest fencing that succeeded at once."""
    good = [each.seconds for each in timeline.fencings if each.status == "ok" and not each.failures]
    return min((seconds for seconds in good if seconds), default=None)


def _missing(situation: Situation) -> Iterator[Advice]:
    """Nodes could not be fenced because fencing is off."""
    if situation.config.epoch is None or true(property_of(situation.config, "stonith-enabled")):
        return
    devices = [one for one in situation.config.primitives.values() if one.klass == "stonith"]
    saves, basis = None, "not computed: no fencing was seen in this case"
    recovery, stop = situation.recovery, next(iter(situation.one.failures("stop")), None)
    measured = [each.seconds for each in situation.one.timeline.fencings if each.status == "ok" and each.seconds]
    if situation.is_headline("stop_failure") and recovery is not None and stop is not None and measured:
        ended = (stop.end - situation.one.detected).total_seconds()
        starts = sum(one.seconds for one in recovery.activities if one.what == "start" and one.start >= ended)
        saves = max(0.0, recovery.outage - (ended - recovery.began) - max(measured) - starts)
        basis = (
            f"the wait after the failed stop, less {max(measured):.1f} s of fencing as measured and {starts:.1f} s of "
            "starts"
        )
    what = "the cluster can then be sure that a node it cannot see runs nothing"
    if situation.is_headline("stop_failure"):
        what = "a failed stop then fences the node and the service starts elsewhere, instead of staying blocked"
    yield Advice(
        "enable_stonith",
        f"Turn on fencing: {what}" + ("" if devices else "; first define a fence device for each node"),
        property_("stonith-enabled", "true") if devices else {},
        saves=saves,
        saves_basis=basis,
        risk="a node whose device does not work blocks recovery: test every device first",
    )


def _head_start(situation: Situation) -> Iterator[Advice]:
    """Two nodes that lose each other fence each other; one must be slower."""
    config = situation.config
    devices = devices_of(config, situation.nodes[0])
    shooters = [one for one in config.primitives.values() if one.klass == "stonith"]
    delays = [name for one in shooters for name in one.params if "pcmk_delay" in name]
    if not devices or delays or not true(property_of(config, "stonith-enabled")):
        return
    yield Advice(
        "fencing_head_start",
        f"Let {situation.nodes[0]} win when both nodes shoot: delay its fencing by {_HEAD_START:g} s",
        parameter(devices[0].id, "pcmk_delay_base", f"{_HEAD_START:g}s"),
        saves_basis="not computed: it prevents that both nodes are down, it does not shorten this outage",
        risk=f"a real loss of {situation.nodes[0]} is recovered {_HEAD_START:g} s later",
    )
