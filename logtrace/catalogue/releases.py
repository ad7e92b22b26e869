"""Which kinds of events are understood of which releases, each with the example that proves it, for the document."""

from __future__ import annotations

from collections import defaultdict

from logtrace.catalogue.model import Catalogue, Message

_HEADER = ("| kind | releases | logged by | example |", "|---|---|---|---|")
_EXAMPLE = 120


def table(catalogue: Catalogue) -> str:
    """A Markdown table with a row for each kind and range of releases, in the order of kinds.toml.

    Where stanzas state no range, their wordings are tried on lines of any release. A range marked * is known from
    sources or documents only.
    """
    rows: dict[tuple[int, str], list[Message]] = defaultdict(list)
    order = list(catalogue.kinds)
    for message in catalogue.messages:
        rows[order.index(message.kind), _releases(message)].append(message)
    ordered = sorted(rows.items(), key=lambda row: (row[0][0], _age(row[1][0])))
    formats = [
        f"| {fmt.kind} | any | {fmt.name} (a header) | {_code(fmt.examples[0].line)} |"
        for fmt in catalogue.formats
        if fmt.kind
    ]
    lines = [
        f"| {order[kind]} | {releases}{_mark(messages)} | {_daemons(messages)} | {_proof(messages)} |"
        for (kind, releases), messages in ordered
    ]
    return "\n".join([*_HEADER, *lines, *formats]) + "\n"


def _releases(message: Message) -> str:
    if message.since and message.until:
        return f"{message.since} - {message.until}"
    if message.since:
        return f"{message.since} and later"
    return f"up to {message.until}" if message.until else "any"


def _age(message: Message) -> tuple[list[int], list[int]]:
    """Newest wordings last; those of any release before all others."""
    since, until = ([int(part) for part in end.split(".")] if end else [] for end in (message.since, message.until))
    return since, until


def _mark(messages: list[Message]) -> str:
    return " *" if all(message.unseen for message in messages) else ""


def _daemons(messages: list[Message]) -> str:
    daemons = {daemon for message in messages for daemon in message.daemons}
    return ", ".join(sorted(daemons)) if all(message.daemons for message in messages) else "any"


def _proof(messages: list[Message]) -> str:
    """The first example of a wording that was met, else of any."""
    return _code(min(messages, key=lambda message: message.unseen).examples[0].line)


def _code(line: str) -> str:
    """Code in a table: cells end at `|`, and a backtick would end the code."""
    short = line if len(line) <= _EXAMPLE else line[: _EXAMPLE - 4] + " ..."
    return f"`{' '.join(short.split()).replace('|', chr(92) + '|').replace('`', chr(39))}`"
