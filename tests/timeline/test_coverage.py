"""What could have been seen, and where lines are missing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from stories import Told, at, case, read, tell, write

from logtrace.domain.kinds import Kind
from logtrace.timeline import Coverage
from logtrace.timeline.coverage import coverage, families_of, speakers
from logtrace.timeline.gaps import Family, Gap, family

THREE = ("node1", "node2", "node3")
STORY = """
12:00:00.000 node1,node2 corosync TOTEM: A new membership (1.d) was formed. Members joined: 2
12:00:05.000 node2 plan 7: Start db ( node1 )
12:00:09.000 node1 db start in 3s: ok
12:00:09.500 node2 done 7
12:10:00.000 node1 db monitor 10s: not running
12:10:00.200 node2 plan 8: Recover db ( node1 )
12:10:01.000 node1 db stop in 0.2s: ok
12:10:03.000 node1 db start in 1s: ok
12:10:03.500 node2 done 8
12:20:00.000 node1,node2 corosync TOTEM: A new membership (1.11) was formed. Members joined: 3
"""


def covering(told: Told, *, excerpt: bool = True) -> Coverage:
    timeline = told.timeline
    events = timeline.events
    return coverage(events, speakers(events), timeline.frames.runs, timeline.losses, excerpt=excerpt)


def without(story: str, lost: Callable[[str], bool], *, files: str = "", **options: object) -> Told:
    """The story as logs that have not those lines for which `lost` holds; only in files whose path has `files`."""
    layout = {name: options.pop(name) for name in ("carriers", "missing") if name in options}
    written = write(tell(story, **options), **layout)  # type: ignore[arg-type]
    return read(
        {
            path: "".join(f"{line}\n" for line in text.splitlines() if files not in path or not lost(line))
            for path, text in written.items()
        },
        year=2026,
    )


# --- where and when -----------------------------------------------------------------------------------


def test_a_node_with_logs_would_have_told() -> None:
    known = covering(case(STORY))
    assert known.would_tell(Kind.TOTEM_PAUSE, "node1", at("12:05:00"), at("12:06:00"))
    assert known.would_tell(Kind.OP_FINISHED, "node1", at("12:00:20"), at("12:09:00"))
    assert known.missing(Kind.TOTEM_PAUSE, "node1", at("12:05:00"), at("12:06:00")) == ()
    assert known.gaps == ()


def test_a_node_without_logs_tells_nothing() -> None:
    known = covering(case(STORY, missing=("node1",)))
    assert not known.would_tell(Kind.TOTEM_PAUSE, "node1", at("12:05:00"), at("12:06:00"))
    assert not known.reaches("node1", at("12:05:00"))
    assert known.missing(Kind.TOTEM_PAUSE, "node1", at("12:05:00"), at("12:06:00")) == ("the logs of node1",)
    assert known.reaches("node2", at("12:05:00"))


@pytest.mark.parametrize(
    ("start", "end", "told", "word"),
    [
        ("12:00:00", "12:20:00", True, ""),
        ("11:59:00", "12:05:00", False, "before 12:00:00"),
        ("12:05:00", "12:21:00", False, "after 12:20:00"),
    ],
)
def test_a_log_tells_of_the_time_between_its_ends(start: str, end: str, word: str, *, told: bool) -> None:
    known = covering(case(STORY))
    assert known.would_tell(Kind.TOTEM_PAUSE, "node1", at(start), at(end)) == told
    assert all(word in one for one in known.missing(Kind.TOTEM_PAUSE, "node1", at(start), at(end)))


def test_a_daemon_whose_log_is_not_there_tells_nothing() -> None:
    files = {path: text for path, text in write(tell(STORY)).items() if path != "node1/corosync.log"}
    known = covering(read(files, year=2026))
    span = at("12:05:00"), at("12:06:00")
    assert not known.would_tell(Kind.TOTEM_PAUSE, "node1", *span)
    assert known.missing(Kind.TOTEM_PAUSE, "node1", *span) == ("corosync's log of node1",)
    assert known.would_tell(Kind.OP_RESULT, "node1", *span)
    assert known.would_tell(Kind.TOTEM_PAUSE, "node2", *span)


def test_what_is_logged_at_info_is_not_in_syslog() -> None:
    known, span = covering(case(STORY, carriers=("syslog",))), (at("12:05:00"), at("12:06:00"))
    assert known.would_tell(Kind.OP_RESULT, "node1", *span)
    assert not known.would_tell(Kind.OP_FINISHED, "node1", *span)
    assert known.missing(Kind.OP_FINISHED, "node1", *span) == (
        "pacemaker.log of node1, for its syslog has notices only",
    )


def test_the_kernel_is_in_the_systems_log_only() -> None:
    span = at("12:05:00"), at("12:06:00")
    assert not covering(case(STORY)).would_tell(Kind.PROCESS_OOM, "node1", *span)
    booted = "12:00:01 node1 kernel: Out of memory: Killed process 33 (java)\n"
    spoken = "12:19:00 node1 kernel: Out of memory: Killed process 77 (java)\n"
    assert covering(case(booted + STORY + spoken)).would_tell(Kind.PROCESS_OOM, "node1", *span)


def test_in_a_report_a_log_reaches_to_the_end_unless_its_node_is_lost() -> None:
    quiet = "12:00:00 node1,node2,node3 corosync TOTEM: A new membership (1.d) was formed. Members joined: 2\n"
    lost = "12:10:00 node1,node2 lose node3\n"
    told = case(quiet + lost + "12:30:00 node1 db monitor 10s: not running", nodes=THREE)
    report, excerpt = covering(told, excerpt=False), covering(told)
    span = at("12:20:00"), at("12:25:00")
    assert report.would_tell(Kind.TOTEM_PAUSE, "node2", *span)
    assert not excerpt.would_tell(Kind.TOTEM_PAUSE, "node2", *span)
    assert not report.would_tell(Kind.TOTEM_PAUSE, "node3", *span)
    assert (report.excerpt, excerpt.excerpt) == (False, True)


def test_nothing_is_known_whole_unless_all_nodes_are() -> None:
    span = at("12:05:00"), at("12:06:00")
    assert covering(case(STORY)).whole(("node1", "node2"), *span)
    assert not covering(case(STORY)).whole(("node1", "node2", "node3"), *span)
    assert not covering(case(STORY)).whole((), *span)
    assert not covering(case(STORY, missing=("node2",))).whole(("node1", "node2"), *span)


def test_a_file_is_as_long_as_its_lines_whatever_they_say() -> None:
    events = case(STORY).timeline.events
    edges = [(at("11:00:00").replace(tzinfo=None, year=1904), at("13:00:00").replace(tzinfo=None, year=1904))] * 4
    told = speakers(events, edges)
    assert told["start"].min() == at("11:00:00")
    assert told["end"].max() == at("13:00:00")


def test_a_file_may_begin_in_the_year_before() -> None:
    events = case("12:00:00 node1 db start in 1s: ok", day="2026-01-01").timeline.events
    begun = at("12:00:00", day="2025-12-31").replace(tzinfo=None, year=1904)
    assert speakers(events, [(begun, None)] * 4)["start"].min() == at("12:00:00", day="2025-12-31")


def test_nothing_covers_nothing() -> None:
    known = Coverage({})
    assert not known.reaches("node1", at("12:00:00"))
    assert not known.would_tell(Kind.BOOT, "node1", at("12:00:00"), at("12:00:01"))


# --- who says what ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "families"),
    [
        (Kind.TOTEM_PAUSE, {Family.MEMBERSHIP}),
        (Kind.OP_RESULT, {Family.PACEMAKER}),
        (Kind.FENCE_RESULT, {Family.PACEMAKER}),
        (Kind.PROCESS_OOM, {Family.SYSTEM}),
    ],
)
def test_families_of_kinds(kind: Kind, families: set[Family]) -> None:
    assert families_of(kind) >= families
    assert (Family.SYSTEM in families_of(kind)) == (families == {Family.SYSTEM})


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_said_by_somebody(kind: Kind) -> None:
    assert families_of(kind)


def test_an_agent_is_of_no_family() -> None:
    assert [family(name) for name in ("IPaddr2(vip)", "keystone", None)] == [None, None, None]
    assert family("kernel") is Family.SYSTEM


# --- gaps ---------------------------------------------------------------------------------------------

DROPPED = {
    "begins": ("imjournal: begin to drop messages due to rate-limiting", "12:05:00", "12:10:00"),
    "lost": ("imjournal: 3812 messages lost due to rate-limiting", "12:00:09", "12:05:00"),
}


@pytest.mark.parametrize("how", DROPPED)
def test_what_a_logger_dropped(how: str) -> None:
    message, start, end = DROPPED[how]
    files = write(tell(STORY), carriers=("syslog",))
    lines = files["node1/messages"].splitlines(keepends=True)
    lines.append(f"Nov 22 12:05:00 node1 rsyslogd[1]: {message}\n")
    lines.sort(key=lambda line: line[7:15])
    known = covering(read({**files, "node1/messages": "".join(lines)}, year=2026))
    (gap,) = known.gaps
    assert (gap.node, gap.daemon, gap.file is not None) == ("node1", None, True)
    assert (gap.start.replace(microsecond=0), gap.end and gap.end.replace(microsecond=0)) == (at(start), at(end))
    middle = at("12:04:00") if how == "lost" else at("12:06:00")
    assert not known.would_tell(Kind.TOTEM_PAUSE, "node1", middle, middle)
    assert "dropped" in known.missing(Kind.TOTEM_PAUSE, "node1", middle, middle)[0]


def test_a_gap_in_one_log_is_none_in_another() -> None:
    files = write(tell(STORY), carriers=("detail", "syslog"))
    dropped = "Nov 22 12:05:00 node1 rsyslogd[1]: imjournal: 3812 messages lost due to rate-limiting\n"
    told = read({**files, "node1/messages": files["node1/messages"] + dropped}, year=2026)
    assert len(covering(told).gaps) == 1
    assert covering(told).would_tell(Kind.TOTEM_PAUSE, "node1", at("12:04:00"), at("12:04:00"))


def test_a_repeated_line_is_no_gap() -> None:
    files = write(tell(STORY), carriers=("syslog",))
    again = "Nov 22 12:20:00 node1 last message repeated 2 times\n"
    told = read({**files, "node1/messages": files["node1/messages"] + again}, year=2026)
    assert covering(told).gaps == ()


@pytest.mark.parametrize(
    ("how", "missing"),
    [
        ("", True),
        ("12:05:01 node1 corosync MAIN: Node was shut down by a signal\n", False),
    ],
    ids=["crashed", "in order"],
)
def test_a_stack_that_begins_anew(how: str, *, missing: bool) -> None:
    begun = "12:06:00 node1 corosync MAIN: Corosync Cluster Engine ('3.1.7'): started and ready to provide service.\n"
    known = covering(case(STORY + how + begun))
    assert bool(known.gaps) == missing
    if missing:
        (gap,) = known.gaps
        assert (gap.node, gap.daemon, gap.end) == ("node1", None, at("12:06:00"))
        assert gap.start < at("12:00:20")
    assert known.would_tell(Kind.TOTEM_PAUSE, "node1", at("12:05:30"), at("12:05:40")) != missing


def test_a_number_of_a_transition_that_is_left_out() -> None:
    story = "\n".join(f"12:0{minute}:00 node2 plan {minute}: Start db ( node1 )" for minute in range(1, 6))
    assert covering(case(story)).gaps == ()
    known = covering(without(story, lambda line: " 12:03:" in line or " 12:02:" in line))
    (gap,) = known.gaps
    assert (gap.node, gap.daemon, gap.end) == ("node2", "pacemaker", at("12:04:00"))
    assert "1 and then 4" in gap.why
    assert not known.would_tell(Kind.SCHED_DONE, "node2", at("12:02:30"), at("12:03:00"))
    assert known.would_tell(Kind.SCHED_DONE, "node2", at("12:04:30"), at("12:04:40"))


def test_a_controller_that_starts_anew_counts_anew() -> None:
    story = "12:01:00 node2 plan 41: Start db ( node1 )\n12:02:00 node2 plan 0: Start db ( node1 )\n"
    assert covering(case(story)).gaps == ()


def test_a_run_that_the_dc_tells_and_the_node_does_not() -> None:
    known = covering(without(STORY, lambda line: " 12:10:0" in line, files="node1/pacemaker"))
    assert known.gaps
    for gap in known.gaps:
        assert (gap.node, gap.daemon) == ("node1", "pacemaker")
        assert gap.start < at("12:00:20")
        assert gap.end is None
    assert not known.would_tell(Kind.OP_RESULT, "node1", at("12:05:00"), at("12:06:00"))
    assert known.would_tell(Kind.TOTEM_PAUSE, "node1", at("12:05:00"), at("12:06:00"))


def test_a_node_whose_log_has_no_results_at_all_has_no_hole() -> None:
    known = covering(without(STORY, lambda line: "Result of" in line, files="node1/pacemaker"))
    assert known.gaps == ()


TICK = (
    "12:{:02}:00 node2 controld: State transition S_IDLE -> S_POLICY_ENGINE | input=I_PE_CALC cause=C_TIMER_POPPED "
    "origin=crm_timer_popped"
)


@pytest.mark.parametrize(("quiet", "found"), [((), 0), ((35,), 0), ((35, 40, 45), 1)])
def test_a_recheck_that_was_not_heard(quiet: tuple[int, ...], found: int) -> None:
    story = "\n".join(TICK.format(minute) for minute in range(0, 60, 5) if minute not in quiet)
    known = covering(case(story))
    assert len(known.gaps) == found
    for gap in known.gaps:
        assert (gap.node, gap.start, gap.end) == ("node2", at("12:30:00"), at("12:50:00"))
        assert re.search(r"every 5 min", gap.why)


def test_silence_is_no_gap_where_nobody_speaks_at_intervals() -> None:
    assert covering(case("12:00:00 node1 db start in 1s: ok\n18:00:00 node1 db stop in 1s: ok\n")).gaps == ()


# --- holes --------------------------------------------------------------------------------------------


def test_a_long_hole_is_found_behind_a_short_one() -> None:
    """Whatever began before it, and however many are over: the longest counts."""
    long = Gap("node1", Family.PACEMAKER, at("12:00:00"), at("12:30:00"), "dropped")
    short = Gap("node1", Family.PACEMAKER, at("12:05:00"), at("12:06:00"), "dropped")
    other = Gap("node1", Family.MEMBERSHIP, at("13:00:00"), None, "dropped")
    endless = Gap("node2", None, at("12:00:00"), None, "dropped", file=0)
    told = Coverage({}, (long, endless, short, other))
    assert told.lacks_some("node1", at("12:20:00"), at("12:21:00"))
    assert told.lacks_some("node1", at("11:00:00"), at("12:00:00"))
    assert not told.lacks_some("node1", at("11:00:00"), at("11:59:00"))
    assert not told.lacks_some("node1", at("12:31:00"), at("14:00:00"))
    assert told.lacks_some("node2", at("15:00:00"), at("15:01:00"))
    assert not told.lacks_some("node3", at("12:00:00"), at("15:01:00"))
