"""Excerpts that people quoted in documents and threads, which lie beside a checkout and are read there.

    python tests/test_excerpts.py

prints for each how many lines were understood and the headline given. Most are too short to hold a whole incident: what
must not happen is a wrong headline given with confidence.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Final

import pytest

from logtrace import analyze
from logtrace.errors import NothingUsableError
from logtrace.report.case import Case, Incident, IncidentKind

EXCERPTS: Final = Path(__file__).parents[2] / "shared" / "excerpts"
FILES: Final = sorted(EXCERPTS.glob("*.log"))

#: Above this a headline is meant.
SURE: Final = 0.7

#: What a reader of the text would expect, of those rows whose cause the source states; the first is the best answer,
#: none: no incident at all, or nothing that the lines could decide.
EXPECTED: Final[dict[str, tuple[str, ...]]] = {
    "001": ("network_partition", "node_failure"),
    "003": ("network_partition", "slow_fencing", "node_failure"),
    "005": ("spurious_monitor", "resource_agent_error"),
    "007": ("resource_agent_error",),
    "009": ("quorum_loss",),
    "011": ("slow_fencing", "node_failure"),
    "015": ("quorum_loss", "network_partition"),
    "017": ("corosync_stall",),
    "019": ("node_failure",),
    "027": ("spurious_monitor",),
    "033": ("network_partition", "node_failure"),
    "035": ("fencing_failure", "node_failure"),
    "037": ("daemon_crash", "manual_action", "node_failure"),
    "039": ("stop_failure",),
    "051": (),
    "053": ("resource_agent_error",),
    "059": ("stop_failure",),
    "061": ("cold_failover",),
    "063": ("network_partition", "node_failure", "dc_loss"),
    "069": (),
}

pytestmark = pytest.mark.skipif(not FILES, reason="the shared excerpts are not beside this checkout")


def number(path: Path) -> str:
    return path.name[:3]


def read(path: Path) -> Case | None:
    try:
        return analyze([str(path)])
    except NothingUsableError:
        return None


def headline(case: Case | None) -> Incident | None:
    faults = [one for one in case.incidents if one.kind is not IncidentKind.PLANNED] if case else []
    return max(faults, key=lambda one: one.confidence, default=None)


def answer(path: Path) -> str:
    """Right, undecided or wrong."""
    told = headline(read(path))
    if told is None or told.confidence <= SURE:
        return "undecided"
    return "right" if told.root_cause in EXPECTED[number(path)] else "wrong"


@pytest.mark.parametrize("path", FILES, ids=number)
def test_it_parses(path: Path) -> None:
    case = read(path)
    assert case is not None
    assert case.coverage.lines == len(path.read_text().splitlines())


@pytest.mark.parametrize("path", FILES, ids=number)
def test_no_noise_is_a_fault(path: Path) -> None:
    if number(path) in ("031", "047", "051", "069", "071"):
        assert headline(read(path)) is None


@pytest.mark.parametrize("path", [path for path in FILES if number(path) == "025"], ids=number)
def test_a_failure_of_the_history_is_told_when_it_happened_and_unsure(path: Path) -> None:
    """The record states that a monitor ran into its timeout; how old that is when it is printed, no line says."""
    told = headline(read(path))
    assert told is not None
    assert f"{told.t_detected:%Y-%m-%d %H:%M:%S}" == "2018-03-31 02:20:26"
    assert told.confidence <= SURE


@pytest.mark.parametrize("path", [path for path in FILES if number(path) in EXPECTED], ids=number)
def test_nothing_is_wrong_and_sure(path: Path) -> None:
    assert answer(path) != "wrong", headline(read(path))


def test_the_table_is_that_of_the_index() -> None:
    with (EXCERPTS / "INDEX.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    stated = {row["file"][:3] for row in rows if row["basis_of_root_cause"] == "stated in source"}
    assert stated == set(EXPECTED)
    assert {row["file"] for row in rows} == {path.name for path in FILES}


def main() -> None:
    """Print the table."""
    for path in FILES:
        case = read(path)
        told = headline(case)
        lines = len(re.findall(r"\S.*", path.read_text()))
        known = f"{case.coverage.lines_recognised:2}/{lines:2}" if case else f" -/{lines:2}"
        said = f"{told.root_cause} {told.confidence}" if told else "no incident" if case else "nothing usable"
        verdict = answer(path) if number(path) in EXPECTED else ""
        print(f"{path.stem:46} {known} {said:24} {verdict:10} {'/'.join(EXPECTED.get(number(path), ()))}")


if __name__ == "__main__":
    main()
