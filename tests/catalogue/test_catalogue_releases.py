"""The table of what is understood of which release."""

from pathlib import Path

import pytest
from coverage_table import DOCUMENT, brought_up_to_date
from folders import QUORUM, RESULT, write

from logtrace import catalogue
from logtrace.catalogue.releases import table
from logtrace.errors import CatalogueError


def test_the_document_is_current() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text == brought_up_to_date(text), "parsers/README.md is stale; run `make coverage` and read the diff"


def test_a_stale_table_is_noticed() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert brought_up_to_date(text.replace("| op.result | ", "| op.outcome | ", 1)) == brought_up_to_date(text)


def test_every_kind_has_a_row() -> None:
    known = catalogue.load()
    kinds = {row.split(" | ")[0].removeprefix("| ") for row in table(known).splitlines()[2:]}
    assert kinds == set(known.kinds)


def test_a_row_for_each_range_of_releases(tmp_path: Path) -> None:
    def dated(stanza: str, key: str) -> str:
        return stanza.replace("[[message]]\n", f"[[message]]\n{key}\n", 1)

    old = dated(QUORUM, 'until = "1.1.14"').replace("Quorum lost", "No quorum `here`")
    new = dated(dated(RESULT, 'since = "1.1.15"\nuntil = "2.0.5"'), "unseen = true")
    rows = table(
        catalogue.load(write(tmp_path, QUORUM, old, new, QUORUM.replace("Quorum lost", "Quorum gone")))
    ).splitlines()
    assert rows[2:] == [
        (
            "| op.result | 1.1.15 - 2.0.5 * | pacemaker-controld | "
            "`Result of start operation for vip on n1: ok \\| call=7 key=vip_start_0 rc=0` |"
        ),
        "| quorum.lost | any | any | `Quorum lost` |",
        "| quorum.lost | up to 1.1.14 | any | `No quorum 'here'` |",
    ]


def test_a_release_is_a_number(tmp_path: Path) -> None:
    folder = write(tmp_path, RESULT.replace("[[message]]\n", '[[message]]\nsince = "long ago"\n', 1))
    with pytest.raises(CatalogueError, match=r"daemon\.toml:2: since is 'long ago'; write a release"):
        catalogue.load(folder)
