"""How fast logtrace is and how much memory it takes, beside a well-known tool doing part of the work in the same run.

    python tests/benchmark/bench.py --size 1G --runs 5

makes logs of that size, runs every row of WORKS (or those named) and its reference by turns, and prints a table of
medians. CPU seconds count all child processes; memory is that of the largest single process, and logtrace is one.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pacemaker_logs
import repeated
import storm

CHECKOUT: Final = Path(__file__).resolve().parents[2]
LARGE_GROUP: Final = CHECKOUT / "samples" / "group-cascade" / "crm_report.tar.bz2"
SMALL_REPORT: Final = CHECKOUT / "samples" / "node-loss" / "crm_report.tar.bz2"
LOGTRACE: Final = (sys.executable, "-m", "logtrace")
RIPGREP: Final = "rg -cF, 60 needles"
SMALL_ARCHIVES: Final = 200
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
    # as where it is installed: Python and logtrace keep what they compiled
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=kept, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        errors = process.stderr.read()
        _, waited, usage = os.wait4(process.pid, 0)  # unlike wait(), it tells what this child and its children used
        process.returncode = os.waitstatus_to_exitcode(waited)
    wall = time.perf_counter() - began
    if process.returncode not in status:
        words = errors.decode("utf-8", "replace").strip()[-500:]
        raise RuntimeError(f"{' '.join(command[:5])} ... ended with {process.returncode}: {words}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what was done, how it went, beside what, and what the aim is."""

    work: str
    ours: str
    reference: str
    ratio: str
    goal: str


@dataclass(frozen=True, slots=True)
class Bench:
    """A place to work in, logs of `size` bytes in it, and how often to measure."""

    folder: Path
    size: int
    runs: int
    report: Path | None = None  # a genuine report of others, which is not shipped

    def logs(self, times: int = 1) -> Path:
        """The folder of a set of logs, `times` as large as asked for."""
        folder = self.folder / f"logs{times}"
        if not folder.exists():
            pacemaker_logs.write(folder, times * self.size, 20)
        return folder

    def by_turns(self, *commands: Sequence[str] | None) -> list[Cost | None]:
        """Medians of the commands, run one after another, `runs` times; None for what cannot be run here."""
        there = [command if command and shutil.which(command[0]) else None for command in commands]
        costs: list[list[Cost]] = [[] for _ in there]
        for _ in range(self.runs):
            for command, found in zip(there, costs, strict=True):
                if command:
                    found.append(measure(command))
        return [_median(found) if found else None for found in costs]


def analyze(source: Path, folder: Path, *options: str) -> list[str]:
    """The command line that analyses `source` into JSON."""
    return [*LOGTRACE, "analyze", str(source), "--no-html", "--json", str(folder / "case.json"), "--quiet", *options]


def ripgrep(folder: Path) -> list[str]:
    """The command line that counts the lines of all files of `folder` with one of NEEDLES in them."""
    needles = [argument for needle in NEEDLES for argument in ("-e", needle)]
    return ["rg", "-cF", *needles, *(str(path) for path in folder.rglob("*") if path.is_file())]


def plain(bench: Bench) -> list[Row]:
    """Plain logs, beside ripgrep with NEEDLES."""
    logs = bench.logs()
    ours, theirs = bench.by_turns(analyze(logs, bench.folder), ripgrep(logs))
    case = json.loads((bench.folder / "case.json").read_text())
    found = sum(incident["kind"] == "fault" for incident in case["incidents"])
    share = case["coverage"]["lines_recognised"] / case["coverage"]["lines"]
    what = f"{_size(logs)} plain, {case['coverage']['lines']:,} lines, {share:.0%} relevant, {found} of 20 faults found"
    assert ours
    return [
        _row(f"{what}: CPU", ours.cpu, theirs and theirs.cpu, RIPGREP, "7.5"),
        _row("the same: on the clock", ours.wall, theirs and theirs.wall, RIPGREP, ""),
        Row("the same: memory", f"{ours.memory / 1e6:.0f} MB", "", "", "700 MB"),
    ]


