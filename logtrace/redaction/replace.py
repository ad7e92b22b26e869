"""Names out, pseudonyms in: on whole columns at once, and by the same way on the texts of a case."""

from __future__ import annotations

from fnmatch import fnmatch

import polars as pl
from msgspec import Struct, field
from msgspec.structs import replace

from logtrace.redaction.walk import decodable, mapped, texts
from logtrace.report.case import Case

#: Stands for an underscore while a text is searched, and for a name while it is taken apart.
_ASIDE, _HOLE = "\x1f", "\x1e"  # ASCII: word boundaries in other text are slow to find
_UNKNOWN = "redacted"


def aside(texts: pl.Series) -> pl.Series:
    """`texts` as the patterns of this package want them: without underscores, and without the signs used here."""
    free = texts.str.replace_all(f"[{_ASIDE}{_HOLE}]", "\ufffd")
    return free.str.replace_all("_", _ASIDE, literal=True)


def restored(text: str) -> str:
    """What `aside` put aside, put back."""
    return text.replace(_ASIDE, "_")


class Redaction(Struct, frozen=True):
    """What is replaced by what.

    `pattern` finds names (in texts put `aside`); `pseudonyms` gives for each find what stands in its place;
    `mapping` tells the same to a person: kind -> name -> pseudonym.
    """

    pattern: str
    pseudonyms: dict[str, str]
    mapping: dict[str, dict[str, str]] = field(default_factory=dict)

    def column(self, texts: pl.Series) -> pl.Series:
        """`texts` with every name replaced; nulls stay."""
        once = texts.drop_nulls().unique()
        changed = self._replaced(once)
        differ = once != changed
        return texts.replace(once.filter(differ), changed.filter(differ)) if differ.any() else texts

    def text(self, text: str) -> str:
        """`text` with every name replaced."""
        return str(self._replaced(pl.Series([decodable(text)], dtype=pl.String))[0])

    def frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        """`frame` (of events, with any of their columns) with every name replaced."""
        return mapped(frame, self.text, self.column)

    def case(self, case: Case) -> Case:
        """`case` with every name replaced, in frames and configuration too."""
        case = replace(case, window=replace(case.window, only=_spelled_out(case)))
        told = texts(case)
        known = dict(zip(told.to_list(), self._replaced(told).to_list(), strict=True))
        return mapped(case, lambda text: known[decodable(text)], self.column)

    def _replaced(self, texts: pl.Series) -> pl.Series:
        """The same for texts without nulls: cut at every name, and put together again with the pseudonyms."""
        held = aside(texts)
        hit = held.str.contains(self.pattern)
        if not hit.any():
            return texts
        held = held.filter(hit)
        found = held.str.extract_all(self.pattern).list.concat(pl.Series([[""]]))
        pieces = pl.DataFrame(
            {
                "row": pl.int_range(held.len(), eager=True),
                "piece": held.str.replace_all(self.pattern, _HOLE).str.split(_HOLE),
                "name": found,
            }
        ).explode("piece", "name")
        names = pl.col("name").replace_strict({**self.pseudonyms, "": ""}, default=_UNKNOWN, return_dtype=pl.String)
        whole = pieces.group_by("row", maintain_order=True).agg(
            pl.concat_str("piece", names).str.join("").str.replace_all(_ASIDE, "_", literal=True)
        )
        return texts.clone().scatter(hit.arg_true(), whole["piece"])  # scatter changes what it is called on


def _spelled_out(case: Case) -> tuple[str, ...]:
    """What the case was limited to, without globs: the beginning of a name would stay readable."""
    names = [node.name for node in case.cluster.nodes]
    names += sorted({name for incident in case.incidents for name in incident.resources})
    limits: list[str] = []
    for limit in case.window.only:
        limits += [name for name in names if fnmatch(name, limit)] if set(limit) & set("*?[") else [limit]
    return tuple(dict.fromkeys(limits))
