"""Monitors: absent, absent for a role, too rare, or ignored because their interval is taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from logtrace.config.commands import duration, operation
from logtrace.config.model import Op, Primitive
from logtrace.config.query import is_promotable, monitor_interval, op_timeout
from logtrace.lint import commands
from logtrace.lint.advertised import advertised
from logtrace.lint.known import Known, Weakness, rounded_up, said

#: A dead service goes unnoticed for half an interval on average; beyond this one that is most of an outage, in seconds.
LONGEST: Final = 30.0
ADVISED: Final = "10s"


def absent(known: Known) -> Iterator[Weakness]:
    """No recurring monitor: a death is never noticed."""
    for primitive in known.config.primitives.values():
        if primitive.klass == "" or monitor_interval(known.config, primitive.id) is not None:
            continue
        if primitive.klass == "stonith":
            yield Weakness(
                "warning",
                primitive.id,
                "Nothing checks this fence device; that it is dead would show when a node has to be fenced.",
                operation(known.config, primitive, None, "monitor", interval="1h", timeout="60s"),
                known.cib,
            )
        else:
            yield Weakness(
                "error",
                primitive.id,
                "It has no recurring monitor, so its death would never be noticed.",
                operation(
                    known.config, primitive, None, "monitor", interval=ADVISED, timeout=_timeout(known, primitive)
                ),
                known.cib,
            )


def role_absent(known: Known) -> Iterator[Weakness]:
    """A promotable service whose promoted copy nobody looks after: a plain monitor covers the unpromoted ones."""
    for primitive in known.services:
        if not is_promotable(known.config, primitive.id) or monitor_interval(known.config, primitive.id) is None:
            continue
        if monitor_interval(known.config, primitive.id, "Promoted") is None:
            taken = {duration(op.interval) for op in primitive.ops if op.name == "monitor"}
            free = next(f"{seconds}s" for seconds in range(9, 90, 2) if f"{seconds}s" not in taken)
            old = any((op.role or "") in ("Master", "Slave") for op in primitive.ops) or _before_promoted(known)
            role, timeout = "Master" if old else "Promoted", _timeout(known, primitive)
            yield Weakness(
                "warning",
                primitive.id,
                "It has no monitor for the promoted role, so a promoted copy that fails as such goes unnoticed.",
                operation(known.config, primitive, None, "monitor", interval=free, timeout=timeout, role=role),
                known.cib,
            )


def slow(known: Known) -> Iterator[Weakness]:
    """The most frequent monitor is a rare one."""
    for primitive in known.services:
        interval = monitor_interval(known.config, primitive.id)
        if interval is not None and interval > LONGEST:
            timeout = op_timeout(known.config, primitive.id, "monitor", interval) or 20.0
            yield Weakness(
                "warning",
                primitive.id,
                f"It is monitored every {said(interval)}: its death goes unnoticed for {said(interval / 2)} on average "
                f"and {said(interval + timeout)} at worst.",
                operation(known.config, primitive, _often(primitive), "monitor", interval=ADVISED),
                known.cib,
            )


def duplicate(known: Known) -> Iterator[Weakness]:
    """Two monitors of one interval have the same operation key; the scheduler drops the second (is_op_dup)."""
    for primitive in known.config.primitives.values():
        counted = Counter(op.interval for op in primitive.ops if op.name == "monitor" and op.interval and op.enabled)
        for interval, count in counted.items():
            if count > 1:
                yield Weakness(
                    "error",
                    primitive.id,
                    f"{count} of its monitors run every {said(interval)}; only one of them is used, for monitors are "
                    "told apart by their interval.",
                    commands.show(primitive.id),
                    known.cib,
                )


def _often(primitive: Primitive) -> Op | None:
    recurring = (op for op in primitive.ops if op.name == "monitor" and op.interval and op.enabled)
    return min(recurring, key=lambda op: op.interval, default=None)


def _timeout(known: Known, primitive: Primitive) -> str:
    least = advertised(primitive, "monitor") or 20.0
    return rounded_up(max(least, op_timeout(known.config, primitive.id, "monitor") or 0.0))


def _before_promoted(known: Known) -> bool:
    """Releases before 2.1 know the role only as Master."""
    release = (known.config.pacemaker or "").split("-")[0].split(".")
    numbers = [int(part) for part in release[:2] if part.isdigit()]
    return len(numbers) == 2 and numbers < [2, 1]
