"""Templates: what they match, what they give, and what is wrong with bad ones."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtrace.catalogue.template import Pattern, TemplateError, ascii_classes, compile_template
from logtrace.domain import codes
from logtrace.domain.columns import FIELDS

PATTERNS = {name: field.pattern for name, field in FIELDS.items()}


def compiled(template: str) -> Pattern:
    return compile_template(template, PATTERNS)


def groups(template: str, text: str) -> dict[str, str | None] | None:
    """The fields of `template` in `text`; None where it does not match."""
    pattern = compiled(template)
    series = pl.Series([text])
    if not series.str.contains(pattern.regex)[0]:
        return None
    return dict(series.str.extract_groups(pattern.regex)[0]) if pattern.fields else {}


def test_fields_and_literals() -> None:
    found = groups(
        "Result of {operation} operation for {resource} on {target}: {rc_text}",
        "Result of stop operation for p.x-1 on n2.a: not running",
    )
    assert found == {"operation": "stop", "resource": "p.x-1", "target": "n2.a", "rc_text": "not running"}


def test_a_template_matches_the_whole_text_in_its_own_case() -> None:
    assert groups("Quorum lost", "Quorum lost") == {}
    assert groups("Quorum lost", "Quorum lost again") is None
    assert groups("Quorum lost", "the Quorum lost") is None
    assert groups("Quorum lost", "quorum lost") is None


def test_result_words_match_in_any_case() -> None:
    for words in ("ok", "OK", "Not running", "Promoted (failed)", "Error occurred", "unknown error"):
        assert groups("ended: {rc_text}", f"ended: {words}") == {"rc_text": words}
    assert groups("ended: {rc_text}", "ended: splendidly") is None


def test_runs_of_blanks_and_tabs_are_one() -> None:
    assert groups("Start {resource} ({detail})", "Start   p_x\t(node1)") == {"resource": "p_x", "detail": "node1"}
    assert groups("a  b", "a b") == {}
    assert groups("a b", "ab") is None


def test_optional_parts_nest() -> None:
    template = "Set DC to {target}[ ({version}[ of {origin}])]"
    assert groups(template, "Set DC to n1") == {"target": "n1", "version": None, "origin": None}
    assert groups(template, "Set DC to n1 (3.16)") == {"target": "n1", "version": "3.16", "origin": None}
    assert groups(template, "Set DC to n1 (3.16 of n2)") == {"target": "n1", "version": "3.16", "origin": "n2"}


def test_escapes_and_expressions() -> None:
    assert groups(r"left\[{count}\] \{x\} a\\b {value:[^]\[]+\}?}!", r"left[3] {x} a\b 7}!") == {
        "count": "3",
        "value": "7}",
    }
    assert groups("{text:word} {reason:rest}", "one two three") == {"text": "one", "reason": "two three"}
    assert groups("{_} {_:rest}", "one two three") == {}
    assert groups("pid {child_pid:\\d{2,4}}", "pid 123") == {"child_pid": "123"}
    assert groups("pid {child_pid:\\d{2,4}}", "pid 12345") is None
    assert groups("cost: 5$ (a|b)*", "cost: 5$ (a|b)*") == {}


@pytest.mark.parametrize(
    ("key", "resource", "operation", "interval"),
    [
        ("vip_start_0", "vip", "start", "0"),
        ("p_my_db_monitor_10000", "p_my_db", "monitor", "10000"),
        ("a.b-c:0_migrate_to_0", "a.b-c:0", "migrate_to", "0"),
        ("x_migrate_from_0", "x", "migrate_from", "0"),
        ("start_stop_stop_0", "start_stop", "stop", "0"),
        ("x_start_0_monitor_2000", "x_start_0", "monitor", "2000"),
        ("monitor_monitor_5", "monitor", "monitor", "5"),
        ("drbd_post_notify_promote_0", "drbd", "post_notify_promote", "0"),
        ("drbd_confirmed-pre_notify_stop_0", "drbd", "confirmed-pre_notify_stop", "0"),
        ("agent_reload-agent_0", "agent", "reload-agent", "0"),
    ],
)
def test_an_operation_key_is_told_from_the_right(key: str, resource: str, operation: str, interval: str) -> None:
    found = groups("Initiating {key} on {target}", f"Initiating {key} on n1")
    assert found == {"resource": resource, "operation": operation, "interval": interval, "target": "n1"}


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("a [b", "never closed"),
        ("a b]", "closes nothing"),
        ("a {target", "never closed"),
        ("a target}", "closes nothing"),
        ("a {Target}", "not a field name"),
        ("a {nosuch}", "unknown field 'nosuch'"),
        ("{target} {target}", "named twice"),
        ("{key} {resource}", "named twice"),
        (r"a \d", "backslash"),
        ("a \\", "backslash"),
    ],
)
def test_bad_templates_say_what_is_wrong(template: str, problem: str) -> None:
    with pytest.raises(TemplateError, match=problem) as error:
        compiled(template)
    assert ";" in str(error.value), "no remedy"


def test_every_match_contains_the_literals() -> None:
    pattern = compiled("Node {target} is[ really] unclean because of {reason:.*lost quorum.*}")
    text = "Node n1 is  really unclean because of a lost quorum here"
    assert groups(pattern.template, text) == {"target": "n1", "reason": "a lost quorum here"}
    assert all(literal in text for literal in pattern.literals)
    assert pattern.literals[0] == " unclean because of "


def test_a_needle_tells_more_than_words_of_every_log() -> None:
    assert compiled("INFO {text:.*placed constraint.*}").literals[0] == "placed constraint"
    assert compiled("status: {target} is now {state} (was {old_state})").literals[0] != "status: "


def test_a_sure_field_takes_part_in_every_match() -> None:
    assert compiled("[{target} ]lost {state}").sure == "state"
    assert compiled("[{target} ]lost").sure is None


def test_classes_are_ascii() -> None:
    assert ascii_classes(r"\w+[\w.-]\d\S\b\[") == r"[0-9A-Za-z_]+[0-9A-Za-z_.-][0-9][^ \t](?-u:\b)\["
    assert ascii_classes(r"[^]\s]") == r"[^\] \t]"


WORD = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,12}", fullmatch=True)
OPERATION = st.sampled_from(codes.OPERATIONS)
LITERAL = st.text("abc XYZ[]{}\\|().*+?^$:=/'\"-_\t", min_size=1, max_size=12)


def quoted(literal: str) -> str:
    return "".join("\\" + char if char in "[]{}\\" else char for char in literal)


@given(LITERAL, LITERAL, WORD, OPERATION, st.integers(0, 10**9), st.none() | WORD)
def test_what_is_filled_in_comes_back(
    before: str, after: str, resource: str, operation: str, interval: int, reason: str | None
) -> None:
    """Any literal text, a key in the middle, an optional end: the text printed gives back the values printed."""
    template = f"{quoted(before)}<{{key}}>{quoted(after)}[ (why: {{reason}})]"
    text = f"{before}<{resource}_{operation}_{interval}>{after}" + (f" (why: {reason})" if reason else "")
    expected = {"resource": resource, "operation": operation, "interval": str(interval), "reason": reason}
    assert groups(template, text) == expected


@given(LITERAL)
def test_literals_are_in_what_they_describe(literal: str) -> None:
    text = f"{literal} 5"
    assert groups(f"{quoted(literal)} {{count}}", text) == {"count": "5"}
    shown = compiled(f"{quoted(literal)} {{count}}").literals
    assert all(piece in text for piece in shown)
