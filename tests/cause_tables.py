"""The tables of ARCHITECTURE.md that show the causes and the weights of confidence, made from the declarations.

    python tests/cause_tables.py

writes them between their marks; `make documents` does the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from logtrace import causes
from logtrace.causes.confidence import Doubt, Strength
from logtrace.causes.declaration import Beginning

DOCUMENT: Final = Path(__file__).resolve().parents[1] / "ARCHITECTURE.md"


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(header)
    lines = [columns, ["---"] * len(columns), *(list(row) for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _beginning(one: Beginning) -> str:
    of = f" ({', '.join(one.operations)})" if one.operations else ""
    rcs = f" rc {', '.join(map(str, one.rcs))}" if one.rcs else ""
    but = f" not rc {', '.join(map(str, one.but))}" if one.but else ""
    return f"`{one.trigger.__name__}`{of}{rcs}{but}"


def table_of_causes() -> str:
    """One row per cause, in order."""
    return _table(
        ("rule", "label", "in a sentence", "it is what begins with", "it may explain"),
        (
            (
                cause.tier.value,
                f"`{cause.label}`",
                cause.line.replace("|", "/"),
                "; ".join(map(_beginning, cause.begins_with)),
                "; ".join(map(_beginning, cause.explains)),
            )
            for cause in causes.CAUSES.values()
        ),
    )


def table_of_strengths() -> str:
    """What a judge may say of its own proof."""
    return _table(("strength", "of 1", "when"), ((f"`{one.name}`", f"{one.share:g}", one.means) for one in Strength))


def table_of_doubts() -> str:
    """What lowers it."""
    return _table(("doubt", "factor", "when"), ((f"`{one.name}`", f"{one.factor:g}", one.when) for one in Doubt))


TABLES: Final[dict[str, Callable[[], str]]] = {
    "causes": table_of_causes,
    "strengths": table_of_strengths,
    "doubts": table_of_doubts,
}


def brought_up_to_date(text: str) -> str:
    """The document with the tables of the declarations as they are now."""
    for name, table in TABLES.items():
        marked = re.compile(rf"(?<=<!-- begin: {name} -->\n).*?(?=<!-- end: {name} -->)", re.DOTALL)
        assert marked.search(text), f"the marks of {name} are gone"
        text = marked.sub(lambda _, table=table: table(), text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(brought_up_to_date(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
