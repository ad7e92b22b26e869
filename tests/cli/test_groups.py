"""Options that are shared as groups: they become options of each command, and are checked before it runs."""

from __future__ import annotations

from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from logtrace.cli.groups import Group, flat


class Colours(Group, frozen=True, kw_only=True):
    ground: Annotated[str, typer.Option(help="What is behind.")] = "white"
    shades: Annotated[list[int] | None, typer.Option("--shade", help="How dark; may be repeated.")] = None

    def __post_init__(self) -> None:
        if self.ground == "none":
            raise LookupError("no ground")


def paint(
    what: Annotated[str, typer.Argument()],
    *,
    fast: Annotated[bool, typer.Option("--fast")] = False,
    colours: Colours,
    often: Annotated[int, typer.Option()] = 1,
) -> None:
    """Paint something."""
    typer.echo(f"{what} {fast} {colours.ground} {colours.shades} {often}")


app = typer.Typer()
app.command()(flat(paint))


@pytest.mark.parametrize(
    ("arguments", "painted"),
    [
        (["wall"], "wall False white None 1"),
        (["wall", "--shade", "3", "--fast", "--shade", "4", "--often", "2"], "wall True white [3, 4] 2"),
    ],
)
def test_a_command_gets_its_groups_as_values(arguments: list[str], painted: str) -> None:
    assert CliRunner().invoke(app, arguments).output == f"{painted}\n"


def test_options_stand_where_their_group_does() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    places = [shown.index(name) for name in ("--fast", "--ground", "--shade", "--often")]
    assert places == sorted(places)
    assert "Paint something." in shown


def test_what_a_group_refuses_ends_the_command_before_it_begins() -> None:
    done = CliRunner().invoke(app, ["wall", "--ground", "none"])
    assert isinstance(done.exception, LookupError)
    assert done.output == ""
