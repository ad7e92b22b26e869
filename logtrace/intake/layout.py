"""What a file is, and whose: read off its path, as the tools that make reports lay them out, else off its first bytes.

Known layouts: hb_report and crm report (cluster-glue, crmsh), crm_report and pcs cluster report (Pacemaker),
sosreport, supportconfig, OpenShift's must-gather, and plain folders of logs. All have one top folder; below it lies a
folder per node, except in the reports of a single node, whose top folder carries the node's name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from fnmatch import translate
from functools import cache
from itertools import pairwise

from logtrace.intake.evidence import EvidenceKind

HEAD = 8192  # bytes that `foreign`, `by_content` and `is_text` want to see


class Name(Enum):
    """What a name says that names no evidence."""

    IGNORED = "known, and not evidence of its own"
    UNKNOWN = "look inside"


# Rules, the first that fits wins. The name is in lower case; where only its stem is named, compression and rotation
# (.gz, .1, -20261101, .extract.txt) are cut off.
_IGNORED = (
    # greps and statistics over the same logs, which would tell every event twice
    *("events.txt", "analysis.txt", "crm_verify.txt", "permissions.txt", "sysstats.txt", "*.info", "*.dot"),
    # the tools' own files
    *("collector", "profiles.yml", "crm.conf", "crmsh.log*", "hb_uuid.txt", "running", "stopped", "sbd"),
    # counters, signatures and older generations of the CIB
    *("*.last", "*.sig", "cib-*.raw"),
    # other views of the CIB, other subsystems, dumps
    *("cib.txt", "configure_show.txt", "ocfs2.txt", "gfs2.txt", "dlm_dump.txt", "drbd*", "booth.conf", "logd.cf"),
    *("backtraces.txt", "coredump_info.txt", "cores.tar*", "fdata.txt", "*.blackbox", "corosync-blackbox*"),
    # what packages and editors leave beside a configuration
    *("*.example*", "*.rpmnew", "*.rpmsave", "*.dpkg-*", "*.orig", "*~"),
    *("corosync.quorum", "quorum_qdevice_qnetd.txt", "journalctl*list-boots*", "journalctl*disk-usage*", "._*"),
)
_PE_INPUT = re.compile(r"pe-(?:input|warn|error)-\d{1,9}(?:\.(?:bz2|gz|xz|zst))?")
_STEMS: tuple[tuple[EvidenceKind, tuple[str, ...]], ...] = (
    (EvidenceKind.CIB, ("cib.xml", "cib.xml.live")),
    (EvidenceKind.COROSYNC_CONF, ("corosync.conf",)),
    (EvidenceKind.COROSYNC_DUMP, ("corosync.dump", "corosync-cmapctl*", "corosync-objctl*")),
    (EvidenceKind.MEMBERS, ("members.txt",)),
    (
        EvidenceKind.TEXT,
        ("description.txt", "sysinfo.txt", "time.txt", "report.summary", ".env", "report.out", "crm_mon*", "sbd.txt"),
    ),
    (
        EvidenceKind.LOG,
        (
            *("pacemaker.log", "corosync.log", "cluster.log", "cluster-log.txt", "ha-log", "ha-log.txt"),
            *("ha-debug", "ha-debug.txt", "ha.txt", "messages", "messages.txt", "syslog", "journal*.log"),
            *("journalctl*", "kern.log", "daemon.log", "sbd.log", "pcsd.log", "heartbeat.log"),
        ),
    ),
)
_COMPRESSION = re.compile(r"\.(?:gz|bz2|xz|zst)$")
_EXTRACT = re.compile(r"\.extract\.txt$")
_ROTATION = re.compile(r"(?:[.-]\d{1,4}|[.-]\d{4}-?\d\d-?\d\d\d*(?:[-_.t]\d+){0,4}|\.old|\.bak)$")

# Folders that hold no evidence at any depth: agent traces, copies made by archivers, a sosreport's own files.
_IGNORED_FOLDERS = frozenset(("trace_ra", "__macosx", "sos_reports", "sos_strings"))

_TOP = re.compile(r"(?:hb_report|crm_report|pcmk|sosreport|scc|nts)(?:[-_.].*)?", re.IGNORECASE)
# A host's name, a label or case number, a date, a random tail: older and newer forms.
_SOSREPORT = re.compile(r"sosreport-(?P<host>.{1,253}?)(?:[-.]\d{5,}){0,4}-(?:\d{4}-\d\d-\d\d-\w+|\d{8,}(?:-\w+)?)")
_SUPPORTCONFIG = re.compile(r"(?:scc|nts)_(?P<host>[^_]+)_\d{6}_\d{4}.*")
# OpenShift's: a folder per image, and below `nodes` one per node; what pods and services logged is common to all.
_MUST_GATHER = re.compile(r"must-gather(?:[-_.].*)?")
_HOST = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")
# Folders in a node's place that are none: Pacemaker's, the system's, and services' log folders.
_NOT_NODES = frozenset(
    (
        *("pengine", "trace_ra", "cib", "cores", "blackbox", "bundles", "drbd.d", "pacemaker", "corosync", "cluster"),
        *("heartbeat", "ha", "pcsd", "sbd", "booth", "crm", "crmsh", "log", "logs", "var", "etc", "lib", "run", "proc"),
        *("sys", "usr", "opt", "root", "home", "boot", "tmp", "journal", "audit", "sa", "apt", "installer", "samba"),
        *("libvirt", "openvswitch", "mysql", "mariadb", "rabbitmq", "postgresql", "httpd", "apache2", "nginx"),
        *("haproxy", "memcached", "keystone", "glance", "nova", "neutron", "quantum", "cinder", "heat", "horizon"),
        *("swift", "ceilometer", "octavia", "placement", "ironic", "containers", "sos_commands", "sos_logs"),
        *("old", "archive", "backup", "extract", "report", "reports", "config", "conf", "__macosx"),
    )
)
REPORT_MARKS = ("description.txt", "analysis.txt", "report.out", "report.summary")  # in a report's top
NODE_MARKS = frozenset(("RUNNING", "STOPPED", "DC", "permissions.txt", "sysstats.txt"))  # only in a node's folder

# An OpenPGP message (RFC 9580, 4.2 and 5.1 to 5.3) begins with the key it is encrypted to (packet 1, with the key's id,
# or version 6) or the passphrase (packet 3: its cipher, how the key is made of it), in old or new framing.
_OPENPGP = (
    rb"\x84.\x03|\x85..\x03|\x8c.[\x04-\x06][\x01-\x0d]"
    rb"|\xc1(?:[\x00-\xbf]|[\xc0-\xdf].)[\x03\x06]|\xc3.[\x04-\x06][\x01-\x0d]"
)
# Content nobody can read here, by its first bytes, and what to do about it.
_FOREIGN = tuple(
    (re.compile(beginning, re.DOTALL), remedy)
    for beginning, remedy in (
        (rb"LPKSHHRH", "a binary journal; export it with journalctl --file FILE -o short-iso-precise"),
        (rb"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it and name the folder"),
        (rb"Rar!\x1a\x07", "a rar archive; unpack it and name the folder"),
        (rb"\x1f\x9d", "compressed by compress; decompress it first"),
        (rb"\x04\x22\x4d\x18", "compressed by lz4; decompress it first"),
        (_OPENPGP + rb"|\s*-----BEGIN PGP MESSAGE-----", "encrypted by OpenPGP; decrypt it first with gpg --decrypt"),
        (rb"Salted__|U2FsdGVkX1[89+/]", "encrypted by openssl; decrypt it first with openssl enc -d"),
        (
            rb"age-encryption\.org/v1\n|-----BEGIN AGE ENCRYPTED FILE-----",
            "encrypted by age; decrypt it first with age -d",
        ),
    )
)
_DATED = re.compile(rb".{0,40}?(?<!\d)\d?\d:\d\d:\d\d(?!\d)|.{0,8}__REALTIME_TIMESTAMP")
_JOURNAL = re.compile(rb'\s*(?:__CURSOR=|\{"[^\n]*"__REALTIME_TIMESTAMP")')  # export, JSON
_XML_BEFORE = re.compile(rb"\s*(?:<\?[^>]*\?>|<!--(?:[^-]|-(?!->))*+-->)")  # declarations and comments
_CIB = re.compile(rb"\s*<cib[\s>]")
_CIB_LINE = re.compile(rb"^[ \t]*<cib[\s>]", re.MULTILINE)  # after whatever somebody wrote above it
_CONF_SECTION = re.compile(rb"^[ \t]*(?:totem|nodelist|quorum)[ \t]*\{[ \t\r]*$", re.MULTILINE)
_CONF_LINE = re.compile(rb"\s*(?:#.*|[\w.-]+\s*\{|\}|[\w.-]+\s*:.*)\s*")
_DUMP_LINE = re.compile(rb"\s*[\w.-]+ \((?:[iu](?:8|16|32|64)|flt|dbl|str|bin)\) = .*")  # corosync-cmapctl
#: The tag of a daemon of the cluster or of a resource agent.
_TAGGED = re.compile(
    rb".{0,200}?(?:^|[\s\"'|>/.])(?:corosync[\w-]*|pacemaker[\w-]+|crmd|pengine|lrmd|cib|attrd|stonith-ng|stonithd|sbd"
    rb"|[\w-]+\([\w.:-]+\)) *\[\d+\]"
)
_STATUS = re.compile(rb"(?:Full List of Resources|Full list of resources|Failed (?:Resource )?Actions):", re.IGNORECASE)


def by_name(parts: Sequence[str]) -> EvidenceKind | Name:
    """The kind of evidence a path names; `parts` are its folders from the report's top on, and the file's name."""
    folders, name = parts[:-1], parts[-1]
    if not _IGNORED_FOLDERS.isdisjoint(folder.lower() for folder in folders):
        return Name.IGNORED
    if name == "DC":
        return EvidenceKind.DC_MARKER
    lower = name.lower()
    if _PE_INPUT.fullmatch(lower):
        return EvidenceKind.PE_INPUT
    if _any_of(_IGNORED).match(lower):
        return Name.IGNORED
    plain = stem(name)
    for kind, patterns in _STEMS:
        if _any_of(patterns).match(plain):
            return kind
    return Name.UNKNOWN if _worth_a_look(folders) else Name.IGNORED


@cache
def _any_of(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, globs)))


def is_evidence(parts: Sequence[str]) -> bool:
    """Whether the path names evidence, whatever it holds."""
    return bool(parts) and isinstance(by_name(parts), EvidenceKind)


def stem(name: str) -> str:
    """A file's name in lower case, without what compression and rotation add."""
    return _ROTATION.sub("", _EXTRACT.sub("", _COMPRESSION.sub("", name.lower())))


