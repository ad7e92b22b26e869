"""Every name in a case finds its pseudonym: first what names there are, then what each word holds, then the numbers."""

from __future__ import annotations

import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.redaction.domains import LABEL, LONGEST, domain_of, suffix_of, told_by
from logtrace.redaction.names import Sources, sources
from logtrace.redaction.patterns import address, hardware_address, spellings
from logtrace.redaction.replace import Meaning, Redaction, addresses_in, decodable, texts, words_in
from logtrace.report.case import Case

#: Names of hosts up to this length are meant only where they are spelled exactly so.
_EXACT: Final = 2
#: From this length on, a name with a digit in it is also found at the end of a longer word.
_TELLING: Final = 5
#: Words of a name that is found within a longer word, and letters of a word at whose end one is looked for; a longer
#: name is found where it stands alone.
_MOST_WORDS: Final = 32
_LONGEST_WORD: Final = 64

_WORD: Final = re.compile(r"[^\W_](?:[\w.+-]*[^\W_])?")
_ATOM: Final = re.compile(r"[^\W_]+")
_DOTTED: Final = re.compile(rf"{LABEL}(?:\.{LABEL})+", re.IGNORECASE | re.ASCII)
#: Four numbers that may be an address, and are not part of a date or of more of them.
_QUAD: Final = re.compile(r"(?<!\d)(?<!\d[-_.])[0-9]{1,3}([-_])[0-9]{1,3}\1[0-9]{1,3}\1[0-9]{1,3}(?![-_.]?\d)")


def learn(
    cases: Sequence[Case], *, names: bool = False, more: Iterable[str] = (), secret: bytes | None = None
) -> Redaction:
    """What to replace in `cases` (and in the texts `more`), the same names alike in all of them.

    `names`: resources and clusters as well. Numbers follow the alphabet of the names, so that the same input always
    gives the same pseudonyms. With a `secret` pseudonyms are digests instead, and the same name gets the same one
    wherever that secret is used; who does not have it cannot find out whether a pseudonym stands for a name.
    """
    further = pl.Series(values=[decodable(each) for each in more], dtype=pl.String)
    spoken = pl.concat([*(texts(case) for case in cases), further]).unique()
    known = sources(cases, spoken, names=names)
    found, words = addresses_in(spoken), words_in(spoken)
    dictionary = Dictionary.of(known, found, words)
    meanings = {each: dictionary.of_address(each) for each in found}
    parts = {word: dictionary.parts(word) for word in words}
    told = [*meanings.values(), *(part for word in parts.values() for part in word if not isinstance(part, str))]
    if odd := sorted(dictionary.odd, key=len, reverse=True):
        there = spoken.str.extract_many(odd, leftmost=True).explode().drop_nulls().unique()
        told += [((dictionary.odd[name], name),) for name in there]
    taken = {*map(str.lower, found), *(atom.lower() for word in words for atom in (word, *_ATOM.findall(word)))}
    pseudonyms = _numbered(told, taken) if secret is None else _keyed(told, secret)
    return Redaction(known.folders, dictionary, pseudonyms)


