"""What a case itself calls a node, a host, a user, a resource or a cluster: the names that no pattern could know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import PurePath
from typing import Final

import polars as pl
from msgspec import Struct

from logtrace import catalogue
from logtrace.config.model import ClusterConfig
from logtrace.redaction.domains import domain_of, suffix_of
from logtrace.redaction.patterns import COMMON_HOSTS, COMMON_USERS, HOSTS, USERS, address
from logtrace.report.case import Case

_HOST_PARAMS: Final = re.compile(
    r"ip|ipaddr|(?:.*_)?host(?:name|list|s)?|pcmk_host_(?:list|map)|(?:.*_)?address(?:es)?|plug|port", re.IGNORECASE
)
_USER_PARAMS: Final = re.compile(r"login|(?:.*_)?user(?:name|id)?|pgdba|client_user", re.IGNORECASE)
_HOST: Final = re.compile(r"(?=.*[A-Za-z])[0-9A-Za-z_](?:[\w.-]*\w)?", re.ASCII)


#: `getty@tty1.service` names no user and no host.
_UNIT: Final = r"[\w.-]+@[\w.:\\-]+\.(?:service|socket|target|timer|slice|scope|mount|path|device)\b"


class Sources(Struct, frozen=True):
    """Names by kind, as written. `folders`: what stands before the names of the inputs on the analyst's machine;
    `numbers`: ids of nodes that Corosync made of an address; `domains` in lower case, beside those of the hosts.
    """

    nodes: frozenset[str]
    hosts: frozenset[str]
    users: frozenset[str]
    resources: frozenset[str]
    clusters: frozenset[str]
    folders: frozenset[str]
    numbers: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


def sources(cases: Iterable[Case], texts: pl.Series, *, names: bool) -> Sources:
    """The names in `cases`, whose texts are `texts`; of resources and clusters only when `names`."""
    cases = tuple(cases)
    nodes = {name for case in cases for name in _nodes(case) if _host(name)}
    makers = {name for case in cases for name in _makers(case)}
    hosts = {name for case in cases for name in _params(case.config, _HOST_PARAMS) if _host(name)}
    users = {name for case in cases for name in _params(case.config, _USER_PARAMS)} | _mentioned(texts, USERS)
    resources = {name for case in cases for name in _resources(case)} if names else set()
    clusters = {name for case in cases for name in _clusters(case)} if names else set()
    words = _words(cases)
    found = {name for name in _mentioned(texts, HOSTS) if _host(name) and name.lower() not in words}
    domains = {name.lower() for name in found if _is_domain(name)}
    hosts |= {name for name in found if name.lower() not in domains}
    folders = {str(PurePath(each.path).parent) + "/" for case in cases for each in case.inputs if "/" in each.path}
    return Sources(
        nodes=frozenset(nodes),
        hosts=frozenset(hosts - nodes - makers),
        users=frozenset(name for name in users - makers - nodes if _plain_user(name) and name.lower() not in words),
        resources=frozenset(filter(None, resources)),
        clusters=frozenset(filter(None, clusters)),
        folders=frozenset(folders - {"/", "./", "../"}),
        domains=frozenset(domains),
        numbers=frozenset(number for case in cases for number in _numbers(case)),
    )


def _host(name: str) -> bool:
    return _HOST.fullmatch(name) is not None and COMMON_HOSTS.fullmatch(name) is None


def _is_domain(name: str) -> bool:
    """Whether it is the name of a whole domain: nothing but its end stands behind the first dot."""
    rest = domain_of(name)
    return rest is not None and suffix_of(f"x.{rest}") == rest


def _nodes(case: Case) -> Iterator[str]:
    frames = case.frames
    yield from (node.name for node in case.cluster.nodes)
    yield from case.coverage.missing_nodes
    yield from frames.events.values("node") | frames.events.values("target")
    for frame, column in (
        (frames.files, "node"),
        (frames.membership, "observer"),
        (frames.membership, "target"),
        (frames.fencing, "target"),
        (frames.fencing, "peer"),
    ):
        if column in frame.columns:
            yield from frame[column].drop_nulls().unique()
    config = case.config
    if config is None:
        return
    yield from (*config.nodes.values(), *config.node_attributes)
    yield from (location.node for location in config.locations if location.node)
    for primitive in config.primitives.values():
        if "remote-node" in primitive.meta:
            yield primitive.meta["remote-node"]
        if (primitive.provider, primitive.type) == ("pacemaker", "remote"):
            yield primitive.id
    if config.corosync is not None:
        yield from (*config.corosync.nodes.values(), *config.corosync.addresses.values(), *config.corosync.addresses)


def _makers(case: Case) -> Iterator[str]:
    """Names of agents and daemons: an account is often named like the service, and that name is no secret."""
    for column in ("daemon", "agent"):
        yield from case.frames.events.values(column)
    if case.config is not None:
        yield from (each.type for each in case.config.primitives.values())


def _params(config: ClusterConfig | None, wanted: re.Pattern[str]) -> Iterator[str]:
    for primitive in config.primitives.values() if config is not None else ():
        for name, value in primitive.params.items():
            if wanted.fullmatch(name):
                for word in re.split(r"[\s,;=@]+", value):
                    if "/" not in word and address(word) is None:
                        yield from word.split(":")


def _mentioned(texts: pl.Series, patterns: Iterable[str]) -> set[str]:
    texts = texts.str.replace_all(_UNIT, "")
    found: set[str] = set()
    for pattern in patterns:
        mentions = texts.str.extract_all(pattern).explode().drop_nulls().unique()
        found.update(mentions.str.extract(pattern).drop_nulls().to_list())
    return {name.rstrip(".-") for name in found}


def _words(cases: Iterable[Case]) -> set[str]:
    """What is no name of a site wherever it stands: words of the cluster's own messages, and what a resource is called.
    A host or a user called like one of these tells nothing.
    """
    own = {name.lower() for case in cases for name in (*_resources(case), *_makers(case))}
    return own | _catalogued()


@cache
def _catalogued() -> frozenset[str]:
    templates = (pattern.template for message in catalogue.load().messages for pattern in message.patterns)
    return frozenset(word.lower() for template in templates for word in re.findall(r"[A-Za-z][\w-]+", template))


def _numbers(case: Case) -> Iterator[str]:
    """Ids of nodes that are no small numbers: one that nobody gave is the address of the first ring."""
    told = {*case.frames.events.values("nodeid")}
    for column in ("members", "joined", "left"):
        told |= {number for several in case.frames.events.values(column) for number in re.findall(r"\d+", several)}
    if case.config is not None:
        told |= {*case.config.nodes}
        told |= {*case.config.corosync.nodes} if case.config.corosync is not None else set()
    return (number for number in told if number.isdecimal() and len(number) < 20 and int(number) >> 24)


def _plain_user(name: str) -> bool:
    """Whether it is an account of a person or a site; `client.123@node` of Pacemaker's messages is none."""
    return COMMON_USERS.fullmatch(name) is None and re.fullmatch(r"[A-Za-z][\w.+-]*?(?<!\.\d)", name) is not None


def _resources(case: Case) -> Iterator[str]:
    if case.config is not None:
        config = case.config
        yield from (*config.primitives, *config.groups, *config.clones, *config.bundles)
    spoken = case.frames.events.values("resource") | {*case.frames.operations["resource"].drop_nulls()}
    yield from (re.sub(r":\d+$", "", name) for name in spoken)
    yield from case.frames.events.values("device")
    yield from (name for incident in case.incidents for name in incident.resources)


def _clusters(case: Case) -> Iterator[str]:
    yield case.cluster.name or ""
    if case.config is not None:
        yield case.config.cluster_name or ""
        yield (case.config.corosync.cluster_name if case.config.corosync else None) or ""
