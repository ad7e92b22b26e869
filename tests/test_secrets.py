"""Passwords and keys are masked while a case is read; nothing else is."""

from __future__ import annotations

import polars as pl
import pytest

from logtrace.config import cib
from logtrace.lines.secrets import MASK, is_secret, masked

SECRET = "hunter2"  # what must be gone


@pytest.mark.parametrize(
    "line",
    [
        '++ /cib/configuration/resources:  <nvpair id="st-passwd" name="passwd" value="hunter2"/>',
        '<nvpair value="hunter2" id="a" name="snmp_community"/> and more',
        '<nvpair id="a" name="api-key" value="a>b hunter2"/>',
        '<nvpair id="a" name="auth_token" value="hunter2 cut off by the end of the lin',
        "+  /cib/configuration/primitive[@id='st']/nvpair[@id='st-instance_attributes-passwd']:  @value=hunter2",
        "@name=password, @value=hunter2, @id=x",
        "@value=hunter2, @id=x, @name=password",
        "primitive st stonith:fence_ipmilan params passwd=hunter2 ipaddr=10.0.0.1",
        'params passwd="hunter2 with blanks" ipaddr=10.0.0.1',
        "exec: fence_ipmilan -a 10.0.0.1 -l admin -p hunter2 -o status",
        "curl --password hunter2",
        "OCF_RESKEY_api_key='hunter2'",
        '{"password": "hunter2"}',
        r"{\"passphrase\": \"hunter2\"}",
        "ssh_key=hunter2",
        "snmpwalk community=hunter2",
    ],
)
def test_a_secret_in_a_line_is_masked(line: str) -> None:
    (safe,) = masked(pl.Series([line]))
    assert SECRET not in safe
    assert MASK in safe


@pytest.mark.parametrize(
    "line",
    [
        "call=30 key=db_monitor_5000 rc=7 op_key=db_monitor_5000 transition_key=13:0:0:cf64fa76",
        "Token has not been received in 2250 ms; token=3000",
        '<nvpair id="a" name="is-managed" value="false"/>',
        "Accepted publickey for alice from 10.0.0.1",
        "pam_unix: password check failed for user alice",
        "fence_ipmilan: -o status",
        "",
    ],
)
def test_what_only_sounds_like_a_secret_stays(line: str) -> None:
    assert masked(pl.Series([line])).to_list() == [line]


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
