"""Commands for crmsh and for pcs (0.11) that make one change to this cluster's configuration.

Each function gives lines for a shell, keyed "crm" and "pcs", and nothing at all where a name is none that a CIB can
hold: what a shell would take apart can be quoted, but crmsh reads its lines once more, in a language of its own.
What neither shell can say (an operation a template holds, ids with dots in crmsh's paths) is said with cibadmin, which
both have beside them. Words in capitals (QNETD_HOST) stand for what no log can know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from shlex import quote

from markupsafe import escape

from logtrace.config.model import ClusterConfig, Op, Primitive
from logtrace.config.query import group_of
from logtrace.config.services import ADDRESSES

Commands = dict[str, str]

#: Options of the quorum section that `pcs quorum update` takes; it sets two_node and the votes by itself or not at all.
_PCS_QUORUM = ("auto_tie_breaker", "last_man_standing", "last_man_standing_window", "wait_for_all")

#: Ids (NCName, with the colon of an instance) and names of nodes, which may begin with a digit. No option begins so.
_NAME = re.compile(r"\w[\w.:-]*")
_UNIT = re.compile(r"[\w:.@\\][\w:.@\\-]*")


def named(*names: str, crm: str, pcs: str) -> Commands:
    """These lines, in which `names` stand; none where one of these is no name."""
    return {"crm": crm, "pcs": pcs} if all(map(_NAME.fullmatch, names)) else {}


def unit(primitive: Primitive | None) -> str | None:
    """The systemd unit or init script that a resource stands for, as a shell takes it; None where there is none."""
    if primitive is None or primitive.klass in ("ocf", "stonith") or not _UNIT.fullmatch(primitive.type):
        return None
    return quote(primitive.type)


def files_of(primitive: Primitive) -> tuple[str, ...]:
    """Where the program lies that starts and stops a primitive."""
    name = primitive.type
    if primitive.klass == "ocf":
        return (f"/usr/lib/ocf/resource.d/{primitive.provider or 'heartbeat'}/{name}",)
    unit = name if "." in name else f"{name}.service"
    return {
        "lsb": (f"/etc/init.d/{name}",),
        "upstart": (f"/etc/init/{name}.conf",),
        "systemd": (f"/etc/systemd/system/{unit}.d/override.conf", f"/usr/lib/systemd/system/{unit}"),
        "service": (f"/etc/init.d/{name}", f"/usr/lib/systemd/system/{unit}"),
        "stonith": (f"/usr/sbin/{name}",),
    }.get(primitive.klass, ())


def joined(*parts: Commands) -> Commands:
    """Several changes, one after another, without those that no command makes."""
    said = [part for part in parts if part]
    return {shell: "\n".join(part[shell] for part in said) for shell in ("crm", "pcs")} if said else {}


def script(*lines: str) -> str:
    """Several lines of crmsh's configure level that take effect together."""
    return f"printf '%s\\n' {' '.join(map(_always_quoted, [*lines, 'commit']))} | crm configure"


def duration(seconds: float) -> str:
    """As Pacemaker reads it: 10s, 500ms."""
    return f"{round(seconds)}s" if abs(seconds - round(seconds)) < 0.0005 else f"{round(seconds * 1000)}ms"


def operation(config: ClusterConfig, primitive: Primitive, op: Op | None, name: str, **options: str) -> Commands:
    """Set options of an operation that is configured (`op`) or not yet (None)."""
    holders = [
        ("group" if parent in config.groups else "clone" if parent in config.clones else "bundle", parent)
        for parent in primitive.parents
    ]
    kind = "stonith" if primitive.klass == "stonith" else "resource"
    names = [primitive.id, name, *primitive.parents, *([op.id] if op is not None and op.id else [])]
    if op is None:
        interval = options.pop("interval", "0s")
        values = " ".join(f"{key}={quote(value)}" for key, value in options.items())
        attributes = {"id": f"{primitive.id}-{name}-{interval}", "name": name, "interval": interval, **options}
        element = f"<operations><op {_attributes(attributes)}/></operations>"
        element = f"<primitive id={_attribute(primitive.id)}>{element}</primitive>"
        for tag, holder in holders:
            element = f"<{tag} id={_attribute(holder)}>{element}</{tag}>"
        return named(
            *names,
            crm=f"cibadmin --modify --allow-create --scope resources --xml-text {quote(element)}",
            pcs=f"pcs {kind} op add {quote(primitive.id)} {name} interval={interval} {values}".rstrip(),
        )
    same = [other for other in primitive.ops if other.name == name]
    own = op.id.startswith(primitive.id) or not op.id
    if not own:
        line = _cibadmin(op, options)
        return named(*names, crm=line, pcs=line)
    if len(same) == 1 and "." not in primitive.id:
        crm = "\n".join(
            f"crm configure set {quote(f'{primitive.id}.{name}.{key}')} {quote(value)}"
            for key, value in options.items()
        )
    else:
        crm = _cibadmin(op, options)
    values = " ".join(f"{key}={quote(value)}" for key, value in {**_given(op), **options}.items())
    if len(same) == 1:
        return named(*names, crm=crm, pcs=f"pcs {kind} update {quote(primitive.id)} op {name} {values}")
    pcs = f"pcs resource op remove {quote(op.id)}\npcs resource op add {quote(primitive.id)} {name} {values}"
    return named(*names, crm=crm, pcs=pcs)


