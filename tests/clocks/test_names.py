"""Hosts in headers and nodes in the CIB are spelled differently."""

from __future__ import annotations

import pytest

from logtrace.clocks import canonical_names


@pytest.mark.parametrize(
    ("hosts", "known", "names"),
    [
        (["a.example.com"], ["a"], {"a.example.com": "a"}),
        (["a"], ["a.example.com"], {"a": "a.example.com"}),
        (["a", "a.example.com"], ["a.example.com"], {"a": "a.example.com", "a.example.com": "a.example.com"}),
        (["a", "a.example.com"], [], {"a": "a", "a.example.com": "a"}),
        (["A"], ["a"], {"A": "a"}),
        (["a.x", "a.y"], ["a.x", "a.y"], {"a.x": "a.x", "a.y": "a.y"}),
        (["10.0.0.1", "10.0.0.2"], [], {"10.0.0.1": "10.0.0.1", "10.0.0.2": "10.0.0.2"}),
        (["stranger"], ["a", "b"], {"stranger": "stranger"}),
        (["a"], ["a", "a.example.com"], {"a": "a"}),
        (["a.example.com"], ["a", "a.example.com"], {"a.example.com": "a"}),
    ],
)
def test_one_name_per_node(hosts: list[str], known: list[str], names: dict[str, str]) -> None:
    assert canonical_names(hosts, known) == names
    assert canonical_names(reversed(hosts), known) == names
