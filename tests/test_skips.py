"""Skips are visible, and failures where nothing may be missing."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import pytest

def test_tool():
    pytest.skip("rg is not installed")

@pytest.mark.skipif(True, reason="the shared corpus is not here")
def test_corpus():
    raise AssertionError

@pytest.mark.xfail(reason="known")
def test_known():
    raise AssertionError
"""


@pytest.mark.parametrize(("require", "outcomes"), [("", {"skipped": 2}), ("1", {"skipped": 1, "failed": 1})])
def test_a_skip_for_want_of_a_tool_fails_on_demand(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, require: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setenv("LOGTRACE_REQUIRE_TOOLS", require)
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text())
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-rs")
    result.assert_outcomes(xfailed=1, **outcomes)
    if require:
        result.stdout.fnmatch_lines(["*nothing may be missing*rg is not installed*"])


def test_a_module_that_skips_as_a_whole_fails_on_demand(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGTRACE_REQUIRE_TOOLS", "1")
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text())
    pytester.makepyfile("import pytest\npytest.skip('no chromium', allow_module_level=True)")
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(errors=1)
