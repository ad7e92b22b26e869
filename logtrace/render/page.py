"""A case as one HTML file that needs nothing else: no network, no other file, and without scripts no less content.

The page is laid out by the templates in reports/; everything that comes from logs goes through autoescape and
`untrusted.shown`. The script of the page zooms its charts, filters, and unfolds the log around incidents; how long
operations took is drawn by plotly, whose own script travels in the page, compressed, and is inflated by the browser
when the figure comes into view. A content security policy allows those two scripts, by their digests, and no
connection to anywhere.
"""

from __future__ import annotations

import base64
import math
import re
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Final

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from msgspec import Struct

from logtrace.data import beside, folder
from logtrace.render import plain, plotly, sentences, words
from logtrace.render.cause_rows import explained
from logtrace.render.incident import places
from logtrace.render.limits import Limits, Some
from logtrace.render.log import packed
from logtrace.render.section import Page, sections
from logtrace.render.untrusted import Shown, shown, shown_lines
from logtrace.report.case import Case
from logtrace.report.neighbours import Neighbours, neighbours
from logtrace.report.overview import worst_first
from logtrace.report.surroundings import surroundings
from logtrace.version import VERSION

MOST_BYTES: Final = 2_500_000
MOST_BYTES_LIGHT: Final = 200_000
_ID = re.compile("i[0-9]{1,6}")
_QUOTED = re.compile("`([^`]+)`")


def begin() -> None:
    """Have a thread prepare what every page with scripts holds, which takes a while, before there is a case."""
    _script()


def policy() -> str:
    """The content security policy of pages with scripts, which stands in them too."""
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; script-src {_script().policy}"


def render(case: Case, *, light: bool = False, command: str | None = None, of: str | None = None) -> str:
    """The page of `case`, at most MOST_BYTES long; `light`: MOST_BYTES_LIGHT, with no script at all.

    `command` is the command line that made it, shown at the end; `of` tells pages of different inputs apart and is not
    shown. What does not fit is left out, and counted.
    """
    script = None if light else _script()
    template = _environment().get_template("page.html")
    most = MOST_BYTES_LIGHT if light else MOST_BYTES
    known = neighbours(case)
    limits, by, tightest = Limits(), 1.0, Limits().divided(math.inf)
    while True:
        page = _page(template, case, limits, known, script, command, of)
        excess = len(page.encode()) - most
        if excess <= 0 or limits == tightest:
            return page
        room = most - (len(script.plotly) if script else 0)
        by *= 1.1 * (1 + excess / room)
        limits = Limits().divided(by)


class _Script(Struct, frozen=True):
    """The page's own script, plotly's, which a thread compresses meanwhile, and the policy that lets both run."""

    page: Markup
    policy: Shown
    compressed: Future[bytes]

    @property
    def plotly(self) -> Markup:
        """Compressed and encoded."""
        return Markup(base64.b64encode(self.compressed.result()).decode())  # noqa: S704 - base64 has no markup


@cache
def _script() -> _Script:
    page = (folder("reports") / "page.js").read_text(encoding="utf-8")
    whole = plotly.script()
    digest = plain.digest(whole)
    pool = ThreadPoolExecutor(1)
    compressed = pool.submit(plotly.compressed, whole, digest)
    pool.shutdown(wait=False)
    policy = Shown(f"'{plain.digest(page.encode())}' '{digest}'")
    return _Script(Markup(page), policy, compressed)  # noqa: S704 - a file of this package


def _environment() -> Environment:
    kept = beside("reports")
    environment = Environment(
        loader=FileSystemLoader(folder("reports")),
        bytecode_cache=FileSystemBytecodeCache(str(kept)) if kept else None,
        autoescape=True,
        optimized=False,  # each template is rendered once or twice: folding constants costs more than it saves
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        words=_label,
        saves=words.saves,
        setting=words.setting,
        duration=words.duration,
        clock=words.clock,
        clocks=words.clocks,
        span=words.span,
        day=words.day,
        size=words.size,
        names=words.names,
        shown=shown,
        said=_said,
        lines=shown_lines,
        shell=words.shell,
        json=plain.json,
    )
    environment.globals.update(count=words.count, Some=Some)
    environment.globals.update(correction=sentences.correction, uncertainty=sentences.uncertainty)
    environment.globals.update(seen_before=sentences.seen_before)
    return environment


@pass_context
def _finalize(context: Context, value: object) -> object:
    """Every text a template prints is made visible and cut, unless it is markup or has been through it."""
    if isinstance(value, str) and not isinstance(value, Shown | Markup):
        limits: Limits = context["limits"]
        return shown(value, limits.field)
    return value


@pass_context
def _said(context: Context, sentence: str) -> Markup:
    """A sentence of our own, which is not cut like a text out of a log; what stands in backticks is code."""
    limits: Limits = context["limits"]
    return Markup(_QUOTED.sub(r"<code>\1</code>", str(escape(shown(sentence, limits.sentence)))))  # noqa: S704 - escaped


def _label(code: str) -> str:
    return words.label(shown(code, 60))


def _page(
    template: Template,
    case: Case,
    limits: Limits,
    known: Neighbours,
    script: _Script | None,
    command: str | None,
    of: str | None,
) -> str:
    order = worst_first(case.incidents)
    order = order[: limits.incidents + limits.brief]
    placed = set(order)
    anchors = [_anchor(case, index) if index in placed else None for index in range(len(case.incidents))]
    told = [(_anchor(case, index), case.incidents[index]) for index in order[: limits.incidents]]
    log = None if script is None else surroundings(case.frames, [each for _, each in told], limits.log)
    page = Page(case, limits, anchors, order, explained(told, limits), known, log, command)
    made = [(section, section.values(page)) for section in sections()]
    style = (folder("reports") / "page.css").read_text(encoding="utf-8")
    return template.render(
        case=case,
        limits=limits,
        script=script,
        log=packed(log, limits) if log and log.lines else None,
        style=Markup(style),  # noqa: S704 - a file of this package
        command=command,
        of=of,
        version=VERSION,
        utc=page.utc,
        places=places(told, limits),
        verdict=shown(sentences.verdict(case), limits.sentence),
        sections=[(section, values) for section, values in made if values is not None],
    )


def _anchor(case: Case, index: int) -> str:
    """The fragment of an incident: its id, if it is one."""
    name = case.incidents[index].id
    return name if _ID.fullmatch(name) else f"n{index + 1}"
