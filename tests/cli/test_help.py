"""Help and manual pages, for whatever commands there are, in groups or not."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Annotated

import pytest
import typer

from logtrace.cli import app, described, helptext, manual, manual_pages, run
from logtrace.cli.described import Described
from logtrace.cli.program import group, program
from logtrace.version import VERSION

PROGRAM = described.described(program(app), ("logtrace",))
ALL = list(PROGRAM.walk())
DAY = date(2026, 11, 28)


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    weight: Annotated[int, typer.Option("--weight", "-w", metavar="N", help="How much it counts.")] = 3,
) -> None:
    """Add a cluster.

    With all that is known of it.

    For example:
      zoo keep add '.lion' -w 7   # a lion

    Exit status: 0 added.
    """


KEEP = group("keep", "Keep them.", {"add": f"{__name__}:add"})
ZOO = described.described(
    program(group("zoo", "Look after animals.", {"add": f"{__name__}:add", "keep": KEEP})), ("zoo",)
)


@pytest.mark.parametrize("command", ALL, ids=lambda each: "-".join(each.path))
@pytest.mark.parametrize("columns", [60, 80, 100])
def test_help_fits_and_says_what_everything_is(command: Described, columns: int) -> None:
    lines = helptext.text(command, columns).splitlines()
    assert lines[0].startswith(f"Usage: {' '.join(command.path)}")
    assert not [line for line in lines if len(line) > columns and not line.startswith("  logtrace ")]
    assert command.summary.endswith(".")
    assert len(command.summary) <= 80 or command is PROGRAM
    for told in (*command.arguments, *(option for _, options in command.panels for option in options)):
        assert told.help.endswith((".", ")")), f"{told.words} is not described"
    assert command.examples or command.commands, "an example says more than a paragraph"
    for example, _ in command.examples:
        assert " ".join(command.path) in example
    assert len(lines) < 130


@pytest.mark.parametrize("command", ALL, ids=lambda each: "-".join(each.path))
def test_help_is_the_same_however_it_is_asked_for(command: Described, capsys: pytest.CaptureFixture[str]) -> None:
    asked = []
    for arguments in ([*command.path[1:], "--help"], [*command.path[1:], "-h"], ["help", *command.path[1:]]):
        assert run(arguments) == 0
        asked.append(capsys.readouterr().out)
    assert asked[0] == asked[1] == asked[2]


def test_a_group_lists_its_commands_and_each_has_help() -> None:
    names = [" ".join(each.path) for each in ZOO.walk()]
    assert names == ["zoo", "zoo add", "zoo keep", "zoo keep add"]
    text = helptext.text(list(ZOO.walk())[2], 80)
    assert "  add  Add a cluster.\n" in text
    assert "zoo help keep COMMAND tells more of one." in text


def test_columns_are_as_wide_as_they_must_be() -> None:
    assert helptext.text(list(ZOO.walk())[1], 80) == (
        "Usage: zoo add NAME [OPTIONS]\n\nAdd a cluster.\n\nWith all that is known of it.\n\n"
        "Examples:\n  zoo keep add '.lion' -w 7  # a lion\n\n"
        "Arguments:\n  NAME  What it is called.\n\n"
        "Options:\n  -w, --weight N  How much it counts. [default: 3]\n  -h, --help      Show this text.\n\n"
        "Exit status: 0 added.\n"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["hepl"], "logtrace has no command 'hepl'; did you mean help?"),
        (["xyz"], "logtrace has no command 'xyz'; there are analyze, show"),
        (["show", "more"], "logtrace show has no command 'more'; it is no group of commands"),
    ],
)
def test_help_for_what_is_no_command(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"logtrace: {told}")
    assert err.count("\n") == 1


def test_every_command_has_a_manual_page() -> None:
    pages = dict(manual_pages(DAY))
    assert {"logtrace.1", "logtrace-analyze.1"} <= set(pages)
    assert len(pages) == len(ALL)
    show = pages["logtrace-show.1"]
    assert f'.TH LOGTRACE-SHOW 1 "2026-11-28" "logtrace {VERSION}"' in show
    assert "\\fB\\-\\-no\\-pager\\fR" in show


def test_nothing_in_a_page_is_taken_for_a_request() -> None:
    pages = dict(manual.pages(ZOO, DAY))
    assert list(pages) == ["zoo.1", "zoo-add.1", "zoo-keep.1", "zoo-keep-add.1"]
    assert "\n.'" not in pages["zoo-add.1"]
    odd = described.Described(("zoo",), ".SH is 'no\\thing'.", (".TH x",), ((".x -y", "'b"),), "", (), (), ())
    (page,) = dict(manual.pages(odd, DAY)).values()
    assert "\\&.TH x" in page
    assert "no\\ething" in page
    assert sum(line.startswith(".TH") for line in page.splitlines()) == 1


@pytest.mark.parametrize("tool", ["man", "mandoc"])
def test_pages_are_read_without_a_warning(tool: str, tmp_path: Path) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed; it is in the package {'man-db' if tool == 'man' else tool}")
    command = ["man", "--warnings", "-l"] if tool == "man" else ["mandoc", "-T", "lint", "-W", "warning"]
    plain = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    for name, text in [*manual_pages(DAY), *manual.pages(ZOO, DAY)]:
        page = tmp_path / name
        page.write_text(text, encoding="utf-8")
        done = subprocess.run([*command, str(page)], capture_output=True, text=True, env=plain)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        assert ("SYNOPSIS" in done.stdout) == (tool == "man")
        assert (done.stdout == "") == (tool == "mandoc")
