"""How much memory there is: what the machine, control groups of both versions, and limits on addresses leave."""

from __future__ import annotations

import resource
import threading
from pathlib import Path

import pytest

from logtrace.errors import UsageError
from logtrace.intake import memory

GIB = 1 << 30


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up /proc and /sys/fs/cgroup of a machine with 8 GiB free, without limits."""
    for name in ("_MEMINFO", "_MINE", "_GROUPS"):
        monkeypatch.setattr(memory, name, tmp_path / name)
    (tmp_path / "_MEMINFO").write_text(f"MemTotal: 99 kB\nMemAvailable: {8 * GIB // 1024} kB\n")
    (tmp_path / "_MINE").write_text("0::/\n")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return tmp_path


def group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_text(content)


def test_without_limits_it_is_what_the_machine_has_free(system: Path) -> None:
    assert memory.available() == 8 * GIB


def test_a_container_of_version_2_sees_its_own_group_as_the_root(system: Path) -> None:
    stat = f"anon 5\nfile {2 * GIB}\ninactive_file {GIB // 2}\nactive_file {GIB // 2}\n"
    group(system / "_GROUPS", memory__max=f"{4 * GIB}\n", memory__current=f"{3 * GIB}\n", memory__stat=stat)
    assert memory.available() == 2 * GIB


def test_the_tightest_group_on_the_way_up_counts(system: Path) -> None:
    (system / "_MINE").write_text("0::/user.slice/job\n")
    group(system / "_GROUPS/user.slice/job", memory__max="max\n", memory__current="5\n")
    group(system / "_GROUPS/user.slice", memory__max=f"{2 * GIB}\n", memory__current=f"{GIB}\n")
    assert memory.available() == GIB


def test_a_group_of_version_1(system: Path) -> None:
    (system / "_MINE").write_text("7:cpu:/x\n4:memory,hugetlb:/docker/abc\n0::/\n")
    inside = system / "_GROUPS/memory/docker/abc"
    stat = f"active_file 7\ntotal_active_file {GIB // 2}\ntotal_inactive_file 0\n"
    group(inside, memory__limit_in_bytes=f"{2 * GIB}\n", memory__usage_in_bytes=f"{GIB}\n", memory__stat=stat)
    group(system / "_GROUPS/memory", memory__limit_in_bytes=f"{(1 << 63) - 4096}\n", memory__usage_in_bytes="7\n")
    assert memory.available() == GIB + GIB // 2


def test_files_that_are_not_as_expected_are_no_limit(system: Path) -> None:
    (system / "_MINE").write_text("0::/\n")
    group(system / "_GROUPS", memory__max="much\n")
    assert memory.available() == 8 * GIB


def test_a_limit_on_addresses_counts(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_STATM", system / "statm")
    (system / "statm").write_text(f"{GIB // memory._PAGE} 5 5 5 5 5 5\n")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (3 * GIB, 3 * GIB))
    assert memory.available() == 2 * GIB
    memory.check_limits()
    monkeypatch.setattr(resource, "getrlimit", lambda _: (GIB // 2, GIB))
    with pytest.raises(UsageError, match=r"0\.5 GB of addresses"):
        memory.check_limits()


@pytest.mark.parametrize("version", [1, 2])
def test_a_group_that_leaves_no_room_is_refused(system: Path, version: int) -> None:
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if version == 1 else ("memory.max", "memory.current")
    inside = system / ("_GROUPS/memory" if version == 1 else "_GROUPS") / "job"
    (system / "_MINE").write_text("4:memory:/job\n0::/\n" if version == 1 else "0::/job/inner\n")
    for limit, taken in ((400, 12), (60, 12), (400, 390)):
        group(inside, **{names[0]: f"{limit}000000\n", names[1]: f"{taken}000000\n"})
        if (left := limit - taken) > 110:
            memory.check_limits()
            continue
        with pytest.raises(UsageError) as refused:
            memory.check_limits()
        assert str(refused.value) == (
            f"a limit leaves this process {left} MB of memory, and 110 MB are needed; raise the limit of its "
            "control group (MemoryMax= of a unit, --memory of a container)"
        )


def test_a_group_full_of_what_can_be_dropped_has_room(system: Path) -> None:
    stat = "active_file 300000000\ninactive_file 50000000\n"
    group(
        system / "_GROUPS", memory__max="400000000\n", memory__current="399000000\n", memory__stat=stat
    )  # as of a copy that has just been unpacked
    memory.check_limits()


@pytest.mark.parametrize("left", [0, 3, memory._LEAST_THREADS])
@pytest.mark.parametrize("limit", [500, 100_000])
def test_too_few_threads_are_refused(system: Path, monkeypatch: pytest.MonkeyPatch, left: int, limit: int) -> None:
    begun = []

    class Counted(threading.Thread):
        def start(self) -> None:
            if len(begun) == left:
                raise RuntimeError("can't start new thread")
            begun.append(self)
            super().start()

    monkeypatch.setattr(threading, "Thread", Counted)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (limit if kind == resource.RLIMIT_NPROC else -1, -1))
    if left == memory._LEAST_THREADS or limit > memory._FEW_TASKS:
        memory.check_limits()
    else:
        with pytest.raises(UsageError, match=f"leaves this process {left} threads, and {memory._LEAST_THREADS} are"):
            memory.check_limits()
    assert not any(thread.is_alive() for thread in begun)
