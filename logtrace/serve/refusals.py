"""What is answered when something is refused: a status, one sentence, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from msgspec import Struct


class Refusal(Exception):  # noqa: N818 - what is refused is no error of the server
    """An answer that ends a request; `headers` go with it."""

    def __init__(
        self, status: HTTPStatus, message: str, remedy: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.told = Told(int(status), message, remedy)
        self.headers = dict(headers or {})


class Told(Struct, frozen=True):
    """Why a request was refused, and what to do."""

    status: int
    message: str
    remedy: str


def not_found() -> Refusal:
    """For what is not there, and for what is not this user's, which must look the same."""
    return Refusal(HTTPStatus.NOT_FOUND, "There is nothing here", "it may have been deleted, or be somebody else's")
