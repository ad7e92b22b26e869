"""The incidents of the corpus, each scenario read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from corpus_score import CORPUS, archives, incidents_of

from logtrace.report.case import Incident, IncidentKind


@cache
def read() -> tuple[tuple[Path, tuple[Incident, ...]], ...]:
    """(archive, its incidents that nobody asked for), one archive of each scenario."""
    found = []
    for folder in sorted(CORPUS.iterdir()):
        archive, *_ = archives(folder)
        incidents = incidents_of(archive)
        found.append((archive, tuple(one for one in incidents if one.kind is not IncidentKind.PLANNED)))
    return tuple(found)
