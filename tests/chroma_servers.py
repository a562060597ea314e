"""Real Chroma servers on this machine, and a proxy that stands before one and misbehaves."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("chroma")
_START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ChromaProcess:
    """``chroma run`` on a folder; it can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is not None:
            return
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [COMMAND, "run", "--path", "data", "--host", "127.0.0.1", "--port", str(self.port)],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
            )
        ends = time.monotonic() + _START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < ends, "the server does not start"
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    def wipe(self) -> None:
        """Start again with nothing in it."""
        self.stop()
        shutil.rmtree(self.folder / "data")
        self.start()

    def _answers(self) -> bool:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port)) as asking:
            try:
                asking.request("GET", "/api/v2/heartbeat")
                return asking.getresponse().status == 200
            except OSError:
                return False


@contextlib.contextmanager
def chroma(folder: Path) -> Iterator[ChromaProcess]:
    process = ChromaProcess(folder)
    process.start()
    try:
        yield process
    finally:
        process.stop()


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")


# What a proxy does before it passes a request on; True if it did away with the request.
Trick = Callable[["Handler"], bool]


class Handler(BaseHTTPRequestHandler):
    """Passes requests on to a Chroma server, unless the proxy has something in mind for them."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(size) if size else None
        self.server.seen.append(Seen(self.command, self.path, dict(self.headers), self.body))
        if not self.server.trick(self):
            self.pass_on()

    # The names are http.server's.
    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def pass_on(self) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=60)
        with contextlib.closing(upstream):
            headers = {"Content-Type": "application/json"}
            upstream.request(self.command, self.path, self.body, headers)
            reply = upstream.getresponse()
            self.reply(reply.status, reply.read())

    def reply(self, status: int, body: bytes, **headers: str) -> bool:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        return True

    def hang_up(self) -> bool:
        """Break the connection off without a reply."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
        return True

    def log_message(self, *_: Any) -> None:
        pass


class Proxy(ThreadingHTTPServer):
    """A reverse proxy before a Chroma server; ``trick`` may be changed while it runs."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream: int, trick: Trick, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = upstream
        self.trick = trick
        self.seen: list[Seen] = []
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: Any) -> None:
        """Leave it to the client to say what went wrong."""


@contextlib.contextmanager
def proxy(
    upstream: ChromaProcess,
    trick: Trick = lambda handler: False,
    *,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Proxy]:
    made = Proxy(upstream.port, trick, tls)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


def requires_token(token: str) -> Trick:
    """Let nothing pass that does not bring the token."""

    def trick(handler: Handler) -> bool:
        if handler.headers.get("Authorization") == f"Bearer {token}":
            return False
        return handler.reply(401, f'{{"error": "no {token}"}}'.encode())

    return trick


def only(matching: str, trick: Trick, *, times: int = 1_000_000) -> Trick:
    """Apply a trick to the first so many requests whose path ends so."""
    left = [times]

    def limited(handler: Handler) -> bool:
        if not handler.path.partition("?")[0].endswith(matching) or not left[0]:
            return False
        left[0] -= 1
        return trick(handler)

    return limited
