"""Why: one module per label, each answering supported, ruled out or not enough evidence, with its lines and seconds."""

from __future__ import annotations

from collections.abc import Callable

from logtrace.assessment.assessment import Assessment
from logtrace.causes import (
    clock_jump,
    cold_failover,
    corosync_stall,
    daemon_crash,
    dc_loss,
    fencing_failure,
    flapping,
    group_cascade,
    manual_action,
    missing_agent,
    multiple_active,
    network_partition,
    no_pidfile,
    node_failure,
    policy_move,
    promotion_failure,
    quorum_loss,
    resource_agent_error,
    service_crash,
    slow_detection,
    slow_fencing,
    slow_init,
    spurious_monitor,
    start_timeout,
    stop_failure,
    unmanaged,
    vip_switch,
)
from logtrace.causes.judgement import Judgement

Judge = Callable[[Assessment], Judgement]

#: Something went wrong in its own right: the first that is true is the headline.
FAULTS: tuple[tuple[str, Judge], ...] = (
    ("corosync_stall", corosync_stall.judge),
    ("quorum_loss", quorum_loss.judge),
    ("network_partition", network_partition.judge),
    ("stop_failure", stop_failure.judge),
    ("fencing_failure", fencing_failure.judge),
    ("multiple_active", multiple_active.judge),
    ("daemon_crash", daemon_crash.judge),
    ("missing_agent", missing_agent.judge),
    ("no_pidfile", no_pidfile.judge),
    ("promotion_failure", promotion_failure.judge),
    ("spurious_monitor", spurious_monitor.judge),
    ("start_timeout", start_timeout.judge),
    ("resource_agent_error", resource_agent_error.judge),
    ("flapping", flapping.judge),
    ("clock_jump", clock_jump.judge),
    ("unmanaged", unmanaged.judge),
)

#: Else the largest avoidable share of the outage.
SHARES: tuple[tuple[str, Judge], ...] = (
    ("slow_detection", slow_detection.judge),
    ("slow_fencing", slow_fencing.judge),
    ("slow_init", slow_init.judge),
    ("group_cascade", group_cascade.judge),
    ("cold_failover", cold_failover.judge),
    ("dc_loss", dc_loss.judge),
)

#: Else recovery was about as good as the configuration allows: what moved, or what started it.
PLAIN: tuple[tuple[str, Judge], ...] = (
    ("vip_switch", vip_switch.judge),
    ("service_crash", service_crash.judge),
    ("node_failure", node_failure.judge),
)

PLANNED: tuple[tuple[str, Judge], ...] = (("manual_action", manual_action.judge),)

POLICY: tuple[tuple[str, Judge], ...] = (("policy_move", policy_move.judge),)

ALL: tuple[tuple[str, Judge], ...] = (*FAULTS, *SHARES, *PLAIN, *PLANNED, *POLICY)
