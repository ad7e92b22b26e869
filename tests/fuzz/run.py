"""Fuzz one target, guided by coverage; README.md beside this tells how."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import atheris  # type: ignore[import-not-found, unused-ignore]

sys.path.append(str(Path(__file__).parents[1]))  # what all tests share
with atheris.instrument_imports(include=["logtrace"]):
    import targets
from seeds import dictionary, seeds

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


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in targets.TARGETS:
        sys.exit(
            f"usage: run.py TARGET [FOLDER] [OPTION OF LIBFUZZER...]; TARGET is one of {', '.join(targets.TARGETS)}"
        )
    target = sys.argv[1]
    options = [given for given in sys.argv[2:] if given.startswith("-")]
    kept = [given for given in sys.argv[2:] if not given.startswith("-")]  # the first folder takes what is new
    targets.noticed = _noticed()
    started = Path(tempfile.mkdtemp(prefix=f"fuzz-{target}-"))
    for number, seed in enumerate(seeds(target)):
        (started / f"seed-{number:04}").write_bytes(seed)
    words = started.with_suffix(".dict")
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in dictionary(target))
    words.write_text("".join(f'"{word}"\n' for word in escaped))
    found = CORPUS / target
    folders = [*kept, str(started), *([str(found)] if found.is_dir() else [])]
    atheris.Setup([sys.argv[0], *folders, f"-dict={words}", *options], targets.TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
