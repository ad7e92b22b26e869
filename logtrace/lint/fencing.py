"""Fencing: off, without devices, not for every node, racing, or given too little time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from logtrace.config.commands import parameter, property_
from logtrace.config.model import Primitive
from logtrace.config.query import property_of
from logtrace.domain import durations
from logtrace.domain.values import true
from logtrace.lint import commands
from logtrace.lint.known import Known, Weakness, rounded_up, said

#: A disk message counts as read only after msgwait; the timeout must leave room for that and for the reset (sbd).
MSGWAIT_MARGIN: Final = 1.2
#: Fencing that has used this share of its time when all was well will overrun it when all is not.
TIGHT: Final = 0.8

_DELAYS = ("pcmk_delay_max", "pcmk_delay_base", "delay")


def disabled(known: Known) -> Iterator[Weakness]:
    """stonith-enabled=false: after the loss of a node nothing proves that it is down."""
    if known.config.epoch is not None and not enabled(known):
        devices = known.devices
        yield Weakness(
            "error",
            "stonith-enabled",
            "Fencing is off: what a lost node ran is started elsewhere without proof that the node is down, and a stop "
            "that fails blocks its resource until somebody comes."
            + ("" if devices else " Configure a fence device before switching it on, or nothing will be started."),
            property_("stonith-enabled", "true") if devices else commands.fence_agents(),
            known.cib,
        )


def no_devices(known: Known) -> Iterator[Weakness]:
    """Fencing is on and nothing can do it: resources are not even started."""
    if known.config.epoch is not None and enabled(known) and not known.devices and not watchdog(known):
        yield Weakness(
            "error",
            "stonith-enabled",
            "Fencing is on, but there is no fence device: nothing is started, and a lost node is waited for.",
            commands.fence_agents(),
            known.cib,
        )


def uncovered(known: Known) -> Iterator[Weakness]:
    """A node that no device names, where every device names its nodes."""
    devices = known.devices
    hosts = [_hosts(device) for device in devices]
    if not devices or not enabled(known) or watchdog(known) or any(names is None for names in hosts):
        return
    named = {name.lower() for names in hosts for name in names or ()}
    for node in known.config.nodes.values():
        if node.lower() not in named:
            yield Weakness(
                "error",
                node,
                f"None of the {len(devices)} fence devices names this node: it cannot be fenced, and what it ran "
                "would wait for that.",
                commands.fence_agents(),
                known.cib,
            )


def race(known: Known) -> Iterator[Weakness]:
    """Two nodes that lose each other shoot at the same moment, and both may die."""
    devices = known.devices
    corosync = known.config.corosync
    if len(known.config.nodes) != 2 or not devices or not enabled(known) or (corosync and corosync.quorum_device):
        return
    if (durations.seconds(property_of(known.config, "priority-fencing-delay")) or 0) > 0:
        return
    if any(_delay(device) > 0 for device in devices):
        return
    name, value = ("pcmk_delay_base", "5s") if len(devices) > 1 else ("pcmk_delay_max", "10s")
    yield Weakness(
        "warning",
        devices[0].id,
        "Neither node waits before it fences the other: after a split both may be shot at once.",
        parameter(devices[0].id, name, value),
        known.cib,
    )


def timeout_short(known: Known) -> Iterator[Weakness]:
    """stonith-timeout against the delays of devices, sbd's msgwait and what fencing was seen to take."""
    timeout = durations.seconds(property_of(known.config, "stonith-timeout"))
    if timeout is None or not enabled(known) or not (known.devices or watchdog(known)):
        return
    told, needed = [], 0.0
    sbd = known.config.sbd
    if sbd is not None and sbd.msgwait is not None and timeout < sbd.msgwait * MSGWAIT_MARGIN:
        told.append(f"sbd counts a message as delivered only after msgwait, {said(sbd.msgwait)}")
        needed = sbd.msgwait * 1.5
    for device in known.devices:
        if (delay := _delay(device)) >= timeout:
            told.append(f"{device.id} waits {said(delay)} before it acts")
            needed = max(needed, delay + 60.0)
    took, slowest = max(
        ((one.seconds or 0.0, one) for one in known.timeline.fencings if one.status == "ok"),
        key=lambda pair: pair[0],
        default=(0.0, None),
    )
    if slowest is not None and took >= timeout * TIGHT:
        told.append(f"fencing {slowest.target} took {said(took)}")
        needed = max(needed, 2 * took)
    if told:
        yield Weakness(
            "warning",
            "stonith-timeout",
            f"Fencing is given up after {said(timeout)}, but {' and '.join(told)}.",
            property_("stonith-timeout", rounded_up(needed)),
            (*known.cib, *known.lines(slowest.events[:1] if slowest else ())),
        )


def enabled(known: Known) -> bool:
    """Whether fencing is on, by whatever spelling."""
    return true(property_of(known.config, "stonith-enabled"), default=True)


def watchdog(known: Known) -> bool:
    """Whether a lost node is trusted to reset itself (sbd without a disk)."""
    wait = durations.seconds(property_of(known.config, "stonith-watchdog-timeout"))
    return true(known.config.properties.get("have-watchdog")) and (wait is None or wait > 0)


def _delay(device: Primitive) -> float:
    """The longest wait a device is configured to, in seconds; per node (`node1:5s;node2:0`) the longest of them."""
    found = [durations.seconds(part) for name in _DELAYS for part in _values(device.params.get(name, ""))]
    return max((seconds for seconds in found if seconds is not None), default=0.0)


def _values(text: str) -> list[str]:
    return [part.rpartition(":")[2] for part in re.split(r"[;,\s]+", text) if part]


def _hosts(device: Primitive) -> set[str] | None:
    """The nodes a device names; None when it is asked, or takes any."""
    if device.params.get("pcmk_host_check", "static-list") != "static-list":
        return None
    listed = device.params.get("pcmk_host_list", "") + " " + device.params.get("hostlist", "")
    mapped = device.params.get("pcmk_host_map", "")
    names = {part for part in re.split(r"[;,\s]+", listed) if part}
    names |= {part.partition(":")[0].partition("=")[0] for part in re.split(r"[;\s]+", mapped) if part}
    return names or None
