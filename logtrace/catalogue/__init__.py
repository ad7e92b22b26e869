"""The catalogue: what logs look like (parsers/formats), what they say (parsers/messages), and why (parsers/reasons)."""

from logtrace.catalogue.load import load
from logtrace.catalogue.model import Catalogue, Example, Format, KindEntry, Message, Problem, Reason
from logtrace.catalogue.reasons import Meaning, meaning_of
from logtrace.catalogue.template import Pattern

__all__ = [
    "Catalogue",
    "Example",
    "Format",
    "KindEntry",
    "Meaning",
    "Message",
    "Pattern",
    "Problem",
    "Reason",
    "load",
    "meaning_of",
]
