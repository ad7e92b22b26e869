"""The agent refused or failed the operation itself: rc 1, 2, 4 or 6, or a demote or migration that never ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import ran_into_timeout
from logtrace.assessment.reasons import reason_of
from logtrace.assessment.witnesses import was_running
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported, undecided
from logtrace.chains.triggers import AgentErred, OperationFailed
from logtrace.config.commands import cleanup, files_of
from logtrace.config.query import primitive_of
from logtrace.domain.advice import Advice
from logtrace.timeline import Run
from logtrace.timeline.outcomes import REFUSED, failed_itself, outcome

_NOT_RUNNING: Final = 7


def judge(facts: Assessment) -> Judgement:
    """Proof: the rc of a start, promote, demote, migration or monitor, with the exit reason where the agent gives one;
    a demote or migration that ran into its timeout.
    """
    failed = facts.failures("start", "promote", "demote", "monitor", "migrate_to", "migrate_from")
    runs = [
        run
        for run in failed
        if failed_itself(run) and not ran_into_timeout(facts.config, run) and not _was_dead(failed, run)
    ]
    own = [run for run in failed if run.witness == "agent"]
    if not runs and own:
        run = own[0]
        told = reason_of(facts, run)
        return supported(
            f"the {run.operation} of {run.resource} on {run.node} failed by its agent's own words, and no line tells "
            f"its result: {told.text if told is not None else run.reason}",
            [run.event for run in own],
            strength=Strength.HALF_SEEN,
        )
    untold = [run for run in failed if run.rc is None and not run.timed_out and run.operation != "monitor"]
    if not runs and untold:
        run = untold[0]
        return undecided(
            f"the {run.operation} of {run.resource} on {run.node} failed; no line tells its rc", [run.event]
        )
    erred = facts.triggers(AgentErred)
    if not runs and erred:
        lines = [event for trigger in erred for event in trigger.events]
        return supported(erred[0].beginning, lines, strength=Strength.REMAINS)
    if not runs:
        return ruled_out("no start, promote, demote, migration or monitor ended with rc 1, 2, 4 or 6")
    run = next((run for run in runs if run.operation != "monitor"), runs[0])
    told = reason_of(facts, run)
    reason = f": {told.text}" if told is not None else ""
    # rc 1 of a recurring monitor may as well be a monitor that erred while the service ran
    unsure = run.recurring and run.rc == 1 and not run.reason and was_running(facts, run).ran is None
    how = f"failed with rc {run.rc} ({REFUSED[run.rc]}){reason}" if run.rc in REFUSED else outcome(run)
    return supported(
        f"the {run.operation} of {run.resource} on {run.node} {how}",
        [*([] if told is None else [told.event]), *(run.event for run in runs)],
        strength=Strength.UNSURE if unsure else Strength.ADDED_UP if run.witness == "executor" else Strength.HALF_SEEN,
    )


def _was_dead(failed: Sequence[Run], run: Run) -> bool:
    """Whether a demote says of a process what a monitor had found before it: that it is not running."""
    if run.operation != "demote" or run.rc != _NOT_RUNNING:
        return False
    found = (each for each in failed if each.operation == "monitor" and each.rc == _NOT_RUNNING)
    return any((each.resource, each.node) == (run.resource, run.node) and each.end <= run.end for each in found)


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Mend what the agent refused."""
    facts = complaint.facts
    if complaint.headline.label != "resource_agent_error":
        return
    runs = [run for run in facts.failures() if run.rc in REFUSED or run.witness == "agent"]
    if not runs:
        return
    run = next((each for each in runs if each.operation != "monitor"), runs[0])
    primitive = primitive_of(facts.config, run.resource)
    told = reason_of(facts, run)
    reason = f" ({told.text})" if told is not None else ""
    what = {
        2: "a parameter is wrong",
        4: "the agent lacks a privilege",
        6: "the program's configuration is wrong or absent",
    }.get(run.rc or 1, "the reason is in the agent's own output")
    meant = told.advice if told is not None else None
    how = "failed" if run.rc is None else f"returned {run.rc}"
    same = [other for other in runs if other.rc == run.rc]
    nodes = ", ".join(sorted({other.node for other in same}))
    yield Advice(
        "fix_agent_error",
        f"Mend why the {run.operation} of {run.resource} on {nodes} {how}{reason}: "
        + (
            f"{meant}; then clean up"
            if meant
            else f"{what}; check the parameters and the same files on every node, then clean up"
        ),
        cleanup(run.resource) if primitive is not None else {},
        files=files_of(primitive) if primitive is not None else (),
        saves_basis="not computed: how long the operation would have taken is not known",
        risk="rc 2, 4 and 5 keep a resource off the node, rc 6 off all nodes, until the cleanup"
        if run.rc in (2, 4, 6)
        else "a failed start keeps the resource off the node until the cleanup",
    )


DECLARATION = Declaration(
    label="resource_agent_error",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("start_timeout",),
    begins_with=(
        Beginning(OperationFailed, ("start", "demote", "migrate_to", "migrate_from")),
        Beginning(OperationFailed, ("monitor",), tuple(REFUSED)),
        Beginning(AgentErred),
    ),
    line="The agent itself refused or failed the operation, with a reason.",
    means="""
The operation was carried out and its answer was an error: wrong parameters, missing rights, a configuration file that
does not fit, a port in use. It is not a death and not a timeout; trying again gives the same answer.
""",
    proves="""
The return code of a start, promote or monitor (1, 2, 4 or 6), with the exit reason and what the agent printed. Codes 2
and 4 keep the resource off that node, 6 off all of them. Where only the agent's lines are at hand, an error among them
is told with little confidence: its result may have been good in the end.
""",
    disproves="""
Code 7 says that it is not running, 5 that it is not installed. Code 1 of a monitor whose service works is a spurious
failure. An error of a stop is judged as a failed stop.
""",
    fix="""
Read the exit reason, and correct what it names on the node where it happened. Check the configuration with the shell
before committing it, and run the agent by hand with the resource's own parameters. Clean up afterwards; codes 2, 4 and
6 do not go away by themselves.
""",
)
