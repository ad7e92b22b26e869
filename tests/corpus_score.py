"""How well logtrace reads the corpus: its incidents held against what was truly done to the clusters.

    python tests/corpus_score.py [PART OF A SCENARIO'S NAME]

prints a line for every incident of the truth and a summary. What the figures mean is said at Figures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from logtrace import analyze
from logtrace.report.case import Case, Incident, IncidentKind

CORPUS: Final = Path(__file__).parent / "corpus"
#: Two incidents this far apart in time, in seconds, may still be the same.
SLACK: Final = 3.0
DETECTED_WITHIN: Final = 1.0
BOUNDED_WITHIN: Final = 0.3
RECOVERED_WITHIN: Final = 1.5


@dataclass(slots=True)
class Share:
    """A part of a whole."""

    part: int = 0
    whole: int = 0

    def count(self, good: bool) -> bool:
        self.whole += 1
        self.part += good
        return good

    @property
    def percent(self) -> float:
        return 100.0 if not self.whole else 100 * self.part / self.whole


@dataclass(slots=True)
class Figures:
    """Shares are of the faults in the truth, unless said otherwise.

    recall: found, as an incident that overlaps in time and has a node or resource in common; one answers one.
    strict: the headline is the truth's label (and the kind is spurious where the label is spurious_monitor).
    planned: of the operator's actions, those reported as such.
    detected, recovered_at: of those found, the time is right. recovered: of those found, the flag is right.
    bounded: of those found that tell since when it may have failed, that is no later than it did (not where it ran on).
    cited: of the pieces of evidence, those that name a file and a line; an incident without any counts as one without.
    false: faults reported where there was none. split: a fault reported once more.
    """

    recall: Share = field(default_factory=Share)
    strict: Share = field(default_factory=Share)
    planned: Share = field(default_factory=Share)
    detected: Share = field(default_factory=Share)
    recovered_at: Share = field(default_factory=Share)
    recovered: Share = field(default_factory=Share)
    bounded: Share = field(default_factory=Share)
    cited: Share = field(default_factory=Share)
    false: int = 0
    split: int = 0
    rows: list[str] = field(default_factory=list)

    def value(self, name: str) -> float:
        found = getattr(self, name)
        return found.percent if isinstance(found, Share) else float(found)


@dataclass(frozen=True, slots=True)
class Truth:
    """One incident of a truth.json. Times are epoch seconds."""

    label: str
    accepted: tuple[str, ...]
    nodes: frozenset[str]
    resources: frozenset[str]
    failed: float | None
    start: float
    end: float
    detected: float | None
    detected_within: float
    recovered_at: float | None
    recovered: bool | None

    @property
    def planned(self) -> bool:
        return self.label == "manual_action"


def truths(folder: Path) -> Iterator[Truth]:
    """The incidents of a scenario that left a trace in any log."""
    scenario = json.loads((folder / "truth.json").read_text())
    run_end = datetime.fromisoformat(scenario["t_end"]).timestamp()
    for told in scenario["incidents"]:
        if not told.get("invisible"):
            yield _truth(told, run_end)


def archives(folder: Path) -> list[Path]:
    """The report archives of a scenario."""
    return sorted(path for path in folder.iterdir() if ".tar" in path.name)


def judge(figures: Figures, told: Sequence[Truth], incidents: Sequence[Incident], name: str) -> None:
    """Count the incidents read from one archive into `figures`."""
    left = list(incidents)
    for truth in told:
        found = match(truth, left)
        if found is not None:
            left.remove(found)
        verdict = _count_planned(figures, found) if truth.planned else _count_fault(figures, truth, found)
        figures.rows.append(f"{name:28} {truth.label:20} {verdict}")
    for extra in left:
        if extra.kind is IncidentKind.PLANNED:
            continue
        repeated = any(_same(truth, extra) for truth in told if not truth.planned)
        figures.split += repeated
        figures.false += not repeated
        figures.rows.append(f"{name:28} {'-':20} {'SPLIT' if repeated else 'FALSE'} ({extra.root_cause}, {extra.id})")


def _truth(told: dict[str, Any], run_end: float) -> Truth:
    times = [told[key] for key in ("t_fault", "t_detected", "t_recovered") if told.get(key) is not None]
    planned = told["label"] == "manual_action"
    if told.get("t_recovered") is None and not planned:
        times.append(run_end)
    timed = told.get("recovered") and told.get("t_recovered_basis") != "driver"
    return Truth(
        label=told["label"],
        accepted=tuple(told["also_acceptable"]),
        nodes=frozenset(map(_short_node, told["nodes"])),
        resources=frozenset(map(_short_resource, told["resources"])),
        failed=told.get("t_fault"),
        start=min(times),
        end=max(times),
        detected=told.get("t_detected"),
        detected_within=told.get("t_detected_tolerance_s", DETECTED_WITHIN),
        recovered_at=told.get("t_recovered") if timed else None,
        recovered=None if told.get("no_outage") else told.get("recovered"),
    )


def match(truth: Truth, incidents: Sequence[Incident]) -> Incident | None:
    """The incident that answers `truth`: the right label first, then an acceptable one, then the nearest."""
    near = [one for one in incidents if (one.kind is IncidentKind.PLANNED) == truth.planned and _same(truth, one)]
    return min(near, key=lambda one: _distance(truth, one), default=None)


def _distance(truth: Truth, incident: Incident) -> tuple[bool, bool, float]:
    cause = incident.root_cause
    return cause != truth.label, cause not in truth.accepted, abs(span(incident)[0] - truth.start)


def _same(truth: Truth, incident: Incident) -> bool:
    start, end = span(incident)
    if end < truth.start - SLACK or start > truth.end + SLACK:
        return False
    nodes, resources = set(map(_short_node, incident.nodes)), set(map(_short_resource, incident.resources))
    if not truth.nodes and not truth.resources:
        return bool(nodes or resources)
    return bool(nodes & truth.nodes or resources & truth.resources)


def span(incident: Incident) -> tuple[float, float]:
    moments = (incident.t_fault, incident.t_detected, incident.t_decided, incident.t_acted, incident.t_recovered,
               incident.t_end)  # fmt: skip
    known = [moment.timestamp() for moment in moments if moment is not None]
    return (min(known), max(known)) if known else (0.0, 0.0)


def _count_planned(figures: Figures, found: Incident | None) -> str:
    return "ok" if figures.planned.count(found is not None) else "MISSED"


def _count_fault(figures: Figures, truth: Truth, found: Incident | None) -> str:
    figures.recall.count(found is not None)
    if found is None:
        figures.strict.count(False)
        return "MISSED"
    spurious = truth.label != "spurious_monitor" or found.kind is IncidentKind.SPURIOUS
    right = figures.strict.count(found.root_cause == truth.label and spurious)
    notes = ["ok" if right else f"WRONG ({found.root_cause}, {found.kind})"]
    if truth.detected is not None:
        off = _off(found.t_detected, truth.detected)
        if not figures.detected.count(abs(off) <= truth.detected_within):
            notes.append(f"detected {off:+.2f} s")
    if truth.recovered_at is not None:
        off = _off(found.t_recovered, truth.recovered_at)
        if not figures.recovered_at.count(abs(off) <= RECOVERED_WITHIN):
            notes.append(f"recovered {off:+.2f} s")
    if truth.recovered is not None and not figures.recovered.count(found.recovered == truth.recovered):
        notes.append(f"recovered should be {truth.recovered}")
    if truth.failed is not None and truth.label != "spurious_monitor" and found.t_fault_earliest is not None:
        late = _off(found.t_fault_earliest, truth.failed)
        if not figures.bounded.count(late <= BOUNDED_WITHIN):
            notes.append(f"thought well for {late:.2f} s more")
    for row in found.evidence:
        figures.cited.count(bool(row.file) and row.line > 0)
    if not found.evidence:
        figures.cited.count(False)
    return "; ".join(notes)


def _off(found: datetime | None, true: float) -> float:
    return float("inf") if found is None else found.timestamp() - true


def _short_node(name: str) -> str:
    return name.split(".")[0]


def _short_resource(name: str) -> str:
    return name.split(":")[0]


@cache
def case_of(archive: Path) -> Case:
    """What logtrace makes of an archive, made once for all tests of the group `corpus`."""
    return analyze([str(archive)])


def incidents_of(archive: Path) -> tuple[Incident, ...]:
    """What logtrace finds in an archive."""
    return case_of(archive).incidents


def score(part: str = "") -> Figures:
    """Analyse every archive of the scenarios whose name contains `part`."""
    figures = Figures()
    for folder in sorted(path for path in CORPUS.iterdir() if part in path.name):
        told = list(truths(folder))
        for archive in archives(folder):
            judge(figures, told, incidents_of(archive), folder.name)
    return figures


def main() -> None:
    """Print the rows and the figures."""
    began = datetime.now(UTC)
    figures = score(*sys.argv[1:2])
    print("\n".join(figures.rows))
    names = (
        "recall",
        "strict",
        "planned",
        "detected",
        "recovered_at",
        "recovered",
        "bounded",
        "cited",
        "false",
        "split",
    )
    print(" ".join(f"{name}={figures.value(name):.1f}" for name in names))
    print(f"in {(datetime.now(UTC) - began).total_seconds():.0f} s")


if __name__ == "__main__":
    main()
