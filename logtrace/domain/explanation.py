"""What a label means, what proves it, what disproves it, and how it is fixed: declared beside what makes the label."""

from __future__ import annotations

from msgspec import Struct


class Explanation(Struct, frozen=True):
    """Plain sentences, no markup. `line` says it in one."""

    label: str
    line: str
    means: str
    proves: str
    disproves: str
    fix: str

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """(heading, text), in the order to be read."""
        return (
            ("What it means", self.means),
            ("What proves it", self.proves),
            ("What disproves it", self.disproves),
            ("How it is fixed", self.fix),
        )
