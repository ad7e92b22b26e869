"""What a file is and whose, by its path and by its first bytes."""

from __future__ import annotations

import time

import pytest
from archives import CIB, LOG

from logtrace.intake.evidence import EvidenceKind
from logtrace.intake.layout import Name, by_content, by_name, configuration, foreign, is_text, node_of

SOS = "sosreport-ctl-01-2026-11-22-abcdefg"
PATHS = """
crm_report-x/node1/pacemaker.log                                log           node1
crm_report-x/node1/pacemaker.log.2.gz                           log           node1
crm_report-x/node1/pacemaker.log-20261101                       log           node1
crm_report-x/node1/corosync.log-20261101.xz                     log           node1
crm_report-x/node1/messages-2026-11-01.bz2                      log           node1
crm_report-x/node1/messages.1                                   log           node1
crm_report-x/node1/syslog.old                                   log           node1
crm_report-x/node1/journal_pacemaker.log                        log           node1
crm_report-x/ha-log.txt                                         log           -
pcmk-Sun-22-Nov-2026/osp-a.cloud/messages.extract.txt           log           osp-a.cloud
pcmk-Sun-22-Nov-2026/osp-a.cloud/corosync.log.extract.txt       log           osp-a.cloud
pcmk-Sun-22-Nov-2026/osp-a.cloud/cluster-log.txt                log           osp-a.cloud
hb_report-hawk-2015-05-31_11:16/webui/ha-debug                  log           webui
phase2/node2/logp/pacemaker.log                                 log           node2
log/pacemaker/pacemaker.log                                     log           -
log/cluster/corosync.log                                        log           -
tickets/17/case/pcmk-1/node1/ha-log.txt                         log           node1
scc_sles1_261122_1640/messages.txt                              log           sles1
scc_sles1_261122_1640/ha.txt                                    log           sles1
r/node1/cib.xml                                                 cib           node1
r/node1/cib.xml.live                                            cib           node1
r/node1/cib/cib.xml                                             cib           node1
r/node1/cib/cib-12.raw                                          ignored       node1
r/node1/cib/cib.xml.sig                                         ignored       node1
r/node1/cib.txt                                                 ignored       node1
r/node1/pengine/pe-input-0.bz2                                  pe_input      node1
r/node1/pengine/pe-warn-272.gz                                  pe_input      node1
r/node1/pengine/pe-error-3                                      pe_input      node1
r/node1/pengine/pe-input-0.dot                                  ignored       node1
r/node1/pengine/pe-input.last                                   ignored       node1
r/corosync.conf                                                 corosync_conf -
r/node1/corosync.dump                                           corosync_dump node1
r/node1/corosync.quorum                                         ignored       node1
r/node1/corosync-blackbox-live.txt                              ignored       node1
r/members.txt                                                   members       -
r/node1/DC                                                      dc_marker     node1
r/node1/RUNNING                                                 ignored       node1
r/description.txt                                               text          -
r/node1/sysinfo.txt                                             text          node1
r/node1/time.txt                                                text          node1
r/node1/crm_mon.txt                                             text          node1
r/node1/report.out                                              text          node1
r/node1/.env                                                    text          node1
r/report.summary                                                text          -
r/events.txt                                                    ignored       -
r/node1/analysis.txt                                            ignored       node1
r/node1/ha-log.txt.info                                         ignored       node1
r/node1/crm_verify.txt                                          ignored       node1
r/node1/sysstats.txt                                            ignored       node1
r/node1/permissions.txt                                         ignored       node1
r/node1/crmsh.log                                               ignored       node1
r/node1/crm.conf                                                ignored       node1
r/node1/profiles.yml                                            ignored       node1
r/collector                                                     ignored       -
r/node1/sbd                                                     ignored       node1
r/node1/sbd.txt                                                 text          node1
r/node1/trace_ra/IPaddr2/vip.start.2026-11-22.16:40:00          ignored       node1
r/trace_ra/IPaddr2/vip.start                                    ignored       -
r/node1/nova-compute.log                                        unknown       node1
r/123/x.log                                                     unknown       -
SOS/var/log/pacemaker/pacemaker.log.1                           log           ctl-01
SOS/var/log/messages-20261101                                   log           ctl-01
SOS/var/log/nova/nova-api.log                                   unknown       ctl-01
SOS/etc/corosync/corosync.conf                                  corosync_conf ctl-01
SOS/etc/hosts                                                   ignored       ctl-01
SOS/sos_commands/corosync/corosync-cmapctl                      corosync_dump ctl-01
SOS/sos_commands/logs/journalctl_--no-pager_--boot              log           ctl-01
SOS/sos_commands/logs/journalctl_--list-boots                   ignored       ctl-01
SOS/sos_commands/pacemaker/crm_mon_-1_-A_-n_-r_-t               text          ctl-01
SOS/sos_commands/pacemaker/crm_report/ctl-01/cib.xml            cib           ctl-01
SOS/sos_commands/pacemaker/crm_report/ctl-02/x.log              unknown       ctl-02
SOS/sos_commands/pacemaker/crm_report/members.txt               members       ctl-01
must-gather.local.71/quay-io-x/nodes/cp-0/cp-0_logs_kubelet.gz  unknown       cp-0
must-gather.local.71/quay-io-x/host_service_logs/masters/pacemaker_service.log unknown -
must-gather/x/namespaces/etcd/pods/etcd-cp-1/etcd/etcd/logs/current.log unknown -
"""


