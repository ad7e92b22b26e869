"""One ticket, wherever it is read: from its files to rows of a store's tables. What cannot be used is told, not raised.

Everything that goes to a worker and comes back are values of this module.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace import pipeline
from logtrace.errors import LogtraceError, TooLargeError, UnsafeInputError, UsageError
from logtrace.fleet.store import KEPT, MONTH, STORED
from logtrace.fleet.tickets import Ticket, at_hand, digests
from logtrace.report.case import Case
from logtrace.report.scope import Options
from logtrace.tables.build import tables

#: Digits of a digest that tell one ticket from all others: two of a million are the same once in many millions.
_DIGITS: Final = 16


class How(Struct, frozen=True):
    """How tickets are read. `threads`, `max_memory` (bytes): of each worker, as in Options. `secret`: names become
    pseudonyms by it; `names`: those of resources and clusters as well. `pages`: each case gets a page.
    """

    threads: int = 1
    max_memory: int | None = None
    secret: bytes | None = None
    names: bool = False
    pages: bool = False


def secret_mark(secret: bytes | None, *, names: bool) -> str | None:
    """What tells a secret from others without telling it, and whether clusters and resources are hidden as well."""
    told = b"logtrace store, names" if names else b"logtrace store"
    return None if secret is None else hmac.digest(secret, told, "sha256").hex()[:_DIGITS]


class Refusal(Struct, frozen=True):
    """What could not be used, and why. `lasting`: it would be the same the next time."""

    input: str
    reason: str
    lasting: bool = True


class Read(Struct, frozen=True):
    """What came of a ticket: rows of STORED with `month`, `pages` by name, and what could not be used."""

    ticket: Ticket
    evidence: tuple[str, ...]
    tables: dict[str, pl.DataFrame]
    pages: dict[str, bytes] = {}
    refused: tuple[Refusal, ...] = ()

    @property
    def cases(self) -> int:
        return self.tables["cases"].height if "cases" in self.tables else 0


def digest(evidence: Sequence[str]) -> str:
    """What tells a ticket from all others, by what tells its files."""
    return hashlib.sha256("\n".join(evidence).encode()).hexdigest()[:_DIGITS]


def evidence(ticket: Ticket, how: How) -> tuple[str, ...] | Refusal:
    """What tells a ticket by its content, for which it is read once, but not understood."""
    try:
        with at_hand(ticket) as paths:
            found = digests(paths)
    except LogtraceError as error:
        return Refusal(named(ticket, how), _reason(error), lasting=False)
    except OSError as error:
        return Refusal(named(ticket, how), f"cannot be read: {error.strerror or error}", lasting=False)
    if how.secret is None:
        return found
    return tuple(sorted(hmac.digest(how.secret, each.encode(), "sha256").hex() for each in found))


def read(ticket: Ticket, known: tuple[str, ...], how: How) -> Read:
    """Read a ticket, of which `evidence` is `known`."""
    try:
        with at_hand(ticket) as paths:
            found, refused = _cases(paths, how)
            there = [(here, where) for here, where in zip(paths, ticket.paths, strict=True) if here != where]
            cases = [_elsewhere(case, there) for case in found] if there else found
            return _rows(ticket, known, cases, refused, how)
    except LogtraceError as error:
        refusal = Refusal(named(ticket, how), _reason(error), _lasts(error))
    except MemoryError:
        refusal = Refusal(named(ticket, how), "does not fit into memory", lasting=False)
    except (Exception, pl.exceptions.PanicException) as error:  # a defect costs this ticket, and not the others
        refusal = Refusal(named(ticket, how), f"a defect of logtrace: {type(error).__name__}: {error}", lasting=False)
    return Read(ticket, known, {}, refused=(refusal,))


def _cases(paths: Sequence[str], how: How) -> tuple[list[Case], list[LogtraceError]]:
    """The cases in `paths`, which may be of one cluster; where one of several must be refused, each by itself."""
    options = Options(jobs=how.threads, max_memory=how.max_memory)
    try:
        found = pipeline.cases(paths, options)
    except UnsafeInputError:
        if len(paths) == 1:
            raise
    else:
        return list(found.cases), list(found.unusable)
    cases: list[Case] = []
    refused: list[LogtraceError] = []
    for path in paths:
        try:
            alone = pipeline.cases([path], options)
        except LogtraceError as error:
            refused.append(error)
        else:
            cases += alone.cases
            refused += alone.unusable
    return cases, refused


def _rows(
    ticket: Ticket, known: tuple[str, ...], cases: Sequence[Case], refused: Sequence[LogtraceError], how: How
) -> Read:
    ticket_id = digest(known)
    analysis, added = secrets.token_hex(8), datetime.now(UTC)
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in STORED}
    pages = {}
    for number, found in enumerate(cases, start=1):
        case = found
        if how.secret is not None:
            from logtrace.redaction import learn

            case = learn([found], names=how.names, secret=how.secret).case(found)
        case_id = ticket_id if len(cases) == 1 else f"{ticket_id}.{number}"
        page = f"pages/{case_id}.html" if how.pages else None
        if page is not None:
            pages[page] = _page(case)
        kept = {
            "ticket": ticket_id, "ticket_cases": len(cases), "evidence": known, "analysis": analysis, "added": added,
            "page": page,
        }  # fmt: skip
        month = pl.lit(f"{case.window.start:%Y-%m}" if case.window.start else "unknown").alias(MONTH)
        for name, frame in tables(case, case_id).items():
            parts[name].append(frame.with_columns(month))
        columns = [pl.lit(pl.Series(name, [kept[name]], dtype=column.dtype)) for name, column in KEPT.items()]
        parts["cases"][-1] = parts["cases"][-1].with_columns(columns)
    if how.secret is not None:  # a digest of the file would tell whoever has the file which case it is
        parts["cases"] = [part.with_columns(sha256=pl.lit(None, dtype=pl.List(pl.String))) for part in parts["cases"]]
    told = tuple(Refusal(named(ticket, how, error.where), _reason(error), _lasts(error)) for error in refused)
    return Read(ticket, known, {name: pl.concat(several) for name, several in parts.items() if several}, pages, told)


def rows_of(cases: Sequence[Case], known: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """Rows of STORED, with `month`, of cases that were made of the evidence `known`."""
    return _rows(Ticket(()), known, cases, (), How()).tables


def _page(case: Case) -> bytes:
    from logtrace.render import page

    return page.render(case, light=True).encode("utf-8", "backslashreplace")


def _elsewhere(case: Case, moved: Sequence[tuple[str, str]]) -> Case:
    """`case` with the addresses its files are at, in place of the paths to which they were fetched."""
    from logtrace.redaction.replace import mapped

    def text(told: str) -> str:
        for here, there in moved:
            told = told.replace(here, there)
        return told

    return mapped(case, text, lambda column: column.str.replace_many(dict(moved)))


def _lasts(error: LogtraceError) -> bool:
    """Whether it is about what was read, and not about this machine or moment."""
    return not isinstance(error, TooLargeError | UsageError)


def named(ticket: Ticket, how: How, where: str | None = None) -> str:
    """What is told of where a refusal is about; with pseudonyms nothing but the last part of its name."""
    told = where or ticket.name
    return told if how.secret is None else PurePath(told).name


def _reason(error: LogtraceError) -> str:
    return f"{error.message}; {error.remedy}" if error.remedy else error.message
