"""What a skipped test means.

A test that needs a tool or data that is not here skips and says why. Where everything must be here (`.ci/run` sets
LOGTRACE_REQUIRE_TOOLS to 1), such a skip is a failure. Only two kinds stay skips: those whose reason names the shared
corpus, which lies beside a checkout and never in it, and those the superuser cannot run, who may read everything.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

REQUIRE = os.environ.get("LOGTRACE_REQUIRE_TOOLS") == "1"

#: Words of reasons that are no want of a tool.
ALLOWED = ("shared", "superuser")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run what takes minutes")


def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile("untimed", deadline=None)  # a busy machine is no defect
    settings.load_profile("untimed")
    config.addinivalue_line("markers", "slow: takes minutes in all; run only with --slow")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow, unless it is asked for."""
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    items[:] = [item for item in items if item not in set(slow)]
    config.hook.pytest_deselected(items=slow)


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
