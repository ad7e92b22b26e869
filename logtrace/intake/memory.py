"""How much memory this process has and may have, and whether limits leave it enough to begin with."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn

from logtrace.errors import UsageError

_PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
#: Files of Linux.
_STATM: Final = Path("/proc/self/statm")
_MEMINFO: Final = Path("/proc/meminfo")
_MINE: Final = Path("/proc/self/cgroup")
_GROUPS: Final = Path("/sys/fs/cgroup")

#: Addresses that polars, its threads and their allocator reserve, most of which they never use, for a small report with
#: two processors; with less its allocator ends the process without a word.
_LEAST_ADDRESSES: Final = 1_400_000_000
#: What allocators take of data, which that limit counts whether it is used or not; with less the engine waits for ever.
_LEAST_DATA: Final = 200_000_000
#: Threads for a small report: of the engine, which makes one for each processor, of its allocator, and of reading.
_LEAST_THREADS: Final = 3 * (os.cpu_count() or 1) + 6
#: Processes and threads of a user, of which others that run may leave too few; with a larger limit nobody looks.
_FEW_TASKS: Final = 4096
#: Files that are open at once, with some to spare; without them the engine ends in a panic.
_LEAST_FILES: Final = 16
#: Memory that a control group must leave, for a small report; with less the kernel ends the process without a word.
_LEAST_MEMORY: Final = 110_000_000


def used() -> int | None:
    """Bytes of memory this process holds now; None where the system does not tell."""
    return _statm(1)


def available() -> int | None:
    """Bytes this process could take without swapping or being killed; None where the system does not tell."""
    found = list(_left_to_groups())
    with suppress(OSError, ValueError, IndexError):
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    addresses = _addresses_left()
    return min([*found, *([] if addresses is None else [addresses])], default=None)


def check_limits() -> None:
    """Raises UsageError where a limit (ulimit, a control group) leaves the engine no room to begin in."""
    _check(resource.RLIMIT_NOFILE, _LEAST_FILES, "{:.0f} open files", "raise it with ulimit -n")
    _check(resource.RLIMIT_DATA, _LEAST_DATA, "{:.1f} GB of data", "raise it with ulimit -d", 1e9)
    remedy = "raise it with ulimit -v, and use --max-memory to bound the memory that is taken"
    _check(resource.RLIMIT_AS, _LEAST_ADDRESSES, "{:.1f} GB of addresses", remedy, 1e9)
    tasks, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    if 0 <= tasks < _FEW_TASKS and (begun := _begun(_LEAST_THREADS)) < _LEAST_THREADS:
        _refuse(begun, _LEAST_THREADS, "{:.0f} threads", "raise it with ulimit -u")
    left = min(_left_to_groups(), default=_LEAST_MEMORY)
    if left < _LEAST_MEMORY:
        remedy = "raise the limit of its control group (MemoryMax= of a unit, --memory of a container)"
        _refuse(left, _LEAST_MEMORY, "{:.0f} MB of memory", remedy, 1e6)


def _check(kind: int, least: int, what: str, remedy: str, unit: float = 1) -> None:
    """Raises UsageError where the limit of a kind is below the `least`."""
    limit, _ = resource.getrlimit(kind)
    if limit != resource.RLIM_INFINITY and limit < least:
        _refuse(limit, least, what, remedy, unit)


def _refuse(left: int, least: int, what: str, remedy: str, unit: float = 1) -> NoReturn:
    needed = what.partition(" of ")[0] if " of " in what else "{:.0f}"
    raise UsageError(
        f"a limit leaves this process {what.format(left / unit)}, and {needed.format(least / unit)} are needed",
        remedy=remedy,
    )


def _begun(number: int) -> int:
    """How many threads can be begun at once, of a number."""
    over = threading.Event()
    threads = [threading.Thread(target=over.wait) for _ in range(number)]
    begun = 0
    try:
        for thread in threads:
            thread.start()
            begun += 1
    except RuntimeError:  # there are no more
        pass
    finally:
        over.set()
        for thread in threads[:begun]:
            thread.join()
    return begun


def _addresses_left() -> int | None:
    """What RLIMIT_AS leaves of addresses; None without such a limit."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    taken = _statm(0)
    return None if limit == resource.RLIM_INFINITY or taken is None else max(0, limit - taken)


def _statm(column: int) -> int | None:
    try:
        return int(_STATM.read_bytes().split()[column]) * _PAGE
    except (OSError, ValueError, IndexError):
        return None


def _left_to_groups() -> Iterator[int]:
    """What each control group that this process is in, of either version, leaves it. Caches count as left: the kernel
    drops them. A group without a limit says "max", or a number beyond all memory.
    """
    with suppress(OSError, UnicodeDecodeError):
        for line in _MINE.read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                root, limit, current, prefix = _GROUPS, "memory.max", "memory.current", ""
            elif "memory" in controllers.split(","):
                root, limit, current, prefix = (
                    _GROUPS / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_",
                )  # fmt: skip
            else:
                continue
            for group in (PurePosixPath(path), *PurePosixPath(path).parents):  # a container sees its own as the root
                folder = root / group.relative_to("/")
                with suppress(OSError, ValueError):
                    most = int((folder / limit).read_text(encoding="ascii"))
                    yield max(0, most - int((folder / current).read_text(encoding="ascii")) + _cached(folder, prefix))


def _cached(group: Path, prefix: str) -> int:
    """Bytes of files that the kernel holds for the group, and may drop; not what is in memory only, as of tmpfs."""
    names = {f"{prefix}active_file", f"{prefix}inactive_file"}
    with suppress(OSError, ValueError):
        told = (line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
        return sum(int(value) for name, value in told if name in names)
    return 0