class Dictionary(Struct, frozen=True):
    """All names that are known, as one looks them up.

    `exact`, `folded`: names as written and in lower case -> what they are; `odd`: those that are more than a word ->
    kind; `labels`: first label of a node's or host's name (or all of it, if it has no domain) in lower case -> kind;
    `domains` in lower case; `endings`: first words of names that are found within others; `most`: words of a name.
    """

    exact: Mapping[str, Meaning]
    folded: Mapping[str, Meaning]
    odd: Mapping[str, str]
    labels: Mapping[str, str]
    domains: frozenset[str]
    endings: frozenset[str]
    most: int

    @classmethod
    def of(cls, known: Sources, found: Iterable[str], words: Iterable[str]) -> Dictionary:
        """What `known`, the addresses that were `found` and the `words` of all texts tell together."""
        labels = {_first(name).lower(): "host" for name in known.hosts} | {
            _first(name).lower(): "node" for name in known.nodes
        }
        full = {*known.hosts, *known.nodes}
        for word in words:
            if "." in word:
                full.update(_full_names(word, labels))
        domains = known.domains | {domain for name in full if (domain := domain_of(name)) is not None}
        exact: dict[str, Meaning] = {}
        folded: dict[str, Meaning] = {}
        for kind, several in (("cluster", known.clusters), ("resource", known.resources), ("user", known.users)):
            exact |= {name: ((kind, name),) for name in several}
        for told in {told for find in found if (told := address(find)) is not None}:
            exact |= dict.fromkeys(spellings(told), (("ip", told),))
        exact |= {number: (("id", number),) for number in known.numbers}
        for label, kind in labels.items():
            folded[label] = ((kind, label),)
        for name in (*known.hosts, *known.nodes):
            if (domain := domain_of(name)) is not None:
                label = _first(name).lower()
                folded[name.lower()] = ((labels[label], label), ("domain", domain))
            if len(_first(name)) <= _EXACT and (meaning := folded.pop(_first(name).lower(), ())):
                exact[_first(name)] = meaning
        every = {*exact, *folded}
        odd = {name: exact.get(name) or folded[name] for name in every if not _WORD.fullmatch(name)}
        plain = [name for name in every - odd.keys() if len(name) <= LONGEST]
        most = min(max((len(_ATOM.findall(name)) for name in plain), default=0), _MOST_WORDS)
        endings = {name for name in plain if len(name) >= _TELLING and re.search(r"\d", name)}
        kinds = {name: meaning[0][0] for name, meaning in odd.items() if len(name) <= LONGEST}
        return cls(
            exact, folded, kinds, labels, domains,
            frozenset(_ATOM.findall(name)[0].lower() for name in endings if re.search("[A-Za-z]", name)), most,
        )  # fmt: skip

    def of_address(self, find: str) -> Meaning:
        """What stands for `find`, which looks like an address; nothing where it may stay."""
        if (told := address(find)) is not None:
            return (("ip", told),)
        if (hardware := hardware_address(find)) is not None:
            return (("mac", hardware),)
        return ()

    def parts(self, word: str) -> list[str | Meaning]:
        """`word` taken apart: what may stay, as it is, and what stands for names."""
        if whole := self.exact.get(word) or self.folded.get(word.lower()):
            return ["", whole]
        atoms = [(atom.start(), atom.end()) for atom in _ATOM.finditer(word)]
        ends = [end for _, end in atoms]
        parts: list[str | Meaning] = []
        done = 0
        for number, (start, end) in enumerate(atoms):
            if start < done:
                continue
            near = ends[number : number + self.most]
            begin, stop, meaning = self._at(word, start, near)
            if not meaning and end - start <= _LONGEST_WORD and self.endings:
                begin, stop, meaning = self._within(word, start, near)
            if meaning:
                parts += [word[done:begin], meaning]
                done = stop
        return [*parts, word[done:]]

    def _at(self, word: str, start: int, ends: Sequence[int]) -> tuple[int, int, Meaning]:
        """The longest name that begins at `start`, up to one of `ends`: where it stands and what it stands for."""
        stop, meaning = self._dotted(word, start)
        for end in reversed(ends):
            if end <= stop:
                break
            name = word[start:end]
            if found := self.exact.get(name) or self.folded.get(name.lower()):
                return start, end, found
        quad = None if meaning else _QUAD.match(word, start)
        if quad and (told := address(quad[0].replace(quad[1], "."))):
            return start, quad.end(), (("ip", told),)
        return start, stop, meaning

    def _within(self, word: str, start: int, ends: Sequence[int]) -> tuple[int, int, Meaning]:
        """The same for a name that begins within the word."""
        atom = word[start : ends[0]].lower()
        for offset in range(1, len(atom)):
            if atom[offset:] in self.endings:
                found = self._at(word, start + offset, ends)
                if found[2]:
                    return found
        return start, start, ()

    def _dotted(self, word: str, start: int) -> tuple[int, Meaning]:
        """Where the host's name with a domain, or the domain, ends that begins at `start`, and what it stands for."""
        if word.find(".", start) < 0 or (match := _DOTTED.match(word, start, start + LONGEST + 1)) is None:
            return start, ()
        name = match[0].lower()
        told = self._known(name) or told_by(name)
        if told is None:
            return start, ()
        if told in self.domains:
            return start + len(told), (("domain", told),)
        label, _, domain = told.partition(".")
        if label in self.labels or domain in self.domains:
            return start + len(told), ((self.labels.get(label, "host"), label), ("domain", domain))
        return start + len(told), (("domain", told),)

    def _known(self, name: str) -> str | None:
        """The longest beginning of `name` that ends with a known domain."""
        labels = name.split(".")
        for number in range(len(labels), 0, -1):
            if any(".".join(labels[first:number]) in self.domains for first in range(min(number, 4))):
                return ".".join(labels[:number])
        return None


def _full_names(word: str, labels: Mapping[str, str]) -> Iterator[str]:
    """Names of hosts with their domain in `word`."""
    for match in _DOTTED.finditer(word[: 16 * LONGEST]):
        name = match[0].lower()
        told = told_by(name[: LONGEST + 1])
        if told is not None and (suffix := suffix_of(told)) and told.count(".") - suffix.count(".") > 1:
            yield told
        elif name.partition(".")[0] in labels:
            yield name[: LONGEST + 1]


def _first(name: str) -> str:
    """The name of a host without its domain."""
    return name if domain_of(name) is None else name.partition(".")[0]


def _numbered(told: Iterable[Meaning], taken: set[str]) -> dict[tuple[str, str], str]:
    """A pseudonym for every name; none of those `taken`, which are words of the case."""
    pseudonyms = {}
    numbers: defaultdict[str, Iterable[str]] = defaultdict()
    for kind, name in sorted({each for meaning in told for each in meaning}, key=_natural):
        free = numbers.setdefault(kind, (f"{kind}-{number}" for number in count(1)))
        pseudonyms[kind, name] = next(each for each in free if each not in taken)
    return pseudonyms


#: Digits of a digest: with a million names of a kind, two of them are the same once in two million stores.
_DIGITS: Final = 16


def _keyed(told: Iterable[Meaning], secret: bytes) -> dict[tuple[str, str], str]:
    """A pseudonym for every name, by a keyed digest of the name; its kind, which another case may take for another,
    is none of the digest.
    """
    found = {}
    for kind, name in {each for meaning in told for each in meaning}:
        digest = hmac.digest(secret, name.encode("utf-8", "backslashreplace"), "sha256").hex()
        found[kind, name] = f"{kind}-{digest[:_DIGITS]}"
    return found


def _natural(meaning: tuple[str, str]) -> tuple[str, list[tuple[int, str]], str]:
    """Sorts db2 before db10."""
    parts = re.findall(r"\d+|\D+", meaning[1])
    return (
        meaning[0],
        [(int(each), "") if len(each) < 20 and each.isdecimal() else (-1, each) for each in parts],
        meaning[1],
    )
