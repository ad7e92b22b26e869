"""The application: routes of pages and of the API, and how refusals are told to each."""

from __future__ import annotations

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Lifespan

from logtrace.serve import api, pages
from logtrace.serve.guard import Guard
from logtrace.serve.refusals import Refusal, not_found
from logtrace.serve.serving import Serving


def application(serving: Serving, lifespan: Lifespan[Starlette] | None = None) -> ASGIApp:
    """What a server of ASGI runs; `lifespan` stands around all of it."""
    made = Starlette(
        routes=[*api.routes(), *pages.routes()],
        exception_handlers={Refusal: _refused, HTTPException: _unknown, Exception: _broken},
        lifespan=lifespan,
    )
    made.state.serving = serving
    return Guard(made, serving.settings.patience)


def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    if request.url.path.startswith("/api/"):
        return api.json(refusal.told, refusal.status, refusal.headers)
    if refusal.status is HTTPStatus.UNAUTHORIZED and request.method == "GET":
        return RedirectResponse("/login", HTTPStatus.SEE_OTHER)
    answer = pages.page("refused.html", request, refusal.status, told=refusal.told)
    answer.headers.update(refusal.headers)
    return answer


def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _refused(request, not_found())
    return _refused(request, Refusal(HTTPStatus(error.status_code), error.detail, "", error.headers))


def _broken(request: Request, _: Exception) -> Response:
    """A defect, or a database that is away: told in one line here, and in full in the log of the server."""
    told = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "The server could not answer", "try again; its log says why")
    return _refused(request, told)
