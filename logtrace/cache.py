"""What was made of an input, kept for the next look at it: `--cache DIR`.

A folder of the cache is named by a digest of all that decides the result: the content of every file and the names and
times under which it was read, what says how to read it, and the version and catalogue of logtrace. It holds the whole
case (values as MessagePack, which cannot run anything, and frames as Parquet) and a list of digests. Whatever is not
exactly that is not used, and is made anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from logtrace import data
from logtrace.errors import UsageError
from logtrace.events.store import Events
from logtrace.intake import Limits
from logtrace.intake.holes import is_hollow
from logtrace.intake.single import STDIN
from logtrace.report.case import Case, Frames, Incident
from logtrace.report.scope import Options, Whole
from logtrace.version import VERSION

#: What the names of folders begin with that are not whole yet.
_PART: Final = ".part-"
_VALUES: Final = "case.msgpack"
_DIGESTS: Final = "digests.msgpack"
_FRAMES: Final = tuple(field.name for field in fields(Frames) if field.name != "told")
#: Where the events of a kind are; `events.parquet` has their columns and no row.
_KIND: Final = re.compile(r"events\.([a-z_]+(?:\.[a-z_]+)*)\.parquet")


class _Kept(Frames):
    """Frames that are read when they are first asked for: most outputs want none or few."""

    __slots__ = ("folder", "kinds")
    folder: Path
    kinds: tuple[str, ...]

    def __init__(self, folder: Path, kinds: tuple[str, ...], told: tuple[Incident, ...] = ()) -> None:
        object.__setattr__(self, "folder", folder)
        object.__setattr__(self, "kinds", kinds)
        object.__setattr__(self, "told", told)

    def __getattr__(self, name: str) -> pl.DataFrame | Events:
        """Called for what is not set yet."""
        if name not in _FRAMES:
            raise AttributeError(name)
        kept = self._events(pl.lit(True)) if name == "events" else pl.read_parquet(self.folder / f"{name}.parquet")
        object.__setattr__(self, name, kept)
        return kept

    def telling(self, told: tuple[Incident, ...]) -> Frames:
        """Reads nothing."""
        return _Kept(self.folder, self.kinds, told)

    def between(self, start: datetime, end: datetime) -> Frames:
        """Reads only what it gives."""
        events = self._events(pl.col("time").is_between(start, end))
        return Frames(self.files, events, self.operations, self.transitions, self.membership, self.fencing)

    def _events(self, wanted: pl.Expr) -> Events:
        rows = [pl.scan_parquet(self.folder / f"events.{kind}.parquet").filter(wanted) for kind in self.kinds]
        tables = dict(zip(self.kinds, pl.collect_all(rows), strict=True))
        return Events(tables, pl.read_parquet_schema(self.folder / "events.parquet"))


class Cache(Struct, frozen=True):
    """The place in a cache where what is made of one input belongs."""

    folder: Path

    @classmethod
    def of(cls, paths: Sequence[str], options: Options, *, logs: bool) -> Cache | None:
        """The place for `paths` read as `options` say; None where they cannot be read twice, such as standard
        input.

        Raises UsageError where the cache cannot be used.
        """
        assert options.cache is not None
        root = Path(options.cache)
        real = Path(os.path.realpath(root))
        for path in map(Path, paths):
            if path.is_dir() and path.resolve() in (real, *real.parents):
                raise UsageError(
                    f"lies among what is read ({path})", where=options.cache, remedy="name a folder outside of it"
                )
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"cannot be used as a cache: {error.strerror}", where=options.cache, remedy="name another folder"
            ) from error
        if STDIN in paths:  # and no file of that name
            return None
        try:
            files = [(path, file) for path in paths for file in _files(Path(path))]
            if any(is_hollow(file, file.stat().st_size, Limits()) for _, file in files):
                return None  # what intake does not read is not digested either
            with ThreadPoolExecutor(options.jobs or os.cpu_count()) as pool:
                digests = list(pool.map(_digest, (file for _, file in files)))
            read = [
                (path, str(file.relative_to(path)), file.stat().st_mtime_ns, digest)
                for (path, file), digest in zip(files, digests, strict=True)
            ]
        except OSError:
            return None  # reading it says what is wrong
        # without any other hint the year of a log is taken to be this one
        said = (
            list(paths),
            options.timezone,
            options.year,
            options.one_case,
            logs,
            datetime.now(UTC).year,
            VERSION,
            _own(),
        )
        key = hashlib.sha256(msgspec.msgpack.encode((said, read))).hexdigest()
        return cls(root / key)

    def read(self) -> Whole | None:
        """What is kept; None where it is nothing, damaged, or of somebody else's making."""
        try:
            with _mine(self.folder / _DIGESTS) as told_of:
                digests = msgspec.msgpack.decode(told_of.read(), type=dict[str, str])
            whole = {_VALUES, *(f"{name}.parquet" for name in _FRAMES)}
            told = [_KIND.fullmatch(name) for name in sorted(digests.keys() - whole)]
            kinds = tuple(match[1] for match in told if match)
            if not whole <= digests.keys() or len(kinds) < len(told):
                return None
            if any(_kept_digest(self.folder / name) != digests[name] for name in digests):
                return None
            with _mine(self.folder / _VALUES) as values:
                kept = msgspec.msgpack.decode(values.read(), type=Whole, dec_hook=_no_frame)
        except (OSError, ValueError, msgspec.MsgspecError):
            return None
        return replace(kept, case=replace(kept.case, frames=_Kept(self.folder, kinds)))

    def write(self, whole: Whole) -> None:
        """Keep `whole`, all of it or nothing; a cache that cannot be written to is done without."""
        try:
            self._sweep()
            part = Path(tempfile.mkdtemp(prefix=_PART, dir=self.folder.parent))
            lock = _locked(part)
        except OSError:
            return
        try:
            (part / _VALUES).write_bytes(msgspec.msgpack.encode(whole, enc_hook=_of_frame))
            for name in _FRAMES:
                _write(part, name, getattr(whole.case.frames, name))
            digests = {file.name: _digest(file) for file in part.iterdir()}
            (part / _DIGESTS).write_bytes(msgspec.msgpack.encode(digests))
            if self.read() is None:  # else another run has kept the same meanwhile, and somebody may be reading it
                shutil.rmtree(self.folder, ignore_errors=True)
                part.rename(self.folder)
        except (OSError, pl.exceptions.PolarsError):
            pass
        finally:
            try:
                shutil.rmtree(part, ignore_errors=True)
            finally:  # an interrupt that polars has passed on comes a second time from Python itself
                shutil.rmtree(part, ignore_errors=True)
                os.close(lock)

    def _sweep(self) -> None:
        """Remove what writers have left that were killed: whoever still writes holds a lock."""
        for part in self.folder.parent.glob(f"{_PART}*"):
            with contextlib.suppress(OSError):
                lock = _locked(part)
                shutil.rmtree(part, ignore_errors=True)
                os.close(lock)


