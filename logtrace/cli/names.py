"""The names in a report that can be typed: its incidents, nodes and resources, read once and kept for the next time.

What is kept lies in the user's cache folder, readable for its owner only, under a name that another input, or the same
after a change, does not have.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from logtrace.errors import LogtraceError
from logtrace.version import VERSION

if TYPE_CHECKING:
    from logtrace.report.case import Case

_FILES: Final = 5000  # of a folder that are looked at
_LARGEST: Final = 256 << 20  # bytes of an input that is read for its names


class Names(Struct, frozen=True):
    """`incidents`: their ids, each with what it is."""

    incidents: tuple[tuple[str, str], ...] = ()
    nodes: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


def of(paths: Sequence[str], cache: str | None) -> Names:
    """The names in `paths`; none where nothing is named, or too much. `cache`: what was given for `--cache`. Raises
    whatever reading raises.
    """
    if not paths:
        return Names()
    found = sorted(islice(_stamps(paths), _FILES))
    if len(found) == _FILES or sum(size for _, size, _ in found) > _LARGEST:
        return Names()
    digest = hashlib.sha256(repr((VERSION, found)).encode(errors="surrogateescape")).hexdigest()[:32]
    kept = _folder() / f"{digest}.json"
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(kept.read_bytes(), type=Names)
    names = _read(paths, cache)
    from logtrace.render import files

    with contextlib.suppress(OSError, LogtraceError):
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write(kept, msgspec.json.encode(names).decode(), private=True)
    return names


def _folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "logtrace" / "names"


def _stamps(paths: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """The name, size and time of change of each file there is."""
    for path in map(Path, paths):
        for each in [path] if path.is_file() else path.rglob("*"):
            with contextlib.suppress(OSError):
                status = each.stat()
                yield str(each.absolute()), status.st_size, status.st_mtime_ns


def _read(paths: Sequence[str], cache: str | None) -> Names:
    from logtrace import pipeline
    from logtrace.report.scope import Options

    cases = pipeline.cases(paths, Options(cache=cache)).cases
    return Names(
        _incidents(cases[0]) if len(cases) == 1 else (),  # ids of several cases mean nothing together
        tuple(sorted({node.name for case in cases for node in case.cluster.nodes})),
        tuple(sorted({name for case in cases for name in _resources(case)})),
    )


def _incidents(case: Case) -> tuple[tuple[str, str], ...]:
    from logtrace.render import sentences

    return tuple((each.id, f"{sentences.headline(each)}: {each.title}") for each in case.incidents)


def _resources(case: Case) -> Iterator[str]:
    for each in case.incidents:
        yield from each.resources
    yield from case.config.primitives if case.config else ()
