"""Every cause and every weakness is explained, and nothing else is."""

from __future__ import annotations

import re

import pytest

from logtrace import causes, explain, lint
from logtrace.cli import run

LABELS = list(causes.CAUSES)
CODES = [check.code for check in lint.CHECKS]


def test_every_label_and_code_has_an_entry_and_no_entry_is_left_over() -> None:
    assert sorted(entry.label for entry in explain.entries()) == sorted([*LABELS, *CODES])


@pytest.mark.parametrize("entry", explain.entries(), ids=lambda entry: entry.label)
def test_an_entry_is_whole_sentences_without_markup(entry: explain.Explanation) -> None:
    assert len(entry.line) <= 110
    for text in (entry.line, entry.means, entry.proves, entry.disproves, entry.fix):
        assert re.fullmatch(r"[A-Z].*[.]|[a-z]+[-_].*[.]", text), text  # an option's name keeps its spelling
        assert not re.search(r"[<>*`|{}]|  |\n", text), text
    assert len({entry.means, entry.proves, entry.disproves, entry.fix}) == 4


@pytest.mark.parametrize("label", LABELS)
def test_a_cause_is_told_in_several_sentences(label: str) -> None:
    entry = explain.of(label)
    assert entry is not None
    for _, text in entry.parts:
        assert 2 <= len(re.findall(r"[.](?: |$)", text)) <= 6, text


def test_what_nobody_explains_is_none() -> None:
    assert explain.of("no_such_label") is None


def test_the_list_names_all_of_them_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert sorted(listed) == sorted([*LABELS, *CODES])


@pytest.mark.parametrize("given", ["dc_loss", "dc-loss", "DC loss"])
def test_a_label_is_explained_in_four_parts(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", given]) == 0
    told = capsys.readouterr().out
    entry = explain.of("dc_loss")
    assert entry is not None
    assert told.startswith("dc_loss: ")
    words = " ".join(told.split())
    for heading, text in entry.parts:
        assert f"{heading} {text}" in words


def test_a_misspelt_label_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "dc_los"]) == 2
    assert capsys.readouterr().err == "logtrace: nothing is called 'dc_los'; did you mean dc_loss?\n"
