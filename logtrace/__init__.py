"""Forensics for Pacemaker clusters: what happened, why it took so long, and what to change, with proof.

    >>> import logtrace
    >>> case = logtrace.analyze("samples/slow-init/crm_report.tar.bz2")
    >>> case
    <Case lab: 2 incidents, 3 nodes, 2026-11-22 18:02:12 to 2026-11-22 18:03:25 UTC>
    >>> case.incidents[1].root_cause, case.incidents[1].outage
    ('slow_init', 18.348)

`analyze` gives a `Case`, and `cases` one for each cluster and time that paths tell of. The `incidents` of a case are
values of type `Incident`, each with the `causes` that were judged (type `Cause`), and its `findings` are weaknesses of
the configuration (type `Finding`). `case.frames` holds all of it as polars frames: `events`, `operations`,
`transitions`, `membership`, `fencing`, and `incidents`, `phases` and `causes`.
What can go wrong is a `LogtraceError`. The page docs/python.md of a checkout has worked examples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logtrace.version import VERSION

if TYPE_CHECKING:
    from logtrace.api import analyze, cases
    from logtrace.errors import LogtraceError
    from logtrace.lint.finding import Finding
    from logtrace.report.case import Case, Cause, Incident

__version__ = VERSION

__all__ = ["Case", "Cause", "Finding", "Incident", "LogtraceError", "__version__", "analyze", "cases"]

_HOME = {
    "analyze": "logtrace.api",
    "cases": "logtrace.api",
    "LogtraceError": "logtrace.errors",
    "Case": "logtrace.report.case",
    "Incident": "logtrace.report.case",
    "Cause": "logtrace.report.case",
    "Finding": "logtrace.lint.finding",
}


def __getattr__(name: str) -> Any:
    """Load the heavy parts when they are asked for: the command line's help must not wait for them."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
