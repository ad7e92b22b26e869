"""The API: what programs ask. Its description (OpenAPI) is made of the same declarations as its routes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import msgspec
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from logtrace.serve import analysis, finished, library
from logtrace.serve.access import Role, User
from logtrace.serve.database import reading
from logtrace.serve.incoming import TEXT, TIMEZONE, YEAR
from logtrace.serve.library import Found, JobState, Listing
from logtrace.serve.refusals import Refusal, Told
from logtrace.serve.serving import Handler, asked, forget, guarded, of, read_again, take_in
from logtrace.version import VERSION

Json = dict[str, Any]


class Remark(Struct, frozen=True):
    """What is to be written beside a case; what is left out, or null, stays."""

    note: str | None = None
    ticket: str | None = None


class Again(Struct, frozen=True):
    """How files are to be read again: the zone and year of times in logs that do not tell them; null: as they seem."""

    timezone: str | None = None
    year: int | None = None


class Operation(Struct, frozen=True):
    """What can be asked: `answers` are the types of JSON by status, `query` the parameters and what they mean,
    `body` the JSON or the form that is sent.
    """

    method: str
    path: str
    summary: str
    handler: Handler
    role: Role
    answers: dict[int, Any]
    query: dict[str, str] = {}
    body: Any = None


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`value` as an answer; times in UTC."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")


async def _upload(request: Request, user: User) -> Response:
    name = await take_in(request, user)
    return await run_in_threadpool(_state, request, user, name)


def _state(request: Request, user: User, name: str) -> Response:
    with reading(of(request).engine) as connection:
        state = library.job(connection, name, user, of(request).settings)
    return json(state, HTTPStatus.ACCEPTED, {"Location": f"/api/jobs/{name}"})


def _job(request: Request, user: User) -> Response:
    with reading(of(request).engine) as connection:
        return json(library.job(connection, request.path_params["id"], user, of(request).settings))


async def _again(request: Request, user: User) -> Response:
    try:
        again = msgspec.json.decode(await request.body(), type=Again)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        told = 'send {"timezone": "Europe/Berlin", "year": 2026}'
        raise Refusal(HTTPStatus.BAD_REQUEST, "This tells of no zone or year", told) from None
    fields = {TIMEZONE: again.timezone or "", YEAR: "" if again.year is None else str(again.year)}
    name = await run_in_threadpool(read_again, request, user, fields)
    return await run_in_threadpool(_state, request, user, name)


def _forget(request: Request, user: User) -> Response:
    with reading(of(request).engine) as connection:
        job = library.job(connection, request.path_params["id"], user, of(request).settings)
    forget(request, user, job.id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _list(request: Request, user: User) -> Response:
    wanted = asked(request.query_params)
    with reading(of(request).engine) as connection:
        return json(library.find(connection, wanted, user, of(request).settings))


def _case(request: Request, user: User) -> Response:
    return json(_found(request, user))


def _document(request: Request, user: User) -> Response:
    found = _found(request, user)
    return FileResponse(finished.folder_of(of(request).settings, found.id) / analysis.DOCUMENT)


def _ticket(request: Request, user: User) -> Response:
    found = _found(request, user)
    path = finished.folder_of(of(request).settings, found.id) / analysis.TICKET
    return FileResponse(path, media_type="text/markdown; charset=utf-8")


async def _remark(request: Request, user: User) -> Response:
    try:
        remark = msgspec.json.decode(await request.body(), type=Remark)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refusal(HTTPStatus.BAD_REQUEST, "This is no remark", 'send {"note": TEXT, "ticket": TEXT}') from None
    return await run_in_threadpool(_write, request, user, remark)


def _write(request: Request, user: User, remark: Remark) -> Response:
    found = _found(request, user)
    library.annotate(of(request).engine, found.id, note=remark.note, ticket=remark.ticket)
    return json(_found(request, user))


def _found(request: Request, user: User) -> Found:
    with reading(of(request).engine) as connection:
        return library.case(connection, request.path_params["id"], user, of(request).settings)


_SEARCH: Final = {
    "q": "Anywhere: in names, causes, resources, the verdict, the note and the ticket.",
    "cluster": "Part of the cluster's name.",
    "node": "Name of a node.",
    "cause": "Label of a cause, such as group_cascade.",
    "release": "Beginning of Pacemaker's version, such as 2.1.",
    "ticket": "Part of the ticket's number.",
    "since": "Cases whose window ends at or after this day or time (UTC).",
    "until": "Cases whose window begins at or before it.",
    "skip": "So many cases are passed over.",
}

_FORM: Final = {
    "type": "object",
    "properties": {
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
        TEXT: {"type": "string", "description": "Pasted lines of a log."},
        TIMEZONE: {"type": "string", "description": "Zone of times that print none, such as Europe/Berlin."},
        YEAR: {"type": "string", "description": "Year of times that print none."},
    },
}

OPERATIONS: Final = (
    Operation(
        "POST", "/api/cases", "Upload files of one case, or of several, to be analysed together.", _upload,
        Role.UPLOADER, {202: JobState}, body=_FORM,
    ),
    Operation("GET", "/api/jobs/{id}", "Where a job stands.", _job, Role.READER, {200: JobState}),
    Operation(
        "POST", "/api/jobs/{id}/again", "Read the files of a job again; its cases are replaced.", _again,
        Role.UPLOADER, {202: JobState}, body=Again,
    ),
    Operation(
        "DELETE", "/api/jobs/{id}", "Delete a job, with its cases and files.", _forget, Role.UPLOADER, {204: None}
    ),
    Operation("GET", "/api/cases", "Search cases.", _list, Role.READER, {200: Listing}, query=_SEARCH),
    Operation("GET", "/api/cases/{id}", "A case in brief.", _case, Role.READER, {200: Found}),
    Operation(
        "PATCH", "/api/cases/{id}", "Write the note and the ticket of a case.", _remark, Role.UPLOADER, {200: Found},
        body=Remark,
    ),
    Operation(
        "GET", "/api/cases/{id}/document", "A whole case, as logtrace analyze --json writes it.", _document,
        Role.READER, {200: "case"},
    ),
    Operation(
        "GET", "/api/cases/{id}/ticket", "A case as Markdown for a ticket.", _ticket, Role.READER,
        {200: "text/markdown"},
    ),
)  # fmt: skip


def routes() -> list[Route]:
    """What is served below /api."""
    made = [Route(each.path, guarded(each.handler, each.role), methods=[each.method]) for each in OPERATIONS]
    return [Route("/api/openapi.json", _description), *made]


def _description(_: Request) -> Response:
    """The description tells nothing of any case, and is for everybody."""
    return json(described())


def described() -> Json:
    """The OpenAPI document (3.1)."""
    kinds = [JobState, Listing, Found, Remark, Again, Told]
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    paths: dict[str, Json] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "logtrace serve", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(each: Operation) -> Json:
    parameters = [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}, "description": told}
        for name, told in each.query.items()
    ]
    if "{id}" in each.path:
        parameters.append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
    refused = {"description": "Refused.", "content": {"application/json": {"schema": _reference(Told)}}}
    answers = {str(status): _answer(status, kind) for status, kind in each.answers.items()}
    told: Json = {
        "summary": each.summary,
        "operationId": each.handler.__name__.strip("_"),
        "description": f"For the role {each.role.value}.",
        "parameters": parameters,
        "responses": answers | {"default": refused},
    }
    if isinstance(each.body, dict):
        told["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": each.body}}}
    elif each.body is not None:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(each.body)}}}
    return told


def _answer(status: int, kind: Any) -> Json:
    told = {"description": HTTPStatus(status).phrase}
    if kind is None:
        return told
    if kind == "case":
        schema: Json = {"type": "object", "description": "Its schema: logtrace schema."}
        return told | {"content": {"application/json": {"schema": schema}}}
    if isinstance(kind, str):
        return told | {"content": {kind: {"schema": {"type": "string"}}}}
    return told | {"content": {"application/json": {"schema": _reference(kind)}}}


def _reference(kind: type[Struct]) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
