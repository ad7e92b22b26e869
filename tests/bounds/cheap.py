"""Inputs that are cheap to make and were, or might be, dear to read: each writes one into a folder and gives its name.

What each costs stands in SECURITY.md; `python tests/bounds/cheap.py` measures them and brings that table up to date.
"""

from __future__ import annotations

import bz2
import gzip
import io
import re
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

sys.path.append(str(Path(__file__).parent))
from measured import run

ROOT: Final = Path(__file__).parents[2]
CHEAP: Final[dict[str, Callable[[Path], str]]] = {}

#: The most seconds of a processor that a megabyte may cost, and that any input may: what is small still has to start.
PER_MEGABYTE: Final = 10.0
LEAST: Final = 10.0
#: The most bytes of memory that any of them may take.
MEMORY: Final = 3 << 29


def cheap(make: Callable[[Path], str]) -> Callable[[Path], str]:
    CHEAP[(make.__doc__ or "").strip()] = make
    return make


def failed(number: int, resource: str = "web", host: str = "alpha") -> str:
    """A line of a failed monitor, one a second."""
    hours, rest = divmod(number, 3600)
    return (
        f"Nov 22 {hours % 24:02}:{rest // 60:02}:{rest % 60:02}.200 {host} pacemaker-controld  [105] "
        f"(log_executor_event) \tnotice: Result of monitor operation for {resource} on {host}: not running | CIB "
        f"update 9, graph action confirmed; call={number + 10} key={resource}_monitor_10000 rc=7\n"
    )


