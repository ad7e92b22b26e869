"""A case through a template of the user's own, such as the postmortem that ships in reports/postmortem.md.j2.

The template is Jinja and runs in a sandbox: it sees the JSON document of the case (its keys are variables) and what
`_context` adds, it cannot change a thing or reach anything else, and it must be done
within SECONDS, MEMORY and MOST_BYTES.
What it prints out of a case is inert: escaped where the template is HTML or XML by its ending, harmless Markdown where
it is Markdown, and made visible everywhere.
"""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from logtrace.data import folder
from logtrace.errors import LogtraceError, UsageError
from logtrace.render import document, markdown, sentences, words
from logtrace.render.untrusted import Shown, cell, fence, inline, shown, shown_lines
from logtrace.report.case import Case
from logtrace.report.overview import trouble

SECONDS: Final = 20.0
MEMORY: Final = 1_000_000_000
MOST_BYTES: Final = 5_000_000
SHIPPED: Final = ("postmortem",)

_MARKED: Final = (".html", ".htm", ".xml", ".xhtml")
_MARKDOWN: Final = (".md", ".markdown")
_LARGEST: Final = 1_000_000
_PHASES: Final = 40  # told one by one
_NUMBERS: Final = (bool, int, float)
#: Methods and filters that make a long text out of a short one at once.
_PADDING: Final = frozenset(("format", "format_map", "center", "ljust", "rjust", "zfill", "expandtabs", "indent"))

Json = dict[str, Any]


class _Ready(Shown):
    """Text that is already what the output wants."""

    __slots__ = ()


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, without the few ways to fill the memory in one step."""

    intercepted_binops = frozenset(("*", "**", "%"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        big = operator == "**" and isinstance(right, _NUMBERS) and abs(right) > 64
        if big or not (isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS)):
            raise SecurityError(f"{operator} is for small numbers only")
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> None:
        """No way round `is_safe_attribute` for str.format."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr not in _PADDING and super().is_safe_attribute(obj, attr, value)


def render(case: Case, template: str) -> str:
    """`case` through the template file `template` (or one of SHIPPED), with a final line end.

    Raises UsageError that names the file and the line for whatever is wrong with the template.
    """
    path = _path(template)
    environment = _environment(path)
    parts: list[str] = []
    size = 0
    with _telling(path), _bounded(SECONDS, MEMORY):
        for part in environment.get_template(path.name).generate(_context(case)):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                raise _refused(f"its output is longer than {words.size(MOST_BYTES)}", path, None)
    return "".join(parts).rstrip("\n") + "\n"


def check(template: str) -> None:
    """Raises UsageError, as `render` does, where the template cannot be read or is none."""
    path = _path(template)
    with _telling(path), _bounded(SECONDS, MEMORY):
        _environment(path).get_template(path.name)


