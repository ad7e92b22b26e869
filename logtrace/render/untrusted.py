"""Text from logs, made safe to look at: nothing invisible, nothing that moves other text, no endless lines.

Escaping for HTML is the template's work; this is about characters that mislead an eye or a terminal.
"""

from __future__ import annotations

import re

#: Controls, format characters (bidi, zero width, soft hyphen, tags), line separators, lone surrogates, non-characters.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


class Shown(str):
    """Text that has been through `shown`: visible characters only, no longer than was asked for."""

    __slots__ = ()


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code == 0x09:
        return " "
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures: ESC is shown as one sign
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else f"\u2039U+{code:04X}\u203a"


def shown(text: str, limit: int = 600) -> Shown:
    """`text` on one line: its first `limit` characters, and how many were left out. A Shown stays as it is."""
    if isinstance(text, Shown):
        return text
    cut = len(text) - limit
    visible = _HIDDEN.sub(_visible, text[:limit])
    return Shown(f"{visible} \u2026 ({cut:,} more characters)" if cut > 0 else visible)


def shown_lines(text: str, limit: int = 20_000) -> Shown:
    """Like `shown` for text of several lines (commands): line ends stay."""
    cut = len(text) - limit
    visible = "\n".join(_HIDDEN.sub(_visible, line) for line in text[:limit].replace("\r\n", "\n").split("\n"))
    return Shown(f"{visible}\n\u2026 ({cut:,} more characters)" if cut > 0 else visible)
