"""`logtrace analyze --format` and `--fail-on`: what stands on standard output, and what ends a run with 1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from logs import CRASH, QUIET, archive, text
from lxml import etree

from logtrace.cli import run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log of a crash: `web` is found dead, 10 s late at most, and up 2.4 s later. And two reports of strangers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "crash.log").write_text(text(CRASH))
    (tmp_path / "tickets").mkdir()
    archive(tmp_path / "tickets/calm.tar", **{"crm_report/beta/pacemaker.log": text(QUIET).replace("alpha", "beta")})
    archive(tmp_path / "tickets/crash.tar", **{"crm_report/alpha/pacemaker.log": text(CRASH)})
    return tmp_path


def analyze(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = run(["analyze", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("form", ["json", "jsonl", "markdown", "sarif", "junit", "chat"])
def test_a_format_takes_the_place_of_the_summary_beside_the_files(
    form: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = analyze(capsys, "crash.log", "--format", form, "--json", "a.json")
    assert (status, err) == (0, "")
    assert "page:" not in out
    assert (here / "crash.logtrace.html").exists()
    assert (here / "a.json").exists()
    assert "service" in out
    assert out.endswith("\n")


def test_quiet_still_prints_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert analyze(capsys, "crash.log", "--no-html", "-q", "--format", "chat")[1].startswith("crash: ")


def test_several_cases_are_told_in_one_document_or_by_lines(capsys: pytest.CaptureFixture[str]) -> None:
    def told(form: str) -> str:
        return analyze(capsys, "tickets", "--no-html", "--format", form)[1]

    assert [json.loads(line)["case"] for line in told("json").splitlines()] == ["calm", "crash"]
    assert [(each["case"], each["id"]) for each in map(json.loads, told("jsonl").splitlines())] == [("crash", "i1")]
    (only,) = json.loads(told("sarif"))["runs"]
    assert [each["properties"]["case"] for each in only["results"]] == ["crash"]
    assert [suite.get("name") for suite in etree.fromstring(told("junit").encode())] == ["calm", "crash"]
    assert [line.split(":")[0] for line in told("chat").splitlines()] == ["calm", "crash"]
    assert [line for line in told("markdown").splitlines() if line.startswith("## ")] == ["## unnamed cluster"] * 2


def test_redaction_reaches_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("json", "jsonl", "markdown", "sarif", "junit", "chat"):
        out = analyze(capsys, "tickets/crash.tar", "--no-html", "--redact", "--format", form)[1]
        assert "alpha" not in out
        assert "node-1" in out


def test_two_outputs_on_standard_output_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = analyze(capsys, "crash.log", "--format", "chat", "--markdown", "-")
    assert status == 2
    assert "only one output fits on standard output" in err


def test_a_template_makes_the_markdown_on_standard_output(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "own.md").write_text("own {{ incidents|length }}\n")
    status, out, _ = analyze(capsys, "crash.log", "--no-html", "--format", "markdown", "--template", "own.md")
    assert (status, out) == (0, "own 1\n")


# --- failing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["service_crash"], "service_crash"),
        (["service crash"], "service_crash"),
        (["Service-Crash"], "service_crash"),
        (["2"], "an outage of more than 2"),
        (["2.3s"], "an outage of more than 2.3s"),
        (["1h", "slow_init", "2s"], "an outage of more than 2s"),
        (["service_crash", "1"], "service_crash, an outage of more than 1"),
    ],
)
def test_a_condition_that_is_met_ends_with_one(given: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [word for each in given for word in ("--fail-on", each)]
    status, out, err = analyze(capsys, "crash.log", "--no-html", *asked)
    assert status == 1
    assert err == f"logtrace: --fail-on: i1: {why}\n"
    assert out.startswith("1 fault, 2.4 to 12.4 s of outage.")


@pytest.mark.parametrize("given", ["2.5", "12", "2m", "1h30m", "slow_init", "manual_action"])
def test_only_what_is_certain_counts(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = analyze(capsys, "crash.log", "--no-html", "--fail-on", given)
    assert (status, err) == (0, "")


def test_of_several_cases_the_one_that_fails_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = analyze(capsys, "tickets", "--no-html", "--fail-on", "service_crash")
    assert (status, err) == (1, "logtrace: --fail-on: crash, i1: service_crash\n")
    assert analyze(capsys, "tickets", "--no-html", "-q", "--fail-on", "1")[::2] == (1, "")


@pytest.mark.parametrize(
    ("given", "remedy"),
    [
        ("slow_inti", "did you mean slow_init?"),
        ("service crsh", "did you mean service_crash?"),
        ("-5", "logtrace explain lists the causes; lengths are 60 or 2m"),
        ("2 fortnights", "logtrace explain lists the causes; lengths are 60 or 2m"),
        ("", "logtrace explain lists the causes; lengths are 60 or 2m"),
        ("stonith disabled", "it is a weakness of the configuration: logtrace lint --exit-code fails on those"),
    ],
)
def test_what_is_no_cause_is_refused_before_reading(
    given: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = analyze(capsys, "not-there.log", f"--fail-on={given}")
    assert (status, out) == (2, "")
    assert err == f"logtrace: --fail-on: no cause is called {given!r}; {remedy}\n"
