"""From a case to the tables of logtrace.tables.schemas. Nothing is concluded here; what a case tells is laid out in
rows, and the few columns that are computed (identity, shape, wording) are those that questions over many cases need.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import polars as pl
from msgspec import Struct
from polars.io.plugins import register_io_source

from logtrace.assessment.phases import PhaseName
from logtrace.clocks.names import short_name
from logtrace.config.model import ClusterConfig
from logtrace.config.query import member_names, primitive_of, property_of
from logtrace.domain.advice import Advice
from logtrace.domain.values import true
from logtrace.events.store import Events
from logtrace.lint.finding import Finding
from logtrace.report.case import Case, Evidence, Incident, IncidentKind
from logtrace.tables.schemas import TABLES, schema
from logtrace.version import VERSION

Row = dict[str, Any]

#: Frames of a single case that are no tables of a store; columns: logtrace.domain.columns and logtrace.timeline.
FRAMES: Final = ("events", "transitions", "membership", "fencing")

#: Events that are put into one frame together.
_ROWS: Final = 50_000

#: Columns of frames that SQL has words of its own for.
_WORDS: Final = {"start": "began", "end": "ended", "interval": "interval_ms"}

#: What two lines of one wording may differ in beside names: numbers, also of a UUID or a digest.
_NUMBERS: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{32,}\b|\d+(?:\.\d+)*")
#: Behind it newer releases of Pacemaker print what helps its developers, such as ids (see domain.columns.TAIL).
_TAIL: Final = " | "


def tables(case: Case, case_id: str) -> dict[str, pl.DataFrame]:
    """Every table of TABLES with the rows of `case`, which is called `case_id` in all of them."""
    cluster = _cluster(case)
    made: dict[str, Callable[[], Iterable[Row]]] = {
        "cases": lambda: [cluster.columns | cluster.identity | _case(case)],
        "nodes": lambda: ({**_attributes("nodes", node), "node": node.name} for node in case.cluster.nodes),
        "incidents": lambda: _incidents(case, cluster),
        "phases": lambda: _parts(case, _phases),
        "causes": lambda: _parts(case, _causes),
        "advice": lambda: _parts(case, lambda one: (_with_command("advice", each) for each in one.advice)),
        "findings": lambda: _numbered(_with_command("findings", each) for each in case.findings),
        "coverage": lambda: _coverage(case),
    }
    found = {name: _frame(name, rows()) for name, rows in made.items()}
    found["operations"] = _operations(case)
    found["files"] = _typed("files", case.frames.files)
    named = pl.lit(case_id, dtype=pl.String).alias("case_id")
    return {name: found[name].with_columns(named) for name in TABLES}


def everything(cases: Mapping[str, Case]) -> dict[str, pl.LazyFrame]:
    """The tables and frames of cases, by their ids, to be asked; all have `case_id`, and nobody need ask for events."""
    made = [tables(case, case_id) for case_id, case in cases.items()]
    found = {name: pl.concat([each[name] for each in made]).lazy() for name in TABLES}
    for name in FRAMES:
        parts = [_keyed(getattr(case.frames, name), case_id) for case_id, case in cases.items()]
        found[name] = pl.concat(parts, how="diagonal")
    return found


def _keyed(frame: pl.DataFrame | Events, case_id: str) -> pl.LazyFrame:
    lazy = lazily(frame) if isinstance(frame, Events) else frame.lazy()
    return lazy.select(pl.lit(case_id, dtype=pl.String).alias("case_id"), pl.all())


def lazily(events: Events) -> pl.LazyFrame:
    """The events as one frame that is never held as a whole."""

    def parts(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        for part in events.parts(_ROWS):
            wanted = part if predicate is None else part.filter(predicate)
            yield wanted if columns is None else wanted.select(columns)
            if rows is not None and (rows := rows - part.height) <= 0:
                return

    return register_io_source(parts, schema=events.schema)


def _frame(name: str, rows: Iterable[Row]) -> pl.DataFrame:
    """Rows as a table; what a row does not have is null."""
    columns = schema(name)
    told = [[_plain(row.get(column)) for column in columns] for row in rows]
    return pl.DataFrame(told, schema=columns, orient="row")


def _typed(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of `frame` that the table has; those it lacks are null."""
    has = frame.columns
    return frame.select(
        (pl.col(column).cast(dtype) if column in has else pl.lit(None, dtype=dtype).alias(column))
        for column, dtype in schema(name).items()
    ).slice(0, frame.height)


def _plain(value: Any) -> Any:
    """A value as a column takes it: names of enumerations, lists, and texts that are valid Unicode."""
    if isinstance(value, str):
        return str(value).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def _attributes(table: str, value: Any) -> Row:
    """The columns of a table that are attributes of `value`."""
    return {column: getattr(value, column) for column in TABLES[table] if hasattr(value, column)}