def compressed(bench: Bench, ending: str, reference: list[str], goal: str) -> list[Row]:
    """The same logs in an archive, beside the tool that decompresses it."""
    archive = bench.folder / f"logs.tar.{ending}"
    if not archive.exists():
        with tarfile.open(archive, f"w:{ending}") as tar:  # type: ignore[call-overload]
            tar.add(bench.logs(), "report")
    ours, theirs = bench.by_turns(analyze(archive, bench.folder), [*reference, str(archive)])
    assert ours
    name = f"{_size(bench.logs())} as .tar.{ending} of {_size(archive)}: on the clock"
    return [_row(name, ours.wall, theirs and theirs.wall, " ".join(reference), goal)]


def larger(bench: Bench) -> list[Row]:
    """Four times the logs, beside the logs."""
    four, one = bench.by_turns(analyze(bench.logs(4), bench.folder), analyze(bench.logs(), bench.folder))
    assert four
    assert one
    return [
        _row(f"{_size(bench.logs(4))} plain: on the clock", four.wall, one.wall, _size(bench.logs()), "4.2"),
        Row(
            "the same: memory",
            f"{four.memory / 1e6:.0f} MB",
            f"{_size(bench.logs())}: {one.memory / 1e6:.0f} MB",
            f"{four.memory / one.memory:.2f}",
            "1.6",
        ),
    ]


def small(bench: Bench) -> list[Row]:
    """A small report with its page, and the help text."""
    page = bench.folder / "page.html"
    report = [*LOGTRACE, "analyze", str(SMALL_REPORT), "--html", str(page), "--quiet"]
    ours, asked, nothing = bench.by_turns(report, [*LOGTRACE, "--help"], [sys.executable, "-c", "pass"])
    assert ours
    assert asked
    assert nothing
    what = f"{SMALL_REPORT.stat().st_size / 1e3:.0f} kB archive to a {page.stat().st_size / 1e6:.1f} MB page"
    beside = f"python -c pass: {nothing.wall:.2f} s"
    return [
        Row(f"{what}: on the clock", f"{ours.wall:.2f} s", beside, "", "0.45 s"),
        Row("the same: CPU", f"{ours.cpu:.2f} s", f"python -c pass: {nothing.cpu:.2f} s", "", ""),
        Row("--help", f"{asked.wall:.2f} s", beside, "", "0.2 s"),
    ]


def api(bench: Bench) -> list[Row]:
    """200 small archives in one process, one after the other."""
    archives = [str(path) for path in sorted(CHECKOUT.glob("samples/*/crm_report.tar.bz2")) if path != LARGE_GROUP]
    asked = (archives * SMALL_ARCHIVES)[:SMALL_ARCHIVES]
    program = "import sys, logtrace\nfor path in sys.argv[1:]: logtrace.analyze(path)"
    (ours,) = bench.by_turns([sys.executable, "-c", program, *asked])
    assert ours
    rate = f"{len(asked) / ours.cpu:.1f} a second and core"
    return [Row(f"{len(asked)} small archives through the Python interface in one process", rate, "", "", "3")]


def history(bench: Bench) -> list[Row]:
    """A tenth of the logs as a report for crmsh, beside its history, which must not find what it kept in the report."""
    report = bench.folder / "report"
    for path in pacemaker_logs.write(report, int(bench.size / 10 / pacemaker_logs.SYSLOG_SHARE), 20):
        pacemaker_logs.as_syslog(path, path.with_name("ha-log.txt"))
        path.unlink()
        path.with_name("cib.xml").write_text(pacemaker_logs.CIB)
    nodes = " ".join(pacemaker_logs.NODES)
    (report / "members.txt").write_text(nodes + "\n")
    (report / "description.txt").write_text(f"Date: Mon Mar  2 00:00:00 UTC 2026\nBy: report -n {nodes} report\n")
    asked = bench.folder / "crm"
    asked.write_text(f"history\nsource {report}\ninfo\n")
    crm = ["crm", "-F", "-f", str(asked)]
    once, costs = replace(bench, runs=1), []
    for _ in range(bench.runs):
        (report / "__meta.json").unlink(missing_ok=True)
        costs.append(once.by_turns(analyze(report, bench.folder), crm))
    ours = _median([mine for mine, _ in costs if mine])
    theirs = _median([other for _, other in costs if other]) if all(other for _, other in costs) else None
    if theirs:
        answer = subprocess.run(crm, capture_output=True, text=True, check=True).stdout
        _compare(answer, json.loads((bench.folder / "case.json").read_text()))
    name = f"{_size(report)} report: on the clock"
    row = _row(name, ours.wall, theirs and theirs.wall, "crm history info", "1/10")
    return [row]


