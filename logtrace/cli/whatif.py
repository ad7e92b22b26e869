"""`logtrace whatif`: one incident's recovery again, with the configuration changed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from logtrace.cli import options, outputs
from logtrace.cli.pager import Screen
from logtrace.cli.show import named
from logtrace.errors import UsageError, there_are

if TYPE_CHECKING:
    from logtrace.report.case import Incident
    from logtrace.whatif.model import Change, Prediction, Recovery


def whatif(
    paths: options.Paths,
    *,
    incident: Annotated[
        str, typer.Option(metavar="ID", help="The incident, as the summary numbers it, such as i2, or 2.")
    ],
    change: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="CHANGE",
            help="interval=10s, group=split, group=unordered, clone, clone=RESOURCE,..., fencing=5s, token=3s, "
            "timeout=OPERATION:60s, start=5s, stop=RESOURCE:5s, order=CONSTRAINT; may be repeated.",
        ),
    ],
    json: Annotated[str | None, typer.Option(metavar="FILE|-", help="Write the answer as JSON.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings.")] = False,
    screen: Screen,
    hiding: options.Hiding,
    reading: options.Reading,
) -> None:
    """Compute an incident again under a change.

    Tells how long it would have lasted with a changed configuration.

    The same fault is assumed to happen at the same time. Every operation takes as long as was measured, and waits for
    what the changed configuration lets it wait for.

    For example:
      logtrace whatif report/ --incident 2 --set clone                # with a copy running elsewhere
      logtrace whatif report/ --incident 2 --set interval=10s         # with a monitor every 10 s
    """
    from logtrace.whatif.changes import parse
    from logtrace.whatif.engine import predict

    changes = [parse(text) for text in change]
    outputs.check([json, hiding.redact_map], paths)
    case = options.analysed(paths, reading, quiet=quiet)
    recovery = _recovery(named(case, incident))
    hidden = hiding.of([case], quiet=quiet, more=change)
    _check_names(recovery, changes, hidden)
    told = predict(recovery, changes)
    if hidden.redaction is not None:
        told, change = hidden.redaction.value(told), [hidden.text(each) for each in change]
    hiding.write_map(hidden)
    _tell(told, named(hidden.cases[0], incident), change, json, screen)


def _tell(told: Prediction, one: Incident, change: Sequence[str], json: str | None, screen: Screen) -> None:
    from logtrace.render import whatif as render

    if json is not None:
        outputs.write(json, render.document(told, one, change))
    if json != outputs.STDOUT:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
        screen.plain("\n".join(render.lines(told, one, change, width=min(width, 120))) + "\n")


def _recovery(one: Incident) -> Recovery:
    if one.recovery is None:
        why = "nothing that was lost came back" if not one.recovered else "nothing was lost, or a person did it"
        raise UsageError(
            f"there is nothing to compute for {one.id}: {why}", where="--incident", remedy="choose another incident"
        )
    return one.recovery


def _check_names(recovery: Recovery, changes: Sequence[Change], hidden: options.Hidden) -> None:
    """Raises UsageError for a resource or group that had no part in the incident."""
    resources = {one.resource for one in recovery.activities if one.resource is not None}
    for change in changes:
        there = set(recovery.groups) if change.kind == "group" else resources
        for name in change.names:
            if name not in there:
                remedy = there_are(map(hidden.text, sorted(there))) or "leave it out"
                raise UsageError(f"{name!r} had no part in the incident", where="--set", remedy=remedy)
