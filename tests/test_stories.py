"""The stories that tests tell are made of lines that daemons print."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from stories import case, cluster, detail, fence_device, primitive, read, syslog, tell, understood, write

from logtrace.pipeline import analyze
from logtrace.render import document

#: When the files of a story were written: the day after it.
DAY_AFTER: Final = 1_795_435_200

EVERYTHING = """
12:00:00.000 node2 plan 1: Start db ( node1 ) | Promote st:0 ( Unpromoted -> Promoted node1 )
12:00:01.000 node1 db start in 0.5s: ok
12:00:01.000 node1 st promote in 0.5s: ok
12:00:02.000 node1 db monitor 10s asked: ok
12:00:02.200 node2 db probe: not running
12:00:02.500 node2 done 1
12:05:10.200 node1 db monitor 10s: not running
12:05:10.220 node2 plan 6 obsolete: Recover db ( node1 )
12:05:10.240 node2 plan 7: Recover db ( node1 ) | Restart app ( node1 )  due to required db start
12:05:10.300 node1 Dummy(db) info: db is already stopped
12:05:10.500 node1 db stop in 0.1s: error (busy)
12:05:30.500 node1 db start in 20s: Timed Out
12:05:31.000 node2 plan 8: Fence (reboot) node1 'db failed there' | Shutdown node1
12:05:34.000 node2 fence node1 in 3s: No route to host
12:05:38.000 node2 fence node1 in 3s: OK
12:05:38.500 node2 lose node1
12:07:00.000 node2 see node1
12:08:00.000 node2 lose node1 in order
12:08:10.000 node2 kernel: Out of memory: Killed process 1234 (mysqld) total-vm:1kB
"""


def test_every_line_is_one_the_catalogue_knows() -> None:
    for carriers in (("detail",), ("syslog",), ("iso",)):
        files = write(tell(EVERYTHING), carriers=carriers)
        known = understood(files)
        seen = set(known.select("file", "line").iter_rows())
        for file, text in enumerate(files[path] for path in sorted(files)):
            for number, line in enumerate(text.splitlines(), 1):
                # the list of members at the head of a membership change tells nothing that follows does not
                assert (file, number) in seen or "Sync members" in line, line


OPERATION = """
Nov 22 12:00:05.996 node2 pacemaker-controld  [117] (function) \tnotice: Initiating start operation db_start_0 on node1 | action 10
Nov 22 12:00:05.998 node1 pacemaker-controld  [117] (function) \tnotice: Requesting local execution of start operation for db on node1 | transition_key=10:7:0:30be0bb3-d5ff-4692-a6a7-1ccc3c8cffa9 op_key=db_start_0
Nov 22 12:00:06.000 node1 pacemaker-execd     [114] (function) \tinfo: executing - rsc:db action:start call_id:11
Nov 22 12:00:08.999 node1 pacemaker-execd     [114] (function) \tinfo: db start (call 11, PID 1011) exited with status 0 (execution time 3s)
Nov 22 12:00:09.000 node1 pacemaker-controld  [117] (function) \tnotice: Result of start operation for db on node1: ok | CIB update 51, graph action confirmed; call=11 key=db_start_0 rc=0
Nov 22 12:00:09.004 node2 pacemaker-controld  [117] (function) \tinfo: Transition 7 action 10 (db_start_0 on node1) confirmed: ok | rc=0 call-id=11
"""  # noqa: E501


def test_an_operation_is_told_by_all_who_took_part() -> None:
    told = tell("12:00:05.000 node2 plan 7:\n12:00:09.000 node1 db start in 3s: ok")
    assert "".join(f"\n{detail(line, line.time)}" for line in told).endswith(OPERATION.rstrip())


def test_syslog_loses_the_tail_and_keeps_its_blank() -> None:
    (line,) = tell("12:00:09.750 node1 controld: Quorum lost | membership=13 members=1")
    assert syslog(line, line.time) == "Nov 22 12:00:09 node1 pacemaker-controld[117]:  notice: Quorum lost "


def test_a_story_is_read_once() -> None:
    assert case(EVERYTHING) is case(EVERYTHING)
    assert case(EVERYTHING) is not case(EVERYTHING, carriers=("syslog",))


def test_files_in_memory_are_read_as_those_on_disk(tmp_path: Path) -> None:
    cib = cluster(primitive("db"), primitive("web"), fence_device())
    files = write(tell(EVERYTHING), carriers=("detail", "syslog"))
    for path, text in {**files, "cib.xml": cib}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
        os.utime(tmp_path / path, times=(DAY_AFTER, DAY_AFTER))
    on_disk = json.loads(document.render(analyze([str(tmp_path)])))
    in_memory = json.loads(document.render(read(files, cib=cib, hints=[(None, DAY_AFTER, "time of files")]).case))
    for told in (on_disk, in_memory):
        del told["inputs"], told["case"], told["window"]["year_source"]  # the case has its input's name
        for node in told["cluster"]["nodes"]:
            node.pop("year_source", None)
    assert in_memory == json.loads(json.dumps(on_disk).replace(f"{tmp_path.name}/", ""))
