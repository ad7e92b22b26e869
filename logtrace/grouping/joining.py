"""Which exhibits are of one cluster at one time. Names alone group nothing that contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Final

from logtrace.domain.zones import EAST, WEST
from logtrace.grouping.fingerprint import Daemon, Fingerprint, overlap, shared
from logtrace.intake.evidence import Exhibit

#: What stamps of whole seconds may be apart that are of one moment.
_MOMENT: Final = timedelta(seconds=1)
#: What two zones can be apart: from UTC-12 to UTC+14.
_ZONES: Final = timedelta(seconds=EAST - WEST)

#: What the differences between zones are multiples of.
_ZONE: Final = timedelta(minutes=15)

#: Groups that are compared each with each; more than so many clusters come from nobody's incident.
_MOST_COMPARED: Final = 1000


@dataclass(slots=True, eq=False)
class Group:
    """Exhibits that are one case. `doubts`: sentences about those that the names of their nodes alone put here."""

    exhibits: list[Exhibit]
    known: Fingerprint
    doubts: list[str] = field(default_factory=list)

    def take(self, other: Group) -> None:
        """Be one with `other`."""
        self.exhibits += other.exhibits
        self.known.merge(other.known)
        self.doubts += other.doubts


def grouped(found: Mapping[Exhibit, Fingerprint]) -> list[Group]:
    """The cases, in the order of their first exhibits; each exhibit is in one."""
    place = {exhibit: number for number, exhibit in enumerate(found)}
    groups = _by_proof([Group([exhibit], known) for exhibit, known in found.items()])
    if len(groups) <= _MOST_COMPARED:
        groups = _by_names(groups)
    groups = _by_place(groups)
    for group in groups:
        group.exhibits.sort(key=place.__getitem__)
    return sorted(groups, key=lambda group: place[group.exhibits[0]])


def contradiction(one: Fingerprint, other: Fingerprint) -> str | None:
    """Why the two cannot be of one cluster at one time; None where they can."""
    if one.clusters and other.clusters and not one.clusters & other.clusters:
        return "their clusters have other names"
    if one.members and other.members and not (one.members <= other.members or other.members <= one.members):
        return "their clusters have other nodes"
    if any(not mine & theirs for mine, theirs in shared(one.addresses, other.addresses)):
        return "nodes of one name have other addresses"
    if one.resources and other.resources and not one.resources & other.resources:
        return "their clusters have other resources"
    if any(_other_life(one, other)):
        return "daemons of one name and time are other processes"
    if _unheard_start(one, other) or _unheard_start(other, one):
        return "daemons of one name start at other times"
    return None


# --- three ways to one case, the surest first ----------------------------------------------------------


def _by_proof(groups: list[Group]) -> list[Group]:
    """One where two share what no two clusters share, and are of one time."""
    holders: dict[str | tuple[Daemon, int], Group] = {}
    into: dict[Group, Group] = {}
    for group in groups:
        marks: list[str | tuple[Daemon, int]] = [*group.known.proofs, *_processes(group.known)]
        for mark in marks:
            holder, mine = _root(into, holders.setdefault(mark, group)), _root(into, group)
            if holder is not mine and _proves(mark, holder, mine):
                holder.take(mine)
                into[mine] = holder
    return [group for group in groups if group not in into]


def _by_names(groups: list[Group]) -> list[Group]:
    """One where the same nodes are spoken of, the logs are of one time, and nothing speaks against it."""
    into: dict[Group, Group] = {}
    pairs = [(_likeness(one, other), one, other) for one, other in combinations(groups, 2) if _related(one, other)]
    for likeness, one, other in sorted(pairs, key=lambda pair: pair[0], reverse=True):
        first, second = _root(into, one), _root(into, other)
        if first is not second and contradiction(first.known, second.known) is None:
            if not any(likeness[:3]) and not _beside(first, second):
                first.doubts.append(
                    f"{first.exhibits[0].name} and {second.exhibits[0].name} are taken to be of one cluster for the "
                    "names of their nodes alone"
                )
            first.take(second)
            into[second] = first
    return [group for group in groups if group not in into]


def _by_place(groups: list[Group]) -> list[Group]:
    """One where nobody packed a report, what lies together is not of other nodes, and nothing speaks against it."""
    kept: list[Group] = []
    for group in groups:
        near = [each for each in kept if _beside(each, group)]
        home = next((each for each in near if not _strangers(each.known, group.known)), None)
        if home is None:
            kept.append(group)
        else:
            home.take(group)
    alone = [group for group in kept if not group.known.names and None not in {each.beside for each in group.exhibits}]
    named = [group for group in kept if group not in alone]
    if len(named) == 1:  # a log that names no node is of the one cluster there is
        for group in alone:
            named[0].take(group)
        return named
    return kept


def _beside(one: Group, other: Group) -> bool:
    """Whether something of one lies beside something of the other, and nobody packed either as a report."""
    return bool({each.beside for each in one.exhibits} & {each.beside for each in other.exhibits} - {None})


def _strangers(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether they contradict each other, or each knows its own nodes and none of the other's."""
    if contradiction(one, other) is not None:
        return True
    return len(one.names) > 1 and len(other.names) > 1 and not one.names & other.names


