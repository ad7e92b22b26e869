"""Fencing: off, without devices, not for every node, racing, or given too little time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from logtrace.config import commands
from logtrace.config.failures import fencing_enabled
from logtrace.config.model import Primitive
from logtrace.config.query import guest_names, property_of
from logtrace.domain import durations
from logtrace.domain.values import true
from logtrace.lint.check import Look, Source, check, rounded_up, said
from logtrace.lint.finding import Finding

#: A disk message counts as read only after msgwait; the timeout must leave room for that and for the reset (sbd).
MSGWAIT_MARGIN: Final = 1.2
#: Fencing that has used this share of its time when all was well will overrun it when all is not.
TIGHT: Final = 0.8

_DELAYS = ("pcmk_delay_max", "pcmk_delay_base", "delay")


@check(
    "stonith-disabled",
    "error",
    Source.CIB,
    line="Fencing is switched off.",
    means="""
        A node that falls silent may still be writing. Without fencing its resources are started elsewhere on
        mere suspicion, and a failed stop blocks its resource for good. Everything works in tests and fails on
        the day it matters.
    """,
    proves="The property stonith-enabled (fencing-enabled in new releases) is false in the CIB.",
    disproves="""
        A cluster without shared data, of services that may run twice, can live without. A test system may. Some
        products fence by themselves, outside Pacemaker.
    """,
    fix="""
        Configure a device for every node and test it, then switch fencing on; the other way round nothing is
        started any more. Without any device, sbd with a hardware watchdog is the least.
    """,
)
def disabled(look: Look) -> Iterator[Finding]:
    """stonith-enabled=false: after the loss of a node nothing proves that it is down."""
    if not fencing_enabled(look.config):
        devices = look.devices
        yield look.finding(
            "stonith-enabled",
            "Fencing is off: what a lost node ran is started elsewhere without proof that the node is down, and a stop "
            "that fails blocks its resource until somebody comes."
            + ("" if devices else " Configure a fence device before switching it on, or nothing will be started."),
            commands.property_("stonith-enabled", "true") if devices else commands.fence_agents(),
        )


@check(
    "stonith-no-devices",
    "error",
    Source.CIB,
    line="Fencing is on, and there is no device to do it.",
    means="""
        Pacemaker refuses to start resources in such a cluster, and a lost node is waited for without end. The
        scheduler says so at every run.
    """,
    proves="""
        stonith-enabled is true or unset, no resource is of the class stonith, and no watchdog fencing is
        configured.
    """,
    disproves="Watchdog fencing by sbd without a disk needs no device; it shows in have-watchdog.",
    fix="""
        Add a device for the hardware at hand and test it against every node. The command lists what is
        installed; the right agent depends on what can cut the power.
    """,
)
def no_devices(look: Look) -> Iterator[Finding]:
    """Fencing is on and nothing can do it: resources are not even started."""
    if fencing_enabled(look.config) and not look.devices and not watchdog(look):
        yield look.finding(
            "stonith-enabled",
            "Fencing is on, but there is no fence device: nothing is started, and a lost node is waited for.",
            commands.fence_agents(),
        )


@check(
    "stonith-node-uncovered",
    "error",
    Source.CIB,
    line="No fence device covers this node.",
    means="""
        The node cannot be fenced. When it is lost, fencing fails at once and everything it ran waits. It is
        often a node that was added later, or one whose name was misspelt.
    """,
    proves="Every device names its nodes, by pcmk_host_list or pcmk_host_map, and none of them names this one.",
    disproves="A device without such a list is asked by the fencer and may cover any node; then nothing is said here.",
    fix="Add the node to a device's list or map, or give it a device of its own, and test it.",
)
def uncovered(look: Look) -> Iterator[Finding]:
    """A node that no device names, where every device names its nodes."""
    devices = look.devices
    hosts = [_hosts(device) for device in devices]
    if not devices or not fencing_enabled(look.config) or watchdog(look) or any(names is None for names in hosts):
        return
    named = {name.lower() for names in hosts for name in names or ()}
    for node in look.config.nodes.values():
        if node.lower() not in named and node not in guest_names(look.config):
            yield look.finding(
                node,
                f"None of the {len(devices)} fence devices names this node: it cannot be fenced, and what it ran "
                "would wait for that.",
                commands.fence_agents(),
            )


@check(
    "stonith-timeout-short",
    "warning",
    Source.CIB,
    line="Fencing is given too little time.",
    means="""
        The fencer gives up before the device can be done, counts a failure and tries again, although the node
        may already be going down. Recovery waits for all of that.
    """,
    proves="""
        stonith-timeout is below 1.2 times sbd's message timeout, below a delay configured for a device, or
        hardly above what fencing was seen to take.
    """,
    disproves="""
        A device's own pcmk_reboot_timeout may allow for more. Newer releases add configured delays to the
        timeout by themselves.
    """,
    fix="""
        Set stonith-timeout above msgwait and every delay with a margin of half; it costs nothing while fencing
        works.
    """,
)
def timeout_short(look: Look) -> Iterator[Finding]:
    """stonith-timeout against the delays of devices, sbd's msgwait and what fencing was seen to take."""
    timeout = durations.seconds(property_of(look.config, "stonith-timeout"))
    if timeout is None or not fencing_enabled(look.config) or not (look.devices or watchdog(look)):
        return
    told, needed = [], 0.0
    sbd = look.config.sbd
    if sbd is not None and sbd.msgwait is not None and timeout < sbd.msgwait * MSGWAIT_MARGIN:
        told.append(f"sbd counts a message as delivered only after msgwait, {said(sbd.msgwait)}")
        needed = sbd.msgwait * 1.5
    for device in look.devices:
        if (delay := _delay(device)) >= timeout:
            told.append(f"{device.id} waits {said(delay)} before it acts")
            needed = max(needed, delay + 60.0)
    took, slowest = max(
        ((one.seconds or 0.0, one) for one in look.timeline.fencings if one.status == "ok"),
        key=lambda pair: pair[0],
        default=(0.0, None),
    )
    if slowest is not None and took >= timeout * TIGHT:
        told.append(f"fencing {slowest.target} took {said(took)}")
        needed = max(needed, 2 * took)
    if told:
        yield look.finding(
            "stonith-timeout",
            f"Fencing is given up after {said(timeout)}, but {' and '.join(told)}.",
            commands.property_("stonith-timeout", rounded_up(needed)),
            events=slowest.events[:1] if slowest else (),
        )


