"""One change that would have helped."""

from __future__ import annotations

from msgspec import Struct, field


class Advice(Struct, frozen=True):
    """A change. `commands`: {"crm": ..., "pcs": ...}; `saves`: seconds in this incident, computed as `saves_basis`."""

    label: str
    sentence: str
    commands: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    saves: float | None = None
    saves_basis: str = ""
    risk: str = ""
