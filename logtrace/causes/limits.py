"""How long an operation was allowed to take."""

from __future__ import annotations

import re

from logtrace.config.model import ClusterConfig
from logtrace.config.query import op_timeout
from logtrace.timeline import Run

#: The exit reason of a timeout, with a readable interval: "did not complete within 1m30s" (Pacemaker 2.1 and later).
_WITHIN = re.compile(r"did not complete within ((?:\d+(?:\.\d+)?(?:ms|[dhms]))+)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def timeout_of(config: ClusterConfig, run: Run) -> float | None:
    """The timeout that was in force for `run`: as the log states it, for the configuration may have changed since or
    be another's; else that of the configuration.
    """
    told = _WITHIN.search(run.reason or "")
    if told is not None:
        return sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(told[1]))
    return op_timeout(
        config, run.resource, run.operation, (run.interval or 0) / 1000 if run.operation == "monitor" else None
    )
