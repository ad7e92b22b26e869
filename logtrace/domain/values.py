"""Booleans, scores and roles as Pacemaker reads them, wherever they are written."""

from __future__ import annotations

from typing import Final

#: Pacemaker's infinity: scores are clipped to it, and a threshold or a stickiness of this size has no end.
INFINITY: Final = 1_000_000

_ROLES: Final = {"started": "", "unpromoted": "", "slave": "", "master": "promoted"}


def whole(text: str | None) -> int | None:
    """A number without a sign; None for all else: the digits of other scripts, and what is longer than any count."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


def score(text: str | None) -> int:
    """A score as an integer; INFINITY is 1000000. What is not a number counts 0."""
    word = (text or "").strip()
    named = {"INFINITY": INFINITY, "+INFINITY": INFINITY, "-INFINITY": -INFINITY}
    try:
        return named[word] if word in named else max(-INFINITY, min(INFINITY, int(word)))
    except ValueError:
        return 0


def true(text: str | None, *, default: bool = False) -> bool:
    """A boolean as Pacemaker reads it (crm_str_to_boolean); `default` when it is absent or something else."""
    word = (text or "").strip().lower()
    if word in {"true", "on", "yes", "y", "1"}:
        return True
    return False if word in {"false", "off", "no", "n", "0"} else default


def role_of(text: str | None) -> str:
    """The role an operation is for: "promoted", "stopped", or "" for a service that merely runs.

    Started and unpromoted are no roles of their own where operations are told apart (template_op_key), and until
    Pacemaker 2.1 the roles of promotable clones were Master and Slave.
    """
    word = (text or "").strip().lower()
    return _ROLES.get(word, word)
