"""`logtrace serve`: a page for a team, on which archives are dropped and answers are read."""

from __future__ import annotations

import logging
import os
import re
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final

import typer

from logtrace.cli.messages import put, say
from logtrace.cli.options import number
from logtrace.domain import sizes
from logtrace.errors import UsageError, there_are

_DAYS: Final = re.compile(r"(?P<days>[0-9]{1,5})d")
_DAY: Final = 86_400


def serve(
    store: Annotated[str, typer.Argument(metavar="STORE", help="The folder in which all of it is kept.")],
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="PORT", help="0: any that is free.", parser=number(0, 65535))] = 8464,
    database: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="postgresql://USER@HOST/NAME; else SQLite in STORE.")
    ] = None,
    workers: Annotated[int, typer.Option(metavar="N", help="Analyses at once.", parser=number(1, 64))] = 1,
    max_memory: Annotated[str, typer.Option(metavar="SIZE", help="Memory of one analysis.")] = "4G",
    max_time: Annotated[
        int, typer.Option(metavar="SECONDS", help="Time of one analysis.", parser=number(1, 86_400))
    ] = 600,
    max_upload: Annotated[str, typer.Option(metavar="SIZE", help="Size of one upload.")] = "1G",
    max_files: Annotated[int, typer.Option(metavar="N", help="Files of one upload.", parser=number(1, 10_000))] = 50,
    rate: Annotated[
        int, typer.Option(metavar="N", help="Uploads of a user in a minute.", parser=number(1, 100_000))
    ] = 120,
    min_free: Annotated[str, typer.Option(metavar="SIZE", help="What uploads leave of the disk.")] = "1G",
    keep: Annotated[
        str | None, typer.Option(metavar="90d", help="Delete what nobody uploaded again for so many days.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Everybody sees only what they uploaded.")] = False,
    add_token: Annotated[str | None, typer.Option(metavar="NAME", help="Print a new token for NAME, and end.")] = None,
    remove_token: Annotated[str | None, typer.Option(metavar="NAME", help="End the token of NAME, and end.")] = None,
    role: Annotated[
        str, typer.Option(metavar="reader|uploader", help="What a new token allows: to read, or also to upload.")
    ] = "uploader",
    user_header: Annotated[
        str | None, typer.Option(metavar="NAME", help="Header in which a trusted proxy names the user.")
    ] = None,
    role_header: Annotated[
        str | None, typer.Option(metavar="NAME", help="Header in which it gives the role; else all are readers.")
    ] = None,
    proxy: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="A trusted proxy; may be repeated; else loopback.")
    ] = None,
    host_name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A name by which browsers may ask; may be repeated.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No log of accesses.")] = False,
) -> None:
    """Serve a page on which archives are dropped and answers are read.

    It listens on the loopback address unless told otherwise, which takes a token or a proxy that names users.
    """
    try:
        from logtrace.serve import access, server
        from logtrace.serve.database import connect
        from logtrace.serve.settings import Settings
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed", remedy="pip install 'logtrace[serve]'") from error

    folder = Path(store, "serve").absolute()
    settings = Settings(
        folder=str(folder),
        database=database or f"sqlite:///{folder / 'serve.db'}",
        workers=workers,
        memory=_size("--max-memory", max_memory),
        seconds=max_time,
        max_upload=_size("--max-upload", max_upload),
        max_files=max_files,
        rate=rate,
        min_free=_size("--min-free", min_free),
        keep=_days(keep),
        private=private,
    )
    os.umask(0o077)  # logs are confidential
    try:
        settings.make_folders()
    except OSError as error:
        raise UsageError(
            f"cannot be made ({error.strerror})", where=str(folder), remedy="name another folder"
        ) from error
    engine = connect(settings.database)
    if add_token is not None:
        if role not in tuple(access.Role):
            raise UsageError(f"no role: {role!r}", where="--role", remedy=there_are(access.Role))
        put(access.add_token(engine, add_token, access.Role(role)) + "\n")
        return
    if remove_token is not None:
        access.remove_token(engine, remove_token)
        return
    everybody = not access.has_tokens(engine) and user_header is None
    if everybody and not _loopback(host):
        raise UsageError(
            "whoever reaches this address could read and upload", where=f"--host {host}", remedy="see --add-token"
        )
    doors = access.Doors(
        open=everybody,
        user_header=user_header,
        role_header=role_header,
        proxies=tuple(proxy or ("127.0.0.1", "::1")),
        hosts=tuple(host_name or (("localhost", "127.0.0.1", "::1") if _loopback(host) else ())),
    )
    listening = _listen(host, port)
    logging.basicConfig(level=logging.WARNING if quiet else logging.INFO, format="%(asctime)s %(message)s")
    say(f"serving {store} at {_address(listening)}" + (" for everybody on this machine" if everybody else ""))
    server.run(engine, settings, doors, listening)


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
