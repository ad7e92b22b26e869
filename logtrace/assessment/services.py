"""What of a log speaks for a resource: its processes and units, the requests its program answered, its address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final

from logtrace.config.model import ClusterConfig
from logtrace.config.query import base_name, primitive_of
from logtrace.config.services import ADDRESSES
from logtrace.domain.kinds import Kind
from logtrace.timeline import Event, Timeline, computed_once

#: The same program under the names distributions and releases give it.
_SAME: Final = {"apache2": "apache", "httpd": "apache", "keystoneall": "keystone", "rabbitmqserver": "rabbitmq"}


def processes_of(config: ClusterConfig, resource: str, events: Iterable[Event]) -> list[Event]:
    """Those of `events` that speak of a process or unit of a resource; longer names may hold shorter ones."""
    names = tuple(_names(config, resource))
    return [event for event in events if _is_one_of(names, _plain(event.child or ""))]


def _is_one_of(names: tuple[str, ...], name: str) -> bool:
    if len(name) < 3:
        return False
    return any(name == other or (len(name) >= 5 and (name in other or other in name)) for other in names)


def is_program_of(config: ClusterConfig, resource: str, program: str | None) -> bool:
    """Whether a program's own log speaks for a resource. Names must be the same: what nova-api answers tells nothing
    of nova-api-metadata.
    """
    return bool(program) and _plain(program or "") in set(_names(config, resource))


def _names(config: ClusterConfig, resource: str) -> Iterator[str]:
    primitive = primitive_of(config, resource)
    own = [base_name(resource)]
    if primitive is not None:
        own += [primitive.type, *(value for key, value in primitive.params.items() if "bin" in key)]
    return (name for name in map(_plain, own) if name)


@lru_cache(maxsize=4096)  # lines name few programs, again and again
def _plain(name: str) -> str:
    base = name.rsplit("/", 1)[-1].removesuffix(".service").lower()
    base = re.sub(r"^(?:openstack|p|res|rsc|prm)[-_]|[-_.]", "", base)
    return _SAME.get(base, base)


def answers(
    timeline: Timeline, config: ClusterConfig, resource: str, node: str, start: datetime, end: datetime
) -> list[Event]:
    """Requests that `resource` answered on `node` with start <= time <= end; none where it also answered with errors
    of its own.
    """
    erred = _of(timeline, config, Kind.SERVICE_ERRED, resource, node, start, end)
    return [] if erred else _of(timeline, config, Kind.SERVICE_ANSWERED, resource, node, start, end)


def _of(
    timeline: Timeline, config: ClusterConfig, kind: Kind, resource: str, node: str, start: datetime, end: datetime
) -> list[Event]:
    return [
        event for event in timeline.between(kind, start, end, node=node) if is_program_of(config, resource, event.child)
    ]


def is_address(timeline: Timeline, config: ClusterConfig, resource: str) -> bool:
    """By the agent in the CIB, else by the agent's own log lines."""
    primitive = primitive_of(config, resource)
    if primitive is not None:
        return primitive.type.lower() in ADDRESSES
    return _agents(timeline).get(resource, "").lower() in ADDRESSES


@computed_once
def _agents(timeline: Timeline) -> dict[str, str]:
    """The agents that wrote to the log, by resource."""
    said = timeline.events.of(Kind.AGENT_SAYS, columns=("resource", "agent")).drop_nulls()
    return dict(said.unique("resource", keep="first").iter_rows())
