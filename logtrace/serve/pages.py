"""The pages for people: the list, uploads under way, a case, a comparison, and the login.

Everything out of a log is shown in a frame of its own, without this server's origin: whatever runs there can ask for
nothing and read nothing here.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from html import unescape
from http import HTTPStatus
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from logtrace.data import folder
from logtrace.render import words
from logtrace.render.untrusted import Shown, shown, shown_lines
from logtrace.serve import access, analysis, comparison, finished, fleet_page, library, queue
from logtrace.serve import files as disk
from logtrace.serve.access import COOKIE, SESSION, Role, User
from logtrace.serve.bounded import Bounded, Limits
from logtrace.serve.database import reading
from logtrace.serve.library import Asked, Found
from logtrace.serve.refusals import Refusal, Told, not_found
from logtrace.serve.serving import asked, forget, guarded, of, read_again, take_in
from logtrace.serve.settings import Settings
from logtrace.version import VERSION

#: What a case's page may do: run its own two scripts, in an origin that is nobody's.
_FRAMED: Final = "sandbox allow-scripts; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; {policy}"
_STILL: Final = _FRAMED.replace(" allow-scripts", "").format(policy="default-src 'none'; style-src 'unsafe-inline'")
_STATIC: Final = {"page.css": "text/css", "serve.css": "text/css", "serve.js": "text/javascript"}
_FORM: Final = 200_000
#: Seconds that a page which is made when it is asked for may take, and how many are made at once.
_AT_MOST: Final = 60
_makers: Final = BoundedSemaphore(2)
#: The policy of a page, and within how many bytes it stands.
_POLICY: Final = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]*)"')
_HEAD: Final = 1000
_LINES: Final = 2_000_000  # characters of a ticket's text
#: A path of this server with its query: after the first slash comes no second one, nor a backslash, which is as good.
_PLACE: Final = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]{0,999})?", re.ASCII)


# --- reading ------------------------------------------------------------------------------------------------


def _list(request: Request, user: User) -> Response:
    wanted, settings = asked(request.query_params), of(request).settings
    with reading(of(request).engine) as connection:
        listing = library.find(connection, wanted, user, settings)
        jobs = library.under_way(connection, user, settings)
        offered = {kind: library.values(connection, kind, user, settings) for kind in ("node", "cause")}
    query = {name: value for name, value in request.query_params.items() if name != "skip" and value}
    further = urlencode(query | {"skip": str(wanted.skip + library.MOST)})
    return page(
        "list.html", request, listing=listing, jobs=jobs, asked=wanted, query=query, further=further, offered=offered
    )


def _job(request: Request, user: User) -> Response:
    with reading(of(request).engine) as connection:
        job = library.job(connection, request.path_params["id"], user, of(request).settings)
        made = [library.case(connection, each, user, of(request).settings) for each in job.cases]
    if len(made) == 1:
        return RedirectResponse(f"/cases/{made[0].id}", HTTPStatus.SEE_OTHER)
    return page("job.html", request, job=job, cases=made)


def _case(request: Request, user: User) -> Response:
    found, place = _found(request, user)
    settings = of(request).settings
    with reading(of(request).engine) as connection:
        job = library.job(connection, found.job, user, settings)
        others = library.find(connection, Asked(), user, settings).cases
        seen = msgspec.json.decode((place / analysis.SEEN).read_bytes(), type=tuple[analysis.Seen, ...])
        before = library.in_store(connection, {each for one in seen for each in one.examples}, user, settings)
    ticket = (place / analysis.TICKET).read_text(encoding="utf-8", errors="backslashreplace")
    others = tuple(each for each in others if each.id != found.id)
    return page("case.html", request, case=found, job=job, ticket=ticket, others=others, seen=seen, before=before)


def _framed(request: Request, user: User) -> Response:
    _, place = _found(request, user)
    policy = (place / analysis.POLICY).read_text(encoding="ascii")
    return FileResponse(
        place / analysis.PAGE,
        media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": _FRAMED.format(policy=policy), "Cross-Origin-Opener-Policy": "unsafe-none"},
    )


def _download(request: Request, user: User) -> Response:
    found, place = _found(request, user)
    kind = request.path_params["kind"]
    ending = {
        "page": analysis.PAGE,
        "json": analysis.DOCUMENT,
        "ticket": analysis.TICKET,
        "redacted": analysis.REDACTED,
    }
    if kind not in ending:
        raise not_found()
    name = "redacted.html" if kind == "redacted" else f"{disk.file_name(found.name)}{Path(ending[kind]).suffix}"
    return _attachment(place / ending[kind], name)


def _file(request: Request, user: User) -> Response:
    """An uploaded file, which is never shown: it is whatever somebody made it."""
    found, _ = _found(request, user)
    with reading(of(request).engine) as connection:
        files = queue.files_of(connection, found.job)
    number = request.path_params["number"]
    if not 1 <= number <= len(files):
        raise not_found()
    file = files[number - 1]
    return _attachment(of(request).settings.files / file.sha256, disk.file_name(file.name))


def _attachment(path: Path, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Content-Security-Policy": _STILL}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


def _compare(request: Request, user: User) -> Response:
    first, second = _two(request, user)
    return page("compare.html", request, first=first, second=second)


def _compared(request: Request, user: User) -> Response:
    settings = of(request).settings
    first, second = _two(request, user)
    sides = [str(finished.folder_of(settings, each.id) / analysis.VALUES) for each in (first, second)]

    def order(into: Path) -> comparison.Order:
        return comparison.Order(sides[0], sides[1], first.name, second.name, str(into / comparison.PAGE))

    text = _made(settings, comparison.__name__, order, comparison.PAGE)
    if text is None:
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, "These cases cannot be compared", "upload both again, and try once more"
        )
    return Response(text, headers={"Content-Security-Policy": _STILL}, media_type="text/html; charset=utf-8")


def _fleet(request: Request, user: User) -> Response:
    settings = _together(request)
    with reading(of(request).engine) as connection:
        found = library.find(connection, Asked(), user, settings).cases
    return page("fleet.html", request, any=bool(found))


def _fleet_told(request: Request, _: User) -> Response:
    settings = _together(request)
    text = _made(
        settings,
        fleet_page.__name__,
        lambda into: fleet_page.Order(settings.store, str(into / fleet_page.PAGE), "/fleet/cases"),
        fleet_page.PAGE,
    )
    if text is None:
        raise Refusal(HTTPStatus.CONFLICT, "There is nothing to tell yet", "come again when there are cases")
    found = _POLICY.search(text[:_HEAD])  # which stands before all that comes from a log
    policy = unescape(found.group(1).decode()) if found else "default-src 'none'"
    headers = {"Content-Security-Policy": _FRAMED.format(policy=policy)}
    return Response(text, headers=headers, media_type="text/html; charset=utf-8")


def _of_fleet(request: Request, user: User) -> Response:
    """From a case as the store calls it to its page."""
    name = request.path_params["id"]
    with reading(of(request).engine) as connection:
        found = library.in_store(connection, [name], user, of(request).settings)
    if name not in found:
        told = "it may have been deleted, or came into the store by logtrace fleet add"
        raise Refusal(HTTPStatus.NOT_FOUND, "This case has no page here", told)
    return RedirectResponse(f"/cases/{found[name].id}", HTTPStatus.SEE_OTHER)


def _together(request: Request) -> Settings:
    """Raises Refusal where everybody sees only their own."""
    settings = of(request).settings
    if settings.private:
        raise not_found()
    return settings


def _made(settings: Settings, module: str, order: Callable[[Path], Struct], name: str) -> bytes | None:
    """A page that a process with limits makes, like an analysis; None where it could not."""
    made = Path(tempfile.mkdtemp(prefix="page-", dir=settings.incoming))
    try:
        limits = Limits(settings.memory, min(settings.seconds, _AT_MOST))
        with _makers, Bounded(module, order(made), limits, made, threads=1, reaches=settings.store) as process:
            ended = process.ended(limits.seconds)
        if ended is not None and ended.status == 0:
            return (made / name).read_bytes()
        sys.stderr.write(f"{module}: {ended.said if ended else 'it takes too long'}\n")
        return None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _two(request: Request, user: User) -> tuple[Found, Found]:
    with reading(of(request).engine) as connection:
        first, second = (
            library.case(connection, request.query_params.get(name, "").strip(), user, of(request).settings)
            for name in ("first", "second")
        )
    return first, second


def _found(request: Request, user: User) -> tuple[Found, Path]:
    with reading(of(request).engine) as connection:
        found = library.case(connection, request.path_params["id"], user, of(request).settings)
    return found, finished.folder_of(of(request).settings, found.id)


# --- changing -----------------------------------------------------------------------------------------------


async def _upload(request: Request, user: User) -> Response:
    name = await take_in(request, user)
    return RedirectResponse(f"/jobs/{name}", HTTPStatus.SEE_OTHER)


async def _remark(request: Request, user: User) -> Response:
    form = await _fields(request)
    return await run_in_threadpool(_write, request, user, form)


def _write(request: Request, user: User, form: dict[str, str]) -> Response:
    found, _ = _found(request, user)
    library.annotate(of(request).engine, found.id, note=form.get("note"), ticket=form.get("ticket"))
    return RedirectResponse(f"/cases/{found.id}", HTTPStatus.SEE_OTHER)


async def _again(request: Request, user: User) -> Response:
    form = await _fields(request)
    name = await run_in_threadpool(read_again, request, user, form)
    return RedirectResponse(f"/jobs/{name}", HTTPStatus.SEE_OTHER)


def _forget(request: Request, user: User) -> Response:
    with reading(of(request).engine) as connection:
        job = library.job(connection, request.path_params["id"], user, of(request).settings)
    forget(request, user, job.id)
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a small form."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _FORM:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The form is too long")
    async with request.form(max_files=0) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


# --- logging in ---------------------------------------------------------------------------------------------


def to_login(request: Request) -> str:
    """Where somebody logs in who asked for this, to come back to it."""
    asked_for = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/login" if asked_for == "/" else "/login?" + urlencode({"next": asked_for})


def _next(told: str) -> str:
    """A place of this server; the list for what leads elsewhere."""
    return told if _PLACE.fullmatch(told) else "/"


def _login(request: Request) -> Response:
    access.check_origin(request, of(request).doors)
    return page("login.html", request, wrong=False, next=_next(request.query_params.get("next", "/")))


async def _log_in(request: Request) -> Response:
    serving = of(request)
    access.check_origin(request, serving.doors)
    form = await _fields(request)
    word = await run_in_threadpool(access.begin_session, serving.engine, form.get("token", ""))
    if word is None:
        told = _next(form.get("next", "/"))
        return page("login.html", request, HTTPStatus.UNAUTHORIZED, wrong=True, next=told)
    answer = RedirectResponse(_next(form.get("next", "/")), HTTPStatus.SEE_OTHER)
    secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
    answer.set_cookie(COOKIE, word, max_age=SESSION, httponly=True, samesite="lax", secure=secure)
    return answer


def _log_out(request: Request, _: User) -> Response:
    access.end_session(of(request).engine, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE)
    return answer


# --- how pages are made -------------------------------------------------------------------------------------


def page(template: str, request: Request, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """A page of this server, for the user that asks."""
    user = getattr(request.state, "user", None)
    settings = of(request).settings
    text = _environment().get_template(template).render(user=user, settings=settings, version=VERSION, **values)
    return HTMLResponse(text, status)


def refused(request: Request, told: Told) -> Response:
    """Why there is no page; in a frame, where nothing of this server's own is shown, in plain words only."""
    if not request.url.path.endswith("/page"):
        return page("refused.html", request, told.status, told=told)
    answer = page("framed.html", request, told.status, told=told)
    answer.headers["Content-Security-Policy"] = _STILL
    return answer


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("reports") / "serve"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words=words.label, size=words.size, duration=words.duration, query=urlencode)
    environment.filters.update(lines=lambda text: shown_lines(text, _LINES))
    environment.filters.update(span=lambda start, end: words.span(start, end, "UTC"), names=words.names)
    environment.globals.update(count=words.count)
    return environment


