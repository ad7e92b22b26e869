"""Passwords and keys never get further than the reader: what holds one is masked before anything else sees it.

Reports made by crm_report and sos have most of them masked already, with the same stars.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

MASK: Final = "******"

#: Parts of names of secrets that mean nothing else.
_PLAIN: Final = "passw|pwd|passphrase|community|secret|credential|bindpw|masterauth|requirepass|auth_?pass|privpass"
#: A name of an attribute whose value is a secret.
_NAME: Final = rf"(?:[\w.-]*(?i:{_PLAIN}|token|key)[\w.-]*|(?i:pass|pin|cred|seed))"
_KEYS: Final = "(?:api|auth|access|private|ssh|encryption|session|refresh|bearer|csrf|secret|host)[_-]?(?:key|token)"
#: The same in front of a bare `=` or `:`, where cluster logs use `key=` (of an operation) and `token=` (milliseconds)
#: for harmless things.
_BARE: Final = rf"(?:[\w-]*(?i:{_PLAIN})\w*|(?:\w+[_-])?(?i:{_KEYS})|(?i:OCF_RESKEY_)\w*(?i:key|token)\w*)"
_SECRET: Final = re.compile(rf"(?=[\w.-]*\Z)(?:{_NAME})\Z")

#: A value in quotes, escaped or not, or else to the next blank: what is behind a comma may be part of it.
_VALUE: Final = r"""(?:\\?"(?:[^"\\]|\\[^"])*\\?"|\\?'(?:[^'\\]|\\[^'])*\\?'|\S+)"""
#: A name of a secret anywhere, not looked at closely.
_LIKE: Final = rf"(?i:{_PLAIN}|token|key|pass|pin|cred|seed)"
#: An option of a command that takes a secret.
_OPTION: Final = rf"(?:[\w-]*(?i:{_PLAIN})\w*|(?i:pass|pin)|[\w-]*(?i:(?:api|auth|access)-?key|token))"
#: What is masked in a line: what stands between the two groups. First the forms of a CIB, then those of settings, of
#: addresses and headers, and of command lines, where the program tells what an option holds. Before the forms stands
#: what every line with one of them has and few others: it is found quickly, and the forms take long to compile.
_PLACES: Final = (
    (
        rf"""(?:\bname|nvpair\[@id)=["']?[^"' ,]*{_LIKE}""",
        (
            rf"""(<nvpair\b[^<]*?\bname=["']{_NAME}["'][^<]*?\bvalue=")[^"]*()""",
            rf"""(<nvpair\b[^<]*?\bname=["']{_NAME}["'][^<]*?\bvalue=')[^']*()""",
            rf"""(<nvpair\b[^<]*?\bvalue=")[^"]*("[^<]*?\bname=["']{_NAME}["'])""",
            rf"""(<nvpair\b[^<]*?\bvalue=')[^']*('[^<]*?\bname=["']{_NAME}["'])""",
            rf"""(nvpair\[@id=["']{_NAME}["']\][^@]*@value=).*()""",
            rf"""(@name={_NAME},? .*?@value=).*?(, @|$)""",
            rf"""(@value=).*?(, @(?:.*, @)?name={_NAME}(?:,|$))""",
        ),
    ),
    (
        rf"""(?:(?i:{_PLAIN})\w*|(?i:{_KEYS})|(?i:OCF_RESKEY_)\w*(?i:key|token)\w*)\\?["']?\s*[=:]""",
        (rf"""(\b{_BARE}\\?["']?\s*(?:=>|[=:])\s*){_VALUE}()""",),
    ),
    (
        # `pass: vote` is what the daemons say of an election (election_count_vote)
        r"""(?i:pass|pin|creds?|seed)(?:\\?["']\s*[=:]|\s*=)""",
        (rf"""(\b(?i:(?:\w+[_-])?(?:pass|pin|creds?|seed))(?:\\?["']\s*[=:]|\s*=>?)\s*){_VALUE}()""",),
    ),
    (
        r"""(?i:token)\\?["']?\s*[=:]""",
        (r"""(\b(?i:token)\\?["']?\s*[=:]\s*\\?["']?)[\w.+/=-]{12,}()""",),  # one of corosync is milliseconds
    ),
    (
        "(?i:passw(?:or)?d|passphrase|secret|community string) (?i:is|was|set|changed)",
        (r"""(\b(?i:passw(?:or)?d|passphrase|secret|community string) (?i:is|was|set to|changed to):? )\S+()""",),
    ),
    (r"://[^\s/@]*:", (r"""(\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:]*:)[^\s/]+(@)""",)),
    (
        "(?i:authorization|bearer)",
        (
            r"""((?i:authorization)\\?["']?\s*[=:]\s*\\?["']?(?:(?i:basic|bearer|digest|negotiate|token|apikey)\s+)?)[^\s"',]+()""",
            r"""((?i:\bbearer) )[\w.+/=~-]{12,}()""",
        ),
    ),
    (
        rf"--[\w-]*{_LIKE}",
        (rf"""((?:^|\s)--{_OPTION}[ =]){_VALUE}()""",),
    ),
    ("fence_.* -[pPc]", (rf"""(\bfence_\w+\b.*? -[pPc] ?){_VALUE}()""",)),
    (
        "ipmitool|sshpass|wsman|racadm|smbclient|mysql|mariadb|snmp|ldap|(?:redis|valkey)-cli|curl|wget|rclone|rpcclient",
        (
            rf"""(\b(?:ipmitool|sshpass|wsman|racadm|smbclient)\b.*? -[pP] ?){_VALUE}()""",
            rf"""(\b(?:mysql\w*|mariadb[\w-]*)\b.*? -p){_VALUE}()""",
            rf"""(\bsnmp\w+\b.*? -[cAX] ?){_VALUE}()""",
            rf"""(\bldap\w+\b.*? -w ?){_VALUE}()""",
            rf"""(\b(?:redis-cli|valkey-cli)\b.*? -a ?){_VALUE}()""",
        ),
    ),
    (
        "(?:curl|wget|rclone|smbclient|crmadmin|rpcclient).* -[uU]",
        (r"""(\b(?:curl|wget|rclone|smbclient|crmadmin|rpcclient)\b.*? -[uU] ?["']?[^\s:%"']+[:%])[^\s"']+()""",),
    ),
    ("PRIVATE KEY-----", (r"""(-----BEGIN [A-Z ]*PRIVATE KEY-----).+?(-----END|$)""",)),
)
#: Lines without any of these hold no secret that could be recognised.
_HINT: Final = "|".join(shown for shown, _ in _PLACES)
#: The lines of a key between its first and its last.
_BEGINS, _ENDS, _KEY_LINE = (
    "-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "-----END [A-Z ]*PRIVATE KEY-----",
    r"(\s|^)[A-Za-z0-9+/=]{16,}\s*$",
)


