"""No finished case contradicts itself, and a case that does is noticed."""

from __future__ import annotations

import dataclasses
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from corpus_score import CORPUS, archives, case_of
from msgspec.structs import replace
from stories import case

from logtrace.causes.judgement import Verdict
from logtrace.domain.advice import Advice
from logtrace.errors import NothingUsableError
from logtrace.lint.finding import Finding
from logtrace.pipeline import analyze
from logtrace.report.case import Case, Incident, IncidentKind, Note, Statistics
from logtrace.report.selfcheck import contradictions

CRASH = """
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
12:05:10.200 node1 db monitor 10s: error (no answer)
12:05:10.240 node2 plan 7: Recover db ( node1 )
12:05:10.800 node1 db stop in 0.05s: ok
12:05:12.000 node1 db start in 0.8s: ok
12:05:12.300 node2 done 7
"""


#: Inputs of many kinds beside a checkout: reports, excerpts that people quoted, short logs with a question each.
SHARED = Path(__file__).parents[3] / "shared"
OTHERS = sorted(
    [
        *(path for place in ("corpus", "stories", "real") for path in (SHARED / place).rglob("*.tar*")),
        *(path for place in ("excerpts", "real") for path in (SHARED / place).rglob("*.log")),
        *(SHARED / "wild").glob("*/input"),
    ]
)


@pytest.mark.xdist_group("corpus")
@pytest.mark.parametrize("folder", sorted(CORPUS.iterdir()), ids=lambda folder: folder.name)
def test_no_case_of_the_corpus_contradicts_itself(folder: Path) -> None:
    assert contradictions(case_of(archives(folder)[0])) == ()


@pytest.mark.thorough
@pytest.mark.skipif(not OTHERS, reason="the shared corpus is not beside this checkout")
@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(SHARED)))
def test_no_other_case_contradicts_itself(path: Path) -> None:
    try:
        found = analyze([str(path)])
    except NothingUsableError:
        return
    assert contradictions(found) == ()


def told(**changes: object) -> tuple[str, ...]:
    """What is noticed when the one incident of a case is changed."""
    found = _case()
    (one,) = found.incidents
    return contradictions(replace(found, incidents=(replace(one, **changes),)))


