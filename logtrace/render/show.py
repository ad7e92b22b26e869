"""One incident in depth, for a terminal: numbers, phases, operations, causes, advice, and every cited line.

Like the summary (logtrace.render.summary) it is rich Text: styles where a terminal has them, plain text elsewhere, and
nothing in it that came out of a log can move a cursor or become markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from rich.text import Text

from logtrace.causes.judgement import Verdict
from logtrace.domain.advice import Advice
from logtrace.render import sentences, words
from logtrace.render.chart import result
from logtrace.render.glance import STYLES
from logtrace.render.terminal import bar, columns, flow, plain_ascii, section, shell, wrap
from logtrace.render.untrusted import shown
from logtrace.report.case import Case, Cause, Incident, IncidentKind, IncidentRun

_INDENT: Final = "  "
_DEEPER: Final = "     "
_BAR: Final = (6, 40)  # cells of the longest bar
_BESIDE: Final = 100  # least width at which words stand beside bars
_WIDEST: Final = 200
_NAMES: Final = 12  # nodes, resources and cited lines in a row
_VERDICTS: Final = {
    Verdict.SUPPORTED: ("supported", "green"),
    Verdict.RULED_OUT: ("ruled out", "dim"),
    Verdict.NOT_ENOUGH: ("not enough evidence", "yellow"),
}


def render(case: Case, incident: Incident, *, width: int = 80, symbols: bool = True) -> Text:
    """`incident` of `case` in lines of at most `width` cells (at least 40, at most 200).

    `symbols`: False where the terminal's encoding has no block characters; then everything is ASCII.
    """
    text = Text("\n").join(_lines(case, incident, min(max(width, 40), _WIDEST)))
    return text if symbols else plain_ascii(text)


def _lines(case: Case, incident: Incident, width: int) -> Iterator[Text]:
    first = incident.began
    today = first.date() if first else None
    yield from _head(case, incident, width)
    yield from section("numbers", _numbers(incident, today, width))
    if seen := sentences.seen_before(incident):
        yield from wrap(Text(seen), "", width)
    yield from section("phases", _phases(incident, width))
    yield from section("what to change", (line for number, each in enumerate(incident.advice, 1)
                                   for line in _advice(number, each, width)))  # fmt: skip
    yield from section("causes", _causes(incident, width))
    yield from section("operations (* on the critical path)", _operations(incident, today, width))
    yield from section("transitions", _transitions(incident, today, width))
    yield from section("evidence", _evidence(incident, today, width))
    ask = [Text(shown(each, 200)) for each in incident.missing_witnesses]
    yield from section("would decide what is open", (line for each in ask for line in wrap(each, _INDENT, width)))


def _head(case: Case, incident: Incident, width: int) -> Iterator[Text]:
    kind = "planned" if incident.kind is IncidentKind.PLANNED else sentences.headline(incident)
    name = Text(f"{shown(incident.id, 8)}  {kind}", STYLES[incident.kind])
    outage = [Text(sentences.outage(incident))] if incident.kind is not IncidentKind.PLANNED else []
    when = " -> ".join(sentences.when(incident, None))
    yield from flow([name, *outage, Text(f"confidence {incident.confidence:.2f}", "dim"), Text(when)], "  ", "", width)
    yield from wrap(Text(shown(incident.title)), "", width)
    about: list[str] = [shown(case.cluster.name or "unnamed cluster", sentences.NAME_LIMIT)]
    for noun, names in (("node", incident.nodes), ("resource", incident.resources)):
        if names:
            about.append(f"{noun if len(names) == 1 else noun + 's'} {words.names(names, _NAMES)}")
    if case.window.assumed:
        about.append(f"times in {sentences.utc(case.window)}")
    yield from flow([Text(each, "dim") for each in about], " · ", "", width)
    if incident.contributing:
        also = ", ".join(shown(words.label(each), sentences.NAME_LIMIT) for each in incident.contributing)
        yield from wrap(Text(f"also: {also}"), "", width)


def _numbers(incident: Incident, today: date | None, width: int) -> Iterator[Text]:
    """The moments in their order, each with the time since the one before."""
    moments = (
        ("last known well", None if incident.t_fault else incident.t_fault_earliest, incident.t_fault_basis),
        ("fault", incident.t_fault, incident.t_fault_basis),
        ("detected", incident.t_detected, ""),
        ("decided", incident.t_decided, ""),
        ("first action", incident.t_acted, ""),
        ("recovered", incident.t_recovered, ""),
        ("quiet again", incident.t_end, ""),
    )
    exactly = incident.exactly()
    previous: datetime | None = None
    for name, moment, basis in moments:
        if moment is None:
            continue
        later = f"+{words.duration((moment - previous).total_seconds())}" if previous and moment >= previous else ""
        note = f"{later}  {shown(basis, 200)}".strip()
        lead = f"{_INDENT}{name:<16}{words.clocks([moment], today, [exactly(moment)])[0]}  "
        yield from wrap(Text(note), lead, width) if note else [Text(lead.rstrip())]
        previous = moment
    if not incident.recovered and incident.kind is not IncidentKind.PLANNED:
        yield Text(f"{_INDENT}{'recovered':<16}not in these logs", "yellow")


def _phases(incident: Incident, width: int) -> Iterator[Text]:
    whole = sum(phase.seconds for phase in incident.phases)
    if whole <= 0:
        return
    longest = max(phase.seconds for phase in incident.phases)
    cells = min(max(width // 4 - 4, _BAR[0]) if width >= _BESIDE else width - 32, _BAR[1])
    for phase in incident.phases:
        drawn = bar(cells * phase.seconds / longest)
        lead = (
            f"{_INDENT}{phase.name.value:<9} {words.duration(phase.seconds):>11} {100 * phase.seconds / whole:3.0f} % "
        )
        told = Text.assemble((drawn.ljust(cells), "cyan"), " ", shown(phase.what, 300))
        if width < _BESIDE:
            yield Text(lead).append(drawn, "cyan")
            yield from wrap(Text(shown(phase.what, 300), "dim"), _DEEPER, width)
        else:
            indent = " " * (len(lead) + cells + 1)
            first, *rest = wrap(told, lead, width) if len(indent) + 20 > width else _beside(told, lead, indent, width)
            yield first
            yield from rest
    if (served := sentences.served(incident)) is not None:
        yield from wrap(Text(served), _INDENT, width)


def _beside(told: Text, lead: str, indent: str, width: int) -> Iterator[Text]:
    """The bar and the first words on a line, the further words below the first ones."""
    drawn, what = told[: len(indent) - len(lead)], told[len(indent) - len(lead) :]
    lines = list(wrap(what, indent, width)) or [Text(indent)]
    yield Text.assemble(lead, drawn, lines[0][len(indent) :])
    yield from lines[1:]


def _operations(incident: Incident, today: date | None, width: int) -> Iterator[Text]:
    stamps = words.clocks((op.start for op in incident.operations), today, (op.precise for op in incident.operations))
    rows = [_operation(op, stamp) for op, stamp in zip(incident.operations, stamps, strict=True)]
    styles = [
        "red" if op.failed else "bold" if op.critical else "dim" if op.interval else "" for op in incident.operations
    ]
    if rows:
        heads = ("", "began", "node", "resource", "operation", "took", "result")
        yield from columns(heads, rows, styles, indent=_INDENT, width=width, flexible=(2, 3, 4, 6), right=(5,))


def _operation(op: IncidentRun, stamp: str) -> tuple[str, ...]:
    name = f"{op.operation} every {words.duration(op.interval / 1000)}" if op.interval else op.operation
    return ("*" if op.critical else "", stamp, op.node, op.resource, name, words.duration(op.seconds), result(op))


def _transitions(incident: Incident, today: date | None, width: int) -> Iterator[Text]:
    exactly = incident.exactly()
    rows = []
    for each in incident.transitions:
        start, end = words.clocks([each.start, each.end], today, map(exactly, [each.start, each.end]))
        rows.append((str(each.number), each.dc, start, end, each.outcome or "unknown", each.pe_input or ""))
    if rows:
        heads = ("no.", "DC", "began", "ended", "outcome", "input")
        yield from columns(heads, rows, [""] * len(rows), indent=_INDENT, width=width, flexible=(1, 4, 5), right=(0,))


def _causes(incident: Incident, width: int) -> Iterator[Text]:
    order = list(_VERDICTS)
    ranked = sorted(
        incident.causes,
        key=lambda each: (order.index(each.verdict), each.label != incident.root_cause, -(each.weight or 0.0)),
    )
    for each in ranked:
        yield from _cause(each, width)


def _cause(finding: Cause, width: int) -> Iterator[Text]:
    word, style = _VERDICTS[finding.verdict]
    label = shown(words.label(finding.label), sentences.NAME_LIMIT)
    weight = [] if finding.weight is None else [Text(words.duration(finding.weight))]
    cited = [Text(words.names(finding.evidence, _NAMES), "dim")] if finding.evidence else []
    yield from flow([Text(label, "bold"), Text(word, style), *weight, *cited], "  ", _INDENT, width)
    yield from wrap(Text(shown(finding.sentence)), _DEEPER, width)


def _advice(number: int, advice: Advice, width: int) -> Iterator[Text]:
    yield from wrap(Text(shown(advice.sentence)), f"{_INDENT}{number}. ".ljust(len(_DEEPER)), width)
    if saves := words.saves(advice.saves):
        basis = f": {shown(advice.saves_basis)}" if advice.saves_basis else ""
        yield from wrap(Text(f"saves {saves}{basis}", "green"), _DEEPER, width)
    if advice.risk:
        yield from wrap(Text(f"risk: {shown(advice.risk)}", "yellow"), _DEEPER, width)
    for tool, command in advice.commands.items():
        yield Text(f"{_DEEPER}with {shown(tool, 20)}:", "dim")
        yield from shell(command, _DEEPER + "  ", width)


def _evidence(incident: Incident, today: date | None, width: int) -> Iterator[Text]:
    """Every cited line in the order of time, under its file and number."""
    cited = sorted(incident.evidence, key=lambda each: each.time)
    first = incident.first_line
    stamps = words.clocks((each.time for each in cited), today, (each.precise for each in cited))
    for each, stamp in zip(cited, stamps, strict=True):
        mark = "  first line" if first is not None and each.id == first.id else ""
        place = f"{shown(each.id, 8):<4} {stamp}  {shown(each.file, 400)}:{each.line}{mark}"
        yield from wrap(Text(place, "cyan"), _INDENT, width)
        yield from wrap(Text(shown(each.text)), _DEEPER, width)
