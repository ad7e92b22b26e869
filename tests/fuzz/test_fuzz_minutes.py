"""Each target for a minute, guided by what it reaches. It needs Atheris; README.md beside this tells how to get it."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from targets import TARGETS

RUN = Path(__file__).parent / "run.py"
#: Seconds of fuzzing; `.ci/run` is bounded too, and there are as many targets as minutes.
LONG = 60
#: Seconds that one input may take on a machine that has other things to do.
HANGS = 60


@pytest.mark.slow  # what it finds is another thing each time
@pytest.mark.parametrize("target", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in TARGETS])
def test_nothing_is_found_in_a_minute(target: str, tmp_path: Path) -> None:
    if find_spec("atheris") is None:
        pytest.skip("Atheris is not installed; pip install -e '.[fuzz]'")
    options = [f"-max_total_time={LONG}", f"-timeout={HANGS}", "-rss_limit_mb=4096", f"-artifact_prefix={tmp_path}/"]
    command = [sys.executable, str(RUN), target, *options]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=tmp_path)
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert done.returncode == 0, f"{found}\n{done.stderr[-4000:]}"
