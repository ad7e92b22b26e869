"""The command line: one file per command, each only arguments and exit status.

Exit status: 0 done; 1 `analyze --exit-code` saw a fault, or `check` a problem; 2 wrong usage, or an output that cannot
be written; 3 nothing usable in the input; 4 input refused as unsafe; 70 a defect of logtrace; 129, 130 and 143 ended
by a hang-up, an interrupt or SIGTERM; 141 the reader of the output went away. Whatever the user can mend is one line on
standard error.

Nothing heavy is imported here or at the top of a command: `--help` answers at once.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import PurePath
from types import FrameType
from typing import Annotated, Final, NoReturn

import typer

from logtrace.cli import completion, described
from logtrace.cli.described import Described
from logtrace.cli.messages import complain
from logtrace.cli.program import group, program
from logtrace.errors import LogtraceError, TooLargeError, UsageError
from logtrace.version import VERSION

#: Each is a function of a module, both of its name.
_COMMANDS: Final = (
    "analyze", "show", "compare", "timeline", "grep", "around", "sql", "lint", "explain", "whatif", "watch", "serve",
    "schema", "check", "unknown", "completion", "help",
)  # fmt: skip

_FLEET: Final = group(
    "fleet",
    "Keep many reports in a store, and ask it.",
    {
        "add": "logtrace.cli.fleet:add",
        "query": "logtrace.cli.fleet:query",
        "report": "logtrace.cli.fleet_report:report",
        "similar": "logtrace.cli.fleet_report:similar",
        "compact": "logtrace.cli.fleet:compact",
    },
)

app = group(
    "logtrace",
    "Why was the recovery of this Pacemaker cluster slow, unnecessary or unsuccessful? With proof.",
    {name: f"logtrace.cli.{name}:{name}" for name in _COMMANDS} | {"fleet": _FLEET},
)


#: Signals that end a process that is asked to.
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"logtrace {VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...


def main() -> None:
    """The entry point: runs the command line of this process and ends it, without taking down what was read."""
    if completion.ASKED in os.environ:
        completion.answer(os.environ[completion.ASKED], sys.argv[1:], commands())
        os._exit(0)
    gc.set_threshold(100_000)  # one run leaves little garbage, and looking for it takes time
    # polars' allocator (jemalloc) keeps what is freed: in few places, and not for long, a gigabyte of logs takes less
    # memory (a third) and less time (a tenth)
    os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0")
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal's encoding never ends a run
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, _end)
    status = run(sys.argv[1:])
    _end_once()
    with contextlib.suppress(OSError, ValueError):  # whoever listened has been told, or is gone
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _open_streams() -> None:
    """Open what this process was started without, so that no file takes its place: standard input is empty then, what
    is printed on standard output is an error like that of any other closed file, and what is said is lost.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == 2 else os.O_RDONLY)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - as the interpreter does
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8")  # noqa: SIM115


def manual_pages(day: date) -> Iterator[tuple[str, str]]:
    """The file's name and the text of the manual page of each command, which says that it is of that day."""
    from logtrace.cli import manual

    return manual.pages(commands(), day)


def commands() -> Described:
    """What there is, and what it says of itself."""
    return described.described(program(app), ("logtrace",))


class Ended(BaseException):
    """Somebody wants this process to end, by a signal; like an interrupt, it goes past all that handles errors."""

    def __init__(self, number: int) -> None:
        self.number = number


def _end(number: int, _: FrameType | None) -> NoReturn:
    _end_once()
    raise KeyboardInterrupt if number == signal.SIGINT else Ended(number)


def _end_once() -> None:
    """Nothing more ends this process: it cleans up, and a key that is pressed twice must not leave half of that."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and gives its exit status; whatever is wrong has been told on standard error."""
    made = program(app)
    try:
        with made.make_context("logtrace", list(arguments) or ["--help"]) as context:
            made.invoke(context)
        sys.stdout.flush()
    except typer.Exit as end:
        return end.exit_code
    except LogtraceError as error:
        return complain(_told(error, arguments), error.status)
    except typer.TyperException as error:  # what the parser of the command line found
        called = " ".join(described.path_of(made, arguments))
        return complain(f"{error.format_message().rstrip('.')}; see {called} --help", 2)
    except KeyboardInterrupt:
        return complain("interrupted", 130)
    except Ended as end:
        return complain(f"ended by {signal.Signals(end.number).name}", 128 + end.number)
    except BrokenPipeError:  # the reader, such as head, has enough
        _close_stdout()
        return 141
    except OSError as error:  # a full disk behind standard output, an input that fails while it is read
        _close_stdout()
        return complain(": ".join(str(part) for part in (error.filename, error.strerror or error) if part), 2)
    except MemoryError:
        return complain("there is no memory left; give fewer or shorter logs, or a larger limit", TooLargeError.status)
    except SystemExit:
        raise
    except BaseException:  # a panic of the columnar engine is no Exception
        traceback.print_exc()
        return complain("this is a defect of logtrace; please report it with the lines above", 70)
    return 0


def _told(error: LogtraceError, arguments: Sequence[str]) -> str:
    """What is said of an error. With `--redact` that is without folders, and without names as far as they show before
    all is read; what is wrong with the command line is told as it was typed.
    """
    if isinstance(error, UsageError) or not any(argument.startswith("--redact") for argument in arguments):
        return str(error)
    from logtrace.redaction import learn

    text = str(LogtraceError(error.message, where=PurePath(error.where or "").name, remedy=error.remedy))
    return learn([], more=[text]).text(text)


def _close_stdout() -> None:
    """Nothing more is to be written: what is still buffered must not fail again when the interpreter ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
