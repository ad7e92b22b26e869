"""Every name in a case finds its pseudonym: first what names there are, then where they stand, then their numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.errors import UnsafeInputError
from logtrace.redaction.names import Sources, sources
from logtrace.redaction.patterns import FQDN, IP, LABEL, MAC, address, domain_of, hardware_address, spellings
from logtrace.redaction.replace import Redaction, aside, decodable, restored, texts
from logtrace.report.case import Case

#: More names than any cluster has; logs that hold more are made to do so.
_MOST_NAMES: Final = 20_000
#: Names of hosts up to this length are meant only where they are spelled exactly so.
_EXACT: Final = 2
#: From this length on, a name with a digit in it is also found at the end of a longer word.
_TELLING: Final = 5

#: What a find stands for: kinds and names, joined by dots in the text; nothing for a find that may stay.
_Meaning = tuple[tuple[str, str], ...]


def learn(cases: Sequence[Case], *, names: bool = False, more: Iterable[str] = ()) -> Redaction:
    """What to replace in `cases` (and in the texts `more`), the same names alike in all of them.

    `names`: resources and clusters as well. Numbers follow the alphabet of the names, so that the same input always
    gives the same pseudonyms. Raises UnsafeInputError where the logs hold more names than a pattern can.
    """
    further = pl.Series(values=[decodable(each) for each in more], dtype=pl.String)
    spoken = pl.concat([*(texts(case) for case in cases), further]).unique()
    dictionary = _Dictionary.of(sources(cases, spoken, names=names), aside(spoken))
    pattern = dictionary.pattern()
    meanings = {find: dictionary.meaning(restored(find)) for find in _finds(aside(spoken), pattern)}
    pseudonyms = _numbered(meanings)
    mapping: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (kind, name), pseudonym in pseudonyms.items():
        mapping[kind][name] = pseudonym
    return Redaction(
        pattern,
        {
            find: ".".join(pseudonyms[each] for each in meaning) if meaning else restored(find)
            for find, meaning in meanings.items()
        }
        | dict.fromkeys(map(_aside, dictionary.known.folders), ""),
        dict(mapping),
    )


class _Dictionary(Struct, frozen=True):
    """All names that are known. `labels`: first label of a node's or host's name (or all of it, if it has no domain)
    in lower case -> kind; `addresses`: other spellings -> address.
    """

    known: Sources
    labels: Mapping[str, str]
    domains: frozenset[str]
    addresses: Mapping[str, str]

    @classmethod
    def of(cls, known: Sources, searched: pl.Series) -> _Dictionary:
        """With what the names of `known` and the shapes in the texts `searched` tell together."""
        labels = {_first(name).lower(): "host" for name in known.hosts} | {
            _first(name).lower(): "node" for name in known.nodes
        }
        full = {*known.hosts, *known.nodes}
        if len(full) + len(known.users) + len(known.resources) > _MOST_NAMES:
            raise UnsafeInputError(
                f"more than {_MOST_NAMES:,} names cannot be redacted", remedy="leave out logs of other systems"
            )
        if labels:
            hosts = "|".join(pl.escape_regex(_aside(each)) for each in sorted(labels, key=len, reverse=True))
            full |= _finds(searched, rf"(?i:\b(?:{hosts})(?:\.[a-z0-9][a-z0-9-]*)+)")
        shaped = _finds(searched, f"{MAC}|{IP}|{FQDN}")
        full |= {find for find in shaped if find.count(".") > 1 and re.fullmatch(FQDN, find)}
        addresses = {found for find in shaped if (found := address(find)) is not None}
        return cls(
            known,
            labels,
            frozenset(domain for name in map(restored, full) if (domain := domain_of(name)) is not None),
            {spelled: each for each in sorted(addresses) for spelled in spellings(each)},
        )

    def pattern(self) -> str:
        """What finds every name of every kind, in texts put aside; the longest that begins at a place."""
        known = self.known
        named = {*known.nodes, *known.hosts}
        hosts = {each if len(each) <= _EXACT else each.lower() for name in named for each in (name, _first(name))}
        exact = {*known.users, *known.resources, *known.clusters, *self.addresses}
        words = {name: _word(name, loose=True) for name in exact} | {name: _word(name) for name in hosts}
        within = [name for name in self.domains if "." in name]
        return "|".join(
            filter(
                None,
                (
                    *(pl.escape_regex(_aside(each)) for each in sorted(known.folders, key=len, reverse=True)),
                    MAC,
                    IP,
                    _suffixed(within, "*"),
                    _suffixed([name for name in self.domains if "." not in name], "+"),
                    FQDN,
                    *(words[name] for name in sorted(words, key=lambda name: (-len(name), name))),
                ),
            )
        )

    def meaning(self, find: str) -> _Meaning:
        """What `find` stands for."""
        known = self.known
        if re.fullmatch(MAC, find):
            hardware = hardware_address(find)
            return (("mac", hardware),) if hardware else ()
        if found := address(find) or self.addresses.get(find):
            return (("ip", found),)
        if find.lower() in self.labels:
            return ((self.labels[find.lower()], find.lower()),)
        for kind, names in (("user", known.users), ("resource", known.resources), ("cluster", known.clusters)):
            if find in names:
                return ((kind, find),)
        return self._full_name(find.lower())

    def _full_name(self, find: str) -> _Meaning:
        """A host with its domain, or a domain alone."""
        domain = domain_of(find)
        if domain is None or find in self.domains:
            return (("domain", find),) if find in self.domains else ()
        label = find.partition(".")[0]
        if label in self.labels or domain in self.domains:
            return ((self.labels.get(label, "host"), label), ("domain", domain))
        return (("domain", find),)


def _finds(searched: pl.Series, pattern: str) -> set[str]:
    hits = searched.filter(searched.str.contains(pattern))
    return set(hits.str.extract_all(pattern).explode().drop_nulls().unique())


def _first(name: str) -> str:
    """The name of a host without its domain."""
    return name if domain_of(name) is None else name.partition(".")[0]


def _aside(text: str) -> str:
    return str(aside(pl.Series([text]))[0])


def _word(name: str, *, loose: bool = False) -> str:
    """A pattern for `name` that finds it as a word; `loose`: in this case of letters only."""
    telling = len(name) >= _TELLING and re.search(r"\d", name) is not None
    before = r"\b" if name[0].isalnum() and not telling else ""
    after = r"\b" if name[-1].isalnum() else ""
    escaped = pl.escape_regex(_aside(name))
    return f"{before}{escaped}{after}" if loose or len(name) <= _EXACT else f"(?i:{before}{escaped}{after})"


def _suffixed(domains: Iterable[str], labels: str) -> str:
    """A pattern for `domains` with any (`*`) or some (`+`) labels in front; "" for none."""
    either = "|".join(pl.escape_regex(each) for each in sorted(domains, key=lambda each: (-len(each), each)))
    return rf"(?i:\b(?:{LABEL}\.){labels}(?:{either})\b)" if either else ""


def _numbered(meanings: Mapping[str, _Meaning]) -> dict[tuple[str, str], str]:
    """A pseudonym for every name; none that is itself the name of something in the case."""
    taken = {restored(find).lower() for find in meanings}
    pseudonyms = {}
    numbers: defaultdict[str, Iterable[str]] = defaultdict()
    for kind, name in sorted({each for meaning in meanings.values() for each in meaning}, key=_natural):
        free = numbers.setdefault(kind, (f"{kind}-{number}" for number in count(1)))
        pseudonyms[kind, name] = next(each for each in free if each not in taken)
    return pseudonyms


def _natural(meaning: tuple[str, str]) -> tuple[str, list[tuple[int, str]], str]:
    """Sorts db2 before db10."""
    parts = re.findall(r"\d+|\D+", meaning[1])
    return meaning[0], [(int(each), "") if each.isdecimal() else (-1, each) for each in parts], meaning[1]
