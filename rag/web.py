"""What stands between a browser and the app: safe defaults, and an ASGI middleware that holds them.

A page on another site can point its own name at 127.0.0.1 (DNS rebinding), so the Host header is
checked; it can also send forms to 127.0.0.1, so what changes anything must come from the app's own
pages. The upload route is closed unless documents may be added. The policy below lets the page load
nothing from anywhere else, so that text smuggled into an answer could not call home.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from rag.config import Settings
from rag.errors import ConfigError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 1_000_000
MAX_FILE_MEGABYTES = 10
MAX_UPLOAD_BYTES = 50_000_000  # all files of one upload together
UPLOAD_PATHS = frozenset({"/gradio_api/upload", "/gradio_api/upload_progress"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# Gradio's front end needs inline scripts and eval; images are drawn from data and blob URLs.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)


class _TooLarge(Exception):
    """The body went on after the limit."""


class Guard:
    """Refuses foreign hosts, foreign pages and large bodies, and adds the security headers.

    ``hosts`` are the names the app answers to; ``None`` accepts any, for an app behind a password.
    ``uploads`` opens the upload route.
    """

    def __init__(
        self, app: App, *, hosts: Collection[str] | None = LOOPBACK, uploads: bool = False
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._upload_paths = UPLOAD_PATHS if uploads else frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*_without_ours(message.get("headers", ())), *HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        if refusal:
            await _refuse(send_guarded, *refusal)
            return
        try:
            await self._app(scope, _limited(receive, self._most_bytes(scope)), send_guarded)
        except _TooLarge:
            if not started:
                await _refuse(send_guarded, 413, "request too large")

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
        host = hostname(headers.get(b"host", b"").decode("latin-1"))
        if self._hosts is not None and host not in self._hosts:
            return 400, "unknown host"
        if _is_from_elsewhere(scope, headers):
            return 403, "requests from other sites are not accepted"
        if "/upload" in scope["path"] and scope["path"] not in self._upload_paths:
            return 403, "uploads are not accepted"
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > self._most_bytes(scope):
            return 413, "request too large"
        return None

    def _most_bytes(self, scope: Scope) -> int:
        return MAX_UPLOAD_BYTES if scope["path"] in self._upload_paths else MAX_BODY_BYTES


def _is_from_elsewhere(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether another site's page asks for more than reading; programs name no origin."""
    if scope.get("method") in _READING or b"origin" not in headers:
        return False
    try:
        origin = urlsplit(headers[b"origin"].decode("latin-1")).netloc
    except ValueError:
        return True
    return origin.lower() != headers.get(b"host", b"").decode("latin-1").lower()


def hostname(host: str) -> str:
    """Take the name out of a Host header, without the port; empty when it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _without_ours(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    ours = {name for name, _ in HEADERS}
    return [(name, value) for name, value in headers if name.lower() not in ours]


def _limited(receive: Receive, most: int) -> Receive:
    """Count the bytes of a body whose length was not announced."""
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise _TooLarge
        return message

    return receive_limited


async def _refuse(send: Send, status: int, reason: str) -> None:
    body = reason.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def credentials(auth: str | None, host: str) -> tuple[str, str] | None:
    """Split ``user:password``; raise ``ConfigError`` where it is incomplete, or due and missing.

    Serving on ``host`` needs a password unless that address is this machine's own.
    """
    if auth is None and host not in LOOPBACK:
        raise ConfigError(
            f"setting RAG_HOST: {host} can be reached from other machines; set "
            "RAG_AUTH=user:password to allow that, or use 127.0.0.1"
        )
    if auth is None:
        return None
    user, _, password = auth.partition(":")
    if not user or not password:
        raise ConfigError("setting RAG_AUTH: expected user:password, found something else")
    return user, password


def check_port(host: str, port: int) -> None:
    """Raise ``ConfigError`` when the port is taken or the address is not this machine's."""
    # Gradio binds this port of 127.0.0.1, too, when it looks whether one of IPv6 is free.
    for place in (host, "127.0.0.1") if ":" in host else (host,):
        family = socket.AF_INET6 if ":" in place else socket.AF_INET
        try:
            socket.create_server((place, port), family=family).close()
        except OSError as error:
            raise ConfigError(
                f"settings RAG_HOST and RAG_PORT: {place} port {port} cannot be used "
                f"({error.strerror or error}); set others"
            ) from error


def url_host(host: str) -> str:
    """Write an address as it stands in a URL, and as gradio wants it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def may_upload(settings: Settings) -> bool:
    """Tell whether visitors may add and remove documents.

    Unless a setting says so, they may on this machine only. Elsewhere there is always a password.
    """
    return settings.uploads == "on" or (settings.uploads is None and settings.host in LOOPBACK)
