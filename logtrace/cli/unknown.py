"""`logtrace unknown`: what the catalogue of messages does not know yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import options, outputs
from logtrace.cli.messages import progress
from logtrace.cli.pager import Screen
from logtrace.render.untrusted import shown

if TYPE_CHECKING:
    from logtrace.events.unknown import Wording


def unknown(
    paths: options.Paths,
    *,
    most: Annotated[
        int,
        typer.Option(
            metavar="N", help="Only so many wordings, the most frequent.", parser=options.number(1, 1_000_000)
        ),
    ] = 20,
    hiding: options.Hiding,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    screen: Screen,
) -> None:
    """Print what was not understood, as stanzas.

    Of lines that looked relevant, numbers and the names of nodes and resources are blanked, and those of one wording
    are told once, the most frequent first. Give a stanza its kind and its fields, put it into a file of
    parsers/messages, and let `check` prove it.

    For example:
      logtrace unknown report.tar.bz2 --most 5   # the five most frequent
    """
    from logtrace.events.unknown import unknown as wordings

    outputs.check([hiding.redact_map], paths)
    wanted = hiding.redact or hiding.redact_names
    with progress("reading" if wanted else f"reading {', '.join(paths)}", quiet=quiet):
        found = wordings(paths, most)
    if wanted:
        found = _hidden(found, paths, hiding, quiet=quiet)
    screen.plain("".join(f"{stanza(each)}\n\n" for each in found))


def _hidden(found: list[Wording], paths: list[str], hiding: options.Hiding, *, quiet: bool) -> list[Wording]:
    """The wordings without names. Which there are the whole case tells: lines that nobody understood tell least."""
    from msgspec.structs import replace

    case = options.analysed(paths, options.Reading(one_case=True), quiet=quiet)
    spoken = [text for each in found for text in (each.template, each.line, each.where)]
    hidden = hiding.of([case], quiet=True, more=spoken)
    hiding.write_map(hidden)
    return [
        replace(each, template=hidden.text(each.template), line=hidden.text(each.line), where=hidden.text(each.where))
        for each in found
    ]


def stanza(wording: Wording) -> str:
    """The stanza for parsers/messages; its kind and its fields are left to a person."""
    daemon = [f"daemon = [{_quoted(wording.daemon)}]"] if wording.daemon else []
    return "\n".join(
        [
            f"# {wording.count:,} {'line' if wording.count == 1 else 'lines'}, the first is {shown(wording.where)}",
            "[[message]]",
            'kind   = ""',
            *daemon,
            f"text   = {_quoted(wording.template)}",
            "[[message.example]]",
            f"line   = {_quoted(wording.line)}",
            "fields = {}",
        ]
    )


def _quoted(text: str) -> str:
    """`text` as a string of TOML; what cannot be seen is escaped."""
    return '"' + "".join(_character(char) for char in text) + '"'


def _character(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char == "\t":
        return "\\t"
    code = ord(char)
    return char if char.isprintable() else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
