"""`logtrace unknown`: lines that were not understood, as stanzas that only want a kind."""

from __future__ import annotations

import tomllib
from pathlib import Path

import polars as pl
import pytest
from folders import KINDS, write
from hypothesis import given
from hypothesis import strategies as st

from logtrace import catalogue
from logtrace.catalogue.template import compile_template
from logtrace.cli import run
from logtrace.cli.unknown import stanza
from logtrace.domain.columns import FIELDS
from logtrace.events import check
from logtrace.events.unknown import Wording, _templates, unknown

LOG = r"""
Nov 22 16:53:20 alpha pacemaker-fenced[113]:  notice: dev-x can frobnicate (reboot) beta: static-list {1}
Nov 22 16:53:21 alpha pacemaker-fenced[113]:  notice: dev-y can frobnicate (reboot) alpha: static-list {22}
Nov 22 16:53:22 beta stonith-ng[113]:  notice: dev-z can  frobnicate (reboot) beta: static-list {333}
Nov 22 16:53:23 alpha corosync[100]:   [TOTEM ] odd "words" of 10.0.0.1:5405\nothing
Nov 22 16:53:23 alpha pacemaker-controld[100]:  info: calm words nobody needs
Nov 22 16:53:23 alpha sshd[9]: Accepted publickey for root
Nov 22 16:53:24 alpha pacemaker-controld[117]:  notice: Node beta state is now lost
Nov 22 16:53:25 alpha lrmd[114]:   info: dev-x start (call 7, PID 373) exited with status 0 (execution time 1ms)
Nov 22 16:53:26 alpha lrmd[114]:   info: dev-y start (call 8, PID 374) exited with status 0 (execution time 1ms)
Nov 22 16:53:27 alpha lrmd[114]:   info: dev-z start (call 9, PID 375) exited with status 0 (execution time 1ms)
"""


@pytest.fixture
def found(tmp_path: Path) -> list[Wording]:
    (tmp_path / "syslog").write_text(LOG)
    return unknown([str(tmp_path / "syslog")])


def test_wordings_are_told_once_the_most_frequent_first(found: list[Wording]) -> None:
    told = [(each.count, each.daemon, each.template) for each in found]
    assert told == [
        (3, "pacemaker-fenced", r"{_} can frobnicate (reboot) {_}: static-list \{{_}\}"),
        (1, "corosync", r'odd "words" of {_}\\nothing'),
    ]
    assert found[0].line == "dev-x can frobnicate (reboot) beta: static-list {1}"
    assert found[0].where.endswith("/syslog:2")


def test_stanzas_want_only_a_kind(found: list[Wording], tmp_path: Path) -> None:
    text = "\n\n".join(stanza(each) for each in found)
    kinds = iter(["op.result", "quorum.lost"])
    while '""' in text:
        text = text.replace('kind   = ""', f'kind   = "{next(kinds)}"', 1)
    folder = write(tmp_path / "parsers", text, kinds=KINDS)
    assert [str(problem) for problem in check.problems(catalogue.load(folder))] == []


@given(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=400))
def test_a_template_fits_the_line_it_is_made_of(message: str) -> None:
    head = message.strip(" \t")
    (template,) = _templates(pl.Series([head]), {"node", "a.b", "x("})
    pattern = compile_template(template, {name: field.pattern for name, field in FIELDS.items()})
    assert pl.Series([head]).str.contains(pattern.regex)[0]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_stanza_is_toml(text: str) -> None:
    given = tomllib.loads(stanza(Wording(1, text or None, text, text, text)))["message"][0]
    assert given["text"] == given["example"][0]["line"] == text
    assert given.get("daemon") == ([text] if text else None)


def test_the_command_prints_so_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "syslog").write_text(LOG)
    assert run(["unknown", "--most", "1", str(tmp_path / "syslog")]) == 0
    (printed,) = tomllib.loads(capsys.readouterr().out)["message"]
    assert printed["kind"] == ""
    assert printed["daemon"] == ["pacemaker-fenced"]


def test_no_log_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "corosync.conf").write_text("totem {\n}\n")
    assert run(["unknown", str(tmp_path)]) == 3
    assert "holds no log" in capsys.readouterr().err
