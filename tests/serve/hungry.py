"""A module for tests of what bounds a process: it takes memory, or time, or says where it runs."""

from __future__ import annotations

import os
import sys
import time

from msgspec import Struct

from logtrace.serve.bounded import begin


class Order(Struct, frozen=True):
    """`what`: memory, time, processors, or said."""

    what: str


def main() -> None:
    order = begin(Order)
    held = []
    while order.what == "memory":
        held.append(bytearray(1 << 24))
    while order.what == "processors":
        pass
    if order.what == "time":
        time.sleep(600)
    sys.stderr.write(" ".join(sorted(os.environ)))


if __name__ == "__main__":
    main()
