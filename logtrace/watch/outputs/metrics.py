"""`--metrics` and `--metrics-file`: what Prometheus asks for, over HTTP or by the textfile collector.

Labels are logtrace's own words, never a word of a log, so that no log can make more series than there are causes.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)

from logtrace.assessment.phases import PhaseName
from logtrace.errors import UsageError
from logtrace.render import files
from logtrace.report.incident import Incident
from logtrace.watch.failures import Doing
from logtrace.watch.messages import Message, What
from logtrace.watch.run import News

#: Seconds after which the file is written anew where nothing happens; Prometheus asks about that often.
_A_WHILE: Final = 15.0
_LOOPBACK: Final = "127.0.0.1"


#: Incidents that are remembered as counted, the newest: as many as are known to be over.
_MOST: Final = 2000


class _Counted(Struct, frozen=True):
    """What was counted of an incident: seconds without service, and seconds by phase."""

    outage: float
    phases: dict[PhaseName, float]


class Metrics:
    """`address`: where to answer, `[HOST]:PORT`; without a host on loopback alone. `file`: for the textfile collector.

    Raises UsageError for an address that is none or is taken.
    """

    name = "--metrics"

    def __init__(self, address: str | None, file: Path | None) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # they double each counter, and few ask for them
        self.registry = CollectorRegistry()
        self._file = file
        self._counted: dict[str, _Counted] = {}
        self._open: dict[str, str] = {}
        self._written = 0.0
        self._lines = 0
        self._failures: dict[Doing, int] = {}
        self._define()
        if address is not None:
            host, port = _parsed(address)
            try:
                self._server, _ = start_http_server(port, host, self.registry)
            except OSError as error:
                raise UsageError(
                    f"cannot be answered at: {error.strerror or error}", where=address, remedy="name another port"
                ) from None

    def _define(self) -> None:
        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"logtrace_{name}", about, labels, registry=self.registry)

        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(f"logtrace_{name}", about, labels, registry=self.registry)

        self._incidents = counter("incidents", "Incidents that closed.", "kind", "root_cause")
        self._outage = counter("outage_seconds", "Proven seconds without service.", "kind", "root_cause")
        self._phases = counter("recovery_phase_seconds", "Seconds of recoveries, by phase.", "phase")
        self._still = gauge("incidents_open", "Incidents that are open.", "kind")
        self._last = gauge("last_incident_timestamp_seconds", "When the last incident was detected.", "kind")
        self._read = counter("lines_read", "Lines of logs that were read.")
        self._behind = gauge("behind_bytes", "Bytes of logs that are written and not read.")
        self._took = gauge("look_seconds", "How long the last look at the logs took.")
        self._looked = gauge("last_look_timestamp_seconds", "When logs were looked at last.")
        self._failed = counter("failures", "What failed, and the watch went on.", "doing")
        for doing in Doing:
            self._failed.labels(doing.value)

    def tell(self, news: News) -> None:
        """Raises UsageError where the file cannot be written."""
        for message in news.messages:
            self._note(message)
        self._read.inc(news.lines - self._lines)
        self._lines = news.lines
        self._behind.set(news.behind)
        self._took.set(news.took)
        self._looked.set(time.time())
        for doing, times in news.failures.items():
            self._failed.labels(doing.value).inc(times - self._failures.get(doing, 0))
        self._failures = dict(news.failures)
        if self._file is not None and (news.messages or time.monotonic() - self._written >= _A_WHILE):
            files.write(self._file, generate_latest(self.registry).decode())
            self._written = time.monotonic()

    def _note(self, message: Message) -> None:
        one = message.incident
        before = self._open.pop(message.incident_id, None)
        if before is not None:
            self._still.labels(before).dec()
        if one is None:
            return
        if message.what not in (What.CLOSED, What.WITHDRAWN) and not (
            message.what is What.CHANGED and message.incident_id in self._counted and before is None
        ):
            self._open[message.incident_id] = one.kind.value
            self._still.labels(one.kind.value).inc()
        if one.t_detected is not None:
            self._last.labels(one.kind.value).set(one.t_detected.timestamp())
        if message.what is What.CLOSED:
            self._count(message.incident_id, one)

    def _count(self, name: str, one: Incident) -> None:
        """Count an incident once, and of one that closes again what is more than was counted."""
        before = self._counted.pop(name, None)
        self._counted[name] = _Counted(one.outage or 0.0, dict(one.phase_totals))
        while len(self._counted) > _MOST:
            del self._counted[next(iter(self._counted))]
        if before is None:
            self._incidents.labels(one.kind.value, one.root_cause).inc()
            before = _Counted(0.0, {})
        self._outage.labels(one.kind.value, one.root_cause).inc(max((one.outage or 0.0) - before.outage, 0.0))
        for phase, seconds in one.phase_totals.items():
            self._phases.labels(phase.value).inc(max(seconds - before.phases.get(phase, 0.0), 0.0))

    def again(self, lines: Sequence[str]) -> None:
        """Counters begin anew with the process, as Prometheus expects."""

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...


def _parsed(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(f"no address: {address!r}", where="--metrics", remedy="write :9112 or ADDRESS:9112")
    return host.strip("[]") or _LOOPBACK, int(port)
