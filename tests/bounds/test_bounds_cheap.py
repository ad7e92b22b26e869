"""No input under ten megabytes costs more than ten seconds of a processor a megabyte, or 1.5 GiB of memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cheap import CHEAP, LEAST, MEMORY, PER_MEGABYTE, seconds_of


@pytest.mark.slow  # it compares seconds, and takes minutes of them
@pytest.mark.parametrize("make", CHEAP.values(), ids=[make.__name__ for make in CHEAP.values()])
def test_what_is_cheap_to_make_is_not_dear_to_read(make: Callable[[Path], str]) -> None:
    size, seconds, memory = seconds_of(make)
    assert size < 10_000_000
    assert memory < MEMORY
    assert seconds < max(LEAST, PER_MEGABYTE * size / 1e6)
