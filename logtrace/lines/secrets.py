"""Passwords and keys never get further than the reader: what holds one is masked before anything else sees it.

Reports made by crm_report and sos have most of them masked already, with the same stars.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

MASK: Final = "******"

#: A name of an attribute whose value is a secret.
_NAME: Final = r"(?i:[\w.-]*(?:passw|passphrase|community|secret|token|key)[\w.-]*)"
#: The same in front of a bare `=`, where cluster logs use `key=` (of an operation) and `token=` for harmless things.
_BARE: Final = (
    r"(?i:[\w-]*(?:passw|passphrase|community|secret)\w*"
    r"|(?:\w+[_-])?(?:api|auth|access|private|ssh|encryption)[_-]?(?:key|token)|OCF_RESKEY_\w*(?:key|token)\w*)"
)
_SECRET: Final = re.compile(r"(?i)(?=[\w.-]*\Z)[\w.-]*?(?:passw|passphrase|community|secret|token|key)")

#: What is masked in a line: what stands between the two groups. First the forms of a CIB, then those of a command line.
_PLACES: Final = (
    rf"""(<nvpair\b[^<]*?\bname="{_NAME}"[^<]*?\bvalue=")[^"]*()""",
    rf"""(<nvpair\b[^<]*?\bvalue=")[^"]*("[^<]*?\bname="{_NAME}")""",
    rf"""(nvpair\[@id=["']{_NAME}["']\][^@]*@value=).*()""",
    rf"""(@name={_NAME},? .*?@value=)[^,]*()""",
    rf"""(@value=)[^,]*(,.*?@name={_NAME}(?:,|$))""",
    rf"""(\b{_BARE}\\?["']?\s*[=:]\s*)(?:\\?"[^"]*"|'[^']*'|[^\s"',;]+)()""",
    r"""(--(?i:passw\w*|community|secret)[ =])(?:"[^"]*"|'[^']*'|\S+)()""",
    r"""(\bfence_\w+\b.*? -p ?)(?:"[^"]*"|'[^']*'|\S+)()""",
)
#: Lines without any of these words hold no secret that could be recognised.
_HINT: Final = r"(?i)passw|passphrase|community|secret|token|key|fence_\w+\b.* -p"


def is_secret(name: str) -> bool:
    """Whether an attribute of this name (passwd, snmp_community, api_key, token, ...) holds a secret."""
    return _SECRET.match(name) is not None


def masked(texts: pl.Series) -> pl.Series:
    """The texts with MASK in the place of every value that stands behind the name of a secret."""
    hinted = texts.str.contains(_HINT).fill_null(value=False)
    if not hinted.any():
        return texts
    safe = texts.filter(hinted)
    for pattern in _PLACES:
        safe = safe.str.replace_all(pattern, "${1}" + MASK + "${2}")
    return texts.clone().scatter(hinted.arg_true(), safe)  # scatter changes what it is called on
