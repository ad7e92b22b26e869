"""Host names with blanks in them: where a name ends is then not told by the layout alone."""

from __future__ import annotations

from collections.abc import Collection


def doubted(hosts: Collection[str], node: str | None) -> set[str]:
    """Those of the `hosts` of a log that have blanks and may be no host: a line without a tag of its own that quotes
    another's (`node1 relayed corosync[7]: ...`) looks the same.

    It is one if it is the `node` the log belongs to, or if its first word signs no line of the log by itself.
    """
    spaced = {host for host in hosts if len(host.split()) > 1}
    plain = set(hosts) - spaced
    return {host for host in spaced if host != node and host.split()[0] in plain}
