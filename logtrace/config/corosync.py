"""corosync.conf and cmap dumps (`corosync.dump`, `corosync-cmapctl`) -> Corosync, and its timing."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any, Final

from msgspec.structs import replace

from logtrace.config import defaults
from logtrace.config.model import ClusterConfig, Corosync, Member
from logtrace.domain.durations import LONGEST
from logtrace.domain.kinds import Kind
from logtrace.domain.values import true, whole

#: Both files are a few kB; what lies beyond is not read.
MAX_BYTES: Final = 4 * 1024 * 1024

#: Corosync warns of a pause from this share of the token on (main.c: timer_function_scheduler_timeout).
PAUSE_WARNED: Final = 0.8

_REPEATED: Final = {"nodelist.node", Kind.TOTEM_INTERFACE, "logging.logger_subsys", "service", "uidgid"}
_DUMP_LINE = re.compile(r"(\S+) \(\w+\) = (.*)", re.ASCII)
_SERVICE = re.compile(r"service\.\d+\.name", re.ASCII)
_RING = re.compile(r"ring\d+_addr", re.ASCII)


def read_conf(data: bytes) -> Corosync:
    """Read corosync.conf. Lines that are neither `name {`, `}` nor `key: value` are passed over, as corosync does."""
    return _corosync(dict(_conf_pairs(data)))


def read_dump(data: bytes) -> Corosync:
    """Read a dump of the cmap: the configuration and, under `runtime.config.`, what is in force."""
    lines = data[:MAX_BYTES].decode("utf-8", "replace").splitlines()
    matches = (_DUMP_LINE.fullmatch(line.strip()) for line in lines)
    return _corosync({match[1]: match[2] for match in matches if match})


def merge(*parts: Corosync) -> Corosync:
    """One value out of several files of one cluster; the first that knows a thing has it."""
    merged = Corosync()
    for part in parts:
        news: dict[str, Any] = {
            name: getattr(part, name)
            for name in Corosync.__struct_fields__
            if getattr(merged, name) == getattr(Corosync(), name)
        }
        merged = replace(merged, **news)
    return merged


def votes(corosync: Corosync) -> int | None:
    """The votes corosync expects of nodes: as written, else those of the nodelist; None when nothing tells.

    With a quorum device, a written number counts the device's votes too (votequorum(5)).
    """
    return corosync.expected_votes or sum(node.votes for node in corosync.nodelist) or None


def has_votequorum(config: ClusterConfig) -> bool:
    """Whether the cluster's votes are counted by corosync itself, with two_node and the like.

    Not on Heartbeat, cman, and Pacemaker as a plugin of Corosync 1 (openais), whose cluster-infrastructure says so;
    without it the release does: Pacemaker knows Corosync 2 since 1.1.7. What tells nothing is of this age.
    """
    if config.stack:
        return config.stack == "corosync"
    corosync = config.corosync
    if corosync is not None and (corosync.plugin or (_release(corosync.version) or (2, 0, 0)) < (2, 0, 0)):
        return False
    if corosync is not None and (corosync.provider or corosync.nodelist):
        return True
    return (_release(config.pacemaker) or (2, 0, 0)) >= (1, 1, 7)


def token_seconds(config: ClusterConfig) -> float | None:
    """How long corosync waits for a lost token, in seconds: the value in force, else computed, else None.

    Computed from the configured or the release's default token plus the coefficient for every node above two of the
    nodelist (corosync.conf(5); totemconfig.c). None when neither the token nor the release is known.
    """
    corosync = config.corosync
    if corosync is None:
        return None
    if corosync.runtime_token is not None:
        return corosync.runtime_token
    release = _release(corosync.version)
    token = corosync.token
    if token is None:
        if release is None:
            return None
        token = next(seconds for since, seconds in defaults.TOKEN_SECONDS if release >= since)
    if release is not None and release < defaults.COEFFICIENT_SINCE:
        return token
    coefficient = corosync.token_coefficient
    extra = max(0, len(corosync.nodes) - 2) * (defaults.TOKEN_COEFFICIENT if coefficient is None else coefficient)
    return round(token + extra, 3)


def consensus_seconds(config: ClusterConfig) -> float | None:
    """How long corosync waits for agreement on a new membership, in seconds; None when nothing tells."""
    corosync = config.corosync
    if corosync is None:
        return None
    if corosync.runtime_consensus is not None:
        return corosync.runtime_consensus
    if corosync.consensus is not None:
        return corosync.consensus
    token = token_seconds(config)
    return None if token is None else int(token * 1000 * defaults.CONSENSUS_FACTOR + 1e-6) / 1000


def least_consensus(token: float) -> float:
    """The shortest consensus timeout that a token allows, in seconds (corosync.conf(5)), in whole milliseconds."""
    return math.ceil(token * 1000 * defaults.CONSENSUS_FACTOR - 1e-6) / 1000


def _conf_pairs(data: bytes) -> Iterator[tuple[str, str]]:
    """(cmap key, value) of every setting; sections that may repeat are numbered as in the cmap."""
    path: list[str] = []
    seen: Counter[str] = Counter()
    for raw in data[:MAX_BYTES].decode("utf-8", "replace").splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.endswith("{") and len(path) < 16:
            name = ".".join([*path, line[:-1].strip()])
            if name in _REPEATED:
                path += [line[:-1].strip(), str(seen[name])]
                seen[name] += 1
            else:
                path.append(line[:-1].strip())
        elif line == "}":
            if path and path.pop().isdigit() and path:
                path.pop()
        elif ":" in line:
            key, _, value = line.partition(":")
            yield ".".join([*path, key.strip()]), value.strip()


def _corosync(values: dict[str, str]) -> Corosync:
    get = values.get
    nodelist = _nodelist(values)
    wait_for_all = get("quorum.wait_for_all")
    device = get("quorum.device.model")
    return Corosync(
        cluster_name=get("totem.cluster_name"),
        transport=get("totem.transport"),
        token=_ms(get(Kind.TOTEM_TOKEN)),
        token_coefficient=_ms(get("totem.token_coefficient")),
        consensus=_ms(get("totem.consensus")),
        runtime_token=_ms(get("runtime.config.totem.token")),
        runtime_consensus=_ms(get("runtime.config.totem.consensus")),
        provider=get("quorum.provider"),
        two_node=true(get("quorum.two_node")) or true(get("runtime.votequorum.two_node")),
        wait_for_all=true(wait_for_all) if wait_for_all else None,
        auto_tie_breaker=true(get("quorum.auto_tie_breaker")),
        last_man_standing=true(get("quorum.last_man_standing")),
        tracking=true(get("quorum.expected_votes_tracking")) or true(get("quorum.allow_downscale")),
        expected_votes=whole(get("quorum.expected_votes")),
        quorum_device=get(f"quorum.device.{device}.host", device) if device else None,
        plugin="pacemaker" in (value for key, value in values.items() if _SERVICE.fullmatch(key)),
        links=_links(values, nodelist),
        nodelist=nodelist,
        nodes={node.id or _default_id(node.addresses) or node.name: node.name for node in nodelist},
        addresses={address: node.name for node in nodelist for address in node.addresses},
    )


def _links(values: dict[str, str], nodelist: tuple[Member, ...]) -> int:
    """The number of links: of addresses in the nodelist, else of interfaces; knet's interfaces are options only."""
    addresses = max((len(node.addresses) for node in nodelist), default=0)
    if addresses and values.get("totem.transport") == "knet":
        return addresses
    return max(addresses, len({key.split(".")[2] for key in values if key.startswith("totem.interface.")}))


def _nodelist(values: dict[str, str]) -> tuple[Member, ...]:
    """The nodes that have a name or an address."""
    entries: dict[str, dict[str, str]] = {}
    for key, value in values.items():
        if key.startswith("nodelist.node."):
            _, _, position, name = key.split(".", 3) if key.count(".") >= 3 else ("", "", "", "")
            entries.setdefault(position, {})[name] = value
    nodes = []
    for entry in entries.values():
        rings = tuple(value for key, value in sorted(entry.items()) if _RING.fullmatch(key))
        if name := entry.get("name") or next(iter(rings), ""):
            votes = whole(entry.get("quorum_votes"))
            nodes.append(Member(name, entry.get("nodeid") or None, rings, 1 if votes is None else votes))
    return tuple(nodes)


def _default_id(rings: tuple[str, ...]) -> str | None:
    """Without a nodeid, corosync takes the IPv4 address of the first ring as a number."""
    try:
        return str(int(IPv4Address(rings[0])))
    except (IndexError, ValueError):
        return None


def _release(version: str | None) -> tuple[int, int, int] | None:
    match = re.match(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", version or "", re.ASCII)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def _ms(text: str | None) -> float | None:
    number = whole(text)
    return None if number is None else min(number / 1000, LONGEST)
