"""What applies where the configuration says nothing: the one table of Pacemaker's defaults.

Values are those the scheduler and the controller print as their own (`pacemaker-schedulerd metadata`,
`pacemaker-controld metadata`); build-time choices of a distribution are not among them.
"""

from __future__ import annotations

from typing import Final

#: Cluster properties.
PROPERTIES: Final[dict[str, str]] = {
    "stonith-enabled": "true",
    "stonith-timeout": "60s",
    "stonith-action": "reboot",
    "stonith-max-attempts": "10",
    "stonith-watchdog-timeout": "0",
    "priority-fencing-delay": "0",
    "startup-fencing": "true",
    "no-quorum-policy": "stop",
    "dc-deadtime": "20s",
    "election-timeout": "2min",
    "join-integration-timeout": "3min",
    "join-finalization-timeout": "30min",
    "cluster-delay": "60s",
    "transition-delay": "0s",
    "batch-limit": "0",
    "load-threshold": "80%",
    "migration-limit": "-1",
    "cluster-recheck-interval": "15min",
    "start-failure-is-fatal": "true",
    "shutdown-escalation": "20min",
    "node-pending-timeout": "0",
    "shutdown-lock": "false",
    "maintenance-mode": "false",
    "stop-all-resources": "false",
    "symmetric-cluster": "true",
}

#: Another name of a property: 3.0.2 began to say "fencing" for "stonith".
ALIASES: Final[dict[str, str]] = {
    "stonith-enabled": "fencing-enabled",
    "stonith-timeout": "fencing-timeout",
    "stonith-action": "fencing-action",
    "stonith-max-attempts": "fencing-max-attempts",
    "stonith-watchdog-timeout": "fencing-watchdog-timeout",
}

#: Meta attributes of resources.
META: Final[dict[str, str]] = {
    "migration-threshold": "INFINITY",
    "failure-timeout": "0",
    "resource-stickiness": "0",
    "multiple-active": "stop_start",
    "priority": "0",
    "target-role": "Started",
    "is-managed": "true",
    "maintenance": "false",
    "interleave": "false",
    "critical": "true",
}

#: Timeout of an operation without one, in seconds.
OP_TIMEOUT: Final = 20.0

#: A member of a corosync cluster waits this long for the token, in seconds, by the first release that does.
TOKEN_SECONDS: Final[tuple[tuple[tuple[int, int, int], float], ...]] = (((3, 1, 0), 3.0), ((0, 0, 0), 1.0))
#: Added to the token for every node above two of a nodelist, since COEFFICIENT_SINCE.
TOKEN_COEFFICIENT: Final = 0.65
COEFFICIENT_SINCE: Final = (2, 3, 4)
#: Consensus timeout as a multiple of the token.
CONSENSUS_FACTOR: Final = 1.2
