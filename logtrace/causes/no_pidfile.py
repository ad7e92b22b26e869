"""The init script or agent starts the service and leaves nothing by which it can be found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from logtrace.assessment.assessment import Assessment
from logtrace.assessment.operations import NOT_RUNNING
from logtrace.assessment.witnesses import signs_of_death
from logtrace.causes.confidence import Strength
from logtrace.causes.declaration import Beginning, Complaint, Declaration, Tier
from logtrace.causes.judgement import Judgement, ruled_out, supported
from logtrace.chains.triggers import OperationFailed
from logtrace.config.commands import cleanup, files_of
from logtrace.domain.advice import Advice
from logtrace.domain.kinds import Kind
from logtrace.domain.reasons import Why
from logtrace.timeline import Run, interval_of

#: What an agent says that looks for a pid file.
_OF_A_PID_FILE = (Why.NO_PID_FILE, Why.PID_FILE)


#: A monitor is asked for when the start has ended; each of the two may be stamped in whole seconds.
_AT_ONCE = timedelta(seconds=2)


def judge(facts: Assessment) -> Judgement:
    """Proof: every start of the resource ended ok and the first monitor after it said not running (rc 7), on every
    node, while nothing tells of a death.
    """
    resource = facts.failed_resource
    if resource is None:
        return ruled_out("it did not begin with a failed operation")
    lasting: list[Run] = []
    denied: list[tuple[Run, Run]] = []
    looks = _looks(facts, resource)
    if any(monitor is facts.chain.first.run and _denies(facts, start, monitor) for start, monitor in looks):
        for start, monitor in looks:
            if monitor.ok:
                lasting.append(start)
            elif _denies(facts, start, monitor):
                if not denied and monitor is not facts.chain.first.run:
                    break  # an earlier incident began so
                denied.append((start, monitor))
    if len(denied) < 2:
        return ruled_out("it did not begin with starts whose first monitor found nothing")
    if lasting:
        return ruled_out("a start held: the monitor after it found the service", [run.event for run in lasting[:2]])
    deaths = signs_of_death(facts, resource)
    if deaths:
        return ruled_out("the process died after its start", [event.event for event in deaths])
    told = [
        event.event
        for kind in (Kind.AGENT_SAYS, Kind.OP_OUTPUT)
        for event in facts.timeline.between(kind, facts.detected, facts.end, resource=resource)
        if event.why in _OF_A_PID_FILE
    ]
    nodes = sorted({start.node for start, _ in denied})
    return supported(
        f"all {len(denied)} starts of {resource} on {', '.join(nodes)} returned ok, and each time the very next "
        "monitor said not running: the service is not identified by what its script leaves behind (no pid file)",
        [event for start, monitor in denied[:4] for event in (start.event, monitor.event)] + told[:2],
        strength=Strength.OWN_LINE if told else Strength.FOLLOWED,
    )


def _looks(facts: Assessment, resource: str) -> list[tuple[Run, Run]]:
    """Each ok start, from the beginning of the logs, with the first monitor after it: a script that leaves a pid file
    once leaves it always.
    """
    looked: dict[str, Run] = {}  # by node the next monitor or stop
    starts: list[tuple[Run, Run]] = []
    for run in reversed(facts.timeline.history(resource, facts.end)):
        if run.operation in ("monitor", "stop"):
            looked[run.node] = run
        elif run.operation == "start" and run.ok and run.node in looked and looked[run.node].operation == "monitor":
            starts.append((run, looked[run.node]))
    return starts[::-1]


def _denies(facts: Assessment, start: Run, monitor: Run) -> bool:
    """Whether the monitor after a start found nothing, and no other had been before it."""
    return not monitor.ok and monitor.rc == NOT_RUNNING and _is_the_first(facts, monitor, start)


def _is_the_first(facts: Assessment, monitor: Run, start: Run) -> bool:
    """A recurring monitor first runs right after the start; one that comes more than an interval later had others
    before it, which found the service and may not have been logged. Where nothing tells the interval, only one that
    comes at once is surely the first.
    """
    if monitor.interval == 0:
        return True
    every = interval_of(facts.timeline, facts.config, monitor)
    return monitor.start - start.end <= (timedelta(seconds=every) if every else _AT_ONCE)


def remedy(complaint: Complaint) -> Iterator[Advice]:
    """Mend the start, so that the monitor finds what it left."""
    facts = complaint.facts
    primitive, name = facts.failed_primitive, facts.failed_name
    if name is None:
        return
    klass = primitive.klass if primitive is not None else ""
    how = {
        "lsb": "let its start write the pid file that its status reads (start-stop-daemon --start --make-pidfile "
        "--pidfile /run/NAME.pid, or daemon --pidfile), and let status return 3 only when no such process runs",
        "upstart": "let it exec start-stop-daemon --start --pidfile /run/NAME.pid --make-pidfile, with `expect fork` "
        "or `expect daemon` only if the program forks",
        "systemd": "set Type=forking with PIDFile= if the program forks, Type=simple or notify if it does not",
        "ocf": "let its start write the pid file that its monitor reads, and wait in start until monitor succeeds",
    }.get(klass, "let its start leave what its monitor looks for")
    yield Advice(
        "pid_file",
        f"Mend the start of {name}: it returns ok and the monitor finds nothing: {how}",
        cleanup(name),
        files=files_of(primitive) if primitive is not None else (),
        saves_basis="not computed: without the mend the service never comes up" if not facts.recovered else
        "not computed: it would not have failed",
        risk="try the script by hand first: start, status, stop, status; processes from earlier starts may still run",
    )  # fmt: skip


DECLARATION = Declaration(
    label="no_pidfile",
    tier=Tier.FAULT,
    judge=judge,
    remedy=remedy,
    after=("missing_agent",),
    explains=(Beginning(OperationFailed, ("monitor",)),),
    line="The service started, but the next check could not find it: there is no pid file where it looks.",
    means="""
The start returned success and the very next monitor said that nothing runs. The process is there; the script or agent
looks for it by a pid file that nobody wrote, or wrote elsewhere. The cluster starts it again and again, on every node.
""",
    proves="""
Every start ended well and was denied by the first monitor after it, on each node and attempt. A line of the agent about
a missing pid file, or a process list that still shows the service, settles it. There is no sign that the process died.
""",
    disproves="""
A start that a monitor confirms before one denies it was followed by a death. A line of the kernel, systemd or the
application about its end is proof of that. One start among several that held means the file is usually there.
""",
    fix="""
Let the service write its pid file, and let script, agent and service name the same path. Directories under /run vanish
at every boot and must be made anew. For Upstart say expect fork or start it with a tool that writes the file; for
systemd set Type and PIDFile. A systemd unit or an agent that asks the service itself needs none.
""",
)
