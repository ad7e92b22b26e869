"""An incident or a finding in a few plain lines, for formats that hold a text: what happened, how long it hurt, what to
change, where to begin reading. Every line has been made visible; escaping for the format is its renderer's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logtrace.domain.advice import Advice
from logtrace.lint.finding import Finding
from logtrace.render import sentences, words
from logtrace.render.untrusted import Shown, shown
from logtrace.report.case import Incident, IncidentKind

ADVICE: Final = 3
#: Characters of a command, which is left out rather than cut.
_COMMAND: Final = 4000


def incident(told: Incident, utc: str) -> Iterator[str]:
    """The lines of an incident; `utc` says how sure times are."""
    yield shown(told.title)
    yield words.span(told.began, told.t_recovered or told.t_end, utc)
    if told.kind is not IncidentKind.PLANNED:
        cause = f"{sentences.headline(told)}, confidence {told.confidence:.2f}"
        yield f"{sentences.outage(told).capitalize()}; {cause}"
    if told.phases:
        path = ", ".join(f"{name.value} {words.duration(each)}" for name, each in told.phase_totals.items())
        yield f"Where the time went: {path}"
    for number, advice in enumerate(told.advice[:ADVICE], 1):
        yield f"{number}. {fix(advice)}"
        yield from _commands(advice.commands)
    if (first := told.first_line) is not None:
        yield f"{sentences.first_words(told).capitalize()}: {sentences.place(first)}  {shown(first.text)}"


def finding(told: Finding) -> Iterator[str]:
    """The lines of a weakness of the configuration."""
    yield shown(f"{told.subject}: {told.sentence}")
    yield from _commands(told.commands)


def fix(advice: Advice) -> Shown:
    """A change, and what it would have saved."""
    saved = words.saves(advice.saves)
    return shown(advice.sentence.rstrip(".") + (f" (saves {saved})" if saved else "."))


def _commands(commands: dict[str, str]) -> Iterator[str]:
    """As for a terminal: for crmsh where there are any, else for the other tool."""
    command = commands.get("crm") or next(iter(commands.values()), "")
    if len(command) <= _COMMAND:
        yield from (f"   {shown(line, _COMMAND)}" for line in command.splitlines() if line.strip())
