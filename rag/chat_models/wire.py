"""One chat completion over HTTP, bounded in time and size. Imports openai: import it late."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import openai

from rag.chat_models.background import Emit
from rag.chat_models.failures import Server
from rag.chat_models.replies import GrowingReply
from rag.errors import ChatModelError

# A chunk of a few characters takes some 300 bytes on the wire; a model's thoughts come on top.
MAX_BYTES = 8_000_000
# How long to wait, once the answer is whole, for the server's count of tokens.
_AFTERMATH_SECONDS = 2.0
_FIRST_RETRY_SECONDS = 0.5
_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
# What some compatible servers and some models refuse; an answer can be had without it.
_OPTIONAL = ("stream_options", "temperature", "max_tokens", "max_completion_tokens")

_Response = openai.AsyncAPIResponse[Any]
_FAILURES = (TimeoutError, OSError, openai.OpenAIError, httpx.HTTPError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, and with what patience."""

    server: Server
    base_url: str
    connect_seconds: float
    first_token_seconds: float
    answer_seconds: float
    max_retries: int
    tls: ssl.SSLContext = field(default_factory=httpx.create_ssl_context, repr=False)


async def find_model(endpoint: Endpoint) -> str:
    """Ask the server which models it has and choose the first that can chat."""
    clock = _Clock(endpoint)
    try:
        async with _client(endpoint) as client, clock.deadline:
            response = await client.get("/models", cast_to=httpx.Response)
    except _FAILURES as error:
        raise _typed(endpoint, error, clock) from _cause(endpoint.server, error)
    try:
        names = [str(entry["id"]) for entry in response.json()["data"]]
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise endpoint.server.bad_reply("does not list its models", "set RAG_MODEL") from error
    if not names:
        raise endpoint.server.rejected("has no model loaded", "load one, or set RAG_MODEL")
    return next((name for name in names if "embed" not in name.lower()), names[0])


async def write_reply(
    endpoint: Endpoint, request: dict[str, Any], refused: set[str], emit: Emit
) -> int | None:
    """Ask for a completion, emit its text, and return how many prompt tokens the server counted.

    ``refused`` names the parameters this server is known to refuse, and learns new ones.
    """
    reply, clock = GrowingReply(endpoint.server), _Clock(endpoint)
    try:
        async with _client(endpoint) as client, clock.deadline, AsyncExitStack() as stack:
            sender = _Sender(client, request, refused, clock, endpoint.max_retries)
            response = await sender.send(stack)
            chunks = await stack.enter_async_context(aclosing(_chunks(endpoint.server, response)))
            async for chunk in chunks:
                if text := reply.take(chunk):
                    emit(text)
                clock.note(reply)
    except (*_FAILURES, ChatModelError) as error:
        # Once the server has said that the answer is over, nothing that follows can spoil it.
        if not reply.finished:
            if isinstance(error, ChatModelError):
                raise
            raise _typed(endpoint, error, clock) from _cause(endpoint.server, error)
    reply.check_whole()
    return reply.prompt_tokens


