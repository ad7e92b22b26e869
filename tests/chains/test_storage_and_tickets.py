"""File systems, lock managers and tickets whose own lines tell a fault that Pacemaker does not see."""

from __future__ import annotations

import pytest
from stories import case, finding, read

from logtrace.causes.judgement import Verdict

WITHDRAWN = """
12:00:00.000 node2 kernel err: GFS2: fsid=east:data.1: fatal: filesystem consistency error
12:00:00.010 node2 kernel err: GFS2: fsid=east:data.1: about to withdraw this file system
12:00:00.020 node2 kernel err: GFS2: fsid=east:data.1: withdrawn
"""


def test_a_gfs2_that_withdraws_is_told_with_what_it_says() -> None:
    one = case(WITHDRAWN).only
    assert one.trigger == "network_partition"  # the nearest label for storage that is gone
    assert "withdrew from the GFS2 file system east:data.1 (filesystem consistency error)" in one.title
    assert one.nodes == ("node2",)
    assert one.confidence < 0.6
    assert any("fsck.gfs2" in advice.sentence for advice in one.advice)


def test_dlm_without_anybody_to_fence_is_a_failed_fencing() -> None:
    lines = """\
May 18 00:10:34 storage1 dlm_controld[3307]: 1471 fence request 2 pid 16223 nodedown time 1431900634 fence_all stonith
May 18 00:10:35 storage1 dlm_controld[3307]: 1472 fence result 2 pid 16223 result 1 exit status
May 18 00:10:35 storage1 dlm_controld[3307]: 1472 fence request 2 no actor
May 18 00:11:32 storage1 dlm_controld[3307]: 1529 clvmd wait for fencing
"""
    one = read({"messages": lines}).only
    assert one.root_cause == "fencing_failure"
    assert finding(one, "fencing_failure").verdict is Verdict.SUPPORTED


BOOTH = "Sep  3 10:2{}:00 geo1 boothd[2211]: ticket-db (Lead/7/{}): {}\n"


@pytest.mark.parametrize(
    ("said", "told"), [("lost majority (revoking locally)", 1), ("lost at 10.0.1.2", 1), ("revoking ticket", 0)]
)
def test_a_ticket_that_expires_is_lost_and_one_that_is_revoked_is_not(said: str, told: int) -> None:
    lines = BOOTH.format(0, 59999, "granted successfully here") + BOOTH.format(1, 0, said) + BOOTH.format(2, 0, said)
    found = read({"messages": lines}).incidents
    assert len(found) == told
    assert all("ticket-db was lost" in one.title and one.root_cause == "network_partition" for one in found)
