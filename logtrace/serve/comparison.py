"""The process that lays two cases beside each other: `python -m logtrace.serve.comparison`, see `bounded`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from logtrace.serve.bounded import begin

PAGE: Final = "comparison.html"


class Order(Struct, frozen=True):
    """Two cases as `analysis` kept them, their names, and where the page goes."""

    first: str
    second: str
    first_name: str
    second_name: str
    into: str


def main() -> None:
    """Writes the page of the two."""
    order = begin(Order)
    from logtrace.cache import values_of
    from logtrace.compare import Side, choose, compare
    from logtrace.render import comparison

    before, after = (values_of(Path(each).read_bytes()) for each in (order.first, order.second))
    one, other = choose(before, after, (None, None))
    made = compare(Side(order.first_name, before, one), Side(order.second_name, after, other))
    Path(order.into).write_text(comparison.page(made), encoding="utf-8", errors="backslashreplace")
    os._exit(0)


if __name__ == "__main__":
    main()
