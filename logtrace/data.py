"""Where the data folders (`parsers/`, `reports/`) lie: inside the installed package, else beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import BytecodeCache


def folder(name: str) -> Path:
    """The data folder `name`; inside a wheel it is `logtrace/<name>`, in a checkout it stands beside the package."""
    package = Path(__file__).resolve().parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def compiled() -> BytecodeCache | None:
    """Where the compiled templates of `reports/` are kept: beside them, as Python keeps its modules, where it may."""
    from jinja2 import FileSystemBytecodeCache

    place = folder("reports") / "__pycache__"
    if sys.dont_write_bytecode or not os.access(place if place.exists() else place.parent, os.W_OK):
        return None
    place.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(place))
