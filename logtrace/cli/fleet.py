"""`logtrace fleet`: a store of many reports, filled by many processes or machines, and asked in SQL."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from logtrace.cli import options, outputs
from logtrace.cli.groups import Group
from logtrace.cli.messages import WARNINGS, progress, put, say
from logtrace.cli.pager import Screen
from logtrace.cli.sql import Format, Formatted, Query, print_rows, refuse_terminal
from logtrace.errors import NothingUsableError, UsageError

if TYPE_CHECKING:
    from logtrace.fleet.add import Runner, Tally, Watch
    from logtrace.fleet.store import Store
    from logtrace.fleet.work import How

#: A secret that is shorter can be guessed.
_SECRET: Final = 16

StorePlace = Annotated[
    str,
    typer.Argument(metavar="STORE", help="A folder, or an address such as s3://BUCKET/store.", show_default=False),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no warnings, no sums.")]


#: Of the free memory all workers together may take so much.
_SHARE: Final = 0.75


class Where(Group, frozen=True, kw_only=True):
    """Who reads, and how much memory each may take."""

    workers: Annotated[
        int,
        typer.Option(metavar="N", help="Processes to use; 0: one for each processor.", parser=options.number(0, 1024)),
    ] = 0
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Let a Dask cluster do it: tcp://HOST:8786.")
    ] = None
    max_memory: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Memory for each worker, such as 2G; else its share of what is free."),
    ] = None

    def __post_init__(self) -> None:
        options.size(self.max_memory)
        if self.scheduler is not None and self.workers:
            raise UsageError("--workers and --scheduler contradict each other", remedy="give one of them")

    @contextmanager
    def runner(self, how: How) -> Iterator[tuple[Runner, How]]:
        """Who reads, and how, with each one's share of this machine."""
        from msgspec.structs import replace

        from logtrace.fleet.add import perform
        from logtrace.fleet.cluster import Cluster
        from logtrace.fleet.local import Workers
        from logtrace.intake import memory

        if self.scheduler is not None:
            with Cluster(perform, self.scheduler) as cluster:
                yield cluster, how
            return
        processors = os.cpu_count() or 1
        count = self.workers or processors
        free = memory.available()
        share = None if free is None else int(free * _SHARE / count)
        threads = max(1, processors // count)
        with Workers(perform, count=count, threads=threads) as processes:
            yield processes, replace(how, threads=threads, max_memory=how.max_memory or share)


class Pseudonyms(Group, frozen=True, kw_only=True):
    """Whether names are hidden, and by what secret."""

    redact: options.Redact = False
    redact_names: options.RedactNames = False
    redact_key: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A secret; by it a name has the same pseudonym in all cases of the store."),
    ] = None

    def __post_init__(self) -> None:
        wanted = self.redact or self.redact_names
        if wanted and self.redact_key is None:
            raise UsageError("--redact without --redact-key", remedy="add --redact-key FILE")
        if self.redact_key is not None and not wanted:
            raise UsageError("--redact-key without --redact", remedy="add --redact")

    def secret(self) -> bytes | None:
        """The secret in the file, which nobody else may be able to read. Raises UsageError."""
        if self.redact_key is None:
            return None
        file = Path(self.redact_key)
        try:
            content = file.read_bytes().strip()
            others = file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        except OSError as error:
            remedy = f"make one: (umask 077; openssl rand -hex 32 > {file})"
            raise UsageError(f"cannot be read ({error.strerror})", where=str(file), remedy=remedy) from error
        if len(content) < _SECRET:
            raise UsageError("is too short for a secret", where=str(file), remedy="openssl rand -hex 32 makes one")
        if others:
            raise UsageError("may be read by others", where=str(file), remedy=f"chmod 600 {file}")
        return content


