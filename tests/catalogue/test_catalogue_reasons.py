"""What agents give as their reason, and what it means: data, proved like messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from folders import QUORUM, RESULT, write

from logtrace import catalogue
from logtrace.catalogue import meaning_of
from logtrace.domain.reasons import Why
from logtrace.errors import CatalogueError
from logtrace.events import check

REASON = """
[[reason]]
why     = "busy"
agent   = ["Kettle"]
text    = "still boiling"
meaning = "The water boils."
remedy  = "Wait."
[[reason.example]]
line   = "kettle is still boiling"
fields = {}
"""

GENERAL = REASON.replace('agent   = ["Kettle"]\n', "").replace("busy", "waiting").replace("The water", "Something")


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in check.problems(catalogue.load(folder))]


@pytest.mark.parametrize(
    ("agent", "text", "why"),
    [
        ("stonith:fence_azure_arm", "Failed: AdalError: Get Token request returned http error: 401", Why.LOGIN_REFUSED),
        ("fence_ipmilan", "Error: Unable to establish IPMI v2 / RMCP+ session", Why.NO_ANSWER),
        ("stonith:external/ipmi", "RAKP 2 HMAC is invalid", Why.LOGIN_REFUSED),
        ("ocf:heartbeat:Filesystem", "Another device (/dev/sdc1) is already mounted on /srv", Why.ALREADY_USED),
        ("ocf::heartbeat:Filesystem", "umount: /srv: target is busy.", Why.BUSY),
        ("pgsqlms", "n2 is the best candidate to promote, aborting current promotion", Why.PROMOTION_REFUSED),
        ("galera", "local node <n1> is started, but not in primary mode. Unknown state.", Why.CLUSTER_BROKEN),
        ("systemd:httpd", "Job for httpd.service failed because the control process exited", Why.START_FAILED),
        (None, "bind(): (98) ADDRESS ALREADY IN USE", Why.ALREADY_USED),
        (None, "Setup problem: couldn't find command: nc", Why.PROGRAM_MISSING),
        (None, "it is Tuesday", None),
    ],
)  # fmt: skip
def test_what_agents_mean(agent: str | None, text: str, why: Why | None) -> None:
    found = meaning_of(text, agent)
    assert (found.why if found else None) == why
    if found:
        assert found.meaning.endswith((".", ")")), "a sentence"
        assert found.remedy.endswith((".", ")")), "a sentence"


def test_what_one_agent_says_another_does_not_mean(tmp_path: Path) -> None:
    known = catalogue.load(write(tmp_path, RESULT, QUORUM, reasons=REASON))
    assert meaning_of("is STILL  boiling", "ocf:kitchen:Kettle", known)
    assert meaning_of("is still boiling", None, known), "who says it is not known: it is tried"
    assert not meaning_of("is still boiling", "Pot", known)


def test_the_first_that_fits_wins(tmp_path: Path) -> None:
    known = catalogue.load(write(tmp_path, RESULT, QUORUM, reasons=REASON + GENERAL))
    by_kettle, by_pot = (meaning_of("still boiling", agent, known) for agent in ("Kettle", "Pot"))
    assert by_kettle
    assert by_kettle.meaning == "The water boils."
    assert by_pot
    assert by_pot.meaning == "Something boils."


def test_an_example_must_be_its_own(tmp_path: Path) -> None:
    (found,) = problems(write(tmp_path / "a", RESULT, QUORUM, reasons=GENERAL + REASON))
    assert "the example is taken by 'waiting' (a/reasons/agents.toml:2)" in found
    (found,) = problems(write(tmp_path / "b", RESULT, QUORUM, reasons=REASON.replace("is still", "no longer is")))
    assert "the example does not hold its reason" in found


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('why     = "busy"', 'why     = "tea"', "unknown class 'tea'"),
        ('remedy  = "Wait."\n', "", "needs meaning and remedy"),
        ('text    = "still boiling"', 'text    = "{text}"', "no word"),
        ('agent   = ["Kettle"]', 'kind = "no.kind"', "unknown kind 'no.kind'"),
        ('agent   = ["Kettle"]', 'agents = "Kettle"', "unknown key 'agents'"),
    ],
)
def test_mistakes_name_the_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    with pytest.raises(CatalogueError) as error:
        catalogue.load(write(tmp_path, RESULT, reasons=REASON.replace(old, new)))
    assert problem in error.value.message
    assert str(error.value.where).endswith("reasons/agents.toml:2")
