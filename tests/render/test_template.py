"""A template of one's own: what it may do, what it may not, and that nothing it prints is alive."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builders import HOSTILE, busy, hostile
from cases import CASCADE, PLANNED, SPURIOUS, case
from test_markdown import ALIVE, prose, tokens

from logtrace.errors import UsageError
from logtrace.render import template

MADE = case(CASCADE, PLANNED, SPURIOUS)


def filled(folder: Path, text: str, name: str = "own.md.j2") -> str:
    (folder / name).write_text(text)
    return template.render(MADE, str(folder / name))


def refusal(folder: Path, text: str, name: str = "own.md.j2") -> UsageError:
    with pytest.raises(UsageError) as error:
        filled(folder, text, name)
    assert "\n" not in str(error.value)
    return error.value


def test_the_postmortem_has_every_part_of_one() -> None:
    text = template.render(MADE, "postmortem")
    parts = re.findall("^### (.*)$", text, re.MULTILINE)
    assert parts[:6] == ["Summary", "Impact", "Timeline", "Root cause", "Contributing", "Action items"]
    assert "## i1: group cascade" in text
    assert PLANNED.title not in text
    assert "18.6 to 20.8 s" in text
    for advice in CASCADE.advice:
        assert advice.commands["crm"].splitlines()[0] in text
    types = [token.type for token in tokens(text)]
    assert types.count("table_open") == 2 * 2  # impact and timeline of two incidents


def test_a_postmortem_of_nothing_says_so() -> None:
    assert "nothing to account for" in template.render(case(PLANNED), "postmortem")


def test_log_text_is_not_alive_in_a_postmortem() -> None:
    text = template.render(hostile(HOSTILE), "postmortem")
    assert not {token.type for token in tokens(text)} & (ALIVE - {"em_open"})
    assert "<img" not in prose(text)
    assert "{{7*7}}" in text
    assert not set(text) & {"\x1b", "\u202e", "\x00", "\x07"}


def test_the_document_of_the_contract_is_what_a_template_sees(tmp_path: Path) -> None:
    text = filled(tmp_path, "{{ schema_version }} {{ incidents|length }} {{ worst|map(attribute='id')|join(' ') }}")
    assert text == "1 3 i1 i3\n"


def test_an_ending_chooses_the_escaping(tmp_path: Path) -> None:
    (tmp_path / "a.html.j2").write_text("<p>{{ incidents[0].title }}</p>")
    (tmp_path / "a.xml").write_text("<p>{{ incidents[0].title }}</p>")
    (tmp_path / "a.txt").write_text("<p>{{ incidents[0].title }}</p>")
    (tmp_path / "a.md").write_text("<p>{{ incidents[0].title }}</p>")
    made = hostile("<b>&\x1b[31m_x_")
    assert template.render(made, str(tmp_path / "a.html.j2")) == "<p>&lt;b&gt;&amp;␛[31m_x_</p>\n"
    assert template.render(made, str(tmp_path / "a.xml")) == "<p>&lt;b&gt;&amp;␛[31m_x_</p>\n"
    assert template.render(made, str(tmp_path / "a.txt")) == "<p><b>&␛[31m_x_</p>\n"
    assert template.render(made, str(tmp_path / "a.md")) == "<p>`<b>&␛[31m_x_`</p>\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("one\n{% if %}", 2, "Expected an expression"),
        ("one\ntwo\n{{ nothing }}", 3, "'nothing' is undefined"),
        ("{{ incidents[0].no_such }}", 1, "no_such"),
        ("\n{{ 1 // 0 }}", 2, "ZeroDivisionError"),
        ("{{ 1|no_filter }}", 1, "no_filter"),
        ("{% include 'none.md' %}", 1, "none.md"),
        ("{% include '../own.md.j2' %}", 1, "own.md.j2"),
        ("{{ ''.__class__.__mro__ }}", 1, "unsafe"),
        ("{{ incidents.append(1) }}", 1, "unsafe"),
        ("{{ incidents[0].update(a=1) }}", 1, "unsafe"),
        ("{{ 'a' * 10000000000 }}", 1, "small numbers"),
        ("{{ 9 ** 9999999 }}", 1, "small numbers"),
        ("{{ '%9999999999d' % 1 }}", 1, "small numbers"),
        ("{{ '{:>9999999999}'.format(1) }}", 1, "unsafe"),
        ("{{ 'a'|center(9999999999) }}", 1, "center"),
        ("{% for i in range(9999999) %}{% endfor %}", 1, "Range too big"),
        ("{% for i in range(9000) %}{{ 'x'|replace('x', '" + "y" * 900 + "') }}{% endfor %}", 1, "longer than"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    error = refusal(tmp_path, text)
    assert said in error.message
    if said != "longer than":  # the size is the whole's, not of a line
        assert error.where == f"{tmp_path / 'own.md.j2'}:{line}"
    assert error.remedy


def test_a_template_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "SECONDS", 0.2)
    loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    assert "takes longer than 0.2 s" in refusal(tmp_path, loops).message


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded on Linux only")
def test_a_template_that_wants_too_much_memory_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "MEMORY", 200_000_000)
    doubling = "{% set n = namespace(x='a') %}{% for i in range(40) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
    assert "too much memory" in refusal(tmp_path, doubling).message
    assert filled(tmp_path, "fine") == "fine\n"


def test_files_that_are_no_templates_are_named(tmp_path: Path) -> None:
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe")
    (tmp_path / "large.md").write_text("x" * 1_000_001)
    (tmp_path / "zeros.md").symlink_to("/dev/zero")
    for name, said in (
        ("none.md", "No such file"),
        ("bytes.md", "UTF-8"),
        ("large.md", "too large"),
        ("zeros.md", "device"),
        ("", "folder|direc"),
    ):
        with pytest.raises(UsageError, match=said) as error:
            template.render(MADE, str(tmp_path / name))
        assert error.value.where == str(tmp_path / name)


def test_one_template_may_use_another_beside_it(tmp_path: Path) -> None:
    (tmp_path / "part.md").write_text("{{ incidents|length }} in all")
    assert filled(tmp_path, "{% include 'part.md' %}!") == "3 in all!\n"


def test_the_postmortem_of_a_busy_case_is_whole() -> None:
    assert template.render(busy(), "postmortem").count("### Action items") == 4
