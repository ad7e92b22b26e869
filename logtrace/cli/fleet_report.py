"""`logtrace fleet report` and `similar`: what a store says, and whether it has seen an incident before."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

import typer

from logtrace.cli import outputs
from logtrace.cli.fleet import Quiet, StorePlace
from logtrace.cli.groups import Group
from logtrace.cli.messages import progress
from logtrace.cli.pager import Screen
from logtrace.errors import NothingUsableError, UsageError, there_are

if TYPE_CHECKING:
    from logtrace.fleet.statistics.values import Wanted

_MONTH: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


def _month(text: object) -> str:
    if not _MONTH.fullmatch(str(text)):
        raise typer.BadParameter(f"{text!r} is no month such as 2026-11")
    return str(text)


class Only(Group, frozen=True, kw_only=True):
    """Which incidents are counted."""

    heading = "Which incidents"

    since: Annotated[
        str | None, typer.Option(metavar="MONTH", help="Only cases that begin in 2026-01 or later.", parser=_month)
    ] = None
    until: Annotated[
        str | None, typer.Option(metavar="MONTH", help="Only cases that begin in 2026-11 or before.", parser=_month)
    ] = None
    cause: Annotated[str | None, typer.Option(metavar="CAUSE", help="Only this root cause (see logtrace explain).")] = (
        None
    )
    release: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Only this release of Pacemaker, such as 2.1.5.")
    ] = None
    agent: Annotated[
        str | None, typer.Option(metavar="AGENT", help="Only what began at this agent: ocf:heartbeat:IPaddr2.")
    ] = None

    def __post_init__(self) -> None:
        from logtrace.causes import CAUSES

        if self.cause is not None and self.cause not in CAUSES:
            raise UsageError(f"there is no cause {self.cause!r}", where="--cause", remedy=there_are(sorted(CAUSES)))

    @property
    def wanted(self) -> Wanted:
        from logtrace.fleet.statistics.values import Wanted

        return Wanted(self.since, self.until, self.cause, self.release, self.agent)


def report(
    *,
    store: StorePlace,
    html: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where the page goes; else ./<store's name>.logtrace.html.")
    ] = None,
    no_html: Annotated[bool, typer.Option("--no-html", help="Write no page.")] = False,
    only: Only,
    quiet: Quiet = False,
    screen: Screen,
) -> None:
    """Tell what the reports of a store say together.

    Which causes cost most, on which releases and agents, whether it gets better, which change would help most, which
    weaknesses go with slow recoveries and how sure that is, what comes back, and which cases are worth reading. Only
    faults and unnecessary recoveries are counted, each once. The page filters by the same options, which its address
    keeps.

    For example:
      logtrace fleet report store/                                 # a summary, and ./store.logtrace.html
      logtrace fleet report store/ --since 2026-01 --cause slow_fencing
      logtrace fleet report s3://tickets/store --html fleet.html --quiet
    """
    from logtrace.fleet.statistics.report import report as told_by
    from logtrace.fleet.store import Store

    if html is not None and no_html:
        raise UsageError("--html and --no-html contradict each other", remedy="give one of them")
    if html == outputs.STDOUT:
        raise UsageError("the page does not go to standard output", where="--html", remedy="name a file")
    wanted = only.wanted
    of = outputs.identity([store])
    page = html or outputs.default_page(_named(store), of)
    if not no_html:
        outputs.check([html], [], page=None if html else page)
    with progress("counting", quiet=quiet):
        found = Store.at(store).asked(lambda tables: told_by(tables, wanted))
    if not found.overview.cases:
        raise NothingUsableError("holds no case of that time and release", where=store)
    if not no_html:
        from logtrace.render.fleet import page as rendered

        outputs.write(page, rendered(found, pages=_beside(store, page), of=of))
    if not quiet:
        from logtrace.render.fleet_summary import render

        written = None if no_html else page
        screen.styled(lambda width, symbols: render(found, width=width, page=written, symbols=symbols))


def similar(
    *,
    store: StorePlace,
    incident: Annotated[
        str,
        typer.Argument(metavar="CASE#INCIDENT", help="A case's id and its incident's number: 0123456789abcdef#i2."),
    ],
    screen: Screen,
) -> None:
    """Find incidents of a store that are like one of them.

    Alike are two whose root cause agrees, and at least two of: the agent of what failed first, the wording of the first
    line (without names and numbers), and the phases of the recovery in order. The score is how many of these four
    agree, and which do is named. What is unknown agrees with nothing. Another release may say the same in other words,
    and a cluster that got another node counts as another; whether an advice was followed is not known.

    For example:
      logtrace fleet similar store/ 0123456789abcdef#i2
    """
    from logtrace.fleet.similar import of_store
    from logtrace.fleet.store import Store
    from logtrace.render.similar import render

    case_id, mark, number = incident.rpartition("#")
    if not mark:
        raise UsageError(f"{incident!r} names no incident", remedy="write the case's id, # and its number: ...#i2")
    found = Store.at(store).asked(lambda tables: of_store(tables, case_id, number))
    if found is None:
        asks = "SELECT case_id, incident, title FROM recoveries"
        raise UsageError(
            f"there is no incident {incident!r}", where=store, remedy=f'see logtrace fleet query STORE "{asks}"'
        )
    screen.styled(lambda width, symbols: render(*found, width=width, symbols=symbols))


def _named(store: str) -> str:
    """A name for the page of a store."""
    return PurePosixPath(store.rstrip("/")).name.strip(".") or "store"


def _beside(store: str, page: str) -> str | None:
    """Where cases' pages are from a page; None where no link can lead there: for a bucket."""
    from logtrace.fleet.places import protocol_of

    if protocol_of(store) not in {None, "file"}:
        return None
    place, beside = os.path.realpath(store.removeprefix("file://")), Path(os.path.realpath(page)).parent
    return quote(Path(os.path.relpath(place, beside)).as_posix())
