"""Copies that run already, and an address that moves to one of them, instead of a start from nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logtrace.advice.situation import Situation
from logtrace.config.commands import cloned
from logtrace.config.query import is_clone
from logtrace.config.services import ADDRESSES, Runs, Service, service_of
from logtrace.domain.advice import Advice
from logtrace.whatif.model import Change

_FREE = (Runs.ANYWHERE, Runs.EACH_NODE)

#: Less is not worth a change of the configuration.
_LEAST = 1.0


def advise(situation: Situation) -> Iterator[Advice]:
    """For services that were started from nothing on another node, and of which it is known that copies may run."""
    recovery = situation.recovery
    slow = situation.concerns("cold_failover", "slow_init", "node_failure")
    if recovery is None or not slow or situation.is_headline("flapping", "start_timeout", "missing_agent"):
        return
    cold = dict.fromkeys(
        one.resource
        for one in recovery.activities
        if one.resource is not None and one.what == "start" and (one.moved or one.resource in recovery.lost)
    )
    known = {name: service_of(situation.config, name) for name in cold if not is_clone(situation.config, name)}
    free = [name for name, service in known.items() if service is not None and service.runs in _FREE]
    if free:
        saves, basis = situation.saves(Change("clone", names=tuple(free)))
        if saves is not None and saves >= max(_LEAST, 0.1 * recovery.outage):
            yield Advice(
                "clone",
                f"Run {_listed(free)} as {'clones' if len(free) > 1 else 'a clone'} behind an address, so that only "
                "the address moves",
                cloned(situation.config, free),
                saves=saves,
                saves_basis=basis,
                risk=_risk(known),
            )
    clustered = [name for name, service in known.items() if service is not None and service.runs is Runs.CLUSTERED]
    if clustered:
        saves, basis = situation.saves(Change("clone", names=tuple(clustered)))
        if saves is not None and saves >= max(_LEAST, 0.1 * recovery.outage):
            service = known[clustered[0]]
            assert service is not None
            yield Advice(
                "replicate",
                f"Keep a warm copy of {_listed(clustered)} on another node: {service.note}",
                saves=saves,
                saves_basis=basis,
                risk="replication has to be set up and watched; it is another agent, not a flag of this one",
            )


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:5])}{f' and {len(names) - 5} more' if len(names) > 5 else ''}"


def _is_address(service: Service | None) -> bool:
    return service is not None and not ADDRESSES.isdisjoint(service.names)


def _risk(known: dict[str, Service | None]) -> str:
    said = []
    once = [name for name, service in known.items() if service is not None and service.runs is Runs.ONCE]
    once = [name for name in once if not _is_address(known[name])]
    maybe = [(name, service) for name, service in known.items() if service is not None and service.runs is Runs.IF]
    unknown = [name for name, service in known.items() if service is None]
    if once:
        said.append(f"not {_listed(once)}: {known[once[0]].note}")  # type: ignore[union-attr]
    if maybe:
        said.append(f"{maybe[0][0]} only if: {maybe[0][1].note}")
    if unknown:
        said.append(f"whether {_listed(unknown)} may run twice is not known")
    said.append("every node then carries the load and the memory of a copy")
    return "; ".join(said)
