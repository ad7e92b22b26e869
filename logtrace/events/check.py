"""Prove the catalogue: every example means exactly its own stanza and gives the fields it states, and none is noise.

The examples go through the same functions as a log's lines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import polars as pl

from logtrace.catalogue.model import Catalogue, Example, Format, Message, Problem, Reason
from logtrace.catalogue.reasons import first_of, holds
from logtrace.catalogue.template import Pattern
from logtrace.domain.kinds import Kind
from logtrace.events import match, matched, tails
from logtrace.events.reasons import with_reasons


def problems(catalogue: Catalogue) -> list[Problem]:
    """All problems of `catalogue`, in the order of its files; an empty list is the proof."""
    broken = [*_expressions(catalogue)]
    if broken:
        return broken
    return [
        *_formats(catalogue),
        *_messages(catalogue),
        *_reasons(catalogue),
        *_kinds(catalogue),
        *_noise(catalogue),
    ]


def _expressions(catalogue: Catalogue) -> Iterator[Problem]:
    stanzas = [*((fmt.where, fmt.pattern) for fmt in catalogue.formats)]
    stanzas += [(message.where, pattern) for message in catalogue.messages for pattern in message.patterns]
    stanzas += [(reason.where, pattern) for reason in catalogue.reasons for pattern in reason.patterns]
    for where, pattern in stanzas:
        try:
            pl.Series([""]).str.contains(pattern.regex)
        except pl.exceptions.ComputeError as error:
            said = re.search(r"^error: (.*)", str(error), re.MULTILINE)
            reason = said[1] if said else "it cannot be compiled"
            yield Problem(
                where, f"{pattern.template!r} is no regular expression: {reason}", "correct the field's pattern"
            )


def _formats(catalogue: Catalogue) -> Iterator[Problem]:
    """A line fits one format only, so that formats can be tried in any order; payloads are tried in theirs."""
    payloads = [fmt for fmt in catalogue.formats if fmt.part == "payload"]
    others = [fmt for fmt in catalogue.formats if fmt.part != "payload"]
    for fmt in catalogue.formats:
        for example in fmt.examples:
            fitting = [
                rival for rival in (payloads if fmt in payloads else others) if _fits(rival.pattern, example.line)
            ]
            strangers = fitting[:1] if fmt in payloads else fitting
            if fmt not in fitting:
                yield Problem(example.where, "the example does not fit its format", "correct the text or the line")
            elif wrong := next((rival for rival in strangers if rival is not fmt), None):
                yield Problem(
                    example.where, f"the example also fits format '{wrong.name}'", "make one text more precise"
                )
            else:
                yield from _differences(example, _groups(fmt, example.line))


def _fits(pattern: Pattern, line: str) -> bool:
    return bool(pl.Series([line]).str.contains(pattern.regex)[0])


def _groups(fmt: Format, line: str) -> Mapping[str, object]:
    return pl.Series([line]).str.extract_groups(fmt.pattern.regex).struct.unnest().row(0, named=True)


def _messages(catalogue: Catalogue) -> Iterator[Problem]:
    """Each example once for every daemon that may log it."""
    tried = [
        (message, example, daemon)
        for message in catalogue.messages
        for example in message.examples
        for daemon in sorted(message.daemons) or [""]
    ]
    if not tried:
        return
    lines = pl.DataFrame(
        {
            "row": range(len(tried)),
            "daemon": [daemon for *_, daemon in tried],
            "message": [example.line for _, example, _ in tried],
        },
        schema={"row": pl.UInt32, "daemon": pl.String, "message": pl.String},
    )
    claimed = match.claims(tails.split(lines), catalogue)
    found = {row["row"]: row for row in matched(lines, catalogue).iter_rows(named=True)}
    seen: set[str] = set()
    for row, (message, example, _) in enumerate(tried):
        wrong = [*_claims(message, example, claimed.get(row, []))]
        if not wrong:
            wrong += _differences(example, found.get(row, {}))
        yield from (problem for problem in wrong if str(problem) not in seen)
        seen.update(map(str, wrong))


def _claims(message: Message, example: Example, claimed: list[Message]) -> Iterator[Problem]:
    if message not in claimed:
        yield Problem(
            example.where,
            f"the example does not match its message ({message.kind}, {message.where})",
            "correct the text or the line",
        )
    for other in claimed:
        if other is not message:
            yield Problem(
                example.where,
                f"the example of {message.kind} is also claimed by {other.kind} ({other.where})",
                "make one of the texts more precise",
            )


def _differences(example: Example, given: Mapping[str, object]) -> Iterator[Problem]:
    for name, wanted in example.fields.items():
        if given.get(name) != wanted:
            yield Problem(
                example.where,
                f"field '{name}' is {given.get(name)!r}, the example says {wanted!r}",
                "correct the text or the example",
            )


def _reasons(catalogue: Catalogue) -> Iterator[Problem]:
    """Each example for a kind and an agent it is for: the first reason that fits it must be its own."""
    of_kind: dict[str, list[tuple[Reason, Example]]] = defaultdict(list)
    for reason in catalogue.reasons:
        of_kind[min(reason.kinds)] += [(reason, example) for example in reason.examples]
    for kind, pairs in of_kind.items():
        texts = [example.line for _, example in pairs]
        agents = [min(reason.agents, default=None) for reason, _ in pairs]
        for (reason, example), first in zip(pairs, first_of(texts, kind, agents, catalogue), strict=True):
            if first is reason:
                yield from _differences(example, _given(reason, example, catalogue))
            elif first is None or not holds(example.line, reason, catalogue):
                yield Problem(example.where, "the example does not hold its reason", "correct the text or the line")
            else:
                yield Problem(
                    example.where,
                    f"the example is taken by '{first.why}' ({first.where})",
                    "make that text more precise, or put this one before it",
                )


def _given(reason: Reason, example: Example, catalogue: Catalogue) -> Mapping[str, object]:
    kind, agent = min(reason.kinds), min(reason.agents, default=None)
    said = pl.DataFrame(
        {"kind": [kind], "text": [example.line], "agent": [agent]}, schema_overrides={"agent": pl.String}
    )
    return with_reasons(said, catalogue).row(0, named=True)


def _kinds(catalogue: Catalogue) -> Iterator[Problem]:
    told = {message.kind for message in catalogue.messages} | {fmt.kind for fmt in catalogue.formats}
    asked = {str(kind) for kind in Kind}
    for kind in catalogue.kinds.values():
        if kind.name not in told:
            yield Problem("parsers/kinds.toml", f"no message has kind '{kind.name}'", "add one or remove the kind")
        if kind.name not in asked and not kind.reader:
            yield Problem(
                "parsers/kinds.toml",
                f"nothing asks for kind '{kind.name}'",
                "mark it with reader = true, or name it in logtrace/domain/kinds.py and use it",
            )
        if kind.name in asked and kind.reader:
            yield Problem(
                "parsers/kinds.toml",
                f"kind '{kind.name}' is said to be for the reader, and logtrace asks for it",
                "take reader = true away",
            )


def _noise(catalogue: Catalogue) -> Iterator[Problem]:
    examples = [example for fmt in catalogue.formats for example in fmt.examples]
    examples += [example for message in catalogue.messages for example in message.examples]
    for noise in catalogue.noise:
        for text in noise.texts:
            if not any(text in line for line in noise.examples):
                yield Problem(noise.where, f"no example of the noise holds {text!r}", "add one")
            for example in examples:
                if text in example.line:
                    said = f"the example holds {text!r}, which is noise ({noise.where})"
                    yield Problem(example.where, said, "make the noise more precise")
