"""Exports of log stores: records with fields, as JSON, a JSON object a line, or CSV, made lines of logs again.

Which field is the message, the time, the host and the program is told by what the fields hold, and by their names only
where what they hold does not tell. A message with a time of its own keeps it, and what the store says is handed on as
STORED; one without is printed as `journalctl -o short-iso` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
import polars as pl
from msgspec import Struct

from logtrace.lines.blocks import LINE, lines_of
from logtrace.lines.carriers import plain
from logtrace.lines.carriers.block import STORED, Block
from logtrace.lines.carriers.shapes import ANY, DATED, FORWARDED, ISO, MONTH, STAMP, TAG, TIME
from logtrace.lines.carriers.stamps import written

#: Records of a block that are looked at.
_SAMPLE: Final = 100
#: Fields of a record that are looked at, and how deep it is.
_FIELDS, _DEPTH = 400, 8

#: Long expressions are texts that `re` compiles when they are first used, and keeps: few files need them.
BEGINS: Final = ANY
_LEVEL: Final = re.compile(r"\s*(?:emerg|alert|crit|error|warning|notice|info|debug)\s*:\s")
_YEARLESS: Final = rf"{MONTH} +[0-9]{{1,2}} +{TIME}(?:\.[0-9]+)?"
_EPOCH: Final = r"[0-9]{10}(?:\.[0-9]+|[0-9]{3}|[0-9]{6}|[0-9]{9})?$"
_WHEN: Final = rf"{ISO}|{_EPOCH}|{DATED}|{_YEARLESS}$"
_PROGRAM: Final = re.compile(
    r"(?:pacemaker|corosync|crmd|pengine|lrmd|stonith|sbd|kernel|systemd)[\w.-]*(?:\[[0-9]+\])?$"
)
_WORD: Final = re.compile(r"[A-Za-z0-9_][\w.-]{0,252}$")

#: Words that are no hosts: numbers, severities, facilities, daemons.
_NO_HOST: Final = re.compile(
    r"[0-9]+$|(?i:emerg|alert|crit|err|error|warn|warning|notice|info|debug|daemon|kern|user|syslog|local[0-7])$"
    rf"|{_PROGRAM.pattern}"
)

_MESSAGE_NAME: Final = re.compile(
    r"(?i)(?:^|\.)(?:message|msg|log|_raw|raw|line|text|syslogmessage|body|event|content)$"
)
_TIME_NAME: Final = re.compile(r"(?i)time|date|(?:^|\.)ts$|stamp")
_LATER_NAME: Final = re.compile(r"(?i)ingest|index|receiv|observ|collect|created")
_HOST_NAME: Final = re.compile(
    r"(?i)(?:^|[._])(?:host|hostname|host_?name|computer|node|node_?name|instance|nodename|agent|server|source_?host)(?:[._]name)?$"
)
_PROGRAM_NAME: Final = re.compile(r"(?i)(?:program|process|ident|tag|app|unit|facility|comm|procname|command)")
_PID_NAME: Final = re.compile(r"(?i)(?:^|[._])(?:pid|procid|process_?id|proc_?id)$")


class _Roles(Struct, frozen=True):
    """Where the parts of a line stand in the records of a block: names of fields, as JSON paths."""

    message: str
    time: str | None
    host: str | None
    program: str | None
    pid: str | None


def is_lines_of_objects(head: bytes) -> bool:
    """Whether a file's first bytes are JSON objects, one a line, with something of a log in them."""
    forwarded = re.compile(FORWARDED.encode())
    lines = [forwarded.sub(rb'{"forwarded_time":"\1",', line) for line in head.split(b"\n")[:20] if line.strip()]
    whole = [line for line in lines[:-1] or lines if line.lstrip()[:1] == b"{"]
    if len(whole) * 2 < len(lines):
        return False
    records = [record for line in whole if (record := decoded(line)) is not None]
    return len(records) * 2 > len(whole) and roles(records) is not None


