"""One look at what is held: its incidents, by the pipeline of `analyze`, and what may be let go after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from logtrace import pipeline
from logtrace.report.case import Case
from logtrace.report.incident import Incident
from logtrace.report.scope import Options
from logtrace.watch.window import Window

#: What is kept before the first line that anything open needs, and before the last line where nothing is: as much as
#: `--since` reads before its beginning, for the same reason.
TAIL: Final = timedelta(hours=3)

#: Events held at most, some hundred megabytes. What is open for longer is not followed to its end.
MOST_EVENTS: Final = 400_000


class Look(Struct, frozen=True):
    """`case`: None where what is held tells nothing; `incidents`: in order of time; `end`: of the last event."""

    case: Case | None
    incidents: tuple[Incident, ...]
    end: datetime | None


def look(window: Window, options: Options, quiet: timedelta = timedelta()) -> Look:
    """Judge what is held. `quiet`: for how long nothing was logged."""
    if not window.told:
        return Look(None, (), None)
    found = pipeline.record(window.gathered(), options)
    end = found.timeline.end
    case = pipeline.conclude(found, end + quiet if end else None).case
    return Look(case, case.incidents, end)
