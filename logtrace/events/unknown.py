"""Lines that looked relevant and were not understood, by wording: what the catalogue is to learn next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace import catalogue, intake, lines
from logtrace import events as understanding
from logtrace.catalogue.template import ascii_classes
from logtrace.domain import codes
from logtrace.domain.columns import LINES
from logtrace.errors import NothingUsableError
from logtrace.events import tails
from logtrace.intake import EvidenceKind, IntakeReport
from logtrace.lines.sift import gate_of

#: The cluster's own daemons, of all ages, as they stand in a header.
DAEMONS: Final = tuple(
    sorted(
        {*codes.DAEMON_NAMES, *codes.DAEMON_NAMES.values()}
        | {"pacemakerd", "corosync", "corosync-qdevice", "sbd", "heartbeat", "ccm", "ipfail"}
    )
)
#: Levels that say nothing happened.
_CALM: Final = ("info", "debug", "trace")

#: A wording is told by this much of its beginning: loggers cut lines too, and rest is often a list.
_HEAD: Final = 240
_NAMES: Final = 1000

_SYNTAX: Final = r"([\\\[\]{}])"
#: Numbers, addresses, ids, versions: words with a digit in them.
_VARIES: Final = ascii_classes(r"[\w@/.:-]*\d(?:[\w@/.:-]*\w)?")
_BLANK: Final = "{_}"


class Wording(Struct, frozen=True):
    """A wording nobody has taught the catalogue: how many lines have it, of which daemon (None: no tag), and one.

    `template` is its text for a stanza; `line` the message of the first such line, `where` that line as file:line.
    """

    count: int
    daemon: str | None
    template: str
    line: str
    where: str


def unknown(paths: Sequence[str], most: int | None = None) -> list[Wording]:
    """The wordings in the logs of `paths` that were not understood, most frequent first; `most` of them at most.

    Relevant are lines of the cluster's daemons at notice or worse, and all that contain words of the catalogue.
    Raises what `intake.read` raises, and NothingUsableError where there is no log.
    """
    known = catalogue.load()
    gate = gate_of(known)
    relevant = pl.col("daemon").is_in(DAEMONS) & ~pl.col("level").is_in(_CALM).fill_null(False)
    names: set[str] = set()

    def left(read: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """Of a batch, the lines that were not understood; what is named in the others is noted."""
        told = understanding.understand(read, known)
        for column in ("node", "target", "resource"):
            names.update(told.values(column))
        rest = read.join(told.select("file", "line"), on=["file", "line"], how="anti", maintain_order="left")
        return {"left": rest.filter(relevant | gate.has_word(rest["message"]))}

    report = IntakeReport()
    files: list[str] = []
    with lines.Reader(known, left, gate=gate_of(known, DAEMONS)) as reader:
        for piece in intake.read(paths, report):
            if piece.kind is EvidenceKind.LOG:
                reader.read(piece.chunks(), piece.node)
                files.append(piece.path)
        rows = pl.concat(reader.finish().get("left") or [pl.DataFrame(schema=LINES)])
        names.update(host for log in reader.logs for host in log.hosts)
    if not files:
        raise NothingUsableError("holds no log", where=", ".join(paths), remedy="give logs or a crm_report")
    found = _wordings(rows, names | report.nodes)
    return [
        Wording(count, daemon, template, line, f"{files[file]}:{number}")
        for count, daemon, template, line, file, number in (found if most is None else found.head(most)).iter_rows()
    ]


def _wordings(rows: pl.DataFrame, names: set[str]) -> pl.DataFrame:
    """Rows of LINES -> count, daemon, template, line, file, number of each wording, most frequent first."""
    rows = rows.with_columns(pl.col("daemon").replace(codes.DAEMON_NAMES))
    heads = tails.split(rows.select("message"))["head"]
    return (
        rows.with_columns(template=_templates(heads, names))
        .filter(pl.col("template").str.replace_all(_BLANK, "", literal=True).str.contains("[A-Za-z]{3}"))
        .sort("file", "line")
        .group_by("daemon", "template", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("message", "file", "line").first())
        .sort("count", "daemon", "template", descending=[True, False, False])
        .select("count", "daemon", "template", "message", "file", "line")
    )


def _templates(heads: pl.Series, names: set[str]) -> pl.Series:
    """What a message says with all that varies blanked: the words with digits, and the names of nodes and resources."""
    long = heads.str.len_chars() > _HEAD
    text = heads.str.slice(0, _HEAD).str.replace_all("[ \t]+", " ")
    text = text.str.replace_all(_SYNTAX, r"\${1}").str.replace_all(_VARIES, _BLANK)
    own = sorted((name for name in names if len(name) > 1), key=lambda name: (-len(name), name))[:_NAMES]
    if own:
        text = text.str.replace_all(rf"(?-u:\b)(?:{'|'.join(map(pl.escape_regex, own))})(?-u:\b)", _BLANK)
    cut = text.str.replace(r" [^ ]*$", " {_:rest}")  # its last word may be half of one
    return pl.select(pl.when(long).then(cut).otherwise(text)).to_series()
