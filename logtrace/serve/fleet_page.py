"""The process that tells what all cases say together: `python -m logtrace.serve.fleet_page`, see `bounded`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from msgspec import Struct

from logtrace.serve.bounded import begin

PAGE: Final = "fleet.html"


class Order(Struct, frozen=True):
    """The path or address of the store, where the page goes, and the path below which the server has cases of it."""

    store: str
    into: str
    cases: str


def main() -> None:
    """Writes the page, as `logtrace fleet report` does."""
    order = begin(Order)
    from logtrace.fleet.statistics.report import report
    from logtrace.fleet.statistics.values import Wanted
    from logtrace.fleet.store import Store
    from logtrace.render.fleet import page

    told = Store.at(order.store).asked(lambda tables: report(tables, Wanted()))
    Path(order.into).write_text(page(told, cases=order.cases), encoding="utf-8", errors="backslashreplace")
    os._exit(0)


if __name__ == "__main__":
    main()
