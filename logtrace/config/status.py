"""The `<status>` section of a CIB: who was a member, what each node did last, and its transient attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from logtrace.config.cib_xml import Lookup, pairs
from logtrace.config.model import HistoryEntry
from logtrace.domain.durations import LONGEST
from logtrace.domain.values import true

_LAST: Final = 1 << 33  # the year 2242; an epoch behind it is damage


def history(section: etree._Element | None) -> tuple[HistoryEntry, ...]:
    """Every `lrm_rsc_op`, node by node in the order of the file."""
    if section is None:
        return ()
    return tuple(
        _entry(node, resource.get("id", ""), operation)
        for node, state in _states(section)
        for resource in state.iterfind("lrm/lrm_resources/lrm_resource")
        for operation in resource.iterchildren("lrm_rsc_op")
    )


def online(section: etree._Element | None) -> tuple[str, ...]:
    """The unames that were members with their controller connected, in the order of the file."""
    if section is None:
        return ()
    return tuple(node for node, state in _states(section) if _is_online(state))


def away(section: etree._Element | None) -> tuple[str, ...]:
    """The unames that the section says were no members; a state that does not say is none of these."""
    if section is None:
        return ()
    return tuple(node for node, state in _states(section) if state.get("in_ccm") and not _is_online(state))


def transient(section: etree._Element | None, find: Lookup) -> dict[str, dict[str, str]]:
    """Transient attributes (fail-count-*, last-failure-*, promotion scores, ...) by uname, for nodes that have any."""
    if section is None:
        return {}
    found = {
        node: pairs(state.iterfind("transient_attributes/instance_attributes"), find)
        for node, state in _states(section)
    }
    return {node: values for node, values in found.items() if values}


def _states(section: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    for state in section.iterchildren("node_state"):
        if node := state.get("uname") or state.get("id"):
            yield node, state


def _is_online(state: etree._Element) -> bool:
    if true(state.get("remote_node")):
        return true(state.get("in_ccm"))
    # Since 2.1.7 both hold the epoch of the change, 0 for absent; before, true/false and online/offline.
    crmd = state.get("crmd", "")
    connected = (_integer(crmd) or 0) > 0 if crmd.isdigit() else crmd == "online"
    member = state.get("in_ccm", "")
    return connected and ((_integer(member) or 0) > 0 if member.isdigit() else true(member))


def _entry(node: str, resource: str, operation: etree._Element) -> HistoryEntry:
    get = operation.get
    return HistoryEntry(
        node=node,
        resource=resource,
        operation=get("operation", ""),
        interval=_seconds(get("interval")) or 0.0,
        call=_integer(get("call-id")),
        rc=_integer(get("rc-code")),
        status=_integer(get("op-status")),
        last_rc_change=_epoch(get("last-rc-change")),
        exec_time=_seconds(get("exec-time")),
        queue_time=_seconds(get("queue-time")),
        exit_reason=get("exit-reason") or None,
        transition_key=get("transition-key"),
        id=get("id", ""),
        line=int(operation.sourceline or 0),  # type: ignore[call-overload]
    )


def _integer(text: str | None) -> int | None:
    try:
        return int(text) if text and len(text) < 20 else None
    except ValueError:
        return None


def _seconds(milliseconds: str | None) -> float | None:
    number = _integer(milliseconds)
    return None if number is None else max(0.0, min(number / 1000, LONGEST))


def _epoch(text: str | None) -> int | None:
    """Seconds since 1970; None for what cannot be a time, or is none, as 0."""
    number = _integer(text)
    return number if number and 0 < number < _LAST else None
