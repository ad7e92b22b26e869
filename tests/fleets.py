"""A small fleet that has something in every part of its report, and one whose names mean harm."""

from __future__ import annotations

import polars as pl
from small_store import Row, case, incident, tables

CAUSES = ("slow_init", "group_cascade", "slow_fencing", "service_crash")
AGENTS = ("ocf:heartbeat:IPaddr2", "ocf:heartbeat:galera", None)
RELEASES = ("1.1.24", "2.1.5", "3.0.0", None)

#: What is markup, a script's end, a control sequence, a formula and a quotation.
HOSTILE = "</script><script>alert(1)</script>\x1b[31m'\"`$(id)\u202eevil"


def busy() -> dict[str, pl.LazyFrame]:
    """Thirty clusters in fourteen months; those with the weakness `link-single` take three times as long."""
    cases: list[Row] = []
    incidents: list[Row] = []
    findings: list[Row] = []
    advice: list[Row] = []
    for number in range(120):
        cluster = number % 30
        month = f"{2025 + (number % 14) // 12}-{(number % 14) % 12 + 1:02}"
        page = f"pages/case{number:03}.html" if number % 2 else None
        one = case(f"case{number:03}", f"cluster-{cluster}", month, pacemaker=RELEASES[cluster % 4], page=page)
        cases.append(one)
        for place in range(1, number % 3 + 1):
            cause = CAUSES[(number + place) % len(CAUSES)]
            seconds = (1 + number % 17) * (3.0 if cluster % 2 else 1.0)
            incidents.append(
                incident(
                    one, f"i{place}", cause, None if number == 7 else seconds, agent=AGENTS[(number + place) % 3],
                    kind="spurious" if number % 11 == 0 else "fault", fencing=(True, False, None)[cluster % 3],
                    cluster_size=2 + cluster % 2, confidence=round(0.4 + number / 240, 2),
                    first_error_class=f"pacemaker-controld: Result of {cause} for * on *: error {number % 5}",
                    seconds_start=seconds * 0.75, seconds_stop=seconds * 0.25,
                )
            )  # fmt: skip
            advice.append(
                {"case_id": one["case_id"], "incident": f"i{place}", "label": "shorten_start", "saves": seconds / 2}
            )
        if cluster % 2:
            findings.append({"case_id": one["case_id"], "number": 1, "label": "link-single", "severity": "warning"})
        findings.append({"case_id": one["case_id"], "number": 2, "label": "stonith-disabled", "severity": "error"})
    refused = [{"input": "bad.tar", "reason": "is empty"}]
    return tables(cases=cases, incidents=incidents, findings=findings, advice=advice, refused=refused)


def hostile() -> dict[str, pl.LazyFrame]:
    """Every name and text is HOSTILE."""
    one = case("c1", HOSTILE, pacemaker=HOSTILE, page="pages/c1.html")
    two = case("c2", HOSTILE, "2026-02", pacemaker=HOSTILE)
    about = {"agent": HOSTILE, "title": HOSTILE, "first_error_class": HOSTILE}
    incidents = [incident(each, f"i{n}", HOSTILE, 5.0, **about) for each in (one, two) for n in (1, 2)]
    findings = [{"case_id": "c1", "number": 1, "label": HOSTILE, "severity": HOSTILE}]
    advice = [{"case_id": "c1", "incident": "i1", "label": HOSTILE, "saves": 2.0}]
    return tables(cases=[one, two], incidents=incidents, findings=findings, advice=advice)
