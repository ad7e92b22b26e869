"""The critical path is what its words say, however many runs an incident has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from logtrace.assessment.phases import critical_path
from logtrace.chains.chain import Chain
from logtrace.chains.triggers import OperationFailed
from logtrace.timeline import Run

BEGAN = datetime(2026, 11, 22, 12, tzinfo=UTC)
OVERLAP = 0.15


def incident(*runs: tuple[float, float]) -> Chain:
    """An incident with starts from and to so many seconds after its beginning."""
    chain = Chain([OperationFailed(time=BEGAN)])
    for number, (start, end) in zip(count(), sorted(runs, key=lambda run: run[1])):
        chain.add_run(
            Run(
                run=number,
                node="node1",
                resource=f"r{number}",
                operation="start",
                interval=0,
                call=number,
                start=at(start),
                end=at(end),
                rc=0,
                status=None,
                reason=None,
                ok=True,
                probe=False,
                precise=True,
                transition=1,
                dc_uuid=None,
                queue_ms=None,
                witness="executor",
                event=number,
                request_event=None,
                begin_event=None,
            )
        )
    return chain


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def path(chain: Chain) -> list[tuple[float, float]]:
    recovered = max(run.end for run in chain.runs)
    steps, _ = critical_path(chain, began=BEGAN, detected=BEGAN, decided=BEGAN, recovered=recovered)
    return [((step.start - BEGAN).total_seconds(), (step.end - BEGAN).total_seconds()) for step in steps]


TENTHS = st.integers(1, 60).map(lambda tenths: tenths / 10)


@given(st.lists(st.tuples(TENTHS, TENTHS).map(lambda pair: (min(pair), max(pair))), min_size=1, max_size=12))
def test_a_predecessor_is_what_ended_last_before_its_successor_began(runs: list[tuple[float, float]]) -> None:
    told = path(incident(*runs))
    assert told[-1] == max(runs, key=lambda run: (run[1], run[0]))
    for before, after in zip([None, *told], told, strict=False):
        earlier = [run for run in runs if run[1] <= after[0] + OVERLAP and run[0] < after[0]]
        assert before == max(earlier, key=lambda run: (run[1], run[0]), default=None)


def test_many_recoveries_of_one_incident_take_no_longer_each_than_few() -> None:
    chain = incident(*((second + 0.5, second + 0.9) for second in range(10_000)))
    began = process_time()
    assert len(path(chain)) == 10_000
    assert process_time() - began < 4
