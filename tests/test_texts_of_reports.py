"""Releases and dates out of the texts of a report."""

from __future__ import annotations

from datetime import datetime

import pytest

from logtrace.config import texts
from logtrace.config.texts import Versions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Corosync Cluster Engine, version '3.1.7'\nPacemaker 2.1.5 (Build: a3f4): agent-manpages\n",
            Versions("2.1.5", "3.1.7"),
        ),
        ("\tCRM Version: 1.1.7 (77eeb0)\n\tcorosync 1.4.3-0.27.11 - HAE x86_64\n", Versions("1.1.7", "1.4.3")),
        ("pacemaker-2.0.1-4.el8.x86_64\ncorosync-2.4.3-6.el7.x86_64\n", Versions("2.0.1", "2.4.3")),
        ("pacemaker 1:2.1.6-3 - amd64\nheartbeat 1:3.0.6-7 - amd64\n", Versions("2.1.6", None, "3.0.6")),
        # what the program says of itself goes before the package
        ("pacemaker 2.1.5-1 - amd64\nPacemaker 3.0.1\n", Versions("3.0.1", None)),
        ("notice: Corosync Cluster Engine 3.1.7 starting up", Versions(None, "3.1.7")),
        ("Corosync Cluster Engine ('2.4.6'): started and ready to provide service.", Versions(None, "2.4.6")),
        ("libpacemaker3 1.1.12\nlibcorosync4 2.3.4\nresource-agents: # Build version: 5f\n", Versions()),
    ],
)
def test_releases(text: str, found: Versions) -> None:
    assert texts.releases(text) == found


@pytest.mark.parametrize(
    ("text", "local", "zone"),
    [
        ("Thank you.\n\nDate: Sun Nov 22 18:03:15 CST 2026\nBy: report\n", (2026, 11, 22, 18, 3, 15), "CST"),
        ("Time: Sun Nov 22 18:03:14 2026\nntpdc: \n", (2026, 11, 22, 18, 3, 14), None),
        ("Mon Jun  1 11:16:49 CEST 2015\nntpdc: read\n", (2015, 6, 1, 11, 16, 49), "CEST"),
        ("Date: Sun 22 Nov 2026 06:03:15 PM UTC\n", (2026, 11, 22, 18, 3, 15), "UTC"),
        ("2026-11-22 18:03:15 +0100\n", (2026, 11, 22, 18, 3, 15), "+0100"),
        ("2026-11-22T18:03:15+01:00\r\n", (2026, 11, 22, 18, 3, 15), "+01:00"),
    ],
)
def test_dates(text: str, local: tuple[int, ...], zone: str | None) -> None:
    stamp = texts.stamp(text)
    assert stamp is not None
    assert (stamp.local, stamp.zone) == (datetime(*local), zone)  # type: ignore[arg-type]  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["", "Nov 22 18:03:15 alpha crmd: hello", "Date: Sun Nov 42 18:03:15 2026", "18:03:15"]
)
def test_no_date(text: str) -> None:
    assert texts.stamp(text) is None


def test_the_window_of_a_report() -> None:
    assert texts.log_epochs('LABEL="x"\nLOG_START=1795370550\nLOG_END=1795370693\n') == (1795370550, 1795370693)
    assert texts.log_epochs("FROM_TIME=1433063760\nTO_TIME=0\n") == (1433063760, None)
    assert texts.log_epochs("NOT_LOG_START=1795370550") == (None, None)
    assert texts.log_epochs("LOG_END=99999999999\n") == (None, None)  # the year 5138 is damage
