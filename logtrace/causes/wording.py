"""How a failed run is told in the sentences of causes and titles."""

from __future__ import annotations

from logtrace.timeline import NO_RESULT, Run


def outcome(run: Run) -> str:
    """What became of a failed run: "ran into its timeout after 20.0 s", "failed with rc 1 (login failed)". How long a
    recurring monitor ran is not logged, and the result of some failures is not either.
    """
    reason = f" ({run.reason})" if run.reason else ""
    if run.timed_out:
        return f"ran into its timeout{'' if run.recurring else f' after {run.seconds:.1f} s'}{reason}"
    if run.status == NO_RESULT:
        return f"gave no result within {run.seconds:.0f} s"
    if run.rc is not None:
        return f"failed with rc {run.rc}{reason}"
    return f"failed{reason or (f' ({run.status})' if run.status else '')}"
