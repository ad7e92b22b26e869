"""One weakness of the configuration, as it is told."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

Severity = Literal["error", "warning", "info"]

#: From worst to mildest.
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")


class Finding(Struct, frozen=True):
    """A weakness of the configuration, found without any incident. `label` is the code of its check."""

    label: Annotated[str, Meta(description="Kind of weakness.")]
    severity: Annotated[str, Meta(description="How bad.", extra_json_schema={"enum": ["error", "warning", "info"]})]
    subject: Annotated[str, Meta(description="What it is about.")]
    sentence: Annotated[str, Meta(description="What is wrong.")]
    commands: Annotated[
        dict[str, str], Meta(description="The change as a command, by tool: crm for crmsh, pcs for pcs.")
    ] = field(default_factory=dict)
    evidence: Annotated[tuple[str, ...], Meta(description="Where it is seen.")] = ()
