"""Small pages beside that of a case, without scripts or pictures: templates that lay themselves into `plain.html`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from logtrace.data import folder
from logtrace.render.untrusted import Shown, shown
from logtrace.version import VERSION


def page(template: str, *, filters: Mapping[str, Callable[..., Any]] | None = None, **values: object) -> str:
    """The page that `template` (of reports/) makes of `values`, as one HTML file that needs nothing else."""
    environment = Environment(
        loader=FileSystemLoader(folder("reports")),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters or {})
    environment.globals.update(values)  # which macros of other templates see as well
    style = (folder("reports") / "page.css").read_text(encoding="utf-8")
    return environment.get_template(template).render(
        style=Markup(style),  # noqa: S704 - a file of this package
        version=VERSION,
    )


def _finalize(printed: object) -> object:
    """Every text the template prints is made visible and cut, unless it is markup or has been through it."""
    return shown(printed) if isinstance(printed, str) and not isinstance(printed, Shown | Markup) else printed
