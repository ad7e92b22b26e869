"""Which processes, units and programs belong to a resource: by its agent's type, its unit, or its id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from logtrace.config.model import ClusterConfig
from logtrace.config.query import base_name, primitive_of
from logtrace.timeline import Event

#: The same program under the names distributions and releases give it.
_SAME: Final = {"apache2": "apache", "httpd": "apache", "keystoneall": "keystone", "rabbitmqserver": "rabbitmq"}


def is_process_of(config: ClusterConfig, resource: str, event: Event) -> bool:
    """Whether the process or unit an event speaks of belongs to a resource; longer names may hold shorter ones."""
    name = _plain(event.child or "")
    if len(name) < 3:
        return False
    return any(
        name == other or (len(name) >= 5 and (name in other or other in name)) for other in _names(config, resource)
    )


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


def _plain(name: str) -> str:
    base = name.rsplit("/", 1)[-1].removesuffix(".service").lower()
    base = re.sub(r"^(?:openstack|p|res|rsc|prm)[-_]|[-_.]", "", base)
    return _SAME.get(base, base)