def add(
    *,
    store: StorePlace,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Archives, logs, and folders of them, or addresses (s3://, http://). Up to 32 archives in one folder "
            "are read together, as each may be of one node.",
            show_default=False,
        ),
    ],
    where: Where,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Read again what another release of logtrace has read.")
    ] = False,
    pages: Annotated[bool, typer.Option("--pages", help="Keep a page of each case as well.")] = False,
    pseudonyms: Pseudonyms,
    quiet: Quiet = False,
) -> None:
    """Read reports into a store.

    What the store has is passed over: run it again to go on after an interruption, or with more reports. What cannot
    be used is counted and told, and the rest goes on.

    For example:
      logtrace fleet add store/ tickets/                                      # all below a folder
      logtrace fleet add s3://support/store s3://support/tickets --scheduler tcp://head:8786
    """
    from logtrace.fleet.add import add as fill
    from logtrace.fleet.store import Store
    from logtrace.fleet.tickets import tickets
    from logtrace.fleet.work import How, secret_mark

    outputs.check_store(store, paths)
    secret = pseudonyms.secret()
    how = How(max_memory=options.size(where.max_memory), secret=secret, names=pseudonyms.redact_names, pages=pages)
    found = list(tickets(paths))
    place = Store.made(store, secret_mark(secret, names=pseudonyms.redact_names))
    with where.runner(how) as (runner, how), _shown(len(found), quiet=quiet) as watch:
        tally = fill(place, found, how, runner, watch, refresh=refresh)
    if not quiet:
        _tell(tally)
    _tidy(place, quiet=quiet)
    if tally.lost and not (tally.read or tally.known):
        raise NothingUsableError("nothing of it can be used", where=", ".join(paths[:3]))


def query(*, store: StorePlace, query: Query = None, format_: Formatted = Format.TABLE, screen: Screen) -> None:
    """Ask a store in SQL.

    Beside the tables of `logtrace sql` there are `recoveries` (one row per fault, each once, with seconds per phase),
    `root_causes`, `advice_value`, `repeat_offenders`, `monitors`, `releases` and `refused`; `month` is the one in which
    a case begins. Only SELECT is answered, and nothing is read but the store.

    For example:
      logtrace fleet query store/                                             # all tables and columns there are
      logtrace fleet query store/ "SELECT * FROM root_causes"
      logtrace fleet query store/ "SELECT * FROM recoveries" --format parquet > recoveries.parquet
    """
    from logtrace.fleet.store import Store
    from logtrace.fleet.views import with_views
    from logtrace.tables import questions

    if query is not None:
        questions.check(query)
        refuse_terminal(format_)
    place = Store.at(store)
    if query is None:
        screen.plain("\n".join(questions.described(with_views(place.read().tables()))))
    else:
        print_rows(place.asked(lambda tables: questions.ask(with_views(tables), query)), format_, screen)


def compact(store: StorePlace, quiet: Quiet = False) -> None:
    """Put the many small files of a store together.

    Others may read and add meanwhile.

    For example:
      logtrace fleet compact store/
    """
    from logtrace.fleet.compact import compact as tidy
    from logtrace.fleet.store import Store

    with progress("putting files together", quiet=quiet):
        months = tidy(Store.at(store))
    if not quiet:
        put(f"{months} month{'s' * (months != 1)} put together\n")


@contextmanager
def _shown(total: int, *, quiet: bool) -> Iterator[Watch]:
    """Shows how far it has come, with the time that is left, on a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(compact=True)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)

        def watch(tally: Tally) -> None:
            bar.update(task, completed=tally.done, description=f"reading, {_many(tally.cases, 'case')}")

        yield watch


def _tell(tally: Tally) -> None:
    for refusal in tally.refused[:WARNINGS]:
        say(f"warning: {refusal.input}: {refusal.reason}")
    if len(tally.refused) > WARNINGS:
        say(f"warning: {len(tally.refused) - WARNINGS:,} more could not be used; the table refused has them")
    told = [
        f"{_many(tally.read, 'ticket')} read ({_many(tally.cases, 'case')}, {_many(tally.incidents, 'incident')})",
        f"{tally.known:,} known",
        f"{tally.lost:,} refused",
    ]
    put(", ".join(told) + "\n")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _tidy(store: Store, *, quiet: bool) -> None:
    from logtrace.fleet.compact import MANY, compact, crowded

    if crowded(store.read()):
        with progress("putting files together", quiet=quiet):
            compact(store, least=MANY)
