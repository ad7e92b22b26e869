"""A log host keeps the logs of several clusters: each is judged by itself, as `analyze` does, and told by its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from stories import CRASH, UUID, at, tell, write

from logtrace import pipeline
from logtrace.report.scope import Options
from logtrace.watch.ledger import Verdict
from logtrace.watch.messages import Message
from logtrace.watch.run import News, Watch

#: Another cluster, whose resource has the same name and fails in the same seconds, and whose nodes have other names.
OTHER = (
    CRASH.replace("node1", "oak").replace("node2", "elm").replace("12:05:11.7", "12:05:21.7").replace("11.9", "21.9")
)
CONF = "totem {\n  cluster_name: %s\n}\nnodelist {\n  node {\n    name: %s\n  }\n  node {\n    name: %s\n  }\n}\n"


class Told:
    """Keeps what it is told."""

    name = "told"

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def tell(self, news: News) -> None:
        self.messages += news.messages

    def again(self, lines: Sequence[str]) -> None: ...

    def waiting(self) -> list[str]:
        return []

    def close(self) -> None: ...


@pytest.mark.parametrize("named", [True, False])
def test_two_clusters_in_one_folder(tmp_path: Path, named: bool) -> None:
    logs, told, now = tmp_path / "hosts", Told(), [0.0]
    stories = {UUID: tell(CRASH), f"0{UUID[1:]}": tell(OTHER, nodes=("oak", "elm"))}  # controllers have UUIDs
    if named:
        for cluster, nodes in {"forest": ("oak", "elm"), "prod": ("node1", "node2")}.items():
            for node in nodes:
                (logs / node).mkdir(parents=True)
                (logs / node / "corosync.conf").write_text(CONF % (cluster, *nodes))
    watch = None
    for clock in ("12:04:00", "12:05:10.21", "12:05:12", "12:05:21", "12:06:00"):
        for controller, story in stories.items():
            for name, text in write([line for line in story if line.time <= at(clock)]).items():
                (logs / name).parent.mkdir(parents=True, exist_ok=True)
                (logs / name).write_text(text.replace(UUID, controller))
        watch = watch or Watch([str(logs)], [told], pytest.fail, options=Options(year=2026), clock=lambda: now[0])
        now[0] += 10
        watch.round()
    assert watch is not None
    watch.round(last=True)
    watch.close()
    whats = {case: [each.what.value for each in told.messages if each.case == case] for case in names(told.messages)}
    assert all(each == ["opened", "closed"] for each in whats.values())
    assert len(whats) == 2
    if named:
        assert set(whats) == {"forest", "prod"}
    last = {message.incident_id: message.incident for message in told.messages}
    found = pipeline.cases([str(logs)], Options(year=2026)).cases
    assert len(found) == 2
    expected = [Verdict.of(one) for case in found for one in case.incidents]
    assert sorted(map(repr, expected)) == sorted(repr(Verdict.of(one)) for one in last.values() if one)


def names(messages: Sequence[Message]) -> list[str]:
    return sorted({message.case for message in messages})
