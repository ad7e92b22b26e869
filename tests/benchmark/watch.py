"""What it costs to watch three busy nodes: `python tests/benchmark/watch.py idle|week|lag [--hours N]`.

idle: CPU per hour of a log in which nothing happens, fed in simulated time as fast as the looks ask for it.
week: memory at the end of a simulated week over memory after its first hour, in which a crash was told already, and
      over memory after four, when what is held is complete; a crash every six hours, each told once.
lag:  10,000 lines a second, written in real time by a thread: how old a line is when it has been judged, and how long
      after the last line of a crash its verdict is told.

Each node writes pacemaker.log as pacemaker_logs.py has it, and ten lines a second of others into `messages`.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0")  # as the command has it

import pacemaker_logs as logs

from logtrace.intake import memory
from logtrace.watch.run import News, Watch

OTHERS = 10  # lines a second and node
NOISE = "%s %s haproxy[811]: 10.0.0.7:51%03d [x] public~ nova/ctl%d 0/0/1/%d/5 200 411 - - ---- 9/9/1/0/0 0/0\n"
HOUR = 3600
FULL = 4  # hours after which as much is held as ever will be


class Collected:
    """An output that counts what it is told, and keeps none of it."""

    name = "collected"

    def __init__(self) -> None:
        self.what: Counter[str] = Counter()

    def tell(self, news: News) -> None:
        self.what.update(message.what.value for message in news.messages)

    def again(self, lines: Sequence[str]) -> None: ...

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...


class Cluster:
    """Three nodes that log; `every`: minutes between crashes, 0 for none."""

    def __init__(self, folder: Path, every: int) -> None:
        self.folder = folder
        self.every = every
        self.failures = 0
        self.lines = 0
        self._quiet = {node: logs.template(node, logs.quiet_minute(node)) for node in logs.NODES}
        self._crash = {node: logs.template(node, logs.crash_minute(node)) for node in logs.NODES}
        self._second = 0
        self._minute: dict[str, list[list[str]]] = {}
        for node in logs.NODES:
            (folder / node).mkdir(parents=True)

    def log(self, until: int) -> None:
        """Write what is logged up to a second of the simulation."""
        out: dict[Path, list[str]] = {}
        while self._second < until:
            minute, second = divmod(self._second, 60)
            if second == 0:
                self._minute = {node: self._of_minute(node, minute) for node in logs.NODES}
            stamp = logs.stamp(logs.START + self._second)
            for node in logs.NODES:
                out.setdefault(self.folder / node / "pacemaker.log", []).extend(self._minute[node][second])
                noise = (NOISE % (stamp, node, number, number % 3, self._second % 7) for number in range(OTHERS))
                out.setdefault(self.folder / node / "messages", []).extend(noise)
            self._second += 1
        for path, lines in out.items():
            self.lines += len(lines)
            with path.open("a") as file:
                file.writelines(lines)

    def _of_minute(self, node: str, minute: int) -> list[list[str]]:
        text = self._quiet[node] % logs.values(minute, minute + self.failures, self.failures)
        if self.every and minute % self.every == self.every // 12:
            self.failures += node == logs.NODES[0]
            text += self._crash[node] % logs.values(minute, minute + self.failures, self.failures)
        seconds: list[list[str]] = [[] for _ in range(60)]
        for line in sorted(text.splitlines(keepends=True)):
            seconds[int(line[13:15])].append(line)
        return seconds

    def rotate(self) -> None:
        """As logrotate does once a day, which keeps one old log."""
        for path in self.folder.glob("*/*"):
            if not path.name.endswith(".1"):
                path.rename(f"{path}.1")


class Simulation:
    """A watch of a cluster in simulated time."""

    def __init__(self, folder: Path, every: int) -> None:
        self.cluster = Cluster(folder / "logs", every)
        self.told = Collected()
        self.now = 0.0
        self.cluster.log(60)
        self.watch = Watch([str(folder / "logs")], [self.told], print, state=folder / "state", clock=lambda: self.now)

    def run(self, hours: float, step: float | None) -> Iterator[None]:
        """Look after look; `step`: seconds between them, None: as the watch asks for."""
        while self.now < hours * HOUR:
            self.now += max(self.watch.round(), step or 0.0)
            self.cluster.log(60 + int(self.now))
            yield


def idle(folder: Path, hours: float) -> None:
    simulation = Simulation(folder, 0)
    simulation.watch.round()
    began, looks = _cpu(), 0
    written = 0.0
    for _ in simulation.run(hours, None):
        looks += 1
    with_writer = _cpu() - began
    again = Cluster(folder / "again", 0)
    began = _cpu()
    for second in range(0, int(hours * HOUR), 3):
        again.log(second)
    written = _cpu() - began
    used = with_writer - written
    print(
        f"{simulation.cluster.lines / hours:,.0f} lines an hour, {looks / hours:,.0f} looks: "
        f"{used / hours:.1f} s of CPU an hour, {100 * used / hours / HOUR:.2f} % of a core; "
        f"told {dict(simulation.told.what)}"
    )


def week(folder: Path, hours: float, step: float) -> None:
    simulation = Simulation(folder, 360)
    marks = [1, FULL, *range(12, int(hours), 12)]
    taken: list[int] = []
    day = 0
    for _ in simulation.run(hours, step):
        if marks and simulation.now >= marks[0] * HOUR:
            del marks[0]
            taken.append(memory.used() or 0)
            print(
                f"{simulation.now / HOUR:5.1f} h: {taken[-1] / 1e6:.1f} MB, {simulation.watch.window.events:,} events "
                f"held, {_cpu():.0f} s of CPU, told {dict(simulation.told.what)}",
                flush=True,
            )
        if simulation.now >= (day + 1) * 24 * HOUR:
            day += 1
            simulation.cluster.rotate()
    last = memory.used() or 0
    print(
        f"{taken[0] / 1e6:.1f} MB after an hour, {taken[1] / 1e6:.1f} after {FULL}, {last / 1e6:.1f} after {hours:g}, "
        f"at most {max(taken) / 1e6:.1f}: {last / taken[0]:.3f} of the first; {simulation.cluster.lines:,} lines, "
        f"{simulation.cluster.failures} crashes, told {dict(simulation.told.what)}, {_cpu():.0f} s of CPU"
    )


def lag(folder: Path, seconds: float, rate: int) -> None:
    """Lines are written ten times a second; the oldest of those that a look judged tells its lag. In the middle all
    that is logged of a crash and its recovery is written at once.
    """
    cluster = Cluster(folder / "logs", 1)
    cluster.log(120)
    told = Collected()
    watch = Watch([str(folder / "logs")], [told], print)
    watch.round()
    pieces: list[tuple[float, int]] = []
    crashed: list[float] = []
    verdict = 0.0
    end = threading.Event()
    path = folder / "logs" / logs.NODES[0] / "messages"
    text = "".join(NOISE % (logs.stamp(logs.START + 120), "node1", number % 999, 1, 1) for number in range(rate // 10))

    def write() -> None:
        number, began = 0, time.monotonic()
        while not end.is_set():
            with path.open("a") as file:
                file.write(text)
            pieces.append((time.monotonic(), number := number + rate // 10))
            if not crashed and time.monotonic() - began > seconds / 2:
                cluster.log(180)
                crashed.append(time.monotonic())
            end.wait(max(0.0, began + len(pieces) / 10 - time.monotonic()))

    before = watch.window.lines
    thread = threading.Thread(target=write)
    thread.start()
    began, cpu, lags, taken = time.monotonic(), _cpu(), [], 0
    while time.monotonic() - began < seconds:
        pause = watch.round()
        if not verdict and told.what["closed"]:
            verdict = time.monotonic() - crashed[0]
        done, read = time.monotonic(), watch.window.lines - before
        oldest = next((at for at, lines in pieces if lines > taken), done)
        lags.append(done - oldest)
        taken = read
        time.sleep(pause)
    end.set()
    thread.join()
    lags.sort()
    print(
        f"{taken / (time.monotonic() - began):,.0f} lines a second, {len(lags)} looks: lag median "
        f"{lags[len(lags) // 2]:.2f} s, at most {lags[-1]:.2f} s; verdict on a crash after {verdict:.2f} s; "
        f"{100 * (_cpu() - cpu) / seconds:.1f} % of a core, the writer's included"
    )


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("idle", "week", "lag"))
    parser.add_argument("--hours", type=float, default=0.0, help="simulated hours; else 1, and 168 for week")
    parser.add_argument("--step", type=float, default=600.0, help="week: simulated seconds between looks at least")
    parser.add_argument("--seconds", type=float, default=30.0, help="lag: how long lines are written")
    parser.add_argument("--rate", type=int, default=10_000, help="lag: lines a second")
    asked = parser.parse_args()
    gc.set_threshold(10_000)  # likewise
    with tempfile.TemporaryDirectory() as folder:
        if asked.what == "idle":
            idle(Path(folder), asked.hours or 1)
        elif asked.what == "week":
            week(Path(folder), asked.hours or 168, asked.step)
        else:
            lag(Path(folder), asked.seconds, asked.rate)


if __name__ == "__main__":
    main()
