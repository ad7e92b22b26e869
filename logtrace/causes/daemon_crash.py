"""A daemon of Pacemaker, or corosync itself, died."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.witnesses import mute
from logtrace.catalogue import meaning_of
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, not_seen, ruled_out, supported, undecided
from logtrace.chains.orderly import asked_to_go, remote_starts
from logtrace.chains.triggers import DaemonDied, RemoteLost, StartupFailed
from logtrace.config.query import guest_names
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Event

#: pacemakerd looks after its children at least so often (PCMK_PROCESS_CHECK_INTERVAL), and starts again who ended.
_CHECKED = timedelta(seconds=5)


def judge(facts: Assessment) -> Judgement:
    """Proof: pacemakerd's notice that a child was terminated by a signal or exited (pacemakerd, pcmk_child_exit)."""
    if (remote := _of_remote_node(facts)) is not None:
        return remote
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
    hung = _hung(facts, first)
    what = f"{first.daemon} {'hung and was killed' if hung else 'died'} on {first.node}"
    return supported(
        f"{first.beginning if first.signalled and not hung else what}{f'; {then}' if then else ''}",
        [*first.events, *(event.event for event in [*hung, *told[-2:]])],
        strength=Strength.NEAREST if first.signalled else Strength.OWN_LINE,
    )


def _of_remote_node(facts: Assessment) -> Judgement | None:
    """What became of pacemaker-remoted where the connection to its node was lost; None where its own log does not
    tell that it began anew, or somebody asked for that. Its services run on without it. A guest, or a node that was
    fenced, began anew with all it ran.
    """
    lost = facts.chain.first
    node = lost.node
    if not isinstance(lost, RemoteLost) or node is None or node in guest_names(facts.config):
        return None
    fenced = any(fencing.target == node and fencing.fenced is not None for fencing in facts.chain.fencings)
    until = max((loss.back for loss in facts.chain.losses if loss.node == node and loss.back), default=facts.end)
    started = remote_starts(facts.timeline, node, lost.time, until)
    if not started or fenced or asked_to_go(facts.timeline, facts.config, node, lost.time):
        return None
    boots = facts.timeline.between(Kind.BOOT, lost.time, until, node=node)
    if boots:
        return ruled_out(f"{node} was booted", [event.event for event in boots[:2]])
    lines = [*lost.events, started[0].event]
    found = [run for run in facts.timeline.runs if run.node == node and run.end >= started[0].time and run.probe]
    running = [run for run in found if run.rc in (0, 8, 190, 191)]
    covered = facts.timeline.coverage.would_tell(Kind.BOOT, node, lost.time, started[0].time)
    if not running and not covered:
        return undecided(f"pacemaker-remoted began anew on {node}; whether {node} itself did is not known", lines)
    alive = f"; {running[0].resource} had run on" if running else ""
    return supported(
        f"pacemaker-remoted ended on {node}, which lived on, and was started again{alive}",
        [*lines, *(run.event for run in running[:2])],
        strength=Strength.FOLLOWED if running else Strength.ONE_WITNESS,
    )


def _hung(facts: Assessment, died: DaemonDied) -> list[Event]:
    """The line in which pacemakerd kills this daemon because it does not answer (check_next_subdaemon): the process
    that died, not one before it.
    """
    told = [
        each
        for kind in (Kind.DAEMON_HUNG, Kind.DAEMON_RESPAWN)
        for each in facts.timeline.before(kind, died.time, node=died.node, child=died.daemon)
        if kind == Kind.DAEMON_HUNG or each.time < died.time  # else it is started again for this death
    ]  # fmt: skip
    last = max(told, key=lambda each: each.time, default=None)
    return [last] if last is not None and last.kind == Kind.DAEMON_HUNG else []


def _then(facts: Assessment, first: DaemonDied, last: DaemonDied) -> tuple[str, list[Event]]:
    """What became of a daemon that died, with the lines that tell it; nothing where none does."""
    if any(fencing.target == first.node for fencing in facts.chain.fencings):
        return f"{first.node} was fenced for it", []
    for kind, then in (
        (Kind.DAEMON_GAVE_UP, "pacemakerd gave it up"),
        (Kind.DAEMON_RESPAWN, "pacemakerd started it again"),
    ):
        until = max(facts.end, last.time) + _CHECKED
        told = facts.timeline.between(kind, first.time, until, node=first.node)
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
    where = (
        "what it waited for: its disk, memory that was swapped out, name services, a debugger, a signal that stopped it"
        if died and _hung(facts, died[0])
        else "`coredumpctl info`, /var/lib/pacemaker/cores, the kernel's log for the OOM killer or an operator's kill"
    )
    yield Advice(
        "find_daemon_crash",
        f"Find out why {what} {'hung' if died and _hung(facts, died[0]) else 'died'}{node}: {where}; {release}may have "
        "an update that mends it",
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
    explains=(Beginning(RemoteLost),),
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
