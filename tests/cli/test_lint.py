"""`logtrace lint` on configurations alone and beside logs."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from logs import CRASH, archive, text
from stories import cluster, primitive

from logtrace.cli import run
from logtrace.render import document

CIB = cluster(
    primitive("web", "ocf:heartbeat:apache", monitor=None, timeout=60), nodes=("alpha",), stonith_enabled="true"
)
VOTES = "quorum {\n  provider: corosync_votequorum\n}\n"
CODES = ["stonith-no-devices", "monitor-absent", "start-failure-fatal"]
GOLDEN = """\
unnamed cluster · 1 node · cib.xml

error    stonith-no-devices  stonith-enabled
         Fencing is on, but there is no fence device: nothing is started, and a
         lost node is waited for.
         crm ra list stonith
         pcs stonith list

error    monitor-absent  web
         It has no recurring monitor, so its death would never be noticed.
         cibadmin --modify --allow-create --scope resources --xml-text \\
           '<primitive id="web"><operations><op id="web-monitor-10s" name="monitor" interval="10s" timeout="20s"/></operations></primitive>'
         pcs resource op add web monitor interval=10s timeout=20s

info     start-failure-fatal  start-failure-is-fatal
         A single failed start keeps a resource off that node, whatever its
         migration-threshold says, and web has no failure-timeout that would end
         it.
         crm configure rsc_defaults failure-timeout=10min
         pcs resource defaults update failure-timeout=10min

2 errors and 1 note; logtrace explain CODE tells more
"""  # noqa: E501 - a command that cannot be broken


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    Path("cib.xml").write_text(CIB)
    return tmp_path


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert run(["lint", *arguments, "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, json.loads(document.schema()))
    return [each["label"] for each in told["findings"]]


def test_a_cib_alone_reads_like_its_golden_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "cib.xml"]) == 0
    told = capsys.readouterr()
    assert told.out == GOLDEN
    assert told.err == ""


def test_the_json_of_a_cib_alone_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert found(capsys, "cib.xml") == CODES


def test_codes_can_be_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    ignored = ["--ignore", "monitor-absent", "--ignore", "start-failure-fatal"]
    assert found(capsys, "cib.xml", *ignored) == ["stonith-no-devices"]


def test_an_unknown_code_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "cib.xml", "--ignore", "monitor_absent"]) == 2
    assert "--ignore: no finding has the code 'monitor_absent'; did you mean monitor-absent?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status"), [((), 1), (("--ignore", "stonith-no-devices", "--ignore", "monitor-absent"), 0)]
)
def test_the_exit_code_tells_of_warnings_and_errors(arguments: tuple[str, ...], status: int) -> None:
    assert run(["lint", "cib.xml", "--exit-code", "--quiet", *arguments]) == status
    assert run(["lint", "cib.xml", "--quiet", *arguments]) == 0


def test_json_goes_to_a_file_beside_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "cib.xml", "--json", "case.json"]) == 0
    assert "monitor-absent" in capsys.readouterr().out
    assert [each["label"] for each in json.loads(Path("case.json").read_text())["findings"]] == CODES


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("cib.xml", "cib.xml: is one of the inputs; name another file for the output"),
        ("./cib.xml", "cib.xml: is one of the inputs"),
        ("none/case.json", "none/case.json: its folder does not exist"),
    ],
)
def test_json_never_goes_where_the_configuration_is(output: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "cib.xml", "--json", output]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.count("\n") == 1
    assert Path("cib.xml").read_text() == CIB


def test_a_report_with_logs_and_one_without(capsys: pytest.CaptureFixture[str]) -> None:
    both = archive(Path("both.tar.bz2"), r__alpha__cib_dot_xml=CIB, r__alpha__pacemaker_dot_log=text(CRASH))
    alone = archive(Path("alone.tar.bz2"), r__alpha__cib_dot_xml=CIB)
    assert found(capsys, str(both)) == CODES
    assert found(capsys, str(alone)) == CODES


def test_analyze_still_wants_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["analyze", "cib.xml", "--no-html"]) == 3
    assert "holds no log" in capsys.readouterr().err


def test_neither_log_nor_configuration_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("members.txt").write_text("alpha beta\n")
    assert run(["lint", "members.txt"]) == 3
    assert "members.txt" in capsys.readouterr().err


def test_logs_without_a_configuration_are_not_told_as_sound(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pacemaker.log").write_text(text(CRASH))
    assert run(["lint", "pacemaker.log"]) == 0
    out = capsys.readouterr().out
    assert "Nothing in the configuration stood out" not in out
    assert "There is no configuration to judge: give a cib.xml, " in out
    assert max(map(len, out.splitlines())) <= 80


def test_corosync_conf_alone(capsys: pytest.CaptureFixture[str]) -> None:
    nodes = "".join(f"  node {{\n    ring0_addr: 10.0.0.{n}\n    name: n{n}\n  }}\n" for n in (1, 2, 3))
    Path("corosync.conf").write_text(f"totem {{\n  token: 5000\n}}\nnodelist {{\n{nodes}}}\n{VOTES}")
    assert found(capsys, "corosync.conf") == ["link-single"]


PAIR = (
    "totem {\n  version: 2\n}\nnodelist {\n  node {\n    ring0_addr: 10.9.0.1\n    nodeid: 1\n  }\n"
    f"  node {{\n    ring0_addr: 10.9.0.2\n    nodeid: 2\n  }}\n}}\n{VOTES}"
)


@pytest.mark.parametrize(
    ("name", "text", "codes"),
    [
        ("corosync-of-web7.txt", PAIR, ["two-node-off", "link-single"]),
        ("pasted.log", f"[root@web7 ~]# cat /etc/corosync/corosync.conf\n{PAIR}", ["two-node-off", "link-single"]),
        ("messages", PAIR, ["two-node-off", "link-single"]),
        ("saved", f"<?xml version='1.0'?>\n<!-- before -- no, after -->\n<!-- the change -->\n{CIB}", CODES),
        ("crm_mon.txt", CIB, CODES),
        ("corosync.conf", CIB, CODES),
        ("ticket-81.txt", f"Here is what cibadmin -Q says:\n\n{CIB}\nThanks!\n", CODES),
    ],
)
def test_a_configuration_is_one_by_its_content(
    name: str, text: str, codes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_text(text)
    assert found(capsys, name) == codes


def test_standard_input_may_be_a_configuration(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "piped").write_text(PAIR)
    with (tmp_path / "piped").open() as piped:
        monkeypatch.setattr("sys.stdin", piped)
        assert found(capsys, "-") == ["two-node-off", "link-single"]


def test_the_nodes_of_a_nodelist_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("corosync.conf").write_text(PAIR)
    assert run(["lint", "corosync.conf"]) == 0
    assert capsys.readouterr().out.startswith("unnamed cluster · 2 nodes · corosync.conf\n")


def test_analyze_tells_the_findings_too(capsys: pytest.CaptureFixture[str]) -> None:
    both = archive(Path("both.tar.bz2"), r__alpha__cib_dot_xml=CIB, r__alpha__pacemaker_dot_log=text(CRASH))
    assert run(["analyze", str(both), "--no-html"]) == 0
    assert "configuration: 3 weaknesses" in capsys.readouterr().out
