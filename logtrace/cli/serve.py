"""`logtrace serve`: a page for a team, on which archives are dropped and answers are read."""

from __future__ import annotations

import logging
import os
import re
import socket
from enum import StrEnum
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from logtrace.cli.groups import Group
from logtrace.cli.messages import put, say
from logtrace.cli.options import number
from logtrace.domain import sizes
from logtrace.errors import UsageError

if TYPE_CHECKING:
    from logtrace.serve.access import Doors
    from logtrace.serve.settings import Settings

_DAYS: Final = re.compile(r"(?P<days>[0-9]{1,5})d")
_DAY: Final = 86_400
_LOOPBACK: Final = ("127.0.0.1", "::1")


class Role(StrEnum):
    """What a token allows: to read, or also to upload, to write beside cases and to delete."""

    READER = "reader"
    UPLOADER = "uploader"


class Listening(Group, frozen=True, kw_only=True):
    """Where the server is reached, and by whom."""

    heading = "Who may come in"

    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1"
    port: Annotated[int, typer.Option(metavar="PORT", help="0: any that is free.", parser=number(0, 65535))] = 8464
    host_name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A name by which browsers may ask; may be repeated.")
    ] = None
    private: Annotated[bool, typer.Option("--private", help="Everybody sees only what they uploaded.")] = False
    user_header: Annotated[
        str | None, typer.Option(metavar="NAME", help="Header in which a trusted proxy names the user.")
    ] = None
    role_header: Annotated[
        str | None, typer.Option(metavar="NAME", help="Header in which it gives the role; else all are readers.")
    ] = None
    proxy: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="A trusted proxy; may be repeated; else loopback.")
    ] = None


class Tokens(Group, frozen=True, kw_only=True):
    """Tokens are made and ended by the same command, which then serves nothing."""

    heading = "Tokens"

    add_token: Annotated[str | None, typer.Option(metavar="NAME", help="Print a new token for NAME, and end.")] = None
    role: Annotated[Role, typer.Option(metavar="ROLE", help="What it allows: reader, or uploader.")] = Role.UPLOADER
    remove_token: Annotated[str | None, typer.Option(metavar="NAME", help="End the token of NAME, and end.")] = None


class Bounds(Group, frozen=True, kw_only=True):
    """What uploads and analyses may take."""

    heading = "Limits"

    workers: Annotated[int, typer.Option(metavar="N", help="Analyses at once.", parser=number(1, 64))] = 1
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Let a Dask cluster analyse: tcp://HOST:8786.")
    ] = None
    max_memory: Annotated[str, typer.Option(metavar="SIZE", help="Memory of one analysis.")] = "4G"
    max_time: Annotated[
        int, typer.Option(metavar="SECONDS", help="Time of one analysis.", parser=number(1, 86_400))
    ] = 600
    max_upload: Annotated[str, typer.Option(metavar="SIZE", help="Size of one upload.")] = "1G"
    max_files: Annotated[int, typer.Option(metavar="N", help="Files of one upload.", parser=number(1, 10_000))] = 50
    rate: Annotated[
        int, typer.Option(metavar="N", help="Uploads of a user in a minute.", parser=number(1, 100_000))
    ] = 120
    min_free: Annotated[str, typer.Option(metavar="SIZE", help="What uploads leave of the disk.")] = "1G"
    max_wait: Annotated[
        int, typer.Option(metavar="SECONDS", help="For a client that sends or takes nothing.", parser=number(1, 3600))
    ] = 30
    keep: Annotated[
        str | None, typer.Option(metavar="DAYS", help="Delete what nobody uploaded again for so long, such as 90d.")
    ] = None

    def __post_init__(self) -> None:
        """Raises UsageError where a scheduler is named and nothing here can talk to it."""
        if self.scheduler is not None and find_spec("distributed") is None:
            raise UsageError(
                "what talks to a scheduler is not installed",
                where="--scheduler",
                remedy="pip install 'logtrace[fleet]'",
            )


