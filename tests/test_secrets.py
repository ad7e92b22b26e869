"""Passwords and keys are masked while a case is read; nothing else is."""

from __future__ import annotations

import polars as pl
import pytest
from secret_forms import HARMLESS, SECRET, SECRETS, WORDS

from logtrace.config import cib
from logtrace.lines.secrets import MASK, is_secret, masked


@pytest.mark.parametrize(
    "line",
    SECRETS,
)
def test_a_secret_in_a_line_is_masked(line: str) -> None:
    (safe,) = masked(pl.Series([line]))
    assert SECRET not in safe
    assert MASK in safe


@pytest.mark.parametrize(
    "line",
    HARMLESS,
)
def test_what_only_sounds_like_a_secret_stays(line: str) -> None:
    assert masked(pl.Series([line])).to_list() == [line]


@pytest.mark.parametrize("line", WORDS)
def test_a_password_that_is_a_word_like_any_other_is_masked(line: str) -> None:
    (safe,) = masked(pl.Series([line]))
    assert safe == line.replace("swordfish", MASK)


def test_the_names_of_keys_that_clouds_give_are_masked_by_their_form() -> None:
    (safe,) = masked(pl.Series(["fence_aws: AKIAIOSFODNN7EXAMPLE, LTAI4Ghunter2hunter2"]))
    assert safe == f"fence_aws: AKIA{MASK}, LTAI{MASK}"


def test_a_key_of_several_lines_is_masked() -> None:
    key = [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "b3BlbnNzaC1rZXktdjEAAAAABG5v",
        "node1 sshd: QyNTUxOQAAACBjhunter2AA==",
    ]
    around = ["node1 corosync: [TOTEM ] starting", *key, "-----END OPENSSH PRIVATE KEY-----", "AAAABBBBCCCCDDDDEEEE"]
    safe = masked(pl.Series(around)).to_list()
    assert safe == [*around[:2], MASK, f"node1 sshd: {MASK}", *around[4:]]


def test_no_line_of_a_key_gets_through_for_the_words_in_it_or_for_another_block_before_it() -> None:
    lines = [
        "-----END CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----",
        "b3BlbnNzaC1rZXkPINtoken",
        "AAAABBBBCCCCDDDDEEEE",
    ]
    assert masked(pl.Series(lines)).to_list() == [*lines[:2], MASK, MASK]


def test_nulls_and_neighbours_stay_and_the_given_column_too() -> None:
    given = pl.Series(["passwd=hunter2 ip=10.0.0.1", None, "x"])
    assert masked(given).to_list() == [f"passwd={MASK} ip=10.0.0.1", None, "x"]
    assert given[0] == "passwd=hunter2 ip=10.0.0.1"
    two = '<nvpair id="a" name="ip" value="10.0.0.1"/><nvpair id="b" name="token" value="hunter2"/>'
    assert masked(pl.Series([two]))[0] == two.replace(SECRET, MASK)


def test_names_of_secrets() -> None:
    named = ("passwd", "password", "snmp_community", "api_key", "keyfile", "token", "secret", "SSH-Passphrase")
    assert all(map(is_secret, named))
    assert not any(map(is_secret, ("ip", "login", "pcmk_host_map", "stonith-enabled", "")))


def test_a_cib_is_read_without_its_secrets() -> None:
    pairs = "".join(
        f'<nvpair id="{name}" name="{name}" value="{value}"/>'
        for name, value in (("passwd", SECRET), ("community", SECRET), ("auth_key", SECRET), ("login", "jdoe"))
    )
    xml = (
        f'<cib epoch="1"><configuration><crm_config><cluster_property_set id="cib-bootstrap-options">{pairs}'
        f'</cluster_property_set></crm_config><nodes><node id="1" uname="n"><instance_attributes id="i">{pairs}'
        f'</instance_attributes></node></nodes><resources><primitive id="st" class="stonith" type="fence_ipmilan">'
        f'<instance_attributes id="ia">{pairs}</instance_attributes></primitive></resources></configuration></cib>'
    )
    config = cib.read(xml.encode(), source="cib.xml").config
    assert SECRET not in repr([getattr(config, each) for each in config.__struct_fields__])
    hidden = {"passwd": MASK, "community": MASK, "auth_key": MASK, "login": "jdoe"}
    assert config.primitives["st"].params == config.node_attributes["n"] == config.properties == hidden
