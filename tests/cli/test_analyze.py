"""`logtrace analyze` from a log to every output, and what it says of input that is not as it should be."""

from __future__ import annotations

import gzip
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from jsonschema import Draft202012Validator
from logs import CRASH, QUIET, archive, text
from stories import tell, write
from test_usage import ENVIRONMENT, LOGTRACE

from logtrace.cli import run
from logtrace.render import document

VALIDATOR = Draft202012Validator(json.loads(document.schema()))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own, with a log of a crash in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "crash.log").write_text(text(CRASH))
    return tmp_path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# --- outputs ------------------------------------------------------------------------------------------


def test_the_summary_tells_the_fault_and_names_the_page(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "crash.log"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert "1 fault, 2.4 to 12.4 s of outage." in out
    assert any(line.startswith("i1  service crash  outage 2.4 to 12.4 s") for line in lines)
    assert lines[-1] == "page: ./crash.logtrace.html"
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in out
    assert "web" in (here / "crash.logtrace.html").read_text()


def test_several_outputs_come_from_one_reading(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = ["--json", "a.json", "--markdown", "b.md", "--html", "c.html", "--parquet", "d"]
    assert run(["analyze", "crash.log", *outputs]) == 0
    told = json.loads((here / "a.json").read_text())
    VALIDATOR.validate(told)
    assert [each["root_cause"] for each in told["incidents"]] == ["service_crash"]
    assert "service crash" in (here / "b.md").read_text()
    assert (here / "c.html").read_text().lstrip().lower().startswith("<!doctype html")
    assert pl.read_parquet(here / "d" / "events.parquet").height == len(CRASH) - 2  # two pings say nothing
    assert names(here) == {"crash.log", "a.json", "b.md", "c.html", "d"}
    assert capsys.readouterr().out.endswith("page: c.html\n")


@pytest.mark.parametrize(("option", "start"), [("--json", "{"), ("--markdown", "## ")])
def test_an_output_on_standard_output_stands_alone(option: str, start: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "crash.log", "--no-html", option, "-"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(start)
    assert "page:" not in out
    assert err == ""


def test_no_page_is_written_when_none_is_wanted(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "crash.log", "--no-html"]) == 0
    assert names(here) == {"crash.log"}
    assert "page" not in capsys.readouterr().out


def test_a_light_page_is_small(here: Path) -> None:
    assert run(["analyze", "crash.log", "--light", "--quiet"]) == 0
    assert (here / "crash.logtrace.html").stat().st_size < 200_000


def test_quiet_says_nothing_and_still_writes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "empty.log").write_text("")
    assert run(["analyze", "crash.log", "empty.log", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert (here / "crash.logtrace.html").exists()


@pytest.mark.parametrize(
    ("given", "page"),
    [
        ("crm_report-x.tar.bz2", "crm_report-x"),
        ("a.b.tgz", "a.b"),
        ("pacemaker.log.gz", "pacemaker"),
        ("node1", "node1"),
    ],
)
def test_the_page_is_named_after_the_report(given: str, page: str, here: Path) -> None:
    if given.endswith((".bz2", ".tgz")):
        archive(here / given, crm__node1__pacemaker_dot_log=text(CRASH))
    elif given.endswith(".gz"):
        (here / given).write_bytes(gzip.compress(text(CRASH).encode()))
    else:
        (here / given).mkdir()
        (here / given / "pacemaker.log").write_text(text(CRASH))
    assert run(["analyze", given, "--light", "--quiet"]) == 0
    assert f"{page}.logtrace.html" in names(here)


def test_a_log_on_standard_input(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text(CRASH).encode())))
    assert run(["analyze", "-", "--json", "out.json", "--light", "--quiet"]) == 0
    assert json.loads((here / "out.json").read_text())["inputs"][0]["kind"] == "stdin"
    assert "stdin.logtrace.html" in names(here)


@pytest.mark.parametrize(
    ("lines", "arguments", "status"), [(CRASH, [], 0), (CRASH, ["--exit-code"], 1), (QUIET, ["--exit-code"], 0)]
)
def test_the_exit_status_tells_of_a_fault_only_when_asked(
    lines: list[str], arguments: list[str], status: int, here: Path
) -> None:
    (here / "log").write_text(text(lines))
    assert run(["analyze", "log", "--no-html", "--quiet", *arguments]) == status


def test_a_quiet_log_says_so_and_what_was_read(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "quiet.log").write_text(text(QUIET))
    assert run(["analyze", "quiet.log", "--no-html"]) == 0
    out = capsys.readouterr().out
    assert "No fault in what was read." in out  # an excerpt: nothing is claimed of the rest
    assert "1 file and 2 lines were read" in out


def test_a_log_that_was_cut_off_is_no_proof_that_nothing_happened(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "cut.log.gz").write_bytes(gzip.compress(text(QUIET * 300).encode())[:-20])
    assert run(["analyze", "cut.log.gz", "--no-html"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "No fault in what was read. More may have happened: part of the input is damaged or could not be read." in out
    )
    assert "faults found" not in out


def test_a_service_the_cluster_moved_is_not_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = """
    12:00:01.000 node1 web start in 0.5s: ok
    12:10:00.100 node2 plan 1: Move web ( node1 -> node2 )
    12:10:00.500 node1 web stop in 0.3s: ok
    12:10:02.000 node2 web start in 1s: ok
    12:10:02.100 node2 controld info: Transition 1 aborted: Node join | source=do_dc_join_finalize:464 complete=true
    """
    for path, told in write(tell(story)).items():
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_text(told)
    assert run(["analyze", "node1", "node2", "--no-html"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "No fault in what was read." in out  # an excerpt: nothing is claimed of the rest
    assert "web was stopped on node1; these lines do not tell why" in out


def test_the_window_can_be_narrowed(here: Path) -> None:
    def found(*arguments: str) -> int:
        assert run(["analyze", "crash.log", "--no-html", "--quiet", "--json", "out.json", *arguments]) == 0
        return len(json.loads((here / "out.json").read_text())["incidents"])

    assert found() == 1
    assert found("--until", "12:00:05") == 0
    assert found("--since", "-30m") == 1
    assert found("--since", "2026-11-22 12:00:13", "--year", "2026") == 0


def test_until_a_date_includes_that_day(here: Path) -> None:
    arguments = ["--no-html", "--quiet", "--year", "2026", "--json", "out.json", "--until"]
    assert run(["analyze", "crash.log", *arguments, "2026-11-22"]) == 0
    assert len(json.loads((here / "out.json").read_text())["incidents"]) == 1
    assert run(["analyze", "crash.log", *arguments, "2026-11-21"]) == 0
    assert json.loads((here / "out.json").read_text())["incidents"] == []


@pytest.mark.parametrize(
    ("window", "told"),
    [
        (["--since", "5x"], "cannot read the time '5x'; write "),
        (["--since", "02/03/2026"], "'02/03/2026' may be either of two days; write 2026-02-03 or 2026-03-02"),
        (["--until", "10:00 EST"], "cannot read the time '10:00 EST'; write "),
        (["--since", "-5s", "--until", "-10s"], "--since is later than --until; "),
    ],
)
def test_a_window_that_makes_no_sense_is_one_line_and_status_two(
    window: list[str], told: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", "crash.log", *window]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"logtrace: {told}")
    assert err.count("\n") == 1
    assert names(here) == {"crash.log"}


def test_a_time_is_refused_before_anything_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "missing.log", "--until", "18"]) == 2
    assert "cannot read the time '18'" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "name"), [("--node", "beta"), ("--resource", "w?"), ("--node", "web")])
def test_a_name_that_nothing_has_is_no_good_news(option: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "crash.log", "--no-html", option, name]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    there = "alpha" if option == "--node" else "web"
    assert err == f"logtrace: {option}: nothing here is called '{name}'; there are {there}\n"


def test_a_limited_analysis_says_so_and_claims_nothing_about_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "crash.log", "--no-html", "--node", "alph*", "--resource", "web"]) == 0
    out = capsys.readouterr().out
    assert "only alph* and web" in out
    assert "service crash" in out
    assert "Nothing else" not in out


