"""The log around incidents, as it is held in the page."""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib
from typing import Any

import polars as pl
from builders import HOSTILE, busy, cascade, recognised
from cases import case
from lxml import html
from msgspec.structs import replace

from logtrace.events.store import Events
from logtrace.render.page import render
from logtrace.report.case import Case
from logtrace.report.surroundings import MARGIN, surroundings


def held(this: Case) -> dict[str, Any]:
    root = html.document_fromstring(render(this).encode())
    packed = json.loads(root.get_element_by_id("log").text)
    told: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(packed)))
    return told


def test_the_lines_around_an_incident_are_merged_in_the_order_of_time() -> None:
    this = busy()
    told = held(this)
    assert sorted(told["around"]) == ["i1", "i2", "i3", "i4", "i5"]
    places = [line[0] for line in told["lines"]]
    assert places == sorted(set(places))
    assert [line[1] for line in told["lines"]] == sorted(line[1] for line in told["lines"])
    there = {(told["files"][line[6]], line[7]) for line in told["lines"]}
    assert {(each.file, each.line) for one in this.incidents for each in one.evidence} <= there
    (line,) = (each for each in told["lines"] if told["files"][each[6]] == "osp-b/pacemaker.log" and each[7] == 309)
    assert line[8] == "neighbour 309 of osp-b/pacemaker.log"


def test_what_stands_near_cited_lines_goes_first_and_the_rest_is_counted() -> None:
    incident = cascade()
    frames = recognised(*incident.evidence)
    whole = surroundings(frames, [incident], 10_000)
    ((places, span),) = whole.around.values()
    assert len(places) == span == len(whole.lines)
    few = surroundings(frames, [incident], len(incident.evidence))
    ((chosen, counted),) = few.around.values()
    assert counted == span
    assert {(each.file, each.line) for each in few.lines} == {(each.file, each.line) for each in incident.evidence}
    assert len(chosen) == len(incident.evidence)


def test_what_lies_far_from_an_incident_is_no_part_of_it() -> None:
    """Of lines that were written a day later only the margin is taken."""
    incident = cascade()
    late = tuple(replace(incident.evidence[0], file="late.log", line=10 * n) for n in range(1, 60))
    frames = recognised(*incident.evidence, *late)
    file = frames.files.filter(pl.col("path") == "late.log")["file"].item()
    moved = frames.events.whole().with_columns(
        time=pl.when(pl.col("file") == file).then(pl.col("time") + pl.duration(days=1)).otherwise("time")
    )
    later = moved.filter(pl.col("file") == file).height
    assert later > 2 * MARGIN
    made = dataclasses.replace(frames, events=Events.of_frame(moved))
    ((places, span),) = surroundings(made, [incident], 10_000).around.values()
    assert len(places) == span == moved.height - later + MARGIN


def test_without_lines_there_is_no_log() -> None:
    assert 'id="log"' not in render(case())
    assert surroundings(case().frames, [cascade()], 1000).lines == ()


def test_a_light_page_holds_no_log() -> None:
    assert "The log around it" not in render(busy(), light=True)


def test_text_of_a_log_is_only_text() -> None:
    line = replace(cascade().evidence[0], text=HOSTILE.replace("\ud800", ""))
    this = case(replace(cascade(), evidence=(line,)))
    told = held(replace(this, frames=recognised(line)))
    (text,) = (each[8] for each in told["lines"] if "onerror" in each[8])
    assert "\x1b" not in text
    assert "\u202e" not in text