def _given(op: Op) -> dict[str, str]:
    """What is configured of an operation; pcs forgets whatever is not said again."""
    values = {"interval": duration(op.interval)}
    if op.timeout is not None:
        values["timeout"] = duration(op.timeout)
    if op.on_fail:
        values["on-fail"] = op.on_fail
    if op.role:
        values["role"] = op.role
    if op.start_delay:
        values["start-delay"] = duration(op.start_delay)
    if not op.enabled:
        values["enabled"] = "false"
    return values


def _cibadmin(op: Op, options: dict[str, str]) -> str:
    element = f"<op {_attributes({'id': op.id, **options})}/>"
    return f"cibadmin --modify --xpath {quote(f'//op[@id={_attribute(op.id)}]')} --xml-text {quote(element)}"


def _attribute(value: str) -> str:
    """As an attribute of XML. The standard library's own takes ten milliseconds to import, for it brings HTTP along."""
    return f'"{escape(value)}"'


def _attributes(values: dict[str, str]) -> str:
    return " ".join(f"{name}={_attribute(value)}" for name, value in values.items())


def _always_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


def property_(name: str, value: str) -> Commands:
    """A cluster property."""
    return named(
        name, crm=f"crm configure property {name}={quote(value)}", pcs=f"pcs property set {name}={quote(value)}"
    )


def meta(resource: str, **values: str) -> Commands:
    """Meta attributes of a resource; `_` in a name stands for `-`."""
    spelt = {name.replace("_", "-"): value for name, value in values.items()}
    crm = [f"crm resource meta {quote(resource)} set {name} {quote(value)}" for name, value in spelt.items()]
    pcs = [f"{name}={quote(value)}" for name, value in spelt.items()]
    return named(resource, *spelt, crm="\n".join(crm), pcs=f"pcs resource meta {quote(resource)} {' '.join(pcs)}")


def parameter(device: str, name: str, value: str) -> Commands:
    """A parameter of a fence device."""
    return named(
        device,
        name,
        crm=f"crm resource param {quote(device)} set {name} {quote(value)}",
        pcs=f"pcs stonith update {quote(device)} {name}={quote(value)}",
    )


def cleanup(resource: str) -> Commands:
    """Forget a resource's failures, so that it may run again where it was kept away."""
    return named(resource, crm=f"crm resource cleanup {quote(resource)}", pcs=f"pcs resource cleanup {quote(resource)}")


def default(name: str, value: str) -> Commands:
    """A meta attribute of every resource that does not set it itself."""
    return {
        "crm": f"crm configure rsc_defaults {name}={value}",
        "pcs": f"pcs resource defaults update {name}={value}",
    }


def delete_constraint(identifier: str) -> Commands:
    """Remove a constraint."""
    return named(
        identifier, crm=f"crm configure delete {quote(identifier)}", pcs=f"pcs constraint delete {quote(identifier)}"
    )


def manage(resource: str) -> Commands:
    """Let the cluster act on a resource again."""
    return named(resource, crm=f"crm resource manage {quote(resource)}", pcs=f"pcs resource manage {quote(resource)}")


def start(resource: str) -> Commands:
    """Let a resource run that was told to be stopped."""
    return named(resource, crm=f"crm resource start {quote(resource)}", pcs=f"pcs resource enable {quote(resource)}")


def node_ready(node: str) -> Commands:
    """End the maintenance of a node."""
    return named(node, crm=f"crm node ready {quote(node)}", pcs=f"pcs node unmaintenance {quote(node)}")


def node_online(node: str) -> Commands:
    """End the standby of a node."""
    return named(node, crm=f"crm node online {quote(node)}", pcs=f"pcs node unstandby {quote(node)}")


def attribute_gone(node: str, name: str) -> Commands:
    """Delete an attribute of a node that would last until it restarts."""
    line = f"crm_attribute --node {quote(node)} --name {name} --lifetime reboot --delete"
    return named(node, name, crm=line, pcs=line)


def totem(name: str, value: str) -> Commands:
    """An option of corosync's totem section on every node, at run time too."""
    return {
        "crm": f"crm corosync set totem.{name} {value}\ncrm corosync push\ncrm corosync reload",
        "pcs": f"pcs cluster config update totem {name}={value}",
    }


def quorum(name: str, value: str) -> Commands:
    """An option of corosync's quorum section; pcs wants the cluster stopped for it, and sets a few options only."""
    by_hand = quorum_written(f"{name}: {value}")["pcs"]
    return {
        "crm": f"crm corosync set quorum.{name} {value}\ncrm corosync push\ncrm corosync reload",
        "pcs": f"pcs quorum update {name}={value}" if name in _PCS_QUORUM else by_hand,
    }