def _numbered(rows: Iterable[Row]) -> Iterator[Row]:
    return ({**row, "number": number} for number, row in enumerate(rows, start=1))


def _parts(case: Case, rows: Callable[[Incident], Iterable[Row]]) -> Iterator[Row]:
    """The numbered rows of each incident."""
    return ({**row, "incident": one.id} for one in case.incidents for row in _numbered(rows(one)))


def _with_command(table: str, value: Advice | Finding) -> Row:
    return {**_attributes(table, value), **{tool: value.commands.get(tool) for tool in ("crm", "pcs")}}


# --- the cluster -----------------------------------------------------------------------------------------


class _Cluster(Struct, frozen=True):
    columns: Row
    identity: Row


def _cluster(case: Case) -> _Cluster:
    """What is known of the cluster, and by what it is known again: what logtrace.grouping.fingerprint compares, as far
    as it lasts from one report to the next.
    """
    config = case.config or ClusterConfig()
    told = [node.name for node in case.cluster.nodes if node.name not in config.remote_nodes]
    members = member_names(config) or told
    addresses = config.corosync.addresses if config.corosync else {}
    known = {
        "name": [case.cluster.name] if case.cluster.name else [],
        "members": sorted({short_name(name) for name in members}),
        "addresses": sorted(addresses),
    }
    sure = known["name"] or known["members"]
    digest = hashlib.sha256(repr(known).encode("utf-8", "backslashreplace")).hexdigest()[:16] if sure else None
    stonith = property_of(config, "stonith-enabled")
    columns = {
        "cluster_name": case.cluster.name,
        "cluster_id": digest,
        "pacemaker": case.cluster.pacemaker,
        "corosync": case.cluster.corosync,
        "cluster_size": len(members) or None,
        "fencing": None if stonith is None else true(stonith, default=True),
    }
    return _Cluster(columns, {"identity": [name for name, values in known.items() if values]})


def _case(case: Case) -> Row:
    kinds = Counter(one.kind for one in case.incidents)
    outages = [one.outage_range for one in case.incidents if one.trouble and one.outage_range]
    window, coverage, config = case.window, case.coverage, case.config
    return {
        "name": case.name,
        "began": window.start,
        "ended": window.end,
        "seconds": (window.end - window.start).total_seconds() if window.start and window.end else None,
        "assumed": window.assumed,
        "excerpt": coverage.excerpt,
        "stack": case.cluster.stack,
        "resources": len(config.primitives) if config is not None and config.epoch is not None else None,
        "nodes_with_logs": sum(node.logs for node in case.cluster.nodes),
        "faults": kinds[IncidentKind.FAULT],
        "spurious": kinds[IncidentKind.SPURIOUS],
        "policies": kinds[IncidentKind.POLICY],
        "planned": kinds[IncidentKind.PLANNED],
        "outage": sum(low for low, _ in outages),
        "outage_max": sum(high for _, high in outages),
        "files": coverage.files,
        "lines": coverage.lines,
        "lines_recognised": coverage.lines_recognised,
        "lines_undated": coverage.lines_undated,
        "skipped": len(coverage.skipped),
        "inputs": [each.path for each in case.inputs],
        "sha256": [each.sha256 for each in case.inputs],
        "logtrace": VERSION,
    }


def _coverage(case: Case) -> Iterator[Row]:
    told = case.coverage
    for skipped in told.skipped:
        yield {"kind": "skipped", "subject": skipped.path, "what": skipped.reason, "lost": skipped.lost}
    for node in told.missing_nodes:
        yield {"kind": "missing_node", "subject": node, "what": "none of its logs are at hand"}
    for gap in told.gaps:
        row = {"daemon": gap.daemon, "began": gap.start, "ended": gap.end, "what": gap.why}
        yield {"kind": "gap", "subject": gap.node, **row}
    for carrier in told.carriers:
        yield {"kind": "carrier", "subject": carrier.path, "what": carrier.what}
    for notice in told.notices:
        yield {"kind": "notice", "what": notice}


# --- incidents -------------------------------------------------------------------------------------------


