"""Reading around: all lines of all logs, also those nobody understands, on the clock of the case.

lines.py reads them again, block by block; search.py finds those that are asked for, around.py what stands around them,
copies.py what is said twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from logtrace.gather import Watch
from logtrace.pipeline import wholes
from logtrace.report.case import Case
from logtrace.report.rereading import Rereading
from logtrace.report.scope import Options, several


def opened(paths: Sequence[str], options: Options, watch: Watch | None = None) -> tuple[Case, Rereading]:
    """The case of `paths`, and what it takes to read all its lines again; raises what `pipeline.analyze` does."""
    found, _ = wholes(paths, replace(options, again=True), watch=watch)
    if len(found) > 1:
        raise several(paths, [whole.case for whole in found])
    known = found[0].rereading
    assert known is not None
    return found[0].part(options), known
