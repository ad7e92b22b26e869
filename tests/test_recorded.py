"""A CIB or a status that comes without logs: what it remembers of failures is evidence."""

from pathlib import Path

import pytest

from logtrace import analyze
from logtrace.errors import NothingUsableError
from logtrace.report.case import IncidentKind

OPERATION = (
    '     <lrm_rsc_op id="{id}" operation="{op}" crm_feature_set="3.11" transition-key="5:9:{expected}:'
    '0a0b0c0d-0000-4000-8000-000000000001" call-id="{call}" rc-code="{rc}" op-status="0" interval="{interval}" '
    'last-rc-change="{at}" exec-time="{ms}"{more}/>'
)
CIB = """<cib validate-with="pacemaker-3.9" epoch="3" num_updates="7" admin_epoch="0">
 <configuration>
  <crm_config/><nodes><node id="1" uname="kea"/><node id="2" uname="tui"/></nodes>
  <resources><primitive id="db" class="ocf" provider="heartbeat" type="pgsql"/></resources><constraints/>
 </configuration>
 <status>
  <node_state id="1" uname="kea" in_ccm="true" crmd="online" join="member" expected="member">
   <lrm id="1"><lrm_resources><lrm_resource id="db" class="ocf" provider="heartbeat" type="pgsql">
{operations}
   </lrm_resource></lrm_resources></lrm>
  </node_state>
 </status>
</cib>
"""


def operation(
    op: str, at: int, rc: int, *, call: int, interval: int = 0, ms: int = 0, more: str = "", expected: int = 0
) -> str:
    return OPERATION.format(
        id=f"db_{op}_{interval}", op=op, at=at, rc=rc, call=call, interval=interval, ms=ms, more=more, expected=expected
    )


def written(path: Path, *operations: str) -> str:
    path.write_text(CIB.format(operations="\n".join(operations)))
    return str(path)


def test_the_status_of_a_cib_tells_a_failure(tmp_path: Path) -> None:
    path = written(
        tmp_path / "cib.xml",
        operation("start", 1_700_000_000, 5, call=12, ms=2000, more=' exit-reason="no such binary"'),
        operation("monitor", 1_600_000_000, 7, call=3, expected=7),
    )
    (incident,) = analyze([path]).incidents
    assert incident.kind is IncidentKind.FAULT
    assert incident.nodes == ("kea",)
    assert incident.resources == ("db",)
    assert incident.t_detected.timestamp() == 1_700_000_002, "the start began then and ran for two seconds"
    assert not incident.recovered
    evidence = next(each for each in incident.evidence if "Result of start" in each.text)
    assert (evidence.line, "no such binary" in evidence.text) == (9, True)


def test_one_that_remembers_no_failure_is_no_log(tmp_path: Path) -> None:
    path = written(tmp_path / "cib.xml", operation("start", 1_700_000_000, 0, call=12))
    with pytest.raises(NothingUsableError):
        analyze([path])


def test_a_cib_beside_logs_tells_nothing_again(tmp_path: Path) -> None:
    written(tmp_path / "cib.xml", operation("start", 1_600_000_000, 5, call=12))
    log = "Nov 22 16:53:20.103 kea pacemaker-controld[7] (f) notice: State transition S_IDLE -> S_POLICY_ENGINE\n"
    (tmp_path / "pacemaker.log").write_text(log)
    assert not analyze([str(tmp_path)]).incidents