def _incidents(case: Case, cluster: _Cluster) -> Iterator[Row]:
    kinds = _kinds_of_lines(case, [line for one in case.incidents if (line := one.first_line)])
    mask = _mask(case)
    for one in case.incidents:
        resource, first = _resource(one), one.first_line
        low, high = one.outage_range or (None, None)
        totals = one.phase_totals
        lasted = (one.t_recovered - one.t_detected) if one.t_recovered and one.t_detected else None
        yield {
            **_attributes("incidents", one),
            **cluster.columns,
            "incident": one.id,
            "outage": low,
            "outage_max": high,
            "recovery": None if lasted is None else lasted.total_seconds(),
            "resource": resource,
            "agent": _agent(case, resource),
            **{f"seconds_{name.value}": totals.get(name, 0.0) if one.phases else None for name in PhaseName},
            "shape": ">".join(name.value for name, _ in groupby(each.name for each in one.phases)) or None,
            "first_error": first.text if first else None,
            "first_error_kind": kinds.get((first.file, first.line)) if first else None,
            "first_error_class": wording(first.text, mask) if first else None,
            "first_error_place": _place(first) if first else None,
        }


def _resource(one: Incident) -> str | None:
    """What failed first: failed runs come in order of time, and a chain begins with what its trigger is about."""
    failed = min((run for run in one.operations if run.failed), key=lambda run: run.start, default=None)
    return failed.resource if failed is not None else next(iter(one.resources), None)


def _agent(case: Case, resource: str | None) -> str | None:
    primitive = primitive_of(case.config, resource) if case.config is not None and resource is not None else None
    return primitive.agent if primitive is not None and primitive.configured else None


def _phases(one: Incident) -> Iterator[Row]:
    return ({**_attributes("phases", each), "began": each.start, "ended": each.end} for each in one.phases)


def _causes(one: Incident) -> Iterator[Row]:
    lines = {each.id: _place(each) for each in one.evidence}
    for each in one.causes:
        told = [lines[line] for line in each.evidence if line in lines]
        yield {**_attributes("causes", each), "headline": each.label == one.root_cause, "evidence": told}


def _place(line: Evidence) -> str:
    return f"{line.file}:{line.line}"


def _kinds_of_lines(case: Case, lines: Sequence[Evidence]) -> dict[tuple[str, int], str]:
    """Path and line -> kind of what the line says, by the catalogue."""
    numbers = dict(case.frames.files.select("path", "file").iter_rows())
    wanted = {(numbers[each.file], each.line): (each.file, each.line) for each in lines if each.file in numbers}
    if not wanted:
        return {}
    files, places = zip(*wanted, strict=True)
    found: dict[tuple[str, int], str] = {}
    for kind, table in case.frames.events.tables.items():
        told = table.filter(pl.col("line").is_in(places), pl.col("file").is_in(files)).select("file", "line")
        found |= {wanted[each]: kind for each in told.iter_rows() if each in wanted}
    return found


def _operations(case: Case) -> pl.DataFrame:
    """All runs of the case, each with the first incident it is told in."""
    told = case.frames.operations.rename(_WORDS, strict=False)
    runs = _typed("operations", told).drop("incident", "critical")
    keys = {"node": pl.String(), "resource": pl.String(), "operation": pl.String(), "began": runs.schema["began"]}
    of_incidents = [
        (run.node, run.resource, run.operation, run.start, one.id, run.critical)
        for one in case.incidents
        for run in one.operations
    ]
    spoken = pl.DataFrame(
        of_incidents, schema={**keys, "incident": pl.String(), "critical": pl.Boolean()}, orient="row"
    )
    first = spoken.unique(list(keys), keep="first", maintain_order=True)
    agents = {name: agent for name in runs["resource"].drop_nulls().unique() if (agent := _agent(case, name))}
    runs = runs.with_columns(agent=pl.col("resource").replace_strict(agents, default=None, return_dtype=pl.String))
    joined = runs.join(first, on=list(keys), how="left", maintain_order="left")
    return joined.select(list(schema("operations")))


# --- wording ---------------------------------------------------------------------------------------------


def _mask(case: Case) -> re.Pattern[str] | None:
    """What finds the names of this case's cluster, nodes and resources; the longest of those that begin alike."""
    config = case.config or ClusterConfig()
    names = {node.name for node in case.cluster.nodes} | {short_name(node.name) for node in case.cluster.nodes}
    names |= {*config.primitives, *config.groups, *config.clones, *config.bundles}
    names |= {name for one in case.incidents for name in (*one.nodes, *one.resources)}
    names |= {case.cluster.name} if case.cluster.name else set()
    plain = sorted((name for name in names if name), key=lambda name: (-len(name), name))
    if not plain:
        return None
    return re.compile(rf"(?<![A-Za-z0-9.-])(?:{'|'.join(map(re.escape, plain))})(?![A-Za-z0-9-]|\.\w)")


def wording(text: str, names: re.Pattern[str] | None) -> str:
    """What a line says without whom it is about: each name that `names` finds is `*`, each number 0."""
    said = text.partition(_TAIL)[0]
    if names is not None:
        said = names.sub("*", said)
    return _NUMBERS.sub("0", said)
