"""Causes are declarations: nothing is left out, their order is the contract's, and every trigger has a name."""

from __future__ import annotations

import pkgutil
import re
from graphlib import CycleError
from importlib import import_module
from pathlib import Path

import pytest
from msgspec.structs import replace

from logtrace import causes
from logtrace.causes.declaration import Declaration, Tier
from logtrace.causes.order import in_order
from logtrace.chains import triggers
from logtrace.chains.triggers import OperationFailed, Trigger

#: The contract's order of what went wrong in its own right.
CONTRACT = [
    *("corosync_stall", "quorum_loss", "network_partition", "stop_failure", "fencing_failure", "multiple_active"),
    *("daemon_crash", "missing_agent", "no_pidfile", "promotion_failure", "spurious_monitor", "start_timeout"),
    *("resource_agent_error", "flapping", "clock_jump", "unmanaged"),
]


def labels(*tiers: Tier) -> list[str]:
    return [cause.label for cause in causes.of_tier(*tiers)]


def test_the_order_derived_from_the_declarations_is_the_contracts() -> None:
    assert [label for label in labels(Tier.FAULT) if label in CONTRACT] == CONTRACT
    assert labels(Tier.PLAIN) == ["vip_switch", "service_crash", "node_failure"]
    told = list(causes.CAUSES)
    assert sorted(told, key=lambda label: list(Tier).index(causes.CAUSES[label].tier)) == told


def test_every_module_that_declares_a_cause_is_in_the_registry() -> None:
    modules = [import_module(f"logtrace.causes.{each.name}") for each in pkgutil.iter_modules(causes.__path__)]
    declared = {module.DECLARATION.label for module in modules if hasattr(module, "DECLARATION")}
    assert declared == set(causes.CAUSES)
    assert all(
        module.DECLARATION.label == module.__name__.rpartition(".")[2]
        for module in modules
        if hasattr(module, "DECLARATION")
    )


def test_a_cause_comes_where_it_says() -> None:
    new = replace(causes.CAUSES["flapping"], label="new", after=("quorum_loss",), before=("network_partition",))
    order = list(in_order([*causes.CAUSES.values(), new]))
    assert order.index("quorum_loss") + 1 == order.index("new") == order.index("network_partition") - 1


def test_contradictions_and_strangers_are_refused() -> None:
    known = causes.CAUSES
    with pytest.raises(CycleError):
        in_order([*known.values(), replace(known["flapping"], after=("unmanaged",))])
    with pytest.raises(KeyError, match="slow_init"):
        in_order([*known.values(), replace(known["flapping"], after=("slow_init",))])  # of another tier


def _types() -> list[type[Trigger]]:
    found = [each for each in vars(triggers).values() if isinstance(each, type) and issubclass(each, Trigger)]
    return [each for each in found if each is not Trigger]


@pytest.mark.parametrize("kind", _types(), ids=lambda kind: kind.__name__)
def test_every_trigger_is_called_something(kind: type[Trigger]) -> None:
    plain = [cause.label for cause in causes.CAUSES.values() for one in cause.begins_with if one.trigger is kind]
    assert plain
    if kind is not OperationFailed:  # which goes by its operation and its result
        assert len(plain) == 1


def test_each_label_has_its_story_and_its_trap() -> None:
    """Each cause has a test of its own, and one of what it is not."""
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    told = {name for text in texts for name in re.findall(r"^def test_(\w+)", text, re.MULTILINE)}
    for label in causes.CAUSES:
        assert any(name.startswith(label) and not name.startswith(f"{label}_is_not") for name in told), label
        if label != "node_failure":
            assert any(name.startswith(f"{label}_is_not") for name in told), label


def test_a_declaration_is_whole() -> None:
    for cause in causes.CAUSES.values():
        assert isinstance(cause, Declaration)
        assert cause.judge.__doc__, cause.label
