"""Who asks: tokens, the sessions that browsers get for one, and names that a trusted proxy tells.

Without any token and without a proxy everybody who can reach the server may read and upload, which is allowed on the
loopback address only. Another site cannot ask in the name of a browser: what changes something must come from a page
of this server, as the browser itself says (`Sec-Fetch-Site`, or `Origin`), which holds for sites beside it, without a
cookie and behind a proxy as well, so that forms need no tokens of their own. Cookies are `SameSite=Lax`: a link in the
system of tickets leads to a case, and nothing else of another site has them.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from enum import StrEnum
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request

from logtrace.errors import UsageError
from logtrace.render.untrusted import shown
from logtrace.serve.database import reading, sessions, tokens
from logtrace.serve.refusals import Refusal

COOKIE: Final = "logtrace"
#: A session lasts a working day.
SESSION: Final = 12 * 3600
_PREFIX: Final = "lt_"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """What a user may do: read; or also upload, note and delete."""

    READER = "reader"
    UPLOADER = "uploader"


class User(Struct, frozen=True):
    """`session`: whether a browser has logged in, and can log out."""

    name: str
    role: Role
    session: bool = False

    @property
    def uploads(self) -> bool:
        return self.role is Role.UPLOADER


class Doors(Struct, frozen=True):
    """Who may come in. `open`: everybody, as `local`; `user_header`, `role_header`: what a proxy at one of the
    `proxies` tells; `hosts`: the names by which the server may be asked, empty: any.
    """

    open: bool
    user_header: str | None = None
    role_header: str | None = None
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    hosts: tuple[str, ...] = ()


# --- tokens and sessions ------------------------------------------------------------------------------------


def add_token(engine: Engine, name: str, role: Role) -> str:
    """A new token, which is told this once. Raises UsageError where the name has one."""
    if not name or shown(name, 100) != name:
        raise UsageError(f"no name for a token: {name!r}", remedy="use up to 100 visible characters")
    token = _PREFIX + secrets.token_urlsafe(32)
    try:
        with engine.begin() as connection:
            row = {"name": name, "role": role.value, "digest": _digest(token), "created": time.time()}
            connection.execute(insert(tokens).values(row))
    except IntegrityError as error:
        raise UsageError(f"{name} has a token", remedy="remove it first, with --remove-token") from error
    return token


def remove_token(engine: Engine, name: str) -> None:
    """Ends a token and its sessions. Raises UsageError where there is none."""
    with engine.begin() as connection:
        if connection.execute(delete(tokens).where(tokens.c.name == name)).rowcount == 0:
            raise UsageError(f"{name} has no token")


def has_tokens(engine: Engine) -> bool:
    """Whether anybody has a token."""
    with reading(engine) as connection:
        return connection.scalar(select(tokens.c.name).limit(1)) is not None


def begin_session(engine: Engine, token: str) -> str | None:
    """What the cookie of a browser that knows this token is to hold; None for a wrong one."""
    word, now = secrets.token_urlsafe(32), time.time()
    with engine.begin() as connection:
        name = connection.scalar(select(tokens.c.name).where(tokens.c.digest == _digest(token.strip())))
        if name is None:
            return None
        connection.execute(delete(sessions).where(sessions.c.ends < now))
        connection.execute(insert(sessions).values(digest=_digest(word), token=name, ends=now + SESSION))
    return word


def end_session(engine: Engine, word: str) -> None:
    """Ends the session of a cookie."""
    with engine.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.digest == _digest(word)))


def _digest(secret: str) -> str:
    """Enough for 256 random bits, which nobody can try out."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


# --- who asks -----------------------------------------------------------------------------------------------


def who(request: Request, engine: Engine, doors: Doors) -> User | None:
    """The user that `request` proves to come from; None where it proves nobody. Raises Refusal for a wrong proof."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        found = _by_token(engine, token.strip())
        if found is None:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "This token is not known", "ask whoever runs the server for one")
        return found
    if doors.user_header and request.client and request.client.host in doors.proxies:
        name = request.headers.get(doors.user_header)
        if name:
            role = request.headers.get(doors.role_header or "", Role.READER)
            return User(shown(name, 200), Role.UPLOADER if role == Role.UPLOADER else Role.READER)
    word = request.cookies.get(COOKIE)
    if word and (found := _by_session(engine, word)):
        return found
    return User("local", Role.UPLOADER) if doors.open else None


def _by_token(engine: Engine, token: str) -> User | None:
    with reading(engine) as connection:
        row = connection.execute(select(tokens).where(tokens.c.digest == _digest(token))).one_or_none()
    return None if row is None else User(row.name, Role(row.role))


def _by_session(engine: Engine, word: str) -> User | None:
    asked = select(tokens.c.name, tokens.c.role).join(sessions, sessions.c.token == tokens.c.name)
    asked = asked.where(sessions.c.digest == _digest(word), sessions.c.ends >= time.time())
    with reading(engine) as connection:
        row = connection.execute(asked).one_or_none()
    return None if row is None else User(row.name, Role(row.role), session=True)


def check_origin(request: Request, doors: Doors) -> None:
    """Raises Refusal for what another site asks in the name of a browser, and for a name that is not this server's."""
    host = request.headers.get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    if doors.hosts and name not in doors.hosts:
        raise Refusal(HTTPStatus.MISDIRECTED_REQUEST, "This is not the name of this server", "see --host-name")
    if request.method in _SAFE or request.headers.get("authorization", "")[:7].lower() == "bearer ":
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    foreign = site not in ("same-origin", "none") if site else origin is not None and urlsplit(origin).netloc != host
    if foreign:
        raise Refusal(HTTPStatus.FORBIDDEN, "This was asked by another site", "use the page of this server")
