"""The process that takes cases out of the store: `python -m logtrace.serve.leaving`, see `bounded`."""

from __future__ import annotations

import os

from msgspec import Struct

from logtrace.serve.bounded import begin


class Order(Struct, frozen=True):
    """The path or address of the store, and the tickets that leave it."""

    store: str
    tickets: tuple[str, ...]


def main() -> None:
    """Removes them."""
    order = begin(Order)
    from logtrace.fleet.removal import remove
    from logtrace.fleet.store import Store

    remove(Store.at(order.store), order.tickets)
    os._exit(0)


if __name__ == "__main__":
    main()
