"""Single operations: how long they were allowed to take, what became of them, and how that is told."""

from __future__ import annotations

import re
from typing import Final

from logtrace.config.model import ClusterConfig
from logtrace.config.query import op_timeout
from logtrace.timeline import Run
from logtrace.timeline.operations import NO_RESULT

#: OCF: 5 not installed, 3 unimplemented.
MISSING: Final = (3, 5)

#: OCF: with these the agent itself refuses or fails an operation.
REFUSED: Final = {1: "generic error", 2: "invalid parameter", 4: "insufficient privileges", 6: "not configured"}

#: Timeouts of starts, stops and promotes have causes of their own, and a monitor's may be no failure.
_NEVER_ENDED = ("demote", "migrate_to", "migrate_from")

#: The exit reason of a timeout, with a readable interval: "did not complete within 1m30s" (Pacemaker 2.1 and later).
_WITHIN = re.compile(r"did not complete within ((?:\d+(?:\.\d+)?(?:ms|[dhms]))+)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def timeout_of(config: ClusterConfig, run: Run) -> float | None:
    """The timeout in seconds that was in force for `run`: as the log states it, for the configuration may have changed
    since or be another's; else that of the configuration.
    """
    told = _WITHIN.search(run.reason or "")
    if told is not None:
        return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(told[1]))
    return op_timeout(
        config, run.resource, run.operation, (run.interval or 0) / 1000 if run.operation == "monitor" else None
    )


def failed_itself(run: Run) -> bool:
    """Whether a failed run is the agent's own failure, its result taken alone."""
    return run.rc in REFUSED or (run.timed_out and run.operation in _NEVER_ENDED)


def ran_into_timeout(config: ClusterConfig, run: Run) -> bool:
    """A failed start that only the DC tells of and that lasted as long as its timeout."""
    if run.operation != "start" or run.witness == "executor" or run.rc not in (1, None):
        return False
    limit = op_timeout(config, run.resource, "start")
    return limit is not None and 0.95 * limit <= run.seconds <= 1.1 * limit + 2.0


def outcome(run: Run) -> str:
    """What became of a failed run: "ran into its timeout after 20.0 s", "failed with rc 1 (login failed)". How long a
    recurring monitor ran is not logged, and the result of some failures is not either.
    """
    reason = f" ({run.reason})" if run.reason else ""
    if run.timed_out:
        return f"ran into its timeout{'' if run.recurring else f' after {run.seconds:.1f} s'}{reason}"
    if run.status == NO_RESULT:
        return f"gave no result within {run.seconds:.0f} s"
    if run.rc is not None:
        return f"failed with rc {run.rc}{reason}"
    return f"failed{reason or (f' ({run.status})' if run.status else '')}"
