"""Single operations: how long they were allowed to take, and whether that is what ended them."""

from __future__ import annotations

import re
from typing import Final

from logtrace.config.model import ClusterConfig, Op, Primitive
from logtrace.config.query import op_timeout, primitive_of
from logtrace.timeline import Run

#: OCF: 5 not installed, 3 unimplemented.
MISSING: Final = (3, 5)

#: OCF: the service is not there, which is the right answer of a probe.
NOT_RUNNING: Final = 7

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


def configured(primitive: Primitive, run: Run) -> Op | None:
    """The operation of the CIB that `run` is a run of: by its name, of recurring ones by the interval as well."""
    named = [op for op in primitive.ops if op.name == run.operation]
    if not run.recurring:
        return next(iter(named), None)
    interval = (run.interval or 0) / 1000
    return next((op for op in named if abs(op.interval - interval) < 0.001), None)


def on_fail_of(config: ClusterConfig, run: Run) -> str | None:
    """What is configured to be done when an operation like `run` fails; None where it is left to Pacemaker."""
    primitive = primitive_of(config, run.resource)
    op = configured(primitive, run) if primitive is not None else None
    return (op.on_fail if op is not None else None) or config.op_defaults.get("on-fail")


def ran_into_timeout(config: ClusterConfig, run: Run) -> bool:
    """A failed start that only the DC tells of and that lasted as long as its timeout."""
    if run.operation != "start" or run.witness == "executor" or run.rc not in (1, None):
        return False
    limit = op_timeout(config, run.resource, "start")
    return limit is not None and 0.95 * limit <= run.seconds <= 1.1 * limit + 2.0
