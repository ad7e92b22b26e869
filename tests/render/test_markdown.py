"""The ticket text: its golden form, its length, and that no dialect finds anything alive in log text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cases import CASCADE, FINDING, HOSTILE, NOTE, PLANNED, SPURIOUS, case, infested
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from logtrace.domain.advice import Advice
from logtrace.render import markdown
from logtrace.render.untrusted import fence, inline
from logtrace.report.case import Case, Incident

GOLDEN = Path(__file__).parent / "golden" / "ticket.md"
MIXED = case(CASCADE, PLANNED, SPURIOUS, findings=(FINDING,) * 5, quiet=(NOTE,) * 2)
PARSER = MarkdownIt("commonmark").enable("table")

#: What a renderer makes alive: everything here would be a defect, whoever wrote the text.
ALIVE = {"html_block", "html_inline", "link_open", "image", "em_open", "hr", "blockquote_open", "s_open"}


#: The only HTML there may be: our own, around commands.
FOLD = re.compile(r"<details><summary>[0-9]+ commands?</summary>\n|</details>\n?")


def tokens(text: str) -> list[Token]:
    """All tokens but those of folds."""
    flat: list[Token] = []
    for token in PARSER.parse(text):
        if token.type == "html_block" and FOLD.fullmatch(token.content):
            continue
        flat.append(token)
        flat += token.children or []
    return flat


def prose(text: str) -> str:
    """What stands outside code."""
    return " ".join(token.content for token in tokens(text) if token.type == "text")


def test_the_ticket_reads_like_its_golden_text() -> None:
    assert markdown.render(MIXED) == GOLDEN.read_text(encoding="utf-8")


def test_the_table_is_a_table_and_the_advice_a_list() -> None:
    types = [token.type for token in tokens(markdown.render(MIXED))]
    assert types.count("table_open") == 1
    assert types.count("tr_open") == 1 + 3
    assert types.count("td_open") == 6 * 3
    assert types.count("ordered_list_open") == 2
    assert types.count("fence") == 4


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 8, 13, 30, 500])
def test_a_ticket_is_never_longer_than_sixty_lines(number: int) -> None:
    long = replace(CASCADE, advice=CASCADE.advice * 10, evidence=CASCADE.evidence * 40)
    many = case(*(replace(long, id=f"i{n}") for n in range(number)), findings=(FINDING,) * 40)
    lines = markdown.render(many).splitlines()
    assert len(lines) <= markdown.LINES
    if number > 20:
        assert f"{number} faults" in markdown.render(many)
        assert any("more incidents" in line for line in lines)


def test_little_to_tell_is_told_in_detail() -> None:
    told = markdown.render(case(CASCADE))
    assert "Where the time went: detection 2.9 s, decision 0.10 s, stop 4.0 s, start 11.6 s." in told
    assert "osp-c/pacemaker.log:812" in told


def test_commands_are_folded_and_cited_lines_counted() -> None:
    cited = tuple(replace(CASCADE.evidence[0], id=f"e{number}", line=number) for number in range(1, 18))
    lines = markdown.render(case(replace(CASCADE, evidence=cited))).splitlines()
    fold = lines.index("<details><summary>2 commands</summary>")
    assert lines[fold + 1 : fold + 3] == ["", "```"]
    assert lines[fold + 5 : fold + 7] == ["```", "</details>"]
    assert "First line, after 35.2 s of quiet; 8 of 17 cited lines:" in lines
    assert "First line; 1 cited line:" in markdown.render(case(replace(CASCADE, silence_before=None)))
    html = PARSER.render("\n".join(lines))
    assert html.count("<details>") == html.count("</details>") == 1
    assert html.index("<details>") < html.index("modgroup") < html.index("</details>")


def hostile_cases() -> list[Case]:
    return [infested(MIXED, text) for text in (HOSTILE, *HOSTILE.split(), "a | b |", "````", "`", "\\", "|", "---", "")]


@pytest.mark.parametrize("which", hostile_cases())
def test_nothing_in_hostile_text_is_alive(which: Case) -> None:
    text = markdown.render(which)
    types = [token.type for token in tokens(text)]
    assert not ALIVE & set(types)
    assert types.count("heading_open") == 3
    assert types.count("td_open") == 6 * 3
    assert types.count("ordered_list_open") == 2
    assert not re.search(r"[@<>\[\]#!~*_$`\\|]|//|www\.", prose(text))
    assert len(text.splitlines()) <= markdown.LINES


@given(st.text(alphabet="`|\\<>[]()@#!*_~ \n:/wW.-+=a1&;'\"%", max_size=60))
def test_inline_text_of_any_kind_is_dead(text: str) -> None:
    line = f"Said: {inline(text)}"
    types = {token.type for token in tokens(line)}
    assert types <= {"paragraph_open", "inline", "paragraph_close", "text", "code_inline"}
    assert not re.search(r"[@<>\[\]#!~*_$`\\|]|//|www\.", prose(line), re.IGNORECASE)


@given(st.lists(st.text(alphabet="`~ \na|", max_size=30), min_size=1, max_size=4))
def test_nothing_in_a_fence_ends_it(lines: list[str]) -> None:
    fenced = "\n".join(fence(lines))
    parsed = [token for token in PARSER.parse(fenced) if token.type == "fence"]
    assert len(parsed) == 1
    assert len(parsed[0].content.splitlines()) == len(lines)


def test_a_command_in_a_sentence_of_our_own_stays_one() -> None:
    said = "its own log, `coredumpctl list` and (`journalctl -u web_1`), not `half"
    assert inline(said) == "its own log, `coredumpctl list` and (`journalctl -u web_1`), not `` `half ``"


def advised(*commands: str) -> Incident:
    return replace(CASCADE, advice=tuple(Advice("x", "Do it", {"crm": each}) for each in commands))


def test_a_command_is_whole_or_elsewhere() -> None:
    long = "cibadmin --modify --xml-text '" + "<x/>" * 500 + "'"
    assert long in markdown.render(case(advised(long))).splitlines()
    longer = long * 3
    for text in (markdown.render(case(advised(longer, "crm a"))), markdown.one(advised(longer, "crm a"), 1, "UTC")):
        assert "cibadmin" not in text
        assert "crm a" in text.splitlines()
        assert "The commands for 1 are on the page and in the JSON." in text.splitlines()


def test_commands_are_the_last_to_go_and_are_missed_aloud() -> None:
    several = [replace(advised("crm a\ncrm b", "crm b\ncrm c"), id=f"i{number}") for number in range(3)]
    text = markdown.render(case(*several, quiet=(NOTE,) * 3))
    assert text.count("crm a\ncrm b\ncrm c\n```") == 3
    assert NOTE.sentence not in text
    many = [replace(advised("crm a\n" * 3 + "crm b\n" * 30), id=f"i{number}") for number in range(40)]
    text = markdown.render(case(*many))
    assert text.count("The commands for 1 are on the page and in the JSON.") == text.count("### ") > 1


def test_a_sentence_of_advice_ends_before_what_it_saves() -> None:
    ends = (replace(CASCADE.advice[0], sentence=sentence) for sentence in ("Take it out", "Take it out."))
    text = markdown.render(case(replace(CASCADE, advice=tuple(ends))))
    assert text.count("Take it out. Saves about 13 s.") == 2


def test_words_of_the_language_stay_words() -> None:
    assert inline('a (b) 5% of 3/4: it\'s "so", 1.5 s - yes') == 'a (b) 5% of 3/4: it\'s "so", 1.5 s - yes'
    assert inline("(nova_api),") == "(`nova_api`),"
