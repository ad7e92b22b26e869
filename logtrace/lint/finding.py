"""One weakness of the configuration, as it is told."""

from __future__ import annotations

from msgspec import Struct, field


class Finding(Struct, frozen=True):
    """A weakness of the configuration, found without any incident."""

    label: str
    severity: str
    subject: str
    sentence: str
    commands: dict[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
