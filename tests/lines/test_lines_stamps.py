"""What lines say and when: most bear the time of the line before, and it is read once for all of these."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from logtrace.lines.stamps import wordings


def test_lines_of_one_moment_have_its_time_each_and_their_own_words() -> None:
    text = pl.Series(
        "text",
        [
            "2026-03-01T10:00:00.001 a cib: one",
            "2026-03-01T10:00:00.001 a cib: two",
            "no time at all",
            "2026-03-01T10:00:00.002 a cib: one",
            "2026-03-01T10:00:00.001 a cib: two",
            "Mar  1 10:00:00 a cib: one",
        ],
    )
    found = wordings(text)
    first = datetime(2026, 3, 1, 10, 0, 0, 1000)  # noqa: DTZ001 - as it is printed
    assert found["local"].to_list()[:5] == [first, first, None, first.replace(microsecond=2000), first]
    assert found["precise"].to_list() == [True, True, None, True, True, False]
    assert found["said"].to_list() == [0, 1, 2, 0, 1, 5]
