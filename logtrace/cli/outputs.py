"""Where outputs go: what cannot be written, or would be written over evidence, is refused before anything is read."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from itertools import combinations, count
from pathlib import Path
from typing import Final

from logtrace.cli.messages import put
from logtrace.errors import UsageError

STDOUT: Final = "-"

#: What a page says of its input, near its beginning; see reports/page.html.
_OF: Final = re.compile(rb'<meta name="logtrace-input" content="([0-9a-f]+)">')
_HEAD: Final = 1 << 12
#: What does not belong into the name of a file.
_ODD: Final = re.compile(r"[^\w.-]+")


def check(
    outputs: Sequence[str | None],
    inputs: Sequence[str],
    *,
    page: str | None = None,
    folders: Sequence[str | None] = (),
) -> None:
    """Raises UsageError for an output (None: not wanted) that could not be written, is one of the inputs or lies among
    them, or would be written over by another.

    `page`: where the page goes if nobody named a place, which may be beside the logs, for it is none; `folders`:
    where pages and Parquet files go, which may have to be made.
    """
    files = [Path(each) for each in outputs if each is not None and each != STDOUT]
    for output in files:
        _writable(output)
        _apart(output, inputs)
    made = [Path(each) for each in folders if each is not None]
    for folder in made:
        if os.path.lexists(folder) and not folder.is_dir():
            raise UsageError("cannot be made (it is no folder)", where=str(folder), remedy="name another folder")
        _apart(folder, inputs)
    written = [place for folder in made for place in _tables(folder)]
    together = [*files, *([Path(page)] if page is not None else []), *written]
    for output, other in combinations(together, 2):
        if _real(output) == _real(other) and not output.is_char_device():  # such as /dev/null
            raise UsageError("is named for two outputs", where=str(other), remedy="name a file for each")


def check_store(store: str, inputs: Sequence[str]) -> None:
    """Raises UsageError where the store at a path lies among what is read into it; addresses lie elsewhere."""
    if "://" not in store:
        _apart(Path(store), [each for each in inputs if "://" not in each])


def _writable(output: Path) -> None:
    from logtrace.render import files

    if not output.name:
        raise UsageError("is no name for a file", where=str(output), remedy="name a file")
    with files.told(output):
        folder = files.behind(output).parent
    if not folder.is_dir():
        raise UsageError("its folder does not exist", where=str(output), remedy="make the folder first")
    reason = "it is a folder" if output.is_dir() else "Permission denied" if not os.access(folder, os.W_OK) else None
    if reason is not None and (output.is_dir() or not output.exists() or output.is_file()):
        raise UsageError(f"cannot be written ({reason})", where=str(output), remedy="name another file or make room")


def _apart(output: Path, inputs: Sequence[str]) -> None:
    """Raises UsageError where `output` would change evidence, or be taken for it at the next look."""
    target = _real(output)
    for path in map(Path, inputs):
        if path.is_dir() and (target == _real(path) or _real(path) in target.parents):
            raise UsageError(
                f"lies among what is read ({path})", where=str(output), remedy="name a place outside of it"
            )
        if path.exists() and output.exists() and output.samefile(path):
            raise UsageError("is one of the inputs", where=str(output), remedy="name another file for the output")


def _real(path: Path) -> Path:
    """Where links lead; `Path.resolve` raises where they lead in a circle, and this gives one of them."""
    return Path(os.path.realpath(path))


def _tables(folder: Path) -> list[Path]:
    from logtrace.render.table_files import TABLE_FILES

    return [folder / f"{name}.parquet" for name in TABLE_FILES]


def write(target: str, text: str) -> None:
    """Writes `text` to a file, or to standard output where `target` is `-`."""
    from logtrace.render import files

    if target == STDOUT:
        put(text)
    else:
        files.write(Path(target), text)


def identity(inputs: Sequence[str]) -> str:
    """What a page remembers of what it was made of: which files they are on this machine, and no name of theirs."""
    told = []
    for path in inputs:
        try:
            status = Path(path).stat()
        except OSError:  # standard input, or what reading will complain of
            told.append(path)
        else:
            told.append(f"{status.st_dev}:{status.st_ino}")
    return hashlib.sha256(" ".join(told).encode(errors="surrogateescape")).hexdigest()[:16]


def folder_of(target: str | None) -> str | None:
    """`target` where it is a folder, or would be one by its name."""
    return target if target is not None and (target.endswith("/") or Path(target).is_dir()) else None


def file_names(names: Sequence[str]) -> list[str]:
    """Names of cases, which come from strangers, as names for files: each another one, and none leads anywhere."""
    found: list[str] = []
    for name in names:
        plain = _ODD.sub("_", name)[:100].strip("._") or "case"
        taken = {each.casefold() for each in (*found, "index")}
        found.append(next(each for each in _numbered(plain) if each.casefold() not in taken))
    return found


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def default_page(name: str, of: str) -> str:
    """Where the page of a report called `name` goes if nobody says: here, and never over the page of another report."""
    return next(f"./{name}.logtrace.html" for name in _numbered(name) if _free(Path(f"{name}.logtrace.html"), of))


def default_folder(name: str, of: str, index: str) -> str:
    """The same for pages of several cases, by the page of that folder that is called `index`."""
    return next(f"./{name}.logtrace" for name in _numbered(name) if _free(Path(f"{name}.logtrace", index), of))


def _free(path: Path, of: str) -> bool:
    """Whether there is no page yet, or one that was made of the same input."""
    from logtrace.render import files

    try:
        for each in (path.parent, path):
            files.behind(each)
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe would be waited for
            return False
    except OSError:  # it is another user's, or leads nowhere
        return False
    try:
        with path.open("rb") as page:
            mark = _OF.search(page.read(_HEAD))
    except OSError:  # there is none, or writing will tell what is wrong with it
        return True
    return mark is not None and mark[1] == of.encode()
