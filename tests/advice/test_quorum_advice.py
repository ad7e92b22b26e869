"""Advice about votes is about the stack that is there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from logtrace.causes.quorum_loss import remedy
from logtrace.config.model import ClusterConfig, Corosync


def complaint(stack: str) -> Any:
    """A pair that lost quorum; only what the remedy asks of it."""
    config = ClusterConfig(stack=stack, corosync=Corosync(), nodes={"1": "a", "2": "b"})
    return SimpleNamespace(facts=SimpleNamespace(config=config))


@pytest.mark.parametrize(
    ("stack", "labels"),
    [("corosync", ["two_node", "quorum_device"]), ("cman", []), ("heartbeat", []), ("openais", [])],
)
def test_two_node_and_quorum_devices_are_of_corosync_two(stack: str, labels: list[str]) -> None:
    assert [one.label for one in remedy(complaint(stack))] == labels
