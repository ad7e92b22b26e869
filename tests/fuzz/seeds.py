"""What fuzzing starts from: examples of the catalogue, and one small file of every other kind."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from secret_forms import HARMLESS, SECRETS

from logtrace import catalogue

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SAMPLES: Final = sorted((Path(__file__).parents[2] / "samples").glob("*/*.tar.bz2"))
_LOG: Final = b"Nov 22 16:40:01 node1 pacemaker-controld  [117] (peer_update) \tnotice: Node n2 state is now lost\n"
_CIB: Final = (
    b'<cib crm_feature_set="3.16.1" epoch="7" num_updates="1" admin_epoch="0" cib-last-written="Sun Nov 22 16:40:00 '
    b'2026" have-quorum="1" dc-uuid="1" execution-date="1795365926"><configuration><crm_config>'
    b'<cluster_property_set id="o"><nvpair id="o1" name="stonith-enabled" value="true"/></cluster_property_set>'
    b'</crm_config><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/></nodes><resources><group id="g">'
    b'<primitive id="db" class="ocf" provider="heartbeat" type="mysql"><meta_attributes id="m"><nvpair id="m1" '
    b'name="migration-threshold" value="3"/></meta_attributes><operations><op id="p" name="monitor" interval="10s" '
    b'timeout="20"/></operations></primitive><primitive id="web" class="ocf" type="apache"/></group><clone id="c">'
    b'<primitive id="p" class="stonith" type="fence_x"/></clone></resources><constraints><rsc_order id="r" first="g" '
    b'then="c" kind="Mandatory"/><rsc_colocation id="k" rsc="c" with-rsc="g" score="INFINITY"/><rsc_location id="l" '
    b'rsc="g" node="n1" score="100"/></constraints></configuration><status><node_state id="1" uname="n1" crmd="online"'
    b'><lrm id="1"><lrm_resources><lrm_resource id="db"><lrm_rsc_op id="x" operation="start" rc-code="0" op-status="0"'
    b' call-id="5" exec-time="20" last-rc-change="1795365926"/></lrm_resource></lrm_resources></lrm></node_state>'
    b"</status></cib>"
)
_CONF: Final = (
    b"totem {\n version: 2\n token: 5000\n cluster_name: c\n transport: knet\n}\nnodelist {\n node {\n  ring0_addr: "
    b"10.0.0.1\n  name: n1\n  nodeid: 1\n }\n}\nquorum {\n provider: corosync_votequorum\n two_node: 1\n}\n"
)
_DUMP: Final = (
    b"nodelist.node.0.name (str) = n1\nnodelist.node.0.ring0_addr (str) = 10.0.0.1\nquorum.two_node (u8) = 1\n"
    b"runtime.config.totem.token (u32) = 3000\ntotem.interface.0.bindnetaddr (str) = 10.0.0.0\n"
)
_TEXTS: Final = (
    b"Date: Sun Nov 22 16:40:00 UTC 2026\nCRM Version: 2.1.5\nCorosync Cluster Engine, version '3.1.7'\n",
    b"export LOG_START=1795365926\nFROM_TIME=1795365926\nTO_TIME='1795365999'\n",
    b"Timeout (watchdog) : 5\nTimeout (msgwait)  : 10\npacemaker-2.1.5-1.el9\nheartbeat: 3.0.6\n",
)


def seeds(target: str) -> list[bytes]:
    """The inputs that `target` starts from."""
    return list(_SEEDS[target]())


def dictionary(target: str) -> list[bytes]:
    """Words that matter to `target`, for the fuzzer to put in."""
    text = b"\n".join(seeds(target)) + (_cmap_words() if target == "corosync" else b"")
    words = re.findall(rb"[A-Za-z_][\w./-]{2,40}(?:=\"|: ?|\[)?", text)
    return sorted(set(words))


def _intake() -> Iterator[bytes]:
    report = [("r/", b""), ("r/n1/DC", b""), ("r/n1/cib.xml", _CIB), ("r/n1/pacemaker.log.gz", gzip.compress(_LOG))]
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        members = [*report, (f"r/{'n' * 90}/{'f' * 60}/ha-log.txt", _LOG)]
        for how in (0, 8, 9, 10, 11, 12, 24):
            yield bytes([how]) + _tar(members, form)
    yield b"\x01" + _LOG
    yield b"\x02" + gzip.compress(_LOG, mtime=0) * 2
    yield b"\x00" + bz2.compress(_CIB)


def _tar(members: Sequence[tuple[str, bytes]], form: int) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, body in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(body), 1_795_365_926
            archive.addfile(info, io.BytesIO(body))
        link = tarfile.TarInfo("r/n1/messages")
        link.type, link.linkname = tarfile.SYMTYPE, "../../x"
        archive.addfile(link)
        length = archive.offset
    return out.getvalue()[: length + 1024]


def _names() -> Iterator[bytes]:
    paths = (
        "pcmk-1/n1/pacemaker.log", "r/n1/pengine/pe-input-3.bz2", "sosreport-n1-2026-11-22-abc/var/log/messages-1",
        "scc_n1_261122_1640/ha-log.txt.1.gz", "r/corosync.conf", "r/n1/journalctl_-u", "trace_ra/x", "r/n1/DC",
    )  # fmt: skip
    for path in paths:
        yield path.encode() + b"\n" + _LOG
    yield b"x\n<?xml version='1.0'?><cib>"
    yield b"LPKSHHRH"


def whole_lines() -> list[str]:
    """The examples of all layouts, payloads on a carrier."""
    plain = [example.line for fmt in catalogue.load().formats if fmt.part != "payload" for example in fmt.examples]
    carried = [example.line for fmt in catalogue.load().formats if fmt.part == "payload" for example in fmt.examples]
    return plain + [f"Nov 22 16:40:01 node1 {line}" for line in carried]


def secret_lines() -> list[str]:
    """Lines with secrets, and such as only sound like them."""
    return [*SECRETS, *HARMLESS]


def _together(lines: Sequence[str], number: int) -> Iterator[bytes]:
    """So many lines to an input: polars costs the same for one as for many."""
    for at in range(0, len(lines), number):
        yield "\n".join(lines[at : at + number]).encode()


def _headers() -> Iterator[bytes]:
    yield from _together(whole_lines(), 4)


def _lines() -> Iterator[bytes]:
    yield from (b"\x02" + part for part in _together(whole_lines(), 6))
    yield b"\x09" + b"".join(b"%d: %s" % (at, _LOG) for at in range(9))
    entry = {
        "__CURSOR": "s=1", "__REALTIME_TIMESTAMP": "1795365926000000", "_HOSTNAME": "node1", "_PID": "117",
        "SYSLOG_IDENTIFIER": "pacemaker-controld", "MESSAGE": "notice: Node n2 state is now lost | nodeid=2",
    }  # fmt: skip
    yield b"\x03" + (json.dumps(entry) + "\n").encode() * 3
    exported = "".join(f"{name}={value}\n" for name, value in entry.items()).encode()
    yield b"\x01" + (exported + b"MESSAGE\n\x05\0\0\0\0\0\0\0a\nb c\n\n") * 3
    yield b"\x02" + b"-- Boot 0123456789abcdef0123456789abcdef --\n" + _LOG


def _events() -> Iterator[bytes]:
    said = [
        f"{min(message.daemons, default='x')}\t{example.line}"
        for message in catalogue.load().messages
        for example in message.examples
    ]
    yield from _together([*said, "apache(web)\tERROR: apache not running"], 6)


def _cibs() -> Iterator[bytes]:
    yield _CIB
    yield bz2.compress(_CIB)
    yield _CIB.replace(b"</resources>", b'<bundle id="b"><podman image="x"/><primitive id="q"/></bundle></resources>')
    yield _CIB.replace(b"</resources>", b'<template id="t"/><primitive id="z" template="t"/></resources>')
    yield from _recipes()
    yield _CIB.replace(
        b"</constraints>",
        b'<rsc_order id="s"><resource_set id="s1" sequential="false"><resource_ref id="g"/><resource_ref id="c"/>'
        b'</resource_set></rsc_order></constraints><tags><tag id="t"><obj_ref id="g"/></tag></tags>',
    )


def _recipes() -> Iterator[bytes]:
    yield from (bytes((at * step + at * at) % 256 for at in range(240)) for step in (1, 3, 7, 31))


def _cmap_words() -> bytes:
    return Path(__file__).parents[2].joinpath("logtrace/config/corosync.py").read_bytes()


def _zips() -> Iterator[bytes]:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            for name, body in (
                ("r/n1/", b""),
                ("r/n1/pacemaker.log", _LOG),
                ("r/n1/cib.xml", _CIB),
                ("../x.log", _LOG),
            ):
                archive.writestr(zipfile.ZipInfo(name, (2026, 11, 22, 16, 40, 0)), body)
        yield b"\x00" + out.getvalue()
    yield from (bytes([how]) + _LOG for how in range(1, 64, 6))


def _exports() -> Iterator[bytes]:
    line = _LOG.decode().strip()
    record = {"@timestamp": "2026-11-22T16:40:01.123Z", "host": {"name": "node1"}, "message": line, "pid": "117"}
    flat = {"timestamp": "1795365926", "hostname": "node1", "program": "pacemaker-controld", "msg": "notice: x"}
    for each in (record, flat, {"_source": record}):
        yield b"\x02" + (json.dumps(each) + "\n").encode() * 2
        yield b"\x02" + json.dumps([each, each]).encode()
        yield b"\x04" + json.dumps({"took": 1, "hits": {"hits": [each, each]}}, indent=1).encode()
    for by in ",;\t|":
        head = by.join(("time", "host", "message"))
        said = '"' + line.replace('"', '""') + '"'
        yield b"\x02" + f"{head}\n2026-11-22 16:40:01{by}node1{by}{said}\n".encode() * 2


def _carriers() -> Iterator[bytes]:
    line = _LOG.decode().strip()
    halves = line[: len(line) // 2] + "\n" + line[len(line) // 2 :]
    for before, after in (
        ("> ", ""), ("> > | ", ""), ("pacemaker.log:12:", ""), ("pacemaker.log-", ""), ("  * ", ""), ("12: ", ""),
        ("\x1b[1;31m", "\x1b[0m"), ("n1 | ", ""), ("<pre>", "</pre>"), ("`", "`"), ("\\t", "\\n"), ("#015", "#012"),
    ):  # fmt: skip
        yield b"\x01" + f"{before}{line}{after}\n".encode() * 3
    yield b"\x03" + f"Dear all,\n\n{halves}\n{halves}\n\nregards\n".encode()
    yield b"\x05" + line.replace("<", "&lt;").replace("'", "&#39;").encode() + b"\r\n"
    yield b"\x02" + line.encode("utf-16")


def _statuses() -> Iterator[bytes]:
    yield (  # as crm_mon writes it
        b"Cluster Summary:\n  * Last updated: Thu Mar  9 23:00:00 2023\nFailed Resource Actions:\n  * db_start_0 on n1 "
        b"'error' (1): call=44, status='complete', exitreason='port', last-rc-change='Thu Mar  9 22:41:05 2023', "
        b"queued=0ms, exec=2000ms\n  * db 10s-interval monitor on n1 returned 'not running' at "
        b"Thu Mar  9 22:41:05 2023 after 60ms\nFencing History:\n  * reboot of n2 failed: delegate=n1, client=crmd.5, "
        b"origin=n1, last-failed='2023-03-09 22:55:00Z'\nFailed Actions:\n    db_start_0 (node=n1, call=23, rc=1, "
        b"status=complete): unknown error\n"
    )
    yield (
        b'<pacemaker-result api-version="2.30"><summary><last_update time="Thu Mar  9 23:00:00 2023" origin="n1"/>'
        b'</summary>\n<node name="n2" id="1" online="false" unclean="true" type="member"/>\n<failure '
        b'op_key="db_start_0" node="n1" exitstatus="error" exitreason="a &quot;b&quot;" exitcode="1" call="44" '
        b'status="complete" '
        b'last-rc-change="2023-03-09 22:41:05Z" queued="0" exec="2000" interval="0" task="start"/>\n<fence_event '
        b'target="n2" action="reboot" client="x.5" origin="n1" status="failed" delegate="n1" '
        b'completed="2023-03-09 22:55:00Z"/>\n</pacemaker-result>\n'
    )


def _hidden() -> Iterator[bytes]:
    yield b"passwd=hunter2 ip=10.0.0.1\nfence_x -a 10.0.0.2 -p pw\ncurl -u a:b http://u:p@h.example.com/\nfe80::1"
    yield b"bob@filer7 ACME\\\\svc rhost=jump9 //nas/share filer:/export ip-10-0-0-1 52:54:00:ab:cd:ef 5254.00ab.cdef"
    yield b'<nvpair id="a" name="passwd" value="x"/>\n@name=token, @value=x, @id=y\n-----BEGIN PRIVATE KEY-----\nAAAA'
    yield b"www.a.co.uk mail.xn--80ak6aa92e.xn--p1ai user=jdoe uid=0(root) nodeid=169090601 cn=Bob,dc=a"


def _streams() -> Iterator[bytes]:
    body = _LOG * 3
    for packed in (gzip.compress(body, mtime=0), bz2.compress(body), lzma.compress(body), zstd.compress(body)):
        yield b"\x07" + packed
        yield b"\x40" + packed * 2 + b"\0\0"
        yield b"\x01" + packed[:-9]
    yield b"\x03" + body.decode().encode("utf-16")
    yield b"\x03" + body.decode().encode("utf-16-be")


def _archives() -> Iterator[bytes]:
    members = [("r/", b""), ("r/n1/pacemaker.log", _LOG), (f"r/{'n' * 90}/{'f' * 60}/ha-log.txt", _LOG)]
    yield from (_tar(members, form) for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
    yield from (seed[1:] for seed in _zips() if seed[:1] == b"\0")


def _stores() -> Iterator[bytes]:
    for seed in _exports():
        for kind in range(4):
            yield bytes([kind]) + seed[1:]
    yield b"\2['" + _LOG.strip() + b"',\n'" + _LOG.strip() + b" \\u00e4 \\ud83d\\ude00'" + b"]"
    yield b'\2"' + _LOG.strip() + b"\\n" + _LOG.strip() + b'\\n"'
    yield b'\3time="2026-11-22T16:40:01Z" level=info msg="crmd[1]: notice: x"\n' * 2


def _words() -> Iterator[bytes]:
    yield b"snmp_community api_key a.example.co.uk fe80::1 10.0.0.1 ip-10-0-0-1 PT5M hunter2hunter2 xn--p1ai.x"
    yield b"OCF_RESKEY_passwd access-token n1.local a.b.c.d.e 00:11:22:33:44:55 1.2.3.4.5 ::ffff:10.0.0.1 key.pem"


_SEEDS: Final[dict[str, Callable[[], Iterator[bytes]]]] = {
    "intake": _intake,
    "names": _names,
    "headers": _headers,
    "lines": _lines,
    "events": _events,
    "cib": _cibs,
    "findings": _cibs,
    "corosync": lambda: iter((_CONF, _DUMP)),
    "texts": lambda: iter(_TEXTS),
    "zip": _zips,
    "exports": _exports,
    "carriers": _carriers,
    "status": _statuses,
    "hidden": _hidden,
    "decoders": _streams,
    "members": _archives,
    "wrappings": lambda: (seed[1:] for seed in (*_carriers(), *_exports(), *_lines())),
    "stores": _stores,
    "entries": lambda: (seed for seed in _lines() if b"CURSOR" in seed),
    "results": _statuses,
    "xml": lambda: (seed for seed in _cibs() if seed[:1] == b"<"),
    "words": _words,
    "hide": _recipes,
    "heads": _recipes,
    "anew": _recipes,
    "pasted": _recipes,
    "exported": _recipes,
    "stated": _recipes,
}