def written(folder: Path, name: str, content: bytes | str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def packed(folder: Path, members: Iterable[tuple[str, bytes]]) -> str:
    with tarfile.open(folder / "report.tar.gz", "w:gz", compresslevel=1) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return "report.tar.gz"


def cib(resources: str, *, nodes: str = "", status: str = "") -> str:
    return (
        f'<cib epoch="1"><configuration><crm_config/><nodes>{nodes}</nodes><resources>{resources}</resources>'
        f"</configuration><status>{status}</status></cib>"
    )


@cheap
def empty_streams(folder: Path) -> str:
    """10,000 empty bzip2 streams behind a line"""
    return written(folder, "a.log.bz2", bz2.compress(failed(0).encode()) + bz2.compress(b"") * 10_000)


@cheap
def empty_gzip_streams(folder: Path) -> str:
    """20,000 empty gzip streams behind a line"""
    return written(folder, "a.log.gz", gzip.compress(failed(0).encode()) + gzip.compress(b"") * 20_000)


@cheap
def one_line_logs(folder: Path) -> str:
    """20,000 logs of one line"""
    return packed(folder, ((f"r/n1/pacemaker.log-{at}", failed(at).encode()) for at in range(20_000)))


@cheap
def failing_resources(folder: Path) -> str:
    """24,000 resources that fail once"""
    return written(folder, "a.log", "".join(failed(at // 10, f"r{at}") for at in range(24_000)))


@cheap
def hosts(folder: Path) -> str:
    """a line of each of 100,000 hosts"""
    lines = (f"Nov 22 12:{at // 6000 % 60:02}:{at // 100 % 60:02} h{at} crmd[1]: notice: x\n" for at in range(100_000))
    return written(folder, "a.log", "".join(line.replace("x", "Node n2 state is now lost") for line in lines))


@cheap
def deep_folders(folder: Path) -> str:
    """members 100 folders deep, 20,000 of them"""
    deep = "/".join(f"d{at}" for at in range(100))
    return packed(folder, ((f"r/{deep}/{at}/pacemaker.log", b"") for at in range(20_000)))


@cheap
def empty_members(folder: Path) -> str:
    """100,000 members of no bytes"""
    members = ((f"r/n{at % 100}/ha-log.txt.{at}", b"") for at in range(100_000))
    return packed(folder, [("r/n1/pacemaker.log", failed(0).encode()), *members])


@cheap
def zip_members(folder: Path) -> str:
    """a zip of 60,000 members"""
    with zipfile.ZipFile(folder / "report.zip", "w") as archive:
        archive.writestr("r/n1/pacemaker.log", failed(0))
        for at in range(60_000):
            archive.writestr(f"r/n1/x{at}", b"")
    return "report.zip"


@cheap
def nodes_of_a_cib(folder: Path) -> str:
    """a CIB of 9,000 nodes, each with a result"""
    nodes = "".join(f'<node id="{at}" uname="n{at}"/>' for at in range(9000))
    status = "".join(
        f'<node_state id="{at}" uname="n{at}" in_ccm="true" crmd="online"><lrm id="{at}"><lrm_resources><lrm_resource '
        f'id="web"><lrm_rsc_op id="x" operation="monitor" interval="10000" rc-code="7" op-status="0" call-id="5" '
        'last-rc-change="1795348810"/></lrm_resource></lrm_resources></lrm></node_state>'
        for at in range(9000)
    )
    written(folder, "case/cib.xml", cib('<primitive id="web" class="ocf" type="a"/>', nodes=nodes, status=status))
    written(folder, "case/pacemaker.log", failed(0))
    return "case"


@cheap
def primitives_of_a_cib(folder: Path) -> str:
    """a CIB of 9,000 primitives in one group"""
    members = "".join(
        f'<primitive id="p{at}" class="ocf" type="a"><operations><op id="o{at}" name="monitor" interval="10s"/>'
        "</operations></primitive>"
        for at in range(9000)
    )
    written(folder, "case/cib.xml", cib(f'<group id="g">{members}</group>'))
    written(folder, "case/pacemaker.log", failed(0, "p4000"))
    return "case"


@cheap
def secrets_of_a_cib(folder: Path) -> str:
    """a CIB of 30,000 passwords, and a log that holds them"""
    pairs = "".join(f'<nvpair id="i{at}" name="passwd" value="hunter{at}x"/>' for at in range(30_000))
    device = f'<primitive id="st" class="stonith" type="x"><instance_attributes id="i">{pairs}</instance_attributes>'
    written(folder, "case/cib.xml", cib(f"{device}</primitive>"))
    said = "".join(failed(at).replace("not running", f"error (with hunter{at}x)") for at in range(3000))
    written(folder, "case/pacemaker.log", said)
    return "case"


@cheap
def actions_of_a_plan(folder: Path) -> str:
    """a plan of 50,000 actions"""
    line = "Nov 22 12:00:01.200 alpha pacemaker-schedulerd[104] (log_list_item) \tnotice: Actions: "
    plan = "".join(f"{line}Move       r{at}     ( alpha -> beta )\n" for at in range(50_000))
    end = (
        "Nov 22 12:00:01.300 alpha pacemaker-schedulerd[104] (log_pe) \tnotice: Calculated transition 5, saving inputs"
    )
    return written(folder, "a.log", f"{plan}{end} in /var/lib/pacemaker/pengine/pe-input-5.bz2\n")


@cheap
def processes(folder: Path) -> str:
    """a line of each of 60,000 processes"""
    lines = (failed(at // 100).replace("[105]", f"[{at}]") for at in range(60_000))
    return written(folder, "a.log.gz", gzip.compress("".join(lines).encode(), 6))


@cheap
def one_long_line(folder: Path) -> str:
    """a line of 9 MB"""
    return written(folder, "a.log", failed(0) + failed(1).rstrip() + "password=(" * 900_000 + "\n" + failed(2))


@cheap
def layouts(folder: Path) -> str:
    """another layout in every line"""
    plain = "notice: Node beta state is now lost"
    forms = (
        f"Nov 22 12:00:{{s}} alpha crmd[7]: {plain}", f"2026-11-22T12:00:{{s}}.1+01:00 alpha crmd[7]: {plain}",
        f"Nov 22 12:00:{{s}}.100 alpha pacemaker-controld  [7] (f) \t{plain}",
        f"> Nov 22 12:00:{{s}} alpha crmd: {plain}",
        f"Nov 22 12:00:{{s}} [7] alpha crmd: {plain}", f"pacemaker.log:Nov 22 12:00:{{s}} alpha crmd[7]: {plain}",
        f"crmd: 2026/11/22_12:00:{{s}} {plain}", f"\x1b[1mNov 22 12:00:{{s}} alpha crmd[7]: {plain}\x1b[0m",
    )  # fmt: skip
    lines = (forms[at % len(forms)].format(s=f"{at // 1000 % 60:02}") for at in range(50_000))
    return written(folder, "a.log", "\n".join(lines) + "\n")


@cheap
def zones(folder: Path) -> str:
    """another zone and year in every line"""
    lines = (
        f"{1971 + at % 200}-11-22T12:00:{at % 60:02}.{at % 1000:03}{'+-'[at % 2]}{at % 14:02}:{at % 4 * 15:02} alpha "
        "crmd[7]: notice: Node beta state is now lost\n"
        for at in range(50_000)
    )
    return written(folder, "a.log", "".join(lines))


@cheap
def clock_steps(folder: Path) -> str:
    """a clock that steps in every line"""
    return written(folder, "a.log", "".join(failed(at * 7919 % 86_400) for at in range(30_000)))


@cheap
def epochs(folder: Path) -> str:
    """an epoch of another zone and year in every line"""
    line = "Nov 22 12:00:{s:02} alpha corosync[100]:   [MAIN  ] Corosync main process was not scheduled (@{e}) for {d}"
    told = (line.format(s=at % 60, e=1_000_000_000_000 + at * 7_919_000, d="1000.0000 ms") for at in range(40_000))
    return written(folder, "a.log", " (threshold is 800.0000 ms). Consider token timeout increase.\n".join([*told, ""]))


@cheap
def rings(folder: Path) -> str:
    """a new ring of corosync in each of 60,000 lines"""
    line = "Nov 22 {h:02}:{m:02}:{s:02} alpha corosync[1]: [TOTEM ] A new membership (10.0.0.1:{n}) was formed. Members"
    told = (
        line.format(h=at // 3600 % 24, m=at // 60 % 60, s=at % 60, n=at) + (" joined: 2" if at % 2 else " left: 2")
        for at in range(60_000)
    )
    return written(folder, "a.log", "\n".join(told) + "\n")


def said(number: int, daemon: str, text: str) -> str:
    """A line of a daemon, one a second."""
    days, rest = divmod(number, 86_400)
    time = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}.200"
    return f"Nov {1 + days % 28:02} {time} alpha {daemon:<20}[105] (f) \tnotice: {text}\n"


@cheap
def quorum(folder: Path) -> str:
    """quorum that is lost and gained 16,000 times"""
    words = ("Quorum lost | membership=1 members=1", "Quorum acquired | membership=1 members=2")
    return written(folder, "a.log", "".join(said(at, "pacemaker-controld", words[at % 2]) for at in range(32_000)))


@cheap
def flapping(folder: Path) -> str:
    """a service that is recovered 8,000 times"""
    end = "| CIB update 9, graph action confirmed; call"
    saved = "/var/lib/pacemaker/pengine/pe-input"
    lines = (
        said(3 * at, "pacemaker-controld", "Result of monitor operation for web on alpha: not running "
             f"{end}={3 * at + 1} key=web_monitor_10000 rc=7")
        + said(3 * at + 1, "pacemaker-schedulerd", "Actions: Recover    web     ( alpha )")
        + said(3 * at + 1, "pacemaker-schedulerd", f"Calculated transition {at}, saving inputs in {saved}-{at}.bz2")
        + said(3 * at + 1, "pacemaker-controld", f"Result of stop operation for web on alpha: ok {end}={3 * at + 2} "
               "key=web_stop_0 rc=0")
        + said(3 * at + 2, "pacemaker-controld", f"Result of start operation for web on alpha: ok {end}={3 * at + 3} "
               "key=web_start_0 rc=0")
        for at in range(8000)
    )  # fmt: skip
    return written(folder, "a.log", "".join(lines))


@cheap
def starts(folder: Path) -> str:
    """a start that fails 30,000 times"""
    result = "Result of start operation for web on alpha: error | CIB update 9, graph action confirmed; call={n} key="
    lines = (said(at, "pacemaker-controld", result.format(n=at) + "web_start_0 rc=1") for at in range(30_000))
    return written(folder, "a.log", "".join(lines))


@cheap
def losses(folder: Path) -> str:
    """40,000 nodes that are lost one after another"""
    lines = (said(at, "pacemaker-controld", f"Node n{at} state is now lost") for at in range(40_000))
    return written(folder, "a.log", "".join(lines))


@cheap
def fencings(folder: Path) -> str:
    """a node that is lost, fenced and back 4,000 times"""
    fenced = "Operation 'reboot' targeting beta by alpha for pacemaker-controld.105@alpha: OK | id="
    lines = (
        said(4 * at, "pacemaker-controld", "Node beta state is now lost")
        + said(4 * at + 1, "pacemaker-controld", "Requesting fencing (reboot) of node beta | action=1 timeout=60000")
        + said(4 * at + 2, "pacemaker-fenced", f"{fenced}{at:08x}")
        + said(4 * at + 3, "pacemaker-controld", "Node beta state is now member")
        for at in range(4000)
    )
    return written(folder, "a.log", "".join(lines))


@cheap
def boots(folder: Path) -> str:
    """a journal that boots in every line"""
    lines = (f"-- Boot {at:032x} --\nNov 22 12:00:{at % 60:02} alpha crmd[7]: notice: x\n" for at in range(30_000))
    return written(folder, "a.log", "".join(lines).replace(": x\n", ": Node beta state is now lost\n"))


@cheap
def complaints(folder: Path) -> str:
    """a start in every third line, of which the agent complains, 5,000 times"""
    day, host = "Nov 22 {h:02}:{m:02}:{s:02}.200 ", "alpha pacemaker-controld  [105] "
    line = (
        f"{day}{host}(te_rsc_command) \tnotice: Initiating start operation web_start_0 on alpha | action {{n}}\n"
        f"{day}alpha IPaddr2(web)[{{n}}]:    ERROR: no address\n"
        f"{day}{host}(log_executor_event) \tnotice: Result of start operation for web on alpha: error (no address) | "
        "CIB update 9, graph action confirmed; call={n} key=web_start_0 rc=1\n"
    )
    told = (line.format(h=at * 9 // 3600, m=at * 9 // 60 % 60, s=at * 9 % 60, n=at + 10) for at in range(5000))
    return written(folder, "a.log", "".join(told))


@cheap
def nested_json(folder: Path) -> str:
    """a JSON document 100,000 levels deep, and one of 50,000 records"""
    written(folder, "case/deep.json", '{"a":' * 100_000)
    record = '{"@timestamp":"2026-11-22T12:00:00Z","host":"alpha","message":"crmd[7]: notice: Node beta is now lost"}'
    written(folder, "case/messages.json", "[" + ",".join([record] * 50_000) + "]")
    written(folder, "case/pacemaker.log", failed(0))
    return "case"


@cheap
def losses_and_quorum(folder: Path) -> str:
    """8,000 nodes that are lost for good, and quorum that is lost and gained 16,000 times"""
    words = ("Quorum lost | membership=1 members=1", "Quorum acquired | membership=1 members=2")
    lost = (said(at // 50, "pacemaker-controld", f"Node n{at} state is now lost") for at in range(8000))
    told = (said(160 + at, "pacemaker-controld", words[at % 2]) for at in range(16_000))
    return written(folder, "a.log", "".join([*lost, *told]))


@cheap
def fenced_at_once(folder: Path) -> str:
    """6,000 nodes that are lost and fenced within minutes, and stay away"""
    fenced = "Operation 'reboot' targeting n{n} by alpha for pacemaker-controld.105@alpha: OK | id={n:08x}"
    asked = "Requesting fencing (reboot) of node n{n} | action=1 timeout=60000"
    lines = (
        "".join(said(start + at // 60, daemon, text.format(n=at)) for at in range(6000))
        for start, daemon, text in (
            (0, "pacemaker-controld", "Node n{n} state is now lost"),
            (100, "pacemaker-controld", asked),
            (201, "pacemaker-fenced", fenced),
        )
    )
    return written(folder, "a.log", "".join(lines))


def configured(folder: Path, resources: str, *, more: str = "", nodes: int = 0, log: str = "") -> str:
    """A CIB with `more` behind its resources, and a log."""
    known = "".join(f'<node id="{at}" uname="n{at}"/>' for at in range(nodes))
    text = cib(resources, nodes=known).replace("</resources>", f"</resources>{more}")
    written(folder, "case/cib.xml", text)
    written(folder, "case/pacemaker.log", log or failed(0))
    return "case"


def primitives(number: int) -> str:
    return "".join(f'<primitive id="r{at}" class="ocf" type="a"/>' for at in range(number))


@cheap
def order_chain(folder: Path) -> str:
    """4,000 resources that are ordered and placed one behind the other, of which 300 fail"""
    both = "".join(
        f'<rsc_order id="o{at}" first="r{at}" then="r{at + 1}"/><rsc_colocation id="c{at}" rsc="r{at + 1}" '
        f'with-rsc="r{at}" score="INFINITY"/>'
        for at in range(4000)
    )
    log = "".join(failed(at, f"r{at}") for at in range(300))
    return configured(folder, primitives(4001), more=f"<constraints>{both}</constraints>", log=log)


@cheap
def resource_sets(folder: Path) -> str:
    """60 orders of two sets of 400 resources, of which 100 fail"""
    sets = ["".join(f'<resource_ref id="r{at}"/>' for at in numbers) for numbers in (range(400), range(400, 800))]
    orders = "".join(
        f'<rsc_order id="o{at}"><resource_set id="s{at}" sequential="false">{sets[0]}</resource_set>'
        f'<resource_set id="t{at}">{sets[1]}</resource_set></rsc_order>'
        for at in range(60)
    )
    log = "".join(failed(at, f"r{at}") for at in range(100))
    return configured(folder, primitives(800), more=f"<constraints>{orders}</constraints>", log=log)


@cheap
def locations(folder: Path) -> str:
    """8,000 bans and as many rules, of 2,000 nodes and resources"""
    both = "".join(
        f'<rsc_location id="cli-ban-r1-on-n{at}" rsc="r1" node="n{at}" score="-INFINITY"/><rsc_location id="l{at}" '
        f'rsc="r{at}"><rule id="u{at}" score="5"><expression id="e{at}" attribute="#uname" operation="eq" '
        f'value="n{at}"/></rule></rsc_location>'
        for at in range(8000)
    )
    return configured(
        folder, primitives(2000), more=f"<constraints>{both}</constraints>", nodes=2000, log=failed(0, "r1")
    )


@cheap
def topology(folder: Path) -> str:
    """9,000 levels of fencing with 4,000 devices, for 3,000 nodes"""
    levels = "".join(
        f'<fencing-level id="f{at}" target="n{at % 3000}" index="{at % 9 + 1}" devices="d{at % 4000}"/>'
        for at in range(9000)
    )
    devices = "".join(
        f'<primitive id="d{at}" class="stonith" type="fence_x"><instance_attributes id="i{at}"><nvpair id="v{at}" '
        f'name="pcmk_host_list" value="n{at % 3000}"/></instance_attributes></primitive>'
        for at in range(4000)
    )
    more = f"<constraints/><fencing-topology>{levels}</fencing-topology>"
    return configured(folder, devices, more=more, nodes=3000)


@cheap
def tags_in_circles(folder: Path) -> str:
    """3,000 tags that name each other in a circle, and 5,000 primitives of one template"""
    operations = "".join(f'<op id="o{at}" name="monitor" interval="{at}s"/>' for at in range(30))
    template = f'<template id="t" class="ocf" type="a"><operations>{operations}</operations></template>'
    made = "".join(f'<primitive id="p{at}" template="t"/>' for at in range(5000))
    tags = "".join(f'<tag id="t{at}"><obj_ref id="t{(at + 1) % 3000}"/></tag>' for at in range(3000))
    return configured(folder, template + made, more=f"<constraints/><tags>{tags}</tags>", log=failed(0, "p7"))


@cheap
def scheduler_inputs(folder: Path) -> str:
    """4,000 inputs of the scheduler"""
    text = cib(primitives(30))
    inputs = (
        (f"r/n1/pengine/pe-input-{at}.bz2", bz2.compress(text.replace('epoch="1"', f'epoch="{at}"').encode()))
        for at in range(4000)
    )
    return packed(folder, [("r/n1/pacemaker.log", failed(0).encode()), *inputs])


@cheap
def wide_csv(folder: Path) -> str:
    """a table of 50,000 columns"""
    head = ",".join(f"c{at}" for at in range(50_000))
    row = "Nov 22 12:00:00 alpha crmd[7]: Node beta state is now lost" + ",1" * 49_999
    return written(folder, "a.csv", "\n".join([head, *[row] * 20, ""]))


@cheap
def many_edits(folder: Path) -> str:
    """15,000 constraints that are made one after another"""
    ban = '<rsc_location id="cli-ban-r{n}-on-a" rsc="r{n}" node="a" score="-INFINITY"/>'
    made = f"++ /cib/configuration/constraints:  {ban}"
    return written(folder, "a.log", "".join(said(at, "pacemaker-based", made.format(n=at)) for at in range(15_000)))


@cheap
def dying_daemons(folder: Path) -> str:
    """a daemon that is killed and respawned 10,000 times"""
    killed, anew = "pacemaker-execd[{n}] terminated with signal 9 (Killed)", "Respawning pacemaker-execd subdaemon"
    lines = (
        said(2 * at, "pacemakerd", killed.format(n=at)) + said(2 * at + 1, "pacemakerd", anew) for at in range(10_000)
    )
    return written(folder, "a.log", "".join(lines))


@cheap
def plans_without_end(folder: Path) -> str:
    """12,000 transitions of nothing"""
    saved = "/var/lib/pacemaker/pengine/pe-input-{n}.bz2"
    made = f"Calculated transition {{n}}, saving inputs in {saved}"
    done = f"Transition {{n}} (Complete=0, Pending=0, Fired=0, Skipped=0, Incomplete=0, Source={saved}): Complete"
    lines = (
        said(2 * at, "pacemaker-schedulerd", made.format(n=at))
        + said(2 * at + 1, "pacemaker-controld", done.format(n=at))
        for at in range(12_000)
    )
    return written(folder, "a.log", "".join(lines))


@cheap
def deep_xml(folder: Path) -> str:
    """a CIB 200,000 elements deep, and one of 200 groups in each other"""
    written(folder, "case/cib.xml", cib("<group>" * 200_000 + "</group>" * 200_000))
    written(folder, "case/pengine/pe-input-1.xml", cib('<group id="g">' * 200 + primitives(9) + "</group>" * 200))
    return written(folder, "case/pacemaker.log", failed(0)).partition("/")[0]


@cheap
def interfaces(folder: Path) -> str:
    """a corosync.conf of 20,000 interfaces and as many nodes, and a dump of them"""
    rings = "".join(
        f" interface {{\n  ringnumber: {at}\n  bindnetaddr: 10.0.{at % 256}.0\n }}\n" for at in range(20_000)
    )
    nodes = "".join(
        f" node {{\n  ring0_addr: 10.{at // 250}.{at % 250}.1\n  nodeid: {at}\n }}\n" for at in range(20_000)
    )
    conf = f"totem {{\n version: 2\n{rings}}}\nnodelist {{\n{nodes}}}\n"
    written(folder, "case/corosync.conf", conf)
    dump = "".join(f"nodelist.node.{at}.ring0_addr (str) = 10.{at // 250}.{at % 250}.1\n" for at in range(20_000))
    written(folder, "case/corosync.dump", dump)
    return written(folder, "case/pacemaker.log", failed(0)).partition("/")[0]


@cheap
def nodes_times_resources(folder: Path) -> str:
    """a status of 200 nodes with 250 results each, all good, and a log of 300 failures of theirs"""
    row = (
        '<lrm_resource id="r{at}"><lrm_rsc_op id="x" operation="start" rc-code="0" op-status="0" call-id="{at}" '
        'last-rc-change="1795348810"/></lrm_resource>'
    )
    rows = "".join(row.format(at=at) for at in range(250))
    nodes = "".join(f'<node id="{at}" uname="n{at}"/>' for at in range(200))
    status = "".join(
        f'<node_state id="{at}" uname="n{at}" in_ccm="true" crmd="online"><lrm id="{at}"><lrm_resources>{rows}'
        "</lrm_resources></lrm></node_state>"
        for at in range(200)
    )
    written(folder, "case/cib.xml", cib(primitives(250), nodes=nodes, status=status))
    log = "".join(failed(at, f"r{at % 250}", f"n{at % 200}") for at in range(300))
    return written(folder, "case/pacemaker.log", log).partition("/")[0]


@cheap
def long_names(folder: Path) -> str:
    """1,000 resources and nodes with names of 4,000 letters, and one of 300,000"""
    lines = [failed(at, f"{'r' * 4000}{at}", f"{'n' * 4000}{at % 9}") for at in range(300)]
    lines += [said(at, "pacemaker-controld", f"Node {'n' * 4000}{at} state is now lost") for at in range(700)]
    return written(folder, "a.log", "".join([*lines, failed(1000, "r" * 300_000)]))


@cheap
def logfmt(folder: Path) -> str:
    """40,000 lines of logfmt, and 2,000 of 500 keys"""
    line = (
        'time="2026-11-22T12:{m:02}:{s:02}Z" level=info host=alpha msg="crmd[7]: notice: Node beta state is now lost"'
    )
    many = "".join(f" k{at}={at}" for at in range(500))
    lines = [line.format(m=at // 60 % 60, s=at % 60) + (many if at % 60 == 0 else "") for at in range(40_000)]
    return written(folder, "a.log", "\n".join(lines) + "\n")


@cheap
def mail(folder: Path) -> str:
    """a mail of 40,000 lines that are quoted 1 to 40 times, and broken"""
    halves = [failed(at).rstrip() for at in range(20_000)]
    lines = (f"{'> ' * (at % 40 + 1)}{line[:72]}\n{'> ' * (at % 40 + 1)}{line[72:]}" for at, line in enumerate(halves))
    head = "From: a@example.com\nTo: b@example.com\nSubject: cluster\nContent-Type: text/plain\n\nDear all,\n\n"
    return written(folder, "a.txt", head + "\n".join(lines) + "\n")


@cheap
def nested_reports(folder: Path) -> str:
    """300 reports of sos in an archive, each an archive with 30 logs in it"""

    def report(number: int) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:xz", preset=0) as archive:
            for at in range(30):
                data = failed(at + 30 * number).encode() * 3
                info = tarfile.TarInfo(f"sosreport-n{number}-2026-11-22-abc/var/log/messages-{at}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        return out.getvalue()

    return packed(folder, ((f"case/sosreport-n{at}-2026-11-22-abc.tar.xz", report(at)) for at in range(300)))


@cheap
def sar_files(folder: Path) -> str:
    """200 files of sar as text, each of 500 lines, beside a log"""
    head = "Linux 5.14.0 (alpha)\t11/22/26\t_x86_64_\t(2 CPU)\n\n12:00:01        CPU     %user     %nice   %system\n"
    row = "12:00:{s:02}        all      0.10      0.00      0.20      0.00      0.00     99.70\n"
    text = (head + "".join(row.format(s=at % 60) for at in range(500))).encode()
    sars = ((f"sosreport-n1-2026-11-22-abc/var/log/sa/sar{at}", text) for at in range(200))
    return packed(folder, [("sosreport-n1-2026-11-22-abc/var/log/messages", failed(0).encode()), *sars])


@cheap
def many_files(folder: Path) -> str:
    """a folder of 60,000 files, of which one is a log"""
    (folder / "case").mkdir()
    for at in range(60_000):
        (folder / "case" / f"x{at}").touch()
    return written(folder, "case/pacemaker.log", failed(0)).partition("/")[0]


@cheap
def fail_counts(folder: Path) -> str:
    """6,000 fail counts, each of another resource"""
    lines = (said(2 * at, "pacemaker-attrd", f"Setting fail-count-r{at}[alpha]: (unset) -> 1") for at in range(6000))
    return written(folder, "a.log", "".join(lines))


def seconds_of(make: Callable[[Path], str], *options: str) -> tuple[int, float, int]:
    """Bytes of the input, seconds of a processor to analyse it, and the most memory."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "here"
        folder.mkdir()
        name = make(folder)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        done = run(folder, "analyze", name, "--quiet", "--json", "../out.json", "--html", "../out.html", *options)
        assert done.status in {0, 3, 4}, done.err
        return size, done.seconds, done.memory


def main() -> None:
    rows = ["| input | size | CPU | memory |", "|---|---|---|---|"]
    for what, make in CHEAP.items():
        size, seconds, memory = seconds_of(make)
        rows.append(f"| {what} | {size / 1e6:.2f} MB | {seconds:.1f} s | {memory >> 20} MB |")
        print(rows[-1], flush=True)
    place = ROOT / "SECURITY.md"
    begin, end = "<!-- begin: cheap inputs -->\n", "<!-- end: cheap inputs -->"
    text = place.read_text()
    place.write_text(re.sub(f"{begin}.*?{end}", f"{begin}{chr(10).join(rows)}\n{end}", text, flags=re.DOTALL))


if __name__ == "__main__":
    main()
