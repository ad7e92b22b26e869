"""Lines of programs that name themselves nowhere: the kernel's ring buffer, and Corosync's device in the foreground.

dmesg prints a time and the text; corosync-qdevice and corosync-qnetd print a time, the level and the text to their
terminal (log.c of either). They are given the tag that their lines have in syslog.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from logtrace.lines.carriers.block import Carrier, Strip, texts
from logtrace.lines.carriers.shapes import ENGLISH, MONTH, TIME, TIMELESS, WEEKDAY

#: Seconds since the machine was booted, or with -T the time of day.
_RING: Final = rf"(\[(?: *[0-9]{{1,9}}\.[0-9]{{6}}|{WEEKDAY} +{MONTH} +[0-9]{{1,2}} {TIME} [0-9]{{4}})\]) +"
_DEVICE: Final = rf"((?:{'|'.join(ENGLISH)}) [ 0-9][0-9] {TIME}) (?:emerg|alert|crit|error|warning|notice|info|debug) +"
#: What only the server of quorum devices says.
_SERVER: Final = re.compile(r"[Cc]lient (?:::|[0-9]|is|connected)|ffsplit:|lms:|test:|qnetd (?:server|is) ")


def _sees_ring(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    return ("the kernel's ring buffer", _tagged(_RING, "kernel")) if _are(sample, _RING) else None


def _sees_device(sample: pl.DataFrame) -> tuple[str, Strip] | None:
    if not _are(sample, _DEVICE):
        return None
    server = any(_SERVER.search(line) for line in texts(sample))
    program = "corosync-qnetd" if server else "corosync-qdevice"
    return f"what {program} prints in the foreground", _tagged(_DEVICE, program)


def _are(sample: pl.DataFrame, begins: str) -> bool:
    """Whether most lines begin so, and have no tag behind."""
    lines = [line for line in texts(sample) if line.strip()]
    return sum(1 for line in lines if _untagged(begins).match(line)) * 2 > len(lines)


def _untagged(begins: str) -> re.Pattern[str]:
    return re.compile(rf"{begins}(?!{TIMELESS}|kernel: |\[)\S")


def _tagged(begins: str, program: str) -> Strip:
    def strip(lines: pl.DataFrame) -> pl.DataFrame:
        text = pl.col("text")
        bare = text.str.contains(f"^{begins}[^\\[]") & ~text.str.contains(f"^{begins}(?:{TIMELESS}|kernel: )")
        return lines.with_columns(
            pl.when(bare).then(text.str.replace(f"^{begins}", f"$1 {program}: ")).otherwise(text).alias("text")
        )

    return strip


FOREGROUND: Final = (Carrier(_sees_ring), Carrier(_sees_device))
