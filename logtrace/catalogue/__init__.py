"""The catalogue of what logs look like (parsers/formats) and what they say (parsers/messages)."""

from logtrace.catalogue.load import load
from logtrace.catalogue.model import Catalogue, Example, Format, KindEntry, Message, Problem
from logtrace.catalogue.template import Pattern

__all__ = ["Catalogue", "Example", "Format", "KindEntry", "Message", "Pattern", "Problem", "load"]
