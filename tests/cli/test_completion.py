"""Completion: what fits at the cursor, and that bash, zsh and fish themselves put it there."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer
from logs import CRASH, text
from terminals import Terminal

from logtrace.cli import commands, described, run
from logtrace.cli.completion import ASKED, fitting
from logtrace.cli.program import group, program

ROOT = Path(__file__).parents[2]
SHELLS = ("bash", "zsh", "fish")
LOGTRACE = shlex.join([sys.executable, "-m", "logtrace"])

#: A program that completes as logtrace does, and instead of running tells how it was called.
PROGRAM = f"""#!/bin/sh
if [ -n "${ASKED}" ] || [ "$1" = completion ]; then exec {LOGTRACE} "$@"; fi
printf 'called:'; printf ' [%s]' "$@"; echo .
"""

HOSTILE = "$(touch${IFS}pwned)"
CIB = f"""<cib epoch="1" num_updates="0" admin_epoch="0"><configuration><crm_config/><nodes/><resources>
<primitive id="{HOSTILE}" class="ocf" provider="heartbeat" type="Dummy"/>
<primitive id="mail" class="ocf" provider="heartbeat" type="Dummy"/>
</resources><constraints/></configuration></cib>
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log, one with a blank in its name, a report with a hostile name in it, and the program on the way to them."""
    here = tmp_path_factory.mktemp("completion")
    for name in ("crash.log", "my crash.log"):
        (here / name).write_text(text(CRASH))
    (here / "report").mkdir()
    (here / "report" / "pacemaker.log").write_text(text(CRASH))
    (here / "report" / "cib.xml").write_text(CIB)
    (here / "bin").mkdir()
    (here / "bin" / "logtrace").write_text(PROGRAM)
    (here / "bin" / "logtrace").chmod(0o755)
    return here


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    return folder


def fits(*words: str, broken: bool = False) -> list[str]:
    return [word for word, _ in fitting(words, commands(), broken=broken)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["sh"], ["show"]),
        (["help", "sho"], ["show"]),
        (["help", "show", ""], []),
        (["analyze", ""], [":files"]),
        (["analyze", "--parquet", ""], [":folders"]),
        (["analyze", "--html", ""], [":files"]),
        (["analyze", "--tim"], ["--timezone"]),
        (["analyze", "--no-html", "--", "--tim"], [":files"]),
        (["analyze", "--year", ""], []),
        (["timeline", "--format", "c"], ["csv"]),
        (["timeline", "--format=c"], ["--format=csv"]),
        (["timeline", "--kind", "te.d"], ["te.done"]),
        (["analyze", "--timezone", "Europe/Berl"], ["Europe/Berlin"]),
        (["explain", "group_"], ["group_cascade"]),
        (["explain", "group_cascade", ""], []),
        (["lint", "--ignore", "group-la"], ["group-large"]),
        (["analyze", "--fail-on", "slow_i"], ["slow_init"]),
        (["show", "crash.log", ""], ["i1", ":files"]),
        (["show", "--quiet", "crash.log", "i"], ["i1", ":files"]),
        (["compare", "crash.log#"], ["crash.log#i1", ":files"]),
        (["whatif", "crash.log", "--incident", ""], ["i1"]),
        (["analyze", "--node", ""], []),
        (["analyze", "crash.log", "--node", ""], ["alpha"]),
        (["analyze", "crash.log", "--node=al"], ["--node=alpha"]),
        (["analyze", "missing.log", "--node", ""], []),
        (["no-such-command", ""], []),
        (["fleet", "ad"], ["add"]),
        (["fleet", "add", ""], [":folders"]),
        (["watch", "--exec", ""], []),
        (["schema", ""], []),
    ],
)
def test_what_fits(words: list[str], found: list[str]) -> None:
    assert fits(*words) == found


def test_bash_takes_what_stands_behind_an_equals_sign_for_a_word() -> None:
    assert fits("analyze", "crash.log", "--node=al", broken=True) == ["alpha"]


def test_a_name_that_a_shell_would_obey_is_never_offered() -> None:
    assert fits("timeline", "report", "--resource", "") == ["mail", "web"]


def test_every_command_and_option_is_offered() -> None:
    for each in commands().walk():
        words = each.path[1:]
        assert {within.path[-1] for within in each.commands} <= set(fits(*words, ""))
        offered = set(fits(*words, "--"))
        for _, options in each.panels:
            assert {name for option in options for name in option.names if name.startswith("--")} <= offered


def add(
    path: Annotated[str, typer.Argument(metavar="PATH")],
    node: Annotated[str, typer.Option("--only", metavar="NODE")] = "",
) -> None:
    """Add one."""


def test_commands_of_groups_and_metavars_that_come_later_complete_as_well() -> None:
    keep = group("keep", "Keep.", {"add": f"{__name__}:add"})
    zoo = described.described(program(group("zoo", "Animals.", {"keep": keep})), ("zoo",))
    assert fitting(["keep", ""], zoo) == [("add", "Add one.")]
    assert fitting(["keep", "add", ""], zoo) == [(":files", "")]
    assert fitting(["keep", "add", "crash.log", "--only", ""], zoo) == [("alpha", "")]


def test_names_are_read_once_and_kept_for_their_owner(here: Path) -> None:
    before = set(here.glob("cache/logtrace/names/*"))
    (here / "new.log").write_text(text(CRASH))
    assert fits("show", "new.log", "i") == ["i1", ":files"]
    (kept,) = set(here.glob("cache/logtrace/names/*")) - before
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text(kept.read_text().replace("i1", "i7"))
    assert fits("show", "new.log", "i") == ["i7", ":files"]
    (here / "new.log").write_text(text(CRASH) + "\n")
    assert fits("show", "new.log", "i") == ["i1", ":files"]


def ask(shell: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {ASKED: shell, "PYTHONPATH": str(ROOT)}
    return subprocess.run([*shlex.split(LOGTRACE), *words], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("words", [[], ["show", "/no/such/file", ""], ["analyze", "\0"[:0], "'"], ["--", "--", "--x"]])
@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_is_said_of_errors(shell: str, words: list[str]) -> None:
    done = ask(shell, *words)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_log_that_cannot_be_read_is_silence(here: Path) -> None:
    (here / "odd.log").write_bytes(bytes(range(256)))
    done = ask("fish", "analyze", "odd.log", "--node", "")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_is_printed(
    shell: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["completion", shell]) == 0
    named = capsys.readouterr().out
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    assert run(["completion"]) == 0
    assert capsys.readouterr().out == named
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert run(["completion"]) == 2
    assert "no completion for 'tcsh'; name bash, zsh or fish" in capsys.readouterr().err


# --- the shells themselves -------------------------------------------------------------------------------

TYPED = [
    ("logtrace sho", "[show]"),
    ("logtrace show crash.log ", "[show] [crash.log] [i1]"),
    ("logtrace show 'my crash.log' i", "[show] [my crash.log] [i1]"),
    ("logtrace show my\\ crash.log i", "[show] [my crash.log] [i1]"),
    ("logtrace timeline crash.log --node ", "[timeline] [crash.log] [--node] [alpha]"),
    ("logtrace timeline crash.log --node=al", "[timeline] [crash.log] [--node=alpha]"),
    ("logtrace timeline crash.log --resource w", "[timeline] [crash.log] [--resource] [web]"),
    ("logtrace timeline report --resource m", "[timeline] [report] [--resource] [mail]"),
    ("logtrace timeline --format js", "[timeline] [--format] [jsonl]"),
    ("logtrace analyze cra", "[analyze] [crash.log]"),
    ("logtrace explain group_c", "[explain] [group_cascade]"),
    ("logtrace analyze --one", "[analyze] [--one-case]"),
    ("logtrace help wha", "[help] [whatif]"),
]


def need(shell: str) -> None:
    """What is read for the first time may take longer on a busy machine than a person waits, so it is read before."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed; it is in the package {shell}")
    for path in ("crash.log", "my crash.log", "report"):
        assert fits("timeline", path, "--node", "") == ["alpha"]


