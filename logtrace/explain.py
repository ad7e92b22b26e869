"""What a cause or a finding means, what proves it, what disproves it, and how it is fixed: texts in reports/explain.

One entry for each label of `logtrace.causes` and each code of `logtrace.lint`, told by `logtrace explain` and by
every renderer in the same words.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Final

from msgspec import Struct

from logtrace.data import folder

#: Files of the folder, in the order in which their entries are listed.
FILES: Final = ("causes.toml", "findings.toml")


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
    found = {}
    for name in FILES:
        with (folder("reports") / "explain" / name).open("rb") as file:
            for label, parts in tomllib.load(file).items():
                found[label] = Explanation(label, **{part: " ".join(text.split()) for part, text in parts.items()})
    return found
