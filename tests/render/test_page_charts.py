"""Where things stand in the pictures."""

from __future__ import annotations

from datetime import datetime, timedelta

from builders import busy, cascade, crash, node_loss, operation
from cases import at
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from logtrace.render.chart import CHARACTER, NARROW, Anchors, Scale, Timeline, ticks, timeline
from logtrace.render.sections.window import strip
from logtrace.report.case import Incident, IncidentKind

MOMENTS = st.integers(-40_000_000_000, 40_000_000_000).map(lambda each: at("00:00") + timedelta(milliseconds=each))


def drawn(incident: Incident) -> Timeline:
    anchors = Anchors({line.id: f"i1-{line.id}" for line in incident.evidence}, {})
    made = timeline(incident, incident.evidence, anchors, 60, 300)
    assert made is not None
    return made


@given(MOMENTS, st.timedeltas(timedelta(milliseconds=1), timedelta(days=4000)))
def test_ticks_are_few_in_order_and_inside(start: datetime, length: timedelta) -> None:
    marks = ticks(Scale(start, start + length), 7)
    assert len(marks) <= 8
    assert all(0 <= tick.x <= 1 for tick in marks)
    assert [tick.x for tick in marks] == sorted(tick.x for tick in marks)


def test_ticks_are_round() -> None:
    start = at("16:46:48.3")
    assert [tick.text for tick in ticks(Scale(start, start + timedelta(seconds=60)), 7)] == [
        "16:46:50", "16:47:00", "16:47:10", "16:47:20", "16:47:30", "16:47:40",
    ]  # fmt: skip
    assert ticks(Scale(start, start + timedelta(hours=6)), 7)[0].text == "17:00"
    assert ticks(Scale(start, start + timedelta(days=30)), 7)[0].text.endswith("Nov 2022")
    assert ticks(Scale(start, start + timedelta(milliseconds=300)), 7)[0].text == "16:46:48.300"


@given(st.lists(st.floats(0, 20), min_size=4, max_size=4), st.booleans())
def test_labels_of_moments_never_meet(offsets: list[float], proven: bool) -> None:
    start = at("16:47:00")
    detected, decided, acted, recovered = (start + timedelta(seconds=each) for each in sorted(offsets))
    incident = replace(
        crash(), t_fault=start if proven else None, t_fault_earliest=start, t_detected=detected, t_decided=decided,
        t_acted=acted, t_recovered=recovered, phases=(), operations=(), evidence=(),
    )  # fmt: skip
    taken: dict[int, list[tuple[float, float]]] = {}
    for mark in drawn(incident).marks:
        width = len(mark.label) * NARROW
        left = mark.x - width if mark.left else mark.x
        assert left >= 0
        assert left + width <= 1
        for other_left, other_right in taken.get(mark.level, []):
            assert left >= other_right or left + width <= other_left
        taken.setdefault(mark.level, []).append((left, left + width))


def test_a_gap_in_which_nothing_ran_says_what_was_waited_for() -> None:
    for incident in (crash(), cascade(), node_loss()):
        why = {(band.name, band.why) for band in drawn(incident).bands if band.name != "unnoticed"}
        waits = {"detection", "decision", "wait"}
        assert why == {(each.name, each.what if each.name in waits else None) for each in incident.phases}


def test_everything_stands_inside_the_plot() -> None:
    for incident in (crash(), cascade(), node_loss()):
        made = drawn(incident)
        for each in (*made.bands, *(bar for row in made.rows for bar in row.bars)):
            assert each.x >= 0
            assert each.x + each.width <= 1.0001


def test_labels_beside_bars_have_room() -> None:
    told = 0
    for incident in (crash(), cascade(), node_loss()):
        for row in drawn(incident).rows:
            for bar in row.bars:
                if bar.beside is not None:
                    told += 1
                    end = bar.beside + len(bar.label) * CHARACTER
                    assert end <= 1
                    assert not [each for each in row.bars if bar.beside < each.x < end]
    assert told > 10


def test_what_lies_outside_is_counted() -> None:
    late = operation("osp-b", "haproxy", "monitor", at("17:30:00"), 0.1, interval=10_000)
    base = crash()
    made = drawn(replace(base, operations=(*base.operations, late)))
    assert made.outside == 1
    assert made.drawn == len(base.operations)


def test_an_operation_without_an_end_reaches_the_edge() -> None:
    (bar,) = (bar for row in drawn(node_loss()).rows for bar in row.bars if "rabbitmq" in bar.hover)
    assert round(bar.x + bar.width, 4) == 1
    assert bar.failed


def test_a_long_time_before_detection_does_not_squash_the_rest() -> None:
    base = replace(crash(), t_fault=None)
    detected = base.t_detected
    assert detected is not None
    near = drawn(replace(base, t_fault_earliest=detected - timedelta(seconds=0.5)))
    far = drawn(replace(base, t_fault_earliest=detected - timedelta(minutes=10)))
    assert near.marks[0].name == "well"
    assert far.marks[0].name == "detected"


def test_an_incident_without_any_time_has_no_picture() -> None:
    nothing = replace(
        crash(), t_fault=None, t_fault_earliest=None, t_detected=None, t_decided=None, t_acted=None, t_recovered=None,
        operations=(), phases=(),
    )  # fmt: skip
    assert timeline(nothing, (), Anchors({}, {}), 60, 300) is None


def test_incidents_at_one_time_stand_on_different_levels() -> None:
    this = busy()
    made = strip(this, [incident.id for incident in this.incidents], 10)
    assert made is not None
    flags = {flag.anchor: flag for flag in made.flags}
    assert len({flags[name].level for name in ("i2", "i3", "i4")}) == 3
    assert [node.logs is None for node in made.nodes] == [False, True, False]


def test_the_overview_shows_where_things_happen() -> None:
    """Ten incidents within a tenth of the window: what is shown first is that tenth, and no two names meet."""
    base = replace(crash(), kind=IncidentKind.FAULT)
    this = busy()
    begin = at("16:50:00")
    found = []
    for number in range(10):
        moved = {
            name: begin + timedelta(minutes=number) + (getattr(base, name) - base.t_fault)
            for name in ("t_fault", "t_detected", "t_decided", "t_acted", "t_recovered", "t_end")
        }
        found.append(replace(base, id=f"i{number + 1}", **moved))
    wide = replace(this.window, start=begin - timedelta(minutes=70), end=begin + timedelta(minutes=30))
    made = strip(replace(this, incidents=tuple(found), window=wide), [each.id for each in found], 10)
    assert made is not None
    assert 0.09 <= made.end - made.start <= 0.2
    assert made.start <= min(flag.x for flag in made.flags)
    assert max(flag.x + flag.width for flag in made.flags) <= made.end
    for one in made.flags:
        for other in made.flags:
            if one.level == other.level and one.x < other.x and one.side == other.side == "after":
                assert one.x + one.width + (len(one.anchor) + len(one.cause)) * CHARACTER / made.zoom <= other.x
    spread = replace(this.window, start=begin - timedelta(minutes=1), end=begin + timedelta(minutes=11))
    whole = strip(replace(this, incidents=tuple(found), window=spread), [each.id for each in found], 10)
    assert whole is not None
    assert (whole.start, whole.end) == (0.0, 1.0)
