"""How fast logtrace reads logs, beside ripgrep counting literals in the same files.

    python tests/benchmark/bench.py --size 200M

makes logs of that size, analyses them through the command line, and prints a table. CPU seconds count all child
processes; memory is that of the largest single process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pacemaker_logs

CHECKOUT: Final = Path(__file__).resolve().parents[2]
SMALL_REPORT: Final = CHECKOUT / "samples" / "node-loss" / "crm_report.tar.bz2"
LOGTRACE: Final = (sys.executable, "-m", "logtrace")
UNITS: Final = {"K": 10**3, "M": 10**6, "G": 10**9}

#: What somebody would search such logs for, one literal per message.
NEEDLES: Final = (
    "Result of ", "Requesting local execution", "Initiating ", "Asking ", "confirmed: ", "expected '",
    "executing - rsc:", "exited with status", "could not be executed", "timed out after", "Calculated transition",
    "Leave  ",
    "Processing graph", "State transition ", ": Complete", ": Stopped", "aborted by", "Unexpected result",
    "cannot run on", "Setting fail-count", "Setting last-failure", "Setting shutdown", "Setting master-",
    "Updating failcount", "is unclean", "will be fenced", "Scheduling node", "Requesting fencing",
    "Requesting peer fencing", "wants to fence", "Delaying '", "targeting ", "was terminated", "was not terminated",
    "allegedly just fenced", "No devices found", "giving up", "A processor failed", "A new membership",
    "Failed to receive the leave message", "Token has not been received", "not scheduled", "Process pause detected",
    "has no active links", "is down", "Sync left", "Members left", "within the primary", "non-primary component",
    "state is now ", "Our DC node", "Another DC detected", "Set DC to", "Quorum lost", "terminated with signal",
    "Respawning ", "Caught 'Terminated'", "Starting Pacemaker", "is active on", "Actions: ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds on the clock and of CPU, and the largest process's memory in bytes."""

    wall: float
    cpu: float
    memory: int


def measure(command: Sequence[str], status: tuple[int, ...] = (0,)) -> Cost:
    """Run a command without its output and say what it took. Raises RuntimeError for another exit status."""
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        errors = process.stderr.read()
        _, waited, usage = os.wait4(process.pid, 0)  # unlike wait(), it tells what this child and its children used
        process.returncode = os.waitstatus_to_exitcode(waited)
    wall = time.perf_counter() - began
    if process.returncode not in status:
        words = errors.decode("utf-8", "replace").strip()[-500:]
        raise RuntimeError(f"{' '.join(command[:5])} ... ended with {process.returncode}: {words}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def big(folder: Path, size: int, faults: int, jobs: str | None) -> list[tuple[str, str]]:
    """Rows about reading `size` bytes of logs."""
    logs = pacemaker_logs.write(folder / "logs", size, faults)
    total = sum(path.stat().st_size for path in logs)
    result = folder / "case.json"
    options = ["--jobs", jobs] if jobs else []
    ours = measure(
        [*LOGTRACE, "analyze", str(folder / "logs"), "--no-html", "--json", str(result), "--quiet", *options]
    )
    case = json.loads(result.read_text())
    lines, recognised = case["coverage"]["lines"], case["coverage"]["lines_recognised"]
    found = sum(incident["kind"] != "planned" for incident in case["incidents"])
    rows = [
        ("logs", f"{total / 1e6:.0f} MB, {lines} lines, {faults} faults"),
        ("lines recognised", f"{100 * recognised / max(1, lines):.1f} % (made: about {100 * _made():.0f} %)"),
        ("faults found", f"{found} of {faults}"),
        ("speed", f"{total / 1e6 / ours.wall:.0f} MB/s"),
        ("time", f"{ours.wall:.2f} s"),
        ("CPU", f"{ours.cpu:.2f} s, {ours.cpu / (total / 1e9):.1f} s per GB"),
        ("memory", f"{ours.memory / 1e6:.0f} MB"),
    ]
    ripgrep = shutil.which("rg")
    if ripgrep is None:
        return [*rows, ("ripgrep", "skipped: rg is not installed (package ripgrep)")]
    needles = [argument for needle in NEEDLES for argument in ("-e", needle)]
    theirs = measure([ripgrep, "-cF", *needles, *map(str, logs)])
    return [
        *rows,
        ("ripgrep", f"{len(NEEDLES)} literals: {theirs.wall:.2f} s, CPU {theirs.cpu:.2f} s"),
        ("ratio to ripgrep", f"{ours.wall / theirs.wall:.1f} on the clock, {ours.cpu / theirs.cpu:.1f} of CPU"),
    ]


def small(folder: Path) -> list[tuple[str, str]]:
    """Rows about a small report with its page, and about the help text; the best of three runs."""
    page = folder / "page.html"
    command = [*LOGTRACE, "analyze", str(SMALL_REPORT), "--html", str(page), "--quiet"]
    report = min((measure(command) for _ in range(3)), key=lambda cost: cost.wall)
    asked = min((measure([*LOGTRACE, "--help"]) for _ in range(3)), key=lambda cost: cost.wall)
    archive = SMALL_REPORT.stat().st_size
    return [
        (
            "small report",
            f"{archive / 1e3:.0f} kB archive to a {page.stat().st_size / 1e6:.1f} MB page in {report.wall:.2f} s",
        ),
        ("small report, memory", f"{report.memory / 1e6:.0f} MB"),
        ("--help", f"{asked.wall:.2f} s"),
    ]


def size_of(text: str) -> int:
    """ "200M" as bytes; K, M and G are powers of 1000."""
    factor = UNITS.get(text[-1:].upper(), 1)
    digits = text[:-1] if factor > 1 else text
    if not digits.isascii() or not digits.isdigit() or int(digits) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; say for example 200M or 1G")
    return int(digits) * factor


def _made() -> float:
    return pacemaker_logs.relevant_share()


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=size_of, default=size_of("200M"), help="bytes of logs to make (default 200M)")
    parser.add_argument("--faults", type=int, default=20, help="service crashes among them (default 20)")
    parser.add_argument("--jobs", help="passed on to logtrace analyze")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="logtrace-bench-") as name:
        rows = big(Path(name), arguments.size, arguments.faults, arguments.jobs) + small(Path(name))
    width = max(len(what) for what, _ in rows)
    print("\n".join(f"{what:<{width}}  {value}" for what, value in rows))


if __name__ == "__main__":
    main()