def _path(template: str) -> Path:
    """The file of a template that the user named. Raises UsageError where it cannot be read."""
    path = folder("reports") / f"{template}.md.j2" if template in SHIPPED and not Path(template).exists() else None
    path = path or Path(template)
    _readable(path)
    return path


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Whatever goes wrong inside, told as what it is: something in the template at `path`."""
    try:
        yield
    except LogtraceError:
        raise
    except MemoryError as error:
        raise _refused("it takes too much memory", *_place(error, path)) from error
    except TemplateSyntaxError as error:
        raise _refused(error.message or "is not a template", Path(error.filename or path), error.lineno) from error
    except Exception as error:
        said = str(error) if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
        raise _refused(said, *_place(error, path)) from error


def _readable(path: Path) -> None:
    try:
        large = path.stat().st_size > _LARGEST
        if not path.is_dir() and not path.is_file():  # it would be read twice, and might have no end
            raise UsageError("is a device, pipe or socket", where=str(path), remedy="name a template file")
        path.read_text(encoding="utf-8") if not large else None
    except OSError as error:
        raise UsageError(
            error.strerror or str(error), where=str(path), remedy=f"name a template file, or {', '.join(SHIPPED)}"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("is not text in UTF-8", where=str(path), remedy="save it as UTF-8") from error
    if large:
        raise UsageError("is too large for a template", where=str(path), remedy="name a template file")


def _refused(said: str, path: Path, line: int | None) -> UsageError:
    where = f"{path}:{line}" if line is not None else str(path)
    return UsageError(" ".join(said.split())[:300], where=where, remedy="correct the template")


def _place(error: BaseException, path: Path) -> tuple[Path, int | None]:
    """File and line of the template at which `error` came up."""
    roots = {path.parent.resolve(), folder("reports").resolve()}
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).resolve().parent in roots:
            return Path(frame.filename), frame.lineno
    return path, None


def _environment(path: Path) -> _Environment:
    ending = Path(path.name.removesuffix(".j2").removesuffix(".jinja")).suffix.lower()
    is_markdown = ending in _MARKDOWN

    def finalize(value: object) -> object:
        if not isinstance(value, str) or isinstance(value, Shown | Markup):
            return value
        return inline(value) if is_markdown else shown(value)

    environment = _Environment(
        loader=FileSystemLoader([path.parent, folder("reports")]),
        autoescape=ending in _MARKED,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in _PADDING & set(environment.filters):
        del environment.filters[name]
    environment.filters.update(
        duration=lambda seconds: _Ready(words.duration(seconds)),
        range=lambda least, most: _Ready(words.spread(least, most)),
        saves=lambda seconds: _Ready(words.saves(seconds)),
        label=lambda code: words.label(shown(code, 60)),
        time=_time,
        cell=lambda text: _Ready(cell(text)) if is_markdown else shown(text),
        fence=lambda lines: _Ready("\n".join(fence([str(line) for line in lines]))),
        plain=lambda text: _Ready(shown_lines(text)),
        fill=lambda text, number: f"{text}".replace("%d", f"{number}"),
        moments=_moments,
        cited=_cited,
    )
    return environment


def _context(case: Case) -> Json:
    """The JSON document, and: `verdict` and `header`, as the summary says them; `worst`, the faults and unnecessary
    recoveries, open ones and long outages first; `utc`, what to write behind a time.
    """
    told = document.to_dict(case)
    worst = [told["incidents"][index] for index in trouble(case.incidents)]
    header = "; ".join(sentences.header(case)[1:])
    utc = sentences.utc(case.window)
    return told | {"verdict": sentences.verdict(case), "header": header, "worst": worst, "utc": utc}


def _time(moment: str | None) -> str:
    """A time of the document for a reader: "2022-11-22 16:47:45.210"; None: "unknown"."""
    return _Ready("unknown" if moment is None else moment.replace("T", " ").removesuffix("Z"))


def _moments(incident: Mapping[str, Any]) -> list[Json]:
    """The moments of an incident and its phases in the order of time, as {time, what}."""
    named = (
        ("t_fault", "the fault"),
        ("t_detected", "the cluster noticed"),
        ("t_decided", "the scheduler had decided"),
        ("t_acted", "the first action"),
        ("t_recovered", "recovered"),
        ("t_end", "nothing more to do"),
    )
    told = [{"time": incident[key], "what": what} for key, what in named if incident[key] is not None]
    phases, left = incident["phases"][:_PHASES], incident["phases"][_PHASES:]
    told += [
        {"time": phase["start"], "what": f"{phase['name']}, {words.duration(phase['seconds'])}: {phase['what']}"}
        for phase in phases
    ]
    if left:
        told.append({"time": left[0]["start"], "what": f"the first of {words.count(len(left), 'more phase')}"})
    return sorted(told, key=lambda each: each["time"])


def _cited(incident: Mapping[str, Any]) -> Sequence[str]:
    """The cited lines of an incident as "file:line  text", the first error first."""
    lines = sorted(incident["evidence"], key=lambda each: (each["id"] != incident["first_error"], each["time"]))
    return [shown(f"{each['file']}:{each['line']}  {each['text']}", markdown.LINE) for each in lines]


# --- bounds, where the system can set them --------------------------------------------------------------


@contextmanager
def _bounded(seconds: float, octets: int) -> Iterator[None]:
    """Ends the block with TimeoutError after `seconds`, and with MemoryError when it wants `octets` more.

    Time is bounded on the main thread of a Unix, memory on Linux; elsewhere the block runs as it is.
    """
    with _timed(seconds), _limited(octets):
        yield


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"it takes longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _limited(octets: int) -> Iterator[None]:
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * resource.getpagesize() + octets
    if soft == resource.RLIM_INFINITY or most < soft:
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
