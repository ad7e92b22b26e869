"""The cluster's configuration as frozen values, whatever file it was read from (CIB, pe-input, corosync.conf).

Durations are seconds (float), intervals included. Ids are those of the CIB. Nothing here judges.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field

from logtrace.domain.values import true


class Op(Struct, frozen=True):
    """An operation of a primitive as configured. `timeout` None: the default applies (see query.op_timeout).

    `unread`: an interval in words that Pacemaker does not read; it takes them for 0.
    """

    name: str
    interval: float
    timeout: float | None = None
    on_fail: str | None = None
    role: str | None = None
    start_delay: float = 0.0
    enabled: bool = True
    id: str = ""
    unread: str = ""


class Primitive(Struct, frozen=True):
    """`parents`: ids of the collections it is in, innermost first (group, clone, bundle).

    `configured` False: only log lines tell that it exists, and nothing is known of its operations and parameters.
    """

    id: str
    klass: str  # ocf, lsb, systemd, upstart, service, stonith
    provider: str | None
    type: str
    ops: tuple[Op, ...] = ()
    params: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)  # own meta attributes, templates resolved, defaults not
    parents: tuple[str, ...] = ()
    configured: bool = True

    @property
    def agent(self) -> str:
        return ":".join(part for part in (self.klass, self.provider, self.type) if part)


class Group(Struct, frozen=True):
    id: str
    members: tuple[str, ...]  # in order
    meta: dict[str, str] = field(default_factory=dict)

    @property
    def ordered(self) -> bool:
        return true(self.meta.get("ordered"), default=True)


class Clone(Struct, frozen=True):
    """A clone (or <master>) of one child, a primitive or a group. `promotable` is true for both spellings."""

    id: str
    child: str
    promotable: bool
    meta: dict[str, str] = field(default_factory=dict)


class Bundle(Struct, frozen=True):
    id: str
    child: str | None
    container: str  # docker, podman, rkt
    meta: dict[str, str] = field(default_factory=dict)


class Order(Struct, frozen=True):
    id: str
    first: str
    then: str
    first_action: str = "start"
    then_action: str = "start"
    kind: str = "Mandatory"
    symmetrical: bool = True
    require_all: bool = True  # False: any one of a set is enough


class Colocation(Struct, frozen=True):
    id: str
    resource: str
    with_resource: str
    score: str = "INFINITY"
    role: str | None = None
    with_role: str | None = None


class Location(Struct, frozen=True):
    """`resource` of a rsc-pattern is the pattern between slashes. `node` None: a rule that no single name answers.

    `until`: the date its rule ends by, as written; a move or ban with a lifetime has one.
    """

    id: str
    resource: str
    node: str | None
    score: str | None
    until: str | None = None


class Member(Struct, frozen=True):
    """A node of corosync's nodelist. `id` None: corosync makes one of the first address."""

    name: str
    id: str | None
    addresses: tuple[str, ...]
    votes: int = 1


class Corosync(Struct, frozen=True):
    """corosync.conf, and the runtime values (corosync.dump) where present. Times in seconds; None: the default.

    `nodelist` is the section as it is written; `nodes` and `addresses` are its names, of which a second node with the
    same id or address is the last. `links` 0: the files do not tell. `plugin`: it loads Pacemaker as a service, as
    only Corosync 1 does. `tracking`: expected votes follow the nodes seen (expected_votes_tracking, allow_downscale).
    """

    cluster_name: str | None = None
    version: str | None = None
    transport: str | None = None
    token: float | None = None
    token_coefficient: float | None = None
    consensus: float | None = None
    runtime_token: float | None = None
    runtime_consensus: float | None = None
    provider: str | None = None
    two_node: bool = False
    wait_for_all: bool | None = None
    auto_tie_breaker: bool = False
    last_man_standing: bool = False
    tracking: bool = False
    expected_votes: int | None = None
    quorum_device: str | None = None
    plugin: bool = False
    links: int = 0
    nodelist: tuple[Member, ...] = ()
    nodes: dict[str, str] = field(default_factory=dict)  # node id -> name (or address when it has no name)
    addresses: dict[str, str] = field(default_factory=dict)  # address -> name
    source: str = ""  # the file it came from


class Sbd(Struct, frozen=True):
    """Timeouts of an sbd disk in seconds, as `sbd dump` prints them."""

    watchdog: float | None = None
    msgwait: float | None = None


class ClusterConfig(Struct, frozen=True):
    """One configuration at one time. `source` names the file it came from.

    `epoch` None: no CIB was at hand (the rest is empty, only `corosync` is known). `written` is cib-last-written,
    naive, in the local time of the node that wrote it.
    """

    source: str = ""
    written: datetime | None = None
    cluster_name: str | None = None
    stack: str | None = None
    pacemaker: str | None = None  # dc-version, else derived from crm_feature_set ("2.1.3-2.1.4": one of these)
    feature_set: str | None = None
    epoch: tuple[int, int, int] | None = None  # admin_epoch, epoch, num_updates
    properties: dict[str, str] = field(default_factory=dict)
    rsc_defaults: dict[str, str] = field(default_factory=dict)
    op_defaults: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)  # node id -> uname
    remote_nodes: tuple[str, ...] = ()  # unames of those without corosync: remote and guest nodes
    node_attributes: dict[str, dict[str, str]] = field(default_factory=dict)  # uname -> attributes
    primitives: dict[str, Primitive] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    clones: dict[str, Clone] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    colocations: tuple[Colocation, ...] = ()
    locations: tuple[Location, ...] = ()
    fencing_levels: tuple[str, ...] = ()  # ids of the fencing-level elements
    corosync: Corosync | None = None
    sbd: Sbd | None = None


class HistoryEntry(Struct, frozen=True):
    """One lrm_rsc_op of a status section: the last result of an operation as the cluster remembers it.

    `last_rc_change`: epoch seconds; for one-shot operations the start of the run, for recurring ones the moment the
    result last changed (lrm_rsc_op, pacemaker-based). `exec_time` and `queue_time` are seconds.
    """

    node: str
    resource: str
    operation: str
    interval: float
    call: int | None
    rc: int | None
    status: int | None
    last_rc_change: int | None
    exec_time: float | None
    queue_time: float | None
    exit_reason: str | None
    transition_key: str | None
    id: str
    line: int = 0  # of the file; 0 where it is not known


class Snapshot(Struct, frozen=True):
    """A CIB file: its configuration, and what its status section remembers.

    `executed`: the epoch a pe-input was computed (execution-date), `name` e.g. pe-input-12; both None for a live CIB.
    `folder_node`: the node in whose folder the file lay. `online`: unames that were members; `away`: those that the
    status section says were not (it may say nothing of a node). `secrets`: what was masked in it and is to be masked
    elsewhere, see logtrace.lines.recurring.
    """

    config: ClusterConfig
    history: tuple[HistoryEntry, ...] = ()
    executed: int | None = None
    name: str | None = None
    folder_node: str | None = None
    online: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    dc: str | None = None
    quorum: bool | None = None
    update_origin: str | None = None  # node, client and user of the last change to the configuration
    update_client: str | None = None
    update_user: str | None = None
    transient: dict[str, dict[str, str]] = field(default_factory=dict)  # uname -> attributes (fail-count-*)
    secrets: frozenset[str] = frozenset()
