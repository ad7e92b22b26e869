"""What is long before --since is counted and not looked at, and the window says what it says of the scope."""

import bz2
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtrace import gather
from logtrace.domain.columns import NO_YEAR
from logtrace.errors import UsageError
from logtrace.intake import IntakeReport, read, source
from logtrace.intake.ending import ending
from logtrace.lines import Earlier, carriers, last_time, reader
from logtrace.pipeline import analyze
from logtrace.render import sentences
from logtrace.report import scope
from logtrace.report.case import Case
from logtrace.report.scope import Options

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "three-faults" / "crm_report.tar.bz2"
LINE = "{} n1 pacemaker-controld[7]: notice: x\n"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def block(*times: str) -> bytes:
    return "".join(LINE.format(time) for time in times).encode()


# --- a window of a report -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(SAMPLE) as tar:
        tar.extractall(folder, filter="data")
    return folder


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every log is large, and blocks are small."""
    blocks = carriers.blocks
    monkeypatch.setattr(gather, "_LARGE", 1)
    monkeypatch.setattr(scope, "_LEAD", timedelta(seconds=12))
    monkeypatch.setattr(carriers, "blocks", lambda chunks: blocks(chunks, size=8192))
    monkeypatch.setattr(source, "_READ", 8192)
    monkeypatch.setattr(reader, "_EDGE", 1024)


def told(case: Case) -> list[tuple[object, ...]]:
    """What is said of faults, with the lines that prove it."""
    return [
        (each.root_cause, each.title, each.t_detected, each.t_recovered, each.phases, each.operations, *lines)
        for each in case.incidents
        for lines in [[(line.file, line.line, line.text) for line in each.evidence]]
    ]


@pytest.mark.parametrize(("since", "lead"), [("-50s", 12), ("-20s", 18)])
def test_the_window_says_what_it_says_of_the_whole(
    report: Path, since: str, lead: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope, "_LEAD", timedelta(seconds=lead))
    short = analyze([str(report)], Options(since=since))
    monkeypatch.setattr(gather, "_LARGE", 1 << 40)
    full = analyze([str(report)], Options(since=since))
    assert (short.window, short.coverage.lines) == (full.window, full.coverage.lines)
    assert told(short) == told(full)
    assert short.coverage.lines_recognised < full.coverage.lines_recognised
    assert short.coverage.lines_earlier > short.coverage.lines / 4
    assert full.coverage.lines_earlier == 0


def test_what_only_some_logs_tell_is_left_out(report: Path) -> None:
    """The first fault began before all logs are read, and some tell its end only; the node's loss was after that."""
    case = analyze([str(report)], Options(since="-20s"))
    assert [each.root_cause for each in case.incidents] == ["node_failure"]
    assert case.window.start is not None
    assert case.frames.events["time"].min() >= case.window.start


@pytest.mark.parametrize("window", [{"since": "2030-01-01"}, {"until": "2026-11-21"}])
def test_what_the_logs_do_not_hold_is_not_told_as_quiet(report: Path, window: dict[str, str]) -> None:
    case = analyze([str(report)], Options(**window))
    assert case.incidents == ()
    assert sentences.verdict(case) == "The logs hold nothing of this window."


@pytest.mark.parametrize("window", [{"since": "-20s", "until": "-1m"}, {"since": "18:06", "until": "2026-11-21"}])
def test_a_window_that_ends_before_it_begins_is_wrong_usage(report: Path, window: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"^--since is later than --until; "):
        analyze([str(report)], Options(**window))


def test_a_time_without_a_date_is_the_last_one(report: Path) -> None:
    def start(since: str) -> datetime | None:
        return analyze([str(report)], Options(since=since)).window.start

    assert start("18:06") == datetime(2026, 11, 22, 18, 6, tzinfo=UTC)
    assert start("18:10") == datetime(2026, 11, 21, 18, 10, tzinfo=UTC)


def test_without_since_and_with_a_cache_all_is_looked_at(report: Path, tmp_path: Path) -> None:
    assert analyze([str(report)]).coverage.lines_earlier == 0
    assert analyze([str(report)], Options(since="-20s", cache=str(tmp_path))).coverage.lines_earlier == 0


