"""Fuzz one target, guided by coverage; README.md beside this tells how."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import atheris  # type: ignore[import-not-found, unused-ignore]

sys.path.append(str(Path(__file__).parents[1]))  # what all tests share

#: Where targets are, what needs the least of logtrace first: the more is instrumented, the longer it takes to begin.
_TABLES: Final = (("pure", "PURE"), ("many", "MANY"), ("targets", "TARGETS"))

CORPUS: Final = Path(__file__).parent / "corpus"
#: Levels of the tree of branches in which `noticed` puts what was reached.
_LEVELS: Final = 11


def _beacon(low: int, high: int, indent: str = "    ") -> str:
    """Source of a tree of branches that ends in a leaf of its own for every number from `low` up to `high`."""
    if high - low == 1:
        return f"{indent}return {low}\n"
    middle = (low + high) // 2
    lower, upper = _beacon(low, middle, indent + " "), _beacon(middle, high, indent + " ")
    return f"{indent}if number < {middle}:\n{lower}{indent}else:\n{upper}"


def _noticed() -> Any:
    """A function whose coverage tells apart what it is called with: matching inside polars is not covered itself."""
    made: dict[str, Any] = {}
    exec(f"def beacon(number):\n{_beacon(0, 1 << _LEVELS)}", made)
    beacon = atheris.instrument_func(made["beacon"])
    numbers: dict[object, int] = {}
    return lambda what: beacon(numbers.setdefault(what, len(numbers)) % (1 << _LEVELS))


def _target(name: str) -> Callable[[bytes], None]:
    with atheris.instrument_imports(include=["logtrace"]):
        for module, table in _TABLES:
            targets = import_module(module)
            if name in (told := getattr(targets, table)):
                targets.noticed = _noticed()
                found: Callable[[bytes], None] = told[name]
                return found
    sys.exit(f"usage: run.py TARGET [FOLDER] [OPTION OF LIBFUZZER...]; TARGET is one of {', '.join(told)}")


def main() -> None:
    name = "".join(sys.argv[1:2])
    target = _target(name)
    from seeds import dictionary, seeds  # behind what is instrumented

    options = [given for given in sys.argv[2:] if given.startswith("-")]
    kept = [given for given in sys.argv[2:] if not given.startswith("-")]  # the first folder takes what is new
    started = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for number, seed in enumerate(seeds(name)):
        (started / f"seed-{number:04}").write_bytes(seed)
    words = started.with_suffix(".dict")
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in dictionary(name))
    words.write_text("".join(f'"{word}"\n' for word in escaped))
    found = CORPUS / name
    folders = [*kept, str(started), *([str(found)] if found.is_dir() else [])]
    atheris.Setup([sys.argv[0], *folders, f"-dict={words}", *options], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
