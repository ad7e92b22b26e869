"""The event list as table, CSV and JSON lines: order, filters, widths, and harmlessness."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from cases import FRAMES, HOSTILE, at, case

from logtrace.domain.columns import EVENTS
from logtrace.events.store import Events
from logtrace.render import events as render
from logtrace.report.case import Case
from logtrace.report.selection import COLUMNS, select

RESULT: dict[str, Any] = {
    "time": at("16:47:48.11"), "node": "osp-c", "level": "error", "kind": "op.result", "resource": "nova_api",
    "operation": "monitor", "target": "osp-c", "rc": 7, "message": "Result of monitor", "file": 0, "line": 812,
}  # fmt: skip
FENCED = RESULT | {
    "time": at("16:47:40"), "node": "osp-a", "level": "notice", "kind": "fence.result", "resource": None,
    "target": "osp-b", "rc": -1, "message": "Peer osp-b was terminated", "line": 3, "path": "/cib/status",
}  # fmt: skip
WARNED = RESULT | {"time": at("16:47:50"), "level": "warning", "kind": "te.abort", "resource": "vip", "target": None}


def events(*rows: dict[str, Any]) -> Case:
    full = [{name: row.get(name) for name in EVENTS} for row in rows]
    return case(frames=replace(FRAMES, events=Events.of_frame(pl.DataFrame(full, schema=EVENTS))))


THREE = events(RESULT, FENCED, WARNED)


def kinds(which: Case, **filters: Any) -> list[str]:
    return select(which, **filters)["kind"].to_list()


def test_events_come_in_order_of_time_with_the_file_they_stand_in() -> None:
    chosen = select(THREE)
    assert chosen.columns == [*COLUMNS, "precise"]
    assert chosen["kind"].to_list() == ["fence.result", "op.result", "te.abort"]
    assert chosen["file"].unique().to_list() == ["crm_report/osp-c/pacemaker.log"]


@pytest.mark.parametrize(
    ("filters", "chosen"),
    [
        ({"nodes": ["osp-c"]}, ["op.result", "te.abort"]),
        ({"nodes": ["osp-b"]}, ["fence.result"]),  # spoken of
        ({"nodes": ["osp-?"]}, ["fence.result", "op.result", "te.abort"]),
        ({"resources": ["nova_*", "vip"]}, ["op.result", "te.abort"]),
        ({"resources": ["nova"]}, []),
        ({"kinds": ["fence"]}, ["fence.result"]),
        ({"kinds": ["*.result"]}, ["fence.result", "op.result"]),
        ({"kinds": ["op", "te"], "resources": ["vip"]}, ["te.abort"]),
        ({"nodes": ["(osp"]}, []),
        ({"kinds": ["op.result.+"]}, []),
    ],
)
def test_filters(filters: dict[str, list[str]], chosen: list[str]) -> None:
    assert kinds(THREE, **filters) == chosen


def test_a_table_shows_more_columns_where_there_is_more_room() -> None:
    chosen = select(THREE)
    heads = {width: render.lines(chosen, width=width)[0].split() for width in (60, 80, 120, 160, None)}
    assert heads == {
        60: ["2022-11-22", "node", "message"],
        80: ["2022-11-22", "node", "kind", "message"],
        120: ["2022-11-22", "node", "kind", "resource", "message"],
        160: ["2022-11-22", "node", "kind", "resource", "place", "message"],
        None: ["time", "node", "kind", "resource", "place", "message"],
    }


def test_table_lines_fit_and_columns_stand_under_their_heads() -> None:
    chosen = select(events(RESULT | {"message": "long " * 90}, FENCED))
    for width in (60, 80, 160):
        lines = render.lines(chosen, width=width)
        assert all(len(line) <= width for line in lines)
        assert all(line[lines[0].index("node") :].startswith("osp-") for line in lines[1:])
    assert render.lines(chosen, width=None)[2].count("long") == 90


def test_a_day_is_told_once_where_it_is_that_of_all() -> None:
    one = select(THREE)
    assert {line.split()[0] for line in render.lines(one, width=80)[1:]} == {
        f"{moment:%H:%M:%S.%f}"[:12] for moment in one["time"]
    }
    several = one.with_columns(pl.col("time") + pl.duration(days=pl.int_range(pl.len())))
    lines = render.lines(several, width=80)
    assert lines[0].split()[0] == "time"
    assert lines[1].startswith(f"{several['time'][0]:%Y-%m-%dT%H:%M:%S}.")


def test_only_bad_lines_are_coloured() -> None:
    lines = render.lines(select(THREE), width=80, colour=True)
    assert [line.startswith("\x1b") for line in lines] == [False, False, True, True]
    assert not any("\x1b" in line for line in render.lines(select(THREE), width=80))


def test_no_events_is_a_heading() -> None:
    assert len(render.lines(select(case()), width=80)) == 1
    assert render.csv(select(case())).splitlines() == [",".join(COLUMNS)]
    assert render.jsonl(select(case())) == ""


def test_csv_is_read_back_as_it_was_meant() -> None:
    rows = list(csv.DictReader(io.StringIO(render.csv(select(THREE)))))
    assert rows[0]["time"] == "2022-11-22T16:47:40.000Z"
    assert rows[0]["rc"] == "-1"  # a number is no formula
    assert (rows[1]["file"], rows[1]["line"]) == ("crm_report/osp-c/pacemaker.log", "812")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1", "=1\u202e", HOSTILE]
)
@pytest.mark.parametrize("column", ["message", "node", "resource", "kind", "daemon", "level", "status"])
def test_no_cell_of_a_csv_is_a_formula(text: str, column: str) -> None:
    shown = render.csv(select(events(RESULT | {column: text})))
    cell = next(csv.DictReader(io.StringIO(shown)))[column]
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
    assert len(shown.splitlines()) == 2
    assert not {"\x1b", "\x07", "\u202e", "\x9b", "\r", "\t"} & set(shown)


def test_hostile_text_is_visible_in_a_table_and_whole_in_json() -> None:
    which = events(RESULT | {"message": HOSTILE, "node": "a\x1bb"})
    lines = render.lines(select(which), width=None)
    assert len(lines) == 2
    assert not {"\x1b", "\x07", "\u202e", "\x9b", "\r", "\n", "\t"} & set("".join(lines))
    shown = render.jsonl(select(which))
    assert shown.isascii()
    assert json.loads(shown)["message"] == HOSTILE


def test_whole_seconds_are_shown_as_such_and_kept_in_form_for_programs() -> None:
    whole = select(THREE).with_columns(precise=pl.col("kind") != "te.abort")
    stamps = {line.split()[2]: line.split()[0] for line in render.lines(whole, width=None)[1:]}
    assert "." not in stamps["te.abort"]
    assert "." in stamps["op.result"]
    assert all(re.search(r"\.\d{3}Z$", row["time"]) for row in csv.DictReader(io.StringIO(render.csv(whole))))
    assert "precise" not in render.jsonl(whole)
