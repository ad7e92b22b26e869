"""What goes for every request: time limits for slow clients, headers that tie a browser's hands, and the access log."""

from __future__ import annotations

import asyncio
import logging
import time
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logtrace.serve.refusals import Refusal

#: Bytes a second that a client must send on average, beyond the first minutes.
_SLOWEST: Final = 4096

_log = logging.getLogger("logtrace.access")

#: For all that does not say it itself. Nothing but this server's own scripts runs, and nothing is sent elsewhere.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}


class Guard:
    """Stands around the application."""

    def __init__(self, app: ASGIApp, patience: float) -> None:
        self._app = app
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        status, sent = 0, 0

        async def sending(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            else:
                sent += len(message.get("body", b""))
            async with asyncio.timeout(self._patience):
                await send(message)

        try:
            await self._app(scope, _Bounded(receive, self._patience), sending)
        except TimeoutError:  # whoever takes so long to read is left
            status = status or HTTPStatus.REQUEST_TIMEOUT
        finally:
            self._note(scope, status, sent, time.monotonic() - began)

    def _note(self, scope: Scope, status: int, sent: int, seconds: float) -> None:
        """One line, without what was asked for in the query, which may name a customer, and without secrets."""
        user = scope.get("state", {}).get("user")
        client = scope["client"][0] if scope.get("client") else "-"
        path = scope["path"].encode("ascii", "backslashreplace").decode()[:200]
        told = (client, user.name if user else "-", scope["method"], path, status, sent, seconds)
        _log.info("%s %r %s %r %d %d %.3f", *told)


class _Bounded:
    """What gives the body of a request. Raises Refusal where the client is too slow."""

    def __init__(self, receive: Receive, patience: float) -> None:
        self._receive = receive
        self._patience = patience
        self._until = time.monotonic() + 4 * patience
        self._whole = False

    async def __call__(self) -> Message:
        if self._whole:  # what comes next is the end of the connection
            return await self._receive()
        left = min(self._patience, self._until - time.monotonic())
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            raise Refusal(
                HTTPStatus.REQUEST_TIMEOUT, "The upload came too slowly", "send it again", {"Connection": "close"}
            ) from None
        self._until += len(message.get("body", b"")) / _SLOWEST
        self._whole = not message.get("more_body", False)
        return message
