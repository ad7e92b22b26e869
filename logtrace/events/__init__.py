"""From lines that may matter to events: what each line says, in the vocabulary of logtrace.domain.columns.

match.py finds the message of the catalogue a line is, tails.py reads the facts behind its ` | `, values.py gives
printed words types and one spelling, reasons.py says what the words of a reason come to.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logtrace.catalogue.model import Catalogue
from logtrace.domain import codes
from logtrace.domain.columns import EVENT_HEAD, FIELDS, LINES
from logtrace.domain.kinds import Kind
from logtrace.events import match, tails, values
from logtrace.events.reasons import with_reasons
from logtrace.events.store import Events, tables

_OTHERS: Final = ("pacemakerd", "corosync", "corosync-qdevice", "corosync-qnetd", "sbd", "heartbeat", "boothd", "ccm")
_SEVERE: Final = ("error", "crit", "alert", "emerg")

#: The columns `understand` gives: EVENTS without `time`, which needs all clocks, with what clocks need.
COLUMNS: Final[dict[str, pl.DataType]] = {
    **{name: dtype for name, dtype in EVENT_HEAD.items() if name != "time"},
    "offset_s": LINES["offset_s"],
    "format": LINES["format"],
    **{name: field.dtype for name, field in FIELDS.items()},
}


#: Who speaks for the cluster: an error of theirs is kept though nobody knows its words.
OWN_DAEMONS: Final = tuple(sorted({*codes.DAEMON_NAMES.values(), *_OTHERS}))


def understand(lines: pl.DataFrame, catalogue: Catalogue, *, errors: bool = False) -> Events:
    """Understand `lines` (frames.LINES, of any number of files; one call for many files is faster than many calls).

    Gives COLUMNS, one row per line that the catalogue knows, in the order of `lines`; what it does not know is left
    out, so that the heights of both are the coverage. `daemon` is the modern name (for an agent's line the agent),
    results are spelled as in logtrace.domain.codes, resources are without clone instance, a probe is a monitor with
    interval 0. Lines that `said` tells to be alike are looked at once. `errors`: errors of the cluster's own daemons in
    words the catalogue does not know are given as such.
    """
    wordings = lines.filter(lines["said"].is_first_distinct())
    known = _understood(wordings.select("daemon", "format", "message"), catalogue)
    if errors:
        known = _with_errors(known, wordings)
    place = pl.DataFrame({"said": wordings["said"][known["row"]]}).with_row_index("place")
    at = lines.select("said").join(place, on="said", how="left", maintain_order="left")["place"]
    heads = lines.drop("daemon", "said").filter(at.is_not_null()).with_row_index("event")
    return Events(_by_kind(heads, known.drop("row"), at.drop_nulls()), COLUMNS)


def _with_errors(known: pl.DataFrame, wordings: pl.DataFrame) -> pl.DataFrame:
    """`known` with the errors among `wordings` that it does not hold."""
    daemon = pl.col("daemon").replace(codes.DAEMON_NAMES)
    rest = (
        wordings.with_row_index("row")
        .filter(pl.col("level").is_in(_SEVERE), daemon.is_in(OWN_DAEMONS), ~pl.col("row").is_in(known["row"].implode()))
        .select("row", daemon, pl.lit(Kind.LINE_ERROR.value).alias("kind"))
    )
    return pl.concat([known, rest], how="diagonal").sort("row") if rest.height else known


def _by_kind(heads: pl.DataFrame, known: pl.DataFrame, at: pl.Series) -> dict[str, pl.DataFrame]:
    """The tables of `heads` with what is `known` of them: of the n-th head, what stands `at` its n-th place."""
    own = known.select(pl.int_range(pl.len(), dtype=pl.UInt32).over("kind").alias("own")).to_series()
    mine = tables(heads.hstack([known["kind"][at], own[at]]))
    typed = known.select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items() if name in known.columns)
    said = tables(typed)
    own_of = {kind: part.drop_in_place("own") for kind, part in mine.items()}
    return {kind: part.hstack(said[kind][own_of[kind]]) for kind, part in mine.items()}


def _understood(wordings: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Of `wordings` (daemon as printed, format, message) those that the catalogue knows: row, daemon, kind, fields."""
    table = wordings.rechunk().with_row_index("row").with_columns(pl.col("daemon").replace(codes.DAEMON_NAMES))
    kinds = _own_kinds(wordings, catalogue)
    agents = table.filter(pl.col("format").is_in(list(kinds)))
    known = matched(table.select("row", "daemon", "message").filter(~table["format"].is_in(list(kinds))), catalogue)
    if agents.height:
        named = _by_name(agents, catalogue)
        told = matched(named, catalogue).join(named.select("row", tag="daemon"), on="row")
        rest = agents.filter(~pl.col("row").is_in(told["row"].implode()))
        known = pl.concat([known, told, _agents(rest, kinds)], how="diagonal").sort("row")
    known = with_reasons(values.normalise(known), catalogue)
    daemon = table["daemon"][known["row"]]
    if daemon.is_in(codes.ANY_DAEMON).any():
        daemon = _whose(known["kind"], daemon, catalogue)
    if "tag" in known.columns:
        daemon = pl.select(pl.coalesce(known["tag"], daemon)).to_series()
    return known.drop("tag", strict=False).with_columns(daemon.alias("daemon"))


def _whose(kinds: pl.Series, daemons: pl.Series, catalogue: Catalogue) -> pl.Series:
    """`daemons`, with the one that says such a thing where the line tells only that it is one of Pacemaker's: the
    controller where any of them does.
    """
    says: dict[str, str] = {}
    for message in catalogue.messages:
        names = sorted(name for name in message.daemons if name.startswith("pacemaker-"))
        if "pacemaker-controld" in names or not names:
            says[message.kind] = "pacemaker-controld"
        else:
            says.setdefault(message.kind, names[0])
    own = kinds.replace_strict(says, default="pacemaker-controld", return_dtype=pl.String)
    return daemons.zip_with(~daemons.is_in(codes.ANY_DAEMON), own)


def _own_kinds(lines: pl.DataFrame, catalogue: Catalogue) -> dict[str, str]:
    """The formats among `lines` that say themselves what their lines are, and of what kind."""
    kinds = {fmt.name: fmt.kind for fmt in catalogue.formats if fmt.kind}
    return {name: kinds[own] for name in lines["format"].unique() if (own := name.split("/")[-1]) in kinds}


def _by_name(lines: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """The lines of agents that some message names as its daemon: programs that the cluster is made of themselves."""
    named = {daemon for message in catalogue.messages for daemon in message.daemons}
    agent = pl.col("daemon").str.extract(r"^([^(]+)").str.to_lowercase()
    return lines.select("row", agent.alias("daemon"), "message").filter(pl.col("daemon").is_in(list(named)))


def _agents(lines: pl.DataFrame, kinds: dict[str, str]) -> pl.DataFrame:
    """Lines of resource agents, whose tag `Agent(resource)` stands where others have a daemon."""
    parts = pl.col("daemon").str.extract_groups(r"^(?P<agent>[^(]+)\((?P<resource>.*)\)$").struct
    agent = parts.field("agent")
    return lines.select(
        "row",
        pl.col("format").replace_strict(kinds).alias("kind"),
        agent.alias("agent"),
        agent.alias("tag"),
        parts.field("resource").alias("resource"),
        pl.col("message").alias("text"),
    )


def matched(lines: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Of `lines` (row, daemon with its modern name, message) those that some message fits.

    Gives row, kind and the fields that occur, typed but in the daemons' own spelling.
    """
    split = tails.split(lines.select("row", "daemon", "message"))
    found = match.match(split.drop("tail"), catalogue)
    behind = (
        found.select("row", "rule").join(split.select("row", "tail"), on="row").filter(pl.col("tail").is_not_null())
    )
    facts = tails.facts(behind, match.rules(catalogue))
    both = [name for name in facts.columns if name in found.columns and name != "row"]
    merged = found.join(facts, on="row", how="left", suffix=" behind", maintain_order="left")
    merged = merged.with_columns(pl.coalesce(name, f"{name} behind") for name in both)
    kinds = pl.Series([rule.message.kind for rule in match.rules(catalogue)], dtype=pl.String)
    return merged.with_columns(kinds.gather(merged["rule"]).alias("kind")).drop(
        "rule", *(f"{name} behind" for name in both)
    )
