"""Real servers on loopback: a Dask scheduler with workers, and one that speaks S3."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

#: What workers import: what tests give them to do, and logtrace.
PATH: Final = os.pathsep.join([str(Path(__file__).parent / "fleet"), str(Path(__file__).parents[1])])

#: A busy machine is no defect.
_PATIENCE: Final = 120


@contextmanager
def running(command: Sequence[str], said: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended at the end, whatever it does; what it says goes to `said`."""
    with said.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, *command], stdout=file, stderr=subprocess.STDOUT, env=os.environ | environment
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until_told(said: Path, process: subprocess.Popen[bytes], *words: bytes) -> bytes:
    """What a process has said, once it holds any of `words`."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        told = said.read_bytes()
        if any(word in told for word in words):
            return told
        assert process.poll() is None, told.decode()
        time.sleep(0.1)
    raise TimeoutError(said.read_bytes().decode())


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """The address of a scheduler."""
    said = folder / "scheduler.log"
    command = ["-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
    with running(command, said, PYTHONPATH=PATH) as process:
        told = until_told(said, process, b"Scheduler at:")
        line = next(line for line in told.decode().splitlines() if "Scheduler at:" in line)
        yield line.split()[-1]


@contextmanager
def worker(folder: Path, address: str, name: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker that knows logtrace and what is in tests/fleet."""
    said = folder / f"worker-{name}.log"
    command = [
        *("-m", "dask", "worker", address, "--name", name, "--nthreads", "1", "--no-nanny", "--no-dashboard"),
        *("--host", "127.0.0.1", "--local-directory", str(folder / f"worker-{name}")),
    ]
    with running(command, said, PYTHONPATH=PATH, POLARS_MAX_THREADS="1", **environment) as process:
        until_told(said, process, b"Registered to:")
        yield process


@contextmanager
def s3(folder: Path, port: int | None = None) -> Iterator[dict[str, str]]:
    """A server that speaks S3 with a bucket called `fleet`: the environment by which it is found. `port`: else any."""
    said = folder / "s3.log"
    with running(["-m", "moto.server", "-H", "127.0.0.1", "-p", str(port or 0)], said) as process:
        told = until_told(said, process, b"Running on")
        endpoint = next(word for word in told.decode().split() if word.startswith("http://"))
        request = urllib.request.Request(f"{endpoint}/fleet", method="PUT")
        urllib.request.urlopen(request, timeout=_PATIENCE).close()
        yield {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
        }
