"""Frames of events that no cluster would write, and the way they go from there: everything behind the catalogue."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import polars as pl
from hypothesis import strategies as st
from stories import clone, cluster, fence_device, group, order, primitive, promotable, tell, understood, write
from test_stories import EVERYTHING

from logtrace import catalogue, events, pipeline
from logtrace.config import cib
from logtrace.config.model import Snapshot
from logtrace.domain.columns import FIELDS, LONGEST_MS, NO_YEAR
from logtrace.events.store import Events
from logtrace.gather import Gathered
from logtrace.lines import Log
from logtrace.report.case import Case
from logtrace.report.scope import Options

NODES: Final = ("node1", "node2", "node3")
CONFIGS: Final = (
    "",
    cluster(
        group("g", primitive("db"), primitive("app")), clone("c", primitive("web")), promotable("ms", primitive("st")),
        fence_device("f"), nodes=NODES, rules=order("g", "c"), stonith_enabled="true",
    ),
    cluster(primitive("db", monitor=None), primitive("app", migration_threshold="1"), nodes=NODES[:2]),
)  # fmt: skip
FILES: Final = 5
_SECONDS: Final = 900
_NOON: Final = datetime.fromisoformat("2026-11-22T12:00:00")

#: What the fields of a line may hold beside what their names suggest. None: the wording has it not.
_WORDS: Final = (None, "", "db", "node2", "ok", "0", "-1", "true", "1700000000", "\u202e|`<b>", "x" * 3000)
_NUMBERS: Final = (None, 0, 1, 7, -1, 10_000, 1_795_365_926, 2**62, -(2**63))
_LENGTHS: Final = (None, 0.0, 5.0, 20_000.0, float(LONGEST_MS))
_LIKELY: Final[dict[str, tuple[Any, ...]]] = {
    "resource": ("db", "app", "web", "st", "f", "db:0", "web:1", "g", "unheard-of"),
    "operation": ("monitor", "start", "stop", "promote", "demote", "notify", "migrate_to", "migrate_from"),
    "interval": (0, 10_000),
    "target": (*NODES, "stranger"),
    "peer": NODES,
    "call": (1, 2, 3),
    "transition": (1, 2, 3),
    "action": (1, 2, 3),
    "transition_key": ("3:1:0:0a0b0c0d-1111-2222-3333-444455556666", "3:2:7:0a0b0c0d-1111-2222-3333-444455556666"),
    "rc": (0, 1, 5, 7, 8, 9),
    "rc_text": ("ok", "not running", "error", "not installed", "running (promoted)"),
    "expected": ("ok", "not running"),
    "status": ("Timed Out", "complete", "Cancelled", "Error", "pending"),
    "exec_ms": (20.0, 18_000.0),
    "verb": ("Start", "Stop", "Recover", "Restart", "Move", "Promote", "Demote", "Migrate", "Leave"),
    "detail": ("node1", "node1 -> node2", "Promoted node1", "Unpromoted -> Promoted node1", "-> ->", "("),
    "pe_file": ("/var/lib/pacemaker/pengine/pe-input-7.bz2",),
    "outcome": ("Complete", "Stopped", "Terminated"),
    "old_state": ("S_IDLE", "member", "S_NOT_DC"),
    "state": ("S_POLICY_ENGINE", "S_TRANSITION_ENGINE", "S_IDLE", "lost", "member"),
    "attribute": ("standby", "fail-count-db", "shutdown"),
    "members": ("1 2 3", "1 2", "1", ""),
    "joined": ("3", "1 2", ""),
    "left": ("3", "2", ""),
    "nodeid": ("1", "2", "3", "4"),
    "membership": ("1.2", "13", "99"),
    "fence_action": ("reboot", "off", "on", "monitor"),
    "device": ("f", "g"),
    "epoch": (1_795_365_926, 1_795_365_926_000),
    "value": ("on", "off", "1795365926", "INFINITY"),
    "pause_ms": (900.0, 12_000.0),
    "signal": (9, 15, 6),
    "at": ("Nov 22 12:00:10 2026", "Feb 30 25:61:61 0000"),
    "reason": ("resource has failed", "peer is no longer part of the cluster"),
}


@cache
def kinds() -> tuple[str, ...]:
    return tuple(sorted(catalogue.load().kinds))


@cache
def _expected(kind: str) -> tuple[str, ...]:
    return catalogue.load().kinds[kind].fields


def _value(name: str) -> st.SearchStrategy[Any]:
    dtype = FIELDS[name].dtype
    odd = _WORDS if dtype == pl.String else _LENGTHS if dtype == pl.Float64 or name == "interval" else _NUMBERS
    likely = _LIKELY.get(name, odd)
    return st.one_of(*[st.sampled_from(likely)] * 5, st.sampled_from(odd))


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """One line: what its kind tells as a rule, and now and then something it does not tell."""
    kind = draw(st.sampled_from(kinds()))
    told = {*_expected(kind), *draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=2))}
    fields = {name: draw(_value(name)) for name in sorted(told)}
    millis = draw(st.integers(0, _SECONDS * 1000))
    whole = draw(st.booleans())
    return {
        "local": _NOON + timedelta(milliseconds=millis - (millis % 1000 if whole else 0)),
        "precise": not whole,
        "node": draw(st.sampled_from((*NODES, None))),
        "file": draw(st.integers(0, FILES - 1)),
        "daemon": draw(st.sampled_from(("pacemaker-controld", "pacemaker-schedulerd", "corosync", "kernel", None))),
        "pid": draw(st.sampled_from((117, None))),
        "kind": kind,
        "message": f"{kind} {draw(st.sampled_from(('a', 'b | c=1', '<b>`|', '')))}",
        "offset_s": draw(st.sampled_from((None, None, 0, 3600))),
        "format": "pacemaker-2",
        **fields,
    }


def frame(lines: list[dict[str, Any]], *, yearless: bool = False) -> pl.DataFrame:
    """What logtrace.events.understand gives, without `event`; lines are numbered in order of time, as in a log."""
    columns = {name: dtype for name, dtype in events.COLUMNS.items() if name != "event"}
    ordered = sorted(lines, key=lambda row: row["local"])
    numbered = [{"level": "notice", **row, "line": number} for number, row in enumerate(ordered, 1)]
    made = pl.DataFrame([{name: row.get(name) for name in columns} for row in numbered], schema=columns, orient="row")
    if yearless:
        made = made.with_columns(pl.col("local").dt.replace(year=NO_YEAR))
    # what is printed as nothing is null, as in logtrace.events.values
    return made.with_columns(
        pl.when(pl.col(name) != "").then(pl.col(name)) for name, field in FIELDS.items() if field.dtype == pl.String
    )


def unlikely() -> st.SearchStrategy[pl.DataFrame]:
    """Lines that have nothing to do with each other."""
    return st.builds(frame, st.lists(rows(), min_size=1, max_size=40), yearless=st.booleans())


@cache
def _stories() -> tuple[pl.DataFrame, ...]:
    plain = tell(EVERYTHING)
    return tuple(
        understood(write(plain, carriers=carriers)) for carriers in (("detail",), ("syslog",), ("detail", "syslog"))
    )


@st.composite
def disturbed(draw: st.DrawFn) -> pl.DataFrame:
    """A story in which lines are lost, doubled, moved in time, and say something else than they did."""
    told = draw(st.sampled_from(_stories())).to_dicts()
    for _ in range(draw(st.integers(1, 12))):
        at = draw(st.integers(0, len(told) - 1))
        row = told[at]
        match draw(st.sampled_from(("lose", "double", "move", "change", "change", "node"))):
            case "lose" if len(told) > 1:
                del told[at]
            case "double":
                told.insert(at, {**row, "file": draw(st.integers(0, FILES - 1))})
            case "move":
                told[at] = {**row, "local": row["local"] + timedelta(milliseconds=draw(st.integers(-60_000, 60_000)))}
            case "node":
                told[at] = {**row, "node": draw(st.sampled_from((*NODES, None)))}
            case _:
                name = draw(st.sampled_from([name for name in FIELDS if row[name] is not None] or ["text"]))
                told[at] = {**row, name: draw(_value(name))}
    own = {name: [row for row in told if row["file"] == name] for name in {row["file"] for row in told}}
    return pl.concat(frame(lines) for _, lines in sorted(own.items()))


@cache
def snapshot(text: str) -> Snapshot:
    return cib.read(text.encode(), source="cib.xml")


def gathered(told: pl.DataFrame, text: str = "") -> Gathered:
    """Lines as if FILES logs of three nodes had told them, beside the CIB `text`."""
    found = Gathered(
        files=[(f"r/{number}.log", None) for number in range(FILES)],
        logs=[Log(None) for _ in range(FILES)],
        told={kind: [table] for kind, table in Events.of_frame(told).tables.items()},
        snapshots=[snapshot(text)] if text else [],
        members=list(NODES),
    )
    found.logs[0].lines = told.height
    return found


def through(told: pl.DataFrame, text: str = "") -> Case:
    """Everything behind the catalogue, as logtrace.pipeline does it."""
    return pipeline.conclude(pipeline.record(gathered(told, text), Options())).case
