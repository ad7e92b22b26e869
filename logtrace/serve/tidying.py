"""The process that puts the small files of the store together: `python -m logtrace.serve.tidying`, see `bounded`.

Each case that is finished adds files of its own, and opening a file takes as long as reading thousands of rows.
"""

from __future__ import annotations

import os
from typing import Final

from msgspec import Struct

from logtrace.serve.bounded import begin

#: Cases of a batch that is not written anew for every few cases that come after it.
_FULL: Final = 256


class Order(Struct, frozen=True):
    """The path or address of the store."""

    store: str


def main() -> None:
    """Puts together what is worth it."""
    order = begin(Order)
    from logtrace.fleet.compact import MANY, compact, crowded
    from logtrace.fleet.store import Store

    store = Store.at(order.store)
    if crowded(store.read(), below=_FULL):
        compact(store, least=MANY, below=_FULL)
    os._exit(0)


if __name__ == "__main__":
    main()