def test_only_plain_files_tell_their_end_ahead(tmp_path: Path) -> None:
    data = block("Jul  4 00:00:01") * 9000
    (tmp_path / "a.log").write_bytes(data)
    (tmp_path / "b.log.bz2").write_bytes(bz2.compress(data))
    found = {piece.path.rpartition("/")[2]: ending(piece, 100) for piece in read([str(tmp_path)], IntakeReport())}
    assert found == {"a.log": data[-100:], "b.log.bz2": b""}
    (alone,) = read([str(tmp_path / "a.log")], IntakeReport())
    assert ending(alone, 100) == data[-100:]
    (member, *_) = read([str(SAMPLE)], IntakeReport())
    assert ending(member, 100) == b""


# --- what is earlier --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "times", "earlier"),
    [
        ("2026-03-02T12:00:00", ["2026-03-02T08:00:00", "2026-03-02T08:59:59"], True),
        ("2026-03-02T12:00:00", ["2026-03-02T08:00:00", "2026-03-02T09:00:01"], False),
        ("2026-03-02T12:00:00", ["2026-03-02T10:00:00", "2026-03-02T08:00:00"], False),  # a clock that was set back
        ("2026-03-02T12:00:00", ["Mar  2 08:00:00"], False),  # of which year?
        ("2026-03-02T12:00:00", ["nobody knows when"], False),
        (f"{NO_YEAR}-03-02T12:00:00", ["Mar  2 08:00:00", "nobody knows when", "Mar  2 08:59:59.123"], True),
        (f"{NO_YEAR}-03-01T01:00:00", ["Feb 28 22:30:00"], False),  # 2.5 hours, where there was no 29 February
        (f"{NO_YEAR}-03-01T01:00:00", ["Feb 27 20:00:00"], True),
        (f"{NO_YEAR}-01-01T01:00:00", ["Dec 31 23:00:00"], False),
        (f"{NO_YEAR}-01-01T01:00:00", ["Dec 29 01:00:00"], True),
        (f"{NO_YEAR}-07-01T12:00:00", ["Jul  1 12:30:00"], False),  # two clocks, and not a year ago
    ],
)
def test_a_block_is_earlier_if_all_its_times_are(last: str, times: list[str], earlier: bool) -> None:
    assert Earlier(at(last), timedelta(hours=3)).holds(block(*times)) is earlier


@given(st.datetimes(datetime(2001, 1, 2), datetime(2026, 1, 1)), st.integers(0, 360 * 86_400), st.integers(0, 86_400))  # noqa: DTZ001
def test_what_is_within_reach_is_never_earlier(last: datetime, age: int, before: int) -> None:
    """Whatever the year was that the lines do not print."""
    time = last - timedelta(seconds=min(age, before))
    printed = block(f"{time:%b %d %H:%M:%S}")
    known = last_time(block(f"{last:%b %d %H:%M:%S}"))
    assert known is not None
    assert not Earlier(known, timedelta(seconds=age)).holds(printed)


def test_the_last_time_of_a_log() -> None:
    assert last_time(block("2026-03-02 12:00:00,123")) == at("2026-03-02T12:00:00.123")
    assert last_time(block("Mar  2 12:00:00", "no time")) == at(f"{NO_YEAR}-03-02T12:00:00")
    assert last_time(b"") is None


# --- how far back -------------------------------------------------------------------------------------------


def test_relative_times_reach_back_from_the_end_of_each_log() -> None:
    for last in (at("2026-03-02T12:00:00"), at(f"{NO_YEAR}-03-02T12:00:00")):
        assert scope.reach(Options(since="-2h"), last) == timedelta(hours=2, seconds=24)
    assert scope.reach(Options(), at("2026-03-02T12:00:00")) is None


def test_absolute_times_leave_room_for_any_zone() -> None:
    last = at("2026-03-02T12:00:00")
    room = timedelta(hours=50, seconds=24)
    assert scope.reach(Options(since="2026-03-02 10:00"), last) == timedelta(hours=2) + room
    assert scope.reach(Options(since="2026-03-02T10:00:00Z"), last) == timedelta(hours=2) + room
    yearless = at(f"{NO_YEAR}-03-02T12:00:00")
    assert scope.reach(Options(since="2026-03-02 10:00", year=2026), yearless) == timedelta(hours=2) + room


def test_a_log_without_years_is_taken_to_be_of_the_last_year_it_can_be() -> None:
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    reached = scope.reach(Options(since=f"{now - timedelta(hours=2)}"), now.replace(year=NO_YEAR))
    assert reached == timedelta(hours=52, seconds=24)
    older = scope.reach(Options(since=f"{now - timedelta(days=800)}"), now.replace(year=NO_YEAR))
    assert older is not None
    assert older >= timedelta(days=800)
