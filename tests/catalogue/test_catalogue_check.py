"""The checker finds what would make events wrong; the catalogue that comes with logtrace has nothing of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from folders import FORMAT, NOISE, QUORUM, RESULT, write

from logtrace import catalogue
from logtrace.events import check


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in check.problems(catalogue.load(folder))]


def test_the_catalogue_proves_itself() -> None:
    known = catalogue.load()
    assert [str(problem) for problem in check.problems(known)] == []
    assert len(known.messages) > 100
    assert len(known.formats) > 10


def test_a_good_folder_has_no_problem(tmp_path: Path) -> None:
    assert problems(write(tmp_path, RESULT, QUORUM)) == []


def test_an_example_must_match_its_own_message(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, RESULT.replace("Result of start", "Outcome of start"), QUORUM))
    assert "does not match its message (op.result" in found
    assert ":7: " in found


def test_an_example_must_give_the_fields_it_states(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, RESULT.replace("call = 7", "call = 8"), QUORUM))
    assert "field 'call' is 7, the example says 8" in found


def test_no_other_message_may_claim_an_example(tmp_path: Path) -> None:
    rival = QUORUM.replace('"Quorum lost"', '"Result of {_:rest}"', 1).replace('"Quorum lost"', '"Result of x"')
    (found,) = problems(write(tmp_path, RESULT, rival))
    assert "the example of op.result is also claimed by quorum.lost" in found
    other = rival.replace("text", 'daemon = "attrd"\ntext', 1)
    assert problems(write(tmp_path / "other", RESULT, other)) == [], "another daemon's message is no rival"


def test_every_kind_needs_a_message(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, RESULT))
    assert "no message has kind 'quorum.lost'" in found


def test_a_bad_expression_is_named(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, RESULT, QUORUM.replace('Quorum lost"', 'Quorum {text:(} lost"', 1)))
    assert "is no regular expression" in found
    assert ":11: " in found


def test_look_around_is_refused(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, RESULT, QUORUM.replace('Quorum lost"', 'Quorum {text:(?!x)lost}"', 1)))
    assert "look-around" in found


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('host = "node1"', 'host = "node2"', "field 'host' is 'node1'"),
        ("Jul  4 16:53:20 node1 crmd", "4 Jul 16:53:20 node1 crmd", "does not fit its format"),
    ],
)
def test_formats_are_proved_too(tmp_path: Path, old: str, new: str, problem: str) -> None:
    (found,) = problems(write(tmp_path, RESULT, QUORUM, formats=FORMAT.replace(old, new)))
    assert problem in found


def test_no_line_may_fit_two_formats(tmp_path: Path) -> None:
    twin = FORMAT[: FORMAT.index('[[format]]\nname = "daemon"')].replace('"syslog"', '"twin"')
    found = problems(write(tmp_path, RESULT, QUORUM, formats=FORMAT + twin))
    assert len(found) == 2
    assert "also fits format 'twin'" in found[0]
    assert "also fits format 'syslog'" in found[1]


@pytest.mark.parametrize("module", ["logtrace.events", "logtrace.lines", "logtrace.catalogue", "logtrace.events.check"])
def test_each_part_can_be_imported_first(module: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", f"import {module}"], check=True, timeout=60)


def test_no_example_may_be_noise(tmp_path: Path) -> None:
    noise = NOISE + '[[noise]]\ntext = ["Quorum", "of start"]\nexample = "Quorum of start"\n'
    first, second = problems(write(tmp_path / "parsers", RESULT, QUORUM, noise=noise))
    assert "daemon.toml:14: the example holds 'Quorum', which is noise (parsers/noise.toml:5)" in first
    assert "daemon.toml:7: the example holds 'of start', which is noise" in second


def test_noise_needs_an_example_of_each_text(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path, RESULT, QUORUM, noise=NOISE.replace("0.42.7", "").replace("---", "+++", 1)))
    assert "noise.toml:2: no example of the noise holds 'Diff: +++ '" in found
