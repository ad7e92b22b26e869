"""`logtrace explain`: what a cause or a finding means, what proves it, what disproves it, and how it is fixed."""

from __future__ import annotations

import difflib
import shutil
import textwrap
from typing import Annotated

import typer

from logtrace.cli.helptext import aligned
from logtrace.cli.pager import Screen
from logtrace.errors import UsageError


def explain(
    label: Annotated[
        str | None, typer.Argument(metavar="LABEL|CODE", help="A cause or a finding.", show_default="list all")
    ] = None,
    *,
    screen: Screen,
) -> None:
    """Explain a cause or a finding, or list all.

    Without an argument every label and code is listed with one line each.

    For example:
      logtrace explain                 # what there is
      logtrace explain group_cascade   # what it means, what proves it, and how it is fixed
    """
    from logtrace import explain as texts

    width = min(shutil.get_terminal_size().columns, 100)
    if label is None:
        screen.plain(
            "".join(f"{line}\n" for line in aligned([(each.label, each.line) for each in texts.entries()], width, ""))
        )
        return
    found = next((each for each in texts.entries() if _plain(each.label) == _plain(label)), None)
    if found is None:
        close = difflib.get_close_matches(label, [each.label for each in texts.entries()], n=1)
        raise UsageError(
            f"nothing is called {label!r}",
            remedy=f"did you mean {close[0]}?" if close else "logtrace explain lists what there is",
        )
    parts = [
        f"{found.label}: {textwrap.fill(found.line, width, initial_indent=' ' * (len(found.label) + 2)).lstrip()}\n"
    ]
    for heading, text in found.parts:
        parts.append(f"\n{heading}\n{textwrap.fill(text, width, initial_indent='  ', subsequent_indent='  ')}\n")
    screen.plain("".join(parts))


def _plain(label: str) -> str:
    """A label as somebody may type it: `DC loss`, `dc-loss`."""
    return label.lower().replace(" ", "_").replace("-", "_")
