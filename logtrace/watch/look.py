"""One look at what is held: its incidents, by the pipeline of `analyze`, and what may be let go after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from logtrace import pipeline
from logtrace.grouping import told_apart
from logtrace.intake.names import report_name
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
    """`cases`: one for each cluster of which anything is held, each by a name of its own; `end`: of the last event."""

    cases: tuple[Case, ...]
    end: datetime | None

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Of all clusters, each one's in order of time."""
        return tuple(one for case in self.cases for one in case.incidents)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the case of each incident."""
        return tuple(case.name for case in self.cases for _ in case.incidents)


NOTHING: Final = Look((), None)


def look(window: Window, options: Options, quiet: timedelta = timedelta()) -> Look:
    """Judge what is held. `quiet`: for how long nothing was logged."""
    if not window.told:
        return NOTHING
    found = []
    for where, gathered in window.gathered():
        if gathered.told:
            record = pipeline.record(gathered, options)
            found.append((where, record, record.timeline.end))
    end = max((each for *_, each in found if each is not None), default=None)
    cases = [pipeline.conclude(record, end + quiet if end else None).case for _, record, _ in found]
    places = [where for where, *_ in found]
    own = [case.config.cluster_name if case.config else None for case in cases]
    names = told_apart([name or report_name(where) for name, where in zip(own, places, strict=True)], places)
    return Look(tuple(replace(case, name=name) for case, name in zip(cases, names, strict=True)), end)
