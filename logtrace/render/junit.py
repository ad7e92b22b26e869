"""Cases as JUnit's XML, which CI systems show: a suite for each case, a test for each incident and each finding.

What nobody wanted fails: faults, unnecessary recoveries, errors and warnings of the configuration. What was planned,
moves by the cluster's own rules and mere remarks pass, and are told in the test's output. A case without any incident
has one test that passes, for some systems take an empty file for a mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lxml import etree

from logtrace.lint.finding import Finding
from logtrace.render import sentences, story, words
from logtrace.render.untrusted import shown, shown_lines
from logtrace.report.case import Case, Incident
from logtrace.version import VERSION

_NAME: Final = 200


def render(cases: Sequence[Case]) -> str:
    """The document, ASCII only (all else as character references), with a final line end."""
    root = etree.Element("testsuites", name="logtrace")
    for case in cases:
        _suite(root, case)
    for each in (root, *root):
        parts = list(each.iter("testcase"))
        failed = sum(part.find("failure") is not None for part in parts)
        for key, value in (("tests", len(parts)), ("failures", failed), ("errors", 0)):
            each.set(key, str(value))
    etree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{bytes(etree.tostring(root)).decode("ascii")}\n'


def _suite(root: etree._Element, case: Case) -> None:
    suite = etree.SubElement(root, "testsuite", name=shown(case.name or "unnamed cluster", _NAME))
    if case.window.start is not None:
        suite.set("timestamp", f"{case.window.start:%Y-%m-%dT%H:%M:%S}")
    told = etree.SubElement(suite, "properties")
    for name, value in (("logtrace", VERSION), ("verdict", sentences.verdict(case))):
        etree.SubElement(told, "property", name=name, value=shown(value))
    for incident in case.incidents:
        _incident(suite, case, incident)
    if not case.incidents:
        _test(suite, case, "incidents", "no incidents", [sentences.verdict(case), sentences.read(case.coverage)])
    for finding in case.findings:
        _finding(suite, case, finding)


def _incident(suite: etree._Element, case: Case, incident: Incident) -> None:
    headline, lost = sentences.headline(incident), sentences.outage(incident)
    name = f"{incident.id} {headline}: {shown(incident.title, _NAME)}"
    lines = story.incident(incident, sentences.utc(case.window))
    failure = (incident.root_cause, f"{headline}, {lost}") if incident.trouble else None
    _test(suite, case, "incidents", name, lines, failure=failure, seconds=incident.outage)


def _finding(suite: etree._Element, case: Case, finding: Finding) -> None:
    name = f"{words.label(finding.label)}: {shown(finding.subject, _NAME)}"
    failure = None if finding.severity == "info" else (finding.label, f"{finding.severity}: {finding.sentence}")
    _test(suite, case, "configuration", name, story.finding(finding), failure=failure)


def _test(
    suite: etree._Element,
    case: Case,
    group: str,
    name: str,
    lines: Iterable[str],
    *,
    failure: tuple[str, str] | None = None,
    seconds: float | None = None,
) -> None:
    """A test that passes, or one with a `failure` (type and message); `lines` tell more."""
    whose = shown(case.name or "unnamed cluster", _NAME).replace(".", "_")  # a dot begins another level
    test = etree.SubElement(
        suite, "testcase", classname=f"{whose}.{group}", name=shown(name), time=f"{seconds or 0:.3f}"
    )
    told = etree.SubElement(test, "system-out" if failure is None else "failure")
    if failure is not None:
        kind, message = failure
        told.set("type", shown(kind, _NAME))
        told.set("message", shown(message))
    told.text = shown_lines("\n".join(lines))
