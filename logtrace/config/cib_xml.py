"""The XML of a CIB: bytes to elements, without trusting them, and attribute sets to name-value pairs."""

from __future__ import annotations

import bz2
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable
from typing import Final

import polars as pl
from lxml import etree

from logtrace.domain.values import score
from logtrace.errors import DamagedFileError
from logtrace.lines import recurring
from logtrace.lines.secrets import MASK, is_secret, masked

#: Far above any real CIB: the scheduler inputs of the largest clusters are a few MB.
MAX_BYTES: Final = 64 * 1024 * 1024
#: Elements and attributes together; what a tree costs in memory depends on these, not on the bytes.
MAX_NODES: Final = 2_000_000
#: What references (to templates, sets and tags) may add to that: the elements and attributes they stand for.
MAX_REFERRED: Final = 500_000
#: The set Pacemaker looks into first, whatever its score.
FIRST_SET: Final = "cib-bootstrap-options"

_COMMENTS_ABOVE: Final = re.compile(rb"\A(\s*+(?:<\?[^>]*+>)?+)\s*+(?:<!--.*?-->\s*+)+", re.DOTALL)
_ROOT: Final = re.compile(rb"^[ \t]*<cib[\s>]", re.MULTILINE)

#: Attributes that say how something is called.
_NAMES: Final = ("id", "id-ref", "uname", "name", "class", "provider", "type", "rsc", "node")

#: Finds the element an `id-ref` points to; None when there is none.
Lookup = Callable[[str], etree._Element | None]


def root(data: bytes, source: str) -> etree._Element:
    """The root element of the XML in `data` (plain, bz2 or gz); `source` names the file in errors.

    Entities, document types and the network are off. Raises DamagedFileError for bytes that cannot be unpacked, are
    more than MAX_BYTES or MAX_NODES, or are not well-formed.
    """
    text = _document(_plain(data, source))
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


def mask(root: etree._Element) -> frozenset[str]:
    """Takes the secrets out of the tree below `root`, and gives those that are to be masked elsewhere as well.

    A secret is what an nvpair of such a name holds, or refers to. Other attributes may hold it once more, or have one
    in their text, such as the options of a mount.
    """
    called = {pair.get("id-ref"): pair for pair in root.iter("nvpair") if is_secret(pair.get("name") or "")}
    held = [
        pair
        for pair in root.iter("nvpair")
        if pair.get("value") and (is_secret(pair.get("name") or "") or pair.get("id") in called)
    ]
    values = {pair.get("value", "") for pair in held}
    for pair in held:
        pair.set("value", MASK)
    names, told = set[str](), list[str]()
    places = list[tuple[etree._Element, str | bytes]]()
    for element in root.iter("*"):
        for name in element.attrib:
            value = element.get(name, "")
            if name in _NAMES:
                names.add(value)
            else:
                places.append((element, name))
                told.append(value)
    secrets = recurring.telling(values, names)
    texts = pl.Series(told, dtype=pl.String)
    safe = recurring.without(masked(texts), secrets)
    for place in (safe != texts).arg_true():
        element, name = places[place]
        element.set(name, safe[place])
    return secrets


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


def lookup(root: etree._Element, growth: Growth) -> Lookup:
    """A finder of elements by id. Every id of the tree is indexed once; what is found counts for `growth`."""
    by_id = {identifier: element for element in root.iter("*") if (identifier := element.get("id"))}
    sizes: dict[str, int] = {}

    def find(identifier: str) -> etree._Element | None:
        element = by_id.get(identifier)
        if element is not None:
            if identifier not in sizes:
                sizes[identifier] = sum(1 + len(each.attrib) for each in element.iter())
            growth.add(sizes[identifier])
        return element

    return find


def resolve(element: etree._Element, find: Lookup) -> etree._Element:
    """`element`, or what its `id-ref` points to."""
    reference = element.get("id-ref")
    target = find(reference) if reference else None
    return element if target is None else target


def pairs(sets: Iterable[etree._Element], find: Lookup) -> dict[str, str]:
    """The values of several attribute sets. The set with the highest score wins (Pacemaker: sort_pairs).

    Sets that hold a rule are left out: whether they apply depends on the time and the node.
    """
    ordered = sorted((resolve(one, find) for one in sets), key=_rank)
    values: dict[str, str] = {}
    for one in ordered:
        if one.find("rule") is not None:
            continue
        for pair in one.iterchildren("nvpair"):
            source = resolve(pair, find)
            name, value = pair.get("name") or source.get("name"), source.get("value")
            if name and value is not None:
                values.setdefault(name, value)
    return values


def _rank(one: etree._Element) -> tuple[bool, int]:
    return one.get("id") != FIRST_SET, -score(one.get("score"))


def _document(text: bytes) -> bytes:
    """The XML in a text that may have a heading above or a prompt below it, as people save it.

    Comments above the root go too: in those that people write there may be two hyphens, which XML forbids.
    """
    text = _COMMENTS_ABOVE.sub(rb"\1", text, count=1)
    if text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or (start := _ROOT.search(text)) is None:
        return text
    end = text.rfind(b"</cib>")
    return text[start.start() : end + len(b"</cib>") if end > 0 else len(text)]


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
