"""No text of a stranger makes a regular expression run for ever: each of these once took minutes, or would have."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from logtrace import analyze
from logtrace.intake import layout
from logtrace.lines.secrets import is_secret
from logtrace.timeline.transitions import nodes_of

HOSTILE: dict[str, Callable[[], object]] = {
    "a date that goes on": lambda: layout.by_name(("r", "con." + "4" * 4000 + "!")),
    "dates": lambda: layout.by_name(("r", "-20261122" * 400 + "!")),
    "case numbers of a sosreport": lambda: layout.node_of(("sosreport-" + "-11111" * 600 + "!", "n", "x")),
    "words of secrets": lambda: is_secret("key" * 20_000 + "!"),
    "blanks of a detail": lambda: nodes_of("(" + " " * 4000 + "(resource:"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_at_once(name: str) -> None:
    began = time.process_time()
    HOSTILE[name]()
    assert time.process_time() - began < 1


def test_an_agent_that_says_slashes(tmp_path: Path) -> None:
    """Names of pid files are looked for in what it says."""
    (tmp_path / "cib.xml").write_text(
        '<cib epoch="1"><configuration><resources><primitive id="web" class="lsb" type="apache"/></resources>'
        "</configuration></cib>"
    )
    said = "/a" * 2000
    (tmp_path / "pacemaker.log").write_text(
        "".join(f"Nov 22 12:00:0{at}.200 alpha apache(web)[99]: ERROR: {said}{at}\n" for at in range(9))
    )
    began = time.process_time()
    case = analyze([str(tmp_path)])
    assert case.frames.events["kind"].to_list() == ["agent.says"] * 9
    assert time.process_time() - began < 10
