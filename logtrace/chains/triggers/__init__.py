"""Every kind of happening that can start a chain or carry one on: one file each.

A new kind is a file of its own, its place in `KINDS` and a test.
"""

from __future__ import annotations

from logtrace.chains.trigger import Trigger
from logtrace.chains.triggers.agent_erred import AgentErred
from logtrace.chains.triggers.agent_missing import AgentMissing
from logtrace.chains.triggers.arbiter_lost import ArbiterLost
from logtrace.chains.triggers.client_dropped import ClientDropped
from logtrace.chains.triggers.clock_stepped import ClockStepped
from logtrace.chains.triggers.connectivity_lost import ConnectivityLost
from logtrace.chains.triggers.corosync_paused import CorosyncPaused
from logtrace.chains.triggers.daemon_died import DaemonDied
from logtrace.chains.triggers.fencing_asked import FencingAsked
from logtrace.chains.triggers.multiply_active import MultiplyActive
from logtrace.chains.triggers.node_lost import NodeLost
from logtrace.chains.triggers.operation_failed import OperationFailed
from logtrace.chains.triggers.operator_acted import OperatorActed, Verb
from logtrace.chains.triggers.policy_moved import PolicyMoved
from logtrace.chains.triggers.quorum_lost import QuorumLost
from logtrace.chains.triggers.remote_lost import RemoteLost
from logtrace.chains.triggers.startup_failed import StartupFailed
from logtrace.chains.triggers.storage_failed import StorageFailed
from logtrace.chains.triggers.ticket_lost import TicketLost
from logtrace.config.model import ClusterConfig
from logtrace.timeline import Timeline

#: In the order of cause within one moment: a dead daemon explains its node's loss, and a failure what was done for it.
KINDS: tuple[type[Trigger], ...] = (
    DaemonDied,
    NodeLost,
    OperationFailed,
    QuorumLost,
    CorosyncPaused,
    MultiplyActive,
    FencingAsked,
    AgentMissing,
    AgentErred,
    ClockStepped,
    RemoteLost,
    ArbiterLost,
    ClientDropped,
    StorageFailed,
    TicketLost,
    StartupFailed,
    ConnectivityLost,
    PolicyMoved,
    OperatorActed,
)


def triggers_of(timeline: Timeline, config: ClusterConfig) -> list[Trigger]:
    """Every trigger that lines of the case tell, in order of time, and of KINDS within one moment."""
    found = [
        (trigger.time, order, trigger) for order, kind in enumerate(KINDS) for trigger in kind.find(timeline, config)
    ]
    return [trigger for _, _, trigger in sorted(found, key=lambda one: one[:2])]


__all__ = [
    "KINDS",
    "AgentErred",
    "AgentMissing",
    "ArbiterLost",
    "ClientDropped",
    "ClockStepped",
    "ConnectivityLost",
    "CorosyncPaused",
    "DaemonDied",
    "FencingAsked",
    "MultiplyActive",
    "NodeLost",
    "OperationFailed",
    "OperatorActed",
    "PolicyMoved",
    "QuorumLost",
    "RemoteLost",
    "StartupFailed",
    "StorageFailed",
    "TicketLost",
    "Trigger",
    "Verb",
    "triggers_of",
]
