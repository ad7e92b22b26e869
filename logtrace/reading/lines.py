"""All lines of all logs of a case, block by block, dated and with their secrets masked.

Logs are not kept while a case is made, so they are read a second time. What is held at any time is a few blocks.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import polars as pl

from logtrace import catalogue, intake
from logtrace.catalogue.model import Format
from logtrace.clocks import corrections
from logtrace.domain import codes
from logtrace.domain.columns import LINES, UTC
from logtrace.intake import EvidenceKind, IntakeReport, Limits
from logtrace.lines import headers, recurring, secrets
from logtrace.lines.carriers import Wrapping, wrapping
from logtrace.lines.hosts import of_neighbours
from logtrace.lines.sift import Cut, Gate, sift
from logtrace.report.rereading import Rereading

#: A line of a log, as it is shown. `row` counts the lines of a file as they are read, for the lines of one entry of a
#: journal have one number; what no header tells of a line is as for the line before it, whose continuation it is. `at`:
#: its time in the merged order: in a log with fractions of a second a line without is not before the one it stands
#: behind. `firm` is not what stands anywhere within its second though another log of its node tells better.
COLUMNS: Final[dict[str, pl.DataType]] = {
    "file": LINES["file"], "row": pl.Int64(), "line": LINES["line"], "at": UTC, "time": UTC, "precise": pl.Boolean(),
    "firm": pl.Boolean(), "node": pl.String(), "daemon": pl.String(), "pid": LINES["pid"], "level": pl.String(),
    "message": pl.String(),
}  # fmt: skip
#: The merged order.
ORDER: Final = ("at", "file", "row")

#: What a header tells.
_HEADER: Final = ("local", "precise", "host", "daemon", "pid", "level")
_ALL: Final = Gate(words=(), noise=())


def every(
    paths: Sequence[str], known: Rereading, jobs: int = 0, files: Collection[int] | None = None
) -> Iterator[pl.DataFrame]:
    """Frames of COLUMNS, one after another: of each log's lines in their order. Raises what `intake.read` raises.

    `jobs`: threads, 0 as suits the processors there are. `files`: the numbers of the logs that are wanted, None: all.
    """
    formats = catalogue.load().formats
    left = _numbers(known)
    threads = jobs or (os.cpu_count() or 1) + 1
    limits = Limits(threads=jobs) if jobs else Limits()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for piece in intake.read(paths, IntakeReport(), limits=limits):
                numbers = left.get((piece.path, piece.node)) if piece.kind is EvidenceKind.LOG else None
                file = numbers.popleft() if numbers else None
                if file is not None and (files is None or file in files):
                    yield from _log(piece.chunks(), file, known, formats, pool, threads)
        finally:
            pool.shutdown(cancel_futures=True)  # also where nobody asks for more


def _numbers(known: Rereading) -> dict[tuple[str, str | None], deque[int]]:
    """The numbers of the logs of a path and a node, in the order in which they are met."""
    numbers: dict[tuple[str, str | None], deque[int]] = {}
    for number, place in enumerate(known.files):
        numbers.setdefault(place, deque()).append(number)
    return numbers


def _log(
    chunks: Iterator[bytes],
    file: int,
    known: Rereading,
    formats: Sequence[Format],
    pool: ThreadPoolExecutor,
    threads: int,
) -> Iterator[pl.DataFrame]:
    """The lines of one log; `threads` blocks are read ahead."""
    how, chunks = wrapping(chunks)
    waiting: deque[Future[tuple[pl.DataFrame, int]]] = deque()
    rows = height = 0
    before: pl.DataFrame | None = None
    for block in (*how.cut(chunks), None):
        if block is not None:
            waiting.append(pool.submit(_block, block, how, formats, known.secrets))
        while waiting and (block is None or len(waiting) > threads):
            read, lines = waiting.popleft().result()
            read = read.with_columns(file=pl.lit(file, LINES["file"]), row=pl.int_range(pl.len()) + rows)
            read = read.with_columns(line=(pl.col("line") + height).cast(LINES["line"]))
            rows, height = rows + read.height, height + lines
            if read.height:
                read = _continued(read, before)
                before = read.tail(1)
                yield _dated(read, known, file)


def _block(block: bytes, how: Wrapping, formats: Sequence[Format], hidden: frozenset[str]) -> tuple[pl.DataFrame, int]:
    """A block's lines (line, message, _HEADER; null what no header tells), and how many of the file it has."""
    (sifted,) = sift([Cut(block, how)], _ALL)
    if sifted.kept.is_empty():
        return pl.DataFrame(), sifted.height
    raw = sifted.kept.select("line", "text", file=pl.lit(0, LINES["file"]), at=pl.int_range(pl.len()))
    found = headers.read(raw, formats).select("at", "message", *_HEADER)
    told = raw.join(found, on="at", how="left", maintain_order="left")
    bare = told["message"].is_null()
    message = told.select(pl.coalesce("message", pl.col("text").str.strip_chars_end()))["message"]
    if bare.any():  # the lines of a key may begin with one that has a header
        near = (bare | bare.shift(-1, fill_value=False)).arg_true()
        message = message.scatter(near, secrets.masked(message[near]))
    return told.select("line", *_HEADER).with_columns(recurring.without(message, hidden)), sifted.height


def _continued(read: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """What no header tells of a line, as of the line before; of the first lines of a file as of the first that has
    one.
    """
    bare = pl.col("local").is_null()
    if not read.select(bare.any()).item():
        return read
    order = read.columns
    joined = read if before is None else pl.concat([before.select(order), read])
    # whole headers go on, and not column by column: a line without a process id has none
    place = pl.when(~bare).then(pl.int_range(pl.len())).forward_fill()
    if before is None:
        place = place.backward_fill()
    places = joined.select(place=place.fill_null(0))["place"]
    filled = joined.drop(_HEADER).hstack(joined.select(_HEADER)[places]).select(order)
    return filled if before is None else filled.slice(1)


def _dated(read: pl.DataFrame, known: Rereading, file: int) -> pl.DataFrame:
    host = pl.col("host")
    odd = [each for each in read["host"].drop_nulls().unique() if each not in known.names and " " in each]
    hosts = read.select("line", "local", node=pl.when(~host.is_in(odd)).then(host), file=pl.lit(file, LINES["file"]))
    alone = known.files[file][1] is not None  # in the node's own folder
    named = (hosts["node"] if alone else of_neighbours(hosts)).replace(known.names).fill_null(known.nodes[file])
    lines = read.with_columns(node=named, daemon=pl.col("daemon").replace(codes.DAEMON_NAMES))
    lines = lines.with_columns(
        time=corrections.times(lines, file, known.corrections), precise=pl.col("precise").fill_null(value=False)
    )
    exact = file in {number for number, _ in known.exact}
    firm = pl.lit(True) if exact else ~pl.col("node").is_in({node for _, node in known.exact})
    time, before = pl.col("time"), pl.when("precise").then("time").forward_fill().over("node")
    within = exact & ~pl.col("precise") & (before > time) & (before - time < pl.duration(seconds=1))
    at = pl.when(within).then(before).otherwise(time)
    return lines.with_columns(at=at, firm=firm).select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
