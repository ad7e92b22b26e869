"""What a terminal shows: what is open, what closed of late, and that somebody is looking."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.live import Live as Screen
from rich.table import Table
from rich.text import Text

from logtrace.render import words
from logtrace.render.untrusted import shown
from logtrace.watch.messages import to_dict
from logtrace.watch.run import News

#: Rows of what is over; the terminal's own height bounds the rest.
_OVER: Final = 8

_STYLES: Final = {"fault": "bold red", "spurious": "bold yellow"}


class Live:
    """The view renews itself every second, so that what is open grows older while it is looked at."""

    name = "--format live"

    def __init__(self, console: Console) -> None:
        self._messages: dict[str, dict[str, Any]] = {}
        self._news: News | None = None
        self._looked = time.monotonic()
        self._screen = Screen(get_renderable=self.view, console=console, refresh_per_second=1, transient=False)
        self._screen.start()

    def tell(self, news: News) -> None:
        for message in news.messages:
            self._take(to_dict(message))
        self._news, self._looked = news, time.monotonic()

    def again(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._take(json.loads(line))

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None:
        self._screen.stop()

    def _take(self, message: dict[str, Any]) -> None:
        self._messages.pop(message["incident_id"], None)
        self._messages[message["incident_id"]] = message  # the newest stands last

    def view(self) -> RenderableType:
        """All of it, at this moment."""
        over = [each for each in self._messages.values() if each["what"] in ("closed", "withdrawn")]
        still = [each for each in self._messages.values() if each not in over]
        table = Table(box=None, pad_edge=False, show_header=False, expand=True)
        table.add_column(width=9)
        table.add_column(width=10)
        table.add_column(ratio=1)
        for message in [*still, *reversed(over[-_OVER:])]:
            self._row(table, message, still=message in still)
        status = "reading the logs"
        if self._news is not None:
            ago = max(0, round(time.monotonic() - self._looked))
            status = f"{self._news.lines:,} lines read, last looked {ago} s ago, {len(still)} open"
        return Group(table, Text(status, "dim"))

    def _row(self, table: Table, message: dict[str, Any], *, still: bool) -> None:
        incident = message["incident"] or {}
        lasted = incident.get("outage")
        if still and (since := incident.get("t_fault") or incident.get("t_detected")):
            lasted = max(0.0, (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds())
        style = _STYLES.get(incident.get("kind", ""), "") if still else "dim"
        cause = f"{words.label(incident['root_cause'])}: " if incident else ""
        table.add_row(
            Text(message["what"], style),
            Text(words.duration(lasted) if lasted is not None else ""),
            Text(f"{cause}{shown(message['title'], 400)}"),
        )
