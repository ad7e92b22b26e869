"""The incidents of the corpus, each scenario read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from logtrace.pipeline import analyze
from logtrace.report.case import Incident, IncidentKind

CORPUS = Path(__file__).parent.parent / "corpus"


@cache
def read() -> tuple[tuple[Path, tuple[Incident, ...]], ...]:
    """(archive, its incidents that nobody asked for), one archive of each scenario."""
    found = []
    for folder in sorted(CORPUS.iterdir()):
        archive = min(path for path in folder.iterdir() if ".tar" in path.name)
        incidents = analyze([str(archive)]).incidents
        found.append((archive, tuple(one for one in incidents if one.kind is not IncidentKind.PLANNED)))
    return tuple(found)
