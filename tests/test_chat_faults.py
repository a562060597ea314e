from __future__ import annotations

import logging
import socket
import time
import traceback
from collections.abc import Callable
from itertools import chain

import pytest

from rag.chat_models import OpenAIChatModel
from rag.errors import (
    ChatModelDenied,
    ChatModelError,
    ChatModelOverloaded,
    ChatModelRejected,
    ChatModelReplyError,
    ChatModelTimeout,
    ChatModelUnreachable,
)
from rag.testing import FakeOpenAIServer, Reply
from rag.testing.openai_server import FOREVER, JSON, Step, again, chunk, event
from rag.types import Message

KEY = "canary-key-5d0f8a71"
QUESTION = (Message("user", "How many soldiers went to Kursk?"),)
FIRST_TOKEN_SECONDS = 0.4
ANSWER_SECONDS = 0.8
SLACK_SECONDS = 2.0  # for a busy machine

WORD = event(chunk({"content": "word "}))
STOP = event(chunk({}, "stop"))
DONE = b"data: [DONE]\n\n"


def chat_model(url: str, *, first_token=FIRST_TOKEN_SECONDS, answer=ANSWER_SECONDS, **options):
    return OpenAIChatModel(
        "fake-chat",
        api_key=KEY,
        base_url=url,
        first_token_timeout_seconds=first_token,
        answer_timeout_seconds=answer,
        max_retries=0,
        **options,
    )


def sse(*steps: Step, **options):
    return Reply(steps, **options)


def says_with(delta: dict[str, object], finish: str = "stop") -> Reply:
    return sse(event(chunk(delta)), event(chunk({}, finish)), DONE)


@pytest.fixture(autouse=True, scope="module")
def _loaded():
    """Load the SDK, so that no deadline pays for it."""
    with FakeOpenAIServer() as server:
        list(chat_model(server.url, first_token=30.0, answer=30.0).stream(QUESTION))


