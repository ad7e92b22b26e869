"""What became of a failed run: whether the agent itself failed, and how it is told in sentences."""

from __future__ import annotations

from logtrace.timeline import NO_RESULT, Run

#: Results by which an agent refuses or fails an operation itself.
REFUSED = {1: "generic error", 2: "invalid parameter", 4: "insufficient privileges", 6: "not configured"}

#: Results that say in which state a resource is (7 stopped, 8 promoted, 9 failed while promoted), of operations that
#: are to bring it into another.
_STATES = (7, 8, 9)
_CHANGES = ("start", "promote", "demote", "migrate_to", "migrate_from")

#: A demote that finds nothing running fails after a death, which is not the agent's doing.
_DIED_BEFORE = ("demote", 7)

#: Timeouts of starts, stops and promotes have causes of their own, and a monitor's may be no failure.
_NEVER_ENDED = ("demote", "migrate_to", "migrate_from")


def failed_itself(run: Run) -> bool:
    """Whether a failed run is the agent's own failure, its result taken alone."""
    if run.rc in _STATES and run.operation in _CHANGES:  # it did what was asked, and found that it had not worked
        return run.failed and (run.operation, run.rc) != _DIED_BEFORE
    return run.rc in REFUSED or (run.timed_out and run.operation in _NEVER_ENDED)


def outcome(run: Run) -> str:
    """What became of a failed run: "ran into its timeout after 20.0 s", "failed with rc 1 (login failed)". How long a
    recurring monitor ran is not logged; the beginning of a run is not in every excerpt, nor is each result.
    """
    reason = f" ({run.reason})" if run.reason else ""
    if run.timed_out:
        known = not run.recurring and run.end > run.start
        return f"ran into its timeout{f' after {run.seconds:.1f} s' if known else ''}{reason}"
    if run.status == NO_RESULT:
        return f"gave no result within {run.seconds:.0f} s"
    if run.rc is not None:
        return f"failed with rc {run.rc}{reason}"
    return f"failed{reason or (f' ({run.status})' if run.status else '')}"
