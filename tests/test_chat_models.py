from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.chat_models import OpenAIChatModel
from rag.chat_models.failures import Server
from rag.errors import (
    ChatModelDenied,
    ChatModelError,
    ChatModelRejected,
    ChatModelReplyError,
    ChatModelTimeout,
    ChatModelUnreachable,
)
from rag.testing import FakeOpenAIServer, Reply
from rag.testing.openai_server import FOREVER, JSON, again, chunk, event
from rag.types import Message

ROOT = Path(__file__).resolve().parent.parent
KEY = "canary-key-5d0f8a71"
QUESTION = (Message("user", "How many soldiers went to Kursk?"),)
PATIENT_SECONDS = 20.0  # for a busy machine
SHORT_SECONDS = 0.4

WORD = event(chunk({"content": "word "}))
STOP = event(chunk({}, "stop"))
DONE = b"data: [DONE]\n\n"


def chat_model(url: str, *, max_retries: int = 0, **options) -> OpenAIChatModel:
    return OpenAIChatModel(
        options.pop("model", "fake-chat"),
        api_key=KEY,
        base_url=url,
        first_token_timeout_seconds=options.pop("first_token", PATIENT_SECONDS),
        answer_timeout_seconds=options.pop("answer", PATIENT_SECONDS),
        max_retries=max_retries,
        **options,
    )


def ask(*replies: Reply, **options) -> str:
    with FakeOpenAIServer(*replies) as server:
        return "".join(chat_model(server.url, **options).stream(QUESTION))


def sse(*steps: bytes | float, **options) -> Reply:
    return Reply(steps, **options)


def test_a_good_stream_arrives_piece_by_piece_and_whole():
    text = "Some 10,000 soldiers \u2013 caf\u00e9, \u5317\u671d\u9c9c, \U0001f600 \u2013 came. [1]"
    with FakeOpenAIServer(Reply.says(text)) as server:
        pieces = list(chat_model(server.url).stream(QUESTION))
    assert "".join(pieces) == text
    assert len(pieces) > 3


def test_the_first_piece_comes_before_the_reply_is_over():
    with FakeOpenAIServer(sse(WORD, FOREVER)) as server:
        pieces = chat_model(server.url).stream(QUESTION)
        began = time.monotonic()
        assert next(pieces) == "word "
        assert time.monotonic() - began < 2
        pieces.close()


@pytest.mark.parametrize("chunked", [True, False])
def test_a_stream_cut_at_any_byte_is_an_error_until_the_server_has_said_why_it_stopped(chunked):
    whole = WORD * 2 + STOP + DONE
    enough = len(WORD * 2 + STOP) - 2  # the blank line that ends an event is not needed
    for cut in range(0, len(whole), 17):
        reply = sse(whole[:cut], chunked=chunked, whole=False)
        if cut < enough:
            with pytest.raises(ChatModelReplyError):
                ask(reply)
        else:
            assert ask(reply) == "word word "


def test_what_follows_the_end_of_an_answer_cannot_spoil_it():
    assert ask(sse(WORD, STOP, b"data: {broken\n\n")) == "word "
    assert ask(sse(WORD, STOP, FOREVER), answer=2.0) == "word "


def test_variants_of_the_protocol_are_understood():
    crlf = (WORD + STOP + DONE).replace(b"\n", b"\r\n")
    assert ask(sse(crlf)) == "word "
    assert ask(sse(b"\xef\xbb\xbf" + WORD + STOP.replace(b"data: ", b"data:"))) == "word "
    whole = {"choices": [{"message": {"content": "word "}, "finish_reason": "stop"}]}
    assert ask(sse(json.dumps(whole).encode(), content_type=JSON)) == "word "
    assert ask(sse(WORD[:9], 0.05, WORD[9:] + STOP)) == "word "
    thought = event(chunk({"reasoning_content": "hm"}))
    assert ask(sse(thought, 1.0, WORD, STOP), first_token=0.8) == "word "


def test_a_lone_surrogate_does_not_reach_the_answer():
    text = ask(sse(b'data: {"choices":[{"delta":{"content":"a\\ud800b"}}]}\n\n', STOP))
    assert text == "a?b"


def test_the_request_says_what_it_must_and_carries_the_key_in_the_header_only():
    messages = (Message("system", "Be brief."), Message("user", "Who?"))
    with FakeOpenAIServer() as server:
        list(chat_model(server.url, max_answer_tokens=77).stream(messages))
        request = server.requests[0]
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Who?"},
    ]
    assert request.body["model"] == "fake-chat"
    assert request.body["max_tokens"] == 77
    assert request.body["stream"] is True
    assert KEY not in json.dumps(request.body)


def test_a_server_of_ones_own_needs_no_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with FakeOpenAIServer(Reply.says("Yes.")) as server:
        assert list(OpenAIChatModel("m", base_url=server.url).stream(QUESTION)) == ["Yes."]
        assert server.requests[0].headers["Authorization"] == "Bearer none"


def test_a_passing_failure_is_retried_before_the_first_word():
    failure = Reply.fails(503, Retry_After="0")
    with FakeOpenAIServer(failure, failure, Reply.says("Yes.")) as server:
        assert list(chat_model(server.url, max_retries=2).stream(QUESTION)) == ["Yes."]
        assert len(server.requests) == 3


