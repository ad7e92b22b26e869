"""How much memory this process has and may have."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

_PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
#: Files of Linux; of the control group (version 2) only its own limit, as in a container, is looked at.
_STATM: Final = Path("/proc/self/statm")
_MEMINFO: Final = Path("/proc/meminfo")
_GROUP: Final = Path("/sys/fs/cgroup/memory.max")


def used() -> int | None:
    """Bytes of memory this process holds now; None where the system does not tell."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None


def available() -> int | None:
    """Bytes this process could take without swapping or being killed; None where the system does not tell."""
    found = []
    with suppress(OSError, ValueError, IndexError):
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    with suppress(OSError, ValueError):  # no such group, or "max"
        found.append(int(_GROUP.read_text(encoding="ascii")))
    return min(found, default=None)