class _Clock:
    """The deadline of one request: for the first word, then for the whole answer."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._started = self._finished = False
        self.deadline = asyncio.timeout(min(endpoint.first_token_seconds, endpoint.answer_seconds))

    @property
    def remaining_seconds(self) -> float:
        """How long until the deadline."""
        return (self.deadline.when() or 0.0) - self._loop.time()

    def note(self, reply: GrowingReply) -> None:
        """Move the deadline when the reply starts, and again when it is over."""
        if reply.started and not self._started:
            self._started = True
            self.deadline.reschedule(self._began + self._endpoint.answer_seconds)
        if reply.finished and not self._finished:
            self._finished = True
            seconds = min(self.remaining_seconds, _AFTERMATH_SECONDS)
            self.deadline.reschedule(self._loop.time() + seconds)

    def error(self) -> ChatModelError:
        """Say which deadline has passed."""
        server = self._endpoint.server
        if self._started:
            seconds, setting = self._endpoint.answer_seconds, "RAG_ANSWER_TIMEOUT_SECONDS"
            return server.too_slow("did not finish", seconds, setting)
        seconds, setting = self._endpoint.first_token_seconds, "RAG_FIRST_TOKEN_TIMEOUT_SECONDS"
        return server.too_slow("sent no word", seconds, setting)


class _CappedStream(httpx.AsyncByteStream):
    """A body that ends in an error once it has grown too long, error pages included."""

    def __init__(self, stream: Any, server: Server) -> None:  # noqa: ANN401 - httpx's own union
        self._stream = stream
        self._server = server

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for block in self._stream:
            size += len(block)
            if size > MAX_BYTES:
                raise self._server.bad_reply(f"sent more than {MAX_BYTES:,} bytes")
            yield block

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def _client(endpoint: Endpoint) -> AsyncIterator[openai.AsyncOpenAI]:
    """Open a client for one request, whose connection can be dropped without asking others."""

    async def cap(response: httpx.Response) -> None:
        response.stream = _CappedStream(response.stream, endpoint.server)

    timeout = httpx.Timeout(None, connect=endpoint.connect_seconds)
    hooks: dict[str, list[Any]] = {"response": [cap]}
    async with httpx.AsyncClient(
        verify=endpoint.tls, timeout=timeout, follow_redirects=False, event_hooks=hooks
    ) as http:
        yield openai.AsyncOpenAI(
            api_key=endpoint.server.secret or "none",
            base_url=endpoint.base_url,
            http_client=http,
            timeout=timeout,
            max_retries=0,
            # A compressed body could unpack to any size.
            default_headers={"Accept-Encoding": "identity"},
        )


class _Sender:
    """Sends a request until it is accepted: again after a passing failure, or with less in it."""

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        request: dict[str, Any],
        refused: set[str],
        clock: _Clock,
        max_retries: int,
    ) -> None:
        self._client = client
        self._request = {name: value for name, value in request.items() if name not in refused}
        self._refused = refused
        self._clock = clock
        self._delays = [_FIRST_RETRY_SECONDS * 2**n for n in range(max_retries)]

    async def send(self, stack: AsyncExitStack) -> _Response:
        dropped: set[str] = set()
        while True:
            try:
                response = await stack.enter_async_context(self._attempt())
            except openai.APIStatusError as error:
                if name := self._refused_parameter(error):
                    del self._request[name]
                    dropped.add(name)
                elif not await self._pause(error):
                    raise
            except openai.APIConnectionError:
                if not await self._pause(None):
                    raise
            else:
                # Only a success shows that the parameters were to blame.
                self._refused |= dropped
                return response

    def _attempt(self) -> AbstractAsyncContextManager[_Response]:
        create: Any = self._client.chat.completions.with_streaming_response.create
        attempt: AbstractAsyncContextManager[_Response] = create(**self._request)
        return attempt

    def _refused_parameter(self, error: openai.APIStatusError) -> str | None:
        if error.status_code not in (400, 422):
            return None
        sent = [name for name in _OPTIONAL if name in self._request]
        words = f"{error.param} {error.message}"
        named = next((name for name in sent if name in words), None)
        # Some servers only say "bad request"; the newest parameter is the likeliest reason.
        vague = error.code is None and "stream_options" in sent
        return named or ("stream_options" if vague else None)

    async def _pause(self, error: openai.APIStatusError | None) -> bool:
        """Wait before another attempt; False when there is no use or no time for one."""
        if error and (error.status_code not in _RETRIED or error.code == "insufficient_quota"):
            return False
        if not self._delays:
            return False
        delay = self._delays.pop(0)
        delay = max(0.0, _retry_after_seconds(error, delay)) if error else delay
        if delay >= self._clock.remaining_seconds:
            return False
        await asyncio.sleep(delay)
        return True


def _retry_after_seconds(error: openai.APIStatusError, otherwise: float) -> float:
    try:
        return float(error.response.headers["Retry-After"])
    except (KeyError, ValueError):
        return otherwise


async def _chunks(server: Server, response: _Response) -> AsyncGenerator[str]:
    """Yield the JSON of each chunk; a whole completion counts as one chunk."""
    content_type = response.headers.get("Content-Type", "").lower()
    if "text/html" in content_type:
        remedy = "check OPENAI_BASE_URL (it often ends in /v1)"
        raise server.bad_reply("answered with a web page", remedy)
    try:
        if "application/json" in content_type:
            yield (await response.read()).decode()
            return
        async for line in _lines(response):
            name, _, value = line.decode().strip("\ufeff\r").partition(":")
            if name == "data" and value.strip() == "[DONE]":
                return
            if name == "data":
                yield value
            elif name == "error":
                yield f'{{"error": {value}}}'
    except UnicodeDecodeError as error:
        raise server.bad_reply("sent bytes that are not UTF-8") from error


async def _lines(response: _Response) -> AsyncIterator[bytes]:
    parts: list[bytes] = []  # of the unfinished line; joined once, as it may be long
    async for block in response.iter_bytes():
        first, *others = block.split(b"\n")
        parts.append(first)
        for start in others:
            yield b"".join(parts)
            parts = [start]
    yield b"".join(parts)


def _typed(endpoint: Endpoint, error: Exception, clock: _Clock) -> ChatModelError:
    """Give a failure of the transport or of the SDK its place in our own tree."""
    server = endpoint.server
    if isinstance(error, openai.APIStatusError):
        return server.failed(error.status_code, error.body)
    if isinstance(error, openai.APITimeoutError):
        return server.unreachable(f"took no connection within {endpoint.connect_seconds:g} s")
    if isinstance(error, openai.APIConnectionError):
        if isinstance(error.__cause__, ChatModelError):
            return error.__cause__
        return server.unreachable(f"gave no answer ({server.clean(str(error.__cause__))})")
    if clock.deadline.expired():
        return clock.error()
    return server.bad_reply(f"broke the answer off ({server.clean(str(error))})")


def _cause(server: Server, error: Exception) -> Exception | None:
    """Keep the cause for the traceback, unless it repeats the key."""
    return None if server.secret and server.secret in str(error) else error
