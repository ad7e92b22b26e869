"""Which dotted words are names of hosts and domains: by the list of public suffixes that browsers keep."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LABEL: Final = "[0-9a-z](?:[0-9a-z-]*[0-9a-z])?"
#: More than any name may have (RFC 1035).
LONGEST: Final = 253

#: Ends of names in networks of one's own, which are on no list.
_PRIVATE: Final = frozenset((
    "local", "localdomain", "localnet", "lan", "internal", "intranet", "intern", "private", "corp", "home", "domain",
    "test", "example", "invalid",
))  # fmt: skip
#: General ends that are no word of programs: a single label in front of these is enough.
_SURE: Final = frozenset(("com", "net", "org", "edu", "gov", "mil", "int", "arpa", "biz"))
#: Countries whose codes end sentences and names of files, or stand in names of modules.
_DOUBTED: Final = frozenset((
    "in", "pl", "rs", "sh", "so", "to", "am", "cc", "la", "ws", "py", "md", "is", "no", "do", "me", "id",
))  # fmt: skip
_FILES: Final = re.compile(
    "log|txt|conf|cfg|xml|html?|json|csv|gz|bz2|xz|zst|tar|tgz|tbz|txz|zip|info|out|err|pid|sock|socket|service|target"
    "|timer|mount|path|scope|slice|device|swap|swp|sh|py|pl|rb|so|cib|dot|bak|old|orig|tmp|dump|md|ya?ml|key|pem|crt"
    "|lock|db|raw|img|qcow2|parquet|patch|extract"
)


@cache
def _list() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # for this alone, and it takes a while

    return PublicSuffixList(accept_unknown=False, only_icann=True)


@lru_cache(maxsize=4096)
def _public(end: str) -> bool:
    return _list().publicsuffix(f"x.{end}") is not None


def suffix_of(name: str) -> str | None:
    """The end of the dotted `name` (lower case) under which names are given out, such as `com` or `co.uk`; None where
    there is none.
    """
    end = name.rpartition(".")[2]
    if end in _PRIVATE:
        return end
    return _list().publicsuffix(name) if _public(end) else None


def told_by(name: str) -> str | None:
    """The longest beginning of the dotted `name` (lower case) that is the name of a host or a domain by its end; None
    where there is none.

    Ends that are words, or end names of files, must have a host and a domain in front of them.
    """
    labels = name[: LONGEST + 1].split(".")
    for number in range(len(labels), 1, -1):
        end = labels[number - 1]
        if _FILES.fullmatch(end) and len(end) > 2:
            continue
        beginning = ".".join(labels[:number])
        suffix = suffix_of(beginning)
        if suffix is None:
            continue
        sure = end in _SURE or end in _PRIVATE or end.startswith("xn--") or (len(end) == 2 and end not in _DOUBTED)
        if number - suffix.count(".") - 1 >= (1 if sure else 2):
            return beginning
    return None


def domain_of(host: str) -> str | None:
    """The domain of a full host name; None where what follows the first dot is none."""
    _, _, rest = host.lower().partition(".")
    last = rest.rpartition(".")[2]
    good = len(rest) <= LONGEST and re.fullmatch(rf"(?:{LABEL}\.)*[a-z][0-9a-z-]*", rest) is not None
    return rest if good and _FILES.fullmatch(last) is None else None