def environment(here: Path) -> dict[str, str]:
    return {
        "PATH": f"{here / 'bin'}:{os.environ['PATH']}", "HOME": str(here), "TERM": "xterm", "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(here / "cache"), "LC_ALL": "C.UTF-8", "PS1": "> ", "INPUTRC": "/dev/null",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("command", "begin"),
    [
        (
            ["bash", "--norc", "--noprofile", "-i"],
            "bind 'set enable-bracketed-paste off'; source <(logtrace completion bash)",
        ),
        (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u -d $HOME/dump; source <(logtrace completion zsh)"),
    ],
    ids=["bash", "zsh"],
)
def test_a_key_completes_in_the_shell_itself(command: list[str], begin: str, here: Path) -> None:
    need(command[0])
    with Terminal(command, env=environment(here), cwd=here, size=(50, 200)) as shell:
        shell.type(f"{begin}; echo 'rea''dy'\n")
        shell.read_until("ready")
        for typed, called in TYPED:
            shell.type(f"{typed}\t")
            shell.type("\n")
            assert f"called: {called}." in shell.read_until("]."), typed
    assert not (here / "pwned").exists()


def test_fish_completes_by_itself(here: Path) -> None:
    need("fish")
    for typed, called in TYPED:
        script = f"source (logtrace completion fish | psub); complete --do-complete {shlex.quote(typed)}"
        done = subprocess.run(
            ["fish", "--no-config", "-c", script], env=environment(here), cwd=here, capture_output=True, text=True
        )
        offered = [line.partition("\t")[0] for line in done.stdout.splitlines()]
        last = called.rpartition("[")[2].rstrip("]")
        assert last in offered, f"{typed}: {done.stdout}{done.stderr}"
        assert not [each for each in offered if "$" in each]


def test_an_unwilling_name_is_not_put_on_the_line_of_bash(here: Path) -> None:
    need("bash")
    with Terminal(["bash", "--norc", "--noprofile", "-i"], env=environment(here), cwd=here, size=(50, 200)) as shell:
        shell.type("bind 'set enable-bracketed-paste off'; source <(logtrace completion bash); echo 'rea''dy'\n")
        shell.read_until("ready")
        shell.type("logtrace timeline report --resource \t\t")
        shell.read_until("mail")
        shell.type("w\t\n")
        assert "[--resource] [web]." in shell.read_until("].")
    assert not (here / "pwned").exists()
