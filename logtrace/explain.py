"""What a cause or a finding means, what proves it, what disproves it, and how it is fixed.

A cause's declaration explains it; the weaknesses of configurations are explained in reports/explain. `logtrace explain`
and every renderer tell them in the same words.
"""

from __future__ import annotations

import tomllib
from functools import cache

from msgspec import Struct

from logtrace.causes import CAUSES
from logtrace.data import folder


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


def of(label: str) -> Explanation | None:
    """The entry of a label or code; None where there is none."""
    return _entries().get(label)


def entries() -> tuple[Explanation, ...]:
    """Every entry: causes first, then the configuration's weaknesses."""
    return tuple(_entries().values())


@cache
def _entries() -> dict[str, Explanation]:
    with (folder("reports") / "explain" / "findings.toml").open("rb") as file:
        weaknesses = tomllib.load(file)
    causes = {
        label: {part: getattr(cause, part) for part in ("line", "means", "proves", "disproves", "fix")}
        for label, cause in CAUSES.items()
    }
    return {
        label: Explanation(label, **{part: " ".join(text.split()) for part, text in parts.items()})
        for label, parts in (*causes.items(), *weaknesses.items())
    }
