"""The tables, the same in SQLite and in PostgreSQL, and how to reach them.

Times are seconds since 1970 in UTC. Texts have been through `logtrace.render.untrusted`: no NUL, which PostgreSQL
refuses, and nothing invisible.
"""

from __future__ import annotations

from sqlite3 import Connection as SQLite
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from logtrace.errors import UsageError

#: Of the tables below; a database of another one is refused.
VERSION: Final = 2

metadata: Final = MetaData()

meta: Final = Table("meta", metadata, Column("version", Integer, nullable=False))

#: One per set of files. `state`: queued, running, done, failed. `claim`: by whom it is being run, until `lease`.
#: `timezone`, `year`: what users told of their times. `problem`: why it failed, or has to wait.
jobs: Final = Table(
    "jobs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("created", Double, nullable=False),
    Column("started", Double),
    Column("finished", Double),
    Column("attempts", Integer, nullable=False, default=0),
    Column("claim", String(64)),
    Column("lease", Double),
    Column("problem", Text),
    Column("timezone", Text),
    Column("year", Integer),
    Index("jobs_by_state", "state", "created"),
)

#: The files of a job, by content, under the names they were first uploaded with.
job_files: Final = Table(
    "job_files",
    metadata,
    Column("job", String(64), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("bytes", Double, nullable=False),
)

#: Who uploaded the files of a job, and when last.
uploads: Final = Table(
    "uploads",
    metadata,
    Column("job", String(64), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("time", Double, nullable=False),
)

#: What lists and searches show of a case. `start`, `end`: its window.
cases: Final = Table(
    "cases",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("job", String(64), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("cluster", Text),
    Column("release", Text),
    Column("start", Double),
    Column("end", Double),
    Column("created", Double, nullable=False, index=True),
    Column("verdict", Text, nullable=False),
    Column("faults", Integer, nullable=False),
    Column("outage", Double, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("ticket", Text, nullable=False, default=""),
)

#: By what a case is found: `kind` is node, cause or resource.
facets: Final = Table(
    "facets",
    metadata,
    Column("case", String(80), ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("value", Text, primary_key=True),
    Index("facets_by_value", "kind", "value"),
)

#: Jobs that were deleted, and whose cases may still be in the store of many cases.
leaving: Final = Table("leaving", metadata, Column("job", String(64), primary_key=True))

#: Of a token only its digest is known.
tokens: Final = Table(
    "tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created", Double, nullable=False),
)

#: Browsers that have logged in with a token, and end with it.
sessions: Final = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("token", Text, ForeignKey("tokens.name", ondelete="CASCADE"), nullable=False),
    Column("ends", Double, nullable=False),
)


def connect(address: str) -> Engine:
    """The database at `address` (`sqlite:///PATH`, `postgresql://USER@HOST/NAME`), its tables made where there are
    none. Raises UsageError where it cannot be used.
    """
    if address.startswith(("postgresql:", "postgres:")):
        address = "postgresql+psycopg:" + address.partition(":")[2]
    try:
        engine = create_engine(address, hide_parameters=True, pool_pre_ping=not address.startswith("sqlite"))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_up)
            event.listen(engine, "begin", _begin)
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(520811)")  # two that begin at once
            metadata.create_all(connection)
            version = connection.scalar(select(meta.c.version))
            if version is None:
                connection.execute(insert(meta).values(version=VERSION))
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        told = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise UsageError(f"the database cannot be used: {told}", remedy="see --database") from error
    if version not in (None, VERSION):
        engine.dispose()
        raise UsageError(
            f"the database has tables of version {version}, and this logtrace knows {VERSION}",
            remedy="use the logtrace that made it, or another store",
        )
    return engine


def reading(engine: Engine) -> Connection:
    """A connection for questions, which waits for nobody who writes."""
    return engine.connect().execution_options(reading=True)


def is_full(error: DBAPIError) -> bool:
    """Whether the database has no room: SQLite says so in words, PostgreSQL by a code (disk_full)."""
    return "is full" in str(error.orig) or getattr(error.orig, "sqlstate", None) == "53100"


def _set_up(connection: SQLite, _: Any) -> None:
    """What was committed is on the disk; what was deleted is overwritten."""
    connection.isolation_level = None  # transactions are begun below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON", "busy_timeout=60000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A transaction that will write begins as one: SQLite refuses those that find out later, and waits for these."""
    reads = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
