"""The process that reads the files of one job: `python -m logtrace.serve.analysis`, see `bounded`.

It makes a folder for each case, with all that is ever shown of it: nothing of the logs is read again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from logtrace.errors import LogtraceError
from logtrace.serve.bounded import NO_ROOM, begin, full

if TYPE_CHECKING:
    from logtrace.report.case import Case

OUTCOME: Final = "outcome.json"
PAGE: Final = "page.html"
DOCUMENT: Final = "case.json"
TICKET: Final = "ticket.md"
#: Which cases of the store had an incident like one of this one.
SEEN: Final = "seen.json"
REDACTED: Final = "redacted.html"
#: What the page may do, as its content security policy says it.
POLICY: Final = "policy"
#: Rows of the job's cases, laid out as a store of many cases is, for that store.
ROWS: Final = "rows"
#: The case without its frames, to be compared with another.
VALUES: Final = "case.msgpack"

_MOST: Final = 200  # characters of a name, and names of a kind, by which a case is found


class Order(Struct, frozen=True):
    """`paths`: what to read, of one job; `evidence`: digests of these; `into`: the folder for its cases, by their
    numbers from 1. `store`: of many cases, in which to look whether incidents were seen before; None: nowhere.
    `timezone`, `year`: as in logtrace.report.scope.Options.
    """

    paths: tuple[str, ...]
    evidence: tuple[str, ...]
    into: str
    store: str | None = None
    threads: int = 0
    timezone: str | None = None
    year: int | None = None


class Summary(Struct, frozen=True):
    """What lists and searches show of a case; texts can be shown as they are. Times in seconds since 1970, UTC."""

    name: str
    cluster: str | None
    release: str | None
    start: float | None
    end: float | None
    verdict: str
    faults: int
    outage: float
    nodes: tuple[str, ...]
    causes: tuple[str, ...]
    resources: tuple[str, ...]


class Seen(Struct, frozen=True):
    """An incident that was seen before: its number, its title, and cases of the store as that calls them."""

    incident: str
    title: str
    examples: tuple[str, ...]


class Outcome(Struct, frozen=True):
    """The cases of a job, or the problem in one line for whoever uploaded it; `left_out`: what is no case."""

    cases: tuple[Summary, ...] = ()
    problem: str | None = None
    left_out: tuple[str, ...] = ()


def main() -> None:
    """Makes the cases of the job that this process was started for, and tells the outcome in a file."""
    order = begin(Order)
    try:
        write(Path(order.into, OUTCOME), msgspec.json.encode(_outcome(order)))
    except (OSError, LogtraceError) as error:
        if full(error):
            os._exit(NO_ROOM)
        raise
    os._exit(0)  # without taking down what was read


def _outcome(order: Order) -> Outcome:
    try:
        return _analyse(order)
    except LogtraceError as error:
        if full(error):
            raise
        return Outcome(problem=_line(str(error)))
    except MemoryError:
        return Outcome(problem="It needs more memory than an analysis may take here.")


def _analyse(order: Order) -> Outcome:
    from logtrace import pipeline
    from logtrace.intake.memory import check_limits

    check_limits()
    from logtrace.render.page import begin as prepare
    from logtrace.report.scope import Options

    prepare()
    found = pipeline.cases(order.paths, Options(jobs=order.threads, timezone=order.timezone, year=order.year))
    told = _seen(found.cases, order)
    for number, case in enumerate(told, 1):
        _outputs(case, Path(order.into, str(number)), order.paths)
    from logtrace.fleet.store import Store
    from logtrace.fleet.work import rows_of

    Store.made(str(Path(order.into, ROWS)), None).put(rows_of(told, order.evidence))
    left = tuple(_line(str(error)) for error in found.unusable)
    return Outcome(tuple(map(summary, told)), left_out=left)


def _seen(cases: Sequence[Case], order: Order) -> Sequence[Case]:
    """The cases, with what others in the store have that is like their incidents."""
    from logtrace.fleet.similar import with_seen
    from logtrace.fleet.store import Store
    from logtrace.fleet.work import digest

    if order.store is None:
        return cases
    import polars as pl

    own = ~pl.col("case_id").str.starts_with(digest(order.evidence))  # which may be there from another reading

    def told(tables: dict[str, pl.LazyFrame]) -> list[Case]:
        others = {name: frame if name == "refused" else frame.filter(own) for name, frame in tables.items()}
        return [with_seen(case, others) for case in cases]

    try:
        return Store.at(order.store).asked(told)
    except LogtraceError:  # there is none yet, or it is away: the case is worth as much without
        return cases


def _outputs(case: Case, folder: Path, names: Sequence[str]) -> None:
    from logtrace.cache import without_frames
    from logtrace.redaction import learn
    from logtrace.render import document, markdown, page

    folder.mkdir()
    write(folder / PAGE, page.render(case).encode(errors="backslashreplace"))
    write(folder / POLICY, page.policy().encode())
    write(folder / DOCUMENT, document.render(case).encode())
    write(folder / TICKET, markdown.render(case).encode(errors="backslashreplace"))
    write(folder / SEEN, msgspec.json.encode(_seen_before(case)))
    write(folder / VALUES, without_frames(case))
    hidden = learn([case], more=names).case(case)
    write(folder / REDACTED, page.render(hidden).encode(errors="backslashreplace"))


def _seen_before(case: Case) -> list[Seen]:
    return [
        Seen(each.id, _line(each.title), tuple(dict.fromkeys(one.partition("#")[0] for one in told.examples)))
        for each in case.incidents
        if (told := each.seen_before) is not None and told.examples
    ]


def summary(case: Case) -> Summary:
    """What is shown and searched of `case`."""
    from logtrace.render import sentences

    troubles = [each for each in case.incidents if each.trouble]
    causes = {each.root_cause for each in case.incidents} | {one for each in troubles for one in each.contributing}
    cluster = case.cluster
    return Summary(
        name=_line(case.name),
        cluster=None if cluster.name is None else _line(cluster.name),
        release=None if cluster.pacemaker is None else _line(cluster.pacemaker),
        start=case.window.start.timestamp() if case.window.start else None,
        end=case.window.end.timestamp() if case.window.end else None,
        verdict=_line(sentences.verdict(case), 1000),
        faults=len(troubles),
        outage=sum(each.outage or 0.0 for each in troubles),
        nodes=_names(node.name for node in cluster.nodes),
        causes=_names(causes),
        resources=_names(name for each in case.incidents for name in each.resources),
    )


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({_line(name) for name in names}))[:_MOST]


def _line(text: str, most: int = _MOST) -> str:
    from logtrace.render.untrusted import shown

    return str(shown(text, most))


def write(path: Path, content: bytes) -> None:
    """On the disk before anybody hears of it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


if __name__ == "__main__":
    main()
