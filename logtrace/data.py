"""Where the data folders (`parsers/`, `reports/`) lie: inside the installed package, else beside it."""

from __future__ import annotations

from pathlib import Path


def folder(name: str) -> Path:
    """The data folder `name`; inside a wheel it is `logtrace/<name>`, in a checkout it stands beside the package."""
    package = Path(__file__).resolve().parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
