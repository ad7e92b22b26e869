"""The weaknesses of a configuration for a terminal: what, where, why, and the commands that mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from logtrace.lint.finding import Finding
from logtrace.render import sentences, words
from logtrace.render.terminal import flow, plain_ascii, shell, wrap
from logtrace.render.untrusted import shown
from logtrace.report.case import Case
from logtrace.report.configuration import sources

COMMAND_LINES: Final = 24

_INDENT: Final = "         "
_STYLES: Final = {"error": "bold red", "warning": "bold yellow", "info": "bold"}


def render(case: Case, findings: Sequence[Finding], *, width: int = 80, symbols: bool = True) -> Text:
    """`findings` of `case`, each a block of lines of at most `width` cells (40 to 120), and their numbers at the end.

    `symbols` False: ASCII only. A command or name that cannot be broken may exceed the width.
    """
    text = Text("\n").join(_lines(case, findings, min(max(width, 40), 120)))
    return text if symbols else plain_ascii(text)


def _lines(case: Case, findings: Sequence[Finding], width: int) -> Iterator[Text]:
    yield from flow([Text(piece) for piece in _header(case)], " · ", "", width)
    for finding in findings:
        yield Text()
        yield from _block(finding, width)
    yield Text()
    yield from wrap(Text(_total(case, findings), "bold"), "", width)


def _header(case: Case) -> list[str]:
    """The cluster and what was read of its configuration."""
    read: list[str] = [shown(source, sentences.NAME_LIMIT * 2) for source in sources(case)]
    return [
        shown(case.cluster.name or "unnamed cluster", sentences.NAME_LIMIT),
        words.count(len(case.cluster.nodes), "node"),
        *(read or ["no configuration"]),
    ]


def _block(finding: Finding, width: int) -> Iterator[Text]:
    head = Text(f"{shown(finding.severity, 7):<{cell_len(_INDENT)}}", _STYLES.get(finding.severity, ""))
    head.append(shown(finding.label, sentences.NAME_LIMIT), "bold")
    yield from flow([head, Text(shown(finding.subject, sentences.NAME_LIMIT))], "  ", "", width)
    yield from wrap(Text(shown(finding.sentence)), _INDENT, width)
    for command in dict.fromkeys(finding.commands.values()):
        yield from shell(command, _INDENT, width, COMMAND_LINES, elsewhere="logtrace lint --json -")


def _total(case: Case, findings: Sequence[Finding]) -> str:
    if not findings and not sources(case):
        return "There is no configuration to judge: give a cib.xml, a corosync.conf or a report that holds them."
    if not findings:
        return "Nothing in the configuration stood out."
    numbers = [(sum(each.severity == severity for each in findings), severity) for severity in _STYLES]
    named = [words.count(number, "note" if severity == "info" else severity) for number, severity in numbers if number]
    return f"{words.listing(named)}; logtrace explain CODE tells more"
