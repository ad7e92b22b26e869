"""A case as JSON: the document of the contract, `schema_version` 1 (reports/schema.json describes it).

Times are ISO-8601 in UTC with milliseconds and `Z`, durations seconds rounded to milliseconds, unknown is null.
Everything outside ASCII is escaped, so that nothing a log holds can act on a terminal the document is printed to.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from logtrace.advice.advice import Advice
from logtrace.assessment.phases import Phase
from logtrace.data import folder
from logtrace.lint.finding import Finding
from logtrace.report.case import (
    Case,
    Cause,
    Cluster,
    Coverage,
    Evidence,
    Failures,
    FencingTimes,
    Incident,
    IncidentRun,
    IncidentTransition,
    Monitor,
    Node,
    Note,
    RunTimes,
    Statistics,
)
from logtrace.version import VERSION

SCHEMA_VERSION: Final = 1

Json = dict[str, Any]


def schema() -> str:
    """The JSON Schema (chain 2020-12) of the document, as shipped."""
    return (folder("reports") / "schema.json").read_text(encoding="utf-8")


def render(case: Case) -> str:
    """The document as text, indented, ASCII only, with a final line end."""
    # json alone indents in Python, which takes ten times as long; msgspec alone does not escape
    return msgspec.json.format(json.dumps(to_dict(case), allow_nan=False), indent=2) + "\n"


def to_dict(case: Case) -> Json:
    """The document as plain values, keys in the order of the contract; keys beyond it stand last."""
    return {
        "schema_version": SCHEMA_VERSION,
        "logtrace": VERSION,
        "inputs": [
            {"path": _decodable(each.path), "kind": each.kind, "bytes": each.bytes, "sha256": each.sha256}
            for each in case.inputs
        ],
        "cluster": _cluster(case.cluster),
        "window": {
            "start": _time(case.window.start),
            "end": _time(case.window.end),
            "timezone": case.window.timezone,
            "year_source": case.window.year_source,
            "only": list(case.window.only),
        },
        "coverage": _coverage(case.coverage),
        "incidents": [_incident(each) for each in case.incidents],
        "findings": [_config_finding(each) for each in case.findings],
        "not_incidents": [_note(each) for each in case.quiet],
        "statistics": _statistics(case.statistics),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _number(value: float | None) -> float | None:
    return round(float(value), 3) if value is not None and math.isfinite(value) else None


def _decodable(path: str) -> str:
    """`path` without the lone surrogates that stand for undecodable bytes of a file name; no JSON reader takes them."""
    return path.encode("utf-8", "backslashreplace").decode()


def _cluster(cluster: Cluster) -> Json:
    return {
        "name": cluster.name,
        "stack": cluster.stack,
        "pacemaker": cluster.pacemaker,
        "corosync": cluster.corosync,
        "nodes": [_node(each) for each in cluster.nodes],
        "dc": [{"node": each.node, "from": _time(each.start), "to": _time(each.end)} for each in cluster.dc],
    }


def _node(node: Node) -> Json:
    return {
        "name": node.name,
        "logs": node.logs,
        "first": _time(node.first),
        "last": _time(node.last),
        "clock_offset": _number(node.clock_offset),
        "clock_offset_error": _number(node.clock_offset_error),
        "clock_course": [
            {"time": _time(each.time), "offset": _number(each.offset), "error": _number(each.error)}
            for each in node.clock_course
        ],
        "timezone": node.timezone,
        "year_source": node.year_source,
    }


def _coverage(coverage: Coverage) -> Json:
    return {
        "files": coverage.files,
        "lines": coverage.lines,
        "lines_recognised": coverage.lines_recognised,
        "lines_undated": coverage.lines_undated,
        "lines_earlier": coverage.lines_earlier,
        "skipped": [
            {"path": _decodable(each.path), "reason": _decodable(each.reason), "lost": each.lost}
            for each in coverage.skipped
        ],
        "missing_nodes": list(coverage.missing_nodes),
        "gaps": [
            {"node": gap.node, "daemon": gap.daemon, "from": _time(gap.start), "to": _time(gap.end), "why": gap.why}
            for gap in coverage.gaps
        ],
        "excerpt": coverage.excerpt,
    }


def _incident(incident: Incident) -> Json:
    return {
        "id": incident.id,
        "kind": incident.kind.value,
        "title": incident.title,
        "trigger": incident.trigger,
        "root_cause": incident.root_cause,
        "contributing": list(incident.contributing),
        "confidence": round(incident.confidence, 3),
        "nodes": list(incident.nodes),
        "resources": list(incident.resources),
        "t_fault": _time(incident.t_fault),
        "t_fault_earliest": _time(incident.t_fault_earliest),
        "t_detected": _time(incident.t_detected),
        "t_decided": _time(incident.t_decided),
        "t_acted": _time(incident.t_acted),
        "t_recovered": _time(incident.t_recovered),
        "t_end": _time(incident.t_end),
        "recovered": incident.recovered,
        "outage": _number(incident.outage),
        "outage_max": _number(incident.outage_max),
        "phases": [_phase(each) for each in incident.phases],
        "operations": [_operation(each) for each in incident.operations],
        "transitions": [_transition(each) for each in incident.transitions],
        "causes": [_finding(each) for each in incident.causes],
        "evidence": [_evidence(each) for each in incident.evidence],
        "advice": [_advice(each) for each in incident.advice],
        "t_fault_basis": incident.t_fault_basis,
        "first_error": incident.first_error,
        "missing_witnesses": list(incident.missing_witnesses),
        "silence_before": _number(incident.silence_before),
    }


def _phase(phase: Phase) -> Json:
    return {
        "name": phase.name.value,
        "start": _time(phase.start),
        "end": _time(phase.end),
        "seconds": _number(phase.seconds),
        "what": phase.what,
    }


def _operation(operation: IncidentRun) -> Json:
    return {
        "node": operation.node,
        "resource": operation.resource,
        "operation": operation.operation,
        "start": _time(operation.start),
        "end": _time(operation.end),
        "seconds": _number(operation.seconds),
        "rc": operation.rc,
        "status": operation.status,
        "transition": operation.transition,
        "critical": operation.critical,
        "interval": _number(operation.interval / 1000),
        "reason": operation.reason,
        "queued": _number(operation.queued),
    }


def _transition(transition: IncidentTransition) -> Json:
    return {
        "dc": transition.dc,
        "number": transition.number,
        "pe_input": transition.pe_input,
        "start": _time(transition.start),
        "end": _time(transition.end),
        "outcome": transition.outcome,
    }


def _finding(finding: Cause) -> Json:
    return {
        "label": finding.label,
        "verdict": finding.verdict.value,
        "weight": _number(finding.weight),
        "sentence": finding.sentence,
        "evidence": list(finding.evidence),
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "id": evidence.id,
        "file": _decodable(evidence.file),
        "line": evidence.line,
        "node": evidence.node,
        "time": _time(evidence.time),
        "text": evidence.text,
    }


def _advice(advice: Advice) -> Json:
    return {
        "label": advice.label,
        "sentence": advice.sentence,
        "commands": dict(advice.commands),
        "files": [_decodable(each) for each in advice.files],
        "saves": _number(advice.saves),
        "saves_basis": advice.saves_basis,
        "risk": advice.risk,
    }


def _config_finding(finding: Finding) -> Json:
    return {
        "label": finding.label,
        "severity": finding.severity,
        "subject": finding.subject,
        "sentence": finding.sentence,
        "commands": dict(finding.commands),
        "evidence": list(finding.evidence),
    }


def _note(note: Note) -> Json:
    return {
        "label": note.label,
        "sentence": note.sentence,
        "count": note.count,
        "first": _time(note.first),
        "last": _time(note.last),
        "evidence": _decodable(note.evidence),
    }


def _statistics(statistics: Statistics) -> Json:
    return {
        "runs": [_run_times(each) for each in statistics.runs],
        "monitors": [_monitor(each) for each in statistics.monitors],
        "fencing": [_fencing_times(each) for each in statistics.fencing],
        "failures": [_failures(each) for each in statistics.failures],
        "placements": [{"resource": each.resource, "nodes": list(each.nodes)} for each in statistics.placements],
    }


def _run_times(times: RunTimes) -> Json:
    return {
        "resource": times.resource,
        "operation": times.operation,
        "interval": _number(times.interval),
        "runs": times.runs,
        "failures": times.failures,
        "timed": times.timed,
        "p50": _number(times.p50),
        "p95": _number(times.p95),
        "longest": _number(times.longest),
        "exact": times.exact,
        "timeout": _number(times.timeout),
        "near_timeout": times.near,
    }


def _monitor(monitor: Monitor) -> Json:
    return {
        "resource": monitor.resource,
        "interval": _number(monitor.interval),
        "timeout": _number(monitor.timeout),
        "role": monitor.role,
        "configured": monitor.configured,
        "failures": monitor.failures,
        "nodes": list(monitor.nodes),
    }


def _fencing_times(fencing: FencingTimes) -> Json:
    return {
        "target": fencing.target,
        "count": fencing.count,
        "failures": fencing.failures,
        "p50": _number(fencing.p50),
        "longest": _number(fencing.longest),
        "devices": list(fencing.devices),
    }


def _failures(failures: Failures) -> Json:
    return {
        "resource": failures.resource,
        "count": failures.count,
        "operations": dict(failures.operations),
        "nodes": list(failures.nodes),
        "first": _time(failures.first),
        "last": _time(failures.last),
    }