@pytest.mark.parametrize("row", PATHS.split("\n")[1:-1])
def test_kind_and_node_of_a_path(row):
    path, kind, node = row.split()
    parts = path.replace("SOS", SOS).split("/")
    found = by_name(parts)
    assert found.name.lower() == kind
    assert (node_of(parts) or "-") == node


@pytest.mark.parametrize(
    "top",
    [
        "sosreport-db1-2026-11-22-qwertyu",
        "sosreport-db1-03412345-2026-11-22-qwertyu",
        "sosreport-db1.01234567-20261122164000-a1b2",
        "sosreport-db1-20261122164000",
        "nts_db1_261122_1640",
        "scc_db1_261122_1640_a1b2",
    ],
)
def test_a_single_nodes_report_carries_its_name(top):
    assert node_of((top, "messages.txt")) == "db1"


@pytest.mark.parametrize(
    "line",
    [
        "Nov 22 16:40:01 node1 corosync[12]:   [TOTEM ] A new membership",
        "2026-11-22T16:40:01.602896+08:00 node1 app[1]: x",
        "<30>1 2026-11-22T16:40:01.000001Z node1 app 1 - - x",
        "IPaddr2(vip)[77]:\t2026/11/22_16:40:01 INFO: x",
        "Fri 2026-11-22 16:40:01 CST node1 app[1]: x",
        "[Sun Nov 22 16:40:01 2026] x",
        "2026-11-22 16:40:01.123 77 ERROR nova.compute [-] x",
        '{"__REALTIME_TIMESTAMP":"1795365601000000","MESSAGE":"x"}',
        "161122  6:40:01 [Note] WSREP: x",
    ],
)
def test_lines_with_a_time_make_a_log(line):
    assert by_content(f"{line}\n  a line that goes on\n  and on\n".encode() * 3) is not None
    assert by_content(f"{line}\n".encode() + b"config = value\n" * 9) is None
    assert by_content(f"{line}\n\0\0".encode()) is None


def test_other_content():
    assert by_content(CIB).value == "cib"
    assert by_content(b" <cib admin_epoch='0'>").value == "cib"
    assert by_content(b"<?xml version='1.0'?><cibola/>") is None
    assert by_content(b"") is None
    assert foreign(b"LPKSHHRH" + bytes(100)).startswith("a binary journal; export it")
    assert foreign(LOG) is None


