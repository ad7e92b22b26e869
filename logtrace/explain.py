"""What a cause or a finding means, what proves it, what disproves it, and how it is fixed.

A cause's declaration explains it, and so does each check of `logtrace.lint`. `logtrace explain` and every renderer tell
them in the same words.
"""

from __future__ import annotations

from functools import cache

from logtrace.causes import CAUSES
from logtrace.domain.explanation import Explanation
from logtrace.lint import CHECKS

__all__ = ["Explanation", "entries", "of"]


def of(label: str) -> Explanation | None:
    """The entry of a label or code; None where there is none."""
    return _entries().get(label)


def entries() -> tuple[Explanation, ...]:
    """Every entry: causes first, then the configuration's weaknesses."""
    return tuple(_entries().values())


_PARTS = ("line", "means", "proves", "disproves", "fix")


@cache
def _entries() -> dict[str, Explanation]:
    causes = {
        label: Explanation(
            label,
            **{
                part: " ".join(getattr(cause, part).split()) for part in ("line", "means", "proves", "disproves", "fix")
            },
        )
        for label, cause in CAUSES.items()
    }
    return causes | {check.code: check.explanation for check in CHECKS}
