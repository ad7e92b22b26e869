"""A PostgreSQL server of Debian's package, with its data in a folder of the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def postgres() -> Iterator[str]:
    """The address of an empty database; the server listens on a socket in its own folder, and ends with the block."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.skip("initdb is not installed; it is in the package postgresql")
    programs = found[-1].parent
    with tempfile.TemporaryDirectory(prefix="logtrace-pg-") as name:  # a short path, as sockets need it
        place = Path(name)
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(place, "postgres", "postgres")
            as_user = {"user": "postgres", "group": "postgres", "extra_groups": []}

        def call(program: str, *arguments: str) -> None:
            ran = subprocess.run(
                [programs / program, "-D", str(place / "data"), *arguments],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=place, timeout=120, **as_user,
            )  # fmt: skip
            assert ran.returncode == 0, ran.stderr

        call("initdb", "-U", "logtrace", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {place} -c listen_addresses='' -c fsync=off -c max_connections=60"
        call("pg_ctl", "-w", "-t", "60", "-l", str(place / "log"), "-o", options, "start")
        try:
            yield f"postgresql://logtrace@/postgres?host={place}"
        finally:
            call("pg_ctl", "-w", "-m", "immediate", "stop")
