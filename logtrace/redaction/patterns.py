r"""What addresses, host names with a domain, and mentions of users look like, as patterns and as tests of a find.

The patterns are for polars (linear time, no look-around) and for texts whose underscores were put aside, because `\b`
takes an underscore for a letter and would find no address in `vip_10.0.0.5`.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

_HEX: Final = "[0-9A-Fa-f]{1,4}"
_IPV4: Final = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
LABEL: Final = "[0-9a-z](?:[0-9a-z-]*[0-9a-z])?"

#: Ends of domain names: the general ones, those of private networks, and countries' whose codes are no file endings.
_TOP: Final = (
    "com|net|org|edu|gov|mil|int|info|biz|name|pro|arpa|local|localdomain|localnet|lan|internal|intranet|intern|private"
    "|corp|home|domain|test|example|invalid|cloud|site|online|tech|systems|network|company|group|bank|shop|ai|app|dev"
    "|ac|ad|ae|af|ag|al|ar|at|au|az|ba|be|bg|bh|bo|br|by|ca|ch|ci|cl|cn|co|cr|cu|cy|cz|de|dk|do|dz|ec|ee|eg|es|et|eu"
    "|fi|fr|gb|ge|gh|gr|gt|hk|hn|hr|hu|id|ie|il|io|iq|ir|is|it|jo|jp|ke|kg|kh|kr|kw|kz|lb|li|lk|lt|lu|lv|ly|ma|me|mk"
    "|mt|mx|my|na|ng|ni|nl|no|np|nz|om|pa|pe|ph|pk|pt|qa|ro|ru|sa|se|sg|si|sk|sv|sy|th|tn|tr|tv|tw|ua|ug|uk|us|uy|uz"
    "|va|ve|vn|za|zm|zw"
)
#: Country codes that also end the names of files; they need a host and a domain in front.
_TOP_LONG: Final = "in|pl|rs|sh|so|to|am|cc|la|ws|py|md"
_FILES: Final = re.compile(
    "log|txt|conf|cfg|xml|html?|json|csv|gz|bz2|xz|zst|tar|tgz|tbz|txz|zip|info|out|err|pid|sock|socket|service|target"
    "|timer|mount|path|scope|slice|device|swap|swp|sh|py|pl|rb|so|cib|dot|bak|old|orig|tmp|dump|md|ya?ml|key|pem|crt"
    "|lock|db|raw|img|qcow2|parquet|patch|extract"
)

MAC: Final = r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5,19}\b"
IP: Final = "|".join(
    (
        rf"(?:\b{_HEX}(?::{_HEX})*|\B)::(?:{_HEX}:)*{_IPV4}\b",
        rf"\b{_HEX}(?::{_HEX}){{7}}\b",
        rf"\b{_HEX}(?::{_HEX})*::(?:{_HEX}(?::{_HEX})*\b|\B)",
        rf"\B::{_HEX}(?::{_HEX})*\b",
        rf"\b{_IPV4}\b",
    )
)
FQDN: Final = (
    rf"(?i:\b(?:{LABEL}\.)+(?:{_TOP})\b"
    rf"|\b(?:{LABEL}\.){{2,}}(?:{_TOP_LONG})\b)"
)

_USER: Final = r"([A-Za-z][0-9A-Za-z_.-]*)"
#: Where a text names a user, in group 1.
USERS: Final = (
    rf"""(?i:\b(?:update-|r|e|l)?user(?:-?name)?["']?[=:] ?["'(]?{_USER})""",
    rf"""(?i:\b(?:login|logname|acct|sudo[-_]user)=["']?{_USER})""",
    rf"""session (?:opened|closed) for user {_USER}""",
    rf"""\b(?:by|as|for) (?:invalid )?user ["']?{_USER}""",
    rf"""\bby {_USER}\(uid=[0-9]""",
    rf"""\buid=[0-9]+\({_USER}""",
    rf"""Accepted [a-z/-]+ for {_USER} from""",
    rf"""^\s*{_USER} : (?:TTY|PWD|USER)=""",
    rf"""/home/{_USER}""",
    rf"""\b([A-Za-z][0-9A-Za-z+-]*(?:\.[A-Za-z][0-9A-Za-z+-]*)*)@{FQDN}""",
)

#: Accounts that every such system has, or that are a maker's default; they tell nothing.
COMMON_USERS: Final = re.compile(
    "(?i:root|hacluster|haclient|nobody|daemon|bin|sys|system|unknown|null|none|admin|administrator|user|userid|guest"
    "|operator|default)"
)
COMMON_HOSTS: Final = re.compile(r"(?i:localhost(?:\.localdomain|[46])?|local|all|none|null|any|unknown)")


def address(text: str) -> str | None:
    """The address `text` stands for, in one spelling; None where it is none, or one that tells nothing."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    tacit = found.is_loopback or found.is_unspecified or text.startswith("255.")
    return None if tacit else str(found)


def spellings(address: str) -> list[str]:
    """How else things are named after an address: 10-0-0-5, 10_0_0_5; fd00..5 for a version of six."""
    return [re.sub("[.:]", sign, address) for sign in "-_." if sign not in address]


def hardware_address(text: str) -> str | None:
    """The MAC (or InfiniBand) address `text` stands for, in one spelling; None where it is none."""
    octets = re.split("[:-]", text.lower())
    told = len(octets) in {6, 8, 20} and len(set(octets)) > 1
    return ":".join(octets) if told else None


def domain_of(host: str) -> str | None:
    """The domain of a full host name; None where what follows the first dot is none."""
    _, _, rest = host.lower().partition(".")
    last = rest.rsplit(".", 1)[-1]
    good = re.fullmatch(rf"(?:{LABEL}\.)*[a-z][0-9a-z-]*", rest) is not None
    return rest if good and _FILES.fullmatch(last) is None else None
