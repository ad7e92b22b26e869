"""A server of its own for a test: `logtrace serve` as a process, on a free port of the loopback address."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import stories

ROOT = Path(__file__).parents[2]
ARCHIVE = ROOT / "samples" / "slow-init" / "crm_report.tar.bz2"
#: Seconds within which anything happens, also on a machine that is busy with much else.
SOON = 90.0


class Answer:
    """What a server answered."""

    def __init__(self, answer: HTTPResponse) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self.body = answer.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Server:
    """A server that runs."""

    def __init__(self, store: Path | str, *options: str, log: Path | None = None) -> None:
        """`store` may be an address, and then `log` says where the server's own log goes."""
        self.store = Path(store)
        self.log = log or self.store.with_name(f"{self.store.name}.{time.monotonic_ns()}.log")
        with self.log.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "logtrace", "serve", str(store), "--port", "0", "--min-free", "1M", *options],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        until(lambda: re.search(r"http://\S+", self.said()) or self.process.poll() is not None)
        found = re.search(r"http://\S+(?=/)", self.said())
        assert found, self.said()
        self.address = found.group()

    def said(self) -> str:
        return self.log.read_text()

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=SOON)
        try:
            connection.request(method, path, body, dict(headers or {}))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=named(headers))

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields).encode(), kind | named(headers))

    def upload(self, *files: tuple[str, bytes], text: str | None = None, **headers: str) -> Answer:
        body, kind = form(files, text)
        return self.ask("POST", "/api/cases", body, {"Content-Type": kind} | named(headers))

    def wait(self, job: str, **headers: str) -> Any:
        """The job, once it is done or has failed."""

        def ended() -> Any:
            told = self.get(f"/api/jobs/{job}", **headers).json
            return told if told["state"] in ("done", "failed") else None

        return until(ended)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SOON)


def named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def until(condition: Any, seconds: float = SOON) -> Any:
    """What the condition gives once that is true."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def form(files: Sequence[tuple[str, bytes]], text: str | None = None) -> tuple[bytes, str]:
    """A form with files as browsers and curl send it, and its content type."""
    parts = [
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/octet-stream'
        f"\r\n\r\n".encode()
        + content
        for name, content in files
    ]
    if text is not None:
        parts.append(b'Content-Disposition: form-data; name="text"\r\n\r\n' + text.encode())
    boundary = "between-the-parts-7f3a"
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts)
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


@contextmanager
def server(store: Path | str, *options: str, log: Path | None = None) -> Iterator[Server]:
    """A server that ends with the block."""
    running = Server(store, *options, log=log)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end()


def log(resource: str = "db", node: str = "node1", day: str = stories.DAY) -> bytes:
    """The log of a node on which a resource died; another resource, or node, makes another case."""
    told = f"""
    16:40:00 {node} {resource} start in 1s: ok
    16:40:02 {node} {resource} monitor 10s: ok
    16:46:48 {node} {resource} monitor 10s: not running
    16:46:48.2 {node} plan 7: Recover {resource} ( {node} )
    16:46:49 {node} {resource} stop in 0.1s: ok
    16:46:50 {node} {resource} start in 1s: ok
    16:46:52 {node} done 7
    """
    files = stories.write(stories.tell(told, nodes=(node,), day=day))
    return files[f"{node}/pacemaker.log"].encode()