# --- outputs that would go wrong ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--json", "none/out.json"], "none/out.json: its folder does not exist"),
        (["--json", "crash.log"], "crash.log: is one of the inputs"),
        (["--markdown", "./crash.log"], "crash.log: is one of the inputs"),
        (["--markdown", "folder"], "folder: cannot be written (it is a folder)"),
        (["--html", "-"], "--html: the page does not go to standard output"),
        (["--json", ""], "is no name for a file"),
        (["--json", "x", "--html", "./x"], "x: is named for two outputs; name a file for each"),
        (["--json", "x", "--markdown", "x"], "x: is named for two outputs"),
        (["--json", "x", "--redact", "--redact-map", "x"], "x: is named for two outputs"),
        (["--parquet", "crash.log"], "crash.log: cannot be made"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_and_nothing_is_lost(
    arguments: list[str], told: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "folder").mkdir()
    assert run(["analyze", "crash.log", *(["--no-html"] if "--html" not in arguments else []), *arguments]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert (here / "crash.log").read_text() == text(CRASH)
    assert names(here) == {"crash.log", "folder"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--json", "case/new.json"], "case/new.json: lies among what is read (case); name a place outside of it"),
        (["--json", "case/crash.log"], "case/crash.log: lies among what is read (case)"),
        (["--markdown", "link/crash.log"], "link/crash.log: lies among what is read (case)"),
        (["--parquet", "case"], "case: lies among what is read (case)"),
        (["--parquet", "case/frames"], "case/frames: lies among what is read (case)"),
        (["--cache", "case/kept"], "case/kept: lies among what is read (case)"),
        (["--parquet", "pq", "--json", "pq/events.parquet"], "pq/events.parquet: is named for two outputs"),
        (["--template", "broken.j2", "--markdown", "out.md"], "broken.j2:1: "),
    ],
)
def test_what_can_be_refused_is_refused_before_anything_is_read(
    arguments: list[str], told: str, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "case").mkdir()
    (here / "crash.log").rename(here / "case" / "crash.log")
    (here / "link").symlink_to("case")
    (here / "pq").mkdir()
    (here / "broken.j2").write_text("{{ worst")
    monkeypatch.setattr("logtrace.pipeline.gather", lambda *_: pytest.fail("the input was read"))
    before = names(here)
    assert run(["analyze", "case", "--no-html", *arguments]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert names(here) == before
    assert (here / "case" / "crash.log").read_text() == text(CRASH)


def test_a_page_is_not_written_over_that_of_another_report_of_its_name(here: Path) -> None:
    for folder, log in (("one", CRASH), ("two", QUIET)):
        (here / folder).mkdir()
        (here / folder / "log.log").write_text(text(log))
        assert run(["analyze", f"{folder}/log.log", "--quiet"]) == 0
    first, second = (here / name for name in ("log.logtrace.html", "log-2.logtrace.html"))
    assert "service crash" in first.read_text()
    assert "service crash" not in second.read_text()
    kept = second.read_bytes()
    assert run(["analyze", "one/log.log", "--quiet", "--light"]) == 0  # its own is made anew
    assert len(first.read_bytes()) < 200_000
    assert second.read_bytes() == kept
    assert "log-3.logtrace.html" not in names(here)


@pytest.mark.parametrize("kind", ["pipe", "circle"])
def test_what_has_the_default_pages_name_and_is_no_page_stays(kind: str, here: Path) -> None:
    place = here / "crash.logtrace.html"
    {"pipe": os.mkfifo, "circle": lambda path: Path(path).symlink_to(path)}[kind](place)
    before = place.lstat()
    assert run(["analyze", "crash.log", "--quiet"]) == 0
    assert "service crash" in (here / "crash-2.logtrace.html").read_text()
    assert place.lstat().st_ino == before.st_ino


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "circle"], ["lint", "circle"], ["analyze", "crash.log", "--html", "circle"],
        ["analyze", "crash.log", "--no-html", "--json", "circle"], ["fleet", "add", "circle", "crash.log"],
        ["analyze", "crash.log", "--no-html", "--parquet", "circle"], ["watch", "circle"],
        ["analyze", "case", "--no-html", "--cache", "circle"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_links_in_a_circle_are_one_line(arguments: list[str], here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "circle").symlink_to("circle")
    (here / "case").mkdir()
    (here / "case" / "crash.log").write_text(text(CRASH))
    assert run(arguments) == 2
    err = capsys.readouterr().err
    assert err.startswith("logtrace: circle: ")
    assert err.count("\n") == 1


def test_a_pipe_that_is_standard_output_is_written_to(here: Path) -> None:
    command = [sys.executable, "-m", "logtrace", "analyze", "crash.log", "--no-html", "--quiet", "--json"]
    told = subprocess.run([*command, "/dev/stdout"], capture_output=True, text=True)
    assert (told.returncode, told.stderr) == (0, "")
    assert json.loads(told.stdout)["incidents"]


def test_the_default_page_is_an_output_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "crash.log", "--json", "crash.logtrace.html"]) == 2
    assert "crash.logtrace.html: is named for two outputs" in capsys.readouterr().err
    assert names(here) == {"crash.log"}


