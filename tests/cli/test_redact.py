"""`--redact`: no output of any command holds a name of the cluster."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from jsonschema import Draft202012Validator
from logs import CRASH, archive, line, text

from logtrace.cli import run
from logtrace.pipeline import analyze
from logtrace.render import document

CORPUS = Path(__file__).parent.parent / "corpus"
SECRET = "hunter2"
CIB = f"""<cib epoch="3" update-user="jdoe"><configuration><crm_config/><nodes><node id="1" uname="alpha"/></nodes>
<resources><primitive id="st-alpha" class="stonith" type="fence_ipmilan"><instance_attributes id="i">
<nvpair id="p" name="passwd" value="{SECRET}"/><nvpair id="l" name="login" value="jdoe"/>
<nvpair id="a" name="ipaddr" value="bmc.example.com"/></instance_attributes></primitive></resources>
</configuration></cib>
"""
CHANGE = line(
    "20.000",
    '++ /cib/configuration/resources:  <primitive id="st-alpha"><nvpair id="p" name="passwd" '
    f'value="{SECRET}"/><nvpair name="ipaddr" value="192.0.2.7"/><nvpair name="login" value="jdoe"/></primitive>',
    function="cib_perform_op",
).replace("pacemaker-controld  [105]", "pacemaker-based     [101]")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own, with a report in it that is called like its node."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    members = {"r__alpha__cib_dot_xml": CIB, "r__alpha__pacemaker_dot_log": text([*CRASH[:-1], CHANGE, CRASH[-1]])}
    archive(tmp_path / "alpha.tar.bz2", **members)
    return tmp_path


def outputs(folder: Path, path: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, str]:
    """Everything that `analyze` and `timeline` write and print, by name; Parquet as text."""
    files = ["--json", "out.json", "--markdown", "out.md", "--parquet", "frames", "--html", "out.html"]
    capsys.readouterr()
    assert run(["analyze", path, *files, "--light", *options]) == 0
    made = {"terminal": capsys.readouterr().out}
    assert run(["show", path, "i1", *options]) == 0
    made["show"] = capsys.readouterr().out
    for form in ("csv", "jsonl", "table"):
        assert run(["timeline", path, "--format", form, *options]) == 0
        made[form] = capsys.readouterr().out
    made |= {name: (folder / name).read_text() for name in ("out.json", "out.md", "out.html")}
    for part in (folder / "frames").iterdir():
        made[part.name] = pl.read_parquet(part).write_ndjson()
    return made


def words(names: set[str]) -> re.Pattern[str]:
    """Finds any of `names` that is not part of a longer word."""
    return re.compile(f"(?<![0-9A-Za-z])(?:{'|'.join(map(re.escape, names))})(?![0-9A-Za-z])")


def test_no_output_holds_a_name_or_a_secret(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = outputs(here, "alpha.tar.bz2", capsys, "--redact")
    for name, content in made.items():
        assert not re.search(r"alpha|jdoe|example\.com|192\.0\.2\.7", content), name
        assert SECRET not in content, name
    assert all("node-1" in made[name] for name in ("out.json", "out.md", "out.html", "csv", "show", "files.parquet"))
    assert "web" in made["out.json"]
    assert "user-1" in made["csv"]
    assert "******" in made["csv"]
    Draft202012Validator(json.loads(document.schema())).validate(json.loads(made["out.json"]))


def test_what_was_not_understood_is_shown_without_names(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = line("30.000", "the frobnicator of alpha told jdoe@bmc.example.com\tof 192.0.2.7 password=hunter2")
    archive(here / "alpha.tar.bz2", r__alpha__pacemaker_dot_log=text([*CRASH, odd]))
    capsys.readouterr()
    assert run(["unknown", "alpha.tar.bz2", "--redact", "--redact-map", "names.json"]) == 0
    shown = capsys.readouterr()
    assert "frobnicator of node-1 told user-1@" in shown.out
    assert not re.search(r"alpha|jdoe|example\.com|192\.0\.2\.7|hunter2", shown.out + shown.err)
    assert "alpha" in (here / "names.json").read_text()
    assert run(["unknown", "alpha.tar.bz2"]) == 0
    assert "frobnicator of alpha" in capsys.readouterr().out


def test_secrets_are_masked_in_plain_outputs_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = outputs(here, "alpha.tar.bz2", capsys)
    assert "alpha" in made["csv"]
    assert not [name for name, content in made.items() if SECRET in content]


def test_resources_go_on_demand(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = outputs(here, "alpha.tar.bz2", capsys, "--redact-names")
    for name, content in made.items():
        assert not re.search(r"\bweb\b|web_|alpha", content), name
    assert "resource-" in made["out.json"]


@pytest.mark.parametrize("story", ["t20-stop-failure-fence", "t31-slow-fencing-2node"])
def test_a_real_report_gives_nothing_away(story: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(next((CORPUS / story).glob("*.tar*")))
    case = analyze([path])
    assert case.config is not None
    assert case.config.corosync is not None
    names = {node.name for node in case.cluster.nodes} | set(case.config.corosync.addresses)
    assert len(names) >= 4
    secret = words({*names, str(CORPUS)})  # `db2` also stands in a transition's UUID
    for name, content in outputs(here, path, capsys, "--redact").items():
        assert not secret.search(content), name
    resources = {*case.config.primitives, *case.config.groups}
    secret = words(resources | names)
    for name, content in outputs(here, path, capsys, "--redact-names").items():
        assert not secret.search(content), name


def test_the_page_is_not_named_after_the_node(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "alpha.tar.bz2", "--redact", "--light"]) == 0
    assert (here / "node-1.logtrace.html").exists()
    assert "page: ./node-1.logtrace.html" in capsys.readouterr().out


def test_the_mapping_is_for_its_owner_only(here: Path) -> None:
    assert run(["analyze", "alpha.tar.bz2", "--redact", "--redact-map", "map.json", "--no-html", "--quiet"]) == 0
    assert (here / "map.json").stat().st_mode & 0o777 == 0o600
    mapping = json.loads((here / "map.json").read_text())
    assert mapping["node"] == {"alpha": "node-1"}
    assert mapping["user"] == {"jdoe": "user-1"}
    assert mapping["ip"] == {"192.0.2.7": "ip-1"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--redact-map", "map.json"], "--redact-map without --redact; add --redact"),
        (["--redact", "--redact-map", "-"], "--redact-map: the names do not go to standard output; name a file"),
        (["--redact", "--redact-map", "none/map.json"], "none/map.json: its folder does not exist"),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(
    options: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["analyze", "alpha.tar.bz2", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert {each.name for each in here.iterdir()} == {"alpha.tar.bz2"}


def test_what_is_said_of_a_configuration_and_of_a_change_holds_no_name(capsys: pytest.CaptureFixture[str]) -> None:
    sample = str(next((CORPUS.parents[1] / "samples" / "group-cascade").glob("*.tar.bz2")))
    asked = ["whatif", sample, "--incident", "i2", "--set", "stop=p_keystone:1s"]
    for command in (["lint", sample], asked):
        assert run(command) == 0
        assert "p_keystone" in capsys.readouterr().out
        assert run([*command, "--redact-names", "--redact-map", "map.json"]) == 0
        out, err = capsys.readouterr()
        assert not words({*json.loads(Path("map.json").read_text())["resource"], "controller-1"}).search(out + err)
        assert "resource-" in out
    assert run(["whatif", sample, "--incident", "i2", "--set", "stop=x:1s", "--redact-names"]) == 2
    assert "p_keystone" not in capsys.readouterr().err


def test_what_could_not_be_read_is_told_without_names(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "acme" / "alpha").mkdir(parents=True)
    (here / "acme" / "alpha" / "pacemaker.log").write_text(text(CRASH))
    (here / "acme" / "alpha" / "messages.gz").write_bytes(b"\x1f\x8b\x08 alpha")
    (here / "empty").mkdir()
    (here / "empty" / "10.1.2.3.log.gz").write_bytes(b"\x1f\x8b\x08 alpha")
    assert run(["analyze", str(here / "acme"), "--redact", "--no-html"]) == 0
    assert "node-1/messages.gz: ends early" in (err := capsys.readouterr().err)
    assert "alpha" not in err
    assert run(["analyze", str(here / "empty" / "10.1.2.3.log.gz"), "--redact", "--no-html"]) == 3
    assert capsys.readouterr().err.startswith("logtrace: ip-1.log.gz: ")


def test_a_folder_is_taken_away_only_where_a_path_begins_with_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "r").mkdir()
    (here / "alpha.tar.bz2").rename(here / "r" / "alpha.tar.bz2")
    assert run(["timeline", "r/alpha.tar.bz2", "--redact", "--format", "jsonl"]) == 0
    assert "/cib/configuration/resources" in capsys.readouterr().out
