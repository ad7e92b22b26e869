"""The JSON document: exactly the contract, valid against the shipped schema, and harmless on a terminal."""

from __future__ import annotations

import copy
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from cases import CASCADE, FINDING, HOSTILE, NOTE, PLANNED, SKIPPED, SPURIOUS, STATISTICS, case, infested
from cases import at as moment
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from msgspec.structs import replace

from logtrace import causes
from logtrace.assessment.phases import PhaseName
from logtrace.causes.judgement import Verdict
from logtrace.domain.advice import Advice
from logtrace.render import document
from logtrace.report import case as model
from logtrace.report.case import Case, IncidentKind

GOLDEN = Path(__file__).parent / "golden" / "document.json"
SCHEMA: dict[str, Any] = json.loads(document.schema())
VALIDATOR = Draft202012Validator(SCHEMA)
COVERAGE = replace(
    case().coverage,
    carriers=(model.Carrier("ticket.txt", "mail quotes"),),
    gaps=(model.Gap("osp-b", "corosync", None, moment("16:47:00"), "its log begins then"),),
)
MIXED = case(CASCADE, PLANNED, SPURIOUS, coverage=COVERAGE, findings=(FINDING,), statistics=STATISTICS, quiet=(NOTE,))

#: The documented keys of each object, in their order.
DOCUMENTED = {
    "": "schema_version logtrace case inputs cluster window coverage incidents findings",
    "inputs": "path kind bytes sha256",
    "cluster": "name stack pacemaker corosync nodes dc",
    "cluster.nodes": "name logs first last clock_offset clock_offset_error",
    "cluster.dc": "node from to",
    "window": "start end timezone year_source",
    "coverage": "files lines lines_recognised lines_undated lines_earlier skipped missing_nodes carriers gaps excerpt",
    "incidents": "id kind title trigger root_cause contributing confidence nodes resources t_fault t_fault_earliest "
    "t_detected t_decided t_acted t_recovered t_end recovered outage outage_max phases operations transitions causes "
    "evidence advice",
    "incidents.phases": "name start end seconds what",
    "incidents.operations": "node resource operation start end seconds rc status transition critical",
    "incidents.transitions": "dc number pe_input start end outcome",
    "incidents.causes": "label verdict weight sentence evidence",
    "incidents.evidence": "id file line node time text",
    "incidents.advice": "label sentence commands files saves saves_basis",
    "findings": "label severity subject sentence commands evidence",
}


def at(tree: Any, path: str) -> dict[str, Any]:
    for name in filter(None, path.split(".")):
        tree = tree[name]
        tree = tree[0] if isinstance(tree, list) else tree
    assert isinstance(tree, dict)
    return tree


def test_the_document_reads_like_its_golden_text() -> None:
    shown = re.sub(r'"logtrace": "[^"]+"', '"logtrace": "x"', document.render(MIXED))
    assert shown == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTED)
def test_the_documented_keys_come_first_and_in_order(path: str) -> None:
    documented = DOCUMENTED[path].split()
    assert list(at(document.to_dict(MIXED), path))[: len(documented)] == documented


def test_every_field_of_the_model_is_in_the_document() -> None:
    renamed = {"recovery", "progress"}  # what phases and operations are computed from again; what only a watch tells
    for kind, path in (
        (model.Incident, "incidents"),
        (model.Node, "cluster.nodes"),
        (Advice, "incidents.advice"),
        (model.Statistics, "statistics"),
        (model.RunTimes, "statistics.runs"),
        (model.Monitor, "statistics.monitors"),
        (model.FencingTimes, "statistics.fencing"),
        (model.Failures, "statistics.failures"),
        (model.Placement, "statistics.placements"),
    ):
        missing = set(kind.__struct_fields__) - set(at(document.to_dict(MIXED), path)) - renamed
        assert not missing


def test_the_schema_is_sound_and_describes_everything() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for name, definition in SCHEMA["$defs"].items():
        if definition.get("type") == "object":
            assert "description" in definition, name
            for key, value in definition["properties"].items():
                referred = SCHEMA["$defs"].get(value.get("$ref", "").removeprefix("#/$defs/"), {})
                assert "description" in value or "description" in referred, f"{name}.{key}"


