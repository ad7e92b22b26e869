"""Forensics for Pacemaker clusters: what happened, why it took so long, and what to change, with proof."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logtrace.version import VERSION

if TYPE_CHECKING:
    from logtrace.pipeline import analyze
    from logtrace.report.case import Case, Cause, Incident
    from logtrace.report.scope import Options

__version__ = VERSION

__all__ = ["Case", "Cause", "Incident", "Options", "__version__", "analyze"]

_HOME = {
    "analyze": "logtrace.pipeline",
    "Options": "logtrace.report.scope",
    "Case": "logtrace.report.case",
    "Incident": "logtrace.report.case",
    "Cause": "logtrace.report.case",
}


def __getattr__(name: str) -> Any:
    """Load the heavy parts when they are asked for: the command line's help must not wait for them."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOME[name]), name)
