"""Which evidence is of one case: real clusters of the corpus that share names, zones, addresses and process ids."""

from __future__ import annotations

import random
import shutil
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from logtrace import catalogue, grouping
from logtrace.gather import gather
from logtrace.grouping.fingerprint import Fingerprint
from logtrace.grouping.joining import contradiction, grouped
from logtrace.intake.evidence import Exhibit
from logtrace.report.scope import Options

CORPUS = Path(__file__).parents[1] / "corpus"

#: One archive for each cluster.
CLUSTERS = sorted({path.parent: path for path in sorted(CORPUS.glob("*/*.tar.*"))}.values())

#: Clusters of the same three names, some of them at overlapping times.
ALIKE = [path for path in CLUSTERS if path.parent.name.startswith(("t01", "t10", "t11", "t13", "t15", "t30", "t32"))]


def found(paths: Iterable[Path]) -> list[list[str]]:
    """The cases of `paths`, each by its exhibits' names, sorted."""
    collected = gather([str(path) for path in paths], catalogue.load(), Options(), None)
    groups = grouping.groups(collected) or [None]
    names = [
        [each.name for each in group.exhibits] if group else [each.name for each in collected.papers]
        for group in groups
    ]
    return sorted(sorted(each) for each in names)


def by_nodes(report: Path, into: Path) -> list[Path]:
    """An archive for each node of `report`, of what lies in the node's folder."""
    members = defaultdict(list)
    with tarfile.open(report) as archive:
        for member in archive.getmembers():
            parts = member.name.split("/")
            if member.isfile() and len(parts) > 2:
                members[parts[1]].append(member)
        made = []
        for node, own in sorted(members.items()):
            made.append(into / f"{report.parent.name}-{node}.tar")
            with tarfile.open(made[-1], "w") as out:
                for member in own:
                    out.addfile(member, archive.extractfile(member))
    return made


def unpacked(report: Path, into: Path) -> Path:
    """The folder that `report` holds, with a name that tells nothing."""
    with tarfile.open(report) as archive:
        archive.extractall(into / "x", filter="data")
    (top,) = (into / "x").iterdir()
    return Path(shutil.move(top, into / report.parent.name))


# --- real clusters ------------------------------------------------------------------------------------


def test_clusters_of_the_same_names_and_times_are_told_apart() -> None:
    assert len(ALIKE) == 7
    assert found(ALIKE) == [[str(path)] for path in sorted(ALIKE)]


def test_an_archive_and_its_copy_are_one_case(tmp_path: Path) -> None:
    copy = shutil.copy(ALIKE[0], tmp_path / "copy.tar.bz2")
    assert found([ALIKE[0], Path(copy)]) == [sorted([str(ALIKE[0]), str(copy)])]


@pytest.mark.parametrize("seed", range(4))
def test_archives_of_single_nodes_come_together(tmp_path: Path, seed: int) -> None:
    sets = [by_nodes(report, tmp_path) for report in random.Random(seed).sample(ALIKE, 2)]
    paths = [path for each in sets for path in each]
    random.Random(seed).shuffle(paths)
    assert found(paths) == sorted(sorted(map(str, each)) for each in sets)


