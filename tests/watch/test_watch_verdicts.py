"""What watching says in the end is what `analyze` says of the same files, in whatever pieces and order they came."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from corpus_score import CORPUS, archives

from logtrace import catalogue, gather, intake, pipeline
from logtrace.gather import Papers
from logtrace.intake import EvidenceKind, IntakeReport
from logtrace.render import document
from logtrace.report.case import Case, Incident
from logtrace.report.scope import Options
from logtrace.watch.ledger import Ledger, Verdict
from logtrace.watch.look import look
from logtrace.watch.messages import Message, What
from logtrace.watch.window import Window

#: Told in quick runs: a crash, a stop that fails and blocks, a partition with fencing, a command of an operator.
QUICK = ("t01", "t19", "t26", "t42")

SHARED = Path(__file__).parents[3] / "shared" / "corpus"

#: What people hand in: logs as they are, and what mails, terminals and log stores have made of them.
WILD = SHARED.parent / "wild"
#: Those that are documents, which only make sense as a whole and are not followed, and not those that are asked for the
#: weaknesses of a configuration, which have no log.
NOT_FOLLOWED = ("139-json-array", "141-csv")


def reports() -> Iterator[object]:
    folders = sorted(CORPUS.iterdir()) + sorted(SHARED.glob("train2/*/")) + sorted(SHARED.glob("versions/*/"))
    for folder in folders:
        for archive in archives(folder):
            quick = folder.parent == CORPUS and folder.name.startswith(QUICK)
            marks = [] if quick and archive.name.startswith("crm_report") else [pytest.mark.thorough]
            yield pytest.param(archive, id=f"{folder.name}-{archive.name[:4]}", marks=marks)


def handed_in() -> Iterator[object]:
    for folder in sorted(WILD.glob("*/input")):
        asked = tomllib.loads((folder.parent / "expect.toml").read_text()).get("command", "analyze")
        if folder.parent.name not in NOT_FOLLOWED and asked == "analyze":
            yield pytest.param(folder, id=folder.parent.name, marks=[pytest.mark.thorough])


def watched(archive: Path, seed: int, cuts: int = 4) -> tuple[tuple[Incident, ...], list[Message]]:
    """The incidents of the last look, and all that was told, of logs that grow in pieces, some later than others."""
    chance, ledger, messages = random.Random(seed), Ledger([], lambda: datetime.now(UTC)), list[Message]()
    with Window(archive.name, catalogue.load()) as window:
        waiting: list[tuple[int, float, int, list[bytes]]] = []
        logs = []
        for piece in intake.read([str(archive)], IntakeReport()):
            if piece.kind is EvidenceKind.LOG:
                logs.append((piece.path, piece.node, b"".join(piece.chunks()), piece.modified or 0.0))
            else:
                gather.document(window.papers.setdefault("", Papers()), piece)
        chance.shuffle(logs)
        for path, node, data, modified in logs:
            log = window.begin(path, node, path, data[:16384])
            assert log is not None, path
            places = [0, *sorted(data.rfind(b"\n", 0, chance.randrange(len(data))) + 1 for _ in range(cuts)), len(data)]
            parts = [data[start:end] for start, end in pairwise(places) if start < end]
            waiting.append((log, modified, chance.randrange(3), parts))
        number = 0
        while any(parts for *_, parts in waiting):
            for log, modified, late, parts in waiting:
                if parts and number >= late and chance.random() < 0.7:
                    window.append(log, 0, parts.pop(0), modified)
            number += 1
            window.understood()
            found = look(window, Options())
            messages += ledger.compare(found.incidents, found.names, None)
        messages += ledger.compare(found.incidents, found.names, None, last=True)
        return found.incidents, messages


@pytest.mark.parametrize("archive", [*reports()])
def test_the_last_verdict_is_that_of_analyze(archive: Path) -> None:
    whole = pipeline.analyze([str(archive)], Options(one_case=True))
    found, messages = watched(archive, seed=len(archive.name))
    compare(found, messages, whole)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("case", ["t15", "t19", "t55"])
def test_less_than_a_second_is_told_as_well_in_the_end(case: str, seed: int) -> None:
    """Clocks are put right while more is read, so that the same outage has other fractions."""
    (archive,) = next(CORPUS.glob(f"{case}-*")).glob("*.tar.*")
    whole = pipeline.analyze([str(archive)], Options(one_case=True))
    found, messages = watched(archive, seed)
    compare(found, messages, whole)


@pytest.mark.skipif(not WILD.exists(), reason="the shared logs are not beside this checkout")
@pytest.mark.parametrize("folder", [*handed_in()] or [WILD])
def test_the_last_verdict_on_what_people_hand_in_is_that_of_analyze(folder: Path) -> None:
    """What something else is wrapped around is no log that grows: it comes in one piece."""
    whole = pipeline.analyze([str(folder)], Options(one_case=True))
    found, messages = watched(folder, seed=1, cuts=0 if whole.coverage.carriers else 2)
    compare(found, messages, whole)


def compare(found: Sequence[Incident], messages: Sequence[Message], whole: Case) -> None:
    """What was told is sound, and its end is `whole`."""
    assert [document.plain(one) for one in found] == [document.plain(one) for one in whole.incidents]
    last = {message.incident_id: message for message in messages}
    told = [one.incident for one in last.values() if one.incident is not None]
    verdicts = sorted((Verdict.of(one) for one in told), key=repr)
    expected = sorted((Verdict.of(one) for one in whole.incidents), key=repr)
    assert verdicts == expected
    assert all(one.what is not What.OPENED for one in last.values())
    for name in last:
        mine = [message.what for message in messages if message.incident_id == name]
        assert mine[0] is What.OPENED
        assert mine.count(What.OPENED) == 1
        assert mine.count(What.REOPENED) <= 1
    keys = [message.key for message in messages]
    assert len(keys) == len(set(keys))
