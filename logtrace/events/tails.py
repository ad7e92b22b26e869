"""Head and tail of a message: what stands behind ` | ` are key=value facts, in any order, often cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import polars as pl

from logtrace.catalogue.template import KEY_PATTERN, ascii_classes
from logtrace.domain.columns import KEY, TAIL
from logtrace.events import values

if TYPE_CHECKING:
    from logtrace.events.match import Rule

_KEY: Final = ascii_classes(f"^{KEY_PATTERN}$")
_FACTS: Final = {name: (column, ascii_classes(pattern)) for name, (column, pattern) in TAIL.items()}

#: Old libqb prints a bare `|` before the first key, or leaves one at the end.
_BARE: Final = r"\|(?: *[a-z_-]+[=:].*)?$"


def split(lines: pl.DataFrame) -> pl.DataFrame:
    """`message` of `lines` -> `head`, blanks at its ends removed, and `tail`, null where there is none."""
    parts = lines["message"].str.splitn(" | ", 2).struct.unnest()
    head, tail = parts["field_0"], parts["field_1"]
    if (bare := head.str.contains("|", literal=True)).any():
        where = bare.arg_true()
        old = head.gather(where)
        behind = old.str.extract(_BARE.replace("(?:", "(", 1), 1).str.strip_chars_start()
        tail = tail.scatter(where, pl.select(pl.coalesce(tail.gather(where), behind)).to_series())
        head = head.scatter(where, old.str.replace(_BARE, ""))
    return lines.drop("message").with_columns(head=head.str.strip_chars(), tail=tail)


def facts(lines: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Of `lines` (row, rule, tail), the facts their messages want: row and typed columns of frames.FIELDS."""
    wanted = {rule.order: rule.message.tail for rule in rules if rule.message.tail}
    signatures = sorted(set(wanted.values()))
    number = {order: signatures.index(tail) for order, tail in wanted.items()}
    signed = lines.with_columns(
        pl.col("rule").replace_strict(number, default=None, return_dtype=pl.UInt32).alias("signature")
    ).filter(pl.col("signature").is_not_null())
    parts = []
    for (index,), part in signed.group_by("signature"):
        found = part.select("row", *(_fact(name) for name in signatures[index]))
        parts.append(found.unnest(KEY) if KEY in found.columns else found)
    if not parts:
        return pl.DataFrame(schema={"row": pl.UInt32})
    return values.typed(pl.concat(parts, how="diagonal"))


def _fact(name: str) -> pl.Expr:
    column, pattern = _FACTS[name]
    fact = pl.col("tail").str.extract(pattern, 1)
    return (fact.str.extract_groups(_KEY) if column == KEY else fact).alias(column)
