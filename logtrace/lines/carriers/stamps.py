"""Stamps that no layout of parsers/formats has: years in odd places, other orders and languages, seconds.

They are written anew: as ISO 8601 where they have a year, as syslog writes it where they have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace.lines.carriers.block import Carrier, Strip, texts
from logtrace.lines.carriers.shapes import DAEMONS, ENGLISH, LEVEL, MONTH, MONTHS, PLAIN, SUBSYSTEM, TAG, WEEKDAY

_CLOCK: Final = r"(?P<time>[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?)(?: ?(?P<half>[AaPp]\.?[Mm]\.?))?"
_ZONE: Final = r"(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?"
#: Zones by letters are those of a place, and there are several of most names.
_LETTERS: Final = r"(?: [A-Z]{3,5})?"
_DAY: Final = r"(?P<day>[0-9]{1,2})"
_YEAR: Final = r"(?P<year>[0-9]{4})"
_MONTH: Final = f"(?P<month>{MONTH})"
#: As they are counted in Chinese, Japanese and Korean.
_NUMBERED_MONTH: Final = "(?P<month>[0-9]{1,2}[月월])"
_NUMBERED: Final = r"(?P<first>[0-9]{1,2})[-/.](?P<second>[0-9]{1,2})[-/.](?P<year>[0-9]{4}|[0-9]{2})"
_ISO: Final = "(?P<iso>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_ANY_ISO: Final = "(?P<iso>[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2})"
#: What must follow where services' own logs have the same stamp: a host and a tag.
_HOST_AND_TAG: Final = (
    rf"(?:[0-9A-Za-z_.-]+ +)?(?:{TAG}|[0-9A-Za-z_./@-]+\[[0-9]+\]:|pacemaker[a-z-]* *\[[0-9]+\] \(|kernel:)"
    r"|\[[0-9]+\] [0-9A-Za-z_.-]+ +(?:corosync|[a-z-]+:)"
    # parsers of logs leave out the process id
    rf"|[0-9A-Za-z_.-]+ (?:(?:{DAEMONS}):[ \t]*(?:{LEVEL}: |{SUBSYSTEM})|[0-9A-Za-z_./-]+\([^()\s]+\): [A-Z]+: )"
)


class _Stamp(Struct, frozen=True):
    """A way to write a time: `regex` has groups for what there is of year, month (a name) or date, day, time, zone and
    seconds; `what` it is called. `before`: what must follow. `alike`: it begins as one of parsers/formats does.
    """

    what: str
    regex: str
    before: str = r"\S"
    alike: bool = False

    @property
    def whole(self) -> str:
        return rf"^[\[(]?{self.regex}[\])]?[ \t]*[-|:,;]?[ \t]*(?P<rest>(?:{self.before}).*)$"


_STAMPS: Final = (
    _Stamp("date and time apart", rf"{_ANY_ISO} {_CLOCK}{_ZONE}{_LETTERS}", _HOST_AND_TAG, alike=True),
    _Stamp("the stream of a container", rf"{_ISO}T{_CLOCK}{_ZONE} (?:stdout|stderr) [FP]", alike=True),
    _Stamp(
        "the year behind the day",
        rf"(?:{WEEKDAY} +)?{_MONTH} +{_DAY},? +{_YEAR},? +(?:@ +)?{_CLOCK}{_ZONE}{_LETTERS}",
    ),
    _Stamp(
        "the year behind the time",
        rf"(?:{WEEKDAY} +)?{_MONTH} +{_DAY} +{_CLOCK}{_ZONE}{_LETTERS} +{_YEAR}",
        alike=True,
    ),
    _Stamp("the year before the month", rf"{_YEAR} +{_MONTH} +{_DAY} +{_CLOCK}{_ZONE}{_LETTERS}"),
    _Stamp(
        "the day before the month",
        rf"(?:{WEEKDAY} +)?{_DAY}\.?[-/. ]+{_MONTH}[-/. ]+{_YEAR}(?:[:T]|,? +){_CLOCK}{_ZONE}{_LETTERS}",
    ),
    _Stamp("dates in numbers", rf"{_NUMBERED}(?:[:T]|,? +){_CLOCK}{_ZONE}{_LETTERS}"),
    _Stamp("seconds since 1970", r"(?P<seconds>[0-9]{10}(?:\.[0-9]{1,9})?)", _HOST_AND_TAG),
    _Stamp(
        "seconds since the machine was booted", r"(?P<uptime> *[0-9]{1,9}\.[0-9]{6})(?: <[ 0-9.]*>)?", _HOST_AND_TAG
    ),
    _Stamp("the day of the week before a date", rf"{WEEKDAY} +{_ISO} {_CLOCK}{_ZONE}{_LETTERS}"),
    _Stamp("the day of the week before a stamp", rf"{WEEKDAY} +{_MONTH} +{_DAY} +{_CLOCK}"),
    _Stamp("the day before the month", rf"{_DAY}\.? {_MONTH} {_CLOCK}"),
    _Stamp("months in another language", rf"{_YEAR}[年년] ?{_NUMBERED_MONTH} ?{_DAY}[日일],? +{_CLOCK}"),
    _Stamp("months in another language", rf"{_NUMBERED_MONTH} ?{_DAY}[日일],? +{_CLOCK}"),
    _Stamp("months in another language", rf"{_MONTH} +{_DAY} +{_CLOCK}"),
)  # fmt: skip
#: What a time that stands alone is read before: a host and a tag.
_ALONE: Final = " x y[1]: z"
_PLAIN: Final = re.compile(PLAIN)


def _sees(stamp: _Stamp) -> Carrier:
    def sees(sample: pl.DataFrame) -> tuple[str, Strip] | None:
        lines = [line for line in texts(sample) if stamp.alike or not _PLAIN.match(line)]
        if not lines:
            return None
        whole = re.compile(stamp.whole)  # kept by re; made here, for most logs are plain
        found = [match for line in lines if (match := whole.match(line))]
        if not found:
            return None
        what = stamp.what
        month_first = False
        if "second" in whole.groupindex:
            month_first = _month_first(found)
            what = f"{what}, the {'month' if month_first else 'day'} first"
        return f"stamps: {what}", lambda lines: _anew(lines, stamp, month_first=month_first)

    return Carrier(sees)


def _month_first(found: list[re.Match[str]]) -> bool:
    """Whether the first of two numbers is the month: where the second is no month, or where half days are counted."""
    if any(int(match["first"]) > len(ENGLISH) for match in found):
        return False
    return any(int(match["second"]) > len(ENGLISH) or match["half"] for match in found)


def _anew(lines: pl.DataFrame, stamp: _Stamp, *, month_first: bool) -> pl.DataFrame:
    """The lines with `stamp` written as layouts have it."""
    text = lines["text"]
    fits = text.str.contains(stamp.whole)
    if not stamp.alike:
        fits &= ~text.str.contains(f"^(?:{PLAIN})")
    at = fits.arg_true()
    if at.is_empty():
        return lines
    groups = text[at].str.extract_groups(stamp.whole).struct.unnest()
    written = groups.select(pl.concat_str(_stamp(set(groups.columns), month_first), pl.lit(" "), "rest"))
    told = written.to_series().fill_null(text[at])
    return lines.with_columns(text=text.clone().scatter(at, told))


def _stamp(has: set[str], month_first: bool) -> pl.Expr:
    if "seconds" in has:
        since = (pl.col("seconds").cast(pl.Float64, strict=False) * 1e6).round().cast(pl.Int64)
        return pl.from_epoch(since, time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
    if "uptime" in has:
        since = (pl.col("uptime").str.strip_chars().cast(pl.Float64, strict=False) * 1e6).round().cast(pl.Int64)
        return pl.from_epoch(since, time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
    time = pl.concat_str(list(_time()))
    if "iso" in has:
        return pl.concat_str(pl.col("iso").str.replace_all(r"[/.]", "-"), pl.lit("T"), time, _zone())
    if "year" not in has:
        months = dict(enumerate(ENGLISH, 1))
        name = _number("month").replace_strict(months, default=None, return_dtype=pl.String)
        return pl.concat_str(name, pl.lit(" "), pl.col("day").str.pad_start(2), pl.lit(" "), time)
    year = pl.when(pl.col("year").str.len_bytes() == 2).then(pl.concat_str(pl.lit("20"), "year")).otherwise("year")
    if "month" in has:
        month, day = _number("month").cast(pl.String), pl.col("day")
    else:
        month, day = (pl.col(name) for name in (("first", "second") if month_first else ("second", "first")))
    return pl.concat_str(
        year, pl.lit("-"), month.str.zfill(2), pl.lit("-"), day.str.zfill(2), pl.lit("T"), time,
        _zone() if "zone" in has else pl.lit(""),
    )  # fmt: skip


def _number(month: str) -> pl.Expr:
    name = pl.col(month).str.strip_chars_end(".").str.strip_chars_start("0").str.to_lowercase()
    return name.replace_strict(MONTHS, default=None, return_dtype=pl.Int32)


def _time() -> Iterator[pl.Expr]:
    """Hour, in 24, and the rest of the time of day."""
    hour = pl.col("time").str.extract("^([0-9]+)").cast(pl.Int32, strict=False)
    half = pl.col("half").str.slice(0, 1).str.to_lowercase()
    hour = pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    yield hour.cast(pl.String).str.zfill(2)
    yield pl.col("time").str.extract("^[0-9]+(.*)$")


def _zone() -> pl.Expr:
    return pl.col("zone").fill_null("").replace({"UTC": "Z", "GMT": "Z"})


def written(times: pl.Series) -> pl.Series:
    """Times that stand alone, such as the cells of a table, in ISO 8601 where a stamp tells their year."""
    lines = pl.DataFrame({"text": times + _ALONE})
    for carrier in STAMPS:
        if seen := carrier.sees(lines.drop_nulls()):
            lines = seen[1](lines)
    return lines["text"].str.strip_suffix(_ALONE)


STAMPS: Final = tuple(_sees(stamp) for stamp in _STAMPS)
