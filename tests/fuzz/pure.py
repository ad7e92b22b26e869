"""Targets of what needs no frames: they run at thousands of executions a second, the others at tens to hundreds.

A parser is bytes to texts, and then texts to frames. The first is where a stranger's bytes are met, and it is Python
throughout, which coverage sees; the second takes the most time. Here the first is fuzzed by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import msgspec

from logtrace.config import cib_xml
from logtrace.errors import DamagedFileError, UnsafeInputError
from logtrace.intake import IntakeReport, Limits, tar, zip  # noqa: A004 - the format's name
from logtrace.intake.compression import decompressed
from logtrace.intake.encoding import in_utf8
from logtrace.intake.limits import Account
from logtrace.intake.stream import ByteStream
from logtrace.lines import carriers
from logtrace.lines.blocks import LINE
from logtrace.lines.carriers import documents, journal, literals, logfmt, plain, records, status

#: Small, so that an execution is short and every limit is met.
LIMITS: Final = Limits(
    max_members=32,
    max_total_bytes=1 << 18,
    ratio_free_bytes=1 << 14,
    max_header_bytes=1024,
    max_path_length=256,
    max_skipped=4,
    max_decoder_bytes=1 << 24,
    threads=1,
)


def _account() -> Account:
    return Account("a", LIMITS, IntakeReport())


def _cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def decoders(data: bytes) -> None:
    """A compressed stream, whole and cut as the first byte says: the same comes out, up to its damage."""
    size, body = (data[:1] or b"\0")[0] + 1, data[1:]
    found = []
    for chunks in (iter([body]), _cut(body, size)):
        stream = in_utf8(decompressed(ByteStream(chunks), _account()))
        with suppress(UnsafeInputError):
            found.append((b"".join(stream.rest()), stream.damage))
    assert len(found) != 1, found
    if found:
        (whole, damage), (pieces, again) = found
        assert (damage is None) == (again is None), found
        assert whole == pieces or (damage and whole.startswith(pieces[: len(whole)])), found


def members(data: bytes) -> None:
    """A zip or tar archive, member by member, each half read: what is given back has bounds."""
    account = _account()
    stream = ByteStream(_cut(data, 700))
    found = zip.entries(stream, account, "a.zip", None) if zip.is_zip(data) else tar.entries(stream, account, "a", None)
    given = 0
    with suppress(UnsafeInputError):
        for entry, body in found:
            given += 1
            assert entry.size >= 0
            assert isinstance(entry.name, str)
            for chunk in body.until(1 << 16):
                assert chunk
    assert given <= LIMITS.max_members


def wrappings(data: bytes) -> None:
    """How a file is wrapped, by its beginning, and what it is cut into: no byte of one that is bare is lost."""
    how, chunks = carriers.wrapping(iter([data]))
    plain._is_odd(plain._sample(data))
    blocks = list(how.cut(chunks))
    if how.bare and b"\\n" not in data and b"\r" not in data and b"'," not in data and b'",' not in data:
        kept = data.replace(b"\0", b"")
        assert b"".join(blocks).rstrip(b"\n") == kept.rstrip(b"\n") or len(data) > LINE


def stores(data: bytes) -> None:
    """Exports of log stores, as the first byte says: what comes out is a record a line, or nothing."""
    kind, body = data[:1] or b"\0", data[1:]
    if kind[0] % 4 == 0:
        found = documents.of_document(iter([body]))
    elif kind[0] % 4 == 1:
        text = body.decode("utf-8", "replace")
        found = documents.of_csv(iter([body]), documents.delimiter(body) or ",;\t|"[len(text) % 4])
    elif kind[0] % 4 == 2:
        for line in literals.lines(iter([body])):
            line.decode()
        literals.is_literals(body)
        return
    else:
        records.is_lines_of_objects(body)
        logfmt.is_logfmt(body)
        found = (line + b"\n" for line in body.split(b"\n") if records.decoded(line) is not None)
    for line in found:
        assert line.endswith(b"\n")
        if record := line.strip():
            assert isinstance(msgspec.json.decode(record), dict | list), record


def entries(data: bytes) -> None:
    """A journal in its export format, whole and cut as the first byte says; and in its verbose form."""
    size, body = (data[:1] or b"\0")[0] + 1, data[1:]
    assert b"".join(journal.without_sizes(iter([body]))) == b"".join(journal.without_sizes(_cut(body, size)))
    assert b"".join(journal.entries(_cut(body, size))) == body


def results(data: bytes) -> None:
    """Each line, and with the next, as a record of a status: what is told is one line with a time."""
    lines = data.decode("utf-8", "replace").split("\n")
    status.is_status("\n".join(lines))
    for at in range(len(lines)):
        text = status._as_text(lines[at])
        whole = status._joined([text, *lines[at + 1 : at + 2]], 0)
        for told in (
            status._failure(whole, timeless=at % 2 == 0),
            status._fencing(whole),
            status._unclean(text, "Thu Mar  9 23:00:00 2023", None),
            status._failed_times(text, "db"),
            status._counted(text, "n1", ()),
            status._online(text, "2023-03-09 22:55:00Z", "n1"),
        ):
            assert told is None or (told[:4].isdigit() and "[0]: " in told), told


def xml(data: bytes) -> None:
    """The elements of a CIB, and its attribute sets with what they refer to."""
    with suppress(DamagedFileError):
        root = cib_xml.root(data, "a.xml")
        find = cib_xml.lookup(root, cib_xml.Growth("a.xml"))
        for element in root.iter("*"):
            found = cib_xml.pairs(element.iterchildren("meta_attributes", "instance_attributes"), find)
            assert all(isinstance(value, str) for value in found.values())


PURE: Final[dict[str, Callable[[bytes], None]]] = {
    "decoders": decoders,
    "members": members,
    "wrappings": wrappings,
    "stores": stores,
    "entries": entries,
    "results": results,
    "xml": xml,
}
