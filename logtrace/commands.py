"""Changes to a cluster as commands for crmsh and for pcs, one command a line.

Every function gives {"crm": ..., "pcs": ...}. Names out of a CIB are quoted for the shell. Syntax: crmsh 4, pcs 0.11.
Words in capitals (QNETD_HOST) stand for what no log can know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import quote

Commands = dict[str, str]


def together(parts: Iterable[Commands]) -> Commands:
    """Several changes as one, in order."""
    listed = [part for part in parts if part]
    return {
        tool: "\n".join(part[tool] for part in listed if tool in part)
        for tool in ("crm", "pcs")
        if any(tool in part for part in listed)
    }


def set_property(name: str, value: str) -> Commands:
    """Set a cluster property."""
    return {"crm": f"crm configure property {name}={value}", "pcs": f"pcs property set {name}={value}"}


def set_default(name: str, value: str) -> Commands:
    """Set a meta attribute for every resource that does not set it itself."""
    return {
        "crm": f"crm configure rsc_defaults {name}={value}",
        "pcs": f"pcs resource defaults update {name}={value}",
    }


def set_meta(resource: str, name: str, value: str) -> Commands:
    """Set a meta attribute of a resource, group or clone."""
    own = quote(resource)
    return {
        "crm": f"crm resource meta {own} set {name} {value}",
        "pcs": f"pcs resource meta {own} {name}={value}",
    }


def set_device(device: str, name: str, value: str) -> Commands:
    """Set a parameter of a fence device."""
    own = quote(device)
    return {
        "crm": f"crm resource param {own} set {name} {value}",
        "pcs": f"pcs stonith update {own} {name}={value}",
    }


def add_monitor(resource: str, interval: str, timeout: str, role: str | None = None) -> Commands:
    """Add a recurring monitor; `role`: the one it looks after, as the cluster's release spells it."""
    own = quote(resource)
    return {
        "crm": f"crm configure monitor {own}{f':{role}' if role else ''} {interval}:{timeout}",
        "pcs": f"pcs resource op add {own} monitor interval={interval} timeout={timeout}"
        + (f" role={role}" if role else ""),
    }


def set_interval(resource: str, before: str, after: str, timeout: str) -> Commands:
    """Change the interval of the monitor that now runs every `before`."""
    own = quote(resource)
    return {
        "crm": f"crm configure set {own}.monitor.{before}.interval {after}",
        "pcs": f"pcs resource update {own} op monitor interval={after} timeout={timeout}",
    }


def set_timeout(resource: str, operation: str, timeout: str, *, configured: bool, interval: str = "0") -> Commands:
    """Change, or with `configured` False set for the first time, the timeout of an operation."""
    own = quote(resource)
    recurring = operation == "monitor" and interval != "0"
    pcs = f"pcs resource update {own} op {operation}{f' interval={interval}' if recurring else ''} timeout={timeout}"
    path = f"{operation}.{interval}" if recurring else operation
    if configured:
        return {"crm": f"crm configure set {own}.{path}.timeout {timeout}", "pcs": pcs}
    return {"crm": f"crm configure edit {own}  # op {operation} timeout={timeout}", "pcs": pcs}


def side_by_side(group: str, members: Sequence[str]) -> Commands:
    """Take members out of a group; they start after it and where it runs, but no longer one after another."""
    own, names = quote(group), " ".join(map(quote, members))
    taken = [f"crm configure modgroup {own} remove {quote(member)}" for member in members]
    order = f"crm configure order {quote(f'o-{group}-side-by-side')} Mandatory: {own} '(' {names} ')'"
    place = f"crm configure colocation {quote(f'c-{group}-side-by-side')} inf: '(' {names} ')' {own}"
    return {
        "crm": "\n".join([*taken, order, place]),
        "pcs": f"pcs resource group remove {own} {names}\n"
        f"pcs constraint order set {own} set {names} sequential=false\n"
        f"pcs constraint colocation set {names} sequential=false set {own}",
    }


def clone(resource: str, group: str | None = None) -> Commands:
    """Run a resource on every node, out of its `group` when it is in one."""
    own = quote(resource)
    out = {
        "crm": f"crm configure modgroup {quote(group)} remove {own}",
        "pcs": f"pcs resource group remove {quote(group)} {own}",
    } if group else {}  # fmt: skip
    return together(
        [
            out,
            {
                "crm": f"crm configure clone {quote(f'cl-{resource}')} {own} meta interleave=true",
                "pcs": f"pcs resource clone {own} interleave=true",
            },
        ]
    )


def dissolve(group: str) -> Commands:
    """Take a group away and leave its members."""
    own = quote(group)
    return {"crm": f"crm configure delete {own}", "pcs": f"pcs resource ungroup {own}"}


def delete_constraint(identifier: str) -> Commands:
    """Remove a constraint."""
    own = quote(identifier)
    return {"crm": f"crm configure delete {own}", "pcs": f"pcs constraint delete {own}"}


def cleanup(resource: str, node: str | None = None) -> Commands:
    """Forget the failures of a resource, on one node or everywhere."""
    own, at = quote(resource), quote(node) if node else ""
    return {
        "crm": f"crm resource cleanup {own}{f' {at}' if at else ''}",
        "pcs": f"pcs resource cleanup {own}{f' node={at}' if at else ''}",
    }


def manage(resource: str) -> Commands:
    """Let the cluster act on a resource again."""
    own = quote(resource)
    return {"crm": f"crm resource manage {own}", "pcs": f"pcs resource manage {own}"}


def start(resource: str) -> Commands:
    """Let a resource run that was told to be stopped."""
    own = quote(resource)
    return {"crm": f"crm resource start {own}", "pcs": f"pcs resource enable {own}"}


def node_ready(node: str) -> Commands:
    """End the maintenance of a node."""
    own = quote(node)
    return {"crm": f"crm node ready {own}", "pcs": f"pcs node unmaintenance {own}"}


def node_online(node: str) -> Commands:
    """End the standby of a node."""
    own = quote(node)
    return {"crm": f"crm node online {own}", "pcs": f"pcs node unstandby {own}"}


def set_totem(name: str, value: str) -> Commands:
    """Set an option of corosync's totem section on every node, at run time too."""
    return {
        "crm": f"crm corosync set totem.{name} {value}\ncrm corosync push\ncrm corosync reload",
        "pcs": f"pcs cluster config update totem {name}={value}",
    }


def set_quorum(name: str, value: str) -> Commands:
    """Set an option of corosync's quorum section; pcs wants the cluster stopped for it."""
    return {
        "crm": f"crm corosync set quorum.{name} {value}\ncrm corosync push\ncrm corosync reload",
        "pcs": f"pcs quorum update {name}={value}",
    }


def add_qdevice() -> Commands:
    """Give the cluster a vote from outside."""
    return {
        "crm": "crm cluster init qdevice --qnetd-hostname=QNETD_HOST",
        "pcs": "pcs quorum device add model net host=QNETD_HOST algorithm=ffsplit",
    }
