"""All lines of a case read again: none is missing, none is dated otherwise than as an event, none tells a secret."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from stories import MENDED, tell, write

from logtrace.reading import lines, opened
from logtrace.report.case import Case
from logtrace.report.scope import Options

CORPUS = Path(__file__).parents[1] / "corpus"
NODES = ("node1", "node2")


def on_disk(folder: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        place = folder / "report" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return str(folder / "report")


def read(path: str, options: Options | None = None) -> tuple[Case, pl.DataFrame]:
    case, known = opened([path], options or Options())
    paths = pl.Series([path for path, _ in known.files], dtype=pl.String)
    found = pl.concat([pl.DataFrame(schema=lines.COLUMNS), *lines.every([path], known)])
    return case, found.with_columns(path=paths[found["file"]])


def assert_as_events(case: Case, found: pl.DataFrame) -> None:
    events = case.frames.events.select("file", "line", "time", "node", "daemon", "message")
    both = events.join(found, on=("file", "line"), suffix="_again", maintain_order="left")
    both = both.unique(("file", "line"), keep="first", maintain_order=True)
    assert both.height == events.unique(("file", "line")).height > 0
    apart = (both["time"] - both["time_again"]).dt.total_microseconds().abs()
    assert apart.max() < 1000  # type: ignore[operator]
    assert both.filter(pl.col("node") != pl.col("node_again")).is_empty()


@pytest.mark.parametrize("name", ["t56-skew", "t57-syslog-only"])
def test_every_line_is_there_and_dated_as_its_event(name: str) -> None:
    (report,) = (CORPUS / name).glob("*.tar.bz2")
    case, found = read(str(report))
    assert found.height == case.coverage.lines
    assert found["time"].null_count() == 0
    assert_as_events(case, found)


@pytest.mark.parametrize("carriers", [("detail",), ("syslog",), ("iso",), ("detail", "syslog", "iso")])
def test_skew_and_zones_are_taken_out_of_all_lines(carriers: tuple[str, ...], tmp_path: Path) -> None:
    files = write(tell(MENDED), carriers=carriers, zones={"node1": 2, "node2": 2}, skew={"node2": 3.5})
    case, found = read(on_disk(tmp_path, files))
    assert_as_events(case, found)
    assert found.filter(pl.col("path").str.ends_with("pacemaker.log"))["precise"].all()


def test_logs_one_behind_the_other_are_one_file_again(tmp_path: Path) -> None:
    """What agents say without a host is of the node it is an event of."""
    told = MENDED + "".join(f"12:05:10.{tenth} {node} apache(db): stopped\n" for node in NODES for tenth in (45, 9))
    files = write(tell(told), carriers=("detail", "syslog"))
    assert len(files) > len(NODES)
    case, found = read(on_disk(tmp_path, {"all.log": "".join(files[path] for path in sorted(files))}))
    assert case.frames.files.height == 1
    assert case.frames.events.select("file")["file"].unique().to_list() == [0]
    assert_as_events(case, found)


def test_lines_nobody_understands_are_dated_by_their_neighbours(tmp_path: Path) -> None:
    """The clock of node1 is two hours and its zone ahead; a daemon of the site says something in the middle."""
    files = write(tell(MENDED), zones={"node1": 2}, skew={"node1": 3.5})
    name = next(path for path in files if path.endswith("node1/pacemaker.log"))
    told = files[name].splitlines()
    at = next(number for number, line in enumerate(told) if "not running" in line)
    stamp = told[at][:15]
    told[at:at] = [f"{stamp} node1 ourtool[1]: all is well", "  and it goes on", ""]
    files[name] = "\n".join(told) + "\n"
    _, found = read(on_disk(tmp_path, files))
    mine = found.filter((pl.col("path") == f"report/{name}") & pl.col("line").is_between(at + 1, at + 3))
    failed = found.filter((pl.col("path") == f"report/{name}") & (pl.col("line") == at + 4))["time"].item()
    assert mine["message"].to_list() == ["all is well", "  and it goes on", ""]
    assert mine["daemon"].to_list() == ["ourtool"] * 3
    assert mine["node"].to_list() == ["node1"] * 3
    assert all(abs((time - failed).total_seconds()) < 1 for time in mine["time"])


def test_a_line_without_fractions_stays_where_it_stands_in_its_log(tmp_path: Path) -> None:
    """ocf_log writes whole seconds into pacemaker.log."""
    files = write(tell(MENDED))
    name = next(path for path in files if path.endswith("node1/pacemaker.log"))
    told = files[name].splitlines()
    at = next(number for number, line in enumerate(told) if "not running" in line)
    told.insert(at + 1, "Nov 22 12:05:10 mysql(db)[55]: ERROR: MySQL is not running")
    files[name] = "\n".join(told) + "\n"
    _, found = read(on_disk(tmp_path, files))
    mine = found.filter(pl.col("path") == f"report/{name}").sort(lines.ORDER)
    assert mine["line"].to_list() == sorted(mine["line"].to_list())
    agent = mine.filter(pl.col("daemon") == "mysql(db)").row(0, named=True)
    assert not agent["precise"]
    assert agent["time"].microsecond == 0
    assert agent["at"] > agent["time"]


def test_a_log_over_new_year_keeps_its_order(tmp_path: Path) -> None:
    """Between two lines that are understood, one in each year, some are not."""
    story = MENDED.replace("\n12:00", "\n2026-12-31 23:59").replace("\n12:05", "\n2027-01-01 00:00")
    files = write(tell(story))
    name = next(path for path in files if path.endswith("node1/pacemaker.log"))
    told = files[name].splitlines()
    at = next(number for number, line in enumerate(told) if line.startswith("Jan 01"))
    told[at:at] = ["Dec 31 23:59:59 node1 ourtool[1]: old", "Jan 01 00:00:00 node1 ourtool[1]: new"]
    files[name] = "\n".join(told) + "\n"
    _, found = read(on_disk(tmp_path, files))
    mine = found.filter((pl.col("path") == f"report/{name}") & (pl.col("daemon") == "ourtool"))
    assert [(time.year, time.month) for time in mine["time"]] == [(2026, 12), (2027, 1)]


def test_a_log_of_which_nothing_is_understood_is_read_as_the_others(tmp_path: Path) -> None:
    """The zone of node1 is two hours ahead; its tool's log has lines of its own only, another host's the third node."""
    files = write(tell(MENDED), zones={"node1": 2, "node2": 2})
    files["node1/tool.log"] = "Nov 22 14:05:10 node1 ourtool[1]: one\nNov 22 14:05:11 node7 ourtool[1]: two\n"
    _, found = read(on_disk(tmp_path, files))
    mine = found.filter(pl.col("path") == "report/node1/tool.log")
    assert [f"{time:%Y-%m-%d %H:%M:%S}" for time in mine["time"]] == ["2026-11-22 12:05:10", "2026-11-22 12:05:11"]
    assert mine["node"].to_list() == ["node1", "node7"]


def test_where_nothing_at_all_is_understood_lines_are_read_all_the_same(tmp_path: Path) -> None:
    place = tmp_path / "pacemaker.log"
    place.write_text("Nov 22 12:00:01.000 n1 pacemaker-execd     [5] (f) \tinfo: words of tomorrow\n" * 3)
    _, found = read(str(place))
    assert found["message"].to_list() == ["words of tomorrow"] * 3
    assert [f"{time:%m-%d %H:%M:%S}" for time in found["time"]] == ["11-22 12:00:01"] * 3


def test_secrets_are_masked_in_lines_nobody_understands(tmp_path: Path) -> None:
    files = write(tell(MENDED))
    name = next(path for path in files if path.endswith("node1/pacemaker.log"))
    files[name] += (
        "Nov 22 12:06:00 node1 ourtool[1]: password=hunter2\n"
        "passphrase: hunter2\n"
        "Nov 22 12:06:01 node1 ourtool[1]: -----BEGIN RSA PRIVATE KEY-----\n"
        "MIIEpAIBAAKCAQEAhunter2hunter2hunter2\n"
        "-----END RSA PRIVATE KEY-----\n"
        "Nov 22 12:06:02 node1 ourtool[1]: the agent said zq9-Wonder-77 to me\n"
    )
    cib = (
        '<cib><configuration><resources><primitive id="st" class="stonith" type="fence_x"><instance_attributes id="a">'
        '<nvpair id="p" name="passwd" value="zq9-Wonder-77"/></instance_attributes></primitive></resources>'
        "</configuration></cib>"
    )
    files["node1/cib.xml"] = cib
    _, found = read(on_disk(tmp_path, files))
    told = "\n".join(found["message"])
    assert "ourtool" in found["daemon"].to_list()
    assert "hunter2" not in told
    assert "zq9-Wonder-77" not in told
    assert "the agent said ****** to me" in told


def test_the_lines_of_an_entry_of_a_journal_are_all_there(tmp_path: Path) -> None:
    said = (
        ("pacemaker-controld", "State transition S_IDLE -> S_POLICY_ENGINE"),
        ("ourtool", "Traceback:\n  one\n  two"),
        ("pacemaker-controld", "Current ping state: S_IDLE"),
    )
    entries = (
        {"__REALTIME_TIMESTAMP": str(1795348800000000 + number), "_HOSTNAME": "node1", "_PID": "7", "PRIORITY": "3"}
        | {"SYSLOG_IDENTIFIER": daemon, "MESSAGE": message}
        for number, (daemon, message) in enumerate(said)
    )
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    place = tmp_path / "journal.log"
    place.write_text(text)
    _, found = read(str(place))
    mine = found.filter(pl.col("daemon") == "ourtool")
    assert mine["message"].to_list() == ["Traceback:", "one", "two"]
    assert mine["line"].to_list() == [2, 2, 2]
    assert mine["row"].to_list() == [1, 2, 3]
