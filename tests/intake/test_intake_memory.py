"""How much memory there is: what the machine, control groups of both versions, and limits on addresses leave."""

from __future__ import annotations

import resource
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
    stat = f"anon 5\ninactive_file {GIB}\n"
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
    group(inside, memory__limit_in_bytes=f"{3 * GIB}\n", memory__usage_in_bytes=f"{GIB}\n")
    group(system / "_GROUPS/memory", memory__limit_in_bytes=f"{(1 << 63) - 4096}\n", memory__usage_in_bytes="7\n")
    assert memory.available() == 2 * GIB


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
