"""`--webhook`: each message as the body of a POST, signed, and sent again until somebody takes it.

The signature is that of many web hooks: `X-Logtrace-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 of
`SECONDS.BODY` with the secret. `Idempotency-Key` is the key of the message, the same each time it is sent.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from logtrace.errors import UsageError
from logtrace.version import VERSION
from logtrace.watch.outputs.queue import Queued

#: Seconds a receiver may take to answer.
_PATIENCE: Final = 10.0

#: Seconds between attempts: twice as long each time, up to the last, for as long as a service takes to be restarted by
#: somebody who has to be called.
_WAITS: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, *[60.0] * 60)

#: Answers after which it makes sense to try again: the receiver, or one before it, is busy or away.
_LATER: Final = frozenset({408, 425, 429})

_LONGEST_SECRET: Final = 4096


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What is signed for one receiver goes to no other."""

    def redirect_request(self, *_: object) -> None:
        return None


class Webhook(Queued):
    """Raises UsageError for an address that is none, and for a secret that cannot be read."""

    name = "--webhook"

    def __init__(
        self,
        url: str,
        secret: Path | None,
        say: Callable[[str], None],
        *,
        patience: float = _PATIENCE,
        waits: Sequence[float] = _WAITS,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError("is no address of a web hook", where=self.name, remedy="write https://HOST/PATH")
        self._url = url
        self._secret = _secret(secret) if secret else None
        self._say = say
        self._patience = patience
        self._waits = waits
        self._open = urllib.request.build_opener(_NoRedirects()).open
        super().__init__(self._deliver, say)

    def _deliver(self, line: str) -> None:
        reason = ""
        for number, wait in enumerate((*self._waits, None)):
            reason, again = self._send(line)
            if not reason:
                return
            if number == 0:
                self._say(f"warning: {self.name}: {reason}" + ("; it is sent again" if again else ""))
            if not again or wait is None or not self._queue.pause(wait):
                break
        self._say(f"warning: {self.name}: message {json.loads(line)['key']} was not taken: {reason}")

    def _send(self, line: str) -> tuple[str, bool]:
        """Why a message was not taken, in words ("" where it was), and whether to try again."""
        body = line.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"logtrace/{VERSION}",
            "Idempotency-Key": json.loads(line)["key"],
        }
        if self._secret is not None:
            headers["X-Logtrace-Signature"] = signature(body, self._secret, int(time.time()))
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310 - http or https, see above
        try:
            with self._open(request, timeout=self._patience):
                return "", False
        except urllib.error.HTTPError as error:
            error.close()
            return f"the receiver answered {error.code}", error.code >= 500 or error.code in _LATER
        except (OSError, http.client.HTTPException) as error:
            cause = error.reason if isinstance(error, urllib.error.URLError) else error
            return f"the receiver cannot be reached: {cause}", True


def signature(body: bytes, secret: bytes, now: int) -> str:
    """What the header of the signature says of `body` sent at `now` (epoch)."""
    digest = hmac.new(secret, b"%d." % now + body, hashlib.sha256).hexdigest()
    return f"t={now},v1={digest}"


def _secret(path: Path) -> bytes:
    try:
        secret = path.read_bytes()[: _LONGEST_SECRET + 1].strip()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), remedy="name a file") from None
    if not secret or len(secret) > _LONGEST_SECRET:
        raise UsageError("holds no secret", where=str(path), remedy="write a line of random characters into it")
    return secret
