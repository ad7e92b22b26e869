"""Pages beside that of a case, smaller and without plotly: templates that lay themselves into `plain.html`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from json import dumps as to_json
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from logtrace.data import folder
from logtrace.render.untrusted import Shown, shown
from logtrace.version import VERSION


def page(
    template: str,
    *,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    styles: Sequence[str] = (),
    script: str | None = None,
    **values: object,
) -> str:
    """The page that `template` (of reports/) makes of `values`, as one HTML file that needs nothing else.

    `styles`: style sheets beside that of all pages; `script`: the only script that runs in it; files of reports/.
    """
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
    code = None if script is None else _file(script)
    return environment.get_template(template).render(
        style=Markup("\n".join(map(_file, ("page.css", *styles)))),  # noqa: S704 - files of this package
        script=code and Markup(code),  # noqa: S704
        policy=code and Shown(f"'{digest(code.encode())}'"),
        version=VERSION,
    )


def digest(script: bytes) -> str:
    """A script's name in a policy."""
    return "sha256-" + base64.b64encode(sha256(script).digest()).decode()


def json(value: Any) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = to_json(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - no character left that means anything to HTML


def _file(name: str) -> str:
    return (folder("reports") / name).read_text(encoding="utf-8")


def _finalize(printed: object) -> object:
    """Every text the template prints is made visible and cut, unless it is markup or has been through it."""
    return shown(printed) if isinstance(printed, str) and not isinstance(printed, Shown | Markup) else printed
