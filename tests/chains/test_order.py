"""What happened does not depend on the order in which files are read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from stories import cluster, fence_device, group, primitive, read, tell, write
from test_chains import CIB, CLEANUP, ESCALATION, NODE_DIES, PEERS, RETRIED

from logtrace.report.case import Incident

THREE = cluster(group("g", primitive("db"), primitive("web")), fence_device(), nodes=PEERS)
FILES = {
    "escalation": (write(tell(ESCALATION), carriers=("detail", "syslog")), CIB),
    "cleanup": (write(tell(RETRIED + CLEANUP), carriers=("detail", "syslog")), CIB),
    "whole seconds": (write(tell(ESCALATION), carriers=("syslog",)), CIB),
    "three nodes": (write(tell(NODE_DIES, nodes=PEERS, dc="node1"), skew={"node2": 30.0}), THREE),
}
FIRST = {name: read(files, cib=cib) for name, (files, cib) in FILES.items()}


def comparable(one: Incident) -> tuple[Incident, set[tuple[object, ...]], str]:
    """An incident with its lines in place of their ids, which go by the order of files where times are equal."""
    lines = {e.id: f"{e.time} {e.node} {e.text}" for e in one.evidence}
    cited = {(cause.label, *sorted(lines[e] for e in cause.evidence)) for cause in one.causes}
    bare = replace(
        one, evidence=(), first_error=None, causes=tuple(replace(cause, evidence=()) for cause in one.causes)
    )
    return bare, cited, lines[one.first_error or one.evidence[0].id][:19]


@pytest.mark.parametrize("name", FILES)
def test_backwards(name: str) -> None:
    files, cib = FILES[name]
    told = read(dict(reversed(files.items())), cib=cib)
    assert [comparable(one) for one in told.incidents] == [comparable(one) for one in FIRST[name].incidents]


@settings(max_examples=6)
@given(st.sampled_from(sorted(FILES)), st.randoms(use_true_random=False))
def test_shuffled(name: str, random: object) -> None:
    files, cib = FILES[name]
    order = list(files)
    random.shuffle(order)  # type: ignore[attr-defined]
    told = read({path: files[path] for path in order}, cib=cib)
    assert [comparable(one) for one in told.incidents] == [comparable(one) for one in FIRST[name].incidents]


@pytest.mark.parametrize("name", FILES)
def test_a_log_cut_in_two_by_rotation(name: str) -> None:
    """Rotated files are read as files of their own: what happened does not change."""
    files, cib = FILES[name]
    cut: dict[str, str] = {}
    for path, text in files.items():
        rows = text.splitlines(keepends=True)
        cut[path] = "".join(rows[len(rows) // 2 :])
        cut[f"{path}-20261122"] = "".join(rows[: len(rows) // 2])
    told = read({path: text for path, text in cut.items() if text}, cib=cib)
    assert [(one.root_cause, one.t_detected, one.t_recovered, one.outage) for one in told.incidents] == [
        (one.root_cause, one.t_detected, one.t_recovered, one.outage) for one in FIRST[name].incidents
    ]
