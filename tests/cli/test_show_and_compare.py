"""`logtrace show`, `logtrace compare` and `--template` from the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from logs import CRASH, QUIET, text

from logtrace.cli import run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two logs: a crash whose start takes 2.2 s, and the same with a start of 12.2 s."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "crash.log").write_text(text(CRASH))
    slower = [re.sub(r"12:00:12\.", "12:00:22.", line) for line in CRASH]
    (tmp_path / "slow.log").write_text(text(slower))
    (tmp_path / "quiet.log").write_text(text(QUIET))
    return tmp_path


def test_an_incident_is_shown_in_depth(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "crash.log", "i1"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("i1  service crash")
    for part in ("numbers", "phases", "operations (* on the critical path)", "causes", "evidence"):
        assert f"\n{part}\n" in out
    assert "crash.log:3" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", ["i1", "1", "I1", "01"])
def test_an_incident_is_known_by_its_number(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "crash.log", name]) == 0
    assert capsys.readouterr().out.startswith("i1  service crash")


def test_without_an_id_the_incidents_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "crash.log"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[2].startswith("i1  12:00:10  outage 2.4 to 12.4 s  service crash")
    assert run(["show", "quiet.log"]) == 0
    assert capsys.readouterr().out == "No fault in what was read.\n"


def test_what_is_there_under_the_name_of_an_incident_is_a_path(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "1").write_text(text(CRASH))
    assert run(["show", "crash.log", "1"]) == 0
    assert "\n\ni1  " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "crash.log", "i9"], "no incident is called 'i9'; there are i1"),
        (["show", "quiet.log", "i1"], "no incident is called 'i1'; there is none at all"),
        (["show", "crash.log", "9"], "no incident is called '9'; there are i1"),
        (["show", "i1"], "i1: no such file or folder"),
        (["show", "crash.log", "fast.log"], "fast.log: no such file or folder"),
        (["show", "missing.log"], "missing.log: no such file or folder"),
        (["show"], "Missing argument"),
        (["compare", "crash.log"], "'B'"),
        (["compare", "crash.log#7", "slow.log"], "no incident is called '7'"),
        (["compare", "crash.log#i7", "slow.log"], "no incident is called 'i7'"),
        (["compare", "crash.log", "slow.log", "--html", "-"], "--html: the page does not go to standard output"),
        (["compare", "crash.log", "slow.log", "--json", "slow.log"], "slow.log: is one of the inputs"),
        (["compare", "crash.log", "slow.log", "--json", "x", "--html", "x"], "x: is named for two outputs"),
        (["show", "crash.log", "i1", "--redact", "--redact-map", "crash.log"], "crash.log: is one of the inputs"),
        (["timeline", "crash.log", "--redact", "--redact-map", "crash.log"], "crash.log: is one of the inputs"),
        (["compare", "crash.log", "slow.log", "--json", "no/x"], "no/x: its folder does not exist"),
        (["compare", "crash.log", "slow.log", "--redact-map", "x"], "--redact-map without --redact"),
        (["analyze", "crash.log", "--template", "postmortem"], "--template without --markdown"),
        (["analyze", "crash.log", "--no-html", "-q", "--template", "x.md", "--markdown", "-"], "x.md: No such file"),
    ],
)
def test_wrong_usage_is_one_line_and_status_two(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert err.count("\n") == 1
    assert out == ""


def test_two_reports_are_compared(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "crash.log", "slow.log", "--json", "c.json", "--html", "c.html"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "The second took 10.0 s longer." in out
    assert "start of web took 12.2 s instead of 2.2 s" in " ".join(out.split())
    told = json.loads((here / "c.json").read_text())
    assert [told[side]["name"] for side in ("first", "second")] == ["crash.log", "slow.log"]
    assert "<script" not in (here / "c.html").read_text()
    assert run(["compare", "slow.log#i1", "crash.log#i1", "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["difference"] == -10.0


def test_quiet_prints_nothing_and_nothing_to_compare_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "crash.log", "slow.log", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert run(["compare", "crash.log", "quiet.log"]) == 0
    assert "No incident to compare in quiet.log." in capsys.readouterr().out


def test_a_file_with_a_hash_in_its_name_is_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "case#i1").write_text(text(CRASH))
    assert run(["compare", "case#i1", "slow.log", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["first"]["name"] == "case#i1"


def test_a_redacted_comparison_names_nobody(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "alpha.log").write_text(text(CRASH))
    arguments = ["alpha.log", "slow.log", "--redact", "--html", "c.html", "--json", "c.json", "--redact-map", "map"]
    assert run(["compare", *arguments]) == 0
    for content in (capsys.readouterr().out, (here / "c.html").read_text(), (here / "c.json").read_text()):
        assert "alpha" not in content
        assert "node-1" in content
    assert json.loads((here / "map").read_text()) == {"node": {"alpha": "node-1"}}


def test_a_template_makes_the_markdown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--no-html", "--quiet", "--markdown", "-"]
    assert run(["analyze", "crash.log", *options, "--template", "postmortem"]) == 0
    assert capsys.readouterr().out.startswith("# Postmortem")
    (here / "own.md").write_text("{{ worst[0].id }}\n{{ nobody }}\n")
    assert run(["analyze", "crash.log", *options, "--template", "own.md"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "logtrace: own.md:2: 'nobody' is undefined; correct the template\n")
