"""The catalogue of what logs look like (parsers/formats) and what they say (parsers/messages)."""

from logtrace.catalogue.load import load
from logtrace.catalogue.model import Catalogue, Example, Format, Kind, Message, Problem
from logtrace.catalogue.template import Pattern

__all__ = ["Catalogue", "Example", "Format", "Kind", "Message", "Pattern", "Problem", "check", "load"]


def check(catalogue: Catalogue) -> list[Problem]:
    """All problems of `catalogue`, in the order of its files; an empty list proves every example."""
    from logtrace.events.proof import problems  # late, for it uses the engine, which uses this package

    return problems(catalogue)
