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
        """<nvpair id='a' name='passwd' value='hunter2'/>""",
        """<nvpair value='hunter2' name='passwd'/>""",
        "@name=passwd, @value=a,b,hunter2, @id=x",
        "passwd=a,hunter2 ipaddr=10.0.0.1",
        "passwd=a;hunter2",
        "pass=hunter2",
        "pwd: hunter2",
        "PIN=hunter2",
        "cred=hunter2",
        "bindpw hunter2".replace(" ", "="),
        "masterauth=hunter2",
        "requirepass: 'hunter2 and more'",
        "auth_pass => hunter2",
        "totp_seed=hunter2",
        "secret_key=hunter2",
        "MYSQL_PWD=hunter2",
        "schlüssel_password_für_n1=hunter2",
        '<nvpair name="größe-passwd-grün" value="hunter2"/>',
        "token=hunter2hunter2hunter2",
        'session-token: "hunter2"',
        "the password is hunter2",
        "password was hunter2",
        "postgres://repl:hunter2@db1:5432/app",
        "http://admin:p@hunter2@pdu/outlet",
        "Authorization: Basic hunter2==",
        'authorization="Bearer hunter2"',
        "sent header Bearer hunter2.hunter2.hunter2",
        "curl -s -u admin:hunter2 https://pdu",
        "curl -uadmin:hunter2 https://pdu",
        "ipmitool -I lanplus -U admin -P hunter2 chassis status",
        "sshpass -p hunter2 ssh node1",
        "sshpass -p 'hunter2 x' ssh node1",
        "mysql -uroot -phunter2 -e status",
        "mysqladmin --password=hunter2 ping",
        "snmpget -v2c -c hunter2 10.0.0.1",
        "snmpget -v3 -A hunter2 10.0.0.1",
        "ldapsearch -D cn=admin -w hunter2",
        "redis-cli -a hunter2 ping",
        "fence_apc_snmp -a pdu -c hunter2 -o status",
        "fence_azure_arm --passwd hunter2 -o list",
        "tool --auth-token=hunter2",
        "-----BEGIN RSA PRIVATE KEY-----\\nhunter2\\n-----END RSA PRIVATE KEY-----",
        "curl --user admin:hunter2 https://bmc/",
        "Set-Cookie: JSESSIONID=hunter2; Path=/",
        "<password>hunter2</password>",
        """<Password xsi:type='string'>hunter2</Password>""",
        "snmp-server community hunter2 RO",
        "openssl enc -pass pass:hunter2 -in x",
        "echo hunter2 | passwd --stdin root",
        "echo -n 'root:hunter2' | chpasswd",
        "requirepass hunter2",
        "sentinel auth-pass mymaster hunter2",
        "GRANT ALL ON x TO 'repl'@'%' IDENTIFIED BY 'hunter2'",
        "root_pw: hunter2",
        "psk=hunter2",
        "user=admin pass: hunter2",
        "cibsecret set st passwd hunter2",
        "crm resource secret st set passwd hunter2",
        "crm resource param st set passwd hunter2",
        "crm_resource -r st -p passwd -v hunter2",
        "crm_resource --resource st --set-parameter=passwd --parameter-value=hunter2",
        "pcs host auth node1 node2 -u hacluster -p hunter2",
        "iscsiadm -m node -o update -n node.session.auth.password -v hunter2",
        """shared-secret "hunter2";""",
        "password(hunter2)",
        """password is set to "hunter2 b\"""",
        "kinit: Password for admin@EXAMPLE.COM: hunter2",
        "$6$salt$hunter2hunter2hunter2hunter2",
        "token eyJhbGciOiJIUzI1NiJ9.eyJodW50ZXIyIjoxfQ.hunter2hunter2",
        "remote: ghp_hunter2hunter2hunter2hunter2",
        """stonith -t external/ipmi -p "node1 10.0.0.1 admin hunter2 lan" -S""",
        """snmpset -v 3 -u admin -a SHA -A "hunter2" -x AES -X "hunter2" 10.1.1.1""",
        "> USER admin > PASS hunter2",
        "> PASS hunter2",
        "ftp: sent PASS hunter2",
        "redis: AUTH hunter2",
        '1339518083.107412 [0 10.0.0.1:60866] "AUTH" "hunter2"',
        '"auth" "default" "hunter2"',
        "AUTH PLAIN hunter2==",
        "smbpasswd -s hunter2",
        "htpasswd -bc /etc/x admin hunter2",
        "openssl passwd -1 hunter2",
        "chpasswd <<< root:hunter2",
        "PASSWORD hunter2",
        "login admin password hunter2",
        "ALTER ROLE repl WITH ENCRYPTED PASSWORD 'hunter2' LOGIN",
        "SET PASSWORD FOR root = 'hunter2'",
        "1 sha1 hunter2",
        "authkeys: 2 hmac_sha256 hunter2",
        'session.login_with_password("root", "hunter2")',
        "xmlrpc: login(admin, hunter2)",
        "stonith: external/ipmi node1 10.0.0.1 admin hunter2 lan",
        "fence_ipmilan 10.0.0.1 admin hunter2",
        "ipmitool user set password 2 hunter2",
        "ipmitool -I lanplus -H 10.0.0.1 -U admin -P hunter2 -p 623 chassis power status",
        "racadm set iDRAC.Users.2.Password hunter2",
        "virsh secret-set-value 1234 hunter2",
        "sapcontrol -nr 00 -user nc4adm hunter2 -function GetProcessList",
        "hdbsql -u SYSTEM -p hunter2",
        "hdbuserstore SET KEY host:30013 SYSTEM hunter2",
        "podman login -u x -p hunter2 registry",
        "etcdctl --user root:hunter2 get /",
        "net ads join -U admin%hunter2",
        "mount -t cifs -o user=admin%hunter2 //s/x /m",
        "vault login hunter2",
        "createUser admin SHA hunter2 AES hunter2",
        "com2sec readonly default hunter2",
        "RABBITMQ_ERLANG_COOKIE=hunter2",
        "erl -sname x -setcookie hunter2",
        "userPassword:: hunter2",
        "olcRootPW: hunter2",
        "ldap_default_authtok = hunter2",
        "SharedAccessKey=hunter2",
        "AccountKey=hunter2==",
        "x-amz-security-token: hunter2",
        "X-Vault-Token: hunter2",
        "PVEAPIToken=root@pam!logtrace=hunter2",
        "fence_gce --plug node1 --key hunter2",
        "azure clientSecret hunter2",
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
        "totem token: 10000",
        "election-DC round 1 (owner node ID 1) pass: vote from node1 (Uptime)",
        "totem.token=3000 totem.token_retransmit=476",
        "mkdir -p /var/lib/pacemaker",
        "ssh -p 2222 node1",
        "Setting shutdown[node1]: (unset) -> 1795777153 | from node1",
        "Dec 01 http://docs.example.org:8080/page",
        "spinning up the disk",
        "monitor passed on node1",
        "rsc_monitor_10000[7] bypassed",
        "Failed password for root from 10.0.0.1 port 22 ssh2",
        "crm_resource -r web --meta -p target-role -v Started",
        "pcs cluster start --all",
        "<passed>7</passed>",
        "shared secret authentication",
        "stonith -t meatware is deprecated",
        "PASS test_web_1 (0.2 s)",
        "test 7 PASS node1 ok",
        "AUTH failed for user1",
        "password must contain 8 characters",
        "password expired for user1",
        "invalid password 3 times",
        "password policy v2",
        'password authentication failed for user "repl"',
        'op-secure-params="  password  " op-secure-digest="079bbdf66ffe2ad69a30a340dc85a86e"/>',
        "verified 12 sha1 sums of files",
        "login(uid=0)",
        "mount -o user=root /dev/sda1",
        "crypto_hash: sha1",
        "",
    ],
)
def test_what_only_sounds_like_a_secret_stays(line: str) -> None:
    assert masked(pl.Series([line])).to_list() == [line]


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
