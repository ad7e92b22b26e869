"""What the cluster does about failures: thresholds, their expiry, failed starts, and going back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logtrace.config import commands
from logtrace.config.failures import failure_timeout, start_failure_is_fatal, threshold
from logtrace.config.query import meta_of
from logtrace.domain.values import INFINITY, score
from logtrace.lint.check import Look, Source, check
from logtrace.lint.finding import Finding

ADVISED_TIMEOUT: Final = "10min"
ADVISED_THRESHOLD: Final = "3"
#: The threshold by which the SAP guides of SUSE and Red Hat say that failures never move a resource.
NEVER: Final = 5000


@check(
    "threshold-forever",
    "warning",
    Source.CIB,
    line="Failures are counted for ever.",
    means="""
        After migration-threshold failures a node is closed to the resource until somebody cleans up, even if
        they are months apart. When all nodes are closed the resource is down.
    """,
    proves="A finite migration-threshold in force and no failure-timeout.",
    disproves="Where every ban must be looked at by a person, that is intended.",
    fix="Set failure-timeout to some minutes, above the time between failures that should count together.",
)
def threshold_forever(look: Look) -> Iterator[Finding]:
    """A migration-threshold whose count never expires: the ban lasts until somebody cleans up."""
    bound = [
        one.id
        for one in look.services
        if threshold(look.config, one.id) < NEVER and failure_timeout(look.config, one.id) is None
    ]
    if not bound:
        return
    inherited = score(look.config.rsc_defaults.get("migration-threshold", "INFINITY")) < NEVER
    if inherited:
        yield look.finding(
            "rsc_defaults",
            "There is a migration-threshold but no failure-timeout: a resource that reached it stays away from that "
            "node until somebody cleans up, however long ago its failures were.",
            commands.default("failure-timeout", ADVISED_TIMEOUT),
        )
        return
    for name in bound:
        yield look.finding(
            name,
            f"After {threshold(look.config, name)} failures it is banned from a node until somebody cleans up, for it "
            "has no failure-timeout.",
            commands.meta(name, failure_timeout=ADVISED_TIMEOUT),
        )


@check(
    "start-failure-fatal",
    "info",
    Source.CIB,
    line="One failed start bans a resource from its node.",
    means="""
        By default a failed start counts as infinitely many failures, whatever the threshold says. A passing
        cause, such as storage that was late, leaves a node closed until somebody cleans up.
    """,
    proves="start-failure-is-fatal is true, which is the default, and resources have no failure-timeout.",
    disproves="""
        Moving on at once is often right; only the missing expiry is the weakness. SAP HANA is to be looked at
        by hand after a failed start, and is not counted.
    """,
    fix="""
        Set a failure-timeout. Or switch it off together with a migration-threshold, so that starts are tried
        again.
    """,
)
def start_fatal(look: Look) -> Iterator[Finding]:
    """One failed start counts as infinitely many."""
    if not start_failure_is_fatal(look.config):
        return
    held = [
        one.id
        for one in look.services
        if failure_timeout(look.config, one.id) is None and not one.type.startswith("SAPHana")
    ]
    if held:
        yield look.finding(
            "start-failure-is-fatal",
            "A single failed start keeps a resource off that node, whatever its migration-threshold says, and "
            f"{_some(held)} no failure-timeout that would end it.",
            commands.default("failure-timeout", ADVISED_TIMEOUT),
        )


@check(
    "start-failure-endless",
    "warning",
    Source.CIB,
    line="A failed start is repeated on the same node without end.",
    means="""
        Failed starts are not fatal and nothing counts them, so a broken node is tried for ever and the good one
        never.
    """,
    proves="start-failure-is-fatal is false and a resource has no migration-threshold.",
    disproves="With a single node there is nowhere else to go.",
    fix="Set a migration-threshold of about 3, and a failure-timeout beside it.",
)
def start_endless(look: Look) -> Iterator[Finding]:
    """Failed starts are neither fatal nor counted against a threshold."""
    if start_failure_is_fatal(look.config):
        return
    endless = [one.id for one in look.services if threshold(look.config, one.id) >= INFINITY]
    if endless:
        yield look.finding(
            "start-failure-is-fatal",
            f"It is off and {_some(endless)} no migration-threshold: a start that fails is repeated on the same node "
            "without end.",
            commands.default("migration-threshold", ADVISED_THRESHOLD),
        )


@check(
    "stickiness-absent",
    "info",
    Source.CIB,
    line="Nothing keeps resources where they are.",
    means="""
        When a node returns, the cluster may move resources back merely for balance: a second outage after the
        first.
    """,
    proves="resource-stickiness is zero or unset for all resources.",
    disproves="Where each resource has its home by a location constraint and must be there, that is wanted.",
    fix="Set a stickiness of 100 as default; location constraints with higher scores still win.",
)
def stickiness_absent(look: Look) -> Iterator[Finding]:
    """Nothing keeps a resource where it runs, so every return of a node is a second outage."""
    if len(look.nodes) < 2:
        return
    services = [one.id for one in look.services if not one.parents or one.parents[-1] not in look.config.clones]
    if services and not any(score(meta_of(look.config, name, "resource-stickiness")) > 0 for name in services):
        yield look.finding(
            "resource-stickiness",
            "Nothing makes a resource stay where it runs: when a node comes back, resources may be stopped and moved "
            "for balance alone.",
            commands.default("resource-stickiness", "100"),
        )


def _some(names: list[str]) -> str:
    return f"{names[0]} has" if len(names) == 1 else f"{len(names)} resources have"
