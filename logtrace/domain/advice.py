"""One change that would have helped."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field


class Advice(Struct, frozen=True):
    """A change that would have helped."""

    label: Annotated[str, Meta(description="Kind of change.")]
    sentence: Annotated[str, Meta(description="What to change.")]
    commands: Annotated[
        dict[str, str], Meta(description="The change as a command, by tool: crm for crmsh, pcs for pcs.")
    ] = field(default_factory=dict)
    files: Annotated[tuple[str, ...], Meta(description="Files to change.")] = ()
    saves: Annotated[float | None, Meta(description="Seconds it would have saved in this incident.")] = None
    saves_basis: Annotated[str, Meta(description="How that was computed.")] = ""
    risk: Annotated[str, Meta(description="What to mind.")] = ""