def _compare(answer: str, case: dict[str, Any]) -> None:
    """Raise RuntimeError if crmsh tells of another report: nodes, period, and the transitions that had work to do."""
    said = dict(line.split(": ", 1) for line in answer.splitlines() if ": " in line)
    marked = {f"pe-input-{number[:-1]}" for number in said["Transitions"].split() if number.endswith("*")}
    ours = {transition["pe_input"] for incident in case["incidents"] for transition in incident["transitions"]}
    nodes = [node["name"] for node in case["cluster"]["nodes"]]
    if said["Nodes"].split() != nodes or "2026-03-01" not in said["Period"] or not marked or not marked <= ours:
        raise RuntimeError(f"crm history reads another report: {answer}")


def many(bench: Bench) -> list[Row]:
    """Ten times as many incidents in ten times as much time."""
    folders = []
    for faults in (10_000, 1_000):
        folder = bench.folder / f"faults{faults}"
        pacemaker_logs.write(folder, faults * pacemaker_logs.minute_size() * 2, faults)
        folders.append(folder)
    ten, one = bench.by_turns(*(analyze(folder, bench.folder) for folder in folders))
    assert ten
    assert one
    return [_row("10,000 incidents in one window: on the clock", ten.wall, one.wall, "1,000 incidents", "11")]


def genuine(bench: Bench) -> list[Row]:
    """A genuine report of a group of 23 members, in which two fail and one is repaired, 30 and 300 times in a row."""
    folders = []
    for times in (300, 30):
        folder = bench.folder / f"genuine{times}"
        if not folder.exists():
            repeated.write(LARGE_GROUP, folder, times, 7200)
        folders.append(folder)
    ten, one = bench.by_turns(*(analyze(folder, bench.folder) for folder in folders))
    assert ten
    assert one
    analyzed = measure(analyze(folders[0], bench.folder))
    case = json.loads((bench.folder / "case.json").read_text())
    faults = sum(incident["kind"] == "fault" for incident in case["incidents"])
    name = f"{_size(folders[0])} of a genuine log in a row, {faults} of 600 faults found: on the clock"
    memory = Row("the same: memory", f"{max(ten.memory, analyzed.memory) / 1e6:.0f} MB", "", "", "700 MB")
    return [_row(name, ten.wall, one.wall, f"a tenth of it, {_size(folders[1])}", "11"), memory]


