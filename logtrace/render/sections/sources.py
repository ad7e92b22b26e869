"""What was read: inputs, lines, zone and year, and what was left out."""

from __future__ import annotations

from msgspec import Struct

from logtrace.intake.evidence import Input, Skipped
from logtrace.render.limits import Some
from logtrace.render.section import Page, Section


class Sources(Struct, frozen=True):
    inputs: tuple[Input, ...]
    inputs_some: Some
    skipped: tuple[Skipped, ...]
    skipped_some: Some


def _values(page: Page) -> Sources:
    most, inputs, skipped = page.limits.rows, page.case.inputs, page.case.coverage.skipped
    return Sources(
        inputs[:most],
        Some(min(most, len(inputs)), len(inputs)),
        skipped[:most],
        Some(min(most, len(skipped)), len(skipped)),
    )


SECTION = Section("sources", "What was read", "statistics", "sources.html", _values)
