"""The list of incidents: golden texts, widths, and that nothing a log holds is alive in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import CASCADE, HOSTILE, PLANNED, SPURIOUS, case, infested
from msgspec.structs import replace
from rich.cells import cell_len

from logtrace.render import listing

GOLDEN = Path(__file__).parent / "golden"
MIXED = case(CASCADE, PLANNED, SPURIOUS)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_list_reads_like_its_golden_text(width: int) -> None:
    golden = (GOLDEN / f"listing-{width}.txt").read_text(encoding="utf-8").rstrip("\n")
    assert listing.render(MIXED, width=width).plain == golden


def test_a_quiet_case_has_a_verdict_and_no_list() -> None:
    assert listing.render(case()).plain == "No faults found."


@pytest.mark.parametrize("width", [40, 57, 80, 100, 160, 300])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    many = case(*(replace(CASCADE, id=f"i{number}", title="日本語 " * 40) for number in range(1, 130)))
    for which in (MIXED, many, infested(MIXED, "a fault of 日本語 in every word " * 9)):
        lines = listing.render(which, width=width).plain.splitlines()
        assert max(map(cell_len, lines)) <= width


def test_hostile_text_is_inert_and_ascii_is_ascii() -> None:
    steering = {char for char in HOSTILE if not char.isprintable() and char not in "\n\ue000"}
    assert not steering & set(listing.render(infested(MIXED)).plain)
    assert listing.render(infested(MIXED), symbols=False).plain.isascii()
