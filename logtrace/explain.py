"""What a cause or a finding means, what proves it, what disproves it, and how it is fixed.

One entry for each label of `logtrace.causes` (texts in reports/explain) and each check of `logtrace.lint` (beside its
judge), told by `logtrace explain` and by every renderer in the same words.
"""

from __future__ import annotations

import tomllib
from functools import cache

from logtrace.data import folder
from logtrace.domain.explanation import Explanation
from logtrace.lint import CHECKS

__all__ = ["Explanation", "entries", "of"]


def of(label: str) -> Explanation | None:
    """The entry of a label or code; None where there is none."""
    return _entries().get(label)


def entries() -> tuple[Explanation, ...]:
    """Every entry: causes first, then the configuration's weaknesses."""
    return tuple(_entries().values())


@cache
def _entries() -> dict[str, Explanation]:
    with (folder("reports") / "explain" / "causes.toml").open("rb") as file:
        causes = {
            label: Explanation(label, **{part: " ".join(text.split()) for part, text in parts.items()})
            for label, parts in tomllib.load(file).items()
        }
    return causes | {check.code: check.explanation for check in CHECKS}
