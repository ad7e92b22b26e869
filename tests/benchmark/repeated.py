"""A genuine report's detail logs again and again, each time later: what made-up logs would hide comes to light.

Times at the beginning of lines and the epochs inside of them move together, so that clocks and causes fit as they did.
"""

from __future__ import annotations

import re
import tarfile
import time
from calendar import timegm
from pathlib import Path
from typing import Final

_STAMP: Final = re.compile(rb"^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)", re.MULTILINE)
#: An epoch of the years 2023 to 2033, and no part of a longer number or a version.
_EPOCH: Final = re.compile(rb"(?<![\d.:])((?:1[7-9]|20)\d{8})(?!\d)")


def write(archive: Path, folder: Path, times: int, apart: int) -> None:
    """Write `<node>/pacemaker.log` of a report into `folder`, `times` times in a row, each `apart` seconds later."""
    with tarfile.open(archive) as report:
        for member in report:
            path = Path(member.name)
            if path.name != "pacemaker.log" or not member.isfile():
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
    return _EPOCH.sub(lambda found: str(int(found[1]) + seconds).encode(), log)


def _moved(stamp: str, year: int, seconds: int) -> str:
    epoch = timegm(time.strptime(f"{year} {stamp}", "%Y %b %d %H:%M:%S"))
    return time.strftime("%b %d %H:%M:%S", time.gmtime(epoch + seconds))


def _year(log: bytes) -> int:
    """That of the first epoch in it."""
    found = _EPOCH.search(log)
    assert found is not None
    return time.gmtime(int(found[1])).tm_year
