"""Every input that fuzzing starts from, and every one it stumbled over, through the same targets."""

from __future__ import annotations

from pathlib import Path

import pytest
from seeds import seeds
from targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
FOUND = [(path.parent.name, path) for path in sorted(CORPUS.glob("*/*"))]


@pytest.mark.parametrize("target", TARGETS)
def test_what_fuzzing_starts_from(target: str) -> None:
    for data in [b"", b"\0", b"\xff" * 700, *seeds(target)]:
        TARGETS[target](data)


@pytest.mark.parametrize(("target", "path"), FOUND, ids=[f"{target}/{path.name}" for target, path in FOUND])
def test_what_fuzzing_found(target: str, path: Path) -> None:
    TARGETS[target](path.read_bytes())
