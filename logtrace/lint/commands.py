"""Commands for crmsh and for pcs that only a configuration's judge has use for; see logtrace.config.commands.

Words in capitals (QNETD_HOST) stand for what no log can know.
"""

from __future__ import annotations

from shlex import quote

from logtrace.config.commands import Commands, named


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


def totem(name: str, value: str) -> Commands:
    """An option of corosync's totem section on every node, at run time too."""
    return {
        "crm": f"crm corosync set totem.{name} {value}\ncrm corosync push\ncrm corosync reload",
        "pcs": f"pcs cluster config update totem {name}={value}",
    }


def quorum(name: str, value: str) -> Commands:
    """An option of corosync's quorum section; pcs wants the cluster stopped for it."""
    return {
        "crm": f"crm corosync set quorum.{name} {value}\ncrm corosync push\ncrm corosync reload",
        "pcs": f"pcs quorum update {name}={value}",
    }


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