# Steps that never end are made anew for each test, hence the functions.
FAULTS: dict[str, tuple[Callable[[], Reply], type[ChatModelError], str]] = {
    "hangs before the head": (Reply.hangs, ChatModelTimeout, "sent no word within 0.4 s"),
    "hangs after the head": (lambda: sse(FOREVER), ChatModelTimeout, "sent no word"),
    "drips comments": (
        lambda: Reply(again(b": alive\n\n", 0.05)),
        ChatModelTimeout,
        "sent no word",
    ),
    "drips empty chunks": (
        lambda: Reply(again(event(chunk({"content": ""})), 0.05)),
        ChatModelTimeout,
        "RAG_FIRST_TOKEN_TIMEOUT_SECONDS",
    ),
    "drips words": (lambda: Reply(again(WORD, 0.05)), ChatModelTimeout, "RAG_ANSWER_TIMEOUT"),
    "drips single bytes": (lambda: Reply(again(b"x", 0.02)), ChatModelTimeout, "sent no word"),
    "hangs after a word": (lambda: sse(WORD, FOREVER), ChatModelTimeout, "did not finish"),
    "drips an error page": (
        lambda: Reply(again(b"x", 0.02), status=500),
        ChatModelTimeout,
        "sent no word",
    ),
    "closes at once": (lambda: Reply(status=0), ChatModelUnreachable, "gave no answer"),
    "speaks no HTTP": (
        lambda: Reply((b"220 mail ready\r\n",), status=0),
        ChatModelUnreachable,
        "gave no answer",
    ),
    "sends endless headers": (
        lambda: Reply(chain((b"HTTP/1.1 200 OK\r\n",), again(b"x: y\r\n" * 1000)), status=0),
        ChatModelUnreachable,
        "gave no answer",
    ),
    "cuts an unframed stream": (
        lambda: sse(WORD, chunked=False),
        ChatModelReplyError,
        "cut off before the end",
    ),
    "cuts a framed stream": (lambda: sse(WORD, whole=False), ChatModelReplyError, "broke the"),
    "ends without saying why": (lambda: sse(WORD, DONE), ChatModelReplyError, "cut off"),
    "sends nothing": (lambda: sse(), ChatModelReplyError, "before it said anything"),
    "sends only usage": (
        lambda: sse(event({"choices": [], "usage": {"prompt_tokens": 1}}), DONE),
        ChatModelReplyError,
        "before it said anything",
    ),
    "is cut by length": (
        lambda: says_with({"content": "Some"}, "length"),
        ChatModelReplyError,
        "RAG_MAX_ANSWER_TOKENS",
    ),
    "is filtered": (
        lambda: Reply.says("Some", finish_reason="content_filter"),
        ChatModelRejected,
        "filtered the answer",
    ),
    "refuses": (lambda: says_with({"refusal": "I cannot."}), ChatModelRejected, "refused"),
    "calls a tool": (
        lambda: says_with({"tool_calls": []}, "tool_calls"),
        ChatModelReplyError,
        "called a tool",
    ),
    "aborts": (lambda: Reply.says("Some", finish_reason="abort"), ChatModelReplyError, "aborted"),
    "says nothing": (lambda: sse(STOP, DONE), ChatModelReplyError, "empty answer"),
    "says null": (lambda: says_with({"content": None}), ChatModelReplyError, "empty answer"),
    "says blanks": (lambda: says_with({"content": " \n"}), ChatModelReplyError, "empty answer"),
    "says a list": (lambda: says_with({"content": [1]}), ChatModelReplyError, "malformed"),
    "sends no choices": (lambda: sse(event({"choices": 0}), DONE), ChatModelReplyError, "cut off"),
    "sends odd choices": (
        lambda: sse(event({"choices": ["x"]}), DONE),
        ChatModelReplyError,
        "malformed",
    ),
    "sends an odd delta": (
        lambda: sse(event({"choices": [{"delta": "x"}]}), DONE),
        ChatModelReplyError,
        "malformed",
    ),
    "sends an array": (lambda: sse(event([1, 2])), ChatModelReplyError, "malformed"),
    "sends broken JSON": (lambda: sse(WORD, b'data: {"a\n\n'), ChatModelReplyError, "malformed"),
    "sends deep JSON": (
        lambda: sse(b"data: " + b"[" * 100_000 + b"\n\n"),
        ChatModelReplyError,
        "malformed",
    ),
    "sends bad UTF-8": (
        lambda: sse(event(chunk({"content": "caf\u00e9"})).replace(b"\xc3", b"")),
        ChatModelReplyError,
        "not UTF-8",
    ),
    "sends a web page": (
        lambda: sse(b"<html>Welcome</html>", content_type="text/html"),
        ChatModelReplyError,
        "OPENAI_BASE_URL",
    ),
    "sends another kind of JSON": (
        lambda: sse(b'{"status": "ok"}', content_type=JSON),
        ChatModelReplyError,
        "before it said anything",
    ),
    "sends false gzip": (
        lambda: sse(WORD, headers={"Content-Encoding": "gzip"}),
        ChatModelReplyError,
        "broke the answer off",
    ),
    "sends an error in the stream": (
        lambda: sse(WORD, event({"error": {"message": "worker died", "code": 502}})),
        ChatModelUnreachable,
        "worker died",
    ),
    "sends an error event": (
        lambda: sse(b'error: {"message": "slot unavailable", "code": 503}\n\n'),
        ChatModelUnreachable,
        "slot unavailable",
    ),
    "sends an error in a 200": (
        lambda: sse(b'{"error": {"message": "slow", "type": "rate_limit"}}', content_type=JSON),
        ChatModelOverloaded,
        "rate limit (429): slow",
    ),
    "sends an error of no kind": (
        lambda: sse(event({"error": "hm"})),
        ChatModelReplyError,
        "reported an error: hm",
    ),
    "redirects": (
        lambda: Reply(status=307, headers={"Location": "http://127.0.0.1:9/"}),
        ChatModelReplyError,
        "redirects elsewhere",
    ),
    "400": (lambda: Reply.fails(400, "bad", code="x"), ChatModelRejected, "(400): bad"),
    "400 too long": (
        lambda: Reply.fails(400, "maximum context length is 8", code="context_length_exceeded"),
        ChatModelRejected,
        "too long",
    ),
    "400 filtered": (
        lambda: Reply.fails(400, "policy", code="content_filter"),
        ChatModelRejected,
        "filtered the request",
    ),
    "401": (lambda: Reply.fails(401, f"bad key {KEY}"), ChatModelDenied, "OPENAI_API_KEY"),
    "402": (lambda: Reply.fails(402), ChatModelOverloaded, "billing"),
    "403": (lambda: Reply.fails(403), ChatModelDenied, "forbids"),
    "404": (lambda: Reply.fails(404), ChatModelRejected, "RAG_MODEL"),
    "413": (lambda: Reply.fails(413), ChatModelRejected, "too long"),
    "422": (lambda: Reply.fails(422, f"odd {KEY}"), ChatModelRejected, "odd [key]"),
    "429": (lambda: Reply.fails(429), ChatModelOverloaded, "rate limit"),
    "429 quota": (
        lambda: Reply.fails(429, code="insufficient_quota"),
        ChatModelOverloaded,
        "quota is used up",
    ),
    "500": (lambda: Reply.fails(500, "oh\nno\u202e"), ChatModelUnreachable, "(500): oh no;"),
    "502 page": (
        lambda: sse(b"<html>", status=502, content_type="text/html"),
        ChatModelUnreachable,
        "(502);",
    ),
    "503": (lambda: Reply.fails(503), ChatModelUnreachable, "not ready"),
    "504": (lambda: Reply.fails(504), ChatModelUnreachable, "failed"),
    "floods with words": (
        lambda: Reply(again(event(chunk({"content": "words " * 1000})))),
        ChatModelReplyError,
        "more than 40,000 characters",
    ),
    "floods with one line": (
        lambda: Reply(again(b"x" * 1_000_000)),
        ChatModelReplyError,
        "more than 8,000,000 bytes",
    ),
    "floods with an error page": (
        lambda: Reply(again(b"x" * 1_000_000), status=500),
        ChatModelReplyError,
        "more than 8,000,000 bytes",
    ),
}


