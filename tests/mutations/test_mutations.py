"""What does not change the story must not change the verdict; what takes witnesses away must not make it brazen.

Every change is tried on a sample of scenarios; `--slow` tries all of them on all scenarios.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import changes
import pytest
from corpus_score import CORPUS, archives, truths
from rename import NODES, RESOURCES, names, rename, resources
from report_files import Report, load, save, unpack
from retime import retime
from verdicts import Verdict, case, denied, differences, incidents, overconfident, verdict

#: One of each kind: services, agents, nodes, networks, fencing, storms, skewed clocks, syslog.
SAMPLE: Final = (
    *("t01-service-crash", "t08-agent-removed", "t11-no-pidfile-lsb", "t14-group-cascade-23"),
    *("t20-stop-failure-fence", "t25-partition", "t29-corosync-stall-fence", "t31-slow-fencing-2node"),
    *("t40-flapping", "t46-daemon-crash-stonith", "t49-dc-loss", "t57-syslog-only"),
)

#: Of how many changes one is tried on each scenario of the sample.
_EVERY: Final = 4


@dataclass(frozen=True, slots=True)
class Told:
    """A report, what was truly done, and what logtrace makes of the report as it is."""

    path: Path
    report: Report
    truth: dict[str, Any]

    @property
    def skews(self) -> dict[str, float]:
        return {node: seconds for node, seconds in self.truth["cluster"]["skew_seconds"].items() if seconds}

    @property
    def faults(self) -> list[dict[str, Any]]:
        told = self.truth["incidents"]
        return [one for one in told if one["label"] != "manual_action" and not one.get("invisible")]

    @property
    def middle(self) -> datetime:
        """A moment in the story's midst."""
        moments = [one.get("t_detected") or one.get("t_fault") for one in self.faults]
        if moments and moments[0]:
            return datetime.fromtimestamp(moments[0], UTC)
        return datetime.fromisoformat(self.truth["t_begin"]) + timedelta(seconds=60)

    def seen(self, fault: dict[str, Any]) -> float:
        """When the cluster knew; what an operator asked for is not detected, it begins."""
        moment: float = fault.get("t_detected") or fault["t_fault"]
        return moment

    def span(self, fault: dict[str, Any]) -> tuple[float, float]:
        """From the fault to the recovery, or to the end of the run."""
        start = min(moment for key in ("t_fault", "t_detected") if (moment := fault.get(key)))
        end = fault.get("t_recovered") or datetime.fromisoformat(self.truth["t_end"]).timestamp()
        return start, max(end, fault.get("t_detected") or start)


@lru_cache(maxsize=2)
def told(path: Path) -> Told:
    return Told(path, load(path), json.loads((path.parent / "truth.json").read_text()))


