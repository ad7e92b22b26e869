"""One weakness of the configuration, as it is told."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct, field

Severity = Literal["error", "warning", "info"]

#: From worst to mildest.
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")


class Finding(Struct, frozen=True):
    """A weakness of the configuration, found without any incident. `label` is the code of its check."""

    label: str
    severity: str
    subject: str
    sentence: str
    commands: dict[str, str] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
