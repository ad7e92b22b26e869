"""How large pages are and how fast a browser opens them: the samples, and a made-up case of 500 incidents.

    python tests/benchmark/page_size.py [--incidents 500]

prints a table: bytes of the page with scripts and of the light one, how long both took to write, and how long Chromium
takes from going to the page until its load event, and until the first frame was painted; the best of three.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from msgspec.structs import replace

CHECKOUT: Final = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "tests"), str(CHECKOUT / "tests" / "render")]

from browser import CHROMIUM, Browser, browser  # noqa: E402 - found by the path above
from builders import busy  # noqa: E402

from logtrace.pipeline import analyze  # noqa: E402
from logtrace.render.page import render  # noqa: E402
from logtrace.report.case import Case, Incident  # noqa: E402

#: Milliseconds since navigation began: the load event's end, and the first paint of any content.
TIMING: Final = """JSON.stringify([
  performance.getEntriesByType("navigation")[0].loadEventEnd,
  performance.getEntriesByType("paint").find((each) => each.name === "first-contentful-paint")?.startTime ?? 0,
])"""


def made_up(incidents: int) -> Case:
    """The incidents of the tests' busy case again and again, half an hour apart."""
    base = busy()
    story: list[Incident] = []
    for number in range(incidents):
        later = timedelta(minutes=30 * number)
        story.append(replace(moved(base.incidents[number % len(base.incidents)], later), id=f"i{number + 1}"))
    start = base.window.start
    end = story[-1].t_end if story else base.window.end
    return replace(base, incidents=tuple(story), window=replace(base.window, start=start, end=end))


def moved(incident: Incident, later: timedelta) -> Incident:
    """The same incident at another time."""
    moments = ("t_fault", "t_fault_earliest", "t_detected", "t_decided", "t_acted", "t_recovered", "t_end")
    changed = {name: moment + later for name in moments if (moment := getattr(incident, name)) is not None}
    return replace(
        incident,
        **changed,
        phases=tuple(replace(each, start=each.start + later, end=each.end + later) for each in incident.phases),
        operations=tuple(
            replace(each, start=each.start + later, end=each.end and each.end + later) for each in incident.operations
        ),
        transitions=tuple(
            replace(each, start=each.start + later, end=each.end and each.end + later) for each in incident.transitions
        ),
        evidence=tuple(replace(each, time=each.time + later) for each in incident.evidence),
    )


def opened(tab: Browser, page: Path) -> tuple[float, float]:
    """Seconds until a page is loaded, and until something of it is seen."""
    best = (float("inf"), float("inf"))
    for _ in range(3):
        tab.open(page)
        tab.wait(f"JSON.parse({TIMING}).every((each) => each > 0)")
        loaded, painted = json.loads(tab.ask(TIMING))
        best = min(best, (loaded / 1000, painted / 1000))
    return best


def cases(incidents: int) -> Iterator[tuple[str, Case]]:
    for report in sorted((CHECKOUT / "samples").glob("*/*.tar.bz2")):
        yield report.parent.name, analyze([str(report)])
    yield f"{incidents} incidents", made_up(incidents)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--incidents", type=int, default=500, help="of the made-up case (default: 500)")
    wanted = parser.parse_args()
    if CHROMIUM is None:
        sys.exit("chromium is missing; install it to see how fast pages open")
    print(f"{'':18}{'page':>10}{'written':>10}{'loaded':>10}{'seen':>10}{'light':>12}{'written':>10}{'loaded':>10}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, browser(Path(folder) / "profile") as tab:
        for name, case in cases(wanted.incidents):
            cells = [f"{name:18}"]
            for light in (False, True):
                page = Path(folder) / "page.html"
                began = time.perf_counter()
                page.write_text(render(case, light=light), encoding="utf-8")
                wrote = time.perf_counter() - began
                loaded, painted = opened(tab, page)
                cells.append(f"{page.stat().st_size / 1e6:{9 if light else 7}.3f} MB{wrote:8.2f} s{loaded:8.2f} s")
                cells += [] if light else [f"{painted:8.2f} s"]
            print("".join(cells), flush=True)


if __name__ == "__main__":
    main()
