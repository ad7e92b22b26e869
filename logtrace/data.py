"""Where the data folders (`parsers/`, `reports/`) lie: inside the installed package, else beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def folder(name: str) -> Path:
    """The data folder `name`; inside a wheel it is `logtrace/<name>`, in a checkout it stands beside the package."""
    package = Path(__file__).resolve().parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name


def beside(name: str) -> Path | None:
    """Where what is made of the data folder `name` is kept: beside it, as Python keeps its modules, where it may."""
    place = folder(name) / "__pycache__"
    if sys.dont_write_bytecode or not os.access(place if place.exists() else place.parent, os.W_OK):
        return None
    place.mkdir(exist_ok=True)
    return place
