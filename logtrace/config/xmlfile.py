"""Bytes of a CIB file -> its root element, without trusting them."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from typing import Final

from lxml import etree

from logtrace.errors import DamagedFileError

#: Far above any real CIB: the scheduler inputs of the largest clusters are a few MB.
MAX_BYTES: Final = 64 * 1024 * 1024
#: Elements and attributes together; what a tree costs in memory depends on these, not on the bytes.
MAX_NODES: Final = 2_000_000
#: What references (to templates, sets and tags) may add to that: the elements and attributes they stand for.
MAX_REFERRED: Final = 500_000


class Growth:
    """How far references make one file grow. Within MAX_NODES they can multiply to more than any memory holds."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._left = MAX_REFERRED

    def add(self, nodes: int) -> None:
        """Count what a reference stands for. Raises DamagedFileError when it is too much altogether."""
        self._left -= nodes
        if self._left < 0:
            raise DamagedFileError(
                f"has references to more than {MAX_REFERRED:,} elements and attributes",
                where=self._source,
                remedy="find out who wrote this file",
            )


def root(data: bytes, source: str) -> etree._Element:
    """The root element of the XML in `data` (plain, bz2 or gz); `source` names the file in errors.

    Entities, document types and the network are off. Raises DamagedFileError for bytes that cannot be unpacked, are
    more than MAX_BYTES or MAX_NODES, or are not well-formed.
    """
    text = _plain(data, source)
    if not text.strip():
        raise DamagedFileError("is empty", where=source, remedy="collect the report again if this file is needed")
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise DamagedFileError(
            "declares a document type, which no CIB does", where=source, remedy="find out who wrote this file"
        )
    if text.count(b"<") + text.count(b"=") > MAX_NODES:
        raise DamagedFileError(
            f"has more than {MAX_NODES} elements and attributes", where=source, remedy="find out who wrote this file"
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        element = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise DamagedFileError(
            f"is not well-formed XML ({error.msg})",
            where=f"{source}:{error.lineno or 1}",
            remedy="collect the report again, or leave this file out",
        ) from error
    if element.getroottree().docinfo.internalDTD is not None:  # an encoding other than ASCII hid it from the check
        raise DamagedFileError(
            "declares a document type, which no CIB does", where=source, remedy="find out who wrote this file"
        )
    return element


def _plain(data: bytes, source: str) -> bytes:
    stream: io.BufferedIOBase = io.BytesIO(data)
    if data.startswith(b"BZh"):
        stream = bz2.BZ2File(stream)
    elif data.startswith(b"\x1f\x8b"):
        stream = gzip.GzipFile(fileobj=stream)
    try:
        text = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedFileError(
            f"cannot be unpacked ({error})", where=source, remedy="collect the report again, or leave this file out"
        ) from error
    if len(text) > MAX_BYTES:
        raise DamagedFileError(
            f"is larger than {MAX_BYTES >> 20} MB unpacked", where=source, remedy="find out who wrote this file"
        )
    return text
