"""How labels, times, durations and sizes are said to a reader. Plain strings in and out; nothing is judged here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import repeat

from logtrace.domain import sizes
from logtrace.render.untrusted import Shown, shown

#: A word of a shell command, quoted or not.
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"?|'[^']*'?)+""")
_LINE = 88  # characters of a command on the page

_SPELLING = {"dc": "DC", "vip": "VIP", "cib": "CIB"}


def label(code: str) -> str:
    """A label in words: `group_cascade` -> "group cascade", `vip_switch` -> "VIP switch"."""
    return " ".join(_SPELLING.get(word, word) for word in code.replace("_", " ").split(" "))


def duration(seconds: float | None) -> str:
    """Seconds as a reader says them: "0.04 s", "18.6 s", "3 min 05 s", "2 h 05 min", "3 d 04 h"; None: "unknown"."""
    if seconds is None:
        return "unknown"
    if seconds < 0:
        return "\N{MINUS SIGN}" + duration(-seconds)
    if seconds < 0.995:
        return f"{seconds:.2f} s" if seconds >= 0.005 or seconds == 0 else "< 0.01 s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for size, unit, part, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // part:02d} {small}"
    return f"{whole} s"


def spread(least: float | None, most: float | None) -> str:
    """A length that is known to lie between two: "1.5 to 9.6 s"; one number where both are said alike, or `most` is
    not known.
    """
    low, high = "0 s" if least == 0 else duration(least), duration(most)
    if least is None or most is None or duration(least) == high or most <= least:
        return duration(least)
    return f"{low.removesuffix(' s') if high.endswith(' s') and ' min ' not in high else low} to {high}"


def worth(seconds: float | None) -> bool:
    """Whether so many seconds are worth a word: less than a twentieth of one is nothing to a reader."""
    return seconds is not None and seconds >= 0.05


def saves(seconds: float | None) -> str:
    """What a change would have saved, as an estimate; "" for what is not known, or not worth a word."""
    return about(seconds) if seconds is not None and worth(seconds) else ""


def setting(seconds: float) -> str:
    """A duration somebody chose, as it is written in a configuration: "20 s", "0.5 s", "900 s"."""
    return f"{seconds:,.10g} s"


def day(moment: datetime | date) -> str:
    """The date of a moment: "22 Nov 2022"."""
    return f"{moment.day} {moment:%b %Y}"


def clock(moment: datetime | None, *, precise: bool = True) -> str:
    """The UTC time of day with milliseconds, cut as in the JSON: "16:47:45.123"; None: "unknown".

    Not `precise`: "16:47:45", for the log has whole seconds.
    """
    if moment is None:
        return "unknown"
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}" if precise else f"{moment:%H:%M:%S}"


def clocks(
    moments: Iterable[datetime | None], today: date | None = None, precise: Iterable[bool] = repeat(True)
) -> list[str]:
    """Times of day in a column: the date stands before a time where it differs from the row above (or `today`).

    `precise` says of each whether the log has fractions of a second.
    """
    out = []
    for moment, exact in zip(moments, precise, strict=False):
        if moment is not None and moment.date() != today:
            today = moment.date()
            out.append(f"{day(today)} {clock(moment, precise=exact)}")
        else:
            out.append(clock(moment, precise=exact))
    return out


def span(start: datetime | None, end: datetime | None, utc: str = "UTC") -> str:
    """From when to when, each date once: "22 Nov 2022 16:46:48 to 16:48:11 UTC"; `utc` says how sure that is."""
    if start is None or end is None:
        known = start or end
        return "unknown" if known is None else f"{day(known)} {known:%H:%M:%S} {utc}"
    last = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{day(end)} {end:%H:%M:%S}"
    return f"{day(start)} {start:%H:%M:%S} to {last} {utc}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 fault", "2,340 lines"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(octets: int) -> str:
    """A number of bytes: "812 bytes", "3.4 MB" (decimal units)."""
    return sizes.said(octets)


def about(seconds: float) -> str:
    """An estimate, no more precise than it deserves: 12.63 -> "about 13 s", 0.83 -> "about 0.8 s"."""
    return f"about {seconds:.1f} s" if 0.05 <= seconds < 0.95 else f"about {duration(round(seconds)).replace('.0', '')}"


def names(names: Sequence[str], most: int) -> Shown:
    """Names from logs, made visible, the first so many of them: "a, b, c and 13 more"."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return Shown(", ".join(shown(name, 80) for name in names[:most]) + more)


def listing(names: Sequence[str], most: int = 3) -> str:
    """Names in a sentence: "a", "a and b", "a, b and c", "a, b, c and 13 more"; "none" for none."""
    parts = [*names[:most], *([f"{len(names) - most:,} more"] if len(names) > most else [])]
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part) if parts else "none"


def shell(command: str) -> str:
    """A command as it is pasted: a line too long to be read goes on after a backslash, with each quoted word but
    a format on a line of its own.
    """
    return "\n".join(map(_broken, command.split("\n")))


def _broken(line: str) -> str:
    if len(line) <= _LINE:
        return line
    lines = [""]
    for place, word in enumerate(_WORD.findall(line)):
        own = (place > 1 and word.startswith(("'", '"'))) or word in ("|", "&&")
        if lines[-1] and (own or len(lines[-1]) + len(word) > _LINE):
            lines.append(f"  {word}")
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return " \\\n".join(lines)
