"""An upload as it comes in: a form with files, or pasted text, streamed to the disk within limits."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from logtrace.domain import sizes
from logtrace.domain.zones import parse_zone
from logtrace.errors import UsageError
from logtrace.render.untrusted import shown
from logtrace.serve import files as disk
from logtrace.serve.bounded import full as is_full
from logtrace.serve.queue import File, Times
from logtrace.serve.refusals import Refusal
from logtrace.serve.settings import Settings

#: Bytes that are written to the disk together.
_BLOCK: Final = 1 << 20
#: What headers and small fields of a form may take.
_FORM: Final = 1 << 16
_SAID: Final = 200
#: Name of the form's field for pasted text, and of the file it becomes.
TEXT: Final = "text"
PASTED: Final = "pasted.log"
#: Fields that tell what logs do not.
TIMEZONE: Final = "timezone"
YEAR: Final = "year"
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


class Rate:
    """Uploads of each user within the last minute; of this process only, and forgotten when it ends."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    def check(self, user: str) -> None:
        """Counts one more; raises Refusal where it is one too many."""
        now = time.monotonic()
        for name in [name for name, times in self._times.items() if times[-1] < now - 60]:
            del self._times[name]
        times = self._times[user]
        while times and times[0] < now - 60:
            times.popleft()
        if len(times) >= self._most:
            wait = int(61 - (now - times[0]))
            raise Refusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"You may upload {self._most} times a minute",
                f"try again in {wait} seconds",
                {"Retry-After": str(wait)},
            )
        times.append(now)


class Upload:
    """One upload: the callbacks of the parser of forms, and what they have written so far."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.parts: list[tuple[Path, File]] = []
        self._field, self._value, self._small = b"", b"", 0
        self._headers: dict[bytes, bytes] = {}
        self._file: IO[bytes] | None = None
        self._digest = hashlib.sha256()
        self._name, self._bytes, self._ended = "", 0, False
        self._small_field = ""
        self._fields: dict[str, bytes] = {}

    @property
    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._form_end,
        }

    def _begin(self) -> None:
        self._headers = {}

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]
        self._count(end - start)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._count(end - start)

    def _header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field, self._value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        field, name = options.get(b"name", b""), options.get(b"filename")
        if name is None and field != TEXT.encode():
            self._small_field = field.decode(errors="replace")
            return
        if len(self.parts) >= self._settings.max_files:
            raise Refusal(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"An upload may have at most {self._settings.max_files} files",
                "pack them into one archive",
            )
        self._name = disk.shown_name(name.decode(errors="replace")) if name is not None else PASTED
        self._digest, self._bytes = hashlib.sha256(), 0
        self._file = (self._settings.incoming / secrets.token_hex(16)).open("xb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._file is None:
            self._count(len(piece))
            self._fields[self._small_field] = self._fields.get(self._small_field, b"") + piece
            return
        self._file.write(piece)
        self._digest.update(piece)
        self._bytes += len(piece)

    def _end(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        with file:
            file.flush()
            os.fsync(file.fileno())
        path = Path(file.name)
        if self._bytes == 0:  # the field of a form that nobody filled in
            path.unlink()
            return
        self.parts.append((path, File(self._digest.hexdigest(), self._name, self._bytes)))

    def _form_end(self) -> None:
        self._ended = True

    def _count(self, size: int) -> None:
        self._small += size
        if self._small > _FORM:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The form's fields are too long")

    @property
    def times(self) -> Times:
        """What its fields tell of times. Raises Refusal as `times_of`."""
        return times_of({name: value.decode(errors="replace") for name, value in self._fields.items()})

    def check(self) -> None:
        """Raises Refusal for a form that broke off or holds nothing."""
        if not self._ended:
            raise Refusal(HTTPStatus.BAD_REQUEST, "The upload broke off", "send it again")
        if not self.parts:
            raise Refusal(HTTPStatus.BAD_REQUEST, "There is nothing in it", "choose a file, or paste lines of a log")

    def discard(self) -> None:
        """Removes what was written and not moved to its place."""
        if self._file is not None:
            self._file.close()
            with suppress(OSError):
                Path(self._file.name).unlink()
        for path, _ in self.parts:
            path.unlink(missing_ok=True)


def times_of(fields: Mapping[str, str]) -> Times:
    """What the fields of a form tell of times; what is empty is not told. Raises Refusal for no zone, and no year."""
    zone, year = (fields.get(name, "").strip() or None for name in (TIMEZONE, YEAR))
    try:
        parse_zone(zone)
    except UsageError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, shown(error.message, _SAID), error.remedy or "") from error
    if year is None:
        return Times(zone)
    if not (year.isascii() and year.isdecimal() and len(year) == 4 and _FIRST_YEAR <= int(year) <= _LAST_YEAR):
        raise Refusal(HTTPStatus.BAD_REQUEST, "This is no year", "write 2026")
    return Times(zone, int(year))


async def receive(request: Request, settings: Settings, upload: Upload) -> None:
    """Writes the form of `request` to the disk. Raises Refusal where it is too large, is no form, or where there is no
    room; what was written is then for the caller to discard.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Refusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "An upload is a form with files (multipart/form-data)", "use curl -F"
        )
    announced = request.headers.get("content-length", "")
    expected = int(announced) if announced.isdecimal() else 0
    _fits(settings, expected, expected)
    try:
        parser = MultipartParser(boundary, upload.callbacks)  # type: ignore[arg-type]
        taken = 0
        async for block in _blocks(request):
            taken += len(block)
            _fits(settings, taken, len(block))
            await run_in_threadpool(parser.write, block)
        parser.finalize()
    except FormParserError as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "The form cannot be read", "send it again") from error
    except OSError as error:
        if is_full(error):
            raise full() from error
        raise
    upload.check()


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) >= _BLOCK:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _fits(settings: Settings, size: int, more: int) -> None:
    if size > settings.max_upload + _FORM:
        raise Refusal(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"An upload may have at most {sizes.said(settings.max_upload)}",
            "compress it, or cut the logs to the hours around the incident",
        )
    if disk.room(settings) < more:
        raise full()


def full() -> Refusal:
    """For an upload that finds no room."""
    return Refusal(HTTPStatus.INSUFFICIENT_STORAGE, "The disk of the server is full", "tell whoever runs it")
