"""Promotions that fail."""

from __future__ import annotations

from collections.abc import Iterator

from logtrace.advice.advice import Advice
from logtrace.advice.agents import files_of
from logtrace.advice.situation import Situation
from logtrace.config.commands import cleanup
from logtrace.config.query import primitive_of


def advise(situation: Situation) -> Iterator[Advice]:
    """Why the agent would not promote; a promote that ran into its timeout is a matter of timeouts as well."""
    if not situation.proven("promotion_failure"):
        return
    failed = situation.one.failures("promote")
    down = [outage.thing.resource for outage in situation.one.chain.still_down() if outage.thing.promoted]
    name = failed[0].resource if failed else down[0]
    if failed:
        run = failed[0]
        reason = f" ({run.reason})" if run.reason else ""
        how = "ran into its timeout" if run.timed_out else f"returned {run.rc}{reason}"
        what = f"Mend why the promote of {name} {how} on {', '.join(sorted({each.node for each in failed}))}"
    else:
        what = f"Find out why no copy of {name} that was left was fit to be promoted"
    primitive = primitive_of(situation.config, name)
    yield Advice(
        "fix_promotion",
        f"{what}: check that its data is in step with the peer, and that the agent gives a promotion score only to a "
        "copy that can be promoted",
        cleanup(name) if primitive is not None and failed else {},
        files=files_of(primitive) if primitive is not None else (),
        saves_basis="not computed: how long a promote that succeeds at once takes depends on the data",
        risk="a score forced by hand may promote old data",
    )
