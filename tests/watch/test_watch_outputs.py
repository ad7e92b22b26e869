"""Where messages go: a server that fails, hangs and answers late, a command, pages, metrics, a file cut by a crash."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families
from stories import CRASH
from told import Growing

from logtrace.errors import UsageError
from logtrace.watch import messages
from logtrace.watch.outputs.command import Command
from logtrace.watch.outputs.lines import JsonLines, PlainLines
from logtrace.watch.outputs.metrics import Metrics
from logtrace.watch.outputs.pages import Pages
from logtrace.watch.outputs.queue import Queue
from logtrace.watch.outputs.webhook import Webhook, signature
from logtrace.watch.run import News

PROMTOOL = shutil.which("promtool")
ALERTS = Path(__file__).parents[2] / "docs" / "watch" / "alerts.yml"


@pytest.fixture(scope="module")
def news() -> News:
    """A crash that opened and closed."""
    story = Growing(CRASH)
    told = story.until("12:05:10.21") + story.until("12:05:12")
    assert story.found is not None
    story.close()
    return News(told, {case.name: case for case in story.found.cases}, 42, 7, 0.25)


def until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


# --- the web hook -------------------------------------------------------------------------------------


class Receiver(http.server.ThreadingHTTPServer):
    """Answers as `answers` say, one after another, then with 200: a status, seconds to wait before 200, or a place."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[int | float | str] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def handle_error(self, *_: Any) -> None:
        """Whoever gave up waiting is gone."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        answer = self.server.answers.pop(0) if self.server.answers else 200
        if isinstance(answer, float):
            self.server.released.wait(answer)
            answer = 200
        if isinstance(answer, str):
            self.send_response(307)
            self.send_header("Location", answer)
        else:
            self.send_response(answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def hook(url: str, said: list[str], secret: Path | None = None, **bounds: Any) -> Webhook:
    return Webhook(url, secret, said.append, **{"patience": 0.3, "waits": (0.01,) * 6} | bounds)


def test_each_message_is_posted_once_and_signed(receiver: Receiver, news: News, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("  hush \n")
    said: list[str] = []
    told = hook(receiver.url, said, secret)
    told.tell(news)
    until(lambda: not told.waiting())
    assert [json.loads(body)["what"] for _, body in receiver.got] == ["opened", "closed"]
    for headers, body in receiver.got:
        stamp = int(headers["X-Logtrace-Signature"].split(",")[0].removeprefix("t="))
        assert headers["X-Logtrace-Signature"] == signature(body, b"hush", stamp)
        assert headers["Idempotency-Key"] == json.loads(body)["key"]
    assert said == []
    told.close()


@pytest.mark.parametrize("answer", [500, 503, 429, 1.0])
def test_a_receiver_that_fails_or_hangs_is_asked_again(receiver: Receiver, news: News, answer: float) -> None:
    said: list[str] = []
    receiver.answers = [answer, answer]
    told = hook(receiver.url, said)
    told.tell(news)
    until(lambda: not told.waiting())
    keys = [headers["Idempotency-Key"] for headers, _ in receiver.got]
    assert keys == [news.messages[0].key] * 3 + [news.messages[1].key]
    assert len(said) == 1
    told.close()


def test_an_answer_that_is_late_but_comes_is_an_answer(receiver: Receiver, news: News) -> None:
    said: list[str] = []
    receiver.answers = [0.2]
    told = hook(receiver.url, said, patience=5.0)
    told.tell(news)
    until(lambda: not told.waiting())
    assert len(receiver.got) == 2
    assert said == []
    told.close()


@pytest.mark.parametrize("answer", [400, 401, "http://127.0.0.1:1/elsewhere"])
def test_a_receiver_that_refuses_is_not_asked_again(receiver: Receiver, news: News, answer: Any) -> None:
    said: list[str] = []
    receiver.answers = [answer]
    told = hook(receiver.url, said)
    told.tell(news)
    until(lambda: not told.waiting())
    assert len(receiver.got) == 2
    assert "was not taken" in said[-1]
    told.close()


def test_a_receiver_that_is_away_keeps_messages_waiting_for_the_next_start(news: News) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # bound, and nobody listens
        said: list[str] = []
        told = hook(f"http://127.0.0.1:{port}/", said, waits=(60.0,))
        told.tell(news)
        until(lambda: bool(said))
        assert [json.loads(line)["what"] for line in told.waiting()] == ["opened", "closed"]
        assert "cannot be reached" in said[0]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "hook", "http:///x"])
def test_only_the_web_is_a_web_hook(url: str) -> None:
    with pytest.raises(UsageError, match="no address of a web hook"):
        Webhook(url, None, lambda _: None)


def test_a_secret_must_be_one(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    for name, why in (("empty", "holds no secret"), ("none", "cannot be read")):
        with pytest.raises(UsageError, match=why):
            Webhook("http://host/", tmp_path / name, lambda _: None)


def test_a_queue_holds_so_many_and_says_what_is_lost() -> None:
    said: list[str] = []
    go = threading.Event()
    sent: list[str] = []

    def send(line: str) -> None:
        go.wait()
        sent.append(line)

    queue = Queue("--webhook", send, said.append, most=3)
    queue.put(["a", "b", "c", "d"])
    assert len(said) == 1
    assert queue.waiting() == ["a", "b", "c"]
    go.set()
    queue.close()
    assert sent == ["a", "b", "c"]


# --- the command --------------------------------------------------------------------------------------


def test_a_command_gets_each_message_on_its_input_and_no_shell_sees_it(news: News, tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = f"import sys; open({str(out)!r}, 'a').write(sys.stdin.read() + repr(sys.argv[1:]) + '\\n')"
    said: list[str] = []
    command = Command(f"{sys.executable} -c \"{script}\" '$HOME' '; touch {tmp_path}/pwned'", said.append)
    command.tell(news)
    until(lambda: not command.waiting())
    lines = out.read_text().splitlines()
    assert [json.loads(line)["what"] for line in lines[::2]] == ["opened", "closed"]
    assert lines[1] == repr(["$HOME", f"; touch {tmp_path}/pwned"])
    assert not (tmp_path / "pwned").exists()
    assert said == []
    command.close()


@pytest.mark.parametrize(
    ("command", "why"),
    [("sleep 30", "did not end within"), ("false", "ended with status 1"), ("/nonexistent", "No such file")],
)
def test_a_command_that_fails_or_hangs_is_said_and_the_next_is_run(news: News, command: str, why: str) -> None:
    said: list[str] = []
    told = Command(command, said.append, patience=0.2)
    told.tell(news)
    until(lambda: not told.waiting())
    assert len(said) == 2
    assert why in said[0]
    told.close()


@pytest.mark.parametrize("command", ["", "echo 'a"])
def test_a_command_line_that_is_none_is_refused(command: str) -> None:
    with pytest.raises(UsageError):
        Command(command, lambda _: None)


# --- lines --------------------------------------------------------------------------------------------


def test_messages_keep_their_schema(news: News) -> None:
    schema = json.loads(messages.schema())
    for message in news.messages:
        jsonschema.validate(json.loads(messages.line(message)), schema)
    assert set(schema["$defs"]["What"]["enum"]) == {"opened", "changed", "closed", "reopened", "withdrawn"}


@pytest.mark.parametrize("written", ["", "all", "torn"])
def test_a_message_that_may_have_been_written_before_a_crash_stands_in_the_file_once(
    tmp_path: Path, news: News, written: str
) -> None:
    path = tmp_path / "out"
    line = messages.line(news.messages[0])
    path.write_text({"": "", "all": line, "torn": line[:50]}[written])
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    JsonLines(descriptor).again([line])
    os.close(descriptor)
    assert path.read_text().splitlines().count(line.rstrip()) == 1
    assert path.read_text().endswith("\n")


def test_plain_lines_are_harmless_and_tell_what_to_do(tmp_path: Path, news: News) -> None:
    path = tmp_path / "out"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    hostile = json.loads(messages.line(news.messages[1])) | {"title": "a\x1b[2Jb\u202ec"}
    PlainLines(descriptor).again([json.dumps(hostile) + "\n"])
    os.close(descriptor)
    text = path.read_text()
    assert "closed" in text
    assert "service crash" in text
    assert len(text.splitlines()) >= 3
    assert all(line.isprintable() for line in text.splitlines())


# --- pages and metrics --------------------------------------------------------------------------------


def test_the_page_is_written_when_an_incident_closes(tmp_path: Path, news: News) -> None:
    Pages(tmp_path / "pages").tell(news)
    (page,) = (tmp_path / "pages").iterdir()
    assert page.name == f"20261122T120510-{news.messages[0].incident_id}.html"
    assert "Content-Security-Policy" in page.read_text()


def families(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_are_answered_on_loopback_and_count_each_incident_once(news: News) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    metrics = Metrics(f":{port}", None)
    assert metrics._server.server_address[0] == "127.0.0.1"
    metrics.tell(news)
    closed = news.messages[-1]
    metrics.tell(News([closed], {}, 50, 0, 0.1))  # it closed again
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        told = families(answer.read().decode())
    fault = (("kind", "fault"), ("root_cause", "service_crash"))
    assert told["logtrace_incidents_total", fault] == 1
    assert told["logtrace_outage_seconds_total", fault] == pytest.approx(1.5)
    assert told["logtrace_incidents_open", (("kind", "fault"),)] == 0
    assert told["logtrace_recovery_phase_seconds_total", (("phase", "start"),)] > 0.9
    assert told["logtrace_lines_read_total", ()] == 50
    assert told["logtrace_behind_bytes", ()] == 0
    assert told["logtrace_last_incident_timestamp_seconds", (("kind", "fault"),)] == pytest.approx(1795349110.2)
    metrics.close()


def test_metrics_for_the_textfile_collector(tmp_path: Path, news: News) -> None:
    path = tmp_path / "logtrace.prom"
    metrics = Metrics(None, path)
    metrics.tell(News(news.messages[:1], {}, 1, 0, 0.1))
    assert families(path.read_text())["logtrace_incidents_open", (("kind", "fault"),)] == 1


promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool (Debian's prometheus) to check with")


@promtool
def test_prometheus_takes_the_metrics_and_has_nothing_to_say(tmp_path: Path, news: News) -> None:
    path = tmp_path / "logtrace.prom"
    Metrics(None, path).tell(news)
    done = subprocess.run([str(PROMTOOL), "check", "metrics"], input=path.read_bytes(), capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@promtool
def test_prometheus_takes_the_alert_rules() -> None:
    done = subprocess.run([str(PROMTOOL), "check", "rules", ALERTS], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_alert_rules_ask_for_metrics_there_are(tmp_path: Path, news: News) -> None:
    path = tmp_path / "logtrace.prom"
    Metrics(None, path).tell(news)
    asked = set(re.findall(r"\blogtrace_\w+", ALERTS.read_text()))
    assert len(asked) > 3
    assert asked <= {name for name, _ in families(path.read_text())}


@pytest.mark.parametrize("address", ["9112", ":", ":x", ":0", ":99999"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        Metrics(address, None)
