"""The loop: what a crash leaves untold is told after it, looks cost nothing in vain, and what is held has an end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from stories import CRASH, at, tell, write

from logtrace.report.scope import Options
from logtrace.watch import run as loop
from logtrace.watch import state as kept
from logtrace.watch.run import News, Watch

QUIET = "".join(
    f"{13 + hour}:{minute:02}:00.100 node2 plan {10 + 60 * hour + minute}:\n"
    f"{13 + hour}:{minute:02}:00.200 node2 done {10 + 60 * hour + minute}\n"
    for hour in range(8)
    for minute in range(0, 60, 10)
)


class Told:
    """Keeps what it is told; `broken`: it fails before it has told anything, as a pipe does that nobody reads."""

    name = "told"

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.keys: list[str] = []
        self.news: list[News] = []

    def tell(self, news: News) -> None:
        if self.broken and news.messages:
            raise BrokenPipeError
        self.news.append(news)
        self.keys += [message.key for message in news.messages]

    def again(self, lines: Sequence[str]) -> None:
        self.keys += [json.loads(line)["key"] for line in lines]

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...

    @property
    def judged(self) -> int:
        return sum(bool(news.cases) for news in self.news)


class Logs:
    """The logs of a story on disk, up to a time of the day, and a watch of them with a clock of its own."""

    def __init__(self, folder: Path, story: str) -> None:
        self.folder = folder / "logs"
        self.state = folder / "state"
        self.lines = tell(story)
        self.now = 0.0
        self.watch: Watch | None = None

    def write(self, clock: str) -> None:
        for name, text in write([line for line in self.lines if line.time <= at(clock)]).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a") as file:
                file.write(text[path.stat().st_size :])

    def start(self, told: Told, *, everything: bool = False) -> Watch:
        self.watch = Watch(
            [str(self.folder)],
            [told],
            pytest.fail,
            options=Options(year=2026),
            state=self.state,
            everything=everything,
            clock=lambda: self.now,
        )
        return self.watch

    def look(self, clock: str, seconds: float = 1.0) -> float:
        assert self.watch is not None
        self.write(clock)
        self.now += seconds
        return self.watch.round()


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Logs]:
    made = Logs(tmp_path, CRASH + QUIET)
    made.write("12:04:00")
    yield made
    if made.watch is not None:
        made.watch.close()


def test_what_could_not_be_told_is_told_after_the_next_start(logs: Logs) -> None:
    broken = logs.start(Told(broken=True))
    logs.look("12:04:00")
    with pytest.raises(BrokenPipeError):
        logs.look("12:06:00")
    broken.close()
    told = Told()
    logs.start(told)
    assert [key.partition(".")[2] for key in told.keys] == ["1", "2"]
    logs.look("12:06:00")
    logs.look("12:30:00", 600)
    assert len(told.keys) == 2
    assert kept.load(logs.state).pending == {"told": []}  # type: ignore[union-attr]


def test_what_was_over_before_is_told_only_if_that_is_asked(logs: Logs) -> None:
    logs.write("12:30:00")
    told = Told()
    logs.start(told)
    logs.look("12:30:00")
    assert told.keys == []
    logs.watch.close()  # type: ignore[union-attr]
    logs.state.unlink()
    logs.start(told, everything=True)
    logs.look("12:30:00")
    assert len(told.keys) == 2


def test_nothing_is_judged_where_nothing_came_or_only_routine(tmp_path: Path) -> None:
    logs = Logs(tmp_path, "12:00:01.000 node1 db monitor 10s: ok\n" + QUIET)
    logs.write("12:04:00")
    told = Told()
    watch = logs.start(told)
    logs.look("12:04:00")
    for _ in range(20):
        logs.look("12:04:00")
    assert told.judged == 1
    for minute in range(10, 60, 10):
        logs.look(f"13:{minute}:00.5", 10)
    assert told.judged == 1
    logs.look("14:00:00.5", 600)
    assert told.judged == 2
    watch.close()


def test_an_open_incident_is_looked_at_more_often_than_none(logs: Logs) -> None:
    logs.start(Told())
    idle = logs.look("12:04:00")
    still = logs.look("12:05:10.21")
    assert still == pytest.approx(loop._LEAST, abs=9.0)
    assert idle <= loop._MOST


def test_what_is_held_has_an_end_and_reading_begins_where_it_does(logs: Logs) -> None:
    told = Told()
    watch = logs.start(told)
    logs.look("12:06:00")
    for hour in range(13, 21):
        logs.look(f"{hour}:59:00", 3600)
    (oldest,) = watch.window.told["sched.done"][0]["local"].dt.hour().sort().head(1)
    assert oldest >= 17
    watch.close()
    places = kept.load(logs.state).places.values()  # type: ignore[union-attr]
    assert max(place.offset for place in places) > 1000
    assert max(place.line for place in places) > 100
    again = Told()
    other = logs.start(again)
    logs.look("20:59:00")
    assert again.keys == []
    assert other.window.events <= watch.window.events * 2
    assert max(held.places[0][1] for held in other.window.held.values()) > 100


def test_an_incident_is_not_cut_in_two_by_what_is_let_go(tmp_path: Path) -> None:
    """It is open for longer than is held else."""
    blocked = CRASH.replace("12:05:10.400 node1 db stop in 0.1s: ok", "12:05:30.400 node1 db stop in 20s: Timed Out")
    blocked = "\n".join(line for line in blocked.splitlines() if " start in 1s" not in line and "done 7" not in line)
    logs = Logs(tmp_path, blocked + "\n12:05:31.000 node2 done 7\n" + QUIET)
    logs.write("12:04:00")
    told = Told()
    watch = logs.start(told)
    logs.look("12:04:00")
    for hour in range(12, 21):
        logs.look(f"{hour}:59:00", 3600)
    whats = [message.what.value for news in told.news for message in news.messages]
    assert whats[0] == "opened"
    assert "withdrawn" not in whats
    assert watch.window.told["op.result"][0]["local"].dt.hour().min() == 12
    watch.close()


def test_rotated_logs_are_forgotten_when_they_are_gone(logs: Logs) -> None:
    watch = logs.start(Told())
    logs.look("12:06:00")
    for hour in range(13, 21):
        for path in logs.folder.glob("*/*.log"):
            path.rename(f"{path}.1")
            path.write_text(path.with_name(f"{path.name}.1").read_text()[:0])
        logs.lines = [line for line in logs.lines if line.time > at(f"{hour - 1}:59:00")]
        logs.look(f"{hour}:59:00", 3600)
    assert len(watch._follower.tails) < 8
    saved = kept.load(logs.state)
    assert saved is not None
    assert set(saved.places) <= {tail.number for tail in saved.tails}
