"""What operators did, a line each: the same step in a row is one."""

from __future__ import annotations

from msgspec.structs import replace
from test_overview import case, incident

from logtrace.report.actions import Action, actions
from logtrace.report.case import Case, IncidentKind, Node


def done(*titles: str) -> Case:
    """A case of three nodes in which operators did this; what begins with "fault" is one."""
    found = [
        incident(f"i{n}", title=title, kind=IncidentKind.FAULT if title.startswith("fault") else IncidentKind.PLANNED)
        for n, title in enumerate(titles, 1)
    ]
    made = case(*found)
    return replace(made, cluster=replace(made.cluster, nodes=tuple(Node(name, True) for name in ("n1", "n2", "n11"))))


def lines(made: Case) -> list[tuple[list[str], str, tuple[str, ...], str]]:
    return [([one.id for one in each.incidents], each.before, each.nodes, each.after) for each in actions(made)]


def test_a_rolling_restart_of_three_nodes_is_one_line() -> None:
    made = done(
        "Configuration change.", "Stop of Pacemaker on n1.", "Stop of Pacemaker on n2.", "Stop of Pacemaker on n11."
    )
    assert lines(made) == [
        (["i1"], "Configuration change.", (), ""),
        (["i2", "i3", "i4"], "Stop of Pacemaker on ", ("n1", "n2", "n11"), "."),
    ]


def test_what_happens_in_between_parts_them() -> None:
    made = done("Standby of n1.", "fault of n2", "Standby of n2.", "Cleanup of vip.", "Standby of n11.")
    assert [each[0] for each in lines(made)] == [["i1"], ["i3"], ["i4"], ["i5"]]


def test_the_same_step_again_is_told_once() -> None:
    made = done("Cleanup of vip on n1.", "Cleanup of vip on n1.")
    assert lines(made) == [(["i1", "i2"], "Cleanup of vip on ", ("n1",), ".")]


def test_a_step_from_one_node_to_another_names_both() -> None:
    made = done("Move of vip from n1 to n2.", "Move of vip from n2 to n1.")
    assert lines(made) == [
        (["i1"], "Move of vip from n1 to n2.", (), ""),
        (["i2"], "Move of vip from n2 to n1.", (), ""),
    ]


def test_the_longest_name_that_fits_is_meant() -> None:
    made = done("Standby of n1.example.org.", "Standby of n1.other.org.")
    known = replace(made, cluster=replace(made.cluster, nodes=(Node("n1", True), Node("n1.example.org", True))))
    assert [(one.nodes, one.after) for one in actions(known)] == [(("n1.example.org",), "."), (("n1",), ".other.org.")]


def test_a_name_inside_another_word_is_none() -> None:
    (only,) = actions(done("Ban of run1 from n1-backup."))
    assert only == Action(only.incidents, "Ban of run1 from n1-backup.")
