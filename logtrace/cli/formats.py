"""`--format`: what stands on standard output in the place of the summary, for machines, tickets and chats."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from logtrace.report.case import Case


class Format(StrEnum):
    """How cases are told on standard output."""

    JSON = "json"
    JSONL = "jsonl"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    JUNIT = "junit"
    CHAT = "chat"


Wanted = Annotated[
    Format | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="Print this in the place of the summary: json as --json does, jsonl a line for each incident, markdown "
        "for a ticket, sarif 2.1.0 or junit for CI systems, chat one line for each case.",
    ),
]


def told(cases: Sequence[Case], wanted: Format, template: str | None = None) -> str:
    """`cases` in a format; `template`: a file that makes the Markdown in the place of our own."""
    from logtrace.render import chat, document, junit, markdown, sarif

    match wanted:
        case Format.JSON if len(cases) == 1:
            return document.render(cases[0])
        case Format.JSON:
            return "".join(map(document.line, cases))
        case Format.JSONL:
            return "".join(map(document.incidents, cases))
        case Format.MARKDOWN if template is not None:
            from logtrace.render import template as own

            return "\n".join(own.render(case, template) for case in cases)
        case Format.MARKDOWN:
            return "\n".join(map(markdown.render, cases))
        case Format.SARIF:
            return sarif.render(cases)
        case Format.JUNIT:
            return junit.render(cases)
        case Format.CHAT:
            return "".join(map(chat.line, cases))
