"""The application: routes of pages and of the API, and how refusals are told to each."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy.exc import DBAPIError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Lifespan

from logtrace.serve import api, incoming, pages
from logtrace.serve.bounded import full
from logtrace.serve.database import is_full
from logtrace.serve.guard import Guard
from logtrace.serve.refusals import Refusal, not_found
from logtrace.serve.serving import Serving


def application(serving: Serving, lifespan: Lifespan[Starlette] | None = None) -> ASGIApp:
    """What a server of ASGI runs; `lifespan` stands around all of it."""
    made = Starlette(
        routes=[*api.routes(), *pages.routes()],
        exception_handlers={
            Refusal: _refused, HTTPException: _unknown, DBAPIError: _no_room, OSError: _no_room, Exception: _broken,
        },
        lifespan=lifespan,
    )  # fmt: skip
    made.state.serving = serving
    return Guard(made, serving.settings.patience)


def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    if request.url.path.startswith("/api/"):
        return api.json(refusal.told, refusal.status, refusal.headers)
    if refusal.status is HTTPStatus.UNAUTHORIZED and request.method == "GET":
        return RedirectResponse(pages.to_login(request), HTTPStatus.SEE_OTHER)
    answer = pages.refused(request, refusal.told)
    answer.headers.update(refusal.headers)
    return answer


def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _refused(request, not_found())
    return _refused(request, Refusal(HTTPStatus(error.status_code), error.detail, "", error.headers))


def _no_room(request: Request, error: Exception) -> Response:
    """What fails because the disk is full says so; all else is a defect or a database that is away."""
    if full(error) or (isinstance(error, DBAPIError) and is_full(error)):
        return _refused(request, incoming.full())
    raise error


def _broken(request: Request, _: Exception) -> Response:
    """A defect, or a database that is away: told in one line here, and in full in the log of the server."""
    told = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "The server could not answer", "try again; its log says why")
    return _refused(request, told)