def _worth_a_look(folders: Sequence[str]) -> bool:
    """A sosreport holds most of /etc, /proc and /sys; only below /var/log may an unknown name be a log."""
    top = _report_top(folders)
    return not any(_SOSREPORT.fullmatch(folder) for folder in folders[top : top + 1]) or (
        list(folders[top + 1 : top + 3]) == ["var", "log"]
    )


def node_of(parts: Sequence[str]) -> str | None:
    """The node whose folder the path lies in; None for what is merged, common to all, or not in a node's folder."""
    folders = parts[:-1]
    if any(_MUST_GATHER.fullmatch(folder) for folder in folders):
        return next((node for above, node in pairwise(folders) if above == "nodes"), None)
    top = _report_top(folders)
    below = folders[top + 1 : top + 2]
    if below and not _host(folders[top]) and _HOST.fullmatch(below[0]) and below[0].lower() not in _NOT_NODES:
        return below[0]
    return next((host for folder in reversed(folders[: top + 1]) if (host := _host(folder))), None)


def is_report(folder: str) -> bool:
    """Whether a folder has the name that a report's top has."""
    return bool(_TOP.fullmatch(folder) or _MUST_GATHER.fullmatch(folder))


def _report_top(folders: Sequence[str]) -> int:
    """Where the report's top folder stands: the innermost one with a report's name, else the first."""
    return max((at for at, folder in enumerate(folders) if _TOP.fullmatch(folder)), default=0)


