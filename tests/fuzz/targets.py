"""What is fuzzed: each target reads bytes as logtrace would, and asserts what must hold whatever they are.

A target returns when all is well. Errors of logtrace.errors are answers; any other exception is a finding. Nothing
here needs a fuzzer: test_fuzz_replay.py calls the same functions.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import math
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any, Final

import msgspec
import polars as pl
import recipes
from many import MANY
from one_log import one_log
from pure import PURE

from logtrace import catalogue, events, pipeline
from logtrace.catalogue.model import Catalogue
from logtrace.config import cib, corosync, query
from logtrace.config import texts as report_texts
from logtrace.config.dependents import dependents
from logtrace.config.model import ClusterConfig
from logtrace.domain.columns import EVENTS, FIELDS, LINES, NO_YEAR
from logtrace.domain.zones import EAST, WEST
from logtrace.errors import DamagedFileError, NothingUsableError, UnsafeInputError
from logtrace.events.store import Events
from logtrace.gather import Gathered
from logtrace.intake import EvidenceKind, IntakeReport, Limits, layout, read
from logtrace.intake.names import printable, short
from logtrace.lines import carriers, headers, recurring
from logtrace.lines.blocks import LINE, blocks, lines_of
from logtrace.lines.secrets import MASK, is_secret, masked
from logtrace.lint import findings
from logtrace.redaction import domains, learn, patterns
from logtrace.redaction.replace import addresses_in
from logtrace.timeline import build

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: Small, so that an execution is short and every limit is met.
LIMITS: Final = Limits(
    max_members=64,
    max_total_bytes=1 << 20,
    ratio_free_bytes=1 << 16,
    max_header_bytes=4096,
    max_unsafe_names=3,
    max_path_length=256,
    max_document_bytes=1 << 14,
    max_skipped=4,
    max_decoder_bytes=1 << 24,
)
_COMPRESSIONS: Final[tuple[Callable[[bytes], bytes], ...]] = (
    lambda data: data,
    lambda data: gzip.compress(data, 1, mtime=0),
    lambda data: bz2.compress(data, 1),
    lambda data: lzma.compress(data, preset=0),
    lambda data: zstd.compress(data, 1),
)

#: Told what an execution reached that no coverage of Python code shows, such as the messages that fitted in polars.
noticed: Callable[[object], None] = lambda _: None  # noqa: E731  replaced by run.py


@cache
def known() -> Catalogue:
    return catalogue.load()


# --- intake -------------------------------------------------------------------------------------------


def intake(data: bytes) -> None:
    """The first byte says how the rest is wrapped: a compression, with checksums mended, inside another archive."""
    how, body = data[:1] or b"\0", data[1:]
    if how[0] & 8:
        body = _with_checksums(body)
    if how[0] & 16:
        body = _archive(body)
    body = _COMPRESSIONS[(how[0] & 7) % len(_COMPRESSIONS)](body)
    report = IntakeReport()
    given = 0
    with suppress(NothingUsableError, UnsafeInputError):
        for piece in read(["-"], report, limits=LIMITS, stdin=io.BytesIO(body)):
            size = sum(map(len, piece.chunks()))
            given += size
            assert piece.path.isprintable(), piece.path
            assert len(piece.path) <= 24 * LIMITS.max_path_length, piece.path
            assert piece.node is None or (piece.node.isprintable() and "/" not in piece.node), piece.node
            assert piece.modified is None or 0 < piece.modified < 1 << 33, piece.modified
            assert piece.size >= 0
            assert piece.kind is EvidenceKind.LOG or size <= LIMITS.max_document_bytes, (piece.path, size)
    assert given <= LIMITS.max_total_bytes + len(body), given
    assert report.members <= LIMITS.max_members, report.members
    assert len(report.skipped) <= LIMITS.max_skipped + 1, report.skipped
    for skip in report.skipped:
        assert f"{skip.path}{skip.reason}".isprintable(), skip
        assert len(skip.path) <= 4096, skip


def zipped(data: bytes) -> None:
    """The first byte says how: a zip archive as it is, or a member of a whole one whose directory is then damaged."""
    how, body = data[:1] or b"\0", data[1:]
    if how[0] & 1:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if how[0] & 2 else zipfile.ZIP_STORED) as archive:
            archive.writestr("r/n1/pacemaker.log", body)
            archive.writestr("r/n1/ha-log.txt.gz", gzip.compress(body, 1, mtime=0))
        body = bytearray(out.getvalue())
        if how[0] & 4:
            body[len(body) - 1 - (how[0] >> 3) * 3] ^= 0xFF
    intake(b"\0" + bytes(body))


def _with_checksums(data: bytes) -> bytes:
    """Headers of a tar with the checksum their bytes have now: else hardly a changed one would be looked at."""
    blocks_ = [bytearray(data[at : at + 512]) for at in range(0, len(data), 512)]
    for block in blocks_:
        if len(block) == 512 and block[257:262] == b"ustar":
            block[148:156] = b" " * 8
            block[148:156] = b"%06o\0 " % sum(block)
    return b"".join(blocks_)


def _archive(body: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("case/node1.tar")
        info.size = len(body)
        archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def names(data: bytes) -> None:
    """The first line as a path, all of it as the first bytes of a file."""
    path = data.partition(b"\n")[0].decode("utf-8", "backslashreplace")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if parts:
        assert isinstance(layout.by_name(parts), EvidenceKind | layout.Name)
        assert (node := layout.node_of(parts)) is None or node in path, node
    assert printable(path).isprintable()
    assert len(short(path)) <= 3100
    assert isinstance(layout.by_content(data[: layout.HEAD]), EvidenceKind | None)
    assert isinstance(layout.is_text(data[: layout.HEAD]), bool)
    layout.foreign(data)


# --- lines and events ---------------------------------------------------------------------------------


def header(data: bytes) -> None:
    """Each line through all layouts."""
    for block in blocks(iter([data])):
        raw = lines_of(block).with_columns(file=pl.lit(3, LINES["file"]))
        found = headers.read(raw, known().formats)
        assert dict(found.drop("line", "file").schema) == headers.COLUMNS, found.schema
        _ordered(found["line"])
        both = found.join(raw, on="line", how="left")
        assert both.height == found.height
        for message, text in both.select("message", "text").iter_rows():
            assert message in text or MASK in message, (message, text)
        assert found["local"].dt.year().is_between(NO_YEAR, 2262).all(), found
        assert found["offset_s"].drop_nulls().is_between(WEST, EAST).all(), found
        for name in found["format"]:
            noticed(name)


def scan(data: bytes) -> None:
    """A file whole, and cut as its first byte says: journals, pastes and plain logs alike."""
    size, body = (data[:1] or b"\0")[0] * 16 + 1, data[1:]
    whole = one_log([body], None)
    cut = one_log((body[at : at + size] for at in range(0, len(body), size)), None)
    assert whole.frame.drop("said").equals(cut.frame.drop("said")), (whole.frame, cut.frame)
    assert whole.log == cut.log, (whole.log, cut.log)
    assert dict(whole.frame.schema) == LINES, whole.frame.schema
    _ordered(whole.frame["line"].reverse() if whole.log.backwards else whole.frame["line"])
    assert 0 <= whole.log.undated <= whole.log.lines
    most = body.count(b"\n") + 1 + body.count(b"{")  # records of a document are counted as lines
    assert whole.log.height <= most
    assert whole.frame["line"].is_between(1, most).all()
    assert (whole.frame["message"].str.len_chars() <= LINE).all()
    assert sum(whole.log.hosts.values()) <= whole.frame.height
    for name in whole.frame["format"]:
        noticed(name)


def status(data: bytes) -> None:
    """What crm_mon, pcs and crm print, as text and as XML."""
    assert isinstance(carriers.is_status(data.decode("utf-8", "replace")), bool)
    scan(b"\xff" + data)


def hidden(data: bytes) -> None:
    """Each line without secrets, and without names: twice is the same as once, and no address is left."""
    lines = pl.Series([line.decode("utf-8", "replace")[:LINE] for line in data.split(b"\n")], dtype=pl.String)
    safe = masked(lines)
    assert masked(safe).len() == lines.len()
    redaction = learn([], more=lines)
    shown = redaction.column(lines).to_list()
    assert len(shown) == lines.len()
    told = {find for find in addresses_in(lines) if redaction.names.of_address(find)}
    assert not told & set(addresses_in(pl.Series(shown, dtype=pl.String))), (told, shown)


def event(data: bytes) -> None:
    """Each line as a daemon and its message, with a tab between them, through all templates."""
    told = [line.decode("utf-8", "replace").partition("\t") for line in data.replace(b"\0", b"").split(b"\n")]
    own = next(fmt.name for fmt in known().formats if fmt.kind)
    frame = pl.DataFrame(
        {
            "line": range(1, len(told) + 1),
            "format": [own if daemon.endswith(")") else "pacemaker-2" for daemon, *_ in told],
            "daemon": [daemon for daemon, *_ in told],
            "message": [message[:LINE] for *_, message in told],
            "said": range(len(told)),
        }
    )
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in LINES.items() if name not in frame.columns]
    frame = frame.with_columns(missing).select(pl.col(name).cast(dtype) for name, dtype in LINES.items())
    found = events.understand(frame, known()).whole()
    assert dict(found.schema) == events.COLUMNS, found.schema
    _ordered(found["line"])
    assert found["kind"].is_in(list(known().kinds)).all(), found["kind"]
    assert found.select("line", "message").equals(
        frame.select("line", "message").filter(pl.col("line").is_in(found["line"].implode()))
    )
    for row in found.select("kind", *FIELDS).iter_rows(named=True):
        assert all(math.isfinite(value) for value in row.values() if isinstance(value, float)), row
        noticed((row["kind"], tuple(name for name, value in row.items() if value is not None)))


def _ordered(numbers: pl.Series) -> None:
    """Every line at most once, in order."""
    assert (numbers.cast(pl.Int64).diff().drop_nulls() > 0).all(), numbers


# --- configuration ------------------------------------------------------------------------------------


def cluster(data: bytes) -> None:
    """A CIB, and the questions that are put to it."""
    with suppress(DamagedFileError):
        config = _config(data)
        for name in {*config.primitives, *config.groups, *config.clones, *config.bundles}:
            followers = dependents(config, name)
            assert len(set(followers)) == len(followers)
            assert set(followers) <= set(config.primitives)
            query.op_timeout(config, name, "monitor")
            query.monitor_interval(config, name, "Promoted")
            query.meta_of(config, name, "resource-stickiness")
            query.is_promotable(config, name)
        json.dumps(msgspec.to_builtins(config, str_keys=True), allow_nan=False)


def lint(data: bytes) -> None:
    """A CIB, and what is found about it."""
    with suppress(DamagedFileError):
        for found in findings(_config(data), _nothing_happened(), files=_no_files()):
            assert found.sentence, found
            noticed(found.label)


def _config(data: bytes) -> ClusterConfig:
    """What begins like no file is a recipe: hardly a changed XML would still be well-formed."""
    plain = not data or data.startswith((b"<", b"BZh", b"\x1f\x8b", b"\xef\xbb\xbf"))
    snapshot = cib.read(data if plain else recipes.cib(data), source="r/node1/pengine/pe-input-3.bz2", node="node1")
    return pipeline.configuration(Gathered(snapshots=[snapshot, snapshot]))


@cache
def _nothing_happened() -> Any:
    return build(Events({}, EVENTS), {}, [])


def _no_files() -> pl.DataFrame:
    return pl.DataFrame(schema={"file": pl.UInt32, "path": pl.String, "node": pl.String})


def totem(data: bytes) -> None:
    """corosync.conf and a dump of the cmap."""
    for part in _corosyncs(data):
        config = ClusterConfig(corosync=part)
        for seconds in (corosync.token_seconds(config), corosync.consensus_seconds(config)):
            assert seconds is None or (math.isfinite(seconds) and seconds >= 0), seconds
        json.dumps(msgspec.to_builtins(part), allow_nan=False)


def _corosyncs(data: bytes) -> Iterator[Any]:
    conf, dump = corosync.read_conf(data), corosync.read_dump(data)
    yield conf
    yield dump
    yield corosync.merge(conf, dump)


def texts(data: bytes) -> None:
    """sysinfo.txt, description.txt, .env and sbd.txt."""
    text = data.decode(errors="replace")
    found = report_texts.releases(text)
    for version in (found.pacemaker, found.corosync, found.heartbeat):
        assert version is None or version.replace(".", "").isdigit(), version
    report_texts.stamp(text)
    assert all(epoch is None or epoch >= 0 for epoch in report_texts.log_epochs(text))
    report_texts.sbd_timeouts(text)


def words(data: bytes) -> None:
    """Words as names of secrets, of hosts and domains, as addresses, and as values that are masked elsewhere."""
    found = data.decode("utf-8", "replace").split()
    for word in found[:8]:
        assert isinstance(is_secret(word), bool)
        host = domains.told_by(word.lower())
        assert host is None or word.lower().startswith(host)
        domains.domain_of(word)
        patterns.address(word)
    assert all(len(value) >= 6 for value in recurring.telling(found, found[:1]))


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "intake": intake,
    "names": names,
    "headers": header,
    "lines": scan,
    "events": event,
    "cib": cluster,
    "findings": lint,
    "corosync": totem,
    "texts": texts,
    "zip": zipped,
    "exports": scan,
    "carriers": scan,
    "status": status,
    "hidden": hidden,
    "words": words,
    **PURE,
    **MANY,
}
