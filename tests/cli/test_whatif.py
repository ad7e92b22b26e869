"""`logtrace whatif`: before and after, side by side."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from logtrace.cli import run

SAMPLE = str(next((Path(__file__).parents[2] / "samples" / "group-cascade").glob("*.tar.bz2")))


def test_a_table_of_at_most_eighty_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whatif", SAMPLE, "--incident", "i2", "--set", "group=split", "--set", "interval=5s"]) == 0
    told = capsys.readouterr().out
    assert "before" in told
    assert "with group=split, interval=5s" in told
    assert all(len(line) <= 80 for line in told.splitlines())


def test_json_says_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["whatif", SAMPLE, "--incident", "i2", "--set", "group=split", "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["incident"] == "i2"
    assert told["after"]["outage"] < told["before"]["outage"] / 5
    assert told["saves"] == pytest.approx(told["before"]["whole"] - told["after"]["whole"], abs=0.002)
    assert any(row["after"] is None for row in told["activities"])
    path = tmp_path / "told.json"
    assert run(["whatif", SAMPLE, "--incident", "i2", "--set", "group=split", "--json", str(path)]) == 0
    assert json.loads(path.read_text()) == told
    assert "before" in capsys.readouterr().out


def test_a_table_is_as_wide_as_its_names_and_cuts_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whatif", SAMPLE, "--incident", "2", "--set", "group=unordered"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("start of p_neutron_openvswitch_agent ") for line in lines)
    assert not [line for line in lines if "…" in line or len(line) > 80]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--incident", "i99", "--set", "clone"], "no incident is called 'i99'; there are i1, i2"),
        (["--incident", "i1", "--set", "clone"], "there is nothing to compute for i1"),
        (["--incident", "i2", "--set", "nonsense"], "cannot read the change 'nonsense'; write interval=DURATION"),
        (["--incident", "i2", "--set", "clone=nothing"], "'nothing' had no part in the incident; there are p_"),
        (["--incident", "i2", "--set", "group=split:g"], "'g' had no part in the incident; there are g_all"),
        (["--set", "clone"], "Missing option '--incident'"),
        (["--incident", "i2"], "Missing option '--set'"),
    ],
)
def test_what_makes_no_sense_is_told(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["whatif", SAMPLE, *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert not told.out


def test_json_never_goes_where_the_report_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = str(shutil.copy(SAMPLE, tmp_path))
    assert run(["whatif", report, "--incident", "i2", "--set", "clone", "--json", report]) == 2
    assert "is one of the inputs; name another file for the output" in capsys.readouterr().err
    assert Path(report).read_bytes() == Path(SAMPLE).read_bytes()
