"""What SARIF 2.1.0 demands of the parts logtrace writes, as a JSON Schema: names, types, what is required, and that
nothing else is there.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]


def _object(required: str = "", **properties: Any) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


def _list(items: Json, least: int = 0) -> Json:
    return {"type": "array", "items": items, "minItems": least}


TEXT: Json = {"type": "string"}
BAG: Json = {"type": "object"}
#: An id of an argument in braces would be replaced by what is not there (3.11.5), and brackets make a link (3.11.6).
MESSAGE = _object("text", text={"type": "string", "pattern": r"^(?:[^{}]|\{\{|\}\})*$"})
#: A reference to a file below where the reader looks: neither absolute nor of another host (RFC 3986, 4.1).
URI: Json = {
    "type": "string",
    "pattern": r"^(?!//)(?:[A-Za-z0-9._~/!$&'()*+,;=@-]|%[0-9A-F]{2})+$",
}
ARTIFACT = _object("uri", uri=URI)
REGION = _object("startLine", startLine={"type": "integer", "minimum": 1}, snippet=_object("text", text=TEXT))
PHYSICAL = _object("artifactLocation", artifactLocation=ARTIFACT, region=REGION)
LOGICAL = _object("fullyQualifiedName", fullyQualifiedName=TEXT)
LOCATION = _object(
    id={"type": "integer", "minimum": 1},
    physicalLocation=PHYSICAL,
    logicalLocations=_list(LOGICAL),
    message=MESSAGE,
)
RULE = _object("id", id=TEXT, shortDescription=MESSAGE, fullDescription=MESSAGE, help=MESSAGE)
RESULT = _object(
    "ruleId ruleIndex level message locations",
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    kind={"enum": ["fail", "informational"]},
    level={"enum": ["none", "note", "warning", "error"]},
    message=MESSAGE,
    locations=_list(LOCATION),
    relatedLocations=_list(LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    properties=BAG,
) | {
    "if": {"properties": {"kind": {"const": "informational"}}, "required": ["kind"]},
    "then": {"properties": {"level": {"const": "none"}}},
}
NOTICE = _object("message", level={"enum": ["note", "warning", "error"]}, message=MESSAGE, locations=_list(LOCATION))
RUN = _object(
    "tool results",
    tool=_object("driver", driver=_object("name rules", name={"const": "logtrace"}, version=TEXT, rules=_list(RULE))),
    invocations=_list(
        _object(
            "executionSuccessful", executionSuccessful={"type": "boolean"}, toolExecutionNotifications=_list(NOTICE)
        )
    ),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=_list(RESULT),
)
LOG = _object("version runs", **{"$schema": TEXT}, version={"const": "2.1.0"}, runs=_list(RUN, 1))

_VALIDATOR = Draft202012Validator(LOG, format_checker=FormatChecker())


def checked(log: Json) -> Json:
    """The one run of a log file; fails where it is not as SARIF has it, or its parts do not fit together."""
    _VALIDATOR.validate(log)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    return dict(run)
