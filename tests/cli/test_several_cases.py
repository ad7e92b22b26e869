"""`logtrace analyze` of several cases: a line, a page and a line of JSON for each, and nothing merged."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from jsonschema import Draft202012Validator
from logs import CRASH, QUIET, archive, text

from logtrace.cli import run
from logtrace.render import document

VALIDATOR = Draft202012Validator(json.loads(document.schema()))


@pytest.fixture(autouse=True)
def tickets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two reports of strangers, and an archive that holds nothing of a cluster."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    folder = tmp_path / "tickets"
    folder.mkdir()
    archive(folder / "calm.tar", **{"crm_report/beta/pacemaker.log": text(QUIET).replace("alpha", "beta")})
    archive(folder / "crash.tar", **{"crm_report/alpha/pacemaker.log": text(CRASH)})
    archive(folder / "else.tar", **{"crm_report/x1/messages": "Nov 22 12:00:00 x1 kernel: nothing\n"})
    return folder


def test_each_case_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "tickets", "--no-html"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "2 cases"
    assert [line.split()[0] for line in lines[2:]] == ["calm", "crash"]
    assert "1 fault" in lines[3]
    assert "1 fault" not in lines[2]
    assert max(map(len, lines)) <= 80
    assert err == (
        "logtrace: warning: tickets/else.tar: holds no line of Pacemaker or Corosync; give pacemaker.log, "
        "corosync.log, syslog or a crm_report\n"
    )


def test_the_worst_counts_for_the_status() -> None:
    assert run(["analyze", "tickets", "--no-html", "--quiet", "--exit-code"]) == 1
    assert run(["analyze", "tickets/calm.tar", "tickets/else.tar", "--no-html", "--quiet", "--exit-code"]) == 0


def test_json_has_a_document_in_each_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "tickets", "--no-html", "--json", "-"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["case"] for each in told] == ["calm", "crash"]
    assert [[given["path"] for given in each["inputs"]] for each in told] == [
        ["tickets/calm.tar"],
        ["tickets/crash.tar"],
    ]
    assert [each["coverage"]["files"] for each in told] == [1, 1]
    for each in told:
        VALIDATOR.validate(each)


@pytest.mark.parametrize(
    ("options", "folder"), [([], "tickets.logtrace"), (["--html", "out/"], "out"), (["--html", "out"], "out")]
)
def test_pages_and_their_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], folder: str
) -> None:
    assert run(["analyze", "tickets", "--light", *options]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(f"{folder}/index.html")
    assert {path.name for path in (tmp_path / folder).iterdir()} == {"index.html", "calm.html", "crash.html"}
    index = (tmp_path / folder / "index.html").read_text()
    assert 'href="crash.html"' in index
    assert "1 fault" in index


def test_pages_of_another_input_are_left_alone(tmp_path: Path) -> None:
    assert run(["analyze", "tickets", "--light", "--quiet"]) == 0
    (tmp_path / "more").mkdir()
    (tmp_path / "tickets").rename(tmp_path / "more" / "tickets")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tickets").mkdir()
    for name in ("calm.tar", "crash.tar"):
        (tmp_path / "other" / "tickets" / name).write_bytes((tmp_path / "more" / "tickets" / name).read_bytes())
    assert run(["analyze", "other/tickets", "--light", "--quiet"]) == 0
    assert (tmp_path / "tickets-2.logtrace" / "index.html").exists()


def test_a_file_cannot_hold_several_pages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "tickets", "--html", "x.html", "--quiet"]) == 2
    told = "x.html: there are 2 cases, and a page for each; name a folder, or add --one-case"
    assert told in capsys.readouterr().err


def test_a_folder_can_hold_the_page_of_one_case(tmp_path: Path) -> None:
    assert run(["analyze", "tickets/crash.tar", "--html", "out/", "--light", "--quiet"]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["crash.logtrace.html"]


def test_frames_lie_in_a_folder_for_each_case(tmp_path: Path) -> None:
    assert run(["analyze", "tickets", "--no-html", "--quiet", "--parquet", "pq"]) == 0
    assert {path.name for path in (tmp_path / "pq").iterdir()} == {"calm", "crash"}
    assert pl.read_parquet(tmp_path / "pq" / "crash" / "events.parquet").height


def test_markdown_tells_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "tickets", "--no-html", "--markdown", "-"]) == 0
    assert sum(line.startswith("## ") for line in capsys.readouterr().out.splitlines()) == 2


def test_one_case_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "tickets", "--no-html", "--one-case", "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["coverage"]["files"] == 3
    assert [given["path"] for given in told["inputs"]] == ["tickets"]


@pytest.mark.parametrize(
    "command", [["show"], ["timeline"], ["lint"], ["whatif", "--incident", "i1", "--set", "interval=5s"]]
)
def test_what_tells_of_one_case_merges_no_strangers(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command[0], "tickets", *command[1:]]) == 2
    told = "tickets: these are 2 cases (calm, crash); name what belongs to one of them, or add --one-case"
    assert told in capsys.readouterr().err


def test_a_node_of_one_case_leaves_the_others_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "tickets", "--no-html", "--node", "alpha"]) == 0
    assert "2 cases" not in capsys.readouterr().out
    assert run(["analyze", "tickets", "--no-html", "--node", "nobody"]) == 2


def test_names_of_strangers_lead_nowhere(tmp_path: Path) -> None:
    """A cluster may be called anything, and is in a cib.xml."""
    cib = '<cib epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config><cluster_property_set id="o">'
    cib += '<nvpair id="n" name="cluster-name" value="../../{0}"/></cluster_property_set></crm_config><nodes>'
    cib += '<node id="1" uname="{0}1"/></nodes><resources/><constraints/></configuration><status/></cib>'
    for name in ("up", "away"):
        log = text(CRASH).replace("alpha", f"{name}1").replace("0a0b0c0d", f"{len(name):08x}")
        archive(tmp_path / f"{name}.tar", **{f"r/{name}1/pacemaker.log": log, "r/cib.xml": cib.format(name)})
    assert run(["analyze", "up.tar", "away.tar", "--html", "out/in/", "--light", "--quiet"]) == 0
    assert {path.name for path in (tmp_path / "out" / "in").iterdir()} == {"index.html", "away.html", "up.html"}
