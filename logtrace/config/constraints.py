"""The `<constraints>` of a CIB; resource sets, tags and templates expanded to pairs of resources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, pairwise, product
from typing import Final

from lxml import etree
from msgspec import Struct

from logtrace.config.model import Colocation, Location, Order
from logtrace.domain.values import score, true

#: What a reference in a constraint stands for: itself, or the members of a tag, or the primitives of a template.
Members = Callable[[str], tuple[str, ...]]

#: Unordered sets multiply; a configuration beyond this is not one a person keeps, so the rest is left out.
MAX_PAIRS: Final = 100_000


class _Set(Struct, frozen=True):
    members: tuple[str, ...]
    sequential: bool
    require_all: bool
    action: str | None
    role: str | None
    score: str | None

    @property
    def first(self) -> tuple[str, ...]:
        return self.members[:1] if self.sequential else self.members

    @property
    def last(self) -> tuple[str, ...]:
        return self.members[-1:] if self.sequential else self.members


def orders(section: etree._Element | None, members: Members) -> tuple[Order, ...]:
    """All `rsc_order`. A set's members follow one another when it is sequential; a set follows the set before it."""
    return tuple(islice(_orders(section, members), MAX_PAIRS))


def colocations(section: etree._Element | None, members: Members) -> tuple[Colocation, ...]:
    """All `rsc_colocation`.

    A sequential set places each member with the one before it, and a set goes where the set after it in the constraint
    is (Pacemaker: unpack_colocation_set, colocate_rsc_sets). With a negative score every pair of a set is kept apart.
    """
    return tuple(islice(_colocations(section, members), MAX_PAIRS))


def locations(section: etree._Element | None, members: Members) -> tuple[Location, ...]:
    """All `rsc_location`; a rule that names one node (`#uname eq NAME`) counts as that node."""
    return tuple(islice(_locations(section, members), MAX_PAIRS))


def _each(section: etree._Element | None, tag: str) -> Iterator[tuple[str, etree._Element]]:
    if section is not None:
        for element in section.iterchildren(tag):
            yield element.get("id", ""), element


def _orders(section: etree._Element | None, members: Members) -> Iterator[Order]:
    for identifier, element in _each(section, "rsc_order"):
        kind = _kind(element)
        symmetrical = true(element.get("symmetrical"), default=kind != "Serialize")
        sets = _sets(element, members)
        for one in sets:
            action = one.action or "start"
            if one.sequential:
                for first, then in pairwise(one.members):
                    yield Order(identifier, first, then, action, action, kind, symmetrical)
        for before, after in pairwise(sets):
            for first, then in product(before.last, after.first):
                yield Order(
                    identifier, first, then, before.action or "start", after.action or "start", kind, symmetrical,
                    before.require_all or before.sequential,
                )  # fmt: skip
        if not sets:
            first_action = element.get("first-action") or "start"
            then_action = element.get("then-action") or first_action
            both = product(members(element.get("first", "")), members(element.get("then", "")))
            for first, then in both:
                yield Order(
                    identifier, first, then, first_action, then_action, kind, symmetrical,
                    true(element.get("require-all"), default=True),
                )  # fmt: skip


def _kind(element: etree._Element) -> str:
    if kind := element.get("kind"):
        return kind.capitalize()
    # Before `kind` there was a score: 0 meant optional (Pacemaker 1.0; get_ordering_type).
    return "Optional" if element.get("score") is not None and score(element.get("score")) == 0 else "Mandatory"


def _colocations(section: etree._Element | None, members: Members) -> Iterator[Colocation]:
    for identifier, element in _each(section, "rsc_colocation"):
        weight = element.get("score") or "INFINITY"
        sets = _sets(element, members)
        for one in sets:
            own = one.score or weight
            for resource, other in _within(one, apart=score(own) < 0):
                yield Colocation(identifier, resource, other, own, one.role, one.role)
        for dependent, primary in pairwise(sets):
            for resource, other in product(dependent.first, primary.last):
                yield Colocation(identifier, resource, other, weight, dependent.role, primary.role)
        if not sets:
            both = product(members(element.get("rsc", "")), members(element.get("with-rsc", "")))
            for resource, other in both:
                yield Colocation(
                    identifier, resource, other, weight, element.get("rsc-role"), element.get("with-rsc-role")
                )


def _within(one: _Set, *, apart: bool) -> Iterator[tuple[str, str]]:
    if not one.sequential:
        return
    if apart:
        for index, resource in enumerate(one.members):
            for other in one.members[:index]:
                yield resource, other
    else:
        for previous, resource in pairwise(one.members):
            yield resource, previous


def _locations(section: etree._Element | None, members: Members) -> Iterator[Location]:
    for identifier, element in _each(section, "rsc_location"):
        pattern = element.get("rsc-pattern")
        resources = (f"/{pattern}/",) if pattern else members(element.get("rsc", ""))
        resources += tuple(member for one in _sets(element, members) for member in one.members)
        for resource in resources:
            if element.get("node"):
                yield Location(identifier, resource, element.get("node"), element.get("score"))
            for rule in element.iterchildren("rule"):
                yield Location(identifier, resource, _only_node(rule), rule.get("score"), _until(rule))


def _only_node(rule: etree._Element) -> str | None:
    tests = [test for test in rule.iterchildren("*") if test.tag != "date_expression"]
    if len(tests) != 1 or tests[0].get("attribute") != "#uname" or tests[0].get("operation") != "eq":
        return None
    return tests[0].get("value")


def _until(rule: etree._Element) -> str | None:
    return next((str(test.get("end")) for test in rule.iterchildren("date_expression") if test.get("end")), None)


def _sets(element: etree._Element, members: Members) -> list[_Set]:
    sets = [
        _Set(
            tuple(member for ref in one.iterchildren("resource_ref") for member in members(ref.get("id", ""))),
            true(one.get("sequential"), default=True),
            true(one.get("require-all"), default=True),
            one.get("action"),
            one.get("role"),
            one.get("score"),
        )
        for one in element.iterchildren("resource_set")
    ]
    return [one for one in sets if one.members]
