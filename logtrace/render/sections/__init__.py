"""What each section of the page says, as plain values for its template in reports/sections/."""

from __future__ import annotations

from typing import Final

from logtrace.report.case import IncidentKind

#: What the page calls the kinds of incidents.
KINDS: Final = {
    IncidentKind.FAULT: "fault",
    IncidentKind.SPURIOUS: "unnecessary recovery",
    IncidentKind.PLANNED: "operator action",
    IncidentKind.POLICY: "move by the cluster's rules",
}
