"""A Dask cluster that reads tickets: an existing scheduler and workers, which all need logtrace and no shared disk.

Dask tries a task again on another worker when its worker dies, and gives up where that happens too often
(distributed.scheduler.allowed-failures); so does logtrace then. Whoever may reach the scheduler may have its workers
do anything: that is Dask's trust, and its TLS settings are taken as they are configured.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from logtrace.errors import UsageError
from logtrace.fleet.local import Died
from logtrace.version import VERSION

J = TypeVar("J")
R = TypeVar("R")

#: How long a scheduler may take to answer, and its first worker to come: what is started by hand is there by then.
_PATIENCE: Final = 30.0

#: Jobs that each worker has waiting, so that none idles while results travel.
_AHEAD: Final = 2


class Cluster(Generic[J, R]):
    """The workers of the scheduler at `address`, which call `function` on jobs. Like logtrace.fleet.local.Workers.

    Raises UsageError where there is no scheduler or worker, or where these have another logtrace.
    """

    def __init__(self, function: Callable[[J], R], address: str) -> None:
        try:
            import distributed
        except ImportError as error:
            raise UsageError(
                f"what talks to a scheduler is not installed ({error.name})",
                where="--scheduler",
                remedy="pip install 'logtrace[fleet]'",
            ) from error
        self._dask: Any = distributed  # it has no types of its own
        self._function = function
        self._address = address
        try:
            self._client = self._dask.Client(address, timeout=_PATIENCE, set_as_default=False)
            self._client.wait_for_workers(1, timeout=_PATIENCE)
            told = self._client.run(_version)
        except (OSError, TimeoutError, ValueError) as error:
            said = next(iter(str(error).splitlines()), type(error).__name__)
            raise UsageError(
                f"no cluster answers: {said}", where=address, remedy="start dask scheduler and dask worker"
            ) from error
        if others := sorted({str(version) for version in told.values()} - {VERSION}):
            self._client.close()
            raise UsageError(
                f"workers have logtrace {', '.join(others)}", where=address, remedy=f"install {VERSION} on all of them"
            )

    def __enter__(self) -> Cluster[J, R]:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._client.close()

    def results(self, take: Callable[[], J | None]) -> Iterator[tuple[J, R | Died]]:
        """What came of each job; see Workers.results. Raises UsageError when the scheduler is gone."""
        jobs: dict[str, J] = {}
        done = self._dask.as_completed(loop=self._client.loop)
        while True:
            room = _AHEAD * max(1, sum(self._client.nthreads().values()))
            while len(jobs) < room and (job := take()) is not None:
                future = self._client.submit(self._function, job, pure=False)
                jobs[future.key] = job
                done.add(future)
            if not jobs:
                return
            future = next(done)
            yield jobs.pop(future.key), self._result(future)

    def begin(self, job: J) -> Begun[R]:
        """Gives one job to the cluster."""
        future = self._client.submit(self._function, job, pure=False)
        return Begun(future, self._result)

    def _result(self, future: Any) -> R | Died:
        if future.status in {"cancelled", "lost"}:
            raise UsageError("the scheduler is gone", where=self._address, remedy="run the same again to go on")
        error = future.exception()
        if error is None:
            result: R = future.result()
            return result
        if isinstance(error, self._dask.KilledWorker):
            return Died(f"with {error.allowed_failures + 1} workers")
        return Died(f"{type(error).__name__}: {error}")


class Begun(Generic[R]):
    """One job that was given to a cluster."""

    def __init__(self, future: Any, result: Callable[[Any], R | Died]) -> None:
        self._future = future
        self._result = result

    def ended(self, seconds: float) -> R | Died | None:
        """What came of it; None while it is being done, after waiting so long. Raises UsageError when the scheduler is
        gone.
        """
        if not self._future.done():
            time.sleep(seconds)
        return self._result(self._future) if self._future.done() else None

    def cancel(self) -> None:
        """Nobody waits for it any more."""
        self._future.cancel()


def _version() -> str:
    from logtrace.version import VERSION

    return VERSION
