"""The table of parsers/README.md that says what is understood of which release, made from the catalogue.

    python tests/coverage_table.py

writes it between its marks; `make coverage` does the same.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from logtrace import catalogue
from logtrace.catalogue.releases import table

DOCUMENT: Final = Path(__file__).resolve().parents[1] / "parsers" / "README.md"
_MARKED: Final = re.compile(r"(?<=<!-- begin: coverage -->\n).*?(?=<!-- end: coverage -->)", re.DOTALL)


def brought_up_to_date(text: str) -> str:
    """The document with the table of the catalogue as it is now."""
    assert _MARKED.search(text), "the marks are gone"
    return _MARKED.sub(lambda _: table(catalogue.load()), text)


if __name__ == "__main__":
    DOCUMENT.write_text(brought_up_to_date(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