def _finalize(printed: object) -> object:
    return shown(printed) if isinstance(printed, str) and not isinstance(printed, Shown | Markup) else printed


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        raise not_found()
    place = folder("reports") / name if name == "page.css" else folder("reports") / "serve" / name
    return FileResponse(place, media_type=_STATIC[name], headers={"Cache-Control": "max-age=60"})


def routes() -> list[Route]:
    """All pages."""
    reader, uploader = Role.READER, Role.UPLOADER
    return [
        Route("/", guarded(_list, reader)),
        Route("/upload", guarded(_upload, uploader), methods=["POST"]),
        Route("/jobs/{id}", guarded(_job, reader)),
        Route("/jobs/{id}/again", guarded(_again, uploader), methods=["POST"]),
        Route("/jobs/{id}/delete", guarded(_forget, uploader), methods=["POST"]),
        Route("/cases/{id}", guarded(_case, reader)),
        Route("/cases/{id}/page", guarded(_framed, reader)),
        Route("/cases/{id}/remark", guarded(_remark, uploader), methods=["POST"]),
        Route("/cases/{id}/get/{kind}", guarded(_download, reader)),
        Route("/cases/{id}/files/{number:int}", guarded(_file, reader)),
        Route("/compare", guarded(_compare, reader)),
        Route("/compare/page", guarded(_compared, reader)),
        Route("/fleet", guarded(_fleet, reader)),
        Route("/fleet/page", guarded(_fleet_told, reader)),
        Route("/fleet/cases/{id}", guarded(_of_fleet, reader)),
        Route("/login", _login),
        Route("/login", _log_in, methods=["POST"]),
        Route("/logout", guarded(_log_out, reader), methods=["POST"]),
        Route("/static/{name}", _static),
    ]
