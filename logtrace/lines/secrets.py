"""Passwords and keys never get further than the reader: what holds one is masked before anything else sees it.

Reports made by crm_report and sos have most of them masked already, with the same stars.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import polars as pl

MASK: Final = "******"

#: Parts of names of secrets that mean nothing else.
_PLAIN: Final = (
    "passw|pwd|passphrase|community|secret|credential|bindpw|rootpw|masterauth|requirepass|auth_?pass|privpass|authtok"
    "|erlang_?cookie"
)
#: What keys are called by that are secrets.
_KEYS: Final = (
    "(?:api|auth|access|account|private|shared|security|ssh|encryption|session|refresh|bearer|csrf|secret|vault|host)"
)
#: A name of an attribute whose value is a secret.
_NAME: Final = rf"(?i:[\w.-]*(?:{_PLAIN}|token|key)[\w.-]*|pass|pin|cred|seed)"
#: The same in front of a bare `=` or `:`, where cluster logs use `key=` (of an operation) and `token=` (milliseconds)
#: for harmless things.
_BARE: Final = (
    rf"(?i:[\w-]*(?:{_PLAIN})\w*"
    rf"|(?:\w+[_-])*\w*{_KEYS}[_-]?(?:key|token)"
    r"|(?:\w+[_-])?(?:pw|psk|passcode)|OCF_RESKEY_\w*(?:key|token)\w*)"
)
_SECRET: Final = re.compile(rf"(?=[\w.-]*\Z)(?:{_NAME})\Z")

#: Names of settings that have their value behind a blank.
_WORDED: Final = (
    "bindpw|rootpw|requirepass|masterauth|shared-secret|pre-?shared-key|r[ow]community6?|server community"
    r"|auth[_-]pass \S+"
)
_IS: Final = "(?:is |was )?(?:set|changed) to|is|was"
#: What the value of a parameter stands behind, where its name is one option and its value another.
_OPTION: Final = r"(?:-v ?|--[\w-]*value[ =])"

#: Programs that take a user and a password in one option.
_WEB: Final = "curl|wget|rclone|smbclient|rpcclient|etcdctl|net (?:ads|rpc)"
#: A value in quotes, escaped or not, or else to the next blank: what is behind a comma may be part of it.
_QUOTED: Final = r"""\\?"(?:[^"\\]|\\[^"])*\\?"|\\?'(?:[^'\\]|\\[^'])*\\?'"""
_VALUE: Final = rf"""(?:{_QUOTED}|\S+)"""
#: A word that no sentence has: with letters and digits, and no path.
_ODD: Final = r"""(?:[^\s/(<:,"=]*[A-Za-z][^\s/:,"=]*\d[^\s:,"]*|[^\s/(<:,"=]*\d[^\s/:,"=]*[A-Za-z][^\s:,"]*)"""
#: What is masked in a line, by what lines with it have in them: what stands between the two groups of a pattern.
_PLACES: Final[dict[str, tuple[str, ...]]] = {
    # forms of a CIB
    "nvpair|@value=": (
        rf"""(<nvpair\b[^<]*?\bname=(?:"{_NAME}"|'{_NAME}')[^<]*?\bvalue=")[^"]*()""",
        rf"""(<nvpair\b[^<]*?\bname=(?:"{_NAME}"|'{_NAME}')[^<]*?\bvalue=')[^']*()""",
        rf"""(<nvpair\b[^<]*?\bvalue=")[^"]*("[^<]*?\bname=(?:"{_NAME}"|'{_NAME}'))""",
        rf"""(<nvpair\b[^<]*?\bvalue=')[^']*('[^<]*?\bname=(?:"{_NAME}"|'{_NAME}'))""",
        rf"""(nvpair\[@id=["']{_NAME}["']\][^@]*@value=).*()""",
        rf"""(@name={_NAME},? .*?@value=).*?(, @|$)""",
        rf"""(@value=).*?(, @(?:.*, @)?name={_NAME}(?:,|$))""",
    ),
    # settings
    rf"(?i){_PLAIN}|{_KEYS}[_-]?key|reskey|shared-key|token|pass|pin|cred|seed|otp|pw|psk": (
        rf"""(\b{_BARE}\\?["']?\s*(?:=>|::? |[=:])\s*){_VALUE}()""",
        rf"""(\b(?i:(?:\w+[_-])?(?:pass|pin|creds?|seed|t?otp))(?:\\?["']\s*[=:]|\s*=>?)\s*){_VALUE}()""",
        # `pass: vote` is what the daemons say of an election (election_count_vote)
        r"""(\b(?i:pass):\s*)(?:[^v\s]|v[^o]|vo[^t]|vot[^e]|vote\S)\S*()""",
        rf"""(\b(?i:{_WORDED}) +){_VALUE}()""",
        rf"""(\b{_BARE}\()[^()\s]+(\))""",
        rf"""(<(?:[\w-]+:)?{_BARE}(?:\s[^<>]*)?>)[^<>]+()""",
        r"""(\b(?i:token)\\?["']?\s*[=:]\s*\\?["']?)[\w.+/=-]{12,}()""",  # one of corosync is milliseconds
        rf"""(\b(?i:passw(?:or)?d|passphrase|secret|community string) (?i:{_IS}):? ){_VALUE}()""",
        rf"""(\b(?i:passw(?:or)?d|passphrase) (?i:for) \S+:\s+){_VALUE}()""",
        rf"""((?:^|\s)--(?i:[\w-]*(?:{_PLAIN})\w*|pass|pin|[\w-]*(?:{_KEYS}-?key|token))[ =]){_VALUE}()""",
        rf"""(\b(?:cibsecret\b.* set|resource secret \S+ set) (?:\S+ )?\S+ ){_VALUE}()""",
        rf"""(\becho (?:-\w+ )*){_VALUE}(\s*\|.*passw)""",
        r"""( -pass(?:in|out)? pass:)\S+()""",
        # behind a blank only what stands there as a value: in quotes, or no word of a sentence
        r"""(\b(?i:passw(?:or)?d|passphrase) +\\?["'])[^\s"'][^"']*()""",
        rf"""(\b(?i:\w*passw(?:or)?d|passphrase|[\w-]*secret) +){_ODD}()""",
        rf"""(\b(?i:set password (?:for \S+ )?=) *){_VALUE}()""",
        rf"""(\buser set password \d+ ){_VALUE}()""",
        r"""(\bsmbpasswd\b.*? -s ).+()""",
        rf"""(\bhtpasswd -\w*b\w* \S+ \S+ ){_VALUE}()""",
        rf"""(\bopenssl passwd (?:-\S+ )*){_VALUE}()""",
        rf"""(\b(?:\w*passwd)\b.*<<< *){_VALUE}()""",
        rf"""(\bsecret-set-value (?:--\S+ )*\S+ ){_VALUE}()""",
    ),
    # what protocols send; test programs say PASS as well
    r"""\b(?:PASS|AUTH) |"(?i:auth)"|\b(?:md5|sha1|hmac_\w+) |(?i:log[io]n|authenticate)\w*\(|createUser|com2sec"""
    "|setcookie": (
        rf"""(\bUSER \S+.*\bPASS ){_VALUE}()""",
        rf"""((?i:ftp|pop3?|imap|irc)\S*.*?\bPASS ){_VALUE}()""",
        rf"""((?i:redis|valkey|sentinel).*?\bAUTH (?:\w+ )??){_VALUE}(\s*$)""",
        rf"""((?:^|[>»]|\bC:) *(?:AUTH|PASS) (?:\w+ )??){_VALUE}(\s*$)""",
        r"""("(?i:auth)"(?: "[^"]*")?? ").*("\s*$)""",
        rf"""(\bAUTH (?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|XOAUTH2|SCRAM-\S+) ){_VALUE}()""",
        # authkeys of Heartbeat
        r"""((?:^|[\s:>"'])\d{1,3} (?:md5|sha1|hmac_\w+) )\S+(\s*$)""",
        rf"""(\b(?i:\w*(?:login|logon|authenticate)\w*)\(\s*["']?[^,()"']+["']?,\s*)(?:{_QUOTED}|[^,()\s]+)()""",
        rf"""(\bcreateUser \S+(?: -\S+ \S+)* (?:MD5|SHA\S*) ){_VALUE}()""",
        rf"""(\bcreateUser .* (?:DES|AES\S*) ){_VALUE}()""",
        rf"""(\bcom2sec6? (?:-\S+ \S+ )*\S+ \S+ ){_VALUE}()""",
        rf"""(-setcookie +){_VALUE}()""",
    ),
    # addresses, headers, statements, and what its maker gave a shape of its own: hashes, tokens, keys
    r"(?i)://|authorization|bearer|cookie|identified |\$[1256y]\$|\$2[aby]\$|\$apr1|\$argon|eyj|gh[opsu]_|github_pat"
    "|glpat-|xox[a-z]-|a[ks]ia[a-z0-9]{16}|aiza|ltai|[rs]k_live|hvs[.]|-----begin": (
        rf"""(\b(?i:identified (?:with \S+ )?by (?:password )?)){_VALUE}()""",
        r"""(\b(?i:(?:set-)?cookie)\\?["']?:\s*).+()""",
        r"""(\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:]*:)[^\s/]+(@)""",
        r"""((?i:authorization)\\?["']?\s*[=:]\s*\\?["']?(?:(?i:basic|bearer|digest|negotiate|token|apikey)\s+)?)[^\s"',]+()""",
        r"""((?i:\bbearer) )[\w.+/=~-]{12,}()""",
        # hashes of passwords, and tokens that their makers gave a shape of their own
        r"""(\$(?:1|2[aby]|5|6|y|apr1|argon2\w+)\$)[^\s"':]+()""",
        r"""(\beyJ)[\w-]{8,}\.[\w-]{4,}\.[\w-]*()""",
        r"""(\b(?:gh[opsu]_|github_pat_|glpat-|xox[a-z]-|[rs]k_live_|AIza|LTAI|hvs\.))[\w-]{12,}[.\w-]*()""",
        r"""(\b(?:AKIA|ASIA))[A-Z0-9]{16}\b()""",
        r"""(-----BEGIN [A-Z ]*PRIVATE KEY-----).+?(-----END|$)""",
    ),
    # command lines, where the program tells what an option holds
    r"(?i)fence_|external/|ipmitool|sshpass|wsman|racadm|smbclient|mysql|mariadb|snmp|ldap|(?:redis|valkey)-cli|curl|wget|rclone"
    r"|rpcclient|pcs (?:host|cluster|client) |stonith -t |resource param |crm_resource |crm_attribute |iscsiadm|hdbsql"
    r"|hdbuserstore|sapcontrol|(?:docker|podman|vault) login|etcdctl|net (?:ads|rpc)|mount|cryptsetup|kinit|sudo ": (
        rf"""(\bfence_\w+\b.*? -[pPc] ?){_VALUE}()""",
        rf"""(\bfence_\w+\b.*? --?(?:key|token)[ =]){_VALUE}()""",
        rf"""(\b(?:ipmitool|wsman|sshpass|smbclient|hdbsql|(?:docker|podman) login)\b.*? -[pP] ?){_VALUE}()""",
        rf"""(\b(?:ipmitool|wsman|racadm|smbclient)\b.* -[pP] ?){_VALUE}()""",
        rf"""(\bracadm\b.*\.Password ){_VALUE}()""",
        rf"""(\bhdbuserstore\b.* (?i:set) \S+ \S+ \S+ ){_VALUE}()""",
        rf"""(\bsapcontrol\b.* -user \S+ ){_VALUE}()""",
        rf"""(\bvault login (?:-\S+ )*){_VALUE}()""",
        rf"""(\b(?:cryptsetup|kinit|sudo)\b.*<<< *){_VALUE}()""",
        rf"""(\b(?:mysql\w*|mariadb[\w-]*)\b.*? -p){_VALUE}()""",
        rf"""(\bsnmp\w+\b.*? -[cAX] ?){_VALUE}()""",
        rf"""(\bsnmp\w+\b.* -[cAX] ?){_VALUE}()""",
        rf"""(\bpcs (?:host|cluster|client)\b.*? -p ?){_VALUE}()""",
        rf"""(\bstonith -t\b.*? -p ?){_VALUE}()""",
        rf"""(\bresource param \S+ set {_NAME} ){_VALUE}()""",
        rf"""(\b(?:crm_resource|crm_attribute|iscsiadm)\b.*? (?:-[pn] ?|--[\w-]+[ =]){_NAME} .*?{_OPTION}){_VALUE}()""",
        rf"""(\bfence_\w+ [\d.:a-f]+ \S+ ){_VALUE}()""",
        rf"""(\bexternal/\w+ \S+ [\d.:a-f]+ \S+ ){_VALUE}()""",
        rf"""(\bldap\w+\b.*? -w ?){_VALUE}()""",
        rf"""(\b(?:redis-cli|valkey-cli)\b.*? -a ?){_VALUE}()""",
        rf"""(\b(?:{_WEB})\b.* (?:-[uU] ?|--[\w-]*user[ =])["']?[^\s:%]+[:%])[^\s"']+()""",
        r"""(\bmount\b.*\buser(?:name)?=[^\s,%]+%)[^\s,]+()""",
    ),
}
_HINT: Final = "|".join(_PLACES)

#: What `\w` stands for here. As Unicode has it, and with the boundaries that go with it, an expression takes five times
#: as long to compile, which is all that it costs in a small report.
_WORDS: Final = "0-9A-Za-z_\x80-\U0010ffff"
_CLASS_OR_ESCAPE: Final = re.compile(r"\[\^?(?:\\.|[^\]\\])*\]|\\.")


@cache
def _quick(pattern: str) -> str:
    """`pattern` with words that are spelled out."""

    def spelled(found: re.Match[str]) -> str:
        if r"\w" in found[0]:
            told = found[0].removeprefix("[").removesuffix("]").replace(r"\w", _WORDS)
            return f"(?-i:[{told}])"  # they have either case
        return r"(?-u:\b)" if found[0] == r"\b" else found[0]

    return _CLASS_OR_ESCAPE.sub(spelled, pattern)


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
    for hint, patterns in _PLACES.items():
        if (near := safe.str.contains(hint)).any():
            held = pl.col(safe.name)
            for pattern in patterns:  # as one expression: each call of polars takes longer than a small report's lines
                held = held.str.replace_all(_quick(pattern), "${1}" + MASK + "${2}")
            safe = safe.scatter(near.arg_true(), safe.filter(near).to_frame().select(held).to_series())
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