def is_secret(name: str) -> bool:
    """Whether an attribute of this name (passwd, snmp_community, api_key, token, ...) holds a secret."""
    return _SECRET.match(name) is not None


def masked(texts: pl.Series) -> pl.Series:
    """The texts with MASK in the place of every value that stands behind the name of a secret."""
    hinted = texts.str.contains(_HINT).fill_null(value=False)
    if not hinted.any():
        return texts
    safe = texts.filter(hinted)
    for shown, forms in _PLACES:
        if safe.str.contains(shown).any():
            for form in forms:
                safe = safe.str.replace_all(form, "${1}" + MASK + "${2}")
    return _without_keys(texts.clone().scatter(hinted.arg_true(), safe))  # scatter changes what it is called on


def _without_keys(texts: pl.Series) -> pl.Series:
    """The texts with MASK for the lines of private keys that take several."""
    begins = texts.str.contains(_BEGINS).fill_null(value=False)
    if not begins.any():
        return texts
    ends = texts.str.contains(_ENDS).fill_null(value=False)
    state = pl.select(pl.when(ends).then(False).when(begins).then(True).forward_fill()).to_series()
    inside = state.fill_null(value=False)
    of_key = inside & ~begins & texts.str.contains(_KEY_LINE).fill_null(value=False)
    return texts.clone().scatter(of_key.arg_true(), texts.filter(of_key).str.replace(_KEY_LINE, "${1}" + MASK))
