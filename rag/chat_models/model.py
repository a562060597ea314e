"""The chat model itself, and the one that the settings ask for."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.chat_models.background import Emit, iterate
from rag.chat_models.failures import Server
from rag.config import Settings
from rag.errors import ConfigError
from rag.tokens import count_tokens
from rag.types import ChatModel, Message

if TYPE_CHECKING:
    from rag.chat_models.wire import Endpoint

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "gpt-4.1-mini"
OPENAI_URL = "https://api.openai.com/v1"

# Tokenizers differ by a fifth or so on news text; a server that counts this much less has not
# read all of the prompt.
_READ_SHARE = 0.6


class OpenAIChatModel:
    """Asks a server that speaks OpenAI's chat completions; safe to share between threads.

    With ``model=None`` the server is asked for its first model when it is first needed. Nothing
    is imported or connected before the first ``stream``. Times are in seconds: to connect, from
    the request to the first word, and to the end of the answer; retries fall within them.
    """

    def __init__(
        self,
        model: str | None,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        connect_timeout_seconds: float = 5.0,
        first_token_timeout_seconds: float = 20.0,
        answer_timeout_seconds: float = 60.0,
        max_answer_tokens: int = 800,
        max_retries: int = 2,
    ) -> None:
        self._model = model
        self._base_url = (base_url or OPENAI_URL).strip()
        self._server = Server(_host(self._base_url), _checked_key(api_key))
        self._timeouts = (
            connect_timeout_seconds,
            first_token_timeout_seconds,
            answer_timeout_seconds,
        )
        self._max_answer_tokens = max_answer_tokens
        self._max_retries = max_retries
        self._refused: set[str] = set()

    def __repr__(self) -> str:
        return f"OpenAIChatModel({self._model!r} at {self._server.label})"

    @property
    def name(self) -> str:
        """The model's name, or the server's until the server has been asked for it."""
        return self._model or self._server.label

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the reply in pieces as they come; closing the iterator aborts the request.

        Raises exactly one ``ChatModelError``, possibly after some pieces, unless the server
        finished the reply by itself.
        """
        from rag.chat_models.wire import write_reply

        async def write(emit: Emit) -> None:
            request = {**self._request(messages), "model": await self._known_model()}
            counted = await write_reply(self._endpoint, request, self._refused, emit)
            self._warn_if_truncated(counted, messages)

        return iterate(write)

    @cached_property
    def _endpoint(self) -> Endpoint:
        from rag.chat_models.wire import Endpoint

        return Endpoint(self._server, self._base_url, *self._timeouts, self._max_retries)

    async def _known_model(self) -> str:
        if self._model is None:
            from rag.chat_models.wire import find_model

            self._model = await find_model(self._endpoint)
            logger.info("%s: using model %s", self._server.label, self._model)
        return self._model

    def _request(self, messages: Sequence[Message]) -> dict[str, Any]:
        # OpenAI's newer models refuse max_tokens, and older compatible servers know no other.
        limit = "max_completion_tokens" if self._base_url == OPENAI_URL else "max_tokens"
        return {
            "messages": [{"role": m.role, "content": m.text} for m in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.0,  # the answer is in the evidence: nothing to be inventive about
            limit: self._max_answer_tokens,
        }

    def _warn_if_truncated(self, counted: int | None, messages: Sequence[Message]) -> None:
        if counted is None:
            return
        sent = sum(count_tokens(message.text) for message in messages)
        if counted < _READ_SHARE * sent:
            logger.warning(
                "%s counted %d prompt tokens where about %d were sent: it has probably cut the "
                "prompt; raise its context length or lower RAG_TOP_K",
                self._server.label,
                counted,
                sent,
            )


def open_chat_model(settings: Settings) -> ChatModel | None:
    """Make the chat model that the settings name; ``None`` when they name none.

    With only a key it is OpenAI's ``DEFAULT_MODEL``, with only a base URL that server's first
    model. Raises ``ConfigError`` for a model without a key or server, and for a malformed key or
    base URL.
    """
    if not settings.generative:
        return None
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    if not key and not settings.openai_base_url:
        raise ConfigError(
            f"RAG_MODEL names {settings.model!r}, but there is nobody to ask for it; "
            "set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own"
        )
    default = None if settings.openai_base_url else DEFAULT_MODEL
    return OpenAIChatModel(
        settings.model or default,
        api_key=key,
        base_url=settings.openai_base_url,
        connect_timeout_seconds=settings.connect_timeout_seconds,
        first_token_timeout_seconds=settings.first_token_timeout_seconds,
        answer_timeout_seconds=settings.answer_timeout_seconds,
        max_answer_tokens=settings.max_answer_tokens,
    )


def _host(base_url: str) -> str:
    """Name the server: host and port, without a password that the URL may hold."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or not host.isascii() or parts.scheme not in ("http", "https"):
        raise ConfigError(
            "OPENAI_BASE_URL: expected an address such as http://127.0.0.1:11434/v1, "
            "found something else; correct it in the environment or .env"
        )
    return f"{host}:{port}" if port else host


def _checked_key(api_key: str | None) -> str:
    key = (api_key or "").strip()
    if not key.isascii() or not key.isprintable():
        raise ConfigError(
            "OPENAI_API_KEY holds characters that no key has; copy it again, in one line"
        )
    return key