@check(
    "fence-race",
    "warning",
    Source.CIB,
    line="Two nodes would fence each other at the same moment.",
    means="""
        When a pair loses its network, each node thinks the other is dead and shoots. With power switches that
        act at once, both may go down, and with them everything.
    """,
    proves="""
        Two nodes, fencing on, no quorum device, and neither pcmk_delay_base, pcmk_delay_max, a delay of the
        agent nor priority-fencing-delay.
    """,
    disproves="A single device that takes one request at a time, or a disk that is read in turn, may order the shots.",
    fix="""
        Let the device that kills the preferred node wait some seconds, or set priority-fencing-delay and
        priorities. Only one side should have it, else the race is merely later.
    """,
)
def race(look: Look) -> Iterator[Finding]:
    """Two nodes that lose each other shoot at the same moment, and both may die."""
    devices = look.devices
    corosync = look.config.corosync
    if len(look.nodes) != 2 or not devices or not fencing_enabled(look.config) or (corosync and corosync.quorum_device):
        return
    if (durations.seconds(property_of(look.config, "priority-fencing-delay")) or 0) > 0:
        return
    if any(_delay(device) > 0 for device in devices):
        return
    name, value = ("pcmk_delay_base", "5s") if len(devices) > 1 else ("pcmk_delay_max", "10s")
    yield look.finding(
        devices[0].id,
        "Neither node waits before it fences the other: after a split both may be shot at once.",
        commands.parameter(devices[0].id, name, value),
    )


def watchdog(look: Look) -> bool:
    """Whether a lost node is trusted to reset itself (sbd without a disk)."""
    wait = durations.seconds(property_of(look.config, "stonith-watchdog-timeout"))
    return true(look.config.properties.get("have-watchdog")) and (wait is None or wait > 0)


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
