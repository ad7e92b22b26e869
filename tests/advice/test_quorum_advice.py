"""Advice about votes is about the stack that is there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from logtrace.advice.quorum import advise
from logtrace.config.model import ClusterConfig, Corosync


def situation(stack: str) -> Any:
    """A pair that lost quorum; only what the advice asks of a situation."""
    config = ClusterConfig(stack=stack, corosync=Corosync())
    return SimpleNamespace(true=lambda label: label == "quorum_loss", config=config, nodes=("a", "b"))


@pytest.mark.parametrize(
    ("stack", "labels"),
    [("corosync", ["two_node", "quorum_device"]), ("cman", []), ("heartbeat", []), ("openais", [])],
)
def test_two_node_and_quorum_devices_are_of_corosync_two(stack: str, labels: list[str]) -> None:
    assert [one.label for one in advise(situation(stack))] == labels
