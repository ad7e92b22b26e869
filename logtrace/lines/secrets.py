"""Passwords and keys never get further than the reader: what holds one is masked before anything else sees it.

Reports made by crm_report and sos have most of them masked already, with the same stars.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import polars as pl

from logtrace.lines import passwords

MASK: Final = "******"

#: Parts of names of secrets that mean nothing else.
_PLAIN: Final = (
    "passw|pwd|passphrase|community|secret|credential|bindpw|rootpw|masterauth|requirepass|auth_?pass|privpass|authtok"
    "|erlang_?cookie"
)
#: What keys are called by that are secrets.
_KEYS: Final = (
    "(?:api|auth|access|account|private|shared|security|ssh|encryption|session|refresh|bearer|csrf|secret|vault|host"
    "|admin|client|app|service|join|bootstrap|personal|deploy)"
)
_OF_KEYS: Final = r"(?i:secret|private|shared|session|encryption|master|auth\w*)"
#: A name of an attribute whose value is a secret.
_NAME: Final = rf"(?i:[\w.-]*(?:{_PLAIN}|token|key)[\w.-]*|pass|pin|cred|seed)"
#: The same in front of a bare `=` or `:`, where cluster logs use `key=` (of an operation) and `token=` (milliseconds)
#: for harmless things.
_BARE: Final = (
    rf"(?i:[\w-]*(?:{_PLAIN})\w*"
    rf"|(?:\w+[_-])*\w*{_KEYS}[_-]?(?:key|token)"
    r"|(?:\w+[_-])?(?:pw|psk|passcode)|sshpass|OCF_RESKEY_\w*(?:key|token)\w*)"
)
_SECRET: Final = re.compile(rf"(?=[\w.-]*\Z)(?:{_NAME})\Z")

#: Names of settings that have their value behind a blank.
_WORDED: Final = (
    "bindpw|rootpw|requirepass|masterauth|shared-secret|pre-?shared-key|(?:r[ow]|trap|auth)community6?|server community"
    "|wpa[-_]psk|wpa_passphrase \\S+"
    r"|auth[_-]pass \S+"
)
#: What stands behind `pass:` but in `pass: vote`, which the daemons say of an election (election_count_vote).
_NO_VOTE: Final = r"(?:[^v\s]|v[^o]|vo[^t]|vot[^e]|vote\S)"
_IS: Final = "(?:is |was )?(?:set|changed) to|is|was"
#: What the value of a parameter stands behind, where its name is one option and its value another.
_OPTION: Final = r"(?:-v ?|--[\w-]*value[ =])"

#: Programs that take a user and a password in one option.
_WEB: Final = "curl|wget|rclone|smbclient|smbpasswd|rpcclient|winexe|etcdctl|net (?:ads|rpc)"
#: Programs that read a secret from what is written to them.
_READERS: Final = r"\w*passwd|kinit|cryptsetup|sudo -\w*S\w*|docker login|podman login|gpg"
#: A value in quotes, escaped or not, or else to the next blank: what is behind a comma may be part of it.
_QUOTED: Final = r"""\\?"(?:[^"\\]|\\[^"])*\\?"|\\?'(?:[^'\\]|\\[^'])*\\?'"""
_VALUE: Final = rf"""(?:{_QUOTED}|\S+)"""
#: The same of an option: what begins as one is the next.
_GIVEN: Final = rf"""(?:{_QUOTED}|[^\s-]\S*)"""
#: A word that no sentence has: with letters and digits, and no path.
_ODD: Final = r"""(?:[^\s/(<:,"=]*[A-Za-z][^\s/:,"=]*\d[^\s:,"]*|[^\s/(<:,"=]*\d[^\s/:,"=]*[A-Za-z][^\s:,"]*)"""
#: A code that is good for once.
_CODE: Final = rf"(?:[0-9]{{4,10}}\b|{_ODD})"
_CODES: Final = (
    "(?:verification|confirmation|security|recovery|one-time|sms|mfa|2fa|t?otp)[ -](?:code|pass(?:word|code)|pin|token)"
    "|t?otp|passcode"
)
#: What is masked in a line, by what lines with it have in them: what stands between the two groups of a pattern. What
#: they have in them tells so much that the lines of most clusters have none of it: compiling the patterns of all groups
#: takes longer than a small report's lines.
_PLACES: Final[dict[str, tuple[str, ...]]] = {
    # forms of a CIB
    rf"""(?i)(?:name=|@id=)["']?(?:[\w.-]*(?:{_PLAIN}|token|key)|pass|pin|cred|seed)""": (
        rf"""(<nvpair\b[^<]*?\bname=(?:"{_NAME}"|'{_NAME}')[^<]*?\bvalue=")[^"]*()""",
        rf"""(<nvpair\b[^<]*?\bname=(?:"{_NAME}"|'{_NAME}')[^<]*?\bvalue=')[^']*()""",
        rf"""(<nvpair\b[^<]*?\bvalue=")[^"]*("[^<]*?\bname=(?:"{_NAME}"|'{_NAME}'))""",
        rf"""(<nvpair\b[^<]*?\bvalue=')[^']*('[^<]*?\bname=(?:"{_NAME}"|'{_NAME}'))""",
        rf"""(nvpair\[@id=["']{_NAME}["']\][^@]*@value=).*()""",
        rf"""(@name={_NAME},? .*?@value=).*?(, @|$)""",
        rf"""(@value=).*?(, @(?:.*, @)?name={_NAME}(?:,|$))""",
    ),
    # what is typed for somebody, by expect
    r"\bsend ": (r"""(\bsend (?:-[\w-]* )*\\?["'])[^"']*(\\+[rn]\\?["'])""",),
    # what is written to a program that reads a secret
    r"\b(?:echo|printf) .*\|": (
        rf"""(\b(?:echo|printf) (?:-\w+ )*).+(\|\s*(?:sudo )?(?:[\w/.-]*/)?(?:{_READERS})\b)""",
    ),
    # what has its value behind a sign
    rf"(?i)(?:{_PLAIN}|{_KEYS}[_-]?key|reskey_\w*key|token|pw|psk|passcode|sshpass)\w*"
    r"""(?:\\?["']?\s*[=:(]|>)|<[^\s<>]*(?:passw|pwd|passphrase|secret|credential|key|token)[^\s<>]*\s[^<>]*>"""
    rf"""|(?:pass|pin|creds?|seed|otp)(?:\\?["']\s*[=:]|\s*=)|[_-]pass:|\bpass:\s*(?-i:{_NO_VOTE})""": (
        rf"""(\b{_BARE}\\?["']?\s*(?:=>|::? |[=:])\s*){_VALUE}()""",
        rf"""(\b(?i:(?:\w+[_-])?(?:pass|pin|creds?|seed|t?otp))(?:\\?["']\s*[=:]|\s*=>?)\s*){_VALUE}()""",
        rf"""(\b(?i:pass):\s*){_NO_VOTE}\S*()""",
        rf"""(\b{_BARE}\()[^()\s]+(\))""",
        rf"""(<(?:[\w-]+:)?{_BARE}(?:\s[^<>]*)?>)[^<>]+()""",
        r"""(\b(?i:token)\\?["']?\s*[=:]\s*\\?["']?)[\w.+/=-]{12,}()""",  # one of corosync is milliseconds
        rf"""(\b(?i:\w+[_-]pass):\s+){_VALUE}()""",
    ),
    # what is said or done with a password
    r"""(?i)(?:passw(?:or)?d|passphrase|secret|community string) +(?:[^\s"'\\]|\\?["'][^\s"'])|openssl passwd"""
    r"|cibsecret\b.* set |secret-set-value"
    r"|\bset [\w.-]*[_.-](?:secret|passw(?:or)?d|token)|\|.*passw|passwd\b.*(?: -s |<<<)|pgpass"
    rf"|\b(?:{_WORDED}) ": (
        rf"""(\b(?i:{_WORDED}) +){_VALUE}()""",
        rf"""(\b(?i:passw(?:or)?d|passphrase|secret|community string) (?i:{_IS}):? ){_VALUE}()""",
        rf"""(\b(?i:passw(?:or)?d|passphrase) (?i:for) \S+:\s+){_VALUE}()""",
        rf"""(\b(?:cibsecret\b.* set|resource secret \S+ set) (?:\S+ )?\S+ ){_VALUE}()""",
        rf"""(\becho (?:-\w+ )*){_VALUE}(\s*\|.*passw)""",
        # behind a blank only what stands there as a value: in quotes, or no word of a sentence
        r"""(\b(?i:passw(?:or)?d|passphrase) +\\?["'])[^\s"'][^"']*()""",
        rf"""(\b(?i:\w*passw(?:or)?d|passphrase|[\w-]*secret) +){_ODD}()""",
        rf"""(\b(?i:set password (?:for \S+ )?=) *){_VALUE}()""",
        rf"""(\buser set password \d+ ){_VALUE}()""",
        r"""(\bsmbpasswd\b.*? -s ).+()""",
        rf"""(\bhtpasswd(?: -\w+)*? -(?:\w*n\w*b|\w*b\w*n)\w*(?: -\w+)* \S+ ){_VALUE}()""",
        rf"""(\bhtpasswd(?: -[a-mo-zA-Z0-9]+)*? -[a-mo-zA-Z0-9]*b[a-mo-zA-Z0-9]*(?: -\w+)* [^\s-]\S* \S+ ){_VALUE}()""",
        rf"""(\b(?i:secret|password) [0-9]{{1,2}} ){_ODD}()""",
        rf"""(\b(?:config\w* )?set [\w.-]*[_.-](?:secret|password|passwd|token|secret_access_key)[\w.-]* ){_VALUE}()""",
        r"""(\bpgpass\b.*?[\w.*-]+:(?:[0-9]+|\*):[^\s:]+:[^\s:]+:)\S+()""",
        rf"""(\bopenssl passwd (?:-\S+ )*){_VALUE}()""",
        rf"""(\b(?:\w*passwd)\b.*<<< *){_VALUE}()""",
        rf"""(\bsecret-set-value (?:--\S+ )*\S+ ){_VALUE}()""",
    ),
    # what has it behind a blank, as options and settings do
    rf"(?i)--[\w-]*(?:{_PLAIN}|pass|pin|key|token)\w*[ =]|-\w+pass |pass(?:in|out)? pass:|\bauth_pass "
    rf"|\b(?:{_CODES})[ :=]|(?:auth\w*|access|api|session|refresh) token |\bpsk ": (
        rf"""((?:^|\s)--(?i:[\w-]*(?:{_PLAIN})\w*|pass|pin|[\w-]*(?:{_KEYS}-?key|token))[ =]){_VALUE}()""",
        r"""( -pass(?:in|out)? pass:)\S+()""",
        rf"""(\s-(?:store|key|dest\w*|src\w*)pass ){_VALUE}()""",
        rf"""(\bauth_pass ){_VALUE}()""",
        rf"""(\b(?i:{_CODES})(?: *[:=] *| +(?i:is|was) +| +(?i:code) +| +)["']?){_CODE}()""",
        rf"""(\b(?i:auth\w*|access|api|session|refresh) (?i:token) +|\b(?i:psk) +){_ODD}()""",
    ),
    # what protocols send; test programs say PASS as well
    r"""\b(?:PASS|AUTH) |"(?i:auth)"|\b(?:md5|sha1|hmac_\w+) |(?i:log[io]n|authenticate)\w*\(|createUser|com2sec"""
    "|setcookie": (
        rf"""(\bUSER \S+.*\bPASS ){_VALUE}()""",
        rf"""((?i:ftp|pop3?|imap|irc)\S*.*?\bPASS ){_VALUE}()""",
        rf"""((?i:redis|valkey|sentinel).*?\bAUTH (?:\w+ )??){_VALUE}(\s*$)""",
        rf"""((?:^|[>»]|\bC:) *(?:AUTH|PASS) (?:\w+ )??){_VALUE}(\s*$)""",
        r"""("(?i:auth)"(?:,? ?"[^"]*")??,? ?").*("\s*\]?\s*$)""",
        rf"""(\bAUTH (?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|XOAUTH2|SCRAM-\S+) ){_VALUE}()""",
        # authkeys of Heartbeat
        r"""((?:^|[\s:>"'])\d{1,3} (?:md5|sha1|hmac_\w+) )\S+(\s*$)""",
        rf"""(\b(?i:\w*(?:login|logon|authenticate)\w*)\(\s*["']?[^,()"']+["']?,\s*)(?:{_QUOTED}|[^,()\s]+)()""",
        rf"""(\bcreateUser \S+(?: -\S+ \S+)* (?:MD5|SHA\S*) ){_VALUE}()""",
        rf"""(\bcreateUser .* (?:DES|AES\S*) ){_VALUE}()""",
        rf"""(\bcom2sec6? (?:-\S+ \S+ )*\S+ \S+ ){_VALUE}()""",
        rf"""(-setcookie +){_VALUE}()""",
    ),
    # addresses, headers, statements, and what its maker gave a shape of its own: hashes, tokens, keys
    r"(?i)://[^\s/@:]*:[^\s/]+@|authorization|bearer|cookie|identified |\$(?:[1256y]|2[aby]|apr1|argon\w+)\$|eyj"
    r"|gh[oprsu]_|github_pat|gl(?:pat|rt|ptt|dt|ft|ffct|cbt|imt|agent|oas|soat)-|xox[a-z]-|xapp-|[rs]k_(?:live|test|prod)"
    r"|a(?:[ks]ia|bia|cca|3t)[a-z0-9]{16}|aiza|ltai|hv[brs]\.|-----begin|\bsg\.|npm_|do[opr]_v1_|gl(?:sa|c)_|sha256~"
    r"|age-secret|sk-(?:ant|proj|svc|admin)|ya29\.|1//0|q~|pypi-|dt0c01|shp[acps]{2}_|sig=|signature=|security-token="
    r"|hooks\.slack|webhook|telegram|session-?id|sessid|wsrep_sst|stats auth|totem\.key|snmp-server user|isakmp key"
    r"|tacacs|radius|\(base64\)|nickserv": (
        rf"""(\b(?i:identified (?:with \S+ )?by (?:password )?)){_VALUE}()""",
        r"""(\b(?i:(?:set-)?cookie)\\?["']?:\s*).+()""",
        r"""(\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:]*:)[^\s/]+(@)""",
        r"""((?i:authorization)\\?["']?\s*[=:]\s*\\?["']?(?:(?i:basic|bearer|digest|negotiate|token|apikey)\s+)?)[^\s"',]+()""",
        r"""((?i:\bbearer) )[\w.+/=~-]{12,}()""",
        # hashes of passwords, and tokens that their makers gave a shape of their own
        r"""(\$(?:1|2[aby]|5|6|y|apr1|argon2\w+)\$)[^\s"':]+()""",
        r"""(\beyJ)[\w-]{8,}\.[\w-]{4,}\.[\w-]*()""",
        r"""(\b(?:gh[opsu]_|github_pat_|ghr_|xox[a-z]-|xapp-|[rs]k_(?:live|test|prod)_|AIza|LTAI|hv[sbr]\.))[\w-]{12,}[.\w-]*()""",
        r"""(\b(?:AKIA|ASIA|ABIA|ACCA|A3T))[A-Z0-9]{16}\b()""",
        r"""(\b(?:gl(?:pat|rt|ptt|dt|ft|ffct|cbt|imt|agent|oas|soat)-|npm_|do[opr]_v1_|gl(?:sa|c)_|sha256~|dt0c01\.|ya29\.|1//0))[\w.-]{16,}()""",
        r"""(\b(?:AGE-SECRET-KEY-1|sk-(?:ant|proj|svcacct|admin)[\w-]*-|pypi-AgE|shp(?:at|ca|pa|ss)_|SG\.[\w-]{12,}\.))[\w-]{6,}()""",
        r"""(\bSG\.)[\w-]{12,}(\.)""",
        r"""(\b[\w.~-]{3}[0-9]Q~)[\w.~-]{24,}()""",
        # addresses that are a secret: who knows one may post there, or fetch what it names
        r"""(\bhooks\.slack\.com/\w+/|\bwebhook\.office\.com/webhookb2/|\bdiscord(?:app)?\.com/api/webhooks/)[^\s"']+()""",
        r"""(\bapi\.telegram\.org/(?:file/)?bot[0-9]+:)[\w-]+()""",
        r"""((?:^|[\s?&;])(?i:sig|(?:x-\w+-)?signature|x-amz-security-token)=)[^\s&"']+()""",
        r"""((?i:\bvmware-api-session-id|\b(?:j|php)sess(?:ion)?id)\\?["']?\s*[:=]\s*\\?["']?)[^\s"',;]+()""",
        r"""(\b(?i:wsrep_sst_(?:opt_)?auth)\s*=\s*["']?[^\s:"']+:)[^\s"']+()""",
        r"""(\bstats auth [^\s:]+:)\S+()""",
        r"""(\btotem\.key(?: \(\w+\))?\s*[:=]\s*)\S+()""",
        r"""(\bsnmp-server user .*?\bauth \w+ )\S+()""",
        r"""(\bsnmp-server user .*?\bpriv (?:aes \d+|\w+) )\S+()""",
        rf"""(\bcrypto isakmp key (?:[0-9] )?){_VALUE}( (?:address|hostname) )""",
        rf"""(\b(?i:tacacs|radius)[\w+-]*\b.*? key [0-9] )(?:[0-9A-Fa-f]{{6,}}\b|{_ODD})()""",
        rf"""((?:^|[:,;(\[]|\b{_OF_KEYS}) *(?i:key): ?)[A-Za-z0-9+/]{{16,}}={{0,2}}( \(base64\))""",
        rf"""(\b(?i:(?:privmsg|msg|squery) nickserv\S* :?identify) (?:\S+ )??){_VALUE}(\s*$)""",
        r"""(-----BEGIN [A-Z ]*PRIVATE KEY-----).+?(-----END|$)""",
    ),
    # command lines, where the program tells what an option holds
    rf"(?:fence_|ipmitool|sshpass|wsman|racadm|smbclient|mysql|mariadb|snmp|ldap|(?:redis|valkey)-cli|{_WEB}|mongo"
    r"|user(?:add|mod)|az login|pcs (?:host|cluster|client)|stonith -t|crm_resource|crm_attribute|iscsiadm|hdbsql"
    r"|sapcontrol|(?:docker|podman) login).* -|fence_\w+ [\d.:a-f]+ |external/|racadm.*\.Password|net use|rabbitmqctl"
    r"|resource param |hdbuserstore|vault login|mount.*\buser|(?:cryptsetup|kinit|sudo).*<<<": (
        rf"""(\bfence_\w+\b.*? -[pPc] ?){_GIVEN}()""",
        rf"""(\bfence_\w+\b.* -[pPc] ?){_GIVEN}()""",
        rf"""(\bfence_aws\b.*? -[sy] ?){_GIVEN}()""",
        # what is a path here names the file of a key
        r"""(\bfence_\w+\b.*? -K ?|\bfence_aws\b.*? -k ?)[^\s/.~-]\S*()""",
        rf"""(\b(?:user(?:add|mod)|az login|mongo\w*)\b.*? (?:-p ?|--password[ =])){_GIVEN}()""",
        rf"""(\bipmitool\b.*? -[ky] ?){_GIVEN}()""",
        r"""(\bnet use\b.*? /user:\S+ )[^\s/]\S*()""",
        r"""(\bnet use (?:[A-Za-z*]:? )?\\+\S+ )[^\s/*]\S*()""",
        rf"""(\brabbitmqctl\b.*? (?:add_user|change_password|authenticate_user) \S+ ){_VALUE}()""",
        rf"""(\bfence_\w+\b.*? --?(?:key|token)[ =]){_VALUE}()""",
        rf"""(\b(?:ipmitool|wsman|sshpass|smbclient|hdbsql|(?:docker|podman) login)\b.*? -[pP] ?){_VALUE}()""",
        rf"""(\b(?:ipmitool|wsman|racadm|smbclient|sshpass)\b.* -[pP] ?){_GIVEN}()""",
        rf"""(\bracadm\b.*\.Password ){_VALUE}()""",
        rf"""(\bhdbuserstore\b.* (?i:set) \S+ \S+ \S+ ){_VALUE}()""",
        rf"""(\bsapcontrol\b.* -user \S+ ){_VALUE}()""",
        rf"""(\bvault login (?:-\S+ )*){_VALUE}()""",
        rf"""(\b(?:cryptsetup|kinit|sudo)\b.*<<< *){_VALUE}()""",
        rf"""(\b(?:mysql\w*|mariadb[\w-]*)\b.*? -p){_VALUE}()""",
        rf"""(\bsnmp\w+\b.*? -(?:[cAX]|3[mMkK]) ?){_GIVEN}()""",
        rf"""(\bsnmp\w+\b.* -(?:[cAX]|3[mMkK]) ?){_GIVEN}()""",
        rf"""(\bpcs (?:host|cluster|client)\b.*? -p ?){_VALUE}()""",
        rf"""(\bstonith -t\b.*? -p ?){_VALUE}()""",
        rf"""(\bresource param \S+ set {_NAME} ){_VALUE}()""",
        rf"""(\b(?:crm_resource|crm_attribute|iscsiadm)\b.*? (?:-[pn] ?|--[\w-]+[ =]){_NAME} .*?{_OPTION}){_VALUE}()""",
        rf"""(\bfence_\w+ [\d.:a-f]+ \S+ ){_VALUE}()""",
        rf"""(\bexternal/\w+ \S+ [\d.:a-f]+ \S+ ){_VALUE}()""",
        rf"""(\bldap\w+\b.*? -w ?){_VALUE}()""",
        rf"""(\b(?:redis-cli|valkey-cli)\b.*? -a ?){_VALUE}()""",
        rf"""(\b(?:{_WEB})\b.* (?:-[uU] ?|--[\w-]*user[ =])["']?[^\s:%]+[:%])[^\s"']+()""",
        r"""(\bmount\b.*\buser(?:name)?=[^\s,%]+%)[^\s,]+()""",
    ),
}
_OF_IT: Final = r"\b(?i:passw(?:or)?d|passphrase)"
#: What sounds like a secret and is none: between the two groups of each of these no pattern of the above reaches.
_APART: Final = "\x1a\x1a"  # no text has it, and no name
#: Has no line any of this, none is to be told apart.
_SOUNDING: Final = rf"(?i)pass(?:w|phrase|:)|seed|{_APART}"
_SOUNDS: Final = (
    r"(\bsmbpasswd [^|]*-s)( (?:failed|succeeded|exited|returned|ended|timed out|not found)\b)",
    r"(\b(?i:password))(:? BAD )",
    r"(\bBAD PASSWORD)(:)",
    r"(\b(?i:using password))(: (?:YES|NO)\b)",
    r"(\b(?i:pass))(: (?:true|false|yes|no|ok|test)\b)",
    r"(\b(?i:seed))( ?[=:] ?[0-9]{1,10}(?:[\s,;)]|$))",
    rf"({_OF_IT})( +(?:is|was) (?:a|al\w+|an|being|in|no|not|now|the|too) )",
    rf"({_OF_IT})( +(?:is|was) [a-z]*(?:correct|valid|wrong|empty|weak|missing|given)\b)",
    rf"({_OF_IT})( +(?:is|was) (?:expir|disabl|lock|requir|need|enter|reject)ed\b)",
)
#: What texts are asked together, for few have any of it.
_HINTS: Final = (_SOUNDING, *_PLACES)
#: Some word of this is in every line with a secret. Nothing in it repeats, which keeps a search for so many quick.
_HINT: Final = (
    rf"(?i)nvpair|@value=|send |echo |printf |{_PLAIN}|{_KEYS}[_-]?key|reskey|token|pass|pin|cred|seed|otp|pw|psk"
    r"""|[ -]code|auth["\s]|md5 |sha1 |hmac_|log[io]n|authenticate|createuser|com2sec|setcookie|://|authorization"""
    r"|bearer|cookie|identified |\$(?:[1256y]|2[aby]|apr1|argon)|eyj|gh[oprsu]_|github_pat|gl[a-z]{2,5}[-_]|xox|xapp-"
    r"|[rs]k_|a(?:[ks]ia|bia|cca|3t)[a-z0-9]{16}|aiza|ltai|hv[brs]\.|-----begin|sg\.|npm_|do[opr]_v1_|sha256~"
    r"|age-secret|sk-|ya29\.|1//0|q~|pypi-|dt0c01|shp[acps]{2}_|sig=|signature=|hooks\.slack|webhook|telegram"
    r"|session-?id|sessid|wsrep_sst|stats auth|totem\.key|snmp|fence_|ipmitool|wsman|racadm|mysql|mariadb|ldap|-cli"
    rf"|{_WEB}|mongo|user(?:add|mod)|az login|pcs |stonith -t|crm_resource|crm_attribute|iscsiadm|hdbsql|sapcontrol"
    r"|external/|net use|rabbitmqctl|resource param |hdbuserstore|mount|cryptsetup|kinit|sudo"
    r"|isakmp key|tacacs|radius|\(base64\)|nickserv"
)

#: What `\w` stands for here. As Unicode has it, and with the boundaries that go with it, an expression takes five times
#: as long to compile, which is all that it costs in a small report.
_WORDS: Final = "0-9A-Za-z_\x80-\U0010ffff"
_CLASS_OR_ESCAPE: Final = re.compile(r"\[\^?(?:\\.|[^\]\\])*\]|\\.")


@cache
def _quick(pattern: str) -> str:
    """`pattern` with words that are spelled out."""

    def spelled(found: re.Match[str]) -> str:
        if r"\w" in found[0]:
            told = found[0].removeprefix("[").removesuffix("]").replace(r"\w", _WORDS)
            return f"(?-i:[{told}])"  # they have either case
        return r"(?-u:\b)" if found[0] == r"\b" else found[0]

    return _CLASS_OR_ESCAPE.sub(spelled, pattern)


#: The lines of a key between its first and its last.
_BEGINS, _ENDS, _KEY_LINE = (
    "-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "-----END [A-Z ]*PRIVATE KEY-----",
    r"(\s|^)[A-Za-z0-9+/=]{16,}\s*$",
)


def is_secret(name: str) -> bool:
    """Whether an attribute of this name (passwd, snmp_community, api_key, token, ...) holds a secret."""
    return _SECRET.match(name) is not None


def masked(texts: pl.Series) -> pl.Series:
    """The texts with MASK in the place of every value that stands behind the name of a secret."""
    hinted = texts.str.contains(_quick(_HINT)).fill_null(value=False)
    if not hinted.any():
        return texts
    safe = texts.filter(hinted)
    held = pl.col(safe.name).str
    near = safe.to_frame().select_seq(held.contains(_quick(hint)).any().alias(hint) for hint in _HINTS)
    told = near.row(0, named=True)
    sounds = told.pop(_SOUNDING)  # in few logs
    if not any(told.values()):
        return texts
    if sounds:
        safe = _replaced(passwords.apart(safe, _APART), r"(?i)passw|\bpass:|\bseed", _SOUNDS, _APART)
    for hint, patterns in _PLACES.items():
        if told[hint]:
            safe = _replaced(safe, hint, patterns, MASK)
    if sounds:
        safe = passwords.hidden(safe, MASK).str.replace_all(_APART, "", literal=True)
    return _without_keys(texts.clone().scatter(hinted.arg_true(), safe))


def _replaced(texts: pl.Series, hint: str, patterns: Sequence[str], by: str) -> pl.Series:
    """The texts with `by` in the place of what stands between the groups of each pattern, where they have the hint."""
    near = texts.str.contains(_quick(hint))
    held = pl.col(texts.name)
    for pattern in patterns:  # as one expression: each call of polars takes longer than a small report's lines
        held = held.str.replace_all(_quick(pattern), "${1}" + by + "${2}")
    safe = texts.filter(near).to_frame().select(held).to_series()
    return texts.clone().scatter(near.arg_true(), safe)  # scatter changes what it is called on


def _without_keys(texts: pl.Series) -> pl.Series:
    """The texts with MASK for the lines of private keys that take several."""
    begins = texts.str.contains(_BEGINS).fill_null(value=False)
    if not begins.any():
        return texts
    ends = texts.str.contains(_ENDS).fill_null(value=False)
    state = pl.select(pl.when(ends).then(False).when(begins).then(True).forward_fill()).to_series()
    inside = state.fill_null(value=False)
    of_key = inside & ~begins & texts.str.contains(_KEY_LINE).fill_null(value=False)
    return texts.clone().scatter(of_key.arg_true(), texts.filter(of_key).str.replace(_KEY_LINE, "${1}" + MASK))
