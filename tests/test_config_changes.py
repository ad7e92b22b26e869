"""The configuration by time: what logs tell of changes, laid over a CIB that was saved before or after them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from logtrace.config import cib, config_at
from logtrace.config.changes import Change, logged_changes
from logtrace.config.model import ClusterConfig, Snapshot
from logtrace.lines.secrets import MASK
from logtrace.timeline.rows import Event

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SET = "/crm_config/cluster_property_set[@id='cib-bootstrap-options']"
WEB = "/resources/group[@id='g']/primitive[@id='web']"
MADE, CHANGED, DELETED = "cib_create", "cib_modify", "cib_delete"


def line(minute: int, cib_op: str | None, path: str | None, text: str = "", **more: Any) -> Event:
    return Event(0, NOON + timedelta(minutes=minute), "n1", "cib", "cib.config_change", "", path=path, text=text,
                 cib_op=cib_op, **more)  # fmt: skip


def saved(executed: int | None = None, *, resources: str = "", constraints: str = "", **properties: str) -> Snapshot:
    """A CIB; `executed` is the minute for which the scheduler took it."""
    pairs = "".join(
        f'<nvpair id="cib-bootstrap-options-{name}" name="{name.replace("_", "-")}" value="{value}"/>'
        for name, value in properties.items()
    )
    date = f' execution-date="{int(NOON.timestamp()) + executed * 60}"' if executed is not None else ""
    web = (
        '<group id="g"><primitive id="web" class="ocf" provider="pacemaker" type="Dummy"><operations>'
        '<op id="web-m" name="monitor" interval="30s" timeout="20s"/></operations></primitive></group>'
    )
    xml = (
        f'<cib epoch="9"{date}><configuration><crm_config><cluster_property_set id="cib-bootstrap-options">{pairs}'
        f'</cluster_property_set></crm_config><nodes><node id="1" uname="n1"/></nodes><resources>{resources or web}'
        f"</resources><constraints>{constraints}</constraints></configuration></cib>"
    )
    return cib.read(xml.encode(), source="cib.xml")


def at(minute: float, snapshots: list[Snapshot], *lines: Event) -> ClusterConfig:
    found = config_at(snapshots, NOON + timedelta(minutes=minute), None, logged_changes(lines))
    assert found is not None
    return found


ON = line(5, CHANGED, f"{SET}/nvpair[@id='cib-bootstrap-options-maintenance-mode']", "@value=true")
OFF = line(9, CHANGED, f"{SET}/nvpair[@id='cib-bootstrap-options-maintenance-mode']", "@value=false")


@pytest.mark.parametrize(("minute", "told"), [(4, "false"), (5, "true"), (8, "true"), (9, "false"), (60, "false")])
def test_changes_are_laid_over_the_cib_before_them(minute: int, told: str) -> None:
    before = saved(0, **{"maintenance-mode": "false"})
    assert at(minute, [before], ON, OFF).properties["maintenance-mode"] == told


@pytest.mark.parametrize(("minute", "told"), [(5, "true"), (8, "true"), (9, "false")])
def test_a_cib_saved_with_the_report_is_enough_to_begin_with(minute: int, told: str) -> None:
    assert at(minute, [saved(**{"maintenance-mode": "false"})], ON, OFF).properties["maintenance-mode"] == told


def test_what_a_later_cib_has_already_is_not_changed_back_for_its_own_time() -> None:
    later = saved(20, **{"maintenance-mode": "true"})  # by a change that no log tells of
    assert at(30, [saved(0), later], ON, OFF).properties["maintenance-mode"] == "true"


def test_what_was_made_later_was_not_there_before() -> None:
    made = line(
        5, MADE, SET, '<nvpair id="cib-bootstrap-options-maintenance-mode" name="maintenance-mode" value="true"/>'
    )
    report = saved(**{"maintenance-mode": "true"})
    assert "maintenance-mode" not in at(4, [report], made).properties
    assert at(5, [report], made).properties["maintenance-mode"] == "true"


def test_meta_attributes_and_operations_of_members() -> None:
    path = f"{WEB}/meta_attributes[@id='web-meta_attributes']/nvpair[@id='web-meta_attributes-target-role']"
    lines = [
        line(1, CHANGED, path, "@value=Stopped"),
        line(2, CHANGED, f"{WEB}/operations/op[@id='web-m']", "@interval=PT2M, @on-fail=block"),
        line(3, DELETED, path),
    ]
    web = at(2, [saved(0)], *lines).primitives["web"]
    assert (web.meta, web.ops[0].interval, web.ops[0].on_fail) == ({"target-role": "Stopped"}, 120.0, "block")
    assert at(3, [saved(0)], *lines).primitives["web"].meta == {}


def test_a_new_set_names_its_place_in_one_line_and_its_values_in_the_next() -> None:
    lines = [
        line(1, MADE, "/nodes/node[@id='1']", '<instance_attributes id="nodes-1">'),
        line(1, MADE, None, attribute="standby", value="on"),
    ]
    assert at(1, [saved(0)], *lines).node_attributes == {"n1": {"standby": "on"}}
    assert at(0, [saved()], *lines).node_attributes == {"n1": {}}


def test_constraints_come_and_go() -> None:
    ban = '<rsc_location id="cli-ban-web" rsc="web" node="n1" score="-INFINITY"/>'
    lines = [
        line(1, MADE, "/constraints", ban),
        line(7, DELETED, "/constraints/rsc_location[@id='cli-ban-web']"),
    ]
    assert [one.node for one in at(3, [saved(0)], *lines).locations] == ["n1"]
    assert at(8, [saved(0)], *lines).locations == ()
    assert at(0, [saved(constraints=ban)], lines[0]).locations == ()


def test_a_secret_stays_one() -> None:
    path = f"{WEB}/instance_attributes[@id='web-i']/nvpair[@id='web-i-passwd']"
    (change,) = logged_changes([line(1, CHANGED, path, "@value=hunter2")])
    assert (change.name, change.value) == ("passwd", MASK)


def test_a_value_that_was_masked_for_its_ids_sake_is_not_known() -> None:
    path = "/resources/primitive[@id='keystone']/meta_attributes[@id='keystone-m']/nvpair[@id='keystone-m-target-role']"
    assert logged_changes([line(1, CHANGED, path, f"@value={MASK}")]) == ()


@pytest.mark.parametrize(
    "odd",
    [
        line(1, CHANGED, None, "@num_updates=0"),
        line(1, MADE, None, attribute="standby", value="on"),
        line(1, MADE, "/constraints", '<rsc_location id="cut" rsc="web" no'),
        line(1, MADE, "/constraints", '<rsc_location id="cut" rsc="we & b"/>'),
        line(1, CHANGED, f"{SET}/nvpair[@id='nothing-alike']", "@value=1"),
        line(1, DELETED, "/resources/primitive[@id='gone']"),
        line(1, CHANGED, "/resources/primitive[@id='x']/meta_attributes[@id='x-m']/nvpair[@id='x-m-y']", "@value=1"),
    ],
)
def test_lines_that_do_not_tell_enough_change_nothing(odd: Event) -> None:
    assert at(2, [saved(0)], odd) == at(2, [saved(0)])


def test_changes_are_in_order_of_time_and_told_once() -> None:
    assert logged_changes([OFF, ON, ON, OFF]) == (
        Change(ON.time, "properties", "", "maintenance-mode", "true"),
        Change(OFF.time, "properties", "", "maintenance-mode", "false"),
    )