def read(block: bytes) -> Block:
    """The lines of a block that has a record a line: an object, or a list of values."""
    lines = lines_of(block)
    lines = lines.with_columns(pl.col("text").str.replace(FORWARDED, '{"forwarded_time":"$1",'))
    sample = lines["text"].filter(lines["text"].str.contains(r"^\s*[\[{]")).head(_SAMPLE)
    known = roles([record for text in sample if (record := decoded(text.encode())) is not None])
    if known is None:
        return Block(lines.height, lines.clear())
    fields = {name: path for name in _Roles.__struct_fields__ if (path := getattr(known, name)) is not None}
    found = lines.select(
        "line", *(pl.col("text").str.json_path_match(path).alias(name) for name, path in fields.items())
    )
    return printed(lines.height, found.drop_nulls("message"))


def roles(records: Sequence[Mapping[str, str]]) -> _Roles | None:
    """What the fields of `records` (values by path) are; None where none of them holds lines of a log."""
    columns: dict[str, list[str]] = {}
    for record in records:
        for path, value in record.items():
            columns.setdefault(path, []).append(value)
    message = _best(columns, _likely_message)
    if message is None:
        return None
    others = {path: values for path, values in columns.items() if path != message}
    time = _best(others, _likely_time)
    host = _best(others, _likely_host)
    program = _best(others, _likely_program)
    pid = _best(others, lambda path, values: _named(path, values, _PID_NAME, re.compile("[0-9]+$")))
    return _Roles(message, time, host, program, pid)


def _best(columns: Mapping[str, list[str]], likely: Callable[[str, list[str]], float]) -> str | None:
    """The path that is likeliest, of equals the first; None where none is."""
    scores = {path: likely(path, values) for path, values in columns.items()}
    best = max(scores, key=lambda path: scores[path], default=None)
    return best if best is not None and scores[best] > 0 else None


def _share(values: Sequence[str], pattern: str | re.Pattern[str]) -> float:
    return sum(1 for value in values if re.match(pattern, value)) / len(values)


def _likely_message(path: str, values: list[str]) -> float:
    named = bool(_MESSAGE_NAME.search(_name(path)))
    texts = [value.lstrip("\ufeff \t\n") for value in values]
    if _share(texts, _WHEN) == 1 and max(map(len, texts)) < len("2022-04-21T13:21:37.866000000+00:00") + 1:
        return 0
    begins = _share(texts, BEGINS) + _share(texts, _LEVEL)
    prose = sum(1 for text in texts if " " in text.strip()) / len(texts)
    return begins * 4 + (2 if named and prose else 0) * prose + (0.5 if begins else 0) * prose


def _likely_time(path: str, values: list[str]) -> float:
    if not _share(values, _WHEN):
        return 0
    name = _name(path)
    return _share(values, _WHEN) * (2 if _TIME_NAME.search(name) else 1) * (0.5 if _LATER_NAME.search(name) else 1)


def _likely_program(path: str, values: list[str]) -> float:
    return _share(values, _PROGRAM) * (2 if _PROGRAM_NAME.search(_name(path)) else 1)


def _likely_host(path: str, values: list[str]) -> float:
    """A column without a name is one where it holds names and nothing else."""
    if (name := _name(path)) and not name.isdigit():
        return _named(path, values, _HOST_NAME, _WORD)
    return 0.5 if all(_WORD.match(value) and not _NO_HOST.match(value) for value in values) else 0


def _named(path: str, values: list[str], name: re.Pattern[str], shape: re.Pattern[str]) -> float:
    return _share(values, shape) if name.search(_name(path)) else 0


_NAMES: Final = re.compile(r"\['([^']*)'\]")


def _name(path: str) -> str:
    """A JSON path as its names alone."""
    return ".".join(_NAMES.findall(path))


def decoded(line: bytes) -> dict[str, str] | None:
    """The texts and numbers of a record by their JSON paths; None where it is none."""
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return dict(_flat(value)) if isinstance(value, dict | list) else None