@pytest.mark.parametrize(
    ("name", "values"),
    [("Incident.kind", IncidentKind), ("Phase.name", PhaseName), ("Cause.verdict", Verdict)],
)
def test_the_schema_knows_the_words_of_the_model(name: str, values: type[IncidentKind]) -> None:
    definition, key = name.split(".")
    kind = SCHEMA["$defs"][definition]["properties"][key]["$ref"].removeprefix("#/$defs/")
    assert set(SCHEMA["$defs"][kind]["enum"]) == {each.value for each in values}


def test_the_schema_knows_every_cause() -> None:
    incident, cause = SCHEMA["$defs"]["Incident"]["properties"], SCHEMA["$defs"]["Cause"]["properties"]
    for each in (incident["trigger"], incident["root_cause"], incident["contributing"]["items"], cause["label"]):
        assert each["enum"] == list(causes.CAUSES)


@pytest.mark.parametrize(
    "which",
    [
        MIXED,
        case(),
        case(CASCADE, coverage=replace(case().coverage, skipped=(SKIPPED,), missing_nodes=("osp-b",))),
        case(replace(CASCADE, outage=math.nan, outage_max=math.inf, t_fault=None, contributing=())),
        case(window=model.Window(None, None, None, None)),
        case(cluster=model.Cluster(None, None, None, None, (), ())),
    ],
)
def test_every_document_is_valid(which: Case) -> None:
    VALIDATOR.validate(json.loads(document.render(which)))


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        ("", "schema_version", 2),
        ("", "new", 1),
        ("incidents", "kind", "accident"),
        ("incidents", "root_cause", "gremlins"),
        ("incidents", "t_detected", "2022-11-22 16:47:48"),
        ("incidents", "confidence", 1.2),
        ("incidents", "contributing", ["slow_init"] * 4),
        ("incidents", "outage", "18.6"),
        ("incidents.evidence", "line", 0),
        ("cluster.nodes", "logs", "yes"),
        ("statistics.runs", "longest", "61 s"),
        ("statistics.failures", "operations", {"monitor": 0}),
    ],
)
def test_the_schema_refuses_what_the_contract_does_not_allow(path: str, key: str, value: object) -> None:
    wrong = copy.deepcopy(document.to_dict(MIXED))
    at(wrong, path)[key] = value
    with pytest.raises(ValidationError):
        VALIDATOR.validate(wrong)


@pytest.mark.parametrize("path", DOCUMENTED)
def test_the_schema_misses_every_documented_key(path: str) -> None:
    for key in DOCUMENTED[path].split():
        thin = copy.deepcopy(document.to_dict(MIXED))
        del at(thin, path)[key]
        with pytest.raises(ValidationError):
            VALIDATOR.validate(thin)


def test_times_and_durations_have_the_form_of_the_contract() -> None:
    incident = document.to_dict(MIXED)["incidents"][0]
    assert incident["t_fault"] == "2022-11-22T16:47:45.210Z"
    assert incident["phases"][0]["seconds"] == 2.9
    assert incident["operations"][0]["interval"] == 10.0
    assert document.to_dict(case(replace(CASCADE, outage=1.23456)))["incidents"][0]["outage"] == 1.235


def test_a_run_is_near_its_timeout_beyond_half_of_it() -> None:
    runs = document.to_dict(MIXED)["statistics"]["runs"]
    assert [run["near_timeout"] for run in runs] == [True, False, False]


def test_hostile_text_comes_back_as_it_was_and_does_nothing_on_the_way() -> None:
    shown = document.render(infested(MIXED))
    assert shown.isascii()
    assert not set(shown) - {"\n"} & {chr(code) for code in range(32)}
    assert json.loads(shown)["incidents"][0]["title"] == HOSTILE


def test_every_character_is_escaped_as_json_does_it() -> None:
    every = "".join(map(chr, [*range(0x250), 0x2028, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF]))
    shown = document.render(infested(MIXED, every))
    assert json.dumps(every) in shown
    assert shown.isascii()
    assert "\x7f" not in shown
    assert json.loads(shown) == document.to_dict(infested(MIXED, every))


def test_a_file_name_that_is_no_text_is_still_json() -> None:
    odd = case(inputs=(model.Input("crm\udcff.tar", "archive", 1, None),))
    assert json.loads(document.render(odd))["inputs"][0]["path"] == "crm\\udcff.tar"