def quorum_written(line: str) -> Commands:
    """A line of corosync's quorum section that neither shell sets by itself."""
    crm, pcs = edited().values()
    return {
        "crm": f"{crm}  # {line}, in the quorum section",
        "pcs": f"{pcs}  # after {line} was written into corosync.conf",
    }


def edited() -> Commands:
    """Hand out corosync.conf after it was edited."""
    return {"crm": "crm corosync edit\ncrm corosync push", "pcs": "pcs cluster sync"}


def quorum_device() -> Commands:
    """A vote from outside the cluster."""
    return {
        "crm": "crm cluster init qdevice --qnetd-hostname=QNETD_HOST",
        "pcs": "pcs quorum device add model net host=QNETD_HOST algorithm=ffsplit",
    }


def fence_agents() -> Commands:
    """List the fence agents that are installed: which one fits, the hardware decides."""
    return {"crm": "crm ra list stonith", "pcs": "pcs stonith list"}


def show(resource: str) -> Commands:
    """Look at a resource, and with crmsh edit it."""
    return named(resource, crm=f"crm configure edit {quote(resource)}", pcs=f"pcs resource config {quote(resource)}")


def avoid(resource: str, nodes: Sequence[str]) -> Commands:
    """Keep a resource off nodes."""
    crm = [
        f"crm configure location {quote(f'{resource}-not-on-{node}')} {quote(resource)} -inf: {quote(node)}"
        for node in nodes
    ]
    pcs = f"pcs constraint location {quote(resource)} avoids {' '.join(quote(node) for node in nodes)}"
    return named(resource, *nodes, crm="\n".join(crm), pcs=pcs)


def levels(node: str, devices: Sequence[str]) -> Commands:
    """Fencing levels of a node: the devices one after another, the next only when the one before failed."""
    pcs = [f"pcs stonith level add {level} {quote(node)} {quote(device)}" for level, device in enumerate(devices, 1)]
    crm = f"crm configure fencing_topology {quote(f'{node}:')} {' '.join(map(quote, devices))}"
    return named(node, *devices, crm=crm, pcs="\n".join(pcs))


def taken_out(group: str, members: Sequence[str], *, ordered: bool, taken: Iterable[str] = ()) -> Commands:
    """Take members out of a group; they stay on its node, and start after it if `ordered`, side by side.

    `taken`: ids that are in use, so that new constraints get others.
    """
    used = set(taken)
    beside, after = _free(f"col-{group}", used), _free(f"ord-{group}", used)
    several = len(members) > 1
    names = f"( {' '.join(members)} )" if several else members[0]
    lines = [f"modgroup {group} remove {member}" for member in members]
    lines.append(f"colocation {beside} inf: {names} {group}")
    shown = " ".join(map(quote, members))
    spread = " sequential=false" if several else ""
    together = f"pcs constraint colocation set {shown}{spread} set {quote(group)}"
    pcs = [
        f"pcs resource group remove {quote(group)} {shown}",
        f"{together} setoptions id={quote(beside)} score=INFINITY",
    ]
    if ordered:
        lines.append(f"order {after} Mandatory: {group} {names}")
        pcs.append(
            f"pcs constraint order set {quote(group)} set {shown}{spread} setoptions id={quote(after)} kind=Mandatory"
        )
    return named(group, *members, crm=script(*lines), pcs="\n".join(pcs))


def cloned(config: ClusterConfig, names: Sequence[str]) -> Commands:
    """Clone each of `names`; a whole group where all but its address may be cloned stays a group of the rest."""
    crm: list[str] = []
    pcs: list[str] = []
    touched = list(names)
    for name in names:
        group = group_of(config, name)
        rest = [] if group is None else [member for member in group.members if member not in names]
        touched += [group.id] if group is not None else []
        clone = f"cl-{name}"
        if group is not None and not rest:
            if f"clone cl-{group.id} {group.id} meta interleave=true" not in crm:
                crm.append(f"clone cl-{group.id} {group.id} meta interleave=true")
                pcs.append(f"pcs resource clone {quote(group.id)} {quote(f'cl-{group.id}')} interleave=true")
            continue
        if group is not None:
            crm.append(f"modgroup {group.id} remove {name}")
            pcs.append(f"pcs resource group remove {quote(group.id)} {quote(name)}")
        crm.append(f"clone {clone} {name} meta interleave=true")
        pcs.append(f"pcs resource clone {quote(name)} {quote(clone)} interleave=true")
        for address in _addresses(config, rest):
            rule = f"{address}-with-{name}"
            touched.append(address)
            crm.append(f"colocation {rule} inf: {address} {clone}")
            pcs.append(
                f"pcs constraint colocation add {quote(address)} with {quote(clone)} score=INFINITY id={quote(rule)}"
            )
    return named(*touched, crm=script(*crm), pcs="\n".join(pcs))


def _addresses(config: ClusterConfig, members: Sequence[str]) -> list[str]:
    return [member for member in members if config.primitives[member].type.lower() in ADDRESSES]


def _free(name: str, used: set[str]) -> str:
    """`name`, or with a number when it is in use."""
    number, found = 2, name
    while found in used:
        found, number = f"{name}-{number}", number + 1
    used.add(found)
    return found
