"""Name-value pairs of a CIB: properties, meta attributes, instance attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from lxml import etree

from logtrace.config.xmlfile import Growth
from logtrace.lines.secrets import MASK, is_secret

#: The set Pacemaker looks into first, whatever its score.
FIRST_SET: Final = "cib-bootstrap-options"

#: Finds the element an `id-ref` points to; None when there is none.
Lookup = Callable[[str], etree._Element | None]


def lookup(root: etree._Element, growth: Growth) -> Lookup:
    """A finder of elements by id. Every id of the tree is indexed once; what is found counts for `growth`."""
    by_id = {identifier: element for element in root.iter("*") if (identifier := element.get("id"))}
    sizes: dict[str, int] = {}

    def find(identifier: str) -> etree._Element | None:
        element = by_id.get(identifier)
        if element is not None:
            if identifier not in sizes:
                sizes[identifier] = sum(1 + len(each.attrib) for each in element.iter())
            growth.add(sizes[identifier])
        return element

    return find


def resolve(element: etree._Element, find: Lookup) -> etree._Element:
    """`element`, or what its `id-ref` points to."""
    reference = element.get("id-ref")
    target = find(reference) if reference else None
    return element if target is None else target


def pairs(sets: Iterable[etree._Element], find: Lookup) -> dict[str, str]:
    """The values of several attribute sets. The set with the highest score wins (Pacemaker: sort_pairs).

    Secrets (passwords, keys) come out as MASK. Sets that hold a rule are left out: whether they apply depends on the
    time and the node.
    """
    ordered = sorted((resolve(one, find) for one in sets), key=_rank)
    values: dict[str, str] = {}
    for one in ordered:
        if one.find("rule") is not None:
            continue
        for pair in one.iterchildren("nvpair"):
            source = resolve(pair, find)
            name, value = pair.get("name") or source.get("name"), source.get("value")
            if name and value is not None:
                values.setdefault(name, MASK if is_secret(name) else value)
    return values


def score(text: str | None) -> int:
    """A score as an integer; INFINITY is 1000000. What is not a number counts 0."""
    word = (text or "").strip()
    named = {"INFINITY": 1_000_000, "+INFINITY": 1_000_000, "-INFINITY": -1_000_000}
    try:
        return named[word] if word in named else max(-1_000_000, min(1_000_000, int(word)))
    except ValueError:
        return 0


def true(text: str | None, *, default: bool = False) -> bool:
    """A boolean as Pacemaker reads it (crm_str_to_boolean); `default` when it is absent or something else."""
    word = (text or "").strip().lower()
    if word in {"true", "on", "yes", "y", "1"}:
        return True
    return False if word in {"false", "off", "no", "n", "0"} else default


def _rank(one: etree._Element) -> tuple[bool, int]:
    return one.get("id") != FIRST_SET, -score(one.get("score"))
