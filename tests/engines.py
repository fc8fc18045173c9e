"""Firefox and WebKit, driven by nothing but what they bring: the commands of W3C WebDriver.

Firefox takes them over its Marionette socket, WebKitGTK over HTTP from its WebKitWebDriver (Debian:
firefox-esr, webkit2gtk-driver, xvfb). Playwright drives neither as it is installed by a system.

    with start("webkit") as driver:
        driver.go(path.as_uri())
        total = driver.run("async (a, b) => a + b", 1, 2)
"""

import base64
from contextlib import contextmanager
from dataclasses import dataclass
import json
import os
from pathlib import Path
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import Any
import urllib.error
import urllib.request

import pytest

ROUTES = {  # the command: its HTTP method, and its path within a session
    "Navigate": ("POST", "url"),
    "ExecuteAsyncScript": ("POST", "execute/async"),
    "PerformActions": ("POST", "actions"),
    "SetTimeouts": ("POST", "timeouts"),
    "SetWindowRect": ("POST", "window/rect"),
    "TakeScreenshot": ("GET", "screenshot"),
}
RUN = """
const [values, answer] = arguments;
new Promise((resolve) => resolve((FUNCTION)(...values))).then(
    (value) => answer({ value }), (error) => answer({ error: String(error) }));
"""
KEYS = {"ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015"}
KEYS |= {"Tab": "\ue004", "Enter": "\ue007", "Space": " ", "Home": "\ue011", "End": "\ue010"}
PATIENCE = 120  # seconds for a start, or for what is waited for, on a busy machine, too


@dataclass(frozen=True)
class Driver:
    """A page of a browser; `send(command, **parameters)` is how it is reached."""

    send: Any

    def go(self, address):
        """Open an address and wait until it has loaded."""
        self.send("Navigate", url=address)

    def run(self, function, *values):
        """Call a JavaScript function, given as its text; return what it, or its promise, gives."""
        script = RUN.replace("FUNCTION", function)
        answer = self.send("ExecuteAsyncScript", script=script, args=[list(values)])
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def wait(self, function, *values, seconds=PATIENCE):
        """Call a JavaScript function until it returns something true, and return that."""
        end = time.monotonic() + seconds
        while not (value := self.run(function, *values)):
            if time.monotonic() > end:
                raise TimeoutError(f"not true within {seconds} s: {function}")
            time.sleep(0.05)
        return value

    def press(self, key):
        """Press a key, such as "ArrowRight" or "a", on what has the focus."""
        value = KEYS.get(key, key)
        strokes = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": strokes}
        self.send("PerformActions", actions=[keyboard])

    def resize(self, width, height):
        """Set the outer size of the window."""
        self.send("SetWindowRect", width=width, height=height)

    def screenshot(self, path):
        """Save a PNG of what is in view."""
        Path(path).write_bytes(base64.b64decode(self.send("TakeScreenshot")))


def missing(name):
    """Return what "firefox" or "webkit" lacks on this machine; nothing if it is there."""
    if name == "firefox":
        return "" if _firefox() else "Firefox"
    wanted = ["WebKitWebDriver", "xvfb-run"]
    lacking = [tool for tool in wanted if not shutil.which(tool)]
    return " and ".join([*lacking, *([] if _mini_browser() else ["WebKitGTK's MiniBrowser"])])


def give_up(reason):
    """Skip a test in a browser where there is none; on CI, fail."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@contextmanager
def start(name):
    """Start "firefox" or "webkit" and give its `Driver`; without one, see `give_up`."""
    if lacks := missing(name):
        give_up(f"no {lacks}: tools/install_browsers installs it on Debian")
    begin = {"firefox": _start_firefox, "webkit": _start_webkit}[name]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        begin(Path(folder)) as send,
    ):
        send("SetTimeouts", script=600_000, pageLoad=60_000)
        yield Driver(send)


def _firefox():
    return next(filter(None, map(shutil.which, ["firefox-esr", "firefox"])), None)


def _mini_browser():
    places = [Path("/usr/lib"), Path("/usr/libexec"), Path("/usr/lib64")]
    found = (path for place in places for path in place.glob("**/webkit2gtk-4*/MiniBrowser"))
    return next(found, None)


@contextmanager
def _process(command, **options):
    """Run a program in a group of its own; at the end its children go with it."""
    with subprocess.Popen(
        list(map(str, command)), start_new_session=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, **options,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _until(attempt, process):
    """Attempt until it gives something; an error of the connection means not yet."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if value := attempt():
                return value
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{process.args[0]} did not start")


@contextmanager
def _start_firefox(folder):
    (folder / "user.js").write_text('user_pref("marionette.port", 0);\n')
    command = [_firefox(), "--headless", "--marionette", "--no-remote", "--profile", folder]
    with _process(command) as process:

        def connect():  # the port is in the file when Firefox listens
            port = int((folder / "MarionetteActivePort").read_text() or 0)
            return port and socket.create_connection(("127.0.0.1", port))

        with _until(connect, process) as connection, connection.makefile("rwb") as stream:
            _receive(stream)  # its greeting
            numbers = iter(range(1, 1_000_000))

            def send(name, **parameters):
                text = json.dumps([0, next(numbers), f"WebDriver:{name}", parameters]).encode()
                stream.write(b"%d:%s" % (len(text), text))
                stream.flush()
                _, _, error, result = _receive(stream)
                if error:
                    raise RuntimeError(f"{name}: {error['message']}")
                return (result or {}).get("value")

            send("NewSession")
            yield send


def _receive(stream):
    """Read a message of Marionette: its length in digits, a colon, JSON."""
    digits = b""
    while (digit := stream.read(1)) != b":":
        if not digit:
            raise ConnectionError("Firefox has gone")
        digits += digit
    return json.loads(stream.read(int(digits)))


@contextmanager
def _start_webkit(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1200x24", "WebKitWebDriver"]
    # A home of its own, so that it neither finds nor leaves anything in the reader's.
    homes = {name: str(folder) for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    port = address.rpartition(":")[2]
    with _process([*command, f"--port={port}"], env={**os.environ, **homes}) as process:
        _until(lambda: _ask(address, "GET", "/status"), process)
        options = {"binary": str(_mini_browser()), "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        session = f"/session/{_ask(address, 'POST', '/session', wanted)['sessionId']}"

        def send(name, **parameters):
            method, path = ROUTES[name]
            return _ask(address, method, f"{session}/{path}", parameters)

        try:
            yield send
        finally:
            _ask(address, "DELETE", session)


def _ask(address, method, path, content=None):
    data = None if method != "POST" else json.dumps(content or {}).encode()
    request = urllib.request.Request(address + path, data=data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{path}: {json.load(error)['value']['message']}") from None
