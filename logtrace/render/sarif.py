"""Cases as SARIF 2.1.0, which code hosts and editors show: one run, a rule for each cause and each kind of finding, a
result for each incident and each finding, with the lines that show it as physical locations.

Specification: docs.oasis-open.org/sarif/sarif/v2.1.0. ASCII only, like the JSON document.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import quote

from logtrace import explain
from logtrace.lint.finding import Finding
from logtrace.render import sentences, story
from logtrace.render.document import Json, plain
from logtrace.render.untrusted import shown
from logtrace.report.case import Case, Evidence, Incident, IncidentKind
from logtrace.report.neighbours import parted
from logtrace.version import VERSION

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
#: What nobody wanted is an error or a warning; what is no failure must have the level "none" (3.27.10).
_LEVELS: Final = {IncidentKind.FAULT: "error", IncidentKind.SPURIOUS: "warning"}
_SEVERITIES: Final = {"error": "error", "warning": "warning", "info": "note"}
#: A file's name as Python has it, bytes that are no text as half surrogates.
_ESCAPED: Final = re.compile("[^\ud800-\udc7f\udd00-\udfff]*")
_LINES: Final = 20  # cited lines of an incident


def render(cases: Sequence[Case]) -> str:
    """The log file as text, indented, with a final line end."""
    labels = sorted({label for case in cases for label in _labels(case)})
    results = [result for case in cases for result in _results(case, labels)]
    run = {
        "tool": {"driver": {"name": "logtrace", "version": VERSION, "rules": [_rule(label) for label in labels]}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": list(_skipped(cases))}],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, allow_nan=False) + "\n"


def _labels(case: Case) -> Iterator[str]:
    yield from (each.root_cause for each in case.incidents)
    yield from (each.label for each in case.findings)


def _rule(label: str) -> Json:
    known = explain.of(label)
    if known is None:
        return {"id": label}
    text = "\n\n".join(f"{heading}: {part}" for heading, part in known.parts)
    return {
        "id": label,
        "shortDescription": _message([known.line]),
        "fullDescription": _message([known.means]),
        "help": _message([text]),
    }


def _results(case: Case, labels: Sequence[str]) -> Iterator[Json]:
    utc = sentences.utc(case.window)
    for incident in case.incidents:
        level = _LEVELS.get(incident.kind)
        yield {
            **_ruled(incident.root_cause, labels),
            "kind": "fail" if level else "informational",
            "level": level or "none",
            "message": _message(story.incident(incident, utc)),
            **_cited(incident),
            "partialFingerprints": _fingerprint(case, incident.root_cause, incident.title, plain(incident.began)),
            "properties": _numbers(case, incident),
        }
    for finding in case.findings:
        yield {
            **_ruled(finding.label, labels),
            "level": _SEVERITIES.get(finding.severity, "note"),
            "message": _message(story.finding(finding)),
            "locations": _places(finding),
            "partialFingerprints": _fingerprint(case, finding.label, finding.subject, finding.sentence),
            "properties": {"case": plain(case.name)},
        }


def _ruled(label: str, labels: Sequence[str]) -> Json:
    return {"ruleId": label, "ruleIndex": labels.index(label)}


def _numbers(case: Case, incident: Incident) -> Json:
    """What has no place of its own in SARIF, under the keys of the JSON document."""
    keys = ("id", "kind", "confidence", "outage", "outage_max", "t_fault", "t_detected", "t_recovered", "recovered")
    return {"case": plain(case.name)} | {key: plain(getattr(incident, key)) for key in keys}


def _cited(incident: Incident) -> Json:
    """The line to begin reading at as the location, the other cited lines as related ones."""
    first = incident.first_line
    if first is None:
        return {"locations": []}
    others = [each for each in incident.evidence if each.id != first.id][: _LINES - 1]
    related = [{"id": number, **_location(each)} for number, each in enumerate(others, 1)]
    return {"locations": [_location(first)], "relatedLocations": related}


def _location(line: Evidence) -> Json:
    return {
        "physicalLocation": _physical(line.file, line.line, line.text),
        "message": _message([f"{line.node or 'unknown node'}, {plain(line.time)}"]),
    }


def _physical(file: str, line: int, text: str | None = None) -> Json:
    region: Json = {"startLine": line}
    if text is not None:
        region["snippet"] = {"text": shown(text)}
    return {"artifactLocation": {"uri": _uri(file)}, "region": region}


def _uri(file: str) -> str:
    """A path inside the input as a relative reference, of its own bytes; two slashes ahead would name a host."""
    told = file.encode("utf-8", "surrogateescape" if _ESCAPED.fullmatch(file) else "backslashreplace")
    return quote(re.sub(rb"^//+", b"/", told)) or "."


def _places(finding: Finding) -> list[Json]:
    """Where a finding is seen: lines of logs, or files of the configuration; else what it is about."""
    found = []
    for each in finding.evidence[:_LINES]:
        place = parted(each)
        found.append(_physical(*place) if place else {"artifactLocation": {"uri": _uri(each)}})
    about = {"logicalLocations": [{"fullyQualifiedName": shown(finding.subject)}]}
    return [{"physicalLocation": place} | about for place in found] or [about]


def _fingerprint(case: Case, *parts: str | None) -> dict[str, str]:
    """What tells a result from others, and is the same when the same logs are read again."""
    told = json.dumps([plain(case.name), *map(plain, parts)])
    return {"logtrace/v1": hashlib.sha256(told.encode()).hexdigest()[:32]}


def _skipped(cases: Iterable[Case]) -> Iterator[Json]:
    for part in (part for case in cases for part in case.coverage.skipped):
        yield {
            "level": "warning" if part.lost else "note",
            "message": _message([part.reason]),
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(part.path)}}}],
        }


def _message(lines: Iterable[str]) -> Json:
    """A message of these lines: braces are placeholders there unless doubled (3.11.5), and `[a](b)` is a link unless
    its brackets are escaped (3.11.6).
    """
    text = "\n".join(lines).encode("utf-8", "backslashreplace").decode()
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": text.replace("{", "{{").replace("}", "}}")}
