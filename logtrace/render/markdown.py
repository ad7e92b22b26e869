"""The case as Markdown for a ticket: at most 60 lines, as detailed as fits.

Only what GitHub, GitLab and Jira all render is used: headings, pipe tables, numbered lists, fenced code; and around
commands what GitHub and GitLab fold (elsewhere they stand between two tags). Text from logs is made harmless by
logtrace.render.untrusted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from logtrace.render import sentences, words
from logtrace.render.limits import Detail, Some
from logtrace.render.section import sections
from logtrace.render.untrusted import cell, fence, inline, shown
from logtrace.report.case import Case, Incident, IncidentKind

LINES: Final = 60
#: Characters of a cited line, which is cut there, and of a command, which is left out rather than cut.
LINE: Final = 400
_COMMAND: Final = 4000


#: From rich to poor; the first that fits into LINES is used. Commands go last. The last one always fits.
_DETAILS: Final = (
    Detail(rows=40, blocks=8, advice=5, commands=12, lines=8, notes=5),
    Detail(rows=30, blocks=8, advice=3, commands=12, lines=4, notes=5),
    Detail(rows=20, blocks=8, advice=3, commands=12, lines=1, notes=3),
    Detail(rows=15, blocks=8, advice=2, commands=8, lines=1, notes=0),
    Detail(rows=15, blocks=6, advice=2, commands=8, lines=0, notes=0),
    Detail(rows=10, blocks=4, advice=2, commands=6, lines=0, notes=0),
    Detail(rows=10, blocks=3, advice=2, commands=4, lines=0, notes=0),
    Detail(rows=10, blocks=2, advice=2, commands=4, lines=1, notes=0),
    Detail(rows=10, blocks=2, advice=2, commands=0, lines=1, notes=0),
)


def render(case: Case) -> str:
    """The Markdown text, with a final line end."""
    for detail in _DETAILS:
        lines = list(_lines(case, detail))
        if len(lines) <= LINES:
            break
    return "\n".join(lines) + "\n"


def one(incident: Incident, lines: int, utc: str) -> str:
    """One incident alone, with at most so many cited lines; `utc` says how sure times are. With a final line end."""
    _, heading, *story = _block(incident, Detail(rows=0, blocks=0, advice=5, commands=100, lines=lines, notes=0))
    facts = [words.span(incident.t_fault or incident.t_detected, incident.t_recovered or incident.t_end, utc)]
    if incident.kind is not IncidentKind.PLANNED:
        facts.append(sentences.outage(incident))
    facts += [name for name in (_names(incident.nodes), _names(incident.resources)) if name]
    return "\n".join([heading, " · ".join(inline(fact) for fact in facts if fact), "", *story]) + "\n"


def _lines(case: Case, detail: Detail) -> Iterator[str]:
    name, *rest = sentences.header(case)
    yield f"## {inline(name)}"
    yield ""
    yield " · ".join(inline(piece) for piece in rest)
    yield ""
    yield f"**{inline(sentences.verdict(case))}**"
    for section in sections():
        if section.markdown is not None:
            yield from section.markdown(case, detail)


def incidents(case: Case, detail: Detail) -> Iterator[str]:
    """All incidents in a table, then a block for each of the first that nobody asked for."""
    if case.incidents:
        yield from _table(case, detail.rows)
    else:
        yield ""
        yield inline(sentences.read(case.coverage))
    told = [each for each in case.incidents if each.trouble]
    for incident in told[: detail.blocks]:
        yield from _block(incident, detail)
    if len(told) > detail.blocks:
        yield ""
        yield f"{words.count(len(told) - detail.blocks, 'more incident')}: see the page or the JSON."


def _table(case: Case, rows: int) -> Iterator[str]:
    today = sentences.today(case)
    yield ""
    yield f"| | cause | when ({sentences.utc(case.window)}) | outage | nodes | resources |"
    yield "|---|---|---|---|---|---|"
    for incident in case.incidents[:rows]:
        planned = incident.kind is IncidentKind.PLANNED
        cells = (
            incident.id,
            f"planned: {shown(incident.title, 80)}" if planned else sentences.headline(incident),
            " to ".join(sentences.when(incident, today)),
            "" if planned else sentences.outage(incident).removeprefix("outage "),
            _names(incident.nodes),
            _names(incident.resources),
        )
        yield f"| {' | '.join(cell(each) for each in cells)} |"
    if len(case.incidents) > rows:
        yield f"| … | {len(case.incidents) - rows:,} more | | | | |"


def _names(names: Sequence[str]) -> str:
    return words.listing([shown(name, sentences.NAME_LIMIT) for name in names], 2) if names else ""


def _block(incident: Incident, detail: Detail) -> Iterator[str]:
    yield ""
    yield f"### {inline(f'{incident.id}: {sentences.headline(incident)}')} (confidence {incident.confidence:.2f})"
    yield f"What happened: {inline(shown(incident.title))}"
    if incident.phases:
        path = ", ".join(f"{name.value} {words.duration(each)}" for name, each in incident.phase_totals.items())
        served = sentences.served(incident)
        yield f"Where the time went: {path}{'; ' + served if served else ''}."
    if seen := sentences.seen_before(incident):
        yield f"{inline(seen)}."
    yield from _advice(incident, detail)
    first = incident.first_line
    cited = [each for each in incident.evidence if first is None or each.id != first.id]
    lines = [shown(f"{sentences.place(each)}  {each.text}", LINE) for each in ([first] if first else []) + cited][
        : detail.lines
    ]
    if lines:
        number, one = Some(len(lines), len(incident.evidence)), len(incident.evidence) == 1
        yield ""
        yield f"{sentences.first_words(incident).capitalize()}; {number} cited {'line' if one else 'lines'}:"
        yield ""
        yield from fence(lines)


def _advice(incident: Incident, detail: Detail) -> Iterator[str]:
    if not incident.advice:
        return
    yield ""
    commands: list[str] = []
    elsewhere: list[str] = []
    for number, advice in enumerate(incident.advice[: detail.advice], 1):
        saves = words.saves(advice.saves)
        told = f" Saves {saves}." if saves else ""
        yield f"{number}. {inline(shown(advice.sentence.rstrip('.')))}.{told}"
        command = advice.commands.get("crm") or next(iter(advice.commands.values()), "")
        lines = [line for line in command.splitlines() if line.strip() and line not in commands]
        if len(command) > _COMMAND or len(commands) + len(lines) > detail.commands:
            elsewhere.append(f"{number}")
        else:
            commands += lines
    if commands:
        yield ""
        yield f"<details><summary>{words.count(len(commands), 'command')}</summary>"
        yield ""
        yield from fence(commands)
        yield "</details>"
    if elsewhere:
        yield ""
        yield f"The commands for {words.listing(elsewhere, 5)} are on the page and in the JSON."
