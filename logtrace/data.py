"""Where the data folders (`parsers/`, `reports/`) lie, in the installed package or beside it; what modules declare."""

from __future__ import annotations

import os
import pkgutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


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


def declared(package: str, name: str) -> list[Any]:
    """What the modules of `package` declare under `name`, by the modules' names; those without it have no part.

    So a registry is derived: what is to be in it stands in one file, its own.
    """
    modules = pkgutil.iter_modules(import_module(package).__path__, f"{package}.")
    found = [import_module(each.name) for each in modules]
    return [getattr(module, name) for module in found if hasattr(module, name)]
