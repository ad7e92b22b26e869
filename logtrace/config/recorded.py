"""A CIB that comes without logs: what its status section remembers of results, as the lines that told them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from logtrace.config.model import HistoryEntry
from logtrace.domain import codes
from logtrace.domain.values import whole

#: Of results that were not reached: the number in the CIB and its words (enum pcmk_exec_status, libcrmcommon).
_STATUS = {2: "Timed Out", 3: "NOT SUPPORTED", 4: "Error", 5: "Hard error", 6: "Fatal error", 7: "Not installed"}


def as_log(history: Sequence[HistoryEntry]) -> bytes | None:
    """A line for each result, at the line of the file it stands in; None where none of them is a failure."""
    results = {(each.node, each.resource, each.operation, each.interval, each.call): each for each in history}
    known = [each for each in results.values() if each.rc is not None and each.last_rc_change is not None]
    if not any(_is_failure(each) for each in known):
        return None
    out: list[str] = []
    for each in sorted(known, key=lambda each: each.line):
        if _is_probe(each) and not _is_failure(each):
            continue
        out += [""] * (each.line - 1 - len(out))
        out.append(_line(each) or "")
    return "\n".join(out).encode() + b"\n"


def _line(each: HistoryEntry) -> str | None:
    from logtrace.lines.carriers.status import result_line  # which most reports do without

    begun = datetime.fromtimestamp(each.last_rc_change or 0, UTC)
    result = _STATUS.get(each.status or 0) if (each.status or 0) in {2, 3} else codes.WORD_OF_RC.get(each.rc or 0)
    return result_line(
        each.node,
        each.resource,
        "probe" if _is_probe(each) else each.operation,
        result or "error",
        each.exit_reason or "",
        begun.strftime("%Y-%m-%d %H:%M:%SZ"),
        f"{round((each.exec_time or 0) * 1000)}ms",
        recurring=each.interval > 0,
    )


def _is_probe(each: HistoryEntry) -> bool:
    return each.operation == "monitor" and each.interval == 0


def _is_failure(each: HistoryEntry) -> bool:
    """Whether the result is not the one the transition expected; `action:transition:expected:uuid` tells that one."""
    parts = (each.transition_key or "").split(":")
    expected = (whole(parts[2]) or 0) if len(parts) > 2 else 0
    return (each.rc != expected and each.rc != codes.RC_OF_WORD["degraded"]) and not (
        _is_probe(each) and each.rc in {0, 7, 8}
    )
