"""The causes of an incident as the page shows them: by verdict, each with links to its lines, explained once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from logtrace import explain
from logtrace.causes.judgement import Verdict
from logtrace.explain import Explanation
from logtrace.render import sentences
from logtrace.render.limits import Limits, Some
from logtrace.report.case import Cause, Incident

_VERDICTS = {
    Verdict.SUPPORTED: "supported",
    Verdict.RULED_OUT: "ruled out",
    Verdict.NOT_ENOUGH: "not enough evidence",
}


class Reference(Struct, frozen=True):
    """A link to a cited line; `anchor` is None for a line that is not shown."""

    anchor: str | None
    where: str


class CauseRow(Struct, frozen=True):
    """`about`: what the label means, where the page tells it first; `explained`: the page tells it somewhere."""

    finding: Cause
    references: tuple[Reference, ...]
    more: int
    about: Explanation | None
    explained: bool


class Causes(Struct, frozen=True):
    """The causes of one verdict."""

    verdict: str
    folded: bool
    causes: tuple[CauseRow, ...]
    some: Some


def explained(told: Iterable[tuple[str, Incident]], limits: Limits) -> dict[str, str]:
    """Where labels are explained: label -> the fragment of the first incident whose section tells that it holds."""
    where: dict[str, str] = {}
    for anchor, incident in told:
        for finding in _ranked(incident, Verdict.SUPPORTED)[: limits.causes]:
            where.setdefault(finding.label, anchor)
    return where


def _ranked(incident: Incident, verdict: Verdict) -> list[Cause]:
    """The causes of a verdict: the headline first, then what weighs most."""
    group = [finding for finding in incident.causes if finding.verdict is verdict]
    return sorted(group, key=lambda finding: (finding.label != incident.root_cause, -(finding.weight or 0.0)))


def by_verdict(
    incident: Incident, anchors: dict[str, str], where: Mapping[str, str], here: str, limits: Limits
) -> tuple[Causes, ...]:
    """By verdict. `where`: the incident that explains a label; `here`: this one."""
    known = {line.id: line for line in incident.evidence}
    out = []
    for verdict, word in _VERDICTS.items():
        group = _ranked(incident, verdict)
        causes = []
        for finding in group[: limits.causes]:
            references = tuple(
                Reference(anchors.get(each), sentences.place(known[each]))
                for each in finding.evidence[: limits.references]
                if each in known
            )
            about = explain.of(finding.label) if verdict is Verdict.SUPPORTED else None
            first = about is not None and where.get(finding.label) == here
            causes.append(
                CauseRow(
                    finding,
                    references,
                    len(finding.evidence[limits.references :]),
                    about if first else None,
                    about is not None,
                )
            )
        if causes:
            out.append(Causes(word, verdict is not Verdict.SUPPORTED, tuple(causes), Some(len(causes), len(group))))
    return tuple(out)
