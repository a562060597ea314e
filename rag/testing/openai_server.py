"""A loopback server that speaks OpenAI's chat completions, well or badly, as it is told to."""

from __future__ import annotations

import json
import re
import select
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from types import TracebackType
from typing import Any, ClassVar, cast

SSE = "text/event-stream; charset=utf-8"
JSON = "application/json"
FOREVER = float("inf")

Step = bytes | float


def event(chunk: object) -> bytes:
    """Encode one chunk as a server-sent event."""
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def chunk(delta: Mapping[str, object], finish_reason: str | None = None) -> dict[str, object]:
    """Build a completion chunk with one choice."""
    choice = {"index": 0, "delta": dict(delta), "finish_reason": finish_reason}
    return {"id": "c1", "object": "chat.completion.chunk", "choices": [choice]}


def again(*steps: Step) -> Iterator[Step]:
    """Repeat steps without end."""
    return chain.from_iterable(repeat(steps))


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server does with one request.

    ``steps`` are bytes to send or seconds to wait, sent as they are; ``before_head`` is how long
    to wait before the status line. ``chunked`` frames the body, so that a missing end is an error
    of the transport; without it only the closed connection ends the body. ``whole`` false leaves
    the chunked body unterminated. Status 0 sends the steps without any head.
    """

    steps: Iterable[Step] = ()
    status: int = 200
    content_type: str = SSE
    headers: Mapping[str, str] = field(default_factory=dict)
    before_head: float = 0.0
    chunked: bool = True
    whole: bool = True

    @classmethod
    def says(
        cls,
        text: str,
        *,
        finish_reason: str | None = "stop",
        prompt_tokens: int | None = None,
        pause_seconds: float = 0.0,
        **options: Any,  # noqa: ANN401 - the fields above
    ) -> Reply:
        """Stream a text word by word, then the end, as a good server does."""
        return cls(
            tuple(_good_stream(text, finish_reason, prompt_tokens, pause_seconds)), **options
        )

    @classmethod
    def fails(
        cls, status: int, message: str = "no", *, code: str | None = None, **headers: str
    ) -> Reply:
        """Refuse with a status and OpenAI's error object; an underscore in a header is a dash."""
        body = json.dumps({"error": {"message": message, "type": code, "code": code}}).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls((body,), status=status, content_type=JSON, headers=named)

    @classmethod
    def hangs(cls) -> Reply:
        """Accept the request and never answer."""
        return cls(before_head=FOREVER)


def _good_stream(
    text: str, finish_reason: str | None, prompt_tokens: int | None, pause_seconds: float
) -> Iterator[Step]:
    yield event(chunk({"role": "assistant", "content": ""}))
    for word in re.findall(r"\S+\s*|\s+", text):
        yield event(chunk({"content": word}))
        if pause_seconds:
            yield pause_seconds
    if finish_reason:
        yield event(chunk({}, finish_reason))
    if prompt_tokens is not None:
        yield event({"choices": [], "usage": {"prompt_tokens": prompt_tokens}})
    yield b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class ServedRequest:
    """A request as the server saw it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class FakeOpenAIServer:
    """Serve scripted replies on 127.0.0.1 while used as a context manager.

    Each chat request takes the next reply; the last one repeats. ``GET /v1/models`` lists
    ``models``. ``requests`` records what came; ``aborted`` is set once a client has gone away
    before its reply was over.
    """

    def __init__(self, *replies: Reply, models: Sequence[str] | Reply = ("fake-chat",)) -> None:
        self._replies = list(replies) or [Reply.says("Hello.")]
        self._models = models
        self._lock = threading.Lock()
        self.stopping = threading.Event()
        self.aborted = threading.Event()
        self.requests: list[ServedRequest] = []

    @property
    def url(self) -> str:
        """The base URL to give to a client."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> FakeOpenAIServer:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: ServedRequest) -> Reply:
        """Record a request and choose the reply to it."""
        with self._lock:
            self.requests.append(request)
            if request.path.endswith("/models"):
                return self._list_models()
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    def _list_models(self) -> Reply:
        if isinstance(self._models, Reply):
            return self._models
        listed = [{"id": name, "object": "model"} for name in self._models]
        body = json.dumps({"object": "list", "data": listed}).encode()
        return Reply((body,), content_type=JSON)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    fake: FakeOpenAIServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize: ClassVar[int] = 0

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: requests are recorded instead."""

    @property
    def _fake(self) -> FakeOpenAIServer:
        return cast(_Server, self.server).fake

    def _serve(self) -> None:
        self.close_connection = True
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        request = ServedRequest(self.command, self.path, dict(self.headers.items()), body)
        try:
            self._send(self._fake.answer(request))
        except OSError:
            self._fake.aborted.set()

    def _send(self, reply: Reply) -> None:
        self._wait(reply.before_head)
        if reply.status:
            self._send_head(reply)
        chunked = reply.chunked and reply.status > 0
        for step in reply.steps:
            self._take(step, chunked=chunked)
        if chunked and reply.whole:
            self.wfile.write(b"0\r\n\r\n")

    def _send_head(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Connection", "close")
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _take(self, step: Step, *, chunked: bool) -> None:
        if not isinstance(step, bytes):
            self._wait(step)
        elif step:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(step), step) if chunked else step)

    def _wait(self, seconds: float) -> None:
        """Wait, but not past the server's end, and notice a client that goes away."""
        while seconds > 0 and not self._fake.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], min(seconds, 0.02))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionAbortedError
            seconds -= 0.02
