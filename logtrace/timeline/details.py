"""The parenthesis of a scheduled action: which nodes and roles it names."""

from __future__ import annotations

import re
from functools import cache

_ROLES = r"(?:Started|Stopped|Slave|Master|Promoted|Unpromoted)"
_NODE = r"[^\s()]+"

#: Forms of LogAction / log_list_item (pacemaker-schedulerd 1.1.5 to 3.0), most specific first.
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"^{_ROLES} (?P<source>{_NODE}) -> {_ROLES} (?P<dest>{_NODE})$",
        rf"^{_ROLES} -> {_ROLES} (?P<both>{_NODE})$",
        rf"^(?P<source>{_NODE}) -> (?P<dest>{_NODE}) {_ROLES}$",
        rf"^{_ROLES} (?P<source>{_NODE}) -> (?P<dest>{_NODE})$",
        rf"^(?P<source>{_NODE}) -> (?P<dest>{_NODE})$",
        rf"^{_ROLES} (?P<both>{_NODE})$",
        rf"^{_ROLES}$",
        rf"^(?P<both>{_NODE})$",
    )
)


@cache
def nodes_of(detail: str | None) -> tuple[str | None, str | None]:
    """(source, dest) of a detail such as `node2`, `a -> b`, `Promoted a`, `Unpromoted -> Promoted b`."""
    text = re.sub(r" ?\(resource: [^)]*\)", "", " ".join((detail or "").split()))
    for form in _FORMS:
        found = form.match(text)
        if found:
            groups = found.groupdict()
            both = groups.get("both")
            return (groups.get("source") or both, groups.get("dest") or both)
    return None, None
