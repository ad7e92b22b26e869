"""What is told of an incident while it happens: one message for each thing that is new, as JSON has it.

The incident in it is that of the document of `analyze` (logtrace.render.document), its schema is `schema()` here.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

from logtrace.render import document
from logtrace.report.incident import Incident


class What(StrEnum):
    """opened: it began. changed: what is known of it is other than was told. closed: the cluster is done with it, or
    nothing can follow from it any more. reopened: it was closed, and goes on, or later lines change the verdict; once.
    withdrawn: later lines show that it is none of its own.
    """

    OPENED = "opened"
    CHANGED = "changed"
    CLOSED = "closed"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Message(Struct, frozen=True):
    """One message.

    `incident` is the whole of what is known of it then, null where it is withdrawn; its `id` counts within that look at
    the logs and is not the `incident_id`.
    """

    key: Annotated[str, Meta(description="Unique for each message, and the same where it is sent again.")]
    what: What
    incident_id: Annotated[str, Meta(description="The same in all messages of one incident.")]
    number: Annotated[int, Meta(description="Counts the messages of the incident, from 1.", ge=1)]
    told: Annotated[datetime, Meta(description="When this was told, by the clock of the machine that watches.")]
    case: Annotated[str, Meta(description="Name of the cluster, or of what is watched.")]
    title: Annotated[str, Meta(description="The incident in one sentence.")]
    reason: Annotated[str | None, Meta(description="Why it was reopened, changed or withdrawn.")]
    incident: Incident | None


def to_dict(message: Message) -> dict[str, Any]:
    """A message as plain values, in the form of the schema."""
    told: dict[str, Any] = {key: value for key, (value, _) in document.HEAD.items()}
    told |= document.plain(message)
    return told


def line(message: Message) -> str:
    """A message as one line of JSON, ASCII only, with its line end."""
    return json.dumps(to_dict(message), allow_nan=False) + "\n"


def schema() -> str:
    """The JSON Schema (draft 2020-12) of a message. It grows with the document of `analyze`, whose incident it has."""
    version = document.SCHEMA_VERSION
    title = f"logtrace watch message, schema_version {version}"
    return document.schema_of(Message, f"urn:logtrace:watch:{version}", title, document.HEAD)
