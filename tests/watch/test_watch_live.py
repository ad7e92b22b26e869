"""The view in a terminal: what is open first, in as many columns as there are, and nothing of a log alive in it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from rich.console import Console
from stories import CRASH
from told import Growing

from logtrace.watch import messages
from logtrace.watch.outputs.live import Live
from logtrace.watch.run import News


@pytest.fixture
def told() -> Iterator[list[messages.Message]]:
    """A crash that opened and closed."""
    story = Growing(CRASH)
    yield story.until("12:05:10.21") + story.until("12:05:12")
    story.close()


def seen(live: Live, width: int = 80) -> list[str]:
    console = Console(width=width, file=io.StringIO(), color_system=None)
    console.print(live.view())
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def viewer() -> Live:
    return Live(Console(file=io.StringIO(), force_terminal=False))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_what_is_open_and_what_was_the_matter(told: list[messages.Message], width: int) -> None:
    live = viewer()
    live.tell(News(told[:1], {}, 42, 0, 0.1))
    lines = seen(live, width)
    assert lines[0].startswith("1 open, 42 lines read")
    assert any(line.startswith("OPEN  service crash, 12:05:10, for ") for line in lines)
    live.tell(News(told[1:], {}, 50, 0, 0.1))
    lines = seen(live, width)
    live.close()
    assert lines[0].startswith("nothing is open, 50 lines read")
    text = " ".join(" ".join(lines).split())
    assert "closed service crash, 12:05:10, down for 1.5" in text
    assert "db was found not running on node1; it was restarted there." in text
    assert "start 1.0 s" in text
    assert all(len(line) <= width for line in lines)


def test_of_what_is_over_the_last_are_shown_and_held(told: list[messages.Message]) -> None:
    live = viewer()
    closed = messages.to_dict(told[1])
    for number in range(30):
        live.again([json.dumps(closed | {"incident_id": f"x{number}", "title": f"number {number} \x1b[2J"})])
    live.tell(News(told[:1], {}, 42, 0, 0.1))
    lines = seen(live)
    live.close()
    assert [line.split()[1] for line in lines if "number " in line] == [str(number) for number in range(29, 21, -1)]
    assert len(live._messages) == 9
    assert all(line.isprintable() for line in lines)