def in_a_row(bench: Bench, archive: Path, apart: int, log: str, name: str, goal: str) -> list[Row]:
    """200 MB for each GB asked for of a genuine report's logs in a row, beside ripgrep with NEEDLES."""
    folder = bench.folder / f"{name.replace(' ', '-')}-in-a-row"
    if not folder.exists():
        repeated.write(archive, folder, 1, apart, name=log)
        once = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        repeated.write(archive, folder, max(1, bench.size // 5 // once), apart, name=log)
    ours, theirs = bench.by_turns(analyze(folder, bench.folder), ripgrep(folder))
    assert ours
    found = json.loads((bench.folder / "case.json").read_text())["incidents"]
    what = f"{_size(folder)} of {name} in a row, {len(found):,} incidents: CPU"
    memory = Row("the same: memory", f"{ours.memory / 1e6:.0f} MB", "", "", "")
    return [_row(what, ours.cpu, theirs and theirs.cpu, RIPGREP, goal), memory]


def report(bench: Bench) -> list[Row]:
    """The report that was named, of ha-log.txt as hb_report of SLES 11 has it, every ten minutes."""
    name = "a report of SLES"
    if bench.report is None:
        return [Row(f"{name} in a row", "not measured: give one with --report", "", "", "20")]
    return in_a_row(bench, bench.report, 600, "ha-log.txt", name, "20")


def dense(bench: Bench) -> list[Row]:
    """A storm of 400 kB for each MB asked for, beside ripgrep with NEEDLES, and beside a quarter of itself."""
    folders = []
    for size in (bench.size * 2 // 5, bench.size // 10):
        folder = bench.folder / f"storm{size}"
        if not folder.exists():
            storm.write(folder, size)
        folders.append(folder)
    ours, theirs, quarter = bench.by_turns(
        analyze(folders[0], bench.folder), ripgrep(folders[0]), analyze(folders[1], bench.folder)
    )
    assert ours
    assert quarter
    name = f"{_size(folders[0])} of a storm"
    return [
        _row(f"{name}: CPU", ours.cpu, theirs and theirs.cpu, RIPGREP, "35"),
        _row(f"{name}: CPU", ours.cpu, quarter.cpu, f"a quarter of it, {_size(folders[1])}", "4.4"),
    ]


def again(bench: Bench) -> list[Row]:
    """A second look at the logs, another window, from the cache."""
    cache = bench.folder / "cache"
    first = measure(analyze(bench.logs(), bench.folder, "--cache", str(cache)))
    (second,) = bench.by_turns(analyze(bench.logs(), bench.folder, "--cache", str(cache)))
    (window,) = bench.by_turns(analyze(bench.logs(), bench.folder, "--cache", str(cache), "--since", "-2h"))
    (alone,) = bench.by_turns(analyze(bench.logs(), bench.folder, "--since", "-2h"))
    assert second
    assert window
    assert alone
    beside = f"first look: {first.wall:.2f} s"
    return [
        Row(f"{_size(bench.logs())}, second look with --cache", f"{second.wall:.2f} s", beside, "", "1 s"),
        Row("the same, the last two hours of it", f"{window.wall:.2f} s", beside, "", "1 s"),
        Row("the last two hours of it without --cache", f"{alone.wall:.2f} s", beside, "", ""),
    ]


WORKS: Final[dict[str, Callable[[Bench], list[Row]]]] = {
    "plain": plain,
    "gz": lambda bench: compressed(bench, "gz", ["gzip", "-dc"], "1.6"),
    "bz2": lambda bench: compressed(bench, "bz2", ["lbzip2", "-n2", "-dc"], "1.8"),
    "larger": larger,
    "small": small,
    "api": api,
    "history": history,
    "many": many,
    "genuine": genuine,
    "group": lambda bench: in_a_row(bench, LARGE_GROUP, 7200, "pacemaker.log", "a group of 23 members", "12"),
    "report": report,
    "storm": dense,
    "again": again,
}


def _row(work: str, ours: float, theirs: float | None, reference: str, goal: str) -> Row:
    if theirs is None:
        return Row(work, f"{ours:.2f} s", f"{reference}: not installed", "", goal)
    return Row(work, f"{ours:.2f} s", f"{reference}: {theirs:.2f} s", f"{ours / theirs:.2f}", goal)


def _median(costs: Sequence[Cost]) -> Cost:
    """The middle of each figure by itself; of memory the largest, which is what must be there."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
    )


def _size(path: Path) -> str:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return f"{sum(file.stat().st_size for file in files) / 1e6:.0f} MB"


def size_of(text: str) -> int:
    """ "200M" as bytes; K, M and G are powers of 1000."""
    factor = UNITS.get(text[-1:].upper(), 1)
    digits = text[:-1] if factor > 1 else text
    if not digits.isascii() or not digits.isdigit() or int(digits) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; say for example 200M or 1G")
    return int(digits) * factor


def main() -> None:
    """Measure and print the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"what to measure: {', '.join(WORKS)} (default all)")
    parser.add_argument("--size", type=size_of, default=size_of("1G"), help="bytes of logs to make (default 1G)")
    parser.add_argument("--runs", type=int, default=5, help="how often (default 5)")
    parser.add_argument("--folder", type=Path, help="where to work and to leave what was made (default: nowhere)")
    parser.add_argument("--report", type=Path, help="an archive of hb_report with ha-log.txt, for the row of SLES")
    arguments = parser.parse_args()
    if unknown := set(arguments.works) - set(WORKS):
        parser.error(f"no such work: {', '.join(sorted(unknown))}")
    print("| work | logtrace | reference in the same run | ratio | goal |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="logtrace-bench-") as name:
        bench = Bench(arguments.folder or Path(name), arguments.size, arguments.runs, arguments.report)
        for work in arguments.works or WORKS:
            for row in WORKS[work](bench):
                print(f"| {row.work} | {row.ours} | {row.reference} | {row.ratio} | {row.goal} |", flush=True)


if __name__ == "__main__":
    main()
