"""crmsh, pcs and crm_verify on a CIB file, without a cluster."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from logtrace.config import cib as cibs
from logtrace.config.model import ClusterConfig

TOOLS = {"crm": "crmsh", "pcs": "pcs", "crm_verify": "pacemaker-cli-utils"}

#: The shells as they are, on a file. The agents of the case are not installed here, which both refuse unless forced.
_ON_A_FILE = """
set -euo pipefail
crm() { command crm -F "$@"; }
pcs() { command pcs -f "$CIB_file" "$@" || command pcs -f "$CIB_file" --force "$@"; }
"""

#: What crm_verify says of the nodes as the report found them (dead, or unseen), not of the configuration.
_OF_THE_NODES = re.compile(r"schedule_fencing|pe_fence_node|unclean|Blind faith|Warnings found during check")

#: What asks or changes a running cluster, not its CIB.
_LIVE = ("crm resource cleanup", "pcs resource cleanup", "crm cluster ", "pcs quorum ")


def need(*tools: str) -> None:
    """Skip, naming the package, when a tool is absent."""
    for tool in tools:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed; it is in the package {TOOLS[tool]}")


def cib_changes(command: str) -> str:
    """The lines of a command that change the CIB."""
    return "\n".join(line for line in command.splitlines() if not line.startswith(_LIVE))


def apply(command: str, cib: str, folder: Path, shell: str) -> str:
    """The CIB after a command as advised, which must succeed, and which crm_verify must accept."""
    need(shell, "crm_verify")
    path = folder / "cib.xml"
    path.write_text(cib)
    home = {"HOME": str(folder), "CIB_file": str(path), "TERM": "dumb", "NO_COLOR": "1"}
    ran = subprocess.run(
        ["bash", "-c", _ON_A_FILE + command], capture_output=True, text=True, env={**os.environ, **home}, timeout=120
    )
    assert ran.returncode == 0, f"{command}\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}"
    checked = subprocess.run(["crm_verify", "-V", "-x", str(path)], capture_output=True, text=True, timeout=60)
    wrong = [line for line in checked.stderr.splitlines() if ": " in line and not _OF_THE_NODES.search(line)]
    assert checked.returncode == 0 or not wrong, f"{command}\n{wrong}"
    return path.read_text()


def config(cib: str) -> ClusterConfig:
    return cibs.read(cib.encode(), source="cib.xml", node=None).config


def meaning(cib: str) -> dict[str, object]:
    """What a CIB says, without the ids of operations and constraints, which each shell makes up in its own way."""
    one = config(cib)
    return {
        "ops": {
            (each.id, op.name, op.interval, op.timeout, (op.role or "").lower())
            for each in one.primitives.values()
            for op in each.ops
        },
        "meta": {name: each.meta for name, each in {**one.primitives, **one.groups, **one.clones}.items()},
        "params": {each.id: each.params for each in one.primitives.values()},
        "groups": {each.id: each.members for each in one.groups.values()},
        "clones": {each.id: each.child for each in one.clones.values()},
        "orders": {(each.first, each.then, each.kind, each.symmetrical) for each in one.orders},
        "colocations": {(each.resource, each.with_resource, each.score.upper()) for each in one.colocations},
        "locations": {(each.resource, each.node, (each.score or "").upper()) for each in one.locations},
        "properties": {
            name: value for name, value in one.properties.items() if name not in ("last-lrm-refresh", "dc-version")
        },
        "levels": len(one.fencing_levels),
    }


def cib_of(archive: Path) -> str | None:
    """The newest cib.xml in a report."""
    found = []
    with tarfile.open(archive) as report:
        for member in report:
            if member.name.endswith("/cib.xml") and (file := report.extractfile(member)) is not None:
                text = file.read().decode()
                found.append((config(text).epoch or (0, 0, 0), text))
    return max(found)[1] if found else None
