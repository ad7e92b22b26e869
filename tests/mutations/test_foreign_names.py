"""Names of foreign hosts, users and domains in the logs of corpus reports: `--redact` leaves none of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import report_files
from report_files import Member

from logtrace.cli import run

CORPUS = Path(__file__).parent.parent / "corpus"
STORIES = (
    "t01-service-crash",
    "t20-stop-failure-fence",
    "t31-slow-fencing-2node",
    "t47-multiple-active",
    "t57-syslog-only",
)

#: What an agent says, with a name of somebody's in braces.
SAID = (
    "login of {bwayne}@{gotham7} failed",
    r"account {WAYNECORP}\{selina} is locked",
    "pam_sss: authentication failure; logname= uid=0 tty=ssh rhost={arkham3} user={jgordon}",
    "cannot reach ldap://{batdc1}/ nor ldaps://{batdc2}:636/x",
    "mount {cavefiler}:/export/db refused; then //{caverna}/share$",
    "neighbour {52:54:00:ab:cd:ef} is {5254.00ab.cd01} no {52-54-00-AB-CD-02}",
    "resolved {ip-10-77-1-9} and {vip_10_77_1_8}",
    "joined nodeid={169090601} at {10.20.30.41}",
    "cert of {www.wayne-enterprises.technology} and {mail.xn--80ak6aa92e.xn--p1ai} has expired",
    "bind cn={Alfred},ou=butlers,dc={waynemanor},dc={gothamnet} refused",
    "mail to {oracle}@{batcave.museum} bounced",
    "seen {FE80::5054:ff:feab:cdef} and {2001:db8::77:9}",
    "again gotham7 and GOTHAM7, arkham3, batdc1, cavefiler, jgordon.",
)
NAMES = sorted({name for said in SAID for name in re.findall(r"\{(.*?)\}", said)})
#: Of what is named after an address, the address.
LEFT = {"ip-10-77-1-9": "10-77-1-9", "vip_10_77_1_8": "10_77_1_8"}


def with_foreign_names(member: Member) -> Iterator[Member]:
    if member.name not in report_files.LOGS or member.data is None:
        yield member
        return
    lines = member.text().split("\n")
    stamps = [match[0] for line in lines if (match := re.match(r"\w{3} +\d+ [\d:]+(?:\.\d+)?", line))]
    if stamps:
        said = [re.sub(r"[{}]", "", each) for each in SAID]
        lines[-1:] = [f"{stamps[len(stamps) // 2][:15]} watcher(w)[99]: ERROR: {text}" for text in said] + [""]
    yield member.with_text("\n".join(lines))


@pytest.mark.parametrize("story", STORIES)
def test_no_output_holds_a_foreign_name(
    story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    original = next((CORPUS / story).glob("*.tar*"))
    report_files.save(report_files.load(original).each(with_foreign_names), tmp_path / "report.tar.bz2")
    plain = told(tmp_path, "report.tar.bz2", capsys)
    missing = [name for name in NAMES if not any(name in content for content in plain.values())]
    assert not missing, "the names are in what is told without --redact"
    for output, content in told(tmp_path, "report.tar.bz2", capsys, "--redact").items():
        left = [name for name in NAMES if holds(content, LEFT.get(name, name))]
        assert not left, output


def holds(content: str, name: str) -> bool:
    return re.search(f"(?<![0-9A-Za-z]){re.escape(name)}(?![0-9A-Za-z])", content, re.IGNORECASE) is not None


def told(folder: Path, path: str, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, str]:
    """All that is written and printed, by name; Parquet as text."""
    files = ["--json", "out.json", "--markdown", "out.md", "--parquet", "frames", "--html", "out.html"]
    capsys.readouterr()
    assert run(["analyze", path, *files, *options]) == 0
    assert run(["timeline", path, "--format", "jsonl", *options]) == 0
    assert run(["lint", path, *options]) == 0
    out, err = capsys.readouterr()
    made = {"printed": out.replace("\\\\", "\\"), "standard error": err}
    made |= {name: (folder / name).read_text().replace("\\\\", "\\") for name in ("out.json", "out.md", "out.html")}
    return made | {part.name: pl.read_parquet(part).write_ndjson() for part in (folder / "frames").iterdir()}
