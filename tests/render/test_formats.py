"""What stands on standard output for machines and chats: golden texts of a story, and hostile text in each of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cases import CASCADE, FINDING, HOSTILE, PLANNED, SKIPPED, SPURIOUS, case, infested
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace
from sarif_shape import checked
from stories import case as story
from stories import cluster, primitive
from test_markdown import PARSER, prose

from logtrace import explain
from logtrace.cli.formats import Format, told
from logtrace.render import chat, document, junit, sarif
from logtrace.render.untrusted import shown
from logtrace.report.case import Case, Coverage
from logtrace.version import VERSION

GOLDEN = Path(__file__).parent / "golden"
COVERAGE = Coverage(files=1, lines=2, lines_recognised=2, lines_undated=0, skipped=(SKIPPED,))
MIXED = case(CASCADE, PLANNED, SPURIOUS, findings=(FINDING,), coverage=COVERAGE)
#: Characters that end, mislead or break one format or another.
ODD = st.text(
    st.one_of(
        st.sampled_from("\x00\x07\x1b\x7f\x9b\u2028\u202e\ufffe\uffff\udc80\ud800<>&\"'{}[]()|`@#\\/%:\r\n\t"),
        st.characters(),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def slow() -> Case:
    """A database that dies and takes 18 s to start."""
    text = """
    12:00:01.000 node1 db start in 0.5s: ok
    12:00:02.000 node1 db monitor 10s asked: ok
    12:05:10.200 node1 db monitor 10s: not running
    12:05:10.240 node2 plan 7: Recover db ( node1 )
    12:05:10.400 node1 db stop in 0.05s: ok
    12:05:28.600 node1 db start in 18.1s: ok
    12:05:28.700 node1 db monitor 10s asked: ok
    12:05:28.800 node2 done 7
    """
    return story(text, cib=cluster(primitive("db", "ocf:heartbeat:mysql"), stonith_enabled="false")).case


def results(cases: list[Case]) -> str:
    """What a SARIF file says of these cases, without the rules, which explain tells."""
    run = checked(json.loads(sarif.render(cases)))
    return json.dumps(run["results"], indent=2) + "\n"


@pytest.mark.parametrize(
    ("name", "render"),
    [
        ("story.sarif.json", lambda case: results([case])),
        ("story.junit.xml", lambda case: junit.render([case]).replace(f'"{VERSION}"', '"VERSION"')),
        ("story.chat.txt", chat.line),
        ("story.md", lambda case: told([case], Format.MARKDOWN)),
    ],
)
def test_a_story_reads_like_its_golden_text(name: str, render: object, slow: Case) -> None:
    assert callable(render)
    assert render(slow) == (GOLDEN / name).read_text(encoding="utf-8")


# --- several cases ------------------------------------------------------------------------------------


def test_json_is_one_document_or_a_line_for_each_case() -> None:
    assert json.loads(told([MIXED], Format.JSON)) == document.to_dict(MIXED)
    lines = told([MIXED, case()], Format.JSON).splitlines()
    assert [json.loads(line) for line in lines] == [document.to_dict(MIXED), document.to_dict(case())]


def test_jsonl_is_a_line_for_each_incident_with_the_name_of_its_case() -> None:
    other = replace(case(SPURIOUS), name="other")
    lines = [json.loads(line) for line in told([MIXED, other, case()], Format.JSONL).splitlines()]
    assert [(line.pop("case"), line["id"]) for line in lines] == [
        ("osp-cluster", "i1"), ("osp-cluster", "i2"), ("osp-cluster", "i3"), ("other", "i3"),
    ]  # fmt: skip
    assert {line.pop("schema_version") for line in lines} == {1}
    assert lines[:3] == document.to_dict(MIXED)["incidents"]


def test_sarif_has_one_run_of_all_cases_whose_rules_explain_what_was_found() -> None:
    run = checked(json.loads(sarif.render([MIXED, replace(case(CASCADE), name="other")])))
    found = [(each["ruleId"], each.get("kind"), each["level"]) for each in run["results"]]
    assert found == [
        ("group_cascade", "fail", "error"),
        ("manual_action", "informational", "none"),
        ("spurious_monitor", "fail", "warning"),
        ("no_monitor", None, "warning"),
        ("group_cascade", "fail", "error"),
    ]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    known = explain.of("group_cascade")
    assert known is not None
    assert rules["group_cascade"]["shortDescription"]["text"] == known.line
    assert known.fix in rules["group_cascade"]["help"]["text"]
    first, *_ = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "crm_report/osp-c/pacemaker.log"
    assert place["region"]["startLine"] == 812
    assert first["properties"]["case"] == "osp-cluster"
    assert first["properties"]["outage_max"] == 20.8
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notice["message"]["text"] == SKIPPED.reason


def test_a_result_keeps_its_fingerprint_and_no_two_share_one() -> None:
    def prints() -> list[str]:
        run = json.loads(sarif.render([MIXED, replace(MIXED, name="other")]))["runs"][0]
        return [each["partialFingerprints"]["logtrace/v1"] for each in run["results"]]

    assert prints() == prints()
    assert len(set(prints())) == 8


def test_junit_has_a_suite_for_each_case_and_fails_what_nobody_wanted() -> None:
    info = replace(FINDING, severity="info", subject="calm")
    root = etree.fromstring(junit.render([replace(MIXED, findings=(FINDING, info)), case()]).encode())
    assert (root.get("tests"), root.get("failures")) == ("6", "3")
    mixed, calm = root
    assert (mixed.get("tests"), mixed.get("failures"), mixed.get("name")) == ("5", "3", "osp-cluster")
    failed = {test.get("name"): test.find("failure") for test in mixed.iter("testcase")}
    kinds = [None if each is None else each.get("type") for each in failed.values()]
    assert kinds == ["group_cascade", None, "spurious_monitor", "no_monitor", None]
    assert [test.get("time") for test in mixed.iter("testcase")] == ["18.600", "0.000", "4.200", "0.000", "0.000"]
    assert [test.get("name") for test in calm.iter("testcase")] == ["no incidents"]


def test_a_chat_is_told_the_worst_and_how_many_more_there_are() -> None:
    lines = told([MIXED, case(PLANNED)], Format.CHAT).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("osp-cluster: `nova_conductor` died on osp-c;")
    assert "Outage 18.6 to 20.8 s, group cascade, since 22 Nov 2022 16:47:45 UTC." in lines[0]
    assert "Best fix: Take the 16 members out of the ordered group (saves about 13 s)." in lines[0]
    assert lines[0].endswith("And 1 more: i3.")
    assert lines[1] == "osp-cluster: No faults found. 1 operator action."
    unknown = replace(CASCADE, advice=(replace(CASCADE.advice[0], saves=None),))
    (line,) = told([case(unknown)], Format.CHAT).splitlines()
    assert line.endswith("Next step: Take the 16 members out of the ordered group.")


# --- hostile text -------------------------------------------------------------------------------------


def hostile(text: str) -> list[Case]:
    return [infested(MIXED, text), infested(case(), text)]


def holds_only_visible(text: str) -> bool:
    return all(line == shown(line, len(line)) for line in text.split("\n"))


def assert_readable(text: str) -> None:
    """Each format with `text` in every place reads again as what it is, and shows nothing that steers a terminal."""
    cases = hostile(text)
    assert len([json.loads(line) for line in told(cases, Format.JSON).splitlines()]) == 2
    assert len([json.loads(line) for line in told(cases, Format.JSONL).splitlines()]) == 3
    assert len(checked(json.loads(told(cases, Format.SARIF)))["results"]) == 4
    xml = told(cases, Format.JUNIT)
    tests = list(etree.fromstring(xml.encode()).iter("testcase"))
    assert len(tests) == 5
    assert all(holds_only_visible(each) for test in tests for each in test.itertext())
    assert len(told(cases, Format.CHAT).splitlines()) == 2
    for format_ in (Format.JSON, Format.JSONL, Format.SARIF, Format.JUNIT):
        assert told(cases, format_).isascii()
    for format_ in Format:
        assert holds_only_visible(told(cases, format_))


@pytest.mark.parametrize(
    "text", [HOSTILE, *HOSTILE.split(), "]]>", "[a](http://evil)", "{0}", "//evil/x", "file:///x", ""]
)
def test_hostile_text_stays_text(text: str) -> None:
    assert_readable(text)


@given(ODD)
def test_text_of_any_kind_stays_text(text: str) -> None:
    assert_readable(text)


def test_every_character_can_stand_in_xml() -> None:
    for start in range(0, 0x110000, 0x8000):
        text = "".join(map(chr, range(start, min(start + 0x8000, 0x110000), 7)))
        etree.fromstring(
            junit.render([replace(case(), findings=(replace(FINDING, subject=text, sentence=text),))]).encode()
        )


def test_a_message_of_sarif_has_neither_placeholders_nor_links() -> None:
    title = replace(CASCADE, title="a {0} [b](http://evil) \\ c")
    run = checked(json.loads(sarif.render([case(title)])))
    assert run["results"][0]["message"]["text"].splitlines()[0] == r"a {{0}} \[b\](http://evil) \\ c"


@given(ODD)
def test_a_chat_has_nothing_alive(text: str) -> None:
    for line in told(hostile(text), Format.CHAT).splitlines():
        types = {token.type for parsed in PARSER.parse(f"Said: {line}") for token in (parsed, *(parsed.children or []))}
        assert types <= {"paragraph_open", "inline", "paragraph_close", "text", "code_inline"}
        assert not re.search(r"[@<>\[\]#!~*_$`\\|]|//|www\.", prose(f"Said: {line}"), re.IGNORECASE)
