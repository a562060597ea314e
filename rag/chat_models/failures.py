"""What a server's failure means to a user: one typed error, one line, and never the key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rag.errors import (
    ChatModelDenied,
    ChatModelError,
    ChatModelOverloaded,
    ChatModelRejected,
    ChatModelReplyError,
    ChatModelTimeout,
    ChatModelUnreachable,
)

# Enough for "maximum context length is 8192 tokens, however you requested …", too little for an
# echo of the whole prompt.
_SAID_CHARACTERS = 160
_KEY_LIKE = re.compile(r"\b(?:sk|Bearer)[-_ ][\w*.-]{4,}")
_UNPRINTABLE = re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")

_TOO_LONG = ("context_length", "context length", "context size", "maximum context", "too long")
_FILTERED = ("content_filter", "content management policy", "safety system")
_NO_QUOTA = ("insufficient_quota", "billing", "exceeded your current quota")

_Kind = type[ChatModelError]
_BY_STATUS: dict[int, tuple[_Kind, str, str]] = {
    401: (ChatModelDenied, "refused the API key", "set OPENAI_API_KEY to a key valid there"),
    402: (ChatModelOverloaded, "wants to be paid", "check the account's billing"),
    403: (ChatModelDenied, "forbids this key the model", "choose another RAG_MODEL or key"),
    404: (
        ChatModelRejected,
        "knows no such model or address",
        "check RAG_MODEL, and that OPENAI_BASE_URL ends as the server wants it (often /v1)",
    ),
    407: (ChatModelDenied, "is behind a proxy that wants a login", "check HTTPS_PROXY"),
    408: (ChatModelTimeout, "gave up waiting", "try again"),
    413: (ChatModelRejected, "found the request too long", "lower RAG_TOP_K or start a new chat"),
    429: (ChatModelOverloaded, "is over its rate limit", "try again in a minute"),
    503: (ChatModelUnreachable, "is not ready", "try again in a minute or check its log"),
    529: (ChatModelOverloaded, "is overloaded", "try again in a minute"),
}
_REJECTED = (ChatModelRejected, "refused the request", "check RAG_MODEL and the server's log")
_BROKEN = (ChatModelUnreachable, "failed", "try again or check its log")
_MOVED = (ChatModelReplyError, "redirects elsewhere", "set OPENAI_BASE_URL to its final address")
_ODD = (ChatModelReplyError, "reported an error", "try again or check its log")

# What servers call their errors, where there is no status: an error object inside a 200.
_BY_NAME = {
    "rate_limit": 429,
    "insufficient_quota": 429,
    "overloaded": 529,
    "invalid_api_key": 401,
    "authentication": 401,
    "permission": 403,
    "not_found": 404,
    "context_length": 400,
    "invalid_request": 400,
    "server_error": 500,
    "unavailable": 503,
    "timeout": 408,
}


@dataclass(frozen=True, slots=True)
class Server:
    """The server as messages name it; ``secret`` is what they must never hold."""

    label: str
    secret: str = field(default="", repr=False)

    def failed(self, status: int | None, body: object) -> ChatModelError:
        """Turn an HTTP status, or an error object without one, into the error to raise."""
        said = self.clean(_message(body))
        if status is None:
            status = _status_in(body)
        kind, what, remedy = _meaning(status, f"{_names(body)} {said}".lower())
        # A refused key is the one case in which servers repeat the key, whole or in part.
        quoted = f": {said}" if said and kind is not ChatModelDenied else ""
        number = f" ({status})" if status else ""
        return kind(f"the chat server {self.label} {what}{number}{quoted}; {remedy}")

    def unreachable(self, why: str) -> ChatModelUnreachable:
        """Build the error for a server that cannot be spoken to."""
        return ChatModelUnreachable(
            f"the chat server {self.label} {why}; "
            "check OPENAI_BASE_URL, the network and that the server runs"
        )

    def too_slow(self, what: str, seconds: float, setting: str) -> ChatModelTimeout:
        """Build the error for a deadline that has passed."""
        when = f"{what} within {seconds:g} s"
        return ChatModelTimeout(
            f"the chat server {self.label} {when}; try again or raise {setting}"
        )

    def bad_reply(self, what: str, remedy: str = "try again") -> ChatModelReplyError:
        """Build the error for a reply that cannot be used."""
        return ChatModelReplyError(f"the chat server {self.label} {what}; {remedy}")

    def rejected(self, what: str, remedy: str) -> ChatModelRejected:
        """Build the error for a request that was refused."""
        return ChatModelRejected(f"the chat server {self.label} {what}; {remedy}")

    def clean(self, text: str) -> str:
        """Make a server's words fit for one line: printable, short and without the key."""
        hidden = text.replace(self.secret, "[key]") if self.secret else text
        line = " ".join(_UNPRINTABLE.sub(" ", _KEY_LIKE.sub("[key]", hidden[:4000])).split())
        return line if len(line) <= _SAID_CHARACTERS else f"{line[:_SAID_CHARACTERS]}…"


def _meaning(status: int | None, words: str) -> tuple[_Kind, str, str]:
    if status != 401 and any(word in words for word in _FILTERED):
        return ChatModelRejected, "filtered the request", "ask in other words"
    if status in (400, 413, 422) and any(word in words for word in _TOO_LONG):
        return _BY_STATUS[413]
    if status == 429 and any(word in words for word in _NO_QUOTA):
        return ChatModelOverloaded, "says the quota is used up", "check the account's billing"
    if status is None:
        return _ODD
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return _BROKEN if status >= 500 else _REJECTED if status >= 400 else _MOVED


def _message(body: object) -> str:
    """Find the words in an error body; a web page has none worth showing."""
    if isinstance(body, dict):
        inner = body.get("error", body.get("message", body.get("detail", "")))
        return _message(inner) if inner is not body else ""
    if isinstance(body, str) and not body.lstrip().startswith("<"):
        return body
    return ""


def _names(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    return f"{body.get('type')} {body.get('code')}"


def _status_in(body: object) -> int | None:
    if not isinstance(body, dict):
        return None
    code = body.get("code")
    if isinstance(code, int) and 400 <= code < 600:
        return code
    if isinstance(code, str) and re.fullmatch(r"[45][0-9][0-9]", code):
        return int(code)
    names = _names(body).lower()
    return next((status for name, status in _BY_NAME.items() if name in names), None)
