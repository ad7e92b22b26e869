"""A service that something else starts as well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from logtrace.advice.situation import Situation
from logtrace.chains.triggers import MultiplyActive
from logtrace.config.commands import meta, unit
from logtrace.config.query import base_name, primitive_of
from logtrace.domain.advice import Advice

#: multiple-active=stop_unexpected exists since this release.
_STOP_UNEXPECTED = (2, 1, 4)


def advise(situation: Situation) -> Iterator[Advice]:
    """Keep the init system's hands off; let the expected copy run on."""
    found = situation.one.triggers(MultiplyActive)
    if not situation.is_headline("multiple_active") or not found or found[0].resource is None:
        return
    name = base_name(found[0].resource)
    primitive = primitive_of(situation.config, name)
    started = unit(primitive)
    saves, basis = situation.all_of_it("with one copy only, none had to be stopped")
    yield Advice(
        "one_starter",
        f"Let the cluster alone start {name}: on every node `systemctl disable --now {started}`"
        if started is not None
        else f"Let the cluster alone start {name}: disable the unit or init script that starts the same program at "
        "boot (systemctl disable), and nobody starts it by hand",
        files=(f"/etc/systemd/system/multi-user.target.wants/{started}.service",) if started is not None else (),
        saves=saves,
        saves_basis=basis,
        risk="none: the cluster starts it",
    )
    release = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", situation.config.pacemaker or "")
    version = tuple(int(part or 0) for part in release.groups()) if release else ()
    if primitive is not None and version >= _STOP_UNEXPECTED:
        yield Advice(
            "stop_unexpected",
            f"Let the expected copy of {name} run on when another is found (multiple-active=stop_unexpected)",
            meta(primitive.id, multiple_active="stop_unexpected"),
            saves=saves,
            saves_basis=basis,
            risk="only for services whose running copy takes no harm from the other one; never for shared storage",
        )
