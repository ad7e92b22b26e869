"""Lines within string literals, as programs print them: a list on one line, or one long text whose line ends are
written as escapes (Python, JSON, Ansible, the fields of a ticket).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from logtrace.lines.carriers.shapes import ANY

#: A text beyond this is nothing anybody pastes, in bytes; what stands behind is left out.
_MOST: Final = 64 << 20
#: Of the places where a line may begin, more than half must be within literals, and so many.
_LEAST: Final = 2

_ESCAPED: Final = rb"(?:\\+r)?\\+n"
#: The end of a literal and the beginning of the next; what stands between two lines.
_NEXT: Final = rb"(?:%s)*[\"'][ \t]*,[ \t]*[bru]{0,2}[\"']" % _ESCAPED
_BETWEEN: Final = rb"(?:%s|%s)" % (_NEXT, _ESCAPED)
_BEGINS: Final = f"(?:{ANY})".encode()
#: Long expressions are texts that `re` compiles when they are first used, and keeps: few files need them.
_LISTED: Final = _NEXT + rb"[ \t]*(?=" + _BEGINS + rb")"
_ENDED: Final = _ESCAPED + rb"[ \t]*(?=" + _BEGINS + rb")"
_AT_ALL: Final = rb"(?:(?m:^)[^\n]{0,200}?[\"' ]|(?m:^)|%s[ \t]*)(?=%s)" % (_BETWEEN, _BEGINS)
_OBJECTS: Final = re.compile(rb"\s*\[?\s*\{")
_END: Final = _BETWEEN + rb"(?=" + _BEGINS + rb")|" + _ESCAPED + rb"|\n"
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\"'\\/t]))")
_OPENING: Final = r"^[\s\[({]*[bru]{0,2}[\"'](?=" + ANY + ")"
_CLOSING: Final = re.compile(r"[\"']\s*[,\])}]*\s*$")


def is_literals(head: bytes) -> bool:
    """Whether most lines of a file's first bytes that are a log's follow each other within string literals."""
    if len(re.findall(_BETWEEN, head)) < _LEAST:
        return False
    listed, ended = len(re.findall(_LISTED, head)), len(re.findall(_ENDED, head))
    if _OBJECTS.match(head) or listed <= _LEAST * head.count(b"\n"):  # a record has its line in one of its values
        listed = 0
    if listed + ended < _LEAST:
        return False
    return (listed + ended) * 2 > len(re.findall(_AT_ALL, head))


def lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The lines within the literals of a file, one a line; their number takes the place of the file's."""
    text = b"".join(_bounded(chunks))
    for line in re.split(_END, text):
        yield _unescaped(line.decode("utf-8", "replace")).encode("utf-8", "replace") + b"\n"


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    left = _MOST
    for chunk in chunks:
        yield chunk[:left]
        left -= len(chunk)
        if left <= 0:
            return


def _unescaped(line: str) -> str:
    opened = re.match(_OPENING, line)
    if opened:
        line = line[opened.end() :]
    line = _CLOSING.sub("", line) if opened or line.count('"') % 2 else line
    return _ESCAPE.sub(_character, line)


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return "\t" if found[2] == "t" else found[2]
