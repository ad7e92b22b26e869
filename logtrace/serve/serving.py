"""What handlers of requests share: the database, what the server was told, and who is asking for what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from logtrace.errors import LogtraceError
from logtrace.serve import access, finished, incoming, library, queue
from logtrace.serve import files as disk
from logtrace.serve.access import Doors, Role, User
from logtrace.serve.database import reading
from logtrace.serve.incoming import Rate, Upload
from logtrace.serve.library import Asked
from logtrace.serve.refusals import Refusal
from logtrace.serve.settings import Settings

_DAY: Final = 10  # characters of a date without a time
_SKIP: Final = 1_000_000


class Serving(Struct, frozen=True):
    """One server."""

    engine: Engine
    settings: Settings
    doors: Doors
    rate: Rate


Handler = Callable[[Request, User], Response] | Callable[[Request, User], Awaitable[Response]]
Endpoint = Callable[[Request], Any]


def of(request: Request) -> Serving:
    """The server that was asked."""
    serving: Serving = request.app.state.serving
    return serving


def guarded(handler: Handler, role: Role) -> Endpoint:
    """`handler` for users with at least this role; others get a Refusal."""
    if iscoroutinefunction(handler):

        async def later(request: Request) -> Response:
            user = await run_in_threadpool(_enter, request, role)
            answer: Response = await handler(request, user)
            return answer

        return later

    def now(request: Request) -> Response:
        answer = handler(request, _enter(request, role))
        assert isinstance(answer, Response)
        return answer

    return now


def _enter(request: Request, role: Role) -> User:
    serving = of(request)
    access.check_origin(request, serving.doors)
    user = access.who(request, serving.engine, serving.doors)
    if user is None:
        raise Refusal(
            HTTPStatus.UNAUTHORIZED, "Log in first", "send Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"}
        )
    request.state.user = user
    if role is Role.UPLOADER and not user.uploads:
        raise Refusal(HTTPStatus.FORBIDDEN, "You may read, and not change anything", "ask for a token of an uploader")
    return user


async def take_in(request: Request, user: User) -> str:
    """Takes in the form of `request`, and gives the id of its job. Once this returns, nothing of it can be lost."""
    serving = of(request)
    serving.rate.check(user.name)
    upload = Upload(serving.settings)
    try:
        await incoming.receive(request, serving.settings, upload)
        return await run_in_threadpool(_accept, serving, upload, user)
    finally:
        await run_in_threadpool(upload.discard)


def _accept(serving: Serving, upload: Upload, user: User) -> str:
    times = upload.times
    with disk.locked(serving.settings):
        disk.keep(serving.settings, upload.parts)
        return queue.submit(serving.engine, [file for _, file in upload.parts], user.name, times)


def read_again(request: Request, user: User, fields: Mapping[str, str]) -> str:
    """Queues a job once more, with what `fields` tell of its times, and gives its id."""
    serving = of(request)
    with reading(serving.engine) as connection:
        job = library.job(connection, request.path_params["id"], user, serving.settings)
    queue.again(serving.engine, job.id, incoming.times_of(fields))
    return job.id


def forget(request: Request, user: User, job: str) -> None:
    """Deletes a job, or where everybody has their own, what this user has of it."""
    serving = of(request)
    owner = user.name if serving.settings.private else None
    finished.forget(serving.engine, serving.settings, job, owner)
    try:
        finished.take_away(serving.engine, serving.settings)
    except (OSError, LogtraceError) as error:
        raise Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE, "It is deleted here, and not yet in the store of many cases",
            "it leaves that as soon as it can be reached",
        ) from error  # fmt: skip


def asked(query: Mapping[str, str]) -> Asked:
    """What a query string asks of the list. Raises Refusal for a time or a number that is none."""
    skip = query.get("skip", "0")
    if not skip.isdecimal() or int(skip) > _SKIP:
        raise Refusal(HTTPStatus.BAD_REQUEST, "skip is no number")
    texts = {name: query.get(name, "").strip()[:200] for name in ("q", "cluster", "node", "cause", "release", "ticket")}
    since, until = (_moment(name, query.get(name, "").strip()) for name in ("since", "until"))
    if until is not None and len(query["until"].strip()) == _DAY:
        until += timedelta(days=1)
    return Asked(**texts, since=since, until=until, skip=int(skip))


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Refusal(HTTPStatus.BAD_REQUEST, f"{name} is no time", "write 2026-11-22 or 2026-11-22T16:40Z") from None
