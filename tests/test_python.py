"""logtrace as a library: the examples of its documentation, its options in Python's types, and how values show."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace
from render.cases import CASCADE, case

import logtrace
from logtrace import api
from logtrace.errors import UsageError
from logtrace.report import tables
from logtrace.report.scope import Options

ROOT: Final = Path(__file__).parents[1]
REPORT: Final = ROOT / "samples" / "service-crash" / "crm_report.tar.bz2"


@pytest.mark.parametrize("page", ["docs/python.md", "logtrace/__init__.py"])
def test_the_examples_give_what_they_show(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / page).read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    assert len(examples.examples) >= 3
    complaints: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=complaints.append)
    assert not complaints, "".join(complaints)


def test_the_page_has_five_examples() -> None:
    assert (ROOT / "docs/python.md").read_text(encoding="utf-8").count("```python") == 5


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], Options]]:
    """What the pipeline is asked for."""
    heard: list[tuple[list[str], Options]] = []
    monkeypatch.setattr(api.pipeline, "analyze", lambda paths, options: heard.append((paths, options)))
    return heard


@pytest.mark.parametrize("paths", ["a", Path("a"), ["a"], (Path("a"),), iter(["a"])])
def test_paths_of_any_kind(asked: list[tuple[list[str], Options]], paths: Any) -> None:
    logtrace.analyze(paths)
    assert asked == [(["a"], Options())]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"since": timedelta(hours=2)}, Options(since="-7200.000000s")),
        ({"since": timedelta(seconds=-0.5)}, Options(since="-0.500000s")),
        ({"until": datetime(2026, 11, 22, 16, 40)}, Options(until="2026-11-22 16:40:00.000000")),  # noqa: DTZ001  local
        (
            {"until": datetime(2026, 11, 22, 16, 40, tzinfo=timezone(timedelta(hours=1)))},
            Options(until="2026-11-22 15:40:00.000000Z"),
        ),
        ({"since": "16:40"}, Options(since="16:40")),
        ({"node": "n1", "resource": ["db", "web"]}, Options(nodes=("n1",), resources=("db", "web"))),
        ({"timezone": ZoneInfo("Europe/Berlin")}, Options(timezone="Europe/Berlin")),
        ({"timezone": timezone(timedelta(hours=-3.5))}, Options(timezone="-03:30")),
        ({"timezone": UTC}, Options(timezone="+00:00")),
        ({"year": 2012, "cache": Path("kept"), "jobs": 2}, Options(year=2012, cache="kept", jobs=2)),
    ],
)
def test_options_in_pythons_types(
    asked: list[tuple[list[str], Options]], given: dict[str, Any], wanted: Options
) -> None:
    logtrace.analyze("a", **given)
    assert asked == [(["a"], wanted)]


def test_what_is_no_time_or_no_zone_is_told() -> None:
    with pytest.raises(UsageError, match="cannot read the time 'tomorrow'"):
        logtrace.analyze(REPORT, since="tomorrow")

    class Unsteady(tzinfo):
        def utcoffset(self, _when: datetime | None, /) -> timedelta | None:
            return None

    with pytest.raises(TypeError, match=r"a ZoneInfo with a name or a datetime\.timezone"):
        logtrace.analyze(REPORT, timezone=Unsteady())


def test_frames_tell_what_the_values_tell(tmp_path: Path) -> None:
    for found in (logtrace.analyze(REPORT), *(logtrace.analyze(REPORT, cache=tmp_path) for _ in range(2))):
        frame = found.frames.incidents
        assert frame.schema == tables.INCIDENTS
        assert frame["id"].to_list() == [one.id for one in found.incidents]
        assert frame["t_recovered"].to_list() == [one.t_recovered for one in found.incidents]
        assert frame["nodes"].to_list() == [list(one.nodes) for one in found.incidents]
        phases, causes = found.frames.phases, found.frames.causes
        assert phases.schema == tables.PHASES
        assert causes.schema == tables.CAUSES
        assert phases.height == sum(len(one.phases) for one in found.incidents)
        assert causes.height == sum(len(one.causes) for one in found.incidents)
    few = logtrace.analyze(REPORT, since=timedelta(seconds=1))
    assert few.frames.incidents["id"].to_list() == [one.id for one in few.incidents]
    assert few.incidents != found.incidents


def test_values_show_themselves_shortly() -> None:
    assert len(repr(case())) < 120
    assert repr(case()).startswith("<Case ")
    assert len(repr(CASCADE)) < 120
    assert CASCADE.root_cause in repr(CASCADE)


def test_a_notebook_shows_nothing_of_a_log_as_markup() -> None:
    hostile = replace(CASCADE, title="<script>alert(1)</script>\u202e&\x1b[31m")
    shown = case(hostile)._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd&amp;\ufffd[31m" in shown
    assert shown.count("<tr>") == 2


def test_every_public_name_is_there() -> None:
    assert all(getattr(logtrace, name) is not None for name in logtrace.__all__)
    assert set(logtrace.__all__) <= set(dir(logtrace))
    assert (ROOT / "logtrace" / "py.typed").exists()
    with pytest.raises(AttributeError, match="nothing"):
        _ = logtrace.nothing