# Faults that show only after the first word, or after many bytes.
PATIENCE = {"floods": 10.0, "drips words": 1.0, "hangs after a word": 1.0}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_typed_error_within_its_deadline(fault, caplog):
    make, kind, words = FAULTS[fault]
    longer = PATIENCE.get(fault, PATIENCE.get(fault.split()[0], 0.0))
    patient = {"answer": longer, "first_token": longer} if longer else {}
    caplog.set_level(logging.DEBUG)
    with FakeOpenAIServer(make()) as server:
        model = chat_model(server.url, **patient)
        began = time.monotonic()
        with pytest.raises(ChatModelError) as caught:
            list(model.stream(QUESTION))
        seconds = time.monotonic() - began
        host = server.url.split("/")[2]
    message = str(caught.value)
    assert type(caught.value) is kind
    assert words in message
    assert host in message
    assert "\n" not in message
    assert len(message) < 400
    assert seconds < max(longer, ANSWER_SECONDS) + SLACK_SECONDS
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(model)
    assert KEY not in shown


def test_a_server_that_is_not_there_is_unreachable():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    model = chat_model(f"http://127.0.0.1:{port}/v1")
    with pytest.raises(ChatModelUnreachable, match=f"127.0.0.1:{port} gave no answer"):
        list(model.stream(QUESTION))


def test_a_server_that_takes_no_connection_is_given_up_after_the_connect_timeout():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        model = chat_model(
            f"http://127.0.0.1:{address[1]}/v1", connect_timeout_seconds=0.2, first_token=5.0
        )
        try:
            with pytest.raises(ChatModelUnreachable, match=r"no connection within 0\.2 s"):
                list(model.stream(QUESTION))
        finally:
            for one in waiting:
                one.close()
