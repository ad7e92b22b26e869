"""What is said about a case as a whole and about an incident at a glance, in plain sentences.

Page, text and Markdown open with the same words. Names from logs are made visible (`untrusted.shown`); escaping for a
format is the renderer's work.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import PurePosixPath

from logtrace.domain.advice import Advice
from logtrace.render import words
from logtrace.render.untrusted import shown
from logtrace.report.case import Case, Coverage, Evidence, Incident, IncidentKind, Node, SeenBefore, Window
from logtrace.report.overview import Claim, Tally, overview

NAME_LIMIT = 60
_CLOCKS = 3  # named in the header

#: Files for which it is said what was taken off their lines.
_CARRIERS = 3

#: Seconds by which a clock must be known worse for it to be said.
_WORSE = 0.1


def header(case: Case) -> list[str]:
    """Cluster, nodes, versions, window and coverage, as short pieces to stand in one line."""
    cluster, times = case.cluster, (case.window.start, case.window.end)
    software = [("Pacemaker", cluster.pacemaker), ("Corosync", cluster.corosync)]
    versions = ", ".join(f"{name} {shown(version, NAME_LIMIT)}" for name, version in software if version)
    return [
        shown(cluster.name or "unnamed cluster", NAME_LIMIT),
        words.count(len(cluster.nodes), "node"),
        *([versions] if versions else []),
        words.span(*times, utc(case.window)) if any(times) else "time unknown",
        *_coverage(case),
        *_clocks(case),
        *(
            [f"only {words.listing([shown(name, NAME_LIMIT) for name in case.window.only])}"]
            if case.window.only
            else []
        ),
    ]


def utc(window: Window) -> str:
    """What is written behind times, which are UTC as far as year and zone are known: "UTC, zone assumed"."""
    return ", ".join(["UTC", *([f"{' and '.join(window.assumed)} assumed"] if window.assumed else [])])


def _coverage(case: Case) -> list[str]:
    missing = case.coverage.missing_nodes
    logs = sum(node.logs for node in case.cluster.nodes)
    pieces = [f"logs of {logs} of {words.count(len(case.cluster.nodes), 'node')}"]
    if missing:
        pieces[0] += f", {words.listing([shown(name, NAME_LIMIT) for name in missing])} missing"
    if case.coverage.lines_earlier:
        pieces.append(f"{words.count(case.coverage.lines_earlier, 'earlier line')} only counted")
    if case.coverage.skipped:
        pieces.append(f"{words.count(len(case.coverage.skipped), 'part')} of the input not read")
    pieces += case.coverage.notices
    told = case.coverage.carriers[:_CARRIERS]
    pieces += [f"taken off {shown(each.path, NAME_LIMIT)}: {each.what}" for each in told]
    if more := len(case.coverage.carriers) - len(told):
        pieces.append(f"and the like off {words.count(more, 'more file')}")
    return pieces


def _clocks(case: Case) -> list[str]:
    """Clocks that were off by a second or more, which all times are rid of."""
    off = [node for node in case.cluster.nodes if max((abs(each.offset) for each in node.clock_course), default=0) >= 1]
    said = [f"clock of {shown(node.name, NAME_LIMIT)} corrected by {correction(node)}" for node in off]
    more = len(said) - _CLOCKS
    return [*said[:_CLOCKS], *([f"{more} more clocks corrected"] if more > 0 else [])]


def correction(node: Node) -> str:
    """What is taken from the times of a node: one number, or from what to what if its clock drifted or was set."""
    offsets = [each.offset for each in node.clock_course]
    least, most = (f"{-bound:+.1f}" if abs(bound) >= 0.05 else "0" for bound in (max(offsets), min(offsets)))
    return f"{least} s" if least == most else f"{least} to {most} s"


def uncertainty(node: Node) -> str | None:
    """How much less than at its best a clock is known at other times, where that is more than a tenth of a second."""
    known = node.clock_offset_error
    worst = max(node.clock_course, key=lambda each: each.error, default=None)
    if known is None or worst is None or worst.error - known <= _WORSE:
        return None
    return f"± {worst.error:.1f} s at {words.clock(worst.time)[:8]} if nothing kept it"


def read(coverage: Coverage) -> str:
    """How much was read: for a quiet cluster, whose silence must be worth something."""
    files, lines = words.count(coverage.files, "file"), words.count(coverage.lines, "line")
    return f"{files} and {lines} were read, {coverage.lines_recognised:,} of them about the cluster."


def verdict(case: Case) -> str:
    """Whether to worry: faults and their outage, unnecessary recoveries, and that there were no others."""
    seen = overview(case)
    if seen.beyond:
        return "The logs hold nothing of this window."
    faults, spurious = seen.tallies[IncidentKind.FAULT], seen.tallies[IncidentKind.SPURIOUS]
    moved, planned = seen.tallies[IncidentKind.POLICY], seen.tallies[IncidentKind.PLANNED]
    whole = seen.claim in (Claim.NOTHING, Claim.MOVED)
    rest = f"No {'other faults' if faults.number else 'faults'} found"
    rest += ", but the cluster moved services by its own rules." if seen.claim is Claim.MOVED else "."
    if faults.number:
        said = [f"{words.count(faults.number, 'fault')}{_lost(faults)}."]
    else:
        said = [rest if whole else "No fault in what was read."]
    if spurious.number:
        counted = words.count(spurious.number, "unnecessary recovery", "unnecessary recoveries")
        said.append(f"{counted}{_lost(spurious)}.")
    if seen.still_down:
        were = "was" if len(seen.still_down) == 1 else "were"
        said.append(f"{words.listing(seen.still_down, 5)} {were} not recovered in these logs.")
    if moved.number:
        counted = words.count(moved.number, "move by the cluster's own rules", "moves by the cluster's own rules")
        said.append(f"{counted}{_lost(moved)}.")
    if planned.number:
        said.append(f"{words.count(planned.number, 'operator action')}.")
    if seen.claim is Claim.DAMAGED:
        said.append("More may have happened: part of the input is damaged or could not be read.")
    elif whole and faults.number:
        said.append(rest)
    return " ".join(said)


def _lost(tally: Tally) -> str:
    if tally.outage is None:
        return ", outage unknown"
    if not any(map(words.worth, tally.outage)):
        return ", no outage"
    return f", {words.spread(*tally.outage)} of outage{' in all' if tally.number > 1 else ''}"


def headline(incident: Incident) -> str:
    """The root cause in words; that a recovery was unnecessary is added where the cause does not say it itself."""
    said = shown(words.label(incident.root_cause), NAME_LIMIT)
    tacit = incident.kind is IncidentKind.SPURIOUS and incident.root_cause != "spurious_monitor"
    return f"{said}, unnecessary recovery" if tacit else said


def outage(incident: Incident) -> str:
    """How long service was lost; a range where the moment of death is not known: "outage 5.5 to 13.5 s". What was
    planned is never counted as an outage.
    """
    if incident.kind is IncidentKind.PLANNED:
        return "planned"
    if incident.outage is None:
        return "outage unknown"
    told = words.spread(incident.outage, incident.outage_max)
    return f"outage {told}" if incident.outage or words.worth(incident.outage_max) else "no outage"


def advised(advice: Advice) -> str:
    """What a verdict calls a change: the best fix is one that saves a known time."""
    return "Best fix" if words.saves(advice.saves) else "Next step"


def when(incident: Incident, today: date | None) -> tuple[str, str]:
    """From the fault (or its detection) to recovery: "16:47:45", "16:48:04"; the day only where it is not `today`."""
    start = incident.t_fault or incident.t_detected or incident.t_acted
    end = incident.t_end if incident.kind is IncidentKind.PLANNED else incident.t_recovered
    if end is not None:
        last = _time_of_day(end, start.date() if start else today)
    else:
        last = "unknown" if incident.recovered else "not recovered"
    return _time_of_day(start, today), last


def _time_of_day(moment: datetime | None, today: date | None) -> str:
    if moment is None:
        return "unknown"
    return f"{moment:%H:%M:%S}" if moment.date() == today else f"{moment.day} {moment:%b %H:%M:%S}"


def today(case: Case) -> date | None:
    """The day on which all of the window lies, None when it spans several."""
    start, end = case.window.start, case.window.end
    return start.date() if start and end and start.date() == end.date() else None


def served(incident: Incident) -> str | None:
    """How much of its phases the service was lost, where it ran on at first: "0.46 s of these 0.64 s without service".

    Else the phases are the outage, and there is nothing to say.
    """
    whole = sum(incident.phase_totals.values())
    if incident.kind is IncidentKind.PLANNED or incident.outage is None or incident.outage >= whole:
        return None
    lost, length = words.duration(incident.outage), words.duration(whole)
    if lost == length:
        return None
    return (
        f"{lost} of these {length} without service" if incident.outage else f"service ran on for all of these {length}"
    )


def first_words(incident: Incident) -> str:
    """What stands before the first line: "first line, after 35 s of quiet"; the quiet only where it is known."""
    silence = incident.silence_before
    return "first line" if silence is None else f"first line, after {words.duration(silence)} of quiet"


def seen_before(incident: Incident) -> str | None:
    """Whether a store has incidents like it; None: nobody asked."""
    return None if incident.seen_before is None else seen(incident.seen_before)


def seen(told: SeenBefore) -> str:
    """How often a store has incidents like one, what was advised and whether it came back.

    "Seen before: 3 times in this cluster, 14 times in 9 others, last on 3 May 2026 (12ab#i2); ..."
    """
    if not told.here + told.elsewhere:
        return f"Not seen before in {words.count(told.cases, 'case')}"
    parts = [f"{words.count(told.here, 'time')} in this cluster"] if told.here else []
    others = f"in {words.count(told.clusters, 'other')}" if told.clusters else "elsewhere"
    parts += [f"{words.count(told.elsewhere, 'time')} {others}"] if told.elsewhere else []
    last = f", last on {words.day(told.last)}" if told.last else ""
    example = f" ({shown(told.examples[0], NAME_LIMIT)})" if told.examples else ""
    found = [f"Seen before: {', '.join(parts)}{last}{example}"]
    found += [f"half of them took up to {words.duration(told.recovery)}"] if told.recovery is not None else []
    found += [f"it came back in {words.count(told.came_back, 'cluster')}"] if told.came_back else []
    for each in told.advised[:1]:
        again = f", and came back after it in {each.came_back}" if each.came_back else ""
        change = words.label(shown(each.label, NAME_LIMIT))
        found.append(f"advised most: {change}, for {words.count(each.clusters, 'cluster')}{again}")
    return "; ".join(found)


def place(evidence: Evidence) -> str:
    """File and line of an evidence, short: the last two parts of its path, and the node if they do not tell it."""
    parts = PurePosixPath(evidence.file).parts[-2:]
    node = f" {evidence.node}" if evidence.node and evidence.node not in parts else ""
    return shown(f"{'/'.join(parts)}:{evidence.line}{node}", 2 * NAME_LIMIT)