def _files(path: Path) -> Iterator[Path]:
    """The regular files at or below `path`, in order. Raises OSError for what is no file or folder."""
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file() and not file.is_symlink())
    elif path.is_file():
        yield path
    else:
        raise FileNotFoundError(path)


def _locked(folder: Path) -> int:
    """A descriptor of `folder` that holds a lock on it until it is closed, or this process ends. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _mine(file: Path) -> BufferedReader:
    """`file`, opened to be read. Raises OSError unless it is a regular file, and of this user: what others lay into a
    cache may have no end, or never begin.
    """
    content = os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
    status = os.fstat(content.fileno())
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
        content.close()
        raise PermissionError(file)
    return content


def _kept_digest(file: Path) -> str:
    with _mine(file) as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _own() -> list[str]:
    """The catalogue, which decides what lines mean, and this package's code."""
    package = Path(__file__).parent
    catalogue = data.folder("parsers").rglob("*.toml")
    return [_digest(file) for file in sorted([*catalogue, *package.rglob("*.py")])]


def _write(folder: Path, name: str, frame: pl.DataFrame | Events) -> None:
    if isinstance(frame, Events):
        for kind, table in frame.tables.items():
            _write(folder, f"{name}.{kind}", table)
        frame = pl.DataFrame(schema=frame.schema)
    frame.write_parquet(folder / f"{name}.parquet", compression="lz4")


def without_frames(case: Case) -> bytes:
    """The values of `case` without its frames, for `values_of`."""
    return msgspec.msgpack.encode(case, enc_hook=_of_frame)


def values_of(kept: bytes) -> Case:
    """The case that `without_frames` kept, its frames empty. Raises msgspec.MsgspecError for what another version
    made.
    """
    return msgspec.msgpack.decode(kept, type=Case, dec_hook=_no_frame)


def _of_frame(value: Any) -> None:
    if not isinstance(value, pl.DataFrame | Events):
        raise NotImplementedError(type(value).__name__)


def _no_frame(kind: type, _: object) -> pl.DataFrame | Events:
    """Frames stand in files of their own."""
    if kind is Events:
        return Events({}, {})
    if kind is not pl.DataFrame:
        raise NotImplementedError(kind.__name__)
    return pl.DataFrame()
