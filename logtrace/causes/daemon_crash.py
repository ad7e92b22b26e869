"""A daemon of Pacemaker, or corosync itself, died."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.witnesses import mute
from logtrace.catalogue import meaning_of
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, not_seen, ruled_out, supported
from logtrace.chains.triggers import DaemonDied, StartupFailed
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Event

#: pacemakerd starts a daemon again, or gives it up, within this time of its end.
_SOON = timedelta(seconds=5)


def judge(facts: Assessment) -> Judgement:
    """Proof: pacemakerd's notice that a child was terminated by a signal or exited (pacemakerd, pcmk_child_exit)."""
    died = facts.triggers(DaemonDied)
    seen = [
        action for _, action in facts.chain.actions if action.target is not None and action.why == Why.PEER_PROCESS_GONE
    ]
    if not died and seen:
        return supported(
            f"Pacemaker on {seen[0].target} was gone while its corosync lived: one of its daemons died",
            [action.event for action in seen],
            strength=Strength.ONE_WITNESS,
        )
    in_vain = facts.triggers(StartupFailed)
    if not died and in_vain and facts.chain.first is in_vain[0]:
        first_try = in_vain[0]
        return supported(
            first_try.beginning,
            first_try.events,
            strength=Strength.NEAREST if first_try.given_up else Strength.REMAINS,
        )
    if not died:
        gone = {loss.node for loss in facts.chain.losses if not loss.mirrored}
        return not_seen("no line tells that a daemon died", mute(facts, Kind.DAEMON_DIED, gone))
    first = died[0]
    lost = [loss for loss in facts.chain.losses if loss.node == first.node and loss.time < first.time]
    if lost or not isinstance(facts.chain.first, DaemonDied):
        return ruled_out(f"{first.daemon} on {first.node} ended after the trouble had begun", first.events)
    then, told = _then(facts, first, died[-1])
    what = first.beginning if first.signalled else f"{first.daemon} died on {first.node}"
    return supported(
        f"{what}{f'; {then}' if then else ''}",
        [*first.events, *(event.event for event in told[-2:])],
        strength=Strength.NEAREST if first.signalled else Strength.OWN_LINE,
    )


def _then(facts: Assessment, first: DaemonDied, last: DaemonDied) -> tuple[str, list[Event]]:
    """What became of a daemon that died, with the lines that tell it; nothing where none does."""
    if any(fencing.target == first.node for fencing in facts.chain.fencings):
        return f"{first.node} was fenced for it", []
    for kind, then in (
        (Kind.DAEMON_GAVE_UP, "pacemakerd gave it up"),
        (Kind.DAEMON_RESPAWN, "pacemakerd started it again"),
    ):
        until = max(facts.end, last.time) + _SOON
        told = [each for each in facts.timeline.between(kind, first.time, until) if each.node == first.node]
        if told:
            return then, told
    return "", []


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Find out why the daemon died."""
    facts = complaint.facts
    if complaint.headline.label != "daemon_crash":
        return
    in_vain = facts.triggers(StartupFailed)
    if in_vain and facts.chain.first is in_vain[0]:
        yield from _mend(in_vain[0])
        return
    died = facts.triggers(DaemonDied)
    what = died[0].daemon if died else "the daemon"
    node = f" on {died[0].node}" if died and died[0].node else ""
    release = f"pacemaker {facts.config.pacemaker} " if facts.config.pacemaker else ""
    yield Advice(
        "find_daemon_crash",
        f"Find out why {what} died{node}: `coredumpctl info`, /var/lib/pacemaker/cores, the kernel's log for the OOM "
        f"killer or an operator's kill; {release}may have an update that mends it",
        files=("/etc/sysconfig/pacemaker", "/etc/default/pacemaker"),
        saves_basis="not computed: it would not have happened",
        risk="PCMK_fail_fast=yes there fences the node at once instead: quicker when the daemon does not come back",
    )


def _mend(trigger: StartupFailed) -> Iterator[Advice]:
    """What its own words ask for."""
    meant = meaning_of(trigger.why, kind=Kind.STARTUP_FAILED)
    yield Advice(
        "mend_startup",
        f"{meant.meaning} {meant.remedy.removesuffix('.')} ({trigger.node})"
        if meant is not None
        else f"See on {trigger.node} what {trigger.part} prints before that line: `journalctl -b -u corosync -u "
        "pacemaker -u sbd`",
        saves_basis="not computed: it would not have happened",
    )


DECLARATION = Declaration(
    label="daemon_crash",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("multiple_active",),
    begins_with=(Beginning(DaemonDied), Beginning(StartupFailed)),
    is_origin=True,
    line="A daemon of Pacemaker, or corosync itself, died or could not come up.",
    means="""
The cluster software failed, not a service. Pacemaker's parent starts a lost daemon again, and what was under its hands
is looked at anew; if corosync dies, the node leaves the cluster and is fenced. Services often run on, unwatched for
the moment. A part that could not come up at all, for want of Corosync, of its configuration, of the CIB or of the
watchdog, is told here as well, with less confidence: its own line says so, and nothing had lived that died.
""",
    proves="""
The parent's line that a daemon ended by a signal or with an error, and that it is started again. After it come lost
connections of the other daemons, an election if the controller died, and probes of everything on that node.
""",
    disproves="""
Daemons that end while Pacemaker is being stopped end in order. Daemons that end because corosync went away follow that.
A daemon that leaves with the code for a fatal error after the node learnt of its own fencing obeys.
""",
    fix="""
Look for a core file and for the kernel's killer of memory hogs at that second. Update Pacemaker and its library
together, since many such deaths are known and mended. If a node with broken daemons should rather be fenced at once,
fail fast can be switched on.
""",
)
