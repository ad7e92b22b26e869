"""From lines to events: matching, order of trial, typed values, one spelling."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtrace import catalogue, events
from logtrace.domain import codes
from logtrace.domain.columns import EVENT_HEAD, FIELDS, LINES
from logtrace.events import values

FIRST = datetime(1904, 3, 1)  # noqa: DTZ001 - a line's own local time


def lines(*messages: str, daemon: str = "pacemaker-controld", fmt: str = "pacemaker-2") -> pl.DataFrame:
    """LINES of one daemon, a line per message."""
    given = {"daemon": [daemon] * len(messages), "message": messages, "format": [fmt] * len(messages)}
    row = {"file": 0, "local": FIRST, "precise": False, "node": "n1", "pid": 7, "level": "info"}
    frame = pl.DataFrame(given).with_row_index("said").with_columns(line=pl.col("said") + 1)
    return frame.with_columns(pl.lit(value).alias(name) for name, value in row.items()).select(
        (pl.col(name) if name in frame.columns or name in row else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in LINES.items()
    )


def told(*messages: str, daemon: str = "pacemaker-controld", fmt: str = "pacemaker-2") -> list[dict[str, object]]:
    """The events of `messages`, without what is null."""
    found = events.understand(lines(*messages, daemon=daemon, fmt=fmt), catalogue.load()).whole()
    return [{k: v for k, v in row.items() if v is not None} for row in found.iter_rows(named=True)]


def fields(*messages: str, daemon: str = "pacemaker-controld") -> dict[str, object]:
    """Kind and fields of the one event of `messages`."""
    (row,) = told(*messages, daemon=daemon)
    return {name: value for name, value in row.items() if name == "kind" or name in FIELDS}


def test_the_columns_are_the_declared_ones() -> None:
    found = events.understand(lines("Result of start operation for vip on n1: ok"), catalogue.load()).whole()
    assert list(found.columns) == list(events.COLUMNS)
    expected = {**EVENT_HEAD, **{name: field.dtype for name, field in FIELDS.items()}}
    assert {name: dtype for name, dtype in found.schema.items() if name in expected} == {
        name: dtype for name, dtype in expected.items() if name != "time"
    }


def test_nothing_gives_an_empty_frame_of_the_same_columns() -> None:
    for frame in (lines(), lines("nobody says this")):
        found = events.understand(frame, catalogue.load()).whole()
        assert found.is_empty()
        assert dict(found.schema) == events.COLUMNS


def test_order_and_place_of_lines_are_kept() -> None:
    found = events.understand(
        lines("Quorum acquired", "nobody says this", "Result of start operation for vip on n1: ok", "Quorum acquired"),
        catalogue.load(),
    ).whole()
    assert found["event"].to_list() == [0, 1, 2]
    assert found["line"].to_list() == [1, 3, 4]
    assert found["kind"].to_list() == ["quorum.gained", "op.result", "quorum.gained"]


def test_facts_behind_the_bar_add_to_the_head() -> None:
    found = fields(
        "Result of monitor operation for p_db on n2: not running"
        " |  graph action unconfirmed; call=11 key=p_db_monitor_5000 rc=7"
    )
    assert found == {
        "kind": "op.result",
        "resource": "p_db",
        "operation": "monitor",
        "target": "n2",
        "rc_text": "not running",
        "rc": 7,
        "call": 11,
        "interval": 5000,
    }


def test_every_line_keeps_its_own_facts() -> None:
    """Lines that say the same before the bar are understood once, but not mixed up."""
    rows = told(
        *(f"Result of start operation for vip on n1: ok | call={call} key=vip_start_0 rc=0" for call in (3, 1, 2))
    )
    assert [row["call"] for row in rows] == [3, 1, 2]
    assert [row["line"] for row in rows] == [1, 2, 3]


def test_a_tail_cut_short_or_a_bare_bar_is_no_harm() -> None:
    plain = fields("Result of start operation for vip on n1: ok")
    for tail in (" |", " | ", "  | call", "|"):
        assert fields(f"Result of start operation for vip on n1: ok{tail}") == plain
    assert fields("Result of start operation for vip on n1: ok|call=4 rc=0")["call"] == 4


def test_old_tags_are_the_modern_daemons() -> None:
    for tag, name in codes.DAEMON_NAMES.items():
        (row,) = told("Node n2 state is now lost", daemon=tag)
        assert row["daemon"] == name


def test_a_message_of_another_daemon_is_not_taken() -> None:
    assert told("Result of start operation for vip on n1: ok", daemon="sshd") == []


def test_thousands_of_programs_are_no_burden() -> None:
    frame = lines(*["Node n2 state is now lost"] * 3000, daemon="x").with_columns(
        pl.concat_str(pl.lit("program-"), "line").alias("daemon")
    )
    found = events.understand(frame, catalogue.load())
    assert found.height == 3000
    assert len(found.values("daemon")) == 3000


def test_functions_printed_in_the_message_are_skipped() -> None:
    message = "Result of start operation for vip on n1: ok"
    for prefix in ("process_lrm_event: ", "notice: process_lrm_event: ", "crm_update_peer_state: crm_cpg: "):
        assert fields(prefix + message) == fields(message)
    (row,) = told("totemsrp.c:2096 A processor failed, forming new configuration.", daemon="corosync")
    assert row["kind"] == "totem.token"
    assert told("one: two: three: " + message) == []


def test_agents_say_what_they_say() -> None:
    (row,) = told("Monitoring failed, 2 retries left", daemon="IPaddr2(vip:1)", fmt="syslog/agent")
    assert (row["kind"], row["agent"], row["resource"], row["daemon"]) == ("agent.says", "IPaddr2", "vip", "IPaddr2")
    assert row["text"] == row["message"] == "Monitoring failed, 2 retries left"


@pytest.mark.parametrize(
    ("words", "rc", "canonical"),
    [
        ("ok", 0, "ok"),
        ("OK", 0, "ok"),
        ("unknown error", 1, "error"),
        ("Error occurred", 1, "error"),
        ("Not running", 7, "not running"),
        ("master", 8, "promoted"),
        ("Failed in promoted role", 9, "promoted (failed)"),
        ("not installed", 5, "not installed"),
    ],
)
def test_result_words_become_codes_in_one_spelling(words: str, rc: int, canonical: str) -> None:
    found = fields(f"Result of monitor operation for db on n1: {words}")
    assert (found["rc"], found["rc_text"]) == (rc, canonical)


def test_a_code_without_words_gets_them() -> None:
    frame = values.normalise(pl.DataFrame({"rc": [7, 0, 77, None]}))
    assert frame["rc_text"].to_list() == ["not running", "ok", None, None]


def test_codes_and_words_agree() -> None:
    for word, rc in codes.RC_OF_WORD.items():
        assert codes.RC_OF_WORD[codes.WORD_OF_RC[rc]] == rc
        assert codes.CANONICAL_WORD[word] == codes.WORD_OF_RC[rc]
        assert word == word.lower()


def test_a_printed_code_wins_over_its_words() -> None:
    assert fields("Result of start operation for db on n1: error | call=1 key=db_start_0 rc=6")["rc"] == 6


def test_a_probe_is_a_monitor_with_interval_0() -> None:
    found = fields("Result of probe operation for db on n1: not running")
    assert (found["operation"], found["interval"]) == ("monitor", 0)


def test_what_never_recurs_has_interval_0() -> None:
    assert fields("Result of stop operation for db on n1: ok")["interval"] == 0
    assert "interval" not in fields("Result of monitor operation for db on n1: ok")


def test_notify_in_all_its_forms() -> None:
    keys = ("d_notify_0", "d_pre_notify_stop_0", "d_post_notify_promote_0", "d_confirmed-post_notify_start_0")
    for row in told(*(f"Initiating notify operation {key} on n2" for key in keys)):
        assert (row["resource"], row["operation"], row["interval"]) == ("d", "notify", 0)


def test_clone_instances_are_the_resource() -> None:
    assert fields("Result of promote operation for db:12 on n1: ok")["resource"] == "db"


def test_status_has_one_spelling() -> None:
    for words in ("Timed Out", "Timed out", "timed out"):
        assert values.normalise(pl.DataFrame({"status": [words]}))["status"].to_list() == ["Timed Out"]
    assert values.normalise(pl.DataFrame({"status": ["No route to host"]}))["status"].to_list() == ["No route to host"]


@pytest.mark.parametrize(
    ("printed", "milliseconds"),
    [("5s", 5000.0), ("4.002s", 4002.0), ("1m30s", 90_000.0), ("200ms", 200.0), ("1234", 1234.0), ("2h1s", 7_201_000.0),
     ("1d", 86_400_000.0), ("1.5", 1.5), ("500us", 0.5), ("1h2m3s4ms", 3_723_004.0), ("soon", None)],
)  # fmt: skip
def test_durations(printed: str, milliseconds: float | None) -> None:
    assert pl.select(values.milliseconds(pl.lit(printed))).item() == milliseconds


@given(st.integers(0, 50), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999))
def test_durations_add_up(days: int, hours: int, minutes: int, seconds: int, rest: int) -> None:
    printed = "".join(
        f"{n}{unit}"
        for n, unit in zip((days, hours, minutes, seconds, rest), ("d", "h", "m", "s", "ms"), strict=True)
        if n
    )
    total = ((days * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000 + rest
    assert pl.select(values.milliseconds(pl.lit(printed or "0"))).item() == total


def test_a_number_too_large_for_its_column_is_null() -> None:
    found = fields("Result of start operation for vip on n1: ok | call=99999999999999999999 key=vip_start_0 rc=0")
    assert "call" not in found


# --- order of trial, with a catalogue of our own -----------------------------------------------------------

KINDS = '"te.abort" = { meaning = "x" }\n"te.done" = { meaning = "y" }\n'
FORMAT = """[[format]]
name = "x"
text = "{month} {day} {time} {daemon}: {message}"
[[format.example]]
line = "Jul 4 10:00:00 a: b"
fields = {}
"""


def own(folder: Path, *stanzas: tuple[str, str]) -> catalogue.Catalogue:
    """A catalogue of (kind, rest of the stanza), whose examples do not matter here."""
    for name in ("formats", "messages"):
        (folder / name).mkdir()
    (folder / "kinds.toml").write_text(KINDS)
    (folder / "formats" / "x.toml").write_text(FORMAT)
    text = "".join(
        f'[[message]]\nkind = "{kind}"\n{rest}\n[[message.example]]\nline = ""\nfields = {{}}\n'
        for kind, rest in stanzas
    )
    (folder / "messages" / "x.toml").write_text(text)
    return catalogue.load(folder)


def test_the_first_message_that_matches_wins(tmp_path: Path) -> None:
    known = own(
        tmp_path, ("te.done", 'text = "Transition {transition} ended"'), ("te.abort", 'text = "Transition {_:rest}"')
    )
    found = events.understand(lines("Transition 5 ended", "Transition 5 began", "Transition 5 ended"), known).whole()
    assert found["kind"].to_list() == ["te.done", "te.abort", "te.done"]
    assert found["transition"].to_list() == [5, None, 5]


def test_constants_and_variants(tmp_path: Path) -> None:
    known = own(
        tmp_path,
        (
            "te.done",
            'text = ["Done {transition}", "Finished {transition} by {peer}"]\nset = { outcome = "Complete", rc = 3 }',
        ),
        ("te.abort", 'text = "Stopped"\nset = { outcome = "Stopped" }'),
    )
    found = events.understand(lines("Finished 2 by n1", "Done 1", "Stopped"), known).whole()
    assert found["transition"].to_list() == [2, 1, None]
    assert found["peer"].to_list() == ["n1", None, None]
    assert found["outcome"].to_list() == ["Complete", "Complete", "Stopped"]
    assert found["rc"].to_list() == [3, 3, None]


def test_a_daemon_without_messages_says_nothing(tmp_path: Path) -> None:
    known = own(tmp_path, ("te.done", 'text = "Ended"\ndaemon = "crmd"'))
    assert events.understand(lines("Ended", daemon="sshd"), known).height == 0
    assert events.understand(lines("Ended", daemon="crmd"), known).height == 1


def test_an_empty_value_is_null(tmp_path: Path) -> None:
    known = own(tmp_path, ("te.done", 'text = "Ended because{reason:.*}"'))
    found = events.understand(lines("Ended because", "Ended because of x"), known)
    assert found["reason"].to_list() == [None, " of x"]
