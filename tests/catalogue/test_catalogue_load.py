"""Reading the catalogue's folder, and what a contributor's mistake is answered with."""

from pathlib import Path

import pytest
from folders import QUORUM, RESULT, write

from logtrace import catalogue
from logtrace.errors import CatalogueError


def test_a_folder_becomes_a_catalogue(tmp_path: Path) -> None:
    known = catalogue.load(write(tmp_path, RESULT, QUORUM))
    assert set(known.kinds) == {"op.result", "quorum.lost"}
    assert [(fmt.name, fmt.part) for fmt in known.formats] == [("syslog", "carrier"), ("daemon", "payload")]
    result, quorum = known.messages
    assert result.daemons == {"pacemaker-controld"}, "old and new tags are one daemon"
    assert result.tail == ("call", "key", "rc")
    assert quorum.daemons == frozenset()
    assert result.where.endswith("messages/daemon.toml:2")
    assert result.examples[0].where.endswith("messages/daemon.toml:7")
    assert quorum.where.endswith("messages/daemon.toml:11")


def test_it_is_read_once(tmp_path: Path) -> None:
    folder = write(tmp_path, RESULT)
    assert catalogue.load(folder) is catalogue.load(folder)


MISTAKES = [
    ('kind = "op.results"\ntext = "a b"', "unknown kind 'op.results'", "kinds.toml"),
    ('text = "a b"', "unknown kind 'None'", "kinds.toml"),
    ('kind = "op.result"', "needs text", "add text"),
    ('kind = "op.result"\ntext = "a [b"', "never closed", "add ']'"),
    ('kind = "op.result"\ntext = "a {nosuch}"', "unknown field 'nosuch'", "columns.py"),
    ('kind = "op.result"\ntext = "{target} {target}"', "named twice", "list of templates"),
    ('kind = "op.result"\ntext = "a b"\nsett = {}', "unknown key 'sett'", "set"),
    ('kind = "op.result"\ntext = "a b"\nset = { verbs = "x" }', "unknown field 'verbs'", "columns.py"),
    ('kind = "op.result"\ntext = "a b"\nset = { rc = "x" }', "field 'rc' is 'x'", "a number"),
    ('kind = "op.result"\ntext = "a b"\ntail = ["calls"]', "unknown tail fact 'calls'", "TAIL"),
    ('kind = "op.result"\ntext = "a b"', "no example", "add an example"),
    ('kind = "op.result"\ntext = "{target}"', "no word", "write words"),
]


@pytest.mark.parametrize(("stanza", "problem", "remedy"), MISTAKES)
def test_mistakes_name_the_line_and_the_remedy(tmp_path: Path, stanza: str, problem: str, remedy: str) -> None:
    folder = write(tmp_path, QUORUM, f"\n[[message]]\n{stanza}\n")
    with pytest.raises(CatalogueError) as error:
        catalogue.load(folder)
    assert problem in error.value.message
    assert error.value.where is not None
    assert error.value.where.endswith("messages/daemon.toml:9")
    assert error.value.remedy is not None
    assert remedy in error.value.remedy


@pytest.mark.parametrize(
    ("example", "problem"),
    [
        ('line = "a b"', "needs line and fields"),
        ("fields = {}", "needs line and fields"),
        ('line = "a b"\nfields = { nosuch = 1 }', "unknown field 'nosuch'"),
        ('line = "a b"\nfields = { rc = "0" }', "field 'rc' is '0'"),
        ('line = "a b"\nfields = {}\nlevel = "info"', "unknown key 'level'"),
    ],
)
def test_mistakes_in_examples_name_the_example(tmp_path: Path, example: str, problem: str) -> None:
    stanza = f'[[message]]\nkind = "op.result"\ntext = "a b"\n[[message.example]]\n{example}\n'
    with pytest.raises(CatalogueError) as error:
        catalogue.load(write(tmp_path, stanza))
    assert problem in error.value.message
    assert str(error.value.where).endswith("messages/daemon.toml:4")


def test_bad_toml_names_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as error:
        catalogue.load(write(tmp_path, '\n[[message]]\nkind = "op.result\n'))
    assert str(error.value.where).endswith("messages/daemon.toml:3")
    assert error.value.status == 2


def test_foreign_tables_and_files(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"'messages' means nothing here.*\[\[message\]\]"):
        catalogue.load(write(tmp_path / "a", '[[messages]]\nkind = "op.result"\n'))
    latin = write(tmp_path / "b", QUORUM) / "messages" / "latin.toml"
    latin.write_bytes(b"# \xe9t\xe9\n")
    with pytest.raises(CatalogueError, match=r"latin\.toml: .*UTF-8"):
        catalogue.load(tmp_path / "b")
    with pytest.raises(CatalogueError, match=r"kinds\.toml: the file is missing"):
        catalogue.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("formats", "problem"),
    [
        ('[[format]]\nname = "x"\n', "needs name and text"),
        ('[[format]]\nname = "x"\npart = "body"\ntext = "{message}"\n', "unknown part 'body'"),
        ('[[format]]\nname = "x"\ntext = "{sender}: {message}"\n', "unknown field 'sender'"),
        ('[[format]]\nname = "x"\ntext = "{month} {message}"\n', "lacks"),
        ('[[format]]\nname = "x"\npart = "payload"\ntext = "[{daemon} ]{message}"\n', "no example"),
    ],
)
def test_mistakes_in_formats(tmp_path: Path, formats: str, problem: str) -> None:
    with pytest.raises(CatalogueError) as error:
        catalogue.load(write(tmp_path, QUORUM, formats=formats))
    assert problem in error.value.message
    assert str(error.value.where).endswith("formats/lines.toml:1")


def test_two_formats_of_one_name(tmp_path: Path) -> None:
    one = """[[format]]
name = "x"
part = "payload"
text = "{daemon}: {message}"
[[format.example]]
line = "a: b"
fields = {}
"""
    with pytest.raises(CatalogueError, match="two formats are called 'x'"):
        catalogue.load(write(tmp_path, QUORUM, formats=one + one))


@pytest.mark.parametrize(
    "noise", ['text = "x"', 'example = "x"', 'text = ""\nexample = "x"', 'text = []\nexample = "x"']
)
def test_noise_needs_text_and_example(tmp_path: Path, noise: str) -> None:
    with pytest.raises(CatalogueError, match="noise needs text and example") as error:
        catalogue.load(write(tmp_path, QUORUM, noise=f"\n[[noise]]\n{noise}\n"))
    assert str(error.value.where).endswith("noise.toml:2")
