"""What is left to do when no setting would have helped: the cause itself, and what the cluster was told not to do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from logtrace.advice.advice import Advice
from logtrace.advice.situation import Situation
from logtrace.assessment.addresses import is_address
from logtrace.chains.triggers import ClockStepped, ConnectivityLost, DaemonDied
from logtrace.config.commands import Commands, joined, meta, property_, unit
from logtrace.config.query import base_name, meta_of, property_of
from logtrace.domain.values import true


def advise(situation: Situation) -> Iterator[Advice]:
    """By the headline; a stepped clock is worth mending whatever else was wrong."""
    if situation.true("clock_jump"):
        yield from _clock(situation)
    telling = {
        "service_crash": _crash,
        "slow_detection": _crash,
        "group_cascade": _crash,
        "flapping": _crash,
        "node_failure": _node,
        "cold_failover": _node,
        "vip_switch": _node,
        "slow_fencing": _node,
        "dc_loss": _dc,
        "daemon_crash": _daemon,
        "unmanaged": _unmanaged,
        "stop_failure": _stop,
    }.get(situation.head.root_cause)
    if telling is not None:
        yield from telling(situation)


def _crash(situation: Situation) -> Iterator[Advice]:
    name = situation.failed_name
    run = situation.one.chain.first.run
    if name is None or run is None or not situation.proven("service_crash"):
        return
    primitive = situation.failed
    if is_address(situation.one, name):
        yield Advice(
            "find_crash",
            f"Find out what took the address {name} off {run.node} about {run.end:%H:%M:%S} UTC: network scripts, "
            "NetworkManager, the card's driver, a person",
            saves_basis="not computed: it would not have happened",
        )
        return
    its = unit(primitive) if primitive is not None and primitive.klass == "systemd" else None
    own = f"`coredumpctl list` and `journalctl -u {its}`" if its else "`coredumpctl list`"
    yield Advice(
        "find_crash",
        f"Find out why {name} died on {run.node} about {run.end:%H:%M:%S} UTC: its own log, {own}, "
        "and the kernel's log for the OOM killer",
        saves_basis="not computed: it would not have happened",
    )


def _node(situation: Situation) -> Iterator[Advice]:
    lost = sorted({loss.node for loss in situation.one.chain.losses if not loss.mirrored})
    links = situation.one.triggers(ConnectivityLost)
    if links and not lost:
        yield Advice(
            "find_link_failure",
            f"Find out why {links[0].node} lost that network about {links[0].time:%H:%M:%S} UTC: the switch's port, "
            "cable and card, `ip -s link`, the kernel's log; two bonded cards outlast one of them",
            saves_basis="not computed: it would not have happened",
        )
    if not lost:
        yield from _crash(situation)
        return
    yield Advice(
        "find_node_failure",
        f"Find out why {', '.join(lost)} was lost about {situation.one.detected:%H:%M:%S} UTC: the event log of its "
        "management board, the hypervisor, the kernel's last lines; set up kdump and a remote syslog for the next time",
        files=("/etc/kdump.conf", "/etc/rsyslog.d"),
        saves_basis="not computed: it would not have happened",
    )


def _dc(situation: Situation) -> Iterator[Advice]:
    judged = situation.head.judgements.get("dc_loss")
    took = f" ({judged.sentence})" if judged is not None else ""
    yield Advice(
        "quicker_takeover",
        f"Shorten the take-over when the DC is lost{took}: the same Pacemaker release on all nodes, no node that "
        "cannot join (look for nodes stuck in S_PENDING), and no load that keeps controllers from answering",
        saves_basis="not computed: the election's length is Pacemaker's own",
    )


def _daemon(situation: Situation) -> Iterator[Advice]:
    died = situation.one.triggers(DaemonDied)
    what = died[0].daemon if died else "the daemon"
    node = f" on {died[0].node}" if died and died[0].node else ""
    release = f"pacemaker {situation.config.pacemaker} " if situation.config.pacemaker else ""
    yield Advice(
        "find_daemon_crash",
        f"Find out why {what} died{node}: `coredumpctl info`, /var/lib/pacemaker/cores, the kernel's log for the OOM "
        f"killer or an operator's kill; {release}may have an update that mends it",
        files=("/etc/sysconfig/pacemaker", "/etc/default/pacemaker"),
        saves_basis="not computed: it would not have happened",
        risk="PCMK_fail_fast=yes there fences the node at once instead: quicker when the daemon does not come back",
    )


def _clock(situation: Situation) -> Iterator[Advice]:
    nodes = sorted({step.node for step in situation.one.triggers(ClockStepped) if step.node})
    yield Advice(
        "slew_clock",
        f"Let the clock{f' of {chr(44).join(nodes)}' if nodes else ''} be stepped at boot only and slewed afterwards: "
        "`makestep 1.0 3` for chrony, no ntpdate from cron, no time synchronisation by the hypervisor beside it",
        files=("/etc/chrony.conf", "/etc/ntp.conf"),
        saves_basis="not computed: it would not have happened",
        risk="a clock that is far off takes long to be right",
    )


def _unmanaged(situation: Situation) -> Iterator[Advice]:
    name = situation.failed_name
    if name is None:
        return
    config = situation.config
    fixes: list[Commands] = []
    if true(property_of(config, "maintenance-mode")):
        fixes.append(property_("maintenance-mode", "false"))
    for holder in (base_name(name), *(situation.failed.parents if situation.failed else ())):
        values = _own(situation, holder)
        if true(values.get("maintenance")):
            fixes.append(meta(holder, maintenance="false"))
        if "is-managed" in values and not true(values["is-managed"]):
            fixes.append(meta(holder, is_managed="true"))
    if not true(meta_of(config, name, "is-managed"), default=True) and not fixes:
        fixes.append(meta(base_name(name), is_managed="true"))
    yield Advice(
        "manage",
        f"Give {name} back to the cluster once the work on it is done: it failed while the cluster was told to keep "
        "its hands off",
        joined(*fixes),
        saves_basis="not computed: how long the cluster would have needed was not seen",
        risk="the cluster acts at once on everything that failed meanwhile",
    )


def _own(situation: Situation, holder: str) -> dict[str, str]:
    config = situation.config
    found = config.primitives.get(holder) or config.groups.get(holder) or config.clones.get(holder)
    return found.meta if found is not None else {}


def _stop(situation: Situation) -> Iterator[Advice]:
    runs = [run for run in situation.one.failures("stop") if not run.timed_out]
    if not runs:
        return
    run = runs[0]
    reason = f" ({re.sub(r'[.;: ]+$', '', run.reason)})" if run.reason else ""
    yield Advice(
        "fix_stop",
        f"Make the stop of {run.resource} succeed: it returned {run.rc}{reason} on {run.node}; a stop must return 0 "
        "when the service is down or was never up, and kill what does not end by itself",
        saves_basis="not computed: how long a stop that works takes depends on the service",
        risk="a stop that claims success while the service runs lets it run twice",
    )