def test_a_template_is_not_written_over(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "own.md").write_text("{{ worst[0].id }}")
    assert run(["analyze", "crash.log", "--no-html", "--template", "own.md", "--markdown", "own.md"]) == 2
    assert "own.md: is one of the inputs" in capsys.readouterr().err
    assert (here / "own.md").read_text() == "{{ worst[0].id }}"


def test_a_device_takes_several_outputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "crash.log", "--light", "--html", "/dev/null", "--json", "/dev/null"]) == 0
    assert capsys.readouterr().err == ""


def test_a_default_page_that_cannot_be_written_is_only_a_warning(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "crash.logtrace.html").mkdir()
    assert run(["analyze", "crash.log"]) == 0
    out, err = capsys.readouterr()
    assert "service crash" in out
    assert "page:" not in out
    assert err.startswith("logtrace: warning: no page: ")
    assert err.count("\n") == 1
    assert run(["analyze", "crash.log", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


# --- input that is not as it should be ----------------------------------------------------------------


def prose() -> bytes:
    return b"Dear diary, nothing of note happened to the cluster today.\n" * 20


def undated() -> bytes:
    return "".join(re.sub(r"^\w+ \d+ \S+ ", "", line) + "\n" for line in CRASH).encode()


def hopeless(folder: Path, name: str) -> None:
    """Input in which there is nothing to analyse."""
    if name == "report.tar.bz2":
        archive(folder / name, report__description_dot_txt="no logs were collected", report__node1__sysinfo_dot_txt="x")
    elif name == "folder":
        (folder / name).mkdir()
    else:
        content = {"empty.log": b"", "prose.txt": prose(), "undated.log": undated(), "noise": os.urandom(50_000)}[name]
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("name", ["empty.log", "prose.txt", "undated.log", "noise", "report.tar.bz2", "folder"])
def test_nothing_usable_is_one_line_with_a_remedy_and_status_three(
    name: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hopeless(here, name)
    before = names(here)
    assert run(["analyze", name]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"logtrace: {name}: ")
    assert "; " in err  # the remedy
    assert err.count("\n") == 1
    assert names(here) == before


def test_a_truncated_archive_is_read_up_to_the_cut(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = os.urandom(1_500_000).hex()  # several blocks of bzip2
    whole = archive(here / "whole.tar.bz2", r__n__pacemaker_dot_log=text(CRASH), r__m__pacemaker_dot_log=noise)
    (here / "cut.tar.bz2").write_bytes(whole.read_bytes()[:1_000_000])
    assert run(["analyze", "cut.tar.bz2", "--no-html"]) == 0
    out, err = capsys.readouterr()
    assert "service crash" in out
    assert "of the input not read" in out
    assert err.startswith("logtrace: warning: ")
    assert "cut" in err
    assert err.count("\n") == 1


def test_a_cib_that_is_not_well_formed_is_named_and_left_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive(here / "r.tar.bz2", r__n__pacemaker_dot_log=text(CRASH), r__n__cib_dot_xml='<cib epoch="1"><configuration>')
    assert run(["analyze", "r.tar.bz2", "--no-html"]) == 0
    out, err = capsys.readouterr()
    assert "service crash" in out
    assert err.startswith("logtrace: warning: r/n/cib.xml: is not well-formed XML")
    assert err.count("\n") == 1


def test_binary_rubbish_in_a_log_hurts_only_its_own_lines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rubbish = b"\x00\xff\xfe\x1b[2J\x9b" * 200 + b"\n"
    torn = b"".join(line.encode() + b"\n" + rubbish for line in CRASH)
    (here / "torn.log").write_bytes(torn)
    assert run(["analyze", "torn.log", "--no-html"]) == 0
    out, err = capsys.readouterr()
    assert "service crash" in out
    assert err == ""
    assert "\x1b" not in out


def test_a_hostile_log_is_analysed_and_inert_in_every_output(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "w[red]\x1b[31m\u202e|`x`<b>@root"
    lines = [line.replace("web", name) for line in CRASH]
    (here / "crash.log").write_text(text(lines))
    steering = {"\x1b", "\u202e"}
    for output in ([], ["--markdown", "-"], ["--json", "-"]):
        assert run(["analyze", "crash.log", "--light", *output]) == 0
        out, err = capsys.readouterr()
        assert "service" in out
        assert not steering & set(out + err)
    page = (here / "crash.logtrace.html").read_text()
    assert not steering & set(page)
    assert "<b>@root" not in page
    for form in ("table", "csv", "jsonl"):
        assert run(["timeline", "crash.log", "--format", form]) == 0
        out, _ = capsys.readouterr()
        assert out.count("\n") == len(CRASH) - 2 + (form != "jsonl")
        assert not steering & set(out)


def test_many_skipped_parts_are_counted_instead_of_listed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "case").mkdir()
    (here / "case" / "pacemaker.log").write_text(text(CRASH))
    for number in range(30):
        (here / "case" / f"cib-{number}.xml").write_text("<cib")
    for number in range(30):
        (here / "case" / f"n{number}").mkdir()
        (here / "case" / f"n{number}" / "cib.xml").write_text("<cib")
    assert run(["analyze", "case", "--no-html"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert re.search(r"2\d|3\d|4\d|5\d", lines[-1])
    assert "more parts" in lines[-1]


def test_an_unsafe_archive_is_refused_with_status_four(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive(here / "evil.tar.bz2", **{f"r__{'..__' * number}pacemaker_dot_log": text(CRASH) for number in range(2, 40)})
    assert run(["analyze", "evil.tar.bz2"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("logtrace: evil.tar.bz2: ")
    assert err.count("\n") == 1
    assert names(here) == {"crash.log", "evil.tar.bz2"}


# --- terminals ----------------------------------------------------------------------------------------


def on_a_terminal(folder: Path, **environment: str) -> str:
    """What a terminal of 80 columns is sent, standard output and error together."""
    main, side = pty.openpty()
    process = subprocess.Popen(
        [*LOGTRACE, "analyze", "crash.log", "--no-html"],
        cwd=folder, stdin=side, stdout=side, stderr=side,
        env=ENVIRONMENT | {"TERM": "xterm-256color", "COLUMNS": "80"} | environment,
    )  # fmt: skip
    os.close(side)
    sent = b""
    while True:
        try:
            sent += (part := os.read(main, 65_536))
        except OSError:  # the other side is closed
            break
        if not part:
            break
    os.close(main)
    assert process.wait(timeout=20) == 0
    return sent.decode()


def test_a_terminal_gets_colour(here: Path) -> None:
    assert "\x1b[1;31mservice crash" in on_a_terminal(here)


def test_no_color_is_obeyed(here: Path) -> None:
    sent = on_a_terminal(here, NO_COLOR="1")
    assert "service crash" in sent
    assert not re.search(r"\x1b\[[\d;]*m", sent)


def test_a_terminal_without_block_characters_gets_ascii(here: Path) -> None:
    sent = on_a_terminal(here, PYTHONIOENCODING="ascii", NO_COLOR="1")
    assert re.search(r" {4}\.{20,}#=-{5,}\r?\n {4}\. not noticed, up to 10\.0 s  # .* - start 2\.2 s", sent)


def test_a_pipe_gets_neither_colour_nor_progress(here: Path) -> None:
    done = subprocess.run(
        [*LOGTRACE, "analyze", "crash.log", "--no-html"], cwd=here, env=ENVIRONMENT, capture_output=True
    )
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert done.stderr == b""
