"""A limit that leaves no room for the engine is one line, whatever command is asked, and never a traceback."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

LOG = (
    "Nov 22 12:00:10.200 alpha pacemaker-controld  [105] (f) \tnotice: Result of monitor operation for web on alpha: "
    "not running | CIB update 9, graph action confirmed; call=11 key=web_monitor_10000 rc=7\n"
)
#: Addresses that Python itself gets along with, and polars does not.
FEW = 700 << 20
COMMANDS = (
    ["analyze", "a.log"], ["analyze", "a.log", "--html", "x.html"], ["sql", "a.log"], ["grep", "a.log", "Result"],
    ["lint", "a.log"], ["show", "a.log", "i1"], ["watch", "logs"], ["serve", "served", "--port", "0"],
    ["fleet", "add", "store", "a.log"], ["fleet", "query", "store"], ["compare", "a.log", "a.log"],
    ["timeline", "a.log"], ["unknown", "a.log"],
)  # fmt: skip


def limited(folder: Path, arguments: list[str], kind: int, limit: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "logtrace", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(kind, (limit, limit)),
    )  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_few_addresses(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LOG)
    (tmp_path / "logs").mkdir()
    done = limited(tmp_path, arguments, resource.RLIMIT_AS, FEW)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "logtrace: a limit leaves this process 0.7 GB of addresses, and 1.4 GB are needed; raise it with ulimit -v, "
        "and use --max-memory to bound the memory that is taken\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.log", "logs"]


@pytest.mark.parametrize("arguments", [["explain", "slow_init"], ["analyze", "--help"], ["schema"]], ids=" ".join)
def test_what_needs_no_engine_answers_all_the_same(arguments: list[str], tmp_path: Path) -> None:
    done = limited(tmp_path, arguments, resource.RLIMIT_AS, FEW)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["watch", "logs"], ["serve", "served"], ["sql", "a.log"]], ids=" ".join)
def test_few_open_files(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LOG)
    (tmp_path / "logs").mkdir()
    done = limited(tmp_path, arguments, resource.RLIMIT_NOFILE, 12)
    assert done.returncode == 2
    assert done.stderr == (
        "logtrace: a limit leaves this process 12 open files, and 16 are needed; raise it with ulimit -n\n"
    )


def test_little_data(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LOG)
    done = limited(tmp_path, ["analyze", "a.log"], resource.RLIMIT_DATA, 100_000_000)  # the engine never answers
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "logtrace: a limit leaves this process 0.1 GB of data, and 0.2 GB are needed; raise it with ulimit -d\n"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser has no such limit")
def test_few_threads(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LOG)
    done = limited(tmp_path, ["analyze", "a.log"], resource.RLIMIT_NPROC, 1)
    assert (done.returncode, done.stdout) == (2, "")
    needed = 3 * (os.cpu_count() or 1) + 6
    assert done.stderr == (
        f"logtrace: a limit leaves this process 0 threads, and {needed} are needed; raise it with ulimit -u\n"
    )


#: logtrace in a control group of which files here tell; to import the engine would be an error.
IN_A_GROUP = """
import sys
from pathlib import Path
from logtrace.intake import memory
memory._GROUPS, memory._MINE = Path("groups"), Path("mine")
sys.modules["polars"] = None
from logtrace.__main__ import main
sys.argv[0] = "logtrace"
main()
"""


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_little_memory_of_a_group(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(LOG)
    (tmp_path / "logs").mkdir()
    (tmp_path / "groups").mkdir()
    (tmp_path / "mine").write_text("0::/\n")
    (tmp_path / "groups" / "memory.max").write_text("60000000\n")
    (tmp_path / "groups" / "memory.current").write_text("13000000\n")
    done = subprocess.run(
        [sys.executable, "-c", IN_A_GROUP, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "logtrace: a limit leaves this process 47 MB of memory, and 110 MB are needed; raise the limit of its "
        "control group (MemoryMax= of a unit, --memory of a container)\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.log", "groups", "logs", "mine"]
