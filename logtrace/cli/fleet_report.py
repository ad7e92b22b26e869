"""`logtrace fleet report`: what a store says, as a summary and a page."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Final
from urllib.parse import quote

import typer

from logtrace.cli import outputs
from logtrace.cli.fleet import Quiet, StorePlace
from logtrace.cli.messages import progress
from logtrace.cli.pager import Screen
from logtrace.errors import NothingUsableError, UsageError, there_are

_MONTH: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


def _month(text: object) -> str:
    if not _MONTH.fullmatch(str(text)):
        raise typer.BadParameter(f"{text!r} is no month such as 2026-11")
    return str(text)


def report(
    *,
    store: StorePlace,
    html: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where the page goes; else ./<store's name>.logtrace.html.")
    ] = None,
    no_html: Annotated[bool, typer.Option("--no-html", help="Write no page.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="MONTH", help="Only cases that begin in 2026-01 or later.", parser=_month)
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="MONTH", help="Only cases that begin in 2026-11 or before.", parser=_month)
    ] = None,
    cause: Annotated[
        str | None, typer.Option(metavar="CAUSE", help="Only this root cause (see logtrace explain).")
    ] = None,
    release: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Only this release of Pacemaker, such as 2.1.5.")
    ] = None,
    agent: Annotated[
        str | None, typer.Option(metavar="AGENT", help="Only what began at this agent: ocf:heartbeat:IPaddr2.")
    ] = None,
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
    from logtrace.fleet.statistics.values import Wanted
    from logtrace.fleet.store import Store

    _check(html, cause, no_html=no_html)
    wanted = Wanted(since, until, cause, release, agent)
    of = outputs.identity([store])
    page = html or outputs.default_page(_named(store), of)
    if not no_html:
        outputs.check([html], [], page=None if html else page)
    with progress("counting", quiet=quiet):
        found = Store.at(store).asked(lambda tables: told_by(tables, wanted))
    if not found.overview.cases:
        asked = wanted != Wanted()
        raise NothingUsableError("holds no case" + (" that was asked for" if asked else ""), where=store)
    if not no_html:
        from logtrace.render.fleet import page as rendered

        outputs.write(page, rendered(found, pages=_beside(store, page), of=of))
    if not quiet:
        from logtrace.render.fleet_summary import render

        written = None if no_html else page
        screen.styled(lambda width, symbols: render(found, width=width, page=written, symbols=symbols))


def _check(html: str | None, cause: str | None, *, no_html: bool) -> None:
    """Raises UsageError for options that make no sense."""
    from logtrace.causes import CAUSES

    if html is not None and no_html:
        raise UsageError("--html and --no-html contradict each other", remedy="give one of them")
    if html == outputs.STDOUT:
        raise UsageError("the page does not go to standard output", where="--html", remedy="name a file")
    if cause is not None and cause not in CAUSES:
        raise UsageError(f"there is no cause {cause!r}", where="--cause", remedy=there_are(sorted(CAUSES)))


def _named(store: str) -> str:
    """A name for the page of a store."""
    return PurePosixPath(store.rstrip("/")).name.strip(".") or "store"


def _beside(store: str, page: str) -> str | None:
    """Where cases' pages are from a page; None where no link can lead there: for a bucket."""
    from logtrace.fleet.places import protocol_of

    if protocol_of(store) not in {None, "file"}:
        return None
    place = Path(store.removeprefix("file://")).resolve()
    return quote(Path(os.path.relpath(place, Path(page).resolve().parent)).as_posix())
