"""Small reports of clusters whose web server dies once and is restarted."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from stories import UUID, primitive, tell, write
from stories import cluster as cib

CRASH: Final = """
12:00:00 {node} webserver monitor 10s: not running
12:00:00.1 {node} plan 7: Recover webserver ( {node} )
12:00:00.2 {node} webserver stop in 0.1s: ok
12:00:00.4 {node} webserver start in 1s: ok
12:00:01.5 {node} webserver monitor 10s asked: ok
12:00:02 {node} done 7
12:00:30 {node} controld: State transition S_TRANSITION_ENGINE -> S_IDLE
"""
COROSYNC: Final = """totem {{
  version: 2
  cluster_name: {cluster}
}}
nodelist {{
  node {{
    ring0_addr: 10.1.2.{last}
    name: {node}
    nodeid: 1
  }}
}}
"""


def report(
    path: Path, node: str, *, cluster: str, day: str = "Nov 22", log: str = CRASH, more: str = "",
) -> Path:  # fmt: skip
    """A report archive at `path` of a cluster of one node; `more` follows its log."""
    when = f"2026-11-{day.split()[1]}"
    files = write(tell(log.format(node=node).strip(), nodes=[node], dc=node, day=when))
    files[f"{node}/cib.xml"] = cib(primitive("webserver", "ocf:heartbeat:apache"), nodes=[node])
    files[f"{node}/corosync.conf"] = COROSYNC.format(cluster=cluster, node=node, last=len(node))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, text in files.items():
            own = text.replace(UUID, str(uuid5(NAMESPACE_DNS, node)))  # the mark of a controller
            content = (own + more if name.endswith("pacemaker.log") else own).encode()
            info = tarfile.TarInfo(f"crm_report/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path
