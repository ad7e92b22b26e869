"""All carriers of lines. Few logs have any, so that these are imported where one may."""

from __future__ import annotations

from typing import Final

from logtrace.lines.carriers.block import Carrier
from logtrace.lines.carriers.breaks import BREAKS
from logtrace.lines.carriers.foreground import FOREGROUND
from logtrace.lines.carriers.marks import MARKS
from logtrace.lines.carriers.order import ORDERS
from logtrace.lines.carriers.prefixes import PREFIXES
from logtrace.lines.carriers.stamps import STAMPS
from logtrace.lines.carriers.status import STATUS
from logtrace.lines.carriers.timeless import TIMELESS_LINES

#: From the outermost to the innermost.
CARRIERS: Final[tuple[Carrier, ...]] = (
    *MARKS,
    *STATUS,
    *PREFIXES,
    *BREAKS,
    *STATUS,
    *FOREGROUND,
    *STAMPS,
    *ORDERS,
    *TIMELESS_LINES,
)
#: Those a message of a log store may have, one by one.
OF_MESSAGES: Final[tuple[Carrier, ...]] = (*MARKS, *PREFIXES, *STAMPS)
#: Those that all messages have together.
OF_ORDER: Final[tuple[Carrier, ...]] = (*ORDERS, *TIMELESS_LINES)
