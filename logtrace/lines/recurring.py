"""What a secret attribute of a CIB holds is masked wherever it recurs, whatever stands before it there.

A fence agent that fails may print its parameters in words no pattern knows. But a value is not always telling: the
password may be `no`, the name of a node, or a word that every log is full of, and a report without these could not be
read. Such a value is only masked behind its own name (logtrace.lines.secrets).
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import quote

import polars as pl

from logtrace.lines.secrets import MASK

#: Shorter ones are words, numbers of processes and names of devices: `eth0`, `ring0`, `30000`.
_SHORTEST: Final = 6
#: Digits alone are times and sizes up to here: an epoch in nanoseconds has as many.
_LONGEST_NUMBER: Final = 19
#: What looks like a secret's value and is a number with a unit, an address, or the place of a file that has the secret.
_HARMLESS: Final = re.compile(
    rf"\d{{1,{_LONGEST_NUMBER}}}[a-z%]{{0,12}}|[\d.:/-]+|(?:/[\w.@%+-]+)+/?|\W*|\*+", re.ASCII | re.IGNORECASE
)
#: More than the secrets of any cluster.
_MOST: Final = 10_000


def telling(values: Iterable[str], names: Collection[str]) -> frozenset[str]:
    """Those of `values` that mean nothing else where they stand in a text; `names` are what things are called there,
    and words that belong to the log.
    """
    known = "\n".join(names).lower()
    long = {value.strip() for value in values if len(value.strip()) >= _SHORTEST}
    return frozenset(value for value in long if _HARMLESS.fullmatch(value) is None and value.lower() not in known)


def without(texts: pl.Series, values: Collection[str]) -> pl.Series:
    """The texts with MASK in the place of each of `values`, also where it is escaped for XML or a URL."""
    kept = sorted(values)[:_MOST]
    forms = {form for value in kept for form in (value, html.escape(value), quote(value, safe=""))}
    if not forms:
        return texts
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    hit = texts.str.contains_any(longest_first).fill_null(value=False)
    if not hit.any():
        return texts
    safe = texts.filter(hit).str.replace_many(dict.fromkeys(longest_first, MASK), leftmost=True)
    return texts.clone().scatter(hit.arg_true(), safe)  # scatter changes what it is called on
