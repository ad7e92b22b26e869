"""Numbers that cannot be: of a damaged line, or of somebody who wants to see what happens. Each once ended the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from one_log import one_log

from logtrace import analyze
from logtrace.cli import run
from logtrace.render import document, markdown, page, summary

_LAYOUT = "Nov 22 12:00:{seconds} alpha pacemaker-{daemon}  [105] (f) \t{level}: {message}\n"
_RESULT = (
    "Result of monitor operation for web on alpha: not running | CIB update 9, graph action confirmed; "
    "call=99 key=web_monitor_{interval} rc=7"
)
LINES = (
    ("controld", "notice", _RESULT.format(interval=10000)),
    ("controld", "notice", _RESULT.format(interval=999_999_999_999_999)),
    ("controld", "notice", _RESULT.format(interval=2**63 - 1)),
    ("controld", "notice", _RESULT.format(interval=2**64)),
    ("execd", "info", "web start (call 98, PID 1011) exited with status 0 (execution time 99999999999999999s)"),
    ("controld", "notice", "Result of start operation for web on alpha: ok | call=98 key=web_start_0 rc=0"),
    ("controld", "notice", "Node beta state is now lost | nodeid=2 previous=member source=x"),
    (
        "controld",
        "warning",
        f"Updating failcount for web on alpha after failed monitor: rc=7 (update=value++, time={2**62})",
    ),
)
PAUSE = (
    "Nov 22 12:00:09 alpha corosync[100]:   [MAIN  ] Corosync main process was not scheduled (@{epoch}) for "
    "999999999999999.0000 ms (threshold is 800.0000 ms). Consider token timeout increase.\n"
)
CIB = """
<cib epoch="1" execution-date="999999999999999"><configuration>
<nodes><node id="1" uname="alpha"/><node id="2" uname="beta"/></nodes>
<resources><primitive id="web" class="ocf" provider="heartbeat" type="apache"><operations>
<op id="m" name="monitor" interval="999999999999999d" timeout="P99999999999999999999Y"/>
</operations><meta_attributes id="t"><nvpair id="u" name="migration-threshold" value="²"/></meta_attributes>
</primitive></resources></configuration><status><node_state id="2" uname="beta"><lrm id="2"><lrm_resources>
<lrm_resource id="web">
<lrm_rsc_op id="x" operation="monitor" interval="0" rc-code="7" op-status="0" call-id="5" exec-time="999999999999999"
 last-rc-change="999999999999999"/>
<lrm_rsc_op id="y" operation="start" interval="0" rc-code="0" op-status="0" call-id="6" exec-time="999999999999999"
 last-rc-change="1795348811" transition-key="1:2:²:x"/>
</lrm_resource></lrm_resources></lrm></node_state></status></cib>
"""
CONF = """
totem {
  token: 999999999999999
  consensus: 999999999999999
}
nodelist {
  node {
    ring0_addr: alpha
  }
  node {
    ring0_addr: beta
  }
}
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    folder = tmp_path / "report"
    folder.mkdir()
    said = "".join(
        _LAYOUT.format(seconds=f"{number:02}.200", daemon=daemon, level=level, message=message)
        for number, (daemon, level, message) in enumerate(LINES, 10)
    )
    pauses = "".join(PAUSE.format(epoch=epoch) for epoch in (99_999_999_999_999_999, 1_795_348_811_000))
    (folder / "pacemaker.log").write_text(pauses + said)
    (folder / "cib.xml").write_text(CIB)
    (folder / "corosync.conf").write_text(CONF)
    (folder / ".env").write_text("LOG_END=99999999999\n")
    return folder


def test_a_report_of_such_numbers_is_analysed(report: Path) -> None:
    case = analyze([str(report)])
    assert case.frames.events.height == len(LINES) + 2
    assert case.incidents
    json.loads(document.render(case))
    for output in (summary.render(case), markdown.render(case), page.render(case, light=True)):
        assert output


def test_a_window_before_all_time_is_wrong_usage(report: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for long in ("-99999999999999d", f"-{'9' * 400}d"):
        assert run(["analyze", str(report), "--no-html", f"--since={long}"]) == 2
        assert "cannot read the time" in capsys.readouterr().err


@pytest.mark.parametrize("micros", [2**63 - 1, -(2**63), 10**17, -1, 2**64])
def test_a_journal_from_the_end_of_time(micros: int) -> None:
    entry = {"__REALTIME_TIMESTAMP": str(micros), "MESSAGE": "Node n2 state is now lost", "SYSLOG_IDENTIFIER": "crmd"}
    for log in (json.dumps(entry), "__CURSOR=1\n" + "".join(f"{name}={value}\n" for name, value in entry.items())):
        assert one_log([log.encode()], None).frame.is_empty()
