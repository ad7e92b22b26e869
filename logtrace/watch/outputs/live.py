"""What a terminal shows: what is open, what closed of late, and that somebody is looking."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.live import Live as Screen
from rich.padding import Padding
from rich.text import Text

from logtrace.render import words
from logtrace.render.untrusted import shown
from logtrace.watch.messages import to_dict
from logtrace.watch.run import News

#: How many that are over are shown, and how many phases of each; the terminal's own height bounds the rest.
_OVER: Final = 8
_PHASES: Final = 3

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
        for name in [name for name, each in self._messages.items() if _is_over(each)][:-_OVER]:
            del self._messages[name]

    def view(self) -> RenderableType:
        """All of it, at this moment. What matters most stands first: a terminal shows as much as it has lines."""
        over = [each for each in self._messages.values() if _is_over(each)]
        still = [each for each in self._messages.values() if not _is_over(each)]
        several = len({each["case"] for each in self._messages.values()}) > 1
        shown_now = [*still, *reversed(over)]
        return Group(self._status(len(still)), *(_block(each, several=several) for each in shown_now))

    def _status(self, still: int) -> Text:
        """Whether anything is open, and whether somebody looks."""
        text = Text(f"{still} open" if still else "nothing is open", "bold" if still else "bold green")
        if self._news is None:
            return text.append(", reading the logs", "not bold")
        ago = max(0, round(time.monotonic() - self._looked))
        text.append(f", {self._news.lines:,} lines read, looked {ago} s ago; times are UTC", "not bold dim")
        if failures := sum(self._news.failures.values()):
            text.append(f"; {failures} times something failed", "not bold yellow")
        return text


def _is_over(message: dict[str, Any]) -> bool:
    return message["what"] in ("closed", "withdrawn")


def _block(message: dict[str, Any], *, several: bool) -> RenderableType:
    """An incident: how it stands, since when and for how long; what it is; what took the time, and what would help."""
    incident, over = message["incident"] or {}, _is_over(message)
    recovered = bool(incident.get("recovered"))
    word = message["what"] if over else "RECOVERED" if recovered else "OPEN"
    style = "dim" if over else "yellow" if recovered else _STYLES.get(incident.get("kind", ""), "bold")
    began = incident.get("t_fault") or incident.get("t_detected")
    head = Text(word, style)
    pieces: list[str] = [shown(message["case"], 40)] if several else []
    if incident:
        pieces.append(words.label(incident["root_cause"]))
    if began:
        pieces.append(f"{began[11:19]}")
    pieces.append(_lasted(incident, began, over=over or recovered))
    head.append("  " + ", ".join(piece for piece in pieces if piece), "dim" if over else "bold")
    lines = [Text(shown(message["title"], 400), "dim" if over else "")]
    if over and (phases := _longest(incident)):
        lines.append(Text(phases, "dim"))
    if (over or recovered) and (advice := incident.get("advice")):
        lines.append(Text(f"-> {shown(advice[0]['sentence'], 300)}"))
    return Group(Text(), head, *(Padding(line, (0, 0, 0, 3)) for line in lines))


def _lasted(incident: dict[str, Any], began: str | None, *, over: bool) -> str:
    if over:
        outage = incident.get("outage")
        return "" if outage is None else f"down for {words.spread(outage, incident.get('outage_max'))}"
    if began is None:
        return ""
    return f"for {words.duration(max(0.0, (datetime.now(UTC) - datetime.fromisoformat(began)).total_seconds()))}"


def _longest(incident: dict[str, Any]) -> str:
    """The phases that took the most, at most three: "stop 10.0 s, fencing 10.3 s"."""
    totals: dict[str, float] = {}
    for phase in incident.get("phases", ()):
        totals[phase["name"]] = totals.get(phase["name"], 0.0) + phase["seconds"]
    most = sorted(totals, key=lambda name: -totals[name])[:_PHASES]
    return ", ".join(
        f"{words.label(name)} {words.duration(totals[name])}" for name in most if words.worth(totals[name])
    )
