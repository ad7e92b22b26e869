"""The kinds of events that logtrace asks for: those it says it asks for, and no others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from folders import KINDS, QUORUM, RESULT, write

import logtrace
from logtrace import catalogue
from logtrace.catalogue.load import _own
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.errors import CatalogueError
from logtrace.events import check

PACKAGE = Path(str(logtrace.__file__)).parent


def members_used(enumeration: str) -> set[str]:
    """The members of an enumeration that the code names outside of the domain, e.g. `Kind.OP_RESULT`."""

    def named(file: Path) -> Iterator[str]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == enumeration:
                yield node.attr

    files = [file for file in PACKAGE.rglob("*.py") if file.parent.name != "domain"]
    return {name for file in files for name in named(file)}


@pytest.mark.parametrize("enumeration", [Kind])
def test_every_member_is_asked_for(enumeration: type[StrEnum]) -> None:
    unused = set(enumeration.__members__) - members_used(enumeration.__name__)
    assert not unused, "take these away; of kinds, mark them with reader = true in parsers/kinds.toml"


def test_a_kind_that_nothing_asks_for_is_a_problem(tmp_path: Path) -> None:
    kinds = KINDS + '"tea.ready" = { meaning = "tea", fields = [] }\n'
    tea = QUORUM.replace("quorum.lost", "tea.ready").replace("Quorum lost", "Tea is ready")
    (found,) = check.problems(catalogue.load(write(tmp_path / "a", RESULT, QUORUM, tea, kinds=kinds)))
    assert str(found).startswith("parsers/kinds.toml: nothing asks for kind 'tea.ready'; mark it with reader = true")
    marked = kinds.replace('{ meaning = "tea"', '{ reader = true, meaning = "tea"')
    assert not check.problems(catalogue.load(write(tmp_path / "b", RESULT, QUORUM, tea, kinds=marked)))


def test_a_kind_that_is_asked_for_is_not_for_the_reader_alone(tmp_path: Path) -> None:
    kinds = KINDS.replace('{ meaning = "no quorum"', '{ reader = true, meaning = "no quorum"')
    (found,) = check.problems(catalogue.load(write(tmp_path, RESULT, QUORUM, kinds=kinds)))
    assert "kind 'quorum.lost' is said to be for the reader, and logtrace asks for it" in str(found)


def test_what_is_asked_for_and_missing_is_an_error_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path, RESULT)
    monkeypatch.setattr("logtrace.data.folder", lambda _: folder)
    monkeypatch.setattr("logtrace.data.beside", lambda _: None)
    with pytest.raises(CatalogueError, match="is missing, which logtrace asks for") as error:
        _own.__wrapped__()
    assert str(error.value.where).endswith("kinds.toml")
    assert "logtrace/domain/kinds.py" in str(error.value.remedy)


def test_every_class_of_reasons_has_a_wording() -> None:
    assert {reason.why for reason in catalogue.load().reasons} == set(Why)
