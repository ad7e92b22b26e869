"""The changes a user may ask for, as typed: `interval=10s`, `group=split`, `clone`, `timeout=start:60s`, ..."""

from __future__ import annotations

from logtrace.domain import durations
from logtrace.errors import UsageError
from logtrace.whatif.model import Change

#: What may stand after --set.
FORMS = (
    "interval=DURATION", "group=split|unordered", "clone[=RESOURCE,...]", "fencing=DURATION", "token=DURATION",
    "timeout=OPERATION:DURATION", "start|stop|promote=[RESOURCE:]DURATION", "order=CONSTRAINT",
)  # fmt: skip

_OPERATIONS = ("start", "stop", "promote", "demote")


def parse(text: str) -> Change:
    """One change as typed. Raises UsageError for anything else than FORMS."""
    kind, _, value = text.partition("=")
    if kind == "clone":
        return Change("clone", names=tuple(name for name in value.split(",") if name))
    if kind == "group" and value.partition(":")[0] in ("split", "unordered"):
        mode, _, name = value.partition(":")
        return Change("group", mode=mode, names=(name,) if name else ())
    if kind in ("interval", "fencing", "token"):
        return Change(kind, seconds=_seconds(text, value))
    if kind in ("start", "stop", "promote"):
        name, _, duration = value.rpartition(":")
        return Change("run", seconds=_seconds(text, duration), names=(name,) if name else (), operation=kind)
    if kind == "order" and value:
        return Change("order", names=(value,))
    if kind == "timeout":
        operation, _, duration = value.partition(":")
        if operation in _OPERATIONS:
            return Change("timeout", seconds=_seconds(text, duration), operation=operation)
    raise _refused(text)


def _seconds(text: str, duration: str) -> float:
    seconds = durations.seconds(duration)
    if seconds is None or seconds <= 0 or seconds > 86400:
        raise _refused(text)
    return seconds


def _refused(text: str) -> UsageError:
    return UsageError(f"cannot read the change {text!r}", where="--set", remedy=f"write {', '.join(FORMS)}")
