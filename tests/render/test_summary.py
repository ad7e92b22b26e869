"""The triage summary: golden texts, widths, and that nothing a log holds is alive in it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from cases import CASCADE, FINDING, HOSTILE, NOTE, PLANNED, SKIPPED, SPURIOUS, at, case, infested
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from logtrace.render import show, summary
from logtrace.report.case import Case, IncidentKind

GOLDEN = Path(__file__).parent / "golden"
MIXED = case(CASCADE, PLANNED, SPURIOUS, findings=(FINDING,) * 5, quiet=(NOTE,) * 7)


def golden(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8").rstrip("\n")


def printed(which: Case, width: int = 80, **changes: object) -> str:
    """What a pipe gets: no colour."""
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(summary.render(which, width=width), soft_wrap=True, **changes)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_summary_reads_like_its_golden_text(width: int) -> None:
    shown = summary.render(MIXED, width=width, page="./crm_report.logtrace.html").plain
    assert shown == golden(f"summary-{width}.txt")


def test_the_summary_without_block_characters() -> None:
    shown = summary.render(MIXED, width=80, page="./crm_report.logtrace.html", symbols=False).plain
    assert shown.isascii()
    assert shown == golden("summary-ascii.txt")


def test_a_quiet_cluster_says_so_and_what_was_read() -> None:
    assert summary.render(case()).plain == golden("summary-quiet.txt")


def test_without_a_page_no_page_is_named() -> None:
    assert "page" not in summary.render(case(CASCADE)).plain


def test_what_is_missing_is_said_and_nothing_is_claimed_about_it() -> None:
    thin = case(CASCADE)
    thin = replace(thin, coverage=replace(thin.coverage, missing_nodes=("osp-b",), skipped=(SKIPPED,)))
    shown = summary.render(thin, width=120).plain
    assert "osp-b missing" in shown
    assert "1 part of the input not read" in shown
    assert "Nothing else" not in shown


def test_an_incident_that_did_not_recover_says_so_twice() -> None:
    dead = replace(CASCADE, recovered=False, t_recovered=None)
    shown = summary.render(case(dead)).plain
    assert "i1 was not recovered in these logs." in shown
    assert "16:47:45 -> not recovered" in shown


def test_unknown_times_and_outages_are_not_guessed() -> None:
    vague = replace(
        CASCADE, t_fault=None, t_detected=None, t_acted=None, t_recovered=None, outage=None, outage_max=None, phases=()
    )
    shown = summary.render(case(vague)).plain
    assert "1 fault, outage unknown." in shown
    assert "unknown -> unknown" in shown


def test_the_worst_case_is_told_where_the_moment_of_death_is_not_known() -> None:
    for most, told in (
        (48.6, "outage 18.6 to 48.6 s"),
        (90.0, "outage 18.6 s to 1 min 30 s"),
        (19.0, "outage 18.6 to 19.0 s  "),
        (18.63, "outage 18.6 s  "),
    ):
        assert told in summary.render(case(replace(CASCADE, outage_max=most)), width=120).plain


def test_days_are_told_when_the_window_spans_several() -> None:
    long = case(CASCADE, window=replace(case().window, start=at("16:46:48").replace(day=20)))
    assert "22 Nov 16:47:45 -> 16:48:03" in summary.render(long, width=120).plain


def test_no_evidence_no_advice_no_phases_is_a_short_block() -> None:
    bare = replace(CASCADE, evidence=(), advice=(), phases=(), contributing=(), first_error=None)
    block = summary.render(case(bare)).plain.split("\n\n")[1]
    assert block.splitlines() == [
        "i1  group cascade  outage 18.6 to 20.8 s                    16:47:45 -> 16:48:03",
        "    nova_conductor died on osp-c; the 16 healthy members after it were stopped",
        "    and started one by one.",
    ]


def test_the_worst_stand_first_with_what_happened_and_the_rest_is_named() -> None:
    worse = replace(CASCADE, id="i5", outage=90.0, outage_max=None, title="The worst of all.")
    five = case(SPURIOUS, *(replace(CASCADE, id=f"i{number}") for number in (1, 2, 4)), worse)
    first, *cards = summary.render(five).plain.split("\n\n")
    assert first.startswith("4 faults, ")
    assert [card.partition(" ")[0] for card in cards[:3]] == ["i5", "i1", "i2"]
    assert "    The worst of all.\n" in cards[0]
    assert "Best fix: Take the 16 members out of the ordered group (saves about 13 s)." in cards[0]
    assert cards[3] == "and 2 more: i4 group cascade, i3 spurious monitor"
    assert cards[4].startswith("osp-cluster · 3 nodes")


def test_what_a_fix_saves_is_told_only_if_it_is_worth_a_word() -> None:
    for saved in (None, 0.0, 0.04):
        advice = replace(CASCADE.advice[0], saves=saved)
        told = summary.render(case(replace(CASCADE, advice=(advice,)))).plain
        assert "Next step: Take the 16 members out of the ordered group.\n" in told
        assert "save" not in told


def test_many_incidents_are_counted_and_those_in_full_are_limited() -> None:
    storm = case(*(replace(CASCADE, id=f"i{n}") for n in range(1, 101)))
    lines = summary.render(storm).plain.splitlines()
    assert sum(line.lstrip().startswith("first line") for line in lines) == summary.FULL
    assert lines[-1] == f"… {100 - summary.FULL - summary.BRIEF} more incidents"
    assert len(lines) < 160


def test_bars_are_proportional() -> None:
    lines = summary.render(case(CASCADE), width=120).plain.splitlines()
    at = next(place for place, line in enumerate(lines) if "decision" in line)
    marks = [part.partition(" ")[0] for part in lines[at].strip().split("  ")]
    assert len(set(marks)) == 4
    _, decision, stop, start = (lines[at - 1].count(mark) for mark in marks)
    assert start / stop == pytest.approx(11.6 / 4.0, rel=0.2)
    assert decision == 1
    assert len(lines[at - 1]) == 120


def test_a_bar_begins_with_what_nobody_noticed() -> None:
    unnoticed = replace(CASCADE, outage_max=48.63, t_fault=None, t_fault_earliest=at("16:47:15"))
    told = summary.render(case(unnoticed), width=120).plain
    assert "\n    ░░░░" in told
    assert "\n    ░ not noticed, up to " in told


@pytest.mark.parametrize("width", [40, 57, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for which in (MIXED, case(), infested(MIXED, "a fault of 日本語 in every word " * 9)):
        for line in summary.render(which, width=width).plain.splitlines():
            assert cell_len(line) <= width or "crm configure" in line


def test_a_command_is_broken_so_that_a_shell_reads_the_same() -> None:
    command = "crm configure primitive p ocf:heartbeat:Dummy params fake='one  two' op monitor interval=5s timeout=20s"
    told = replace(CASCADE, advice=(replace(CASCADE.advice[0], commands={"crm": command}),))
    lines = summary.render(case(told), width=60).plain.splitlines()
    first = next(number for number, line in enumerate(lines) if "crm configure" in line)
    said = [lines[first].strip()]
    while said[-1].endswith(" \\"):
        first += 1
        said.append(lines[first].strip())
    assert len(said) > 1
    assert " ".join(part.removesuffix(" \\") for part in said) == command


def test_a_long_change_is_where_show_prints_it_whole() -> None:
    command = " \\\n".join(f"pcs resource group remove g_all p_{number}" for number in range(900)) + " 'the end'"
    long = replace(CASCADE, advice=(replace(CASCADE.advice[0], commands={"pcs": command}),))
    assert "# a longer change: logtrace show REPORT i1" in summary.render(case(long)).plain
    whole = show.render(case(long), long, width=80).plain
    assert "p_899 'the end'" in whole
    assert "longer change" not in whole


def test_hostile_text_is_inert_everywhere() -> None:
    shown = summary.render(infested(MIXED), width=80, page=HOSTILE).plain
    steering = {char for char in HOSTILE if not char.isprintable() and char not in "\n\ue000"}
    assert steering
    assert not steering & set(shown)
    assert "[red]x[/red]" in shown  # shown as it stands, not obeyed


def test_hostile_text_brings_no_escape_sequence_even_to_a_terminal() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="truecolor", highlight=False)
    console.print(summary.render(infested(MIXED), width=80), soft_wrap=True)
    assert isinstance(console.file, io.StringIO)
    out = console.file.getvalue()
    assert "\x1b[" in out  # its own colours
    assert "\x1b]" not in out
    assert "evil\x1b\\" not in out


def test_a_pipe_gets_no_colour_and_no_trailing_blanks() -> None:
    out = printed(MIXED)
    assert "\x1b" not in out
    assert all(line == line.rstrip() for line in out.splitlines())


def test_each_kind_has_its_style() -> None:
    for kind in IncidentKind:
        assert summary.render(case(replace(CASCADE, kind=kind))).spans
