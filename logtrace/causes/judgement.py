"""What one cause module answers about one incident."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from logtrace.causes.confidence import Strength


class Verdict(StrEnum):
    SUPPORTED = "supported"
    RULED_OUT = "ruled_out"
    NOT_ENOUGH = "not_enough_evidence"


class Judgement(Struct, frozen=True):
    """`weight`: the seconds of the outage this cause is answerable for (None: not measured in seconds).

    `events`: ids of the lines that prove or disprove it. `strength`: how far those lines alone would convince
    somebody who doubts it.
    """

    verdict: Verdict
    sentence: str
    weight: float | None = None
    events: tuple[int, ...] = ()
    strength: Strength = Strength.FOLLOWED
    follows: bool = False  # true, and a step that followed from something else: never the headline


def supported(
    sentence: str,
    events: Iterable[int | None],
    *,
    weight: float | None = None,
    strength: Strength = Strength.AGREED,
    follows: bool = False,
) -> Judgement:
    """It is true; `events` prove it."""
    return Judgement(Verdict.SUPPORTED, sentence, weight, _ids(events), strength, follows=follows)


def ruled_out(sentence: str, events: Iterable[int | None] = (), *, weight: float | None = None) -> Judgement:
    """It is not true; `events` show that, where a line can."""
    return Judgement(Verdict.RULED_OUT, sentence, weight, _ids(events))


def not_seen(sentence: str, mute: Iterable[str], events: Iterable[int | None] = ()) -> Judgement:
    """No line shows it. That rules it out only where such a line would be here; `mute` are the nodes of which not."""
    silent = ", ".join(sorted(mute))
    if silent:
        return undecided(f"{sentence}; but what {silent} saw then is not in these logs", events)
    return ruled_out(sentence, events)


def undecided(sentence: str, events: Iterable[int | None] = ()) -> Judgement:
    """The lines that would decide it are missing."""
    return Judgement(Verdict.NOT_ENOUGH, sentence, None, _ids(events))


def _ids(events: Iterable[int | None]) -> tuple[int, ...]:
    if events == ():
        return ()  # as of most: few causes are true of an incident
    return tuple(dict.fromkeys(event for event in events if event is not None and event >= 0))[:12]