def test_retries_end():
    with FakeOpenAIServer(Reply.fails(500, Retry_After="0")) as server:
        with pytest.raises(ChatModelUnreachable):
            list(chat_model(server.url, max_retries=2).stream(QUESTION))
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "reply",
    [
        Reply.fails(401),
        Reply.fails(429, code="insufficient_quota", Retry_After="0"),
        Reply.fails(429, Retry_After="60"),
        sse(WORD, whole=False),
    ],
    ids=["denied", "no quota", "longer than the deadline", "after the first word"],
)
def test_what_cannot_pass_in_time_is_not_retried(reply):
    with FakeOpenAIServer(reply) as server:
        began = time.monotonic()
        with pytest.raises(ChatModelError):
            list(chat_model(server.url, max_retries=2).stream(QUESTION))
        assert time.monotonic() - began < PATIENT_SECONDS / 4
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("message", "parameter"),
    [
        ("stream_options is not permitted", "stream_options"),
        ("bad request", "stream_options"),
        ("'temperature' does not support 0.0", "temperature"),
        ("max_tokens is not supported with this model", "max_tokens"),
    ],
)
def test_a_refused_option_is_left_out_and_stays_out(message, parameter):
    with FakeOpenAIServer(Reply.fails(400, message), Reply.says("Yes.")) as server:
        model = chat_model(server.url)
        assert [list(model.stream(QUESTION)) for _ in range(2)] == [["Yes."]] * 2
        sent = [parameter in request.body for request in server.requests]
    assert sent == [True, False, False]


def test_an_option_that_was_not_to_blame_is_sent_again():
    with FakeOpenAIServer(*[Reply.fails(400, "bad")] * 2, Reply.says("Yes.")) as server:
        model = chat_model(server.url)
        with pytest.raises(ChatModelRejected):
            list(model.stream(QUESTION))
        list(model.stream(QUESTION))
        assert "stream_options" in server.requests[-1].body


def test_closing_early_aborts_the_request_upstream():
    for reply in (Reply(again(WORD, 0.02)), sse(WORD, FOREVER)):
        with FakeOpenAIServer(reply) as server:
            pieces = chat_model(server.url).stream(QUESTION)
            assert next(pieces) == "word "
            pieces.close()
            assert server.aborted.wait(2)
    assert not [t for t in threading.enumerate() if t.name == "rag-chat"]


def test_a_timeout_aborts_the_request_upstream():
    with FakeOpenAIServer(Reply.hangs()) as server:
        with pytest.raises(ChatModelTimeout):
            list(chat_model(server.url, first_token=SHORT_SECONDS).stream(QUESTION))
        assert server.aborted.wait(2)


def test_a_stream_that_is_never_read_asks_nothing():
    with FakeOpenAIServer() as server:
        chat_model(server.url).stream(QUESTION).close()
        assert server.requests == []


def test_one_model_serves_many_sessions_without_mixing_them():
    texts = [f"answer {n} for session {n}" for n in range(24)]
    replies = [Reply.says(text, pause_seconds=0.01) for text in texts]
    with FakeOpenAIServer(*replies, Reply.fails(500)) as server:
        model = chat_model(server.url)
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: "".join(model.stream(QUESTION)), texts))
    assert sorted(answers) == sorted(texts)


def test_a_model_without_a_name_is_the_first_of_the_server_that_can_chat():
    with FakeOpenAIServer(models=("nomic-embed", "qwen", "llama")) as server:
        model = chat_model(server.url, model=None)
        assert model.name == server.url.split("/")[2]
        list(model.stream(QUESTION))
        list(model.stream(QUESTION))
        asked = [request.path for request in server.requests]
        assert model.name == "qwen"
    assert asked == ["/v1/models", "/v1/chat/completions", "/v1/chat/completions"]
    assert server.requests[1].body["model"] == "qwen"


@pytest.mark.parametrize(
    ("models", "kind"),
    [
        ((), ChatModelRejected),
        (Reply.fails(404), ChatModelRejected),
        (Reply.fails(401, KEY), ChatModelDenied),
        (sse(b"[1]", content_type=JSON), ChatModelReplyError),
        (sse(b"<html>", content_type="text/html"), ChatModelReplyError),
        (sse(b"{" * 9, content_type=JSON), ChatModelReplyError),
        (sse(b"{" * 9, content_type=JSON, whole=False), ChatModelUnreachable),
        (Reply(again(b"x" * 4_000_000)), ChatModelReplyError),
        (Reply(status=0), ChatModelUnreachable),
    ],
)
def test_a_server_that_cannot_name_its_models_is_a_typed_error(models, kind):
    with FakeOpenAIServer(models=models) as server, pytest.raises(ChatModelError) as caught:
        list(chat_model(server.url, model=None).stream(QUESTION))
    assert type(caught.value) is kind


def test_a_server_that_never_names_its_models_is_given_up():
    with FakeOpenAIServer(models=Reply.hangs()) as server:
        model = chat_model(server.url, model=None, first_token=SHORT_SECONDS)
        with pytest.raises(ChatModelTimeout):
            list(model.stream(QUESTION))


@pytest.mark.parametrize(
    ("counted", "warned"), [(30, True), (80, False), (0, False), (None, False)]
)
def test_a_prompt_that_the_server_has_cut_is_logged_as_a_warning(counted, warned, caplog):
    message = Message("user", "soldier " * 100)
    with FakeOpenAIServer(Reply.says("Yes.", prompt_tokens=counted)) as server:
        assert list(chat_model(server.url).stream([message])) == ["Yes."]
    assert ("probably cut the prompt" in caplog.text) is warned


def test_a_servers_words_are_shown_short_in_one_line_and_without_keys():
    server = Server("host", KEY)
    assert server.clean(f"a\r\nb\x00 {KEY} sk-proj-abc123 {'long ' * 100}") == (
        "a b [key] [key] " + "long " * 28 + "long…"
    )
    assert KEY not in repr(server)


def test_importing_and_making_a_chat_model_does_not_import_openai():
    code = (
        "import sys; from rag.chat_models import OpenAIChatModel; OpenAIChatModel('m');"
        "sys.exit(bool({'openai', 'httpx', 'tiktoken'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
