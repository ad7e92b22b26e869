"""Analyses on a Dask cluster: a worker there starts the very process that is started here, with the same limits.

What was uploaded travels with the order, and what was made of it comes back, so that no disk is shared. Dask runs it
again on another worker when its worker dies. Whoever may reach the scheduler may do anything (logtrace.fleet.cluster).
"""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec import Struct
from msgspec.structs import replace

from logtrace.errors import UsageError
from logtrace.fleet.local import Died
from logtrace.serve import analysis
from logtrace.serve.bounded import Bounded, Ended, Limits

if TYPE_CHECKING:
    from logtrace.fleet.cluster import Begun, Cluster


class Sent(Struct, frozen=True):
    """What travels there: `files` by the names in the order's paths."""

    order: analysis.Order
    limits: Limits
    files: dict[str, bytes]


class Back(Struct, frozen=True):
    """What comes back: files that were made, by their paths below the order's folder."""

    ended: Ended
    made: dict[str, bytes]


def perform(sent: Sent) -> Back:
    """What a worker of the cluster does."""
    with tempfile.TemporaryDirectory(prefix="logtrace-") as folder:
        inputs, made = Path(folder, "in"), Path(folder, "made")
        inputs.mkdir()
        made.mkdir()
        for name, content in sent.files.items():
            (inputs / name).write_bytes(content)
        order = replace(sent.order, into=str(made))
        with Bounded(
            analysis.__name__, order, sent.limits, inputs, threads=order.threads, reaches=order.store or ""
        ) as process:
            while (ended := process.ended(1.0)) is None:
                pass
        found = (path for path in made.rglob("*") if path.is_file())
        return Back(ended, {str(path.relative_to(made)): path.read_bytes() for path in found})


class Elsewhere:
    """The cluster at an address, which may be away and come back."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._cluster: Cluster[Sent, Back] | None = None

    def begin(self, order: analysis.Order, limits: Limits, inputs: Path) -> Remote:
        """Begins an analysis of the files in `inputs`. Raises UsageError where the cluster is away."""
        if self._cluster is None:
            from logtrace.fleet.cluster import Cluster

            self._cluster = Cluster(perform, self._address)
        files = {name: (inputs / name).read_bytes() for name in order.paths}
        return Remote(self, self._cluster.begin(Sent(order, limits, files)), Path(order.into))

    def leave(self) -> None:
        """Forgets a cluster that is away, to look for it again."""
        gone, self._cluster = self._cluster, None
        if gone is not None:
            gone.__exit__(None, None, None)


class Remote:
    """An analysis that runs there; like Bounded."""

    def __init__(self, where: Elsewhere, begun: Begun[Back], into: Path) -> None:
        self._where = where
        self._begun = begun
        self._into = into

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._begun.cancel()

    def ended(self, seconds: float = 0.0) -> Ended | None:
        """How it ended, once what it made is here; None while it runs, after waiting so long. Raises UsageError where
        the cluster is gone.
        """
        try:
            back = self._begun.ended(seconds)
        except UsageError:
            self._where.leave()
            raise
        if back is None:
            return None
        if isinstance(back, Died):
            return Ended(-signal.SIGKILL, late=False, said=back.how)
        for name, content in back.made.items():
            path = self._into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            analysis.write(path, content)
        return back.ended
