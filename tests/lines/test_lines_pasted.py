"""Lines as people and programs hand them on: each form is read as the plain log would be."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable

import pytest
from stories import Told, read, tell, write

STORY = """
12:00:00.000 node1 plan 3:
12:00:01.000 node1 db start in 0.5s: ok
12:00:02.500 node1 done 3
12:05:00.000 node1 db monitor 10s: not running
12:05:00.100 node1 plan 4: Recover db ( node1 )
12:05:00.300 node1 db stop in 0.1s: ok
12:05:07.000 node1 db start in 6s: ok
12:05:07.100 node1 done 4
12:08:00.000 node1 lose node2
12:08:00.500 node1 plan 5:
12:08:00.600 node1 done 5
"""
TOLD = tell(STORY, nodes=("node1", "node2"), dc="node1")
OWN = write(TOLD)["node1/pacemaker.log"].splitlines()
SYSLOG = write(TOLD, carriers=("syslog",))["node1/messages"].splitlines()

Form = Callable[[list[str]], str]
FORMS: dict[str, Form] = {}


def form(make: Form) -> Form:
    FORMS[make.__name__] = make
    return make


def each(pattern: Callable[[int, str], str]) -> Form:
    return lambda lines: "\n".join(pattern(number, line) for number, line in enumerate(lines, 1)) + "\n"


def month(name: str) -> Form:
    return each(lambda _, line: line.replace("Nov 22", f"{name} 22"))


FORMS |= {
    "line numbers of less": each(lambda number, line: f"{number:7d} {line}"),
    "numbers and ends of vim": each(lambda number, line: f"{number:3d} {line}$"),
    "a numbered list": each(lambda number, line: f"{number}. {line}"),
    "a chat on Teams": each(lambda _, line: f"[11/22/2026 12:07 PM] Jane Doe: {line}"),
    "a chat on WhatsApp": each(lambda _, line: f"22.11.26, 12:07 - Jane Doe: {line}"),
    "a chat on IRC": each(lambda _, line: f"12:07 <@jane> {line}"),
    "a list of YAML": each(lambda _, line: f"  - {json.dumps(line)}"),
    "cells of a web page": each(lambda n, line: f"<tr><td>{n}</td><td>{html.escape(line)}</td></tr>"),
    "logfmt": each(lambda _, line: f"time=2026-11-22T12:09:00Z level=info msg={json.dumps(line)}"),
    "Fluentd": each(lambda _, line: f"2026-11-22T12:09:00.000000001Z kube.ha {json.dumps({'log': line})}"),
    "Fluentd with an offset": each(lambda _, line: f"2026-11-22 12:09:00 +0000 ha: {json.dumps({'message': line})}"),
    "spaced out by tabs": each(lambda _, line: "\t".join(line.split(" ", 3))),
}


@form
def ends_of_old_macs(lines: list[str]) -> str:
    return "\r".join(lines) + "\r"


@form
def a_list_of_python(lines: list[str]) -> str:
    return repr(lines)


@form
def a_list_of_python_with_its_ends(lines: list[str]) -> str:
    return "[\n" + ",\n".join(f" {line + chr(10)!r}" for line in lines) + "]\n"


@form
def bytes_of_python(lines: list[str]) -> str:
    return repr("\n".join(lines).encode())


@form
def a_list_of_json(lines: list[str]) -> str:
    return json.dumps(lines)


@form
def the_text_of_a_ticket(lines: list[str]) -> str:
    return json.dumps({"id": 12, "description": "Hello,\n" + "\n".join(lines) + "\nregards"})


@form
def escaped_ends(lines: list[str]) -> str:
    return "\\n".join(lines)


@form
def quoted_cells(lines: list[str]) -> str:
    told = io.StringIO()
    csv.writer(told, delimiter="\t", quoting=csv.QUOTE_ALL).writerows(enumerate(lines))
    return told.getvalue()


@form
def a_table_of_markdown(lines: list[str]) -> str:
    rows = [(line[:15], *line[16:].split(" ", 1)) for line in lines]
    cells = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "| Date | Host | Message |\n| --- | --- | --- |\n" + "".join(f"| {row} |\n" for row in cells)


def incidents(told: Told) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.root_cause, f"{one.t_detected:%m-%d %H:%M:%S}", one.nodes) for one in told.incidents]


#: Each form of both logs; the table is cut at columns that the times with fractions do not have.
PASTED = [
    pytest.param(name, lines, id=f"{log}-{name}")
    for name in FORMS
    for log, lines in (("own", OWN), ("syslog", SYSLOG))
    if (log, name) != ("own", "a_table_of_markdown")
]


@pytest.mark.parametrize(("name", "lines"), PASTED)
def test_a_form_is_read_as_the_plain_log(name: str, lines: list[str]) -> None:
    plain = read({"x.log": "\n".join(lines) + "\n"}, year=2026)
    assert incidents(plain)
    assert incidents(read({"x.log": FORMS[name](lines)}, year=2026)) == incidents(plain)


@pytest.mark.parametrize("name", ["lapkr.", "lapkr", "stu"])
def test_november_in_lithuanian_and_croatian(name: str) -> None:
    plain = read({"x.log": "\n".join(SYSLOG) + "\n"}, year=2026)
    assert incidents(read({"x.log": month(name)(SYSLOG)}, year=2026)) == incidents(plain)


def test_what_quotes_a_list_is_no_list() -> None:
    """A plain log in which one line quotes literals stays one."""
    quoting = [*SYSLOG, SYSLOG[-1] + " args ['Nov 22 12:00:00', 'Nov 22 12:00:01', 'Nov 22 12:00:02']"]
    assert incidents(read({"x.log": "\n".join(quoting) + "\n"}, year=2026)) == incidents(
        read({"x.log": "\n".join(SYSLOG) + "\n"}, year=2026)
    )
