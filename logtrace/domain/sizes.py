"""Numbers of bytes as people write and read them, in decimal units."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def given(text: str) -> int | None:
    """`2G`, `500M` or a number as bytes; None for what is neither, or nothing."""
    found = re.fullmatch(r"([0-9]{1,6})([KMGT]?)B?", text.strip(), re.IGNORECASE)
    return (int(found[1]) * _UNITS[found[2].upper()] or None) if found else None


def said(octets: int) -> str:
    """A number of bytes for a reader: "1 byte", "812 bytes", "3.4 MB"."""
    if octets < 1000:
        return f"{octets} byte{'' if octets == 1 else 's'}"
    amount = octets / 1000
    for unit in ("kB", "MB"):
        if amount < 1000:
            return f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
