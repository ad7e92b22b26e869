"""The parenthesis of a scheduled action, in all the forms the scheduler has printed it since 1.1.5."""

from __future__ import annotations

import pytest

from logtrace.timeline.transitions import nodes_of


@pytest.mark.parametrize(
    ("detail", "nodes"),
    [
        ("node1", ("node1", "node1")),
        ("                        node2 ", ("node2", "node2")),
        ("node1 -> node2", ("node1", "node2")),
        ("              node2 -> node1 ", ("node2", "node1")),
        ("Started node1", ("node1", "node1")),
        ("Master node1", ("node1", "node1")),
        ("Promoted node1", ("node1", "node1")),
        ("Unpromoted node1", ("node1", "node1")),
        ("Started node1 -> node2", ("node1", "node2")),
        ("node1 -> node2 Slave", ("node1", "node2")),
        ("node1 -> node2 Promoted", ("node1", "node2")),
        ("Slave -> Master node1", ("node1", "node1")),
        ("Unpromoted -> Promoted node2", ("node2", "node2")),
        ("Promoted -> Stopped node2", ("node2", "node2")),
        ("Master node1 -> Slave node2", ("node1", "node2")),
        ("Promoted node1 -> Unpromoted node2", ("node1", "node2")),
        ("Stopped", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
        ("osp-b.cloud.example -> osp_c.cloud.example", ("osp-b.cloud.example", "osp_c.cloud.example")),
        ("node1 (resource: guest1)", ("node1", "node1")),
        ("node1 (resource: guest1) -> node2 (resource: guest1)", ("node1", "node2")),
    ],
)
def test_source_and_destination(detail: str | None, nodes: tuple[str | None, str | None]) -> None:
    assert nodes_of(detail) == nodes