@lru_cache
def unchanged(path: Path) -> tuple[Verdict, ...]:
    return tuple(map(verdict, incidents([path])))


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed report and how to undo the change in what logtrace says."""

    report: Report
    shift: timedelta = timedelta()
    renamed: dict[str, str] = field(default_factory=dict)


# --- what keeps the story -----------------------------------------------------------------------------


def shift_to(target: datetime) -> Callable[[Told], Changed]:
    def change(one: Told) -> Changed:
        shift = timedelta(seconds=round((target - one.middle).total_seconds()))
        return Changed(retime(one.report, one.middle.year, shift=shift), shift)

    return change


def in_zone(hours: float) -> Callable[[Told], Changed]:
    return lambda one: Changed(retime(one.report, one.middle.year, zone=timedelta(hours=hours)))


def with_names(*, short_hosts: bool) -> Callable[[Told], Changed]:
    def change(one: Told) -> Changed:
        fresh = {
            **names(one.truth["cluster"]["nodes"], NODES),
            **names(resources(one.report), RESOURCES),
        }
        back = {new: old for old, new in fresh.items()}
        return Changed(rename(one.report, fresh, short_hosts=short_hosts), renamed=back)

    return change


def plain(change: Callable[[Report], Report]) -> Callable[[Told], Changed]:
    return lambda one: Changed(change(one.report))


def _with_old_fail_counts(one: Told) -> Report:
    """Of a resource and a node of the cluster that did not fail in this story."""
    node = one.truth["cluster"]["nodes"][-1]
    return changes.with_old_fail_counts(one.report, (resources(one.report) or ["x"])[-1], node)


HARMLESS: Final[dict[str, Callable[[Told], Changed]]] = {
    "other names": with_names(short_hosts=False),
    "other names, hosts without domain": with_names(short_hosts=True),
    "some months earlier": shift_to(datetime(2026, 7, 3, 4, 5, 6, tzinfo=UTC)),
    "across New Year": shift_to(datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)),
    "into 29 February": shift_to(datetime(2028, 2, 29, 0, 0, 2, tzinfo=UTC)),
    "out of 29 February": shift_to(datetime(2024, 3, 1, 0, 0, 1, tzinfo=UTC)),
    "zone of Kathmandu": in_zone(5.75),
    "zone of Los Angeles": in_zone(-8),
    **{name.replace("_", " "): plain(change) for name, change in changes.HARMLESS.items()},
    "old fail counts told to who joins": lambda one: Changed(_with_old_fail_counts(one)),
}

#: Clocks can be told apart less well when copies of lines are gone, or seconds alone are left.
WITHIN: Final = 1.01


def cases(changes: list[str]) -> list[Any]:
    """Every change with every scenario; those outside the sample are slow."""
    return [
        pytest.param(_one_of(archives(folder), column), change, marks=_marks(folder.name, column, change),
                     id=f"{folder.name}-{change}")
        for folder in sorted(CORPUS.iterdir())
        for column, change in enumerate(changes)
    ]  # fmt: skip


def _one_of(paths: list[Path], number: int) -> Path:
    """Where both tools made a report, each has its turn."""
    return paths[number % len(paths)]


def _marks(scenario: str, column: int, change: str) -> list[pytest.MarkDecorator]:
    sampled = scenario in SAMPLE and (SAMPLE.index(scenario) + column) % _EVERY == 0
    return [] if sampled else [pytest.mark.slow]


@pytest.mark.parametrize(("path", "change"), cases(list(HARMLESS)))
def test_the_verdict_stays(path: Path, change: str, tmp_path: Path) -> None:
    changed = HARMLESS[change](told(path))
    found = incidents([save(changed.report, tmp_path / "report.tar")])
    back = changed.renamed
    after = tuple(verdict(one, changed.shift, lambda name: back.get(name, name)) for one in found)
    assert not differences(unchanged(path), after, WITHIN)


@pytest.mark.parametrize(("path", "form"), cases(["unpacked", "an archive per node"]))
def test_the_form_does_not_matter(path: Path, form: str, tmp_path: Path) -> None:
    report = told(path).report
    paths = [unpack(report, tmp_path)] if form == "unpacked" else changes.per_node(report, tmp_path)
    assert not differences(unchanged(path), tuple(map(verdict, incidents(paths))), WITHIN)


@pytest.mark.parametrize(("path", "seconds"), cases(["30"]))
def test_a_window_around_the_incident_is_enough(path: Path, seconds: str, tmp_path: Path) -> None:
    one = told(path)
    whole = unchanged(path)
    for number, fault in enumerate(one.faults):
        start, end = one.span(fault)
        report = changes.cut(one.report, start - int(seconds), end + int(seconds), one.skews)
        found = tuple(map(verdict, incidents([save(report, tmp_path / f"{number}.tar")])))
        seen = one.seen(fault)
        wanted = [old for old in whole if old.detected is not None and abs(old.detected - seen) <= 1.5]
        for old in wanted:
            # fewer lines bound the clocks a little less closely
            near = [new for new in found if new.detected and old.detected and abs(new.detected - old.detected) <= 0.05]
            alike = [(new.kind, new.root_cause, new.recovered) for new in near]
            assert (old.kind, old.root_cause, old.recovered) in alike, f"{old}\n -> {found}"


# --- what takes witnesses away ------------------------------------------------------------------------


def dc_gone(one: Told) -> Iterator[Report]:
    for fault in one.faults:
        start, end = one.span(fault)
        for node in changes.deciders(one.report, start - 0.5, end + 1, one.skews):
            yield changes.without_node(one.report, node)


def victim_gone(one: Told) -> Iterator[Report]:
    affected = {node for fault in one.faults for node in fault["nodes"][:1]}
    for node in sorted(affected & set(one.report.folders)):
        yield changes.without_node(one.report, node)


def one_view(one: Told) -> Iterator[Report]:
    for node in one.report.folders:
        yield changes.only_node(one.report, node)


def cut_in_the_middle(one: Told) -> Iterator[Report]:
    for fault in one.faults:
        start, end = one.span(fault)
        yield changes.cut(one.report, start - 30, one.seen(fault) + 0.3 + (end - start) / 2, one.skews)


def cut_at_the_start(one: Told) -> Iterator[Report]:
    for fault in one.faults:
        yield changes.cut(one.report, one.seen(fault) + 0.3, one.span(fault)[1] + 30, one.skews)


def any_node_gone(one: Told) -> Iterator[Report]:
    for node in one.report.folders:
        yield changes.without_node(one.report, node)


def any_daemon_gone(one: Told) -> Iterator[Report]:
    for daemon in ("controld", "schedulerd", "attrd", "fenced", "based", "execd"):
        yield changes.without_daemon(one.report, f"pacemaker-{daemon}")
    yield changes.without_daemon(one.report, "corosync")


def in_whole_seconds(one: Told) -> Iterator[Report]:
    for phase in (0.0, 0.25, 0.5, 0.75):
        yield changes.in_whole_seconds(one.report, phase)


WEAKER: Final[dict[str, Callable[[Told], Iterator[Report]]]] = {
    "without the DC's logs": dc_gone,
    "without the affected node's logs": victim_gone,
    "one node's view": one_view,
    "syslog only": lambda one: iter([changes.syslog_only(one.report)]),
    "corosync.log only": lambda one: iter([changes.corosync_only(one.report)]),
    "pacemaker.log only": lambda one: iter([changes.pacemaker_only(one.report)]),
    "the end is missing": cut_in_the_middle,
    "the start is missing": cut_at_the_start,
    "without any one node": any_node_gone,
    "without any one daemon": any_daemon_gone,
    "every tenth line lost": lambda one: (changes.every_tenth(one.report, kept=False, first=n) for n in (2, 7)),
    "every tenth line kept": lambda one: (changes.every_tenth(one.report, kept=True, first=n) for n in (0, 5)),
    "agents in other words": lambda one: iter([changes.in_other_words(one.report)]),
    "whole seconds": in_whole_seconds,
}

#: What one side of a story lets an honest reader say: a node that was lost may have died, been cut off or stalled, and
#: the side that was left without quorum stopped for want of it.
HONEST: Final = {
    "network_partition": ("node_failure", "quorum_loss"),
    "corosync_stall": ("node_failure", "network_partition", "quorum_loss"),
    "quorum_loss": ("node_failure", "network_partition"),
}


@pytest.mark.parametrize(("path", "change"), cases(list(WEAKER)))
def test_no_headline_is_surer_than_its_witnesses(path: Path, change: str, tmp_path: Path) -> None:
    one = told(path)
    facts = list(truths(path.parent))
    for number, report in enumerate(WEAKER[change](one)):
        if not any(changes.is_log(member) and member.data for member in report.members):
            continue
        found = case([save(report, tmp_path / f"{number}.tar")])
        assert not overconfident(facts, found.incidents, HONEST)
        assert not denied(facts, found)


# --- what moves it ------------------------------------------------------------------------------------

#: How far one clock is ahead: quarters of an hour and hours look like zones, the rest like neither.
AHEAD: Final = (-3600, -900, 450, 900, 7200)


@pytest.mark.parametrize(("path", "seconds"), cases([str(seconds) for seconds in AHEAD]))
def test_a_clock_that_is_off_changes_no_label(path: Path, seconds: str, tmp_path: Path) -> None:
    """Which of two clocks is right nothing tells; what happened, and to what, does not depend on it."""
    one = told(path)
    node = one.report.folders[0]
    year = one.middle.year
    ahead = {node: timedelta(seconds=float(seconds))}
    report = retime(changes.without_top_level(one.report), year, clocks=ahead)
    found = map(verdict, incidents([save(report, tmp_path / "report.tar")]))
    what = [(each.kind, each.root_cause, each.nodes, each.resources) for each in found]
    assert what == [(each.kind, each.root_cause, each.nodes, each.resources) for each in unchanged(path)]
