"""`--fail-on`: which incidents end a run with exit status 1, for scripts and CI."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from logtrace.errors import UsageError

if TYPE_CHECKING:
    from logtrace.report.case import Case

Given = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on",
        metavar="CAUSE|SECONDS",
        help="Exit with 1 when an incident has this cause (slow_init), or an outage that is certainly longer than this "
        "(60, 90s, 2m); may be repeated.",
    ),
]


class Conditions(Struct, frozen=True):
    """`causes`: root causes; `longer`: lengths of an outage in seconds, as they were typed and as numbers."""

    causes: tuple[str, ...] = ()
    longer: tuple[tuple[str, float], ...] = ()

    def met(self, cases: Sequence[Case]) -> Iterator[str]:
        """Of each incident that meets one which that is: "i2: slow_init", behind its case where there are several. What
        was planned has no outage, and of a range its lower end counts, which is proven.
        """
        for case in cases:
            for each in case.incidents:
                which = [cause for cause in self.causes if cause == each.root_cause]
                if each.kind != "planned":
                    which += [
                        f"an outage of more than {typed}" for typed, most in self.longer if (each.outage or 0) > most
                    ]
                if which:
                    yield f"{f'{case.name}, ' if len(cases) > 1 else ''}{each.id}: {', '.join(which)}"


def conditions(given: Sequence[str] | None) -> Conditions:
    """Raises UsageError for what is neither a cause nor a length of time."""
    if not given:
        return Conditions()
    from logtrace.causes import CAUSES
    from logtrace.report import typed_times as typed

    causes, longer = [], []
    for text in given:
        plain = text.strip().lower().replace(" ", "_").replace("-", "_")
        if (seconds := typed.length(text)) is not None:
            longer.append((text.strip(), seconds))
        elif plain in CAUSES:
            causes.append(plain)
        else:
            raise UsageError(f"no cause is called {text!r}", where="--fail-on", remedy=_remedy(plain))
    return Conditions(tuple(causes), tuple(longer))


def _remedy(label: str) -> str:
    from logtrace.causes import CAUSES
    from logtrace.lint import CHECKS

    if label.replace("_", "-") in {check.code for check in CHECKS}:
        return "it is a weakness of the configuration: logtrace lint --exit-code fails on those"
    close = difflib.get_close_matches(label, CAUSES, n=1)
    return f"did you mean {close[0]}?" if close else "logtrace explain lists the causes; lengths are 60 or 2m"
