"""What the cluster does about failures: thresholds, their expiry, failed starts, and going back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from logtrace.config.commands import meta
from logtrace.config.query import meta_of, property_of
from logtrace.domain import durations
from logtrace.domain.values import INFINITY, score, true
from logtrace.lint import commands
from logtrace.lint.known import Known, Weakness

ADVISED_TIMEOUT: Final = "10min"
ADVISED_THRESHOLD: Final = "3"


def threshold_forever(known: Known) -> Iterator[Weakness]:
    """A migration-threshold whose count never expires: the ban lasts until somebody cleans up."""
    bound = [
        one.id for one in known.services if _threshold(known, one.id) < INFINITY and not _expiry(known, one.id)
    ]  # fmt: skip
    if not bound:
        return
    inherited = score(known.config.rsc_defaults.get("migration-threshold", "INFINITY")) < INFINITY
    if inherited:
        yield Weakness(
            "warning",
            "rsc_defaults",
            "There is a migration-threshold but no failure-timeout: a resource that reached it stays away from that "
            "node until somebody cleans up, however long ago its failures were.",
            commands.default("failure-timeout", ADVISED_TIMEOUT),
            known.cib,
        )
        return
    for name in bound:
        yield Weakness(
            "warning",
            name,
            f"After {_threshold(known, name)} failures it is banned from a node until somebody cleans up, for it has "
            "no failure-timeout.",
            meta(name, failure_timeout=ADVISED_TIMEOUT),
            known.cib,
        )


def start_fatal(known: Known) -> Iterator[Weakness]:
    """One failed start counts as infinitely many."""
    if not true(property_of(known.config, "start-failure-is-fatal")):
        return
    held = [one.id for one in known.services if not _expiry(known, one.id)]
    if held:
        yield Weakness(
            "info",
            "start-failure-is-fatal",
            "A single failed start keeps a resource off that node, whatever its migration-threshold says, and "
            f"{_some(held)} no failure-timeout that would end it.",
            commands.default("failure-timeout", ADVISED_TIMEOUT),
            known.cib,
        )


def start_endless(known: Known) -> Iterator[Weakness]:
    """Failed starts are neither fatal nor counted against a threshold."""
    fatal = property_of(known.config, "start-failure-is-fatal")
    if fatal is None or true(fatal, default=True):
        return
    endless = [one.id for one in known.services if _threshold(known, one.id) >= INFINITY]
    if endless:
        yield Weakness(
            "warning",
            "start-failure-is-fatal",
            f"It is off and {_some(endless)} no migration-threshold: a start that fails is repeated on the same node "
            "without end.",
            commands.default("migration-threshold", ADVISED_THRESHOLD),
            known.cib,
        )


def stickiness_absent(known: Known) -> Iterator[Weakness]:
    """Nothing keeps a resource where it runs, so every return of a node is a second outage."""
    if known.config.epoch is None or len(known.nodes) < 2:
        return
    services = [one.id for one in known.services if not one.parents or one.parents[-1] not in known.config.clones]
    if services and not any(score(meta_of(known.config, name, "resource-stickiness")) > 0 for name in services):
        yield Weakness(
            "info",
            "resource-stickiness",
            "Nothing makes a resource stay where it runs: when a node comes back, resources may be stopped and moved "
            "for balance alone.",
            commands.default("resource-stickiness", "100"),
            known.cib,
        )


def _threshold(known: Known, resource: str) -> int:
    threshold = score(meta_of(known.config, resource, "migration-threshold"))
    return threshold if threshold > 0 else INFINITY  # 0: failures are not counted against it


def _expiry(known: Known, resource: str) -> bool:
    return bool(durations.seconds(meta_of(known.config, resource, "failure-timeout")))


def _some(names: list[str]) -> str:
    return f"{names[0]} has" if len(names) == 1 else f"{len(names)} resources have"
