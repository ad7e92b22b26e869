"""A case in one line for a chat: cluster, worst fault, outage, cause, the best fix, and how many more there are.

Chats read Markdown: as in a ticket, words that would mean something to them stand in code spans, so that a log mentions
nobody and links nowhere.
"""

from __future__ import annotations

from typing import Final

from logtrace.render import sentences, story, words
from logtrace.render.untrusted import inline, shown
from logtrace.report.case import Case, Incident
from logtrace.report.overview import trouble

#: Characters of a sentence.
_SENTENCE: Final = 240


def line(case: Case) -> str:
    """The line, with its line end."""
    name = inline(shown(case.name or "unnamed cluster", sentences.NAME_LIMIT))
    told = [case.incidents[place] for place in trouble(case.incidents)]
    if not told:
        return f"{name}: {inline(sentences.verdict(case))}\n"
    worst, *others = told
    said = [f"{name}: {inline(shown(worst.title, _SENTENCE))}", _numbers(worst, sentences.utc(case.window))]
    if worst.advice:
        best = worst.advice[0]
        said.append(f"{sentences.advised(best)}: {inline(shown(story.fix(best).rstrip('.'), _SENTENCE))}.")
    if others:
        said.append(f"And {len(others):,} more: {words.listing([each.id for each in others], 5)}.")
    return " ".join(said) + "\n"


def _numbers(worst: Incident, utc: str) -> str:
    outage = sentences.outage(worst).capitalize()
    cause = inline(sentences.headline(worst))
    return f"{outage}, {cause}, since {inline(words.span(worst.began, None, utc))}."
