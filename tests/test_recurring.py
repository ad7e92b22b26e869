"""What a CIB holds as a secret is masked wherever it recurs; what could be a word of the log stays."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from logtrace.cli import run
from logtrace.config import cib
from logtrace.lines.recurring import telling, without
from logtrace.lines.secrets import MASK

SECRET = "zx9!pl&mq"
LOG = """\
Nov 22 12:00:09.000 alpha pacemaker-fenced    [105] (log_action) \twarning: st[99] stderr: [ login zx9!pl&mq refused ]
Nov 22 12:00:09.100 alpha fence_x(st)[99]: ERROR: cannot log in: <a b="zx9!pl&amp;mq"/> zx9%21pl%26mq
Nov 22 12:00:10.200 alpha pacemaker-controld  [105] (log_executor_event) \tnotice: Result of monitor operation for \
web on alpha: error (no access with zx9!pl&mq) | CIB update 9, graph action confirmed; call=11 \
key=web_monitor_10000 rc=1
"""


def report(folder: Path, *, value: str = "zx9!pl&amp;mq", log: str = LOG, name: str = "passwd") -> str:
    (folder / "case" / "alpha").mkdir(parents=True)
    (folder / "case" / "alpha" / "cib.xml").write_text(
        '<cib epoch="3"><configuration><crm_config/><nodes><node id="1" uname="alpha"/></nodes><resources>'
        f'<primitive id="st" class="stonith" type="fence_x"><instance_attributes id="i"><nvpair id="p" name="{name}" '
        f'value="{value}"/><nvpair id="o" name="options" value="-x {value}"/></instance_attributes></primitive>'
        '<primitive id="web" class="ocf" type="apache"/></resources></configuration><status><node_state id="1" '
        f'uname="alpha"><lrm id="1"><lrm_resources><lrm_resource id="web"><lrm_rsc_op id="x" operation="start" '
        f'rc-code="1" op-status="0" call-id="5" last-rc-change="1795348810" exit-reason="with {value}"/>'
        "</lrm_resource></lrm_resources></lrm></node_state></status></cib>"
    )
    (folder / "case" / "alpha" / "pacemaker.log").write_text(log)
    return "case"


def outputs(folder: Path, path: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, str]:
    """All that `analyze`, `timeline`, `show` and `lint` write and print, by name; Parquet as text."""
    files = ["--json", "out.json", "--markdown", "out.md", "--parquet", "frames", "--html", "out.html"]
    assert run(["analyze", path, *files, *options]) == 0
    for command in (["timeline", path, "--format", "jsonl"], ["show", path, "i1"], ["lint", path]):
        assert run([*command, *(options if command[0] != "lint" else ())]) == 0
    made = {"printed": "".join(capsys.readouterr())}
    made |= {name: (folder / name).read_text() for name in ("out.json", "out.md", "out.html")}
    return made | {part.name: pl.read_parquet(part).write_ndjson() for part in (folder / "frames").iterdir()}


@pytest.mark.parametrize("options", [(), ("--redact",)], ids=["as it is", "redacted"])
def test_no_output_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    made = outputs(tmp_path, report(tmp_path), capsys, *options)
    for name, content in made.items():
        for form in (SECRET, json.dumps(SECRET)[1:-1], "zx9!pl&amp;mq", "zx9%21pl%26mq", "pl\\u0026mq"):
            assert form not in content, (name, form)
    assert f"login {MASK} refused" in made["printed"]
    assert f"no access with {MASK}" in made["out.json"]


def test_a_password_that_is_a_word_leaves_the_log_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    told = {}
    for number, value in enumerate(("no", "web", "alpha", "monitor", "operation for", "10000", "pacemaker-controld")):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = report(folder, value=value)
        assert run(["timeline", str(folder / path), "--format", "jsonl"]) == 0
        told[value] = capsys.readouterr().out
    assert len(set(told.values())) == 1
    assert MASK not in told["no"]


def test_a_value_that_another_pair_refers_to_as_a_secret_is_one() -> None:
    pairs = (
        '<nvpair id="a" name="login" value="hunter2"/><nvpair id="b" name="passwd" id-ref="a"/>'
        '<nvpair id="c" name="options" value="user=x,password=other77,vers=3"/>'
    )
    read = cib.read(
        f'<cib><configuration><resources><primitive id="st" class="stonith" type="fence_x"><instance_attributes id="i">'
        f"{pairs}</instance_attributes></primitive></resources></configuration></cib>".encode(),
        source="cib.xml",
    )
    params = read.config.primitives["st"].params
    assert params == {"login": MASK, "passwd": MASK, "options": f"user=x,password={MASK}"}
    assert read.secrets == {"hunter2"}


@pytest.mark.parametrize(
    "value", ["no", "", "secret", "600000ms", "/etc/keys/a.pem", "10.0.0.1", "1795348810", "*****"]
)
def test_what_may_be_a_word_of_the_log_is_not_looked_for(value: str) -> None:
    assert not telling([value], ["monitor", "a secret of the node"])


@pytest.mark.parametrize("value", ["hunter2", "calvin", "N1ght!", "correct horse", "d41d8cd98f00b204e9800998ecf8427e"])
def test_what_is_none_is(value: str) -> None:
    assert telling([value], ["monitor", "node-1"]) == {value}


def test_the_longer_of_two_that_begin_alike_goes_whole() -> None:
    texts = pl.Series(["x hunter2hunter3 y", None, "hunter2", "plain"])
    assert without(texts, {"hunter2", "hunter2hunter3"}).to_list() == [f"x {MASK} y", None, MASK, "plain"]