def serve(
    *,
    store: Annotated[
        str, typer.Argument(metavar="STORE", help="The store of cases, as of logtrace fleet: a folder or an address.")
    ],
    state: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Where uploads, pages and the database are; else STORE/serve."),
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="postgresql://USER@HOST/NAME; else SQLite in STORE.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No log of accesses.")] = False,
    listening: Listening,
    tokens: Tokens,
    bounds: Bounds,
) -> None:
    """Serve a page on which a team drops archives and reads cases.

    It listens on the loopback address, for everybody on this machine, unless told otherwise; to listen elsewhere takes
    a token, or a proxy that names users. Nothing is fetched from elsewhere, and nothing is sent anywhere.

    For example:
      logtrace serve store                                    # open the address it prints
      logtrace serve store --add-token ann --role uploader    # print a token
      logtrace serve store --host 0.0.0.0 --keep 90d          # for others, who have tokens
    """
    try:
        from logtrace.fleet.places import protocol_of
        from logtrace.serve import access, server
        from logtrace.serve import store as stores
        from logtrace.serve.database import connect
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed", remedy="pip install 'logtrace[serve]'") from error

    if state is None and protocol_of(store) is not None:
        raise UsageError("uploads do not go to an address", where=store, remedy="add --state DIR")
    stores.check(store)
    folder = Path(state or Path(store, "serve")).absolute()
    settings = _settings(store, folder, database, bounds, private=listening.private)
    os.umask(0o077)  # logs are confidential
    try:
        settings.make_folders()
    except OSError as error:
        raise UsageError(
            f"cannot be made ({error.strerror})", where=str(folder), remedy="name another folder"
        ) from error
    engine = connect(settings.database)
    if tokens.add_token is not None:
        put(access.add_token(engine, tokens.add_token, access.Role(tokens.role)) + "\n")
        return
    if tokens.remove_token is not None:
        access.remove_token(engine, tokens.remove_token)
        return
    doors = _doors(listening, everybody=not access.has_tokens(engine) and listening.user_header is None)
    bound = _listen(listening.host, listening.port)
    logging.basicConfig(level=logging.WARNING if quiet else logging.INFO, format="%(asctime)s %(message)s")
    say(f"serving {store} at {_address(bound)}" + (" for everybody on this machine" if doors.open else ""))
    server.run(engine, settings, doors, bound)


def _settings(store: str, folder: Path, database: str | None, bounds: Bounds, *, private: bool) -> Settings:
    from logtrace.fleet.places import protocol_of
    from logtrace.serve.settings import Settings

    return Settings(
        folder=str(folder),
        store=store if protocol_of(store) else str(Path(store).absolute()),
        database=database or f"sqlite:///{folder / 'serve.db'}",
        workers=bounds.workers,
        memory=_size("--max-memory", bounds.max_memory),
        seconds=bounds.max_time,
        max_upload=_size("--max-upload", bounds.max_upload),
        max_files=bounds.max_files,
        rate=bounds.rate,
        min_free=_size("--min-free", bounds.min_free),
        keep=_days(bounds.keep),
        scheduler=bounds.scheduler,
        private=private,
        patience=float(bounds.max_wait),
    )


def _doors(listening: Listening, *, everybody: bool) -> Doors:
    """Raises UsageError where strangers could come in."""
    from logtrace.serve.access import Doors

    own = _loopback(listening.host)
    if everybody and not own:
        raise UsageError(
            "whoever reaches this address could read and upload",
            where=f"--host {listening.host}",
            remedy="see --add-token",
        )
    return Doors(
        open=everybody,
        user_header=listening.user_header,
        role_header=listening.role_header,
        proxies=tuple(listening.proxy or _LOOPBACK),
        hosts=tuple(listening.host_name or (("localhost", *_LOOPBACK) if own else ())),
    )


def _size(option: str, text: str) -> int:
    found = sizes.given(text)
    if found is None or found <= 0:
        raise UsageError(f"no size: {text!r}", where=option, remedy="write 2G or 500M")
    return found


def _days(text: str | None) -> float | None:
    if text is None:
        return None
    match = _DAYS.fullmatch(text)
    if match is None or int(match["days"]) == 0:
        raise UsageError(f"no number of days: {text!r}", where="--keep", remedy="write 90d")
    return float(int(match["days"]) * _DAY)


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    """A socket at this address. Raises UsageError where there can be none."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError as error:
        raise UsageError(
            f"nobody can listen there ({error.strerror})", where=f"{host}:{port}", remedy="see --host and --port"
        ) from error
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
