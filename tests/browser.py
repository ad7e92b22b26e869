"""A headless Chromium, spoken to over its debugging pipe: enough to load a page and to ask it things."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--remote-debugging-pipe",
)  # fmt: skip


class Browser:
    """One tab. `complaints` are errors of scripts and of the security policy, `requests` everything it fetched,
    `choosers` the fields that asked for files.

    Every request is intercepted; one for anything but what begins with one of `allowed`, at first files, is refused.
    """

    def __init__(self, process: subprocess.Popen[bytes], to: int, back: int) -> None:
        self._process, self._to, self._back = process, to, back
        self._number, self._buffer, self._session = 0, b"", ""
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.choosers: list[int] = []
        self.allowed: tuple[str, ...] = ("file:",)
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Fetch.enable", patterns=[{"urlPattern": "*"}])

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        number = self._send(method, **params)
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self._hear(answer.get("method"), answer.get("params", {}))

    def _send(self, method: str, **params: Any) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        return self._number

    def _hear(self, event: str | None, said: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"][:200])
        elif event == "Fetch.requestPaused":
            url, request = said["request"]["url"], said["requestId"]
            self.requests.append(url[:200])
            if url.startswith(self.allowed):
                self._send("Fetch.continueRequest", requestId=request)
            else:
                self._send("Fetch.failRequest", requestId=request, errorReason="AccessDenied")
        elif event == "Page.fileChooserOpened":
            self.choosers.append(said["backendNodeId"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(str(said)[:500])
        elif event in ("Log.entryAdded", "Runtime.consoleAPICalled"):
            self.complaints.append(str(said.get("entry", said))[:500])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            chunk = os.read(self._back, 1 << 20)
            assert chunk, "the browser ended"
            self._buffer += chunk
        message, self._buffer = self._buffer.split(b"\0", 1)
        answer: dict[str, Any] = json.loads(message)
        return answer

    def open(
        self, path: Path, *, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True,
        fragment: str = "",
    ) -> Self:  # fmt: skip
        """Show the file at `path`."""
        if fragment:
            self._call("Page.navigate", url="about:blank")  # else the browser would only scroll
        return self.visit(path.as_uri() + fragment, width=width, height=height, dark=dark, scripts=scripts)

    def leave(self) -> None:
        """Leave the page that is shown, which may go on asking for things by itself, and forget what it fetched."""
        self._call("Page.navigate", url="about:blank")
        self.wait("location.protocol === 'about:' && document.readyState === 'complete'")
        self.requests.clear()

    def visit(
        self, address: str, *, width: int = 1280, height: int = 900, dark: bool = False, scripts: bool = True
    ) -> Self:
        """Show what is at an address."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", media="screen", features=[scheme])
        self._call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && location.protocol !== 'about:'")
        return self

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def ask_frame(self, address: str, expression: str) -> Any:
        """The same in a frame without an origin, which has a process of its own, by how its address begins."""
        own, found = self._session, self._call("Target.getTargets")["targetInfos"]
        [frame] = [each["targetId"] for each in found if each["type"] == "iframe" and each["url"].startswith(address)]
        session = self._call("Target.attachToTarget", targetId=frame, flatten=True)["sessionId"]
        try:
            self._session = session
            return self.ask(expression)
        finally:
            self._session = own

    def wait(self, expression: str, seconds: float = 20) -> None:
        """Until the expression is true."""
        end = time.monotonic() + seconds
        while not self.ask(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.05)

    def slow(self, upload: int) -> None:
        """Let no more than so many bytes a second out; 0: as many as there are."""
        self._call(
            "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1,
            uploadThroughput=upload or -1,
        )  # fmt: skip

    def press(self, key: str, *, code: int = 0, text: str = "") -> None:
        """Press and release a key; `text` is what it types, `code` its Windows virtual key."""
        about: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code or ord(key.upper()[0])}
        self._call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **about)
        self._call("Input.dispatchKeyEvent", type="keyUp", **about)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the left button at `start`, move to `end` and release it; in pixels of the window."""
        about: dict[str, Any] = {"button": "left", "clickCount": 1}
        self._call("Input.dispatchMouseEvent", type="mousePressed", x=start[0], y=start[1], **about)
        for share in (0.3, 0.6, 1.0):
            x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
            self._call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, buttons=1, **about)
        self._call("Input.dispatchMouseEvent", type="mouseReleased", x=end[0], y=end[1], **about)

    def wheel(self, place: tuple[float, float], by: float, *, control: bool = False) -> None:
        """Turn the wheel at `place`; `by` is positive towards the reader."""
        self._call(
            "Input.dispatchMouseEvent", type="mouseWheel", x=place[0], y=place[1], deltaX=0, deltaY=by,
            modifiers=2 if control else 0,
        )  # fmt: skip

    def hover(self, place: tuple[float, float]) -> None:
        """Move the pointer to `place`."""
        self._call("Input.dispatchMouseEvent", type="mouseMoved", x=place[0], y=place[1])

    def drop(self, place: tuple[float, float], *files: Path) -> None:
        """Drag files over the window and let go of them at `place`."""
        data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self._call("Input.dispatchDragEvent", type=kind, x=place[0], y=place[1], data=data)

    def intercept_choosers(self) -> None:
        """No dialog is opened for files; who asks is told in `choosers`."""
        self._call("Page.setInterceptFileChooserDialog", enabled=True)

    def choose(self, *files: Path) -> None:
        """Give files to the field that asked last."""
        self.wait("true")
        field = self.choosers.pop()
        self._call("DOM.setFileInputFiles", files=[str(file) for file in files], backendNodeId=field)

    def picture(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def paste(self) -> str:
        """What the clipboard holds, as a fresh text field takes it."""
        self._call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        text = self.ask("navigator.clipboard.readText()")
        assert isinstance(text, str)
        return text

    def pdf(self) -> bytes:
        """The page as a PDF on A4."""
        self._call("Emulation.setEmulatedMedia", media="")
        printed = self._call("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=True)
        return base64.b64decode(printed["data"])

    def print_media(self) -> None:
        """Show the page as it would be printed."""
        self._call("Emulation.setEmulatedMedia", media="print")


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with a fresh profile; it ends with the block."""
    assert CHROMIUM is not None
    read, to = os.pipe()
    back, write = os.pipe()

    def hand_over() -> None:
        high = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (read, write)]  # clear of 3 and 4
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    process = subprocess.Popen(
        [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}"],
        close_fds=False,
        preexec_fn=hand_over,  # noqa: PLW1509 - the browser wants descriptors 3 and 4; it does no more
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read)
    os.close(write)
    try:
        yield Browser(process, to, back)
    finally:
        process.terminate()
        process.wait(20)
        os.close(to)
        os.close(back)
