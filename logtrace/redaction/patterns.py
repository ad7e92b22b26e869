r"""What addresses and mentions of users and hosts look like, as patterns and as tests of a find.

The patterns are for polars (linear time, no look-around) and for texts whose underscores were put aside, because `\b`
takes an underscore for a letter and would find no address in `vip_10.0.0.5`.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

_HEX: Final = "[0-9A-Fa-f]{1,4}"
_IPV4: Final = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
MAC: Final = r"\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5,19}\b|\b[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}\b"
IP: Final = "|".join(
    (
        rf"(?:\b{_HEX}(?::{_HEX})*|\B)::(?:{_HEX}:)*{_IPV4}\b",
        rf"\b{_HEX}(?::{_HEX}){{7}}\b",
        rf"\b{_HEX}(?::{_HEX})*::(?:{_HEX}(?::{_HEX})*\b|\B)",
        rf"\B::{_HEX}(?::{_HEX})*\b",
        rf"\b{_IPV4}\b",
    )
)
#: What may be a name, or hold one: letters, digits, and what stands between them.
WORD: Final = "[\\w.+\x1f-]+"  # with the sign for an underscore that was put aside

_USER: Final = r"([A-Za-z][0-9A-Za-z_.-]*)"
_HOST: Final = r"([0-9A-Za-z](?:[0-9A-Za-z_.-]*[0-9A-Za-z])?)"
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
    rf"""(?:^|[^\w.])([A-Za-z][0-9A-Za-z_+-]*(?:\.[A-Za-z][0-9A-Za-z+-]*)*)@{_HOST}""",
    rf"""\b[A-Z][A-Z0-9-]+\\\\?{_USER}""",
    rf"""(?i:\b(?:uid|samaccountname|userid)={_USER},)""",
    rf"""(?i:\bcn={_USER},(?:ou|cn|dc)=)""",
)
#: Where a text names a host by a short name that nothing else tells, in group 1.
HOSTS: Final = (
    rf"""(?i:\b[a-z][a-z0-9+.-]*://(?:[^\s/@]*@)?{_HOST})""",
    rf"""[\w+.-]@{_HOST}""",
    rf"""(?i:\b(?:r|remote[_-]?|from[_-]?|src[_-]?|dst[_-]?|l)?host(?:name)?=["']?{_HOST})""",
    rf"""(?i:\b(?:workstation|server|logserver|realm|domain)=["']?{_HOST})""",
    rf"""(?:^|[\s"'(\[=,]){_HOST}:/[\w.-]""",
    rf"""(?:^|[\s"'(\[=,])(?:\\\\\\\\|\\\\|//){_HOST}[\\/]""",
    rf"""\b(?:nfs: )?server {_HOST} (?:not responding|OK\b|is not)""",
    rf"""\bfrom {_HOST} port [0-9]""",
    rf"""(?i:\b(?:ssh|scp|rsync|ping|telnet|nslookup|dig|host) (?:-\S+ )*{_HOST}\s*$)""",
    r"""\b([A-Z][A-Z0-9-]+)\\\\?[A-Za-z]""",
    rf"""(?i:\bdc={_HOST})""",
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
    """How else things are named after an address: 10-0-0-5, 10_0_0_5; fd00..5 for a version of six. And what Corosync
    makes a node's id of, where none is given: the address as a number, of either order of bytes, and with the sign
    taken off (clear_node_high_bit).
    """
    spelled = [re.sub("[.:]", sign, address) for sign in "-_." if sign not in address]
    if ":" not in address:
        octets = ip_address(address).packed
        numbers = {int.from_bytes(octets, order) for order in ("big", "little")}
        given = {each for number in numbers for each in (number, number & 0x7FFFFFFF)}
        spelled += sorted(str(each) for each in given if each >> 24)  # smaller ones may be anything
    return spelled


def hardware_address(text: str) -> str | None:
    """The MAC (or InfiniBand) address `text` stands for, in one spelling; None where it is none."""
    digits = re.sub("[:.-]", "", text.lower())
    octets = re.findall("..", digits)
    told = len(octets) in {6, 8, 20} and len(set(octets)) > 1
    return ":".join(octets) if told else None
