"""Questions about jobs and cases, and what users write beside them. Everybody asks here what they may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from msgspec import Meta, Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, false, func, or_, select, true, update

from logtrace.render.untrusted import shown, shown_lines
from logtrace.serve import queue
from logtrace.serve.access import User
from logtrace.serve.database import cases, facets, jobs, uploads
from logtrace.serve.refusals import not_found
from logtrace.serve.settings import Settings

#: Cases on one page of a list.
MOST: Final = 50
#: Characters of a job's id by which the store of many cases calls it.
IN_STORE: Final = 16
_NOTE: Final = 10_000
_TICKET: Final = 200


class Found(Struct, frozen=True):
    """A case in a list."""

    id: str
    job: Annotated[str, Meta(description="The job that made it.")]
    name: Annotated[str, Meta(description="That of its cluster, or else of its input.")]
    cluster: Annotated[str | None, Meta(description="Name of the cluster.")]
    release: Annotated[str | None, Meta(description="Version of Pacemaker.")]
    nodes: Annotated[tuple[str, ...], Meta(description="Its nodes.")]
    causes: Annotated[tuple[str, ...], Meta(description="Root causes and contributing ones, sorted.")]
    start: Annotated[datetime | None, Meta(description="First moment of its window.")]
    end: Annotated[datetime | None, Meta(description="Last moment of its window.")]
    created: Annotated[datetime, Meta(description="When it was analysed.")]
    verdict: Annotated[str, Meta(description="Whether to worry, in a sentence or two.")]
    faults: Annotated[int, Meta(description="Faults and unnecessary recoveries.")]
    outage: Annotated[float, Meta(description="Their seconds without service.")]
    note: Annotated[str, Meta(description="What users wrote beside it.")]
    ticket: Annotated[str, Meta(description="Number of a ticket.")]


class Listing(Struct, frozen=True):
    """Cases, the newest first; `more`: whether there are others."""

    cases: tuple[Found, ...]
    more: bool


class JobState(Struct, frozen=True):
    """Where a job stands."""

    id: str
    state: Annotated[str, Meta(description="queued, running, done or failed.")]
    created: Annotated[datetime, Meta(description="When it was uploaded.")]
    files: Annotated[tuple[str, ...], Meta(description="Names of its files.")]
    ahead: Annotated[int, Meta(description="Jobs that are to be run before it.")]
    problem: Annotated[str | None, Meta(description="Why it failed and what to do, or what it waits for.")]
    timezone: Annotated[str | None, Meta(description="The zone that was told for times that print none.")]
    year: Annotated[int | None, Meta(description="The year that was told for these.")]
    cases: Annotated[tuple[str, ...], Meta(description="Ids of the cases it made.")]


class Asked(Struct, frozen=True):
    """What cases are looked for; an empty text asks nothing. `q`: anywhere; `release`: its beginning; `since`, `until`:
    days or times in UTC, in ISO-8601; `skip`: so many cases are passed over.
    """

    q: str = ""
    cluster: str = ""
    node: str = ""
    cause: str = ""
    release: str = ""
    ticket: str = ""
    since: datetime | None = None
    until: datetime | None = None
    skip: int = 0

    @property
    def filtered(self) -> bool:
        """Whether more is asked for than a word."""
        return replace(self, q="").anything

    @property
    def anything(self) -> bool:
        """Whether anything is asked for."""
        return self != Asked(skip=self.skip)


# --- cases --------------------------------------------------------------------------------------------------


def find(connection: Connection, asked: Asked, user: User, settings: Settings) -> Listing:
    """The cases that `user` may see and asks for."""
    wanted = select(cases).where(_mine(cases.c.job, user, settings), *_conditions(asked))
    wanted = wanted.order_by(cases.c.created.desc(), cases.c.id).offset(asked.skip).limit(MOST + 1)
    rows = connection.execute(wanted).all()
    return Listing(_found(connection, rows[:MOST]), len(rows) > MOST)


def case(connection: Connection, name: str, user: User, settings: Settings) -> Found:
    """One case. Raises Refusal where there is none, or it is not for this user."""
    asked = select(cases).where(cases.c.id == name, _mine(cases.c.job, user, settings))
    row = connection.execute(asked).one_or_none()
    if row is None:
        raise not_found()
    return _found(connection, [row])[0]


def in_store(connection: Connection, names: Collection[str], user: User, settings: Settings) -> dict[str, Found]:
    """The cases that the store of many cases calls so, as far as they are here and for this user: it calls a case by
    the beginning of its job's id, and by its number where there are several.
    """
    begins = {name: (name.partition(".")[0], name.partition(".")[2] or "1") for name in names}
    asked = or_(
        false(),
        *(and_(cases.c.job.startswith(job, autoescape=True), cases.c.id.endswith(f"-{number}", autoescape=True))
          for job, number in begins.values() if len(job) == IN_STORE)
    )  # fmt: skip
    found = _found(connection, connection.execute(select(cases).where(asked, _mine(cases.c.job, user, settings))).all())
    of = {(each.job[:IN_STORE], each.id.rpartition("-")[2]): each for each in found}
    return {name: of[key] for name, key in begins.items() if key in of}


def annotate(engine: Engine, name: str, *, note: str | None = None, ticket: str | None = None) -> None:
    """Writes the note and the number of the ticket of a case; None leaves it as it is."""
    values: dict[str, str] = {}
    if note is not None:
        values["note"] = shown_lines(note.strip(), _NOTE)
    if ticket is not None:
        values["ticket"] = shown(ticket.strip(), _TICKET)
    if values:
        with engine.begin() as connection:
            connection.execute(update(cases).where(cases.c.id == name).values(values))


def values(connection: Connection, kind: str, user: User, settings: Settings) -> list[str]:
    """What cases of this user have of a kind of facet, most frequent first."""
    asked = select(facets.c.value).join(cases, cases.c.id == facets.c.case)
    asked = asked.where(facets.c.kind == kind, _mine(cases.c.job, user, settings))
    return list(connection.scalars(asked.group_by(facets.c.value).order_by(func.count().desc(), facets.c.value)))


def _mine(job: ColumnElement[str], user: User, settings: Settings) -> ColumnElement[bool]:
    """Whether a user may see what a job made."""
    if not settings.private:
        return true()
    return job.in_(select(uploads.c.job).where(uploads.c.owner == user.name))


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found = []
    if asked.q:
        words = [cases.c.name, cases.c.cluster, cases.c.verdict, cases.c.note, cases.c.ticket, cases.c.id]
        named = cases.c.id.in_(select(facets.c.case).where(_holds(facets.c.value, asked.q)))
        found.append(or_(*(_holds(word, asked.q) for word in words), named))
    if asked.cluster:
        found.append(_holds(cases.c.cluster, asked.cluster))
    if asked.release:
        found.append(cases.c.release.startswith(asked.release, autoescape=True))
    if asked.ticket:
        found.append(_holds(cases.c.ticket, asked.ticket))
    for kind, value in (("node", asked.node), ("cause", asked.cause)):
        if value:
            same = and_(facets.c.kind == kind, func.lower(facets.c.value) == value.lower())
            found.append(cases.c.id.in_(select(facets.c.case).where(same)))
    if asked.since:
        found.append(cases.c.end >= asked.since.timestamp())
    if asked.until:
        found.append(cases.c.start <= asked.until.timestamp())
    return found


def _holds(text: ColumnElement[Any], part: str) -> ColumnElement[bool]:
    return func.lower(text).contains(part.lower(), autoescape=True)


def _found(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Found, ...]:
    told = select(facets).where(facets.c.case.in_([row.id for row in rows])).order_by(facets.c.value)
    of: dict[tuple[str, str], list[str]] = {}
    for facet in connection.execute(told):
        of.setdefault((facet.case, facet.kind), []).append(facet.value)
    return tuple(
        Found(
            id=row.id,
            job=row.job,
            name=row.name,
            cluster=row.cluster,
            release=row.release,
            nodes=tuple(of.get((row.id, "node"), ())),
            causes=tuple(of.get((row.id, "cause"), ())),
            start=_time(row.start),
            end=_time(row.end),
            created=_at(row.created),
            verdict=row.verdict,
            faults=row.faults,
            outage=row.outage,
            note=row.note,
            ticket=row.ticket,
        )
        for row in rows
    )


# --- jobs ---------------------------------------------------------------------------------------------------


def job(connection: Connection, name: str, user: User, settings: Settings) -> JobState:
    """Where a job stands. Raises Refusal where there is none, or it is not for this user."""
    row = connection.execute(select(jobs).where(jobs.c.id == name, _mine(jobs.c.id, user, settings))).one_or_none()
    if row is None:
        raise not_found()
    before = select(func.count()).select_from(jobs).where(jobs.c.state == "queued", jobs.c.created < row.created)
    made = select(cases.c.id).where(cases.c.job == name).order_by(cases.c.id)
    return JobState(
        id=row.id,
        state=row.state,
        created=_at(row.created),
        files=tuple(file.name for file in queue.files_of(connection, name)),
        ahead=(connection.scalar(before) or 0) if row.state == "queued" else 0,
        problem=row.problem,
        timezone=row.timezone,
        year=row.year,
        cases=tuple(connection.scalars(made)),
    )


def under_way(connection: Connection, user: User, settings: Settings) -> list[JobState]:
    """Jobs that are not done, the oldest first: those that wait or run, and those that failed."""
    asked = select(jobs.c.id).where(jobs.c.state != "done", _mine(jobs.c.id, user, settings))
    names = connection.scalars(asked.order_by(jobs.c.created, jobs.c.id).limit(MOST)).all()
    return [job(connection, name, user, settings) for name in names]


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else _at(seconds)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
