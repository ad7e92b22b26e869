"""Which tests run, on how many processors, and what a skipped one means.

`make test` leaves out what is thorough and what is slow: it is to be run after every change. A thorough test runs with
`--all` (`make thorough`), or where its file or folder is named on the command line; a slow one with `--slow`. With
`--all` hypothesis tries four times as many examples, so what it drives is thorough as well as quick.

Tests of a file stay together on one processor, for they often read the same story; `xdist_group` joins files that share
more than that, and they go first.

A test that needs a tool or data that is not here skips and says why. Where everything must be here (`.ci/run` sets
LOGTRACE_REQUIRE_TOOLS to 1), such a skip is a failure. Only two kinds stay skips: those whose reason names the shared
corpus, which lies beside a checkout and never in it, and those the superuser cannot run, who may read everything.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

if "PYTEST_XDIST_WORKER" in os.environ:  # before polars is loaded: there are as many workers as processors
    os.environ.setdefault("POLARS_MAX_THREADS", "1")

REQUIRE = os.environ.get("LOGTRACE_REQUIRE_TOOLS") == "1"

#: Words of reasons that are no want of a tool.
ALLOWED = ("shared", "superuser")

#: What takes minutes and breaks seldom: browsers, servers, bombs, changed reports, what fuzzing found, the benchmark.
THOROUGH = tuple(
    Path(__file__).parent / place
    for place in (
        "render/test_page_browser.py",
        "render/test_fleet_browser.py",
        "bounds",
        "mutations",
        "fuzz",
        "benchmark",
        "fleet/test_cluster.py",
        "serve/test_serve_browser.py",
        "serve/test_serve_kills.py",
        "serve/test_serve_pages.py",
        "serve/test_serve_store.py",
        "serve/test_serve_uploads.py",
    )
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="also run what is thorough")
    parser.addoption("--slow", action="store_true", help="also run what takes many minutes")


def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile("thorough", deadline=None)  # a busy machine is no defect
    settings.register_profile("quick", deadline=None, max_examples=25)
    settings.load_profile("thorough" if config.getoption("--all") else "quick")
    config.addinivalue_line("markers", "thorough: set by tests/conftest.py; run with --all or by name")
    config.addinivalue_line("markers", "slow: takes many minutes in all; run only with --slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for, and put together what belongs together."""
    for item in items:
        driven = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if _within(item.path, THOROUGH) or (driven and config.getoption("--all")):
            item.add_marker("thorough")
    wanted = [item for item in items if _wanted(item, config)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
    items[:] = sorted(wanted, key=lambda item: item.get_closest_marker("xdist_group") is None)
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _wanted(item: pytest.Item, config: pytest.Config) -> bool:
    if item.get_closest_marker("slow") and not config.getoption("--slow"):
        return False
    if item.get_closest_marker("thorough") is None or config.getoption("--all"):
        return True
    named = [(config.invocation_params.dir / name.partition("::")[0]).resolve() for name in config.args]
    return any(_within(path, THOROUGH) and _within(item.path, [path]) for path in named)


def _within(path: Path, places: tuple[Path, ...] | list[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _demand(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip that is not allowed into a failure."""
    if not REQUIRE or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not any(allowed in reason for allowed in ALLOWED):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be missing: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _demand(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _demand(report)
    return report
