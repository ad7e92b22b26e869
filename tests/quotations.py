"""What logtrace says in the project's documents, kept true.

    python tests/quotations.py

runs every command that a document names between `<!-- begin: logtrace ... -->` and `<!-- end -->`, in the folder of
that document, and puts its output between the two. `make samples` does the same.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
MARKED: Final = re.compile(
    r"(?P<begin><!-- begin: (?P<command>logtrace .*?) -->\n)(?P<told>.*?)(?P<end><!-- end -->)", re.DOTALL
)
TERMINAL: Final = {"COLUMNS": "80", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(ROOT)}


#: The documents that quote logtrace.
DOCUMENTS: Final = (ROOT / "README.md", *sorted(ROOT.glob("samples/*/README.md")))


def output(command: str, folder: Path) -> str:
    """What `command` prints on a terminal of 80 columns without colour; files it writes do not land in `folder`."""
    program, *arguments = shlex.split(command)
    assert program == "logtrace", command
    with tempfile.TemporaryDirectory() as name:
        for each in folder.iterdir():
            (Path(name) / each.name).symlink_to(each)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "logtrace", *arguments],  # not the logtrace that lies in the folder
            cwd=name, env=os.environ | TERMINAL, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
    if done.returncode or done.stderr:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def brought_up_to_date(text: str, folder: Path) -> str:
    """The text of a document that lies in `folder`, with what its commands print now."""

    def quote(match: re.Match[str]) -> str:
        told = "\n".join(line.rstrip() for line in output(match["command"], folder).splitlines())
        return f"{match['begin']}```text\n{told}\n```\n{match['end']}"

    return MARKED.sub(quote, text)


def main() -> None:
    """Bring every document up to date and name those that changed."""
    for path in DOCUMENTS:
        before = path.read_text(encoding="utf-8")
        after = brought_up_to_date(before, path.parent)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