def _flat(value: object, path: str = "$", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Each text or number in a record with its JSON path."""
    if isinstance(value, dict) and depth < _DEPTH:
        for key, inner in list(value.items())[:_FIELDS]:
            if "'" not in key and "\\" not in key:
                yield from _flat(inner, f"{path}['{key}']", depth + 1)
    elif isinstance(value, list) and (depth == 0 or len(value) == 1):  # a row, or a field; others hold records
        for index, inner in enumerate(value[:_FIELDS]):
            yield from _flat(inner, f"{path}[{index}]", depth + 1)
    elif isinstance(value, str) and value:
        yield path, value[:LINE]
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, str(value)


def printed(height: int, records: pl.DataFrame, what: str = "records of a log store") -> Block:
    """Records (line, message and others of _Roles) as lines."""
    has = set(records.columns)
    message = pl.col("message").str.strip_chars("\r\n\ufeff").str.split("\n")
    lines = records.with_columns(message).explode("message").with_columns(pl.col("message").str.slice(0, 2 * LINE))
    text = pl.col("message")
    own = plain.without(lines.select("line", text="message"))
    lines = lines.with_columns(message=own.frame["text"])
    if "time" in has:
        lines = lines.with_columns(time=written(lines["time"]))
    stamp = _utc(pl.col("time")) if "time" in has else pl.lit(None, pl.String)
    host = pl.col("host").str.extract(r"^([0-9A-Za-z_][0-9A-Za-z_.-]*)") if "host" in has else pl.lit(None, pl.String)
    pid = pl.concat_str(pl.lit("["), pl.col("pid"), pl.lit("]")).fill_null("") if "pid" in has else pl.lit("")
    program = (
        pl.col("program").str.extract(r"([0-9A-Za-z_.@-]+(?:\([^()\s]+\))?(?:\[[0-9]+\])?)$")
        if "program" in has
        else pl.lit(None, pl.String)
    )
    tagged = text.str.contains(f"^(?:{TAG})")
    hosted = text.str.contains(f"^[0-9A-Za-z_.-]+ +{TAG}")
    tag = pl.when(program.str.contains(r"\[", literal=False)).then(program).otherwise(pl.concat_str(program, pid))
    said = (
        pl.when(text.str.contains(f"^(?:{STAMP})"))
        .then(text)
        .when(hosted)
        .then(pl.concat_str(stamp, pl.lit(" "), text))
        .when(tagged)
        .then(pl.concat_str(stamp, pl.lit(" "), pl.concat_str(host, pl.lit(" ")).fill_null(""), text))
        .otherwise(
            pl.concat_str(stamp, pl.lit(" "), pl.concat_str(host, pl.lit(" ")).fill_null(""), tag, pl.lit(": "), text)
        )
    )
    told = lines.select("line", said.fill_null(text).alias("text"), stamp.alias(STORED))
    turned = plain.in_order(told)
    carriers = (what, *own.carriers)
    backwards = turned.height > 1 and turned["line"][0] > turned["line"][-1]
    return Block(height, turned, carriers=carriers, backwards=backwards)


def _utc(time: pl.Expr) -> pl.Expr:
    """Times of a log store as ISO 8601: what is one stays, an epoch in seconds or parts of them becomes one."""
    digits = time.str.extract(r"^([0-9]{10,19})(?:\.[0-9]+)?$")
    whole = digits.str.slice(0, 10)
    part = (
        pl.when(digits.str.len_bytes() > len("1650547297"))
        .then(digits.str.slice(10))
        .otherwise(time.str.extract(r"^[0-9]{10}\.([0-9]+)$").fill_null(""))
    )
    micros = pl.concat_str(whole, pl.concat_str(part, pl.lit("000000")).str.slice(0, 6)).cast(pl.Int64, strict=False)
    iso = time.str.extract(r"^([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}.*)$")
    spelled = iso.str.replace(" ", "T", literal=True).str.replace_all("/", "-").str.replace(" ?(?:UTC|GMT)$", "Z")
    spelled = spelled.str.replace(r"\[[A-Za-z/_]+\]$", "").str.replace(r" ([+-][0-9]{2}:?[0-9]{2})$", "$1")
    yearless = time.str.extract(f"^({_YEARLESS})$")
    return pl.coalesce(pl.from_epoch(micros, time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"), spelled, yearless)
