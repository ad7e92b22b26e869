"""What stands behind the word `password` in a text: a word of the sentence, or one that nobody else should read.

A password may be a word like any other. What sentences have there is known, by and large; the rest is taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import polars as pl

#: Words that stand there in what daemons and people write, and beginnings of such words.
_WORDS: Final = frozenset((
    "a", "age", "agent", "aging", "all", "also", "an", "and", "any", "are", "as", "at", "based", "be", "been",
    "before", "being", "box", "but", "by", "caching", "callback", "can", "can't", "cannot", "change", "changes",
    "changing", "class", "command", "complexity", "correct", "could", "couldn't", "count", "cred", "database", "db",
    "details", "dialog", "did", "digest", "disabled", "do", "does", "doesn't", "empty", "enabled", "encoding",
    "entry", "error", "exchange", "for", "format", "found", "from", "given", "grant", "had", "has", "have",
    "helper", "hint", "history", "if", "in", "incorrect", "info", "input", "instead", "into", "invalid", "is",
    "isn't", "it", "its", "just", "last", "length", "less", "lifetime", "like", "limit", "line", "list", "lookup",
    "may", "method", "mismatch", "missing", "mode", "module", "must", "needed", "needs", "never", "no", "not",
    "now", "of", "on", "only", "or", "passed", "per", "plugin", "policies", "policy", "quality", "query", "reuse",
    "same", "sent", "should", "since", "so", "source", "specified", "state", "status", "still", "strength",
    "string", "than", "that", "the", "then", "there", "this", "through", "to", "too", "tried", "tries", "try",
    "unable", "unchanged", "undefined", "unknown", "unset", "unsupported", "until", "usage", "use", "used", "using",
    "vault", "via", "was", "were", "when", "which", "while", "will", "would", "wrong", "yes", "you", "your",
))  # fmt: skip
_STEMS: Final = (
    "ask", "attempt", "auth", "check", "config", "credential", "encrypt", "enter", "env", "expir", "fail", "field",
    "file", "generat", "hash", "lock", "log", "manage", "mask", "match", "option", "param", "passw", "plain",
    "prompt", "protect", "provid", "read", "receiv", "recover", "reject", "request", "requir", "reset", "retr",
    "rotat", "rule", "save", "script", "serv", "setting", "stor", "succe", "suppl", "support", "sync", "time",
    "token", "tool", "type", "updat", "user", "util", "valid", "value", "verif", "warn", "with",
)  # fmt: skip

#: A word behind it, and one behind it and a colon, where more words of a sentence follow.
_WORD: Final = re.compile(
    r"\b(passw(?:or)?d|passphrase)( +(?:-> *)?)([A-Za-z][^\s\"',;:()<>=]*)", re.ASCII | re.IGNORECASE
)
_COLON: Final = re.compile(r"\b(\w*passwd|passwords?)(: +)(?=([A-Za-z'-]+):? +[a-z'(])", re.ASCII | re.IGNORECASE)
#: `changed for bob` is told of one, `changed to swordfish` tells it.
_CHANGED: Final = re.compile(r"\s*$| (?:at|by|for|from|in|on|success\w*|via)\b")
_LINES: Final = r"(?i)pass(?:word|wd|phrase)s?:? +[-A-Z]"


def hidden(texts: pl.Series, mask: str) -> pl.Series:
    """The texts with `mask` in the place of a word behind `password` that no sentence has there."""

    def shown(found: re.Match[str]) -> str:
        harmless = _is_of_sentence(found[3], found.string[found.end() :])
        return found[0] if harmless else f"{found[1]}{found[2]}{mask}"

    return _changed(texts, lambda text: _WORD.sub(shown, text))


def apart(texts: pl.Series, mark: str) -> pl.Series:
    """The texts with `mark` before the colon of `password: no old password was entered` and `passwd: cannot lock`."""

    def marked(found: re.Match[str]) -> str:
        harmless = _is_of_sentence(found[3], "") or found[3].lower().startswith(("gkr-", "pam"))
        return f"{found[1]}{mark if harmless else ''}{found[2]}"

    return _changed(texts, lambda text: _COLON.sub(marked, text))


def _is_of_sentence(word: str, rest: str) -> bool:
    word = word.lower().rstrip(".!?")
    if word in {"changed", "set"}:
        return _CHANGED.match(rest) is not None
    return word in _WORDS or word.startswith(_STEMS)


def _changed(texts: pl.Series, change: Callable[[str], str]) -> pl.Series:
    """Few lines tell of passwords, and Python reads those."""
    near = texts.str.contains(_LINES).fill_null(value=False)
    if not near.any():
        return texts
    return texts.clone().scatter(near.arg_true(), pl.Series([change(text) for text in texts.filter(near)]))
