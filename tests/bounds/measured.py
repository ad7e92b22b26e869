"""A command line of logtrace as a process of its own: what it cost, what it said, and what it left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

#: Most memory a hostile input may cost above what a small log takes, and the most time of a processor.
MEMORY: Final = 600 << 20
SECONDS: Final = 60.0
#: When a run is taken to hang, on a machine that has other things to do.
HANGS: Final = 300.0

# A small process starts the measured one: the kernel counts the memory of whoever starts a program as its own.
_MEASURE: Final = """
import json, os, resource, subprocess, sys
largest = int(sys.argv[1])
def limit():
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
process = subprocess.Popen(sys.argv[3:], preexec_fn=limit)
_, status, used = os.wait4(process.pid, 0)
seconds, status = used.ru_utime + used.ru_stime, os.waitstatus_to_exitcode(status)
cost = {"seconds": seconds, "memory": used.ru_maxrss << 10, "status": status}
with open(sys.argv[2], "w") as file:
    json.dump(cost, file)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """`seconds` of a processor, `memory` in bytes at most."""

    status: int
    out: str
    err: str
    seconds: float
    memory: int


def run(
    folder: Path, *arguments: str, stdin: IO[bytes] | None = None, largest_file: int = 0, timeout: float = HANGS
) -> Run:
    """Runs `logtrace ARGUMENTS` in `folder`; asserts that nothing is left in the folder for temporary files.

    `stdin` None: nothing. `largest_file`: bytes after which a file cannot be written any further, as on a full disk.
    """
    temporary, cost = folder.parent / f"{folder.name}.tmp", folder.parent / f"{folder.name}.cost"
    temporary.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-c", _MEASURE, str(largest_file), str(cost), sys.executable, "-m", "logtrace", *arguments],
        cwd=folder, env={**os.environ, "TMPDIR": str(temporary), "COLUMNS": "80"}, start_new_session=True,
        stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        raise
    assert not list(temporary.iterdir())
    used = json.loads(cost.read_text())
    print(f"{' '.join(arguments)[:60]}: {used['seconds']:.1f} s, {used['memory'] >> 20} MB: {err.strip()}")
    return Run(used["status"], out, err, used["seconds"], used["memory"])
