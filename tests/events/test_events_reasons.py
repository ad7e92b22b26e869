"""What the words of a reason come to."""

from __future__ import annotations

import polars as pl
import pytest

from logtrace import catalogue
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.events.reasons import with_reasons

KNOWN = catalogue.load()


def classified(kind: str, **fields: str | None) -> dict[str, object]:
    event = pl.DataFrame({"kind": [kind], **{name: [value] for name, value in fields.items()}})
    return with_reasons(event, KNOWN).row(0, named=True)


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        (Kind.SCHED_ACTION, "node availability", Why.NO_NODE),
        (Kind.SCHED_ACTION, "no quorum (blocked)", Why.NO_QUORUM),
        (Kind.SCHED_FENCE, "peer process is no longer available", Why.PEER_PROCESS_GONE),
        (Kind.SCHED_FENCE, "node availability", None),
        (Kind.AGENT_SAYS, "INFO: MySQL is not running", Why.NOT_RUNNING),
        (Kind.AGENT_SAYS, "INFO: Stopping  apache, killing 4711", Why.SIGNALLED),
        (Kind.AGENT_SAYS, "/run/apache2.PID does not exist", Why.NO_PID_FILE),
        (Kind.AGENT_SAYS, "wrote /run/apache2.pid", Why.PID_FILE),
        (Kind.AGENT_SAYS, "all is well", None),
    ],
)
def test_the_words_decide(kind: str, text: str, why: Why | None) -> None:
    column = "text" if kind == Kind.AGENT_SAYS else "reason"
    assert classified(kind, **{column: text}).get("why") == why


def test_a_reason_gives_fields_and_does_not_overwrite_them() -> None:
    told = classified(Kind.SCHED_ACTION, reason="unrunnable p_x:1 start (blocked)", state=None)
    assert (told["why"], told["due_to"], told["state"]) == (Why.AFTER_ANOTHER, "p_x", "blocked")
    said = classified(Kind.SCHED_ACTION, reason="required p_y start", due_to="p_z")
    assert said["due_to"] == "p_z"


def test_every_row_keeps_its_own() -> None:
    events = pl.DataFrame({
        "kind": ["sched.action", "agent.says", "sched.action", "sched.leave", "agent.says"],
        "reason": ["no quorum", None, "node availability", None, None],
        "detail": ["node1", None, None, "Started node1 unmanaged", None],
        "text": [None, "already stopped", None, None, ""],
    })  # fmt: skip
    told = with_reasons(events, KNOWN)
    assert told["why"].to_list() == [Why.NO_QUORUM, Why.NOT_RUNNING, Why.NO_NODE, Why.UNMANAGED, None]
    assert told.select(events.columns).equals(events)