def _root(into: Mapping[Group, Group], group: Group) -> Group:
    while group in into:
        group = into[group]
    return group


# --- what speaks for and against it --------------------------------------------------------------------


def _related(one: Group, other: Group) -> bool:
    """Whether they speak of the same nodes, of one time."""
    return bool(one.known.names & other.known.names) and _meet(one, other, _MOMENT)


def _likeness(one: Group, other: Group) -> tuple[int, int, int, int]:
    """How much they share beside the names of nodes, the surest first."""
    mine, theirs = one.known, other.known
    return (
        len(mine.rings & theirs.rings),
        sum(1 for own, others in shared(mine.addresses, theirs.addresses) if own & others),
        len(mine.resources & theirs.resources),
        len(mine.names & theirs.names),
    )


def _meet(one: Group, other: Group, apart: timedelta) -> bool:
    """Whether their logs overlap or touch, or one has no log. Of unknown zones, `apart` lies between at most."""
    mine, theirs = one.known, other.known
    if not mine.spans or not theirs.spans:
        return True
    near = _MOMENT if mine.zoned and theirs.zoned else apart
    return any(overlap(own, others, near) is not None for own in mine.spans for others in theirs.spans)


def _processes(known: Fingerprint) -> list[tuple[Daemon, int]]:
    return [(daemon, pid) for daemon, pids in known.lives.items() for pid in pids]


def _proves(mark: str | tuple[Daemon, int], one: Group, other: Group) -> bool:
    """Whether the mark, which both have, makes them one. A UUID does if they are of one time. A process must have
    spoken to both at one time, and nothing else may speak against it: in containers strangers have the same ids.
    """
    if isinstance(mark, str):
        return _meet(one, other, _ZONES)
    daemon, pid = mark
    lives, others = one.known.lives[daemon], other.known.lives[daemon]
    return overlap(lives[pid], others[pid]) is not None and contradiction(one.known, other.known) is None


def _unheard_start(one: Fingerprint, other: Fingerprint) -> bool:
    """Whether a start that one has heard was not heard by the other, which listened to that node at the time and has
    heard such a start before or after.
    """
    for daemon in one.starts.keys() & other.starts.keys():
        heard = other.heard[daemon[0]]  # whoever told of a start there has lines of it
        for start in one.starts[daemon]:
            told = any(_one_moment(start, time) for time in other.starts[daemon])
            if overlap((start, start), heard) is not None and not told:
                return True
    return False


def _one_moment(one: datetime, other: datetime) -> bool:
    """Whether two stamps can be of one moment, also where one log writes another zone's time."""
    between = overlap((one, one), (other, other), _ZONES)
    if between is None:
        return False
    beyond = (between[1] - between[0]) % _ZONE
    return min(beyond, _ZONE - beyond) <= _MOMENT


def _other_life(one: Fingerprint, other: Fingerprint) -> Iterator[bool]:
    """For each daemon that both have heard at one time: whether no process of it is the same."""
    for daemon in one.lives.keys() & other.lives.keys():
        mine, theirs = one.lives[daemon], other.lives[daemon]
        heard = [(pid, their) for pid, own in mine.items() for their, span in theirs.items() if overlap(own, span)]
        if heard:
            yield not any(pid == their for pid, their in heard)