@pytest.mark.thorough
def test_no_two_clusters_of_the_corpus_are_merged() -> None:
    assert found(CLUSTERS) == [[str(path)] for path in sorted(CLUSTERS)]


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(40))
def test_mixes_of_single_nodes(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    sets = [by_nodes(report, tmp_path) for report in chance.sample(CLUSTERS, chance.choice([1, 2, 2, 3]))]
    paths = [path for each in sets for path in each]
    chance.shuffle(paths)
    assert found(paths) == sorted(sorted(map(str, each)) for each in sets)


def test_a_folder_of_archives_is_as_many_cases(tmp_path: Path) -> None:
    for report in ALIKE[:3]:
        (tmp_path / "tickets" / report.parent.name).mkdir(parents=True)
        shutil.copy(report, tmp_path / "tickets" / report.parent.name)
    wanted = [[f"tickets/{path.parent.name}/{path.name}"] for path in ALIKE[:3]]
    assert found([tmp_path / "tickets"]) == sorted(wanted)


def test_unpacked_reports_in_a_folder_are_as_many_cases(tmp_path: Path) -> None:
    tickets = tmp_path / "tickets"
    tickets.mkdir()
    tops = [unpacked(report, tickets) for report in ALIKE[:2]]
    (tickets / "x").rmdir()
    assert found([tickets]) == sorted([[f"tickets/{top.name}"] for top in tops])


# --- made logs ----------------------------------------------------------------------------------------

LOST = "{stamp} {host} corosync[7]: [TOTEM ] A new membership (1.{ring}) was formed. Members left: 2\n"
PEER = "{stamp} {host} pacemaker-controld[9]: notice: Node {peer} state is now lost\n"


def log(host: str, peer: str, *, stamp: str = "Nov 22 16:40:01", ring: str = "1f") -> str:
    return LOST.format(stamp=stamp, host=host, ring=ring) + PEER.format(stamp=stamp, host=host, peer=peer)


def logs(folder: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def test_nodes_folders_on_a_log_host_come_together_by_cluster(tmp_path: Path) -> None:
    pairs = {"a1": "a2", "a2": "a1", "b1": "b2", "b2": "b1"}
    host = logs(tmp_path / "hosts", {f"{node}/messages": log(node, peer) for node, peer in pairs.items()})
    assert found([host]) == [["hosts/a1", "hosts/a2"], ["hosts/b1", "hosts/b2"]]


def test_a_folder_of_one_clusters_logs_is_one_case_though_one_names_nobody(tmp_path: Path) -> None:
    quiet = (
        "Nov 22 16:40:00 corosync [MAIN  ] Corosync Cluster Engine ('1.4.7'): started and ready to provide service.\n"
    )
    folder = logs(
        tmp_path / "case", {"n1/messages": log("n1", "n2"), "corosync.log": quiet, "n3/messages": log("n3", "n1")}
    )
    assert len(found([folder])) == 1


def test_logs_of_one_name_and_of_other_times_are_two_cases(tmp_path: Path) -> None:
    paths = []
    for number, stamp in enumerate(("2026-11-22T16:40:01+00:00", "2026-11-29T16:40:01+00:00")):
        logs(tmp_path, {f"x/{number}/crm_report/n1/messages": log("n1", "n2", stamp=stamp, ring=f"{number}a")})
        paths.append(tmp_path / "x" / str(number) / "crm_report")
    assert len(found(paths)) == 2


FENCE = "Nov 22 16:40:01 {0}1 pacemaker-fenced[8]: notice: Initiating remote operation reboot for {0}2: {1}\n"


@pytest.mark.parametrize(
    ("request_id", "cases"),
    [("b7e3d2aa", 1), ("9c3171dc-5a0d-4c02-9c8e-b3b6b8f3b1ad", 1), ("ab", 2), ("20261122", 2), ("fade-1", 2)],
)
def test_only_what_can_be_a_uuid_proves(tmp_path: Path, request_id: str, cases: int) -> None:
    for name in ("a", "b"):
        logs(tmp_path / name, {f"crm_report/{name}1/messages": FENCE.format(name, request_id)})
    assert len(found([tmp_path / name / "crm_report" for name in ("a", "b")])) == cases


# --- what speaks against it ---------------------------------------------------------------------------

NOON = datetime(2026, 11, 22, 12)  # noqa: DTZ001 - a local time


def span(*minutes: int) -> tuple[datetime, datetime]:
    first, last = (NOON + timedelta(minutes=minute) for minute in minutes)
    return first, last


CONTRADICTIONS: list[tuple[Fingerprint, Fingerprint, str | None]] = [
    (Fingerprint(clusters={"east"}), Fingerprint(clusters={"west"}), "names"),
    (Fingerprint(clusters={"east", "hacluster"}), Fingerprint(clusters={"hacluster"}), None),
    (Fingerprint(members={"n1", "n2"}), Fingerprint(members={"n1", "n3"}), "nodes"),
    (Fingerprint(members={"n1", "n2"}), Fingerprint(members={"n1", "n2", "n3"}), None),
    (Fingerprint(addresses={"n1": {"10.0.0.1"}}), Fingerprint(addresses={"n1": {"10.0.0.9"}}), "addresses"),
    (Fingerprint(addresses={"n1": {"10.0.0.1"}}), Fingerprint(addresses={"n2": {"10.0.0.2"}}), None),
    (Fingerprint(resources={"vip"}), Fingerprint(resources={"db"}), "resources"),
    (Fingerprint(resources={"vip"}), Fingerprint(resources={"db", "vip"}), None),
    (
        Fingerprint(lives={("n1", "corosync"): {7: span(0, 9)}}),
        Fingerprint(lives={("n1", "corosync"): {8: span(5, 12)}}),
        "processes",
    ),
    (
        Fingerprint(lives={("n1", "corosync"): {7: span(0, 4)}}),
        Fingerprint(lives={("n1", "corosync"): {8: span(5, 12)}}),
        None,
    ),
    (
        Fingerprint(starts={("n1", "corosync"): {NOON}}, heard={"n1": span(0, 9)}),
        Fingerprint(starts={("n1", "corosync"): {span(5, 5)[0]}}, heard={"n1": span(5, 12)}),
        "start at other times",
    ),
    (
        Fingerprint(starts={("n1", "corosync"): {NOON}}, heard={"n1": span(0, 90)}),
        Fingerprint(starts={("n1", "corosync"): {span(60, 60)[0]}}, heard={"n1": span(60, 150)}),
        None,  # an hour apart: it is written in another zone
    ),
    (
        Fingerprint(starts={("n1", "corosync"): {NOON}}, heard={"n1": span(0, 4)}),
        Fingerprint(starts={("n1", "corosync"): {span(5, 5)[0]}}, heard={"n1": span(5, 12)}),
        None,
    ),
]


@pytest.mark.parametrize(("one", "other", "why"), CONTRADICTIONS)
def test_what_speaks_against_one_case(one: Fingerprint, other: Fingerprint, why: str | None) -> None:
    for told in (contradiction(one, other), contradiction(other, one)):
        assert (told is None) if why is None else (told is not None and why in told)


def together(*known: Fingerprint, beside: str | None = None) -> list[int]:
    """How many exhibits each case has."""
    exhibits = {Exhibit(str(number), beside=beside): each for number, each in enumerate(known)}
    return [len(group.exhibits) for group in grouped(exhibits)]


def seen(*hosts: str, spans: Sequence[tuple[datetime, datetime]] = (), **more: set[str]) -> Fingerprint:
    return Fingerprint(hosts=set(hosts), spans=list(spans or [span(0, 9)]), **more)


def test_a_uuid_proves_what_no_name_can() -> None:
    assert together(seen("n1", proofs={"c0ffee"}), seen("n2", proofs={"c0ffee"})) == [2]
    assert together(seen("n1"), seen("n2")) == [1, 1]


def test_names_group_logs_of_one_time_only() -> None:
    assert together(seen("n1", peers={"n2"}), seen("n2", spans=[span(9, 12)])) == [2]
    assert together(seen("n1", peers={"n2"}), seen("n2", spans=[span(20, 30)])) == [1, 1]


def test_of_two_likenesses_the_surer_one_counts() -> None:
    """n2 could be the other node of either; a membership's id decides, and the rest is told apart by that."""
    first, second = seen("n1", peers={"n2"}, rings={"1.4e"}), seen("n1", peers={"n2"}, rings={"1.7b"})
    first.lives, second.lives = {("n1", "corosync"): {7: span(0, 9)}}, {("n1", "corosync"): {8: span(0, 9)}}
    assert together(first, second, seen("n2", rings={"1.7b"})) == [1, 2]


def test_what_only_names_put_together_is_told() -> None:
    known = {Exhibit("a"): seen("n1", peers={"n2"}), Exhibit("b"): seen("n2")}
    (group,) = grouped(known)
    assert group.doubts == ["a and b are taken to be of one cluster for the names of their nodes alone"]