def _host(folder: str) -> str | None:
    """The node whose name a single node's report carries in the name of its top folder."""
    match = _SOSREPORT.fullmatch(folder) or _SUPPORTCONFIG.fullmatch(folder)
    return match["host"] if match else None


def foreign(head: bytes) -> str | None:
    """What data beginning with `head` is, and what to do, when it is a known format that is not read."""
    return next((remedy for beginning, remedy in _FOREIGN if beginning.match(head)), None)


def by_content(head: bytes) -> EvidenceKind | None:
    """The kind of evidence of a file nobody knows by name: a log when a third of its first lines carry a time or the
    tag of a daemon of the cluster, or when it is the status of one.
    """
    if kind := configuration(head):
        return kind
    if _JOURNAL.match(head):
        return EvidenceKind.LOG
    if b"\0" in head:
        return None
    lines = [line for line in head.split(b"\n") if line.strip()]
    spoken = sum(1 for line in lines if _DATED.match(line) or _TAGGED.match(line))
    is_log = b"\0" not in head and lines and (spoken * 3 >= len(lines) or _STATUS.search(head))
    return EvidenceKind.LOG if is_log else None


def configuration(head: bytes) -> EvidenceKind | None:
    """The kind of configuration that data beginning with `head` is, whatever its name; None when it is none."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    while before := _XML_BEFORE.match(start):
        start = start[before.end() :]
    if _CIB.match(start):
        return EvidenceKind.CIB
    lines = [line for line in start.split(b"\n") if line.strip()]
    if b"\0" in head or not lines or _dated(lines) * 3 >= len(lines):
        return None
    if _CIB_LINE.search(start):
        return EvidenceKind.CIB
    # Beside the lines of the file itself there may be a prompt, a heading, or a line that was cut.
    if _CONF_SECTION.search(start) and sum(1 for line in lines if _CONF_LINE.fullmatch(line)) * 4 >= len(lines) * 3:
        return EvidenceKind.COROSYNC_CONF
    dumped = sum(1 for line in lines if _DUMP_LINE.fullmatch(line))
    return EvidenceKind.COROSYNC_DUMP if dumped * 4 >= len(lines) * 3 else None


def _dated(lines: Sequence[bytes]) -> int:
    return sum(1 for line in lines if _DATED.match(line))


def is_text(head: bytes) -> bool:
    """Whether a file the user named can be a log: rubbish between the lines is fine, nothing but rubbish is not."""
    if any(_DATED.match(line) for line in head.split(b"\n")):
        return True
    text = head.decode("utf-8", "replace")
    rubbish = sum(1 for char in text if char == "\ufffd" or not (char.isprintable() or char.isspace()))
    return rubbish * 4 < len(text)
