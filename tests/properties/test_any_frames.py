"""Whatever the lines say: no stage fails, and what it gives holds together."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import jsonschema
import polars as pl
import pytest
from any_frames import CONFIGS, FILES, disturbed, gathered, through, unlikely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from stories import whole

from logtrace import pipeline
from logtrace.clocks import resolve
from logtrace.domain.columns import EVENTS
from logtrace.events.store import Events
from logtrace.render import document, markdown, page, show, summary
from logtrace.render import events as table
from logtrace.report.case import Case, Incident, IncidentKind
from logtrace.report.selection import select
from logtrace.timeline.witnesses import merge_witnesses

FRAMES = st.one_of(unlikely(), disturbed())
SCHEMA = jsonschema.Draft202012Validator(json.loads(document.schema()))
MILLI = timedelta(milliseconds=1)


def examples(number: int):
    return settings(max_examples=number, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


NUMBERS = [30, pytest.param(3000, marks=pytest.mark.slow)]


def check_events(told: pl.DataFrame, merged: pl.DataFrame) -> None:
    """One row for each happening, each of a line that was given, in order of time."""
    for name, dtype in EVENTS.items():
        assert merged.schema[name] == dtype, name
    assert merged["event"].to_list() == list(range(merged.height))
    assert merged["time"].is_sorted()
    assert merged.select("file", "line").is_unique().all()
    assert merged.join(told, on=["file", "line"], how="anti").is_empty()
    assert merged.height <= told.height


def check_incident(one: Incident, case: Case, lines: set[tuple[str, int]]) -> None:
    cited = {line.id for line in one.evidence}
    assert len(cited) == len(one.evidence)
    assert {(line.file, line.line) for line in one.evidence} <= lines
    assert {line for cause in one.causes for line in cause.evidence} <= cited
    assert one.first_error is None or one.first_error in cited
    assert 0 <= one.confidence <= 1
    assert one.root_cause in {cause.label for cause in one.causes} | {one.trigger}
    start, end = case.window.start, case.window.end
    assert start is not None
    assert end is not None
    for moment in (one.t_detected, one.t_decided, one.t_acted, one.t_recovered, one.t_end):
        assert moment is None or start <= moment <= end, (moment, start, end)
    times = [each for each in (one.t_fault_earliest, one.t_fault, one.t_detected, one.t_recovered) if each is not None]
    assert times == sorted(times), times
    assert one.recovered or one.t_recovered is None or one.kind is IncidentKind.PLANNED
    assert one.outage is None or one.outage >= 0
    assert one.outage_max is None or (one.outage is not None and one.outage_max >= one.outage - 0.001)
    check_phases(one)
    for advice in one.advice:
        assert advice.saves is None or advice.saves >= 0
    for run in one.operations:
        assert run.end is None or run.end >= run.start


def check_phases(one: Incident) -> None:
    """They follow each other without gap or overlap, from the beginning of the outage to its end."""
    for before, after in pairwise(one.phases):
        assert before.end == after.start
    for phase in one.phases:
        assert phase.end >= phase.start
    if one.phases and one.outage is not None and one.recovered:
        whole = sum((phase.end - phase.start for phase in one.phases), timedelta())
        assert abs(whole.total_seconds() - one.outage) <= 0.002, (whole, one.outage)


@pytest.mark.parametrize("number", NUMBERS)
def test_what_comes_out_holds_together(number: int) -> None:
    @examples(number)
    @given(FRAMES, st.sampled_from(CONFIGS))
    def holds(told: pl.DataFrame, config: str) -> None:
        case = through(told, config)
        check_events(told, case.frames.events.whole())
        named = dict(case.frames.files.select("file", "path").iter_rows())
        lines = {(named[file], line) for file, line in told.select("file", "line").iter_rows()}
        assert [one.id for one in case.incidents] == [f"i{at}" for at in range(1, len(case.incidents) + 1)]
        for one in case.incidents:
            check_incident(one, case, lines)

    holds()


@pytest.mark.parametrize("number", NUMBERS)
def test_every_output_can_tell_it(number: int) -> None:
    @examples(number)
    @given(FRAMES, st.sampled_from(CONFIGS))
    def tells(told: pl.DataFrame, config: str) -> None:
        case = through(told, config)
        SCHEMA.validate(json.loads(document.render(case)))
        for said in (summary.render(case, width=80).plain, markdown.render(case), page.render(case, light=True)):
            assert "\u202e" not in said
        for one in case.incidents:
            show.render(case, one, width=80, symbols=True)
        table.jsonl(select(case))

    tells()


def without_frames(case: Case) -> Case:
    """A case to compare as JSON, whose precision does not tell in which order floats were summed up."""
    return replace(case, frames=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", NUMBERS)
def test_the_order_of_rows_does_not_matter(number: int) -> None:
    @examples(number)
    @given(FRAMES, st.sampled_from(CONFIGS), st.integers(0, 99))
    def same(told: pl.DataFrame, config: str, seed: int) -> None:
        first = through(told, config)
        again = through(told.sample(fraction=1.0, shuffle=True, seed=seed), config)
        for name, frame in whole(first.frames).items():
            assert whole(again.frames)[name].equals(frame), name
        assert document.render(without_frames(first)) == document.render(without_frames(again))

    same()


@examples(40)
@given(FRAMES)
def test_copies_of_all_files_tell_nothing_new(told: pl.DataFrame) -> None:
    timed, _ = resolve(pipeline.understood(gathered(told)))
    lines = timed.whole().drop("event")
    copies = lines.with_columns(pl.col("file") + FILES)
    once, twice = merge_witnesses(timed), merge_witnesses(Events.of_frame(pl.concat([lines, copies])))
    assert twice.select("file", "line", "event").equals(once.select("file", "line", "event"))
