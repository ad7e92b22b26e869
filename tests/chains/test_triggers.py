"""Every kind of trigger declares itself, and is in the registry."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest

from logtrace import causes
from logtrace.chains import triggers
from logtrace.chains.trigger import Trigger
from logtrace.chains.triggers import KINDS


def test_no_kind_is_left_out() -> None:
    for module in pkgutil.iter_modules(triggers.__path__):
        import_module(f"{triggers.__name__}.{module.name}")
    assert set(Trigger.__subclasses__()) == set(KINDS)
    assert len(KINDS) == len(set(KINDS))


def test_every_kind_is_a_file_of_its_own() -> None:
    assert len({kind.__module__ for kind in KINDS}) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cause_is_named_for_what_each_kind_begins(kind: type[Trigger]) -> None:
    assert any(one.trigger is kind for cause in causes.CAUSES.values() for one in cause.begins_with)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_found_by_lines_or_by_a_plan(kind: type[Trigger]) -> None:
    assert {"find", "of_plan"} & vars(kind).keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_says_how_an_incident_began(kind: type[Trigger]) -> None:
    assert kind.__doc__
    assert "beginning" in vars(kind)