@cache
def _case() -> Case:
    """The story as a user would hand it over."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in case(CRASH).files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return analyze([folder])


def _one() -> Incident:
    (one,) = _case().incidents
    return one


def test_one_story_is_whole() -> None:
    assert told() == ()


def test_numbers_that_do_not_fit_are_noticed() -> None:
    one = _one()
    assert one.t_recovered is not None
    assert "longer than it can have been" in "".join(told(outage=3.0, outage_max=2.0))
    assert "longer than its phases" in "".join(told(outage=300.0, outage_max=300.0))
    assert "did not recover, and has a time" in "".join(told(recovered=False))
    assert "do not reach" in "".join(told(t_recovered=one.t_recovered + timedelta(seconds=5)))
    assert "another time" in "".join(told(phases=(one.phases[0], *one.phases[2:])))
    assert "not in order" in "".join(told(t_end=one.t_detected and one.t_detected - timedelta(seconds=5)))


def test_verdicts_that_do_not_fit_are_noticed() -> None:
    one = _one()
    denied = tuple(replace(cause, verdict=Verdict.RULED_OUT) for cause in one.causes)
    assert "not supported" in "".join(told(causes=denied, confidence=0.9))
    assert "contributes and is ruled out" in "".join(told(causes=denied, contributing=("flapping",)))
    both = tuple(
        replace(cause, verdict=Verdict.SUPPORTED) if cause.label in ("spurious_monitor", "service_crash") else cause
        for cause in one.causes
    )
    assert "both spurious_monitor and service_crash" in "".join(told(causes=both))
    assert "not those there are" in "".join(told(causes=one.causes[1:]))
    assert "cites a line" in "".join(told(evidence=()))


def test_counts_that_do_not_fit_are_noticed() -> None:
    found = _case()
    assert "the statistics count 0" in "".join(contradictions(replace(found, statistics=Statistics())))


def test_what_happens_in_another_order_is_noticed() -> None:
    one = _one()
    assert one.t_detected is not None
    assert one.t_decided is not None
    hour = timedelta(hours=1)
    assert "recovered before" in "".join(told(t_recovered=one.t_detected - hour))
    assert "acted before" in "".join(told(t_acted=one.t_decided - hour))
    assert "longer than it lasted" in "".join(told(outage=3600.0, outage_max=3600.0))
    assert "not in the window" in "".join(told(t_end=one.t_detected + hour))


def test_titles_and_labels_that_do_not_fit_are_noticed() -> None:
    one = _one()
    assert "and all recovered" in "".join(told(title="db died on node1. db did not come back."))
    assert "none is known" in "".join(told(title="node1 stopped answering and was fenced."))
    assert told(title="nothing was fenced") == ()
    assert "contributes to itself" in "".join(told(contributing=(one.root_cause,)))
    assert "its headline is" in "".join(told(kind=IncidentKind.SPURIOUS))
    slow = tuple(replace(each, weight=99.0) if each.label == "slow_init" else each for each in one.causes)
    assert "99.0 s of a path" in "".join(told(causes=slow))


def test_words_of_who_has_no_log_are_noticed() -> None:
    found = _case()
    without = replace(
        found,
        coverage=replace(found.coverage, missing_nodes=("node1", "node2")),
        cluster=replace(found.cluster, nodes=tuple(replace(node, logs=False) for node in found.cluster.nodes), dc=()),
    )
    said = "".join(contradictions(without))
    assert "whose logs are said to be missing" in said
    assert "stop_failure is ruled out without the logs of node1 or a DC" in said


def test_a_denied_loss_is_noticed() -> None:
    found, one = _case(), _one()
    row = {"time": one.t_detected, "observer": "node2", "target": "node1", "state": "lost", "source": "corosync"}
    seen = pl.concat([found.frames.membership, pl.DataFrame([row])], how="diagonal_relaxed")
    assert "node1 was" in "".join(
        contradictions(replace(found, frames=dataclasses.replace(found.frames, membership=seen)))
    )


def test_what_two_incidents_own_is_noticed() -> None:
    found, one = _case(), _one()
    said = "".join(contradictions(replace(found, incidents=(one, replace(one, id="i2")))))
    assert "i2 and i1 begin with the same line" in said
    assert "i2 and i1 both own the monitor of db on node1" in said
    assert "i2 and i1 both own the start of db on node1" in said


def test_quiet_that_was_none_is_noticed() -> None:
    found, one = _case(), _one()
    other = replace(one, id="i2", evidence=(), first_error=None)
    late = replace(one, evidence=tuple(replace(each, time=each.time + timedelta(hours=1)) for each in one.evidence))
    said = contradictions(replace(found, incidents=(replace(late, silence_before=3600.0), other)))
    assert "in which i2 went on" in "".join(said)
    note = Note("daemon_started", "a start", 1, found.window.start, found.window.end, _place(one))
    assert "is no incident, and i1 cites it" in "".join(contradictions(replace(found, quiet=(note,))))


def _place(one: Incident) -> str:
    return f"{one.evidence[0].file}:{one.evidence[0].line}"


def test_seconds_that_nobody_lost_are_noticed_when_they_are_saved() -> None:
    advice = Advice("quicker", "Be quicker.", saves=99.0)
    assert "quicker saves 99.0 s" in "".join(told(advice=(advice,)))
    assert "of an outage of None s" in "".join(told(advice=(advice,), outage=None))


def test_a_monitor_that_was_seen_is_not_absent() -> None:
    finding = Finding("monitor-absent", "warning", "db", "db has no recurring monitor.")
    assert "db is said to have no monitor" in "".join(contradictions(replace(_case(), findings=(finding,))))


SHOT = """\
Feb 20 04:11:02 hana1 corosync[1722]:  [TOTEM ] A processor failed, forming new configuration.
Feb 20 04:11:10 hana1 corosync[1722]:  [TOTEM ] A new membership (1.20) was formed. Members joined: 2 left: 2
Feb 20 04:11:10 hana1 corosync[1722]:  [QUORUM] Members[2]: 1 2
Feb 20 04:11:10 hana1 pacemaker-controld[1740]: notice: Peer hana2 was terminated (reboot) by hana1 on behalf of \
pacemaker-controld.1740: OK
Feb 20 04:11:11 hana1 corosync[1722]:  [CFG   ] Node 2 was shut down by sysadmin
Feb 20 04:11:11 hana1 corosync[1722]:  [TOTEM ] A new membership (1.24) was formed. Members left: 2
Feb 20 04:11:11 hana1 corosync[1722]:  [QUORUM] Members[1]: 1
"""


def test_a_line_that_a_fault_cites_is_not_told_as_harmless(tmp_path: Path) -> None:
    log = tmp_path / "messages"
    log.write_text(SHOT)
    found = analyze([str(log)])
    assert any(incident.trouble for incident in found.incidents)
    assert contradictions(found) == ()
