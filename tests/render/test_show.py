"""One incident in depth: everything that is known of it is there, at any width, and inert."""

from __future__ import annotations

import pytest
from builders import HOSTILE, busy, cascade, crash, hostile, node_loss
from cases import CASCADE, PLANNED, case
from msgspec.structs import replace
from rich.cells import cell_len

from logtrace.render import show
from logtrace.render.untrusted import shown
from logtrace.report.case import Incident


def told(incident: Incident, width: int = 80) -> str:
    return show.render(case(incident), incident, width=width).plain


def squeezed(text: str) -> str:
    """The text without what breaking it into lines put in."""
    return " ".join(text.split())


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("make", [crash, cascade, node_loss])
def test_nothing_is_wider_than_the_terminal(make: object, width: int) -> None:
    incident = make()  # type: ignore[operator]
    for line in told(incident, width).splitlines():
        assert cell_len(line) <= width or " " not in line.strip(), line


@pytest.mark.parametrize("width", [60, 80, 200])
def test_every_line_of_evidence_has_its_file_and_number(width: int) -> None:
    incident = cascade()
    text = squeezed(told(incident, width))
    assert len(incident.evidence) > 30
    for each in incident.evidence:
        assert f"{each.file}:{each.line}" in text
        assert squeezed(each.text) in text


def test_phases_causes_and_advice_are_all_there() -> None:
    incident = CASCADE
    text = squeezed(told(incident))
    for phase in incident.phases:
        assert phase.name.value in text
        assert phase.what in text
    for cause in incident.causes:
        assert cause.sentence in text
    for advice in incident.advice:
        assert advice.sentence in text
        for tool in advice.commands:
            assert f"with {tool}:" in text
    assert {"supported", "ruled out"} <= {word for word in ("supported", "ruled out") if word in text}


def test_the_longest_phase_has_the_longest_bar() -> None:
    lines = [line for line in told(CASCADE).splitlines() if " % " in line]
    bars = {name: line.count("█") for line in lines for name in ("detection", "stop", "start") if f"  {name} " in line}
    assert bars["start"] > bars["stop"] > bars["detection"] > 0


def test_operations_on_the_critical_path_are_marked() -> None:
    text = told(crash(), 100)
    rows = [line for line in text.splitlines() if "haproxy" in line and "rc " in line]
    assert len(rows) == 3
    assert all(line.startswith("  *") for line in rows)
    aside = replace(crash(), operations=tuple(replace(op, critical=False) for op in crash().operations))
    assert not [line for line in told(aside, 100).splitlines() if line.startswith("  *")]


def test_a_narrow_table_keeps_times_and_lengths() -> None:
    row = next(line for line in told(crash(), 60).splitlines() if "16:47:02.813" in line)
    assert "1.1 s" in row
    assert "rc 0" in row


def test_an_open_incident_says_so_and_planned_ones_count_no_outage() -> None:
    assert "not in these logs" in told(node_loss())
    planned = told(PLANNED)
    assert "planned" in planned.splitlines()[0]
    assert "outage" not in planned.splitlines()[0]


def test_empty_sections_are_left_out() -> None:
    bare = replace(crash(), phases=(), operations=(), transitions=(), causes=(), evidence=(), advice=(),
                   missing_witnesses=(), first_error=None)  # fmt: skip
    assert [line for line in told(bare).splitlines() if line and not line.startswith(" ")][-1] == "numbers"


def test_hostile_text_is_inert() -> None:
    made = hostile(HOSTILE)
    for incident in made.incidents:
        text = show.render(made, incident, width=80).plain
        assert not set(text) & {"\x1b", "\u202e", "\x9b", "\x00", "\x07", "\u2066", "\u200b", "\r"}
        assert shown("\x1b") in text


def test_ascii_where_the_terminal_knows_no_more() -> None:
    made = busy()
    text = show.render(made, made.incidents[0], symbols=False).plain
    assert text.isascii()
    assert "#" in text
