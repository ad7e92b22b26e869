"""Plotly's own script: as the installed package ships it, and compressed, as it travels in a page.

Compressing takes a tenth of a second, a tenth of what a small report takes. So the result is kept, as Jinja's bytecode
is, and believed for this very script only.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from logtrace.data import beside

_NAME: Final = "plotly.zlib"
_LEVEL: Final = 4  # of compression: half the time of the default for 4 % more bytes


def script() -> bytes:
    """The package itself is not imported, which would be slow."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly is not installed", name="plotly")
    return (Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes()


def compressed(plotly: bytes, digest: str) -> bytes:
    """`plotly`, compressed by zlib; `digest` tells it from others."""
    place = beside("reports")
    if place is None:
        return zlib.compress(plotly, _LEVEL)
    key = f"{_LEVEL} {digest}\n".encode()
    with contextlib.suppress(OSError):
        kept = (place / _NAME).read_bytes()
        if kept.startswith(key):
            return kept[len(key) :]
    made = zlib.compress(plotly, _LEVEL)
    part = place / f".{_NAME}.{os.getpid()}.part"
    with contextlib.suppress(OSError):  # a place that cannot be written to is done without
        try:
            part.write_bytes(key + made)
            part.replace(place / _NAME)
        finally:
            part.unlink(missing_ok=True)
    return made
