"""How `logtrace serve` bears a crowd: clients that upload archives of the corpus at once, and readers meanwhile.

    python tests/benchmark/serve_load.py --uploads 200 --clients 20 --workers 2

Prints what the answers to uploads and to the list took, cases per minute, seconds of CPU for each, and the most memory
of the web process, a worker and an analysis. Seconds on the clock are those of this machine and of what else it does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests"), str(CHECKOUT / "tests" / "serve")]

from servers import Server, server, until  # noqa: E402 - found by the path above


def archives(count: int) -> list[tuple[str, bytes]]:
    """So many archives of the corpus, each another one: what is read twice gets bytes at its end, which say nothing."""
    found = sorted((CHECKOUT / "tests" / "corpus").glob("*/crm_report*.tar.*"))
    several = islice(cycle(found), count)
    return [(path.name, path.read_bytes() + bytes(1 + number // len(found))) for number, path in enumerate(several)]


class Memory(threading.Thread):
    """The most each kind of process holds, in MB, as far as a look every tenth of a second tells."""

    def __init__(self, web: int) -> None:
        super().__init__(daemon=True)
        self._web = web
        self._over = threading.Event()
        self.most = {"web": 0.0, "worker": 0.0, "analysis": 0.0}

    def run(self) -> None:
        while not self._over.wait(0.1):
            self._look("web", self._web)
            for worker in children(self._web):
                self._look("worker", worker)
                for child in children(worker):
                    self._look("analysis", child)

    def _look(self, kind: str, process: int) -> None:
        try:
            held = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 / 1e6
        except (OSError, IndexError):
            return
        self.most[kind] = max(self.most[kind], held)

    def end(self) -> None:
        self._over.set()
        self.join()


def children(process: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def cpu(process: int) -> float:
    """Seconds of CPU that a process and its workers have used, and all that these have seen the end of."""
    ticks = 0
    for each in (process, *children(process)):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / 100


def told(name: str, seconds: list[float]) -> str:
    return (
        f"{name}: median {median(seconds):.3f} s, p95 {quantiles(seconds, n=20)[-1]:.3f} s, most {max(seconds):.3f} s"
    )


def load(running: Server, count: int, clients: int) -> None:
    """Uploads, readers beside them, and then what is left of the queue."""
    work = archives(count)
    uploads: list[float] = []
    reads: list[float] = []
    jobs: list[str] = []

    def upload(each: tuple[str, bytes]) -> None:
        began = time.monotonic()
        answer = running.upload(each)
        uploads.append(time.monotonic() - began)
        assert answer.status == 202, answer.text
        jobs.append(answer.json["id"])
        began = time.monotonic()
        assert running.get("/").status == 200
        reads.append(time.monotonic() - began)

    memory = Memory(running.process.pid)
    memory.start()
    began, used = time.monotonic(), cpu(running.process.pid)
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(upload, work))
    accepted = time.monotonic() - began
    assert len(set(jobs)) == count
    print(f"{count} uploads by {clients} clients, accepted in {accepted:.1f} s")
    print(told("answer to an upload", uploads))
    print(told("answer with the list", reads))
    print(f"CPU for each until then: {(cpu(running.process.pid) - used) / count:.2f} s", flush=True)

    def left() -> list[str]:
        return [job for job in jobs if running.get(f"/api/jobs/{job}").json["state"] in ("queued", "running")]

    until(lambda: (time.sleep(2), not left())[1], seconds=3600)
    over = time.monotonic() - began
    memory.end()
    states = [running.get(f"/api/jobs/{job}").json["state"] for job in jobs]
    ends = f"{states.count('done')} done, {states.count('failed')} failed"
    print(f"analysed in {over:.1f} s, {60 * count / over:.0f} a minute: {ends}")
    print(f"CPU for each: {(cpu(running.process.pid) - used) / count:.2f} s")
    print("most memory: " + ", ".join(f"{kind} {most:.0f} MB" for kind, most in memory.most.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options = ("--workers", str(asked.workers), "--rate", "100000", "--quiet")
        with server(Path(folder, "store"), *options) as running:
            load(running, asked.uploads, asked.clients)


if __name__ == "__main__":
    main()
