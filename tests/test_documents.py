"""The documents are true: what they quote is what logtrace says, and what they name is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cause_tables
import pytest
from quotations import DOCUMENTS as QUOTING
from quotations import MARKED, ROOT, brought_up_to_date

from logtrace import errors
from logtrace.causes import CAUSES
from logtrace.cli import commands, run

DOCUMENTS: Final = [
    *sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]),
    *(ROOT / folder / "README.md" for folder in ("parsers", "reports", "samples")),
    *sorted(ROOT.glob("samples/*/README.md")),
]
SAMPLES: Final = sorted(path.parent for path in ROOT.glob("samples/*/README.md"))

#: What is made, installed or fetched, and therefore not of the project.
NOT_OURS: Final = {"dist", "__pycache__", ".git", ".venv"}
#: Files in which text cannot be looked for as it stands.
PACKED: Final = {".bz2", ".gz", ".xz", ".zst", ".tar", ".png"}

#: Top folders that every Linux has, and that no path of one machine need begin with.
EVERYWHERE: Final = {
    "bin", "boot", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "media", "opt", "proc", "run", "sbin",
    "srv", "sys", "usr", "var",
}  # fmt: skip


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def files() -> Iterator[Path]:
    """Everything of the project; folders of tools (.mypy_cache, ...) begin with a dot, and so does .ci."""
    waiting = [ROOT]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            hidden = path.name.startswith(".") and path.name not in {".ci", ".gitignore"}
            if hidden or path.name in NOT_OURS or path.name.endswith((".egg-info", ".logtrace.html")):
                continue
            if path.is_dir():
                waiting.append(path)
            else:
                yield path


def code(path: Path) -> Iterator[str]:
    """Everything a document shows as code, between backticks or in blocks, but for what it quotes."""
    text = MARKED.sub("", path.read_text(encoding="utf-8"))
    blocks = re.findall(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    yield from (line for block in blocks for line in block.splitlines())
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```\w*\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("path", QUOTING, ids=name)
def test_what_a_document_quotes_is_what_logtrace_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert MARKED.search(text), "nothing is quoted"
    assert text == brought_up_to_date(text, path.parent), f"{name(path)} is stale; run `make samples` and read the diff"


def test_a_stale_document_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "pacemaker.log").write_text("")
    stale = "a\n<!-- begin: logtrace --version -->\nlogtrace 0.0\n<!-- end -->\nb\n"
    fresh = brought_up_to_date(stale, tmp_path)
    assert re.fullmatch(r"a\n<!-- .* -->\n```text\nlogtrace \d+\.\d+\.\d+\n```\n<!-- end -->\nb\n", fresh)
    assert brought_up_to_date(fresh, tmp_path) == fresh
    with pytest.raises(RuntimeError, match=r"ended with 3: logtrace: pacemaker\.log: is empty"):
        brought_up_to_date("<!-- begin: logtrace analyze pacemaker.log -->\n<!-- end -->", tmp_path)


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_a_sample_is_whole_and_listed(folder: Path) -> None:
    assert (folder / "crm_report.tar.bz2").stat().st_size > 10_000
    told = (folder / "README.md").read_text(encoding="utf-8")
    assert [match["command"] for match in MARKED.finditer(told)] == ["logtrace analyze crm_report.tar.bz2"]
    title = told.splitlines()[0].removeprefix("# ")
    assert f"| [{folder.name}]({folder.name}/README.md) | {title} |" in (ROOT / "samples" / "README.md").read_text()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        assert "://" not in target, f"{target}: a link out of the project may rot"
        assert (path.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_files_and_folders_that_are_named_are_there(path: Path) -> None:
    top = {each.name for each in ROOT.iterdir() if not each.name.startswith(".")} | {".ci"}
    names = {each.name for each in files()}
    for word in {word.rstrip(".,;:") for text in code(path) for word in text.split()}:
        if word.partition("/")[0] in top and "/" in word:
            assert list(ROOT.glob(word.rstrip("/"))) or list((path.parent).glob(word.rstrip("/"))), word
        elif re.fullmatch(r"[\w.-]+\.(?:py|toml|css|js|svg)", word):
            assert word in names, word


def test_what_the_readme_types_exists(capsys: pytest.CaptureFixture[str]) -> None:
    typed = [text.partition(" #")[0] for text in code(ROOT / "README.md")]
    every = list(commands().walk())
    known = {each.path[1] for each in every if len(each.path) > 1}
    named = {text.split()[1] for text in typed if re.match(r"logtrace [a-z]", text)}
    assert len(named) > 3
    assert named <= known
    paths = {each.path for each in every}
    assert {tuple(text.split()[:3]) for text in typed if text.startswith("logtrace fleet ")} <= paths
    helped = ""
    for command in every:
        assert run([*command.path[1:], "--help"]) == 0
        helped += capsys.readouterr().out
    options = {option for text in typed for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)}
    assert options, "no option is named"
    assert {option for option in options if not re.search(rf"{option}\b", helped)} <= {"--help"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {text.split()[1] for text in typed if text.startswith("make ")}
    assert targets >= {"demo", "test"}
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets), targets


def test_the_readme_explains_every_exit_status() -> None:
    explained = re.findall(r"^\| ([\d, ]+) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    listed = {int(status) for row in explained for status in row.split(",")}
    of_errors = {each.status for each in vars(errors).values() if hasattr(each, "status")}
    assert listed == {0, 1, 70, 129, 130, 141, 143} | of_errors


def test_the_architecture_names_every_part() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    packages = [path.parent for path in (ROOT / "logtrace").rglob("__init__.py") if path.parent != ROOT / "logtrace"]
    assert [name(path) for path in packages if f"`{name(path)}/`" not in told] == []
    assert [label for label in CAUSES if f"`{label}`" not in told] == []


def test_the_tables_of_causes_are_those_of_the_declarations() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert told == cause_tables.brought_up_to_date(told), "stale; run `make documents` and read the diff"


def test_the_readme_is_short() -> None:
    told = MARKED.sub("", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(told.splitlines()) <= 200


def test_no_file_tells_where_it_was_written() -> None:
    """Absolute paths lead only to folders that every machine has."""
    here = {path.name for path in Path("/").iterdir() if path.is_dir() and re.fullmatch(r"[\w.-]+", path.name)}
    foreign = sorted((here | {"tmp", "mnt"}) - EVERYWHERE)
    pattern = re.compile(rf"(?<![\w.~$<>{{}}()\[\]*/-])/(?:{'|'.join(map(re.escape, foreign))})/[\w.-]")
    assert pattern.search("see /tmp/something")
    found = [
        f"{name(path)}: {match.group()}"
        for path in files()
        if path.suffix not in PACKED
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
        if path != Path(__file__)
    ]
    assert found == []
    own = [f"{place}/".encode() for place in (ROOT, Path.home())]
    assert [name(path) for path in files() if any(place in path.read_bytes() for place in own)] == []
