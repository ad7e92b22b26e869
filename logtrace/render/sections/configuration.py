"""The weaknesses of the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from rich.text import Text

from logtrace.lint.finding import Finding
from logtrace.render import sentences, words
from logtrace.render.limits import Detail, Some
from logtrace.render.section import Page, Section
from logtrace.render.terminal import INDENT, wrap
from logtrace.render.untrusted import inline, shown
from logtrace.report.case import Case

FINDINGS: Final = 3  # in the summary, and named in Markdown


class Findings(Struct, frozen=True):
    """`checked`: there was a configuration to look at."""

    findings: tuple[Finding, ...]
    some: Some
    checked: bool


def _values(page: Page) -> Findings:
    findings = page.case.findings[: page.limits.rows]
    return Findings(findings, Some(len(findings), len(page.case.findings)), page.case.config is not None)


def _markdown(case: Case, _: Detail) -> Iterator[str]:
    if case.findings:
        yield ""
        subjects = words.listing([f"{each.label}: {each.subject}" for each in case.findings], FINDINGS)
        yield inline(f"{words.count(len(case.findings), 'weakness', 'weaknesses')} of the configuration: {subjects}.")


def _summary(case: Case, width: int) -> Iterator[Text]:
    if not case.findings:
        return
    yield Text()
    yield Text(f"configuration: {words.count(len(case.findings), 'weakness', 'weaknesses')}", "bold")
    for finding in case.findings[:FINDINGS]:
        said = (
            f"{shown(finding.severity, 20)}: {shown(finding.subject, sentences.NAME_LIMIT)}: {shown(finding.sentence)}"
        )
        yield from wrap(Text(said), INDENT, width)
    if len(case.findings) > FINDINGS:
        yield Text(f"{INDENT}… {len(case.findings) - FINDINGS} more")


SECTION = Section(
    anchor="configuration",
    title="Configuration",
    after="quiet",
    template="configuration.html",
    values=_values,
    markdown=_markdown,
    summary=_summary,
)