def test_what_can_be_a_log_the_user_named():
    assert is_text(LOG)
    assert is_text(b"\0" * 4000 + LOG)  # a power loss leaves such blocks
    assert is_text("Übernahme fehlgeschlagen\n".encode())
    assert is_text("日本語の".encode() * 50 + "語".encode()[:2])
    assert is_text(b"\xdcbernahme fehlgeschlagen\n")
    assert not is_text(bytes(range(256)) * 20)
    assert not is_text(b"\0" * 8192)


CONF = b"# a comment\ntotem {\n  version: 2\n}\nquorum {\n  provider: corosync_votequorum\n}\n"
DUMP = b"totem.token (u32) = 3000\nnodelist.node.0.name (str) = n1\n"


def test_a_configuration_is_known_by_its_content():
    assert configuration(b"\xef\xbb\xbf<!-- a - b -->\n<!-- c -->" + CIB) is EvidenceKind.CIB
    assert configuration(b"# cibadmin -Q\n  <cib epoch='1'>\n") is EvidenceKind.CIB
    assert configuration(b"<crm_mon version='2'><!-- <cib> --></crm_mon>") is None
    assert configuration(CONF) is EvidenceKind.COROSYNC_CONF
    assert configuration(b"$ cat corosync.conf\n" + CONF.replace(b"\n", b"\r\n")) is EvidenceKind.COROSYNC_CONF
    assert configuration(b"name {\n  a: b\n}\n") is None  # of another program
    assert configuration(LOG + CONF) is None
    assert configuration(DUMP) is EvidenceKind.COROSYNC_DUMP
    assert configuration(b"") is None


@pytest.mark.parametrize("name", ["corosync.conf.example", "corosync.conf.rpmnew", "corosync.conf~"])
def test_examples_beside_a_configuration_are_left_out(name):
    assert by_name(("r", "n", name)) is Name.IGNORED


def test_unknown_is_no_kind():
    assert by_name(("r", "n", "whatever")) is Name.UNKNOWN


def test_journals_are_known_by_their_first_entry() -> None:
    entry = b'{"_BOOT_ID":"0","MESSAGE":"x","__REALTIME_TIMESTAMP":"1795365345123456"}\n'
    assert by_content(entry * 3) is EvidenceKind.LOG
    assert (
        by_content(b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795365345123456\nA=b\nC=d\nE=f\nG=h\n\n") is EvidenceKind.LOG
    )
    assert by_content(b'{"name": "logtrace"}\n') is None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"# kept\n\nversion: 2\ntotem {\n version: 2\n}\n", "corosync_conf"),
        (b"nodelist {\n node {\n  nodeid: 1\n }\n}\n", "corosync_conf"),
        (b'<?xml version="1.0"?>\n<!-- of\n <old> -->\n<cib epoch="1">', "cib"),
        (b"\xef\xbb\xbf<cib epoch='1'>", "cib"),
        (b"some words\nFull List of Resources:\n  * ip (ocf:heartbeat:IPaddr2): Started n1\n", "log"),
        (b"n1 crmd[7]:   notice: Node n2 state is now lost\n", "log"),
        (b'{"msg": "pacemaker-controld[7]:  notice: Node n2 state is now lost"}\n', "log"),
        (b"totem is a word\n", None),
        (b"<html><body><cib></body></html>", None),
    ],
)
def test_content_tells_what_a_name_does_not(head: bytes, kind: str | None) -> None:
    found = by_content(head)
    assert (found and found.value) == kind


@pytest.mark.parametrize(
    "head", [b"<!---->" * 1170, b"a: \n" * 2000, b"a:" + b" \n" * 4000, b"#" + b"\t \n" * 2700, b"\n" * 8190]
)
def test_no_content_costs_more_than_its_length(head: bytes) -> None:
    begun = time.process_time()
    by_content(head)
    assert time.process_time() - begun < 1
