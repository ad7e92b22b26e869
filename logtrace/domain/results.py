"""Which results of an agent are good: OCF return codes, and what a probe may find."""

from __future__ import annotations

from typing import Final

import polars as pl

#: The service runs: ok, promoted, and the degraded forms of both (OCF resource agent API 1.1).
RUNNING_RC: Final = (0, 8, 190, 191)

#: A probe only asks: not running and not installed are answers, no failures (determine_op_status, libpe_status).
PROBE_RC: Final = (*RUNNING_RC, 7, 5)


def is_success(rc: int | None, *, probe: bool = False) -> bool:
    """Whether a run that returned `rc` did what was asked; unknown is none."""
    return rc in (PROBE_RC if probe else RUNNING_RC)


def succeeded(rc: pl.Expr, probe: pl.Expr) -> pl.Expr:
    """The same for columns; null where `rc` is."""
    return pl.when(probe).then(rc.is_in(PROBE_RC)).otherwise(rc.is_in(RUNNING_RC))
