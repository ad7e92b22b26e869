"""Modules are chapters and functions fit on a screen; the exceptions stand here with their reasons.

Which part may import which is declared in pyproject.toml and held by `make lint`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[1] / "logtrace"

MODULE_LINES: Final = 400
FUNCTION_LINES: Final = 60

#: Module -> why it is longer.
LONG_MODULES: Final[dict[str, str]] = {}

#: Module:function -> why it is longer.
LONG_FUNCTIONS: Final[dict[str, str]] = {
    "cli/analyze.py:analyze": "the options of a command are its parameters, with a line of help each",
    "cli/watch.py:watch": "the options of a command are its parameters, with a line of help each",
    "clocks/carriers.py:align_files": "one query over pairs of lines, which reads worse in pieces",
    "timeline/transitions.py:transitions": "one query that joins the witnesses of a scheduler run, column by column",
}


def modules() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")


def functions(name: str, text: str) -> Iterator[tuple[str, int]]:
    """Module:function and its lines, nested functions included."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{name}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_only_modules_with_a_reason_are_long() -> None:
    assert {name for name, text in modules() if len(text.splitlines()) > MODULE_LINES} == set(LONG_MODULES)


def test_only_functions_with_a_reason_are_long() -> None:
    found = {function for module in modules() for function, lines in functions(*module) if lines > FUNCTION_LINES}
    assert found == set(LONG_FUNCTIONS)
