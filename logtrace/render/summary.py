"""The triage summary for a terminal: whether to worry, why it took so long, what to do, and the line that proves it.

`render` gives a `rich.text.Text` whose lines are already broken at `width`; nothing in it is parsed as markup, and
every character that could steer a terminal has been made visible. Whether its colours are used is the console's
business.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from logtrace.domain.advice import Advice
from logtrace.render import glance, sentences, words
from logtrace.render.section import sections
from logtrace.render.terminal import INDENT, bar, fit, flow, plain_ascii, shell, wrap
from logtrace.render.untrusted import shown
from logtrace.report.case import Case, Evidence, Incident, IncidentKind

#: Incidents told in full, then those told in one line; the rest is only counted.
FULL: Final = 8
BRIEF: Final = 20
ADVICE: Final = 3
COMMAND_LINES: Final = 4
BAR: Final = (12, 40)  # cells of all bars of an incident together


def render(case: Case, *, width: int = 80, page: str | None = None, symbols: bool = True) -> Text:
    """The summary of `case` in lines of at most `width` cells (at least 40, and for the eye's sake at most 120).

    `page`: path of the page that was written, told last. `symbols`: False where the terminal's encoding has no block
    characters; then everything is ASCII. A command or path that cannot be broken may exceed the width.
    """
    text = Text("\n").join(_lines(case, min(max(width, 40), 120), page))
    return text if symbols else plain_ascii(text)


def _lines(case: Case, width: int, page: str | None) -> Iterator[Text]:
    yield from wrap(Text(sentences.verdict(case), "bold"), "", width)
    if not any(each.trouble for each in case.incidents):
        yield from wrap(Text(sentences.read(case.coverage)), "", width)
    yield from glance.cards(case, width)
    yield Text()
    yield from flow([Text(piece, "dim") for piece in sentences.header(case)], " · ", "", width)
    for section in sections():
        if section.summary is not None:
            yield from section.summary(case, width)
    if page is not None:
        yield Text()
        yield Text(f"page: {shown(page, 4096)}")


def incidents(case: Case, width: int) -> Iterator[Text]:
    """What went wrong in blocks, up to FULL of them, all else a line each, up to BRIEF; the rest is counted."""
    today, told = sentences.today(case), glance.carded(case)
    full = [each.id for each in case.incidents if each.trouble][:FULL]
    brief = [each.id for each in case.incidents if each.id not in full][:BRIEF]
    above = ""
    for incident in case.incidents:
        if incident.id in full:
            yield Text()
            yield from _block(incident, today, width, told=incident in told)
        elif incident.id in brief:
            if above not in brief:
                yield Text()
            yield from _in_brief(incident, today, width, whole=len(brief) <= FULL)
        above = incident.id
    if len(case.incidents) > len(full) + len(brief):
        yield Text(f"… {words.count(len(case.incidents) - len(full) - len(brief), 'more incident')}")


def _in_brief(incident: Incident, today: date | None, width: int, *, whole: bool) -> Iterator[Text]:
    """What happened and when, on one line unless it is to be told `whole`."""
    what = "planned" if incident.kind is IncidentKind.PLANNED else sentences.headline(incident)
    right = f"  {' -> '.join(sentences.when(incident, today))}"
    room = width - cell_len(right)
    said = f"{what}: {shown(incident.title)}"
    told = Text(said if whole else fit(said, room - len(INDENT)))
    for place, line in enumerate(wrap(told, _id(incident), room)):
        if not place:
            line.pad_right(room - line.cell_len)
            line.append(right)
        line.stylize(glance.STYLES[incident.kind] if incident.trouble else "dim")
        yield line


def _id(incident: Incident) -> str:
    return f"{shown(incident.id, 8)} ".ljust(len(INDENT))


def _block(incident: Incident, today: date | None, width: int, *, told: bool) -> Iterator[Text]:
    """All that the summary says of an incident; `told`: what happened and where the time went stand in its card."""
    confidence = Text(f"confidence {incident.confidence:.2f}", "dim")
    if told:
        yield from flow(
            [Text(sentences.headline(incident), glance.STYLES[incident.kind]), confidence], "  ", _id(incident), width
        )
    else:
        yield from glance.head(incident, [Text(sentences.outage(incident)), confidence], today, width)
        yield from wrap(Text(shown(incident.title)), INDENT, width)
        yield from _phases(incident, width)
    if (served := sentences.served(incident)) is not None:
        yield from wrap(Text(served), INDENT, width)
    for number, advice in enumerate(incident.advice[:ADVICE], 1):
        yield from _advice(number, advice, shown(incident.id, 8), width)
    if len(incident.advice) > ADVICE:
        yield Text(f"{INDENT}… {len(incident.advice) - ADVICE} more")
    if incident.contributing:
        also = ", ".join(shown(words.label(each), sentences.NAME_LIMIT) for each in incident.contributing)
        yield from wrap(Text(f"also: {also}"), INDENT, width)
    first = incident.first_line
    if first is not None:
        yield from _cited(first, sentences.first_words(incident), width)
    if seen := sentences.seen_before(incident):
        yield from wrap(Text(seen), INDENT, width)
    if incident.missing_witnesses:
        ask = words.listing([shown(each, 120) for each in incident.missing_witnesses], 2)
        yield from wrap(Text(f"would decide: {ask}", "yellow"), INDENT, width)


def _phases(incident: Incident, width: int) -> Iterator[Text]:
    totals = incident.phase_totals
    whole = sum(totals.values())
    if whole <= 0:
        return
    named = [(f"{name.value} {words.duration(seconds)} ", seconds) for name, seconds in totals.items()]
    room = width - len(INDENT) - sum(cell_len(name) + 3 for name, _ in named)
    cells = min(max(room, BAR[0]), BAR[1])
    items = [Text(name).append(bar(cells * seconds / whole), "cyan") for name, seconds in named]
    yield from flow(items, "  ", INDENT, width)


def _advice(number: int, advice: Advice, whose: str, width: int) -> Iterator[Text]:
    saved = words.saves(advice.saves)
    saves = f"saves {saved}" if saved else ""
    lead = f"{INDENT}{number}. "
    room = width - (len(saves) + 2 if saves else 0)
    first, *rest = wrap(Text(shown(advice.sentence)), lead, room)
    first.pad_right(width - first.cell_len - len(saves)) if saves else None
    yield first.append(saves, "green")
    yield from rest
    command = advice.commands.get("crm") or next(iter(advice.commands.values()), "")
    yield from shell(command, " " * len(lead), width, COMMAND_LINES, elsewhere=f"logtrace show REPORT {whose}")


def _cited(evidence: Evidence, lead: str, width: int) -> Iterator[Text]:
    lines = 2 if width >= 100 else 3
    room = lines * (width - len(INDENT) - 8) + 8  # less what breaking between words may waste
    told = fit(f"{lead}: {sentences.place(evidence)}  {shown(evidence.text, 400)}", room)
    yield from wrap(Text(told, "dim"), INDENT, width)
