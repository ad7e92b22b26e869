"""A genuine report's detail logs again and again, each time later: what made-up logs would hide comes to light.

Times at the beginning of lines and the epochs inside of them move together, so that clocks and causes fit as they did.
"""

from __future__ import annotations

import re
import tarfile
import time
from calendar import timegm
from collections import Counter
from pathlib import Path
from typing import Final

_STAMP: Final = re.compile(rb"^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)", re.MULTILINE)
#: A time since 1970, and no part of a longer number or a version.
_EPOCH: Final = re.compile(rb"(?<![\d.:])((?:1[3-9]|20)\d{8})(?!\d)")


def write(archive: Path, folder: Path, times: int, apart: int, *, name: str = "pacemaker.log") -> None:
    """Write `<node>/<name>` of a report into `folder`, `times` times in a row, each `apart` seconds later."""
    with tarfile.open(archive) as report:
        for member in report:
            path = Path(member.name)
            if path.name != name or len(path.parts) != 3 or not member.isfile():
                continue
            source = report.extractfile(member)
            assert source is not None
            log = source.read()
            year = _year(log)
            target = folder / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                for number in range(times):
                    out.write(_later(log, year, number * apart))


def _later(log: bytes, year: int, seconds: int) -> bytes:
    stamps = {stamp: _moved(stamp.decode(), year, seconds).encode() for stamp in set(_STAMP.findall(log))}
    log = _STAMP.sub(lambda found: stamps[found[1]], log)
    return _EPOCH.sub(lambda found: _moved_epoch(int(found[1]), year, seconds), log)


def _moved(stamp: str, year: int, seconds: int) -> str:
    epoch = timegm(time.strptime(f"{year} {stamp}", "%Y %b %d %H:%M:%S"))
    return time.strftime("%b %d %H:%M:%S", time.gmtime(epoch + seconds))


def _moved_epoch(number: int, year: int, seconds: int) -> bytes:
    """Nodes have ids that look like a time of another year."""
    return str(number + seconds if time.gmtime(number).tm_year == year else number).encode()


def _year(log: bytes) -> int:
    """That of most epochs in it."""
    years = Counter(time.gmtime(int(found)).tm_year for found in _EPOCH.findall(log))
    ((year, _),) = years.most_common(1)
    return year
