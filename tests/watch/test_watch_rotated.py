"""An incident of a log that was rotated is none of an earlier one's, though it stands in the same lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from stories import CRASH, tell, write

from logtrace.report.scope import Options
from logtrace.watch.run import News, Watch


class Whats:
    """Notes what is told, of which incident."""

    name = "whats"

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def tell(self, news: News) -> None:
        self.told += [(message.incident_id, message.what.value) for message in news.messages]

    def again(self, lines: Sequence[str]) -> None: ...

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...


def test_the_same_lines_of_the_next_log_are_another_incident(tmp_path: Path) -> None:
    logs, told, now = tmp_path / "logs", Whats(), [0.0]
    day = write(
        tell(CRASH + "17:59:00 node1 mail start in 1s: ok\n18:00:00.100 node2 plan 10:\n18:00:00.200 node2 done 10\n")
    )
    for name in day:
        (logs / name).parent.mkdir(parents=True, exist_ok=True)
        (logs / name).write_text("")
    watch = Watch([str(logs)], [told], pytest.fail, options=Options(year=2026), everything=True, clock=lambda: now[0])
    for date in ("Nov 22", "Nov 23"):
        for name, text in day.items():
            (logs / name).rename(logs / f"{name}.1")
            (logs / name).write_text(text.replace("Nov 22", date))
        for _ in range(3):
            now[0] += 600
            watch.round()
    watch.close()
    assert [what for _, what in told.told] == ["opened", "closed"] * 2
    assert len({name for name, _ in told.told}) == 2
