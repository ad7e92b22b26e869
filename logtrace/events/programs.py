"""Which program a line of a service's own log is about: the file is named after it, or the tag is.

oslo.log names its file after the program (`nova-api.log`) and the module in the line (`nova.wsgi`); Apache names the
folder. A file that many programs write to, such as syslog, names none, and there the tag does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final

import polars as pl

from logtrace.domain.codes import DAEMON_NAMES
from logtrace.domain.kinds import Kind
from logtrace.events.store import Events
from logtrace.intake.layout import Name, by_name, stem

#: Kinds whose lines may leave open whom they are about.
_OPEN: Final = (Kind.SERVICE_ANSWERED, Kind.SERVICE_ERRED, Kind.PROCESS_CRASHED, Kind.UNIT_STARTED, Kind.UNIT_STOPPING)

#: Who writes to no service's own log.
_CLUSTER: Final = sorted(set(DAEMON_NAMES.values()) | {"pacemakerd"})

#: What web servers call their files; the folder is named after the program.
_GENERAL: Final = re.compile(r"(?:other_vhosts_)?(?:access|error|ssl_access|ssl_error|ssl_request)(?:[._]log)?")


def program_of(path: str) -> str | None:
    """The program whose own log a file is; None for logs of many programs and of the cluster."""
    parts = PurePosixPath(path).parts
    if not parts or by_name(parts) is not Name.UNKNOWN:
        return None
    name = re.sub(r"[._]log$|\.txt$", "", stem(parts[-1]))
    if _GENERAL.fullmatch(name):
        return parts[-2].lower() if len(parts) > 1 else None
    return name or None


def with_programs(events: Events, paths: Sequence[str]) -> Events:
    """`child` of service lines that do not say whom they are about; `paths` are those of the files by index."""
    open_in = events.of(*_OPEN, columns=("file",))["file"].unique().to_list()
    tags = events.select("file", "daemon").filter(pl.col("file").is_in(open_in) & pl.col("daemon").is_in(_CLUSTER))
    shared = set(tags["file"].unique().to_list())  # the cluster writes to it as well, whatever it is called
    programs = {file: program_of(paths[file]) for file in open_in if file not in shared}
    program = pl.col("file").replace_strict(programs, default=None, return_dtype=pl.String)
    tag = pl.when(~pl.col("daemon").str.contains(".", literal=True)).then(pl.col("daemon"))  # else a module's name
    return events.each(_OPEN, child=pl.coalesce("child", program, tag))
