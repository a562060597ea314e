"""A Chroma server an index may keep its vectors on: how it is named, and requests to it.

Requests go over Chroma's HTTP API (version 2) directly, not through chromadb's own client: that
one waits without limit, hides the status of a reply, and takes most of a second to import.
"""

from __future__ import annotations

import ssl
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from rag.errors import ConfigError, IndexServerError
from rag.index.failures import Failures

_API = "/api/v2"
_COLLECTIONS = "/tenants/default_tenant/databases/default_database/collections"

# A batch of vectors is put into the server's graph before it answers.
_WRITE_SECONDS = 120.0

# Attempts at a request. Someone waits for an answer, while an ingest had better outlast a restart
# of the server: it tries for some nine seconds. Pauses double up to the longest.
_READ_ATTEMPTS, _WRITE_ATTEMPTS = 3, 8
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 2.0

_PORTS = range(1, 65536)
_TOKEN_CHARACTERS = frozenset(string.ascii_letters + string.digits + string.punctuation)


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """Where a Chroma server is and how to speak to it; ``open_server`` makes one."""

    url: str
    token: str = field(default="", repr=False)
    ca: Path | None = None
    connect_seconds: float = 5.0
    query_seconds: float = 10.0
    write_attempts: int = _WRITE_ATTEMPTS

    def connect(self) -> Connection:
        """Return a connection, which is made with the first request."""
        return Connection(self)


def open_server(
    url: str,
    *,
    token: str | None = None,
    ca: Path | None = None,
    connect_seconds: float = 5.0,
    query_seconds: float = 10.0,
) -> ChromaServer:
    """Check what the settings say of a server; raise ``ConfigError`` naming what is wrong.

    Nothing that may hold a secret is repeated in the message.
    """
    url = url.strip().rstrip("/")
    _check_url(url)
    if token and not _TOKEN_CHARACTERS.issuperset(token):
        raise ConfigError("setting RAG_CHROMA_TOKEN: give ASCII letters, digits and punctuation")
    if ca is not None and not url.startswith("https:"):
        raise ConfigError("setting RAG_CHROMA_CA is for https; RAG_CHROMA_URL begins with http:")
    if ca is not None and not ca.is_file():
        raise ConfigError(f"setting RAG_CHROMA_CA: there is no file {ca}")
    return ChromaServer(url, token or "", ca, connect_seconds, query_seconds)


def _check_url(url: str) -> None:
    if "@" in url:
        raise ConfigError(
            "setting RAG_CHROMA_URL: leave user and password out; RAG_CHROMA_TOKEN takes a token"
        )
    try:
        parts = urlsplit(url)
        known = parts.port is None or parts.port in _PORTS
    except ValueError:
        known = False
    if not known or parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ConfigError(
            f"setting RAG_CHROMA_URL: expected http://host:port or https://host:port, found {url!r}"
        )


class Connection:
    """Requests to one server; safe to share between threads. ``close`` it.

    Every request can be repeated without harm, so what fails in passing is tried again.
    """

    def __init__(self, server: ChromaServer) -> None:
        import httpx

        self._server = server
        self._failures = Failures(server.url, server.token)
        self._client = httpx.Client(
            base_url=server.url + _API,
            headers=_headers(server),
            verify=_trust(server),
            timeout=httpx.Timeout(server.query_seconds, connect=server.connect_seconds),
        )
        self._patient = httpx.Timeout(
            max(_WRITE_SECONDS, server.query_seconds), connect=server.connect_seconds
        )

    def get(self, path: str = "", **params: object) -> Any:  # noqa: ANN401 - JSON
        """Read below the collections."""
        return self._call("GET", _COLLECTIONS + path, {"params": params})

    def ask(self, path: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        """Read what takes a body to ask for."""
        return self._call("POST", _COLLECTIONS + path, {"json": body})

    def write(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401
        """Change something, with the patience of an ingest."""
        options = {"json": body, "timeout": self._patient}
        return self._call(
            method, _COLLECTIONS + path, options, attempts=self._server.write_attempts
        )

    def require(self) -> None:
        """Raise an ``IndexServerError`` unless the server answers, takes the token and is fit."""
        said = self._call("GET", "/pre-flight-checks", {})
        if not isinstance(said, dict) or not said.get("supports_base64_encoding"):
            raise IndexServerError(
                f"the server at {self._server.url} is no Chroma of version 1.0 or newer; "
                "check RAG_CHROMA_URL"
            )
        self.get(limit=1)

    def close(self) -> None:
        """Let go of the server."""
        self._client.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()

    def _call(
        self, method: str, path: str, options: dict[str, Any], *, attempts: int = _READ_ATTEMPTS
    ) -> Any:  # noqa: ANN401
        import tenacity

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(attempts),
            wait=tenacity.wait_exponential(_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS)
            + tenacity.wait_random(0, _FIRST_PAUSE_SECONDS / 2),
            retry=tenacity.retry_if_exception(self._failures.is_passing),
            reraise=True,
        )
        return retrying(self._once, method, path, options)

    def _once(self, method: str, path: str, options: dict[str, Any]) -> Any:  # noqa: ANN401
        import httpx

        try:
            response = self._client.request(method, path, **options)
        except httpx.HTTPError as error:
            # The cause holds the request and with it the token.
            raise self._failures.of_transport(error) from None
        if response.is_success:
            return self._failures.json_of(response)
        raise self._failures.of_status(response)


def _headers(server: ChromaServer) -> dict[str, str]:
    """Say who asks, in both headers that Chroma's clients know.

    A Chroma server itself checks neither; what stands before it (a proxy, Chroma Cloud) does.
    """
    if not server.token:
        return {}
    return {"Authorization": f"Bearer {server.token}", "X-Chroma-Token": server.token}


def _trust(server: ChromaServer) -> ssl.SSLContext | bool:
    if not server.url.startswith("https:"):
        return False  # loading the certificates of all authorities takes a while
    try:
        return ssl.create_default_context(cafile=server.ca)
    except OSError as error:  # an SSLError is one
        raise ConfigError(
            f"setting RAG_CHROMA_CA: {server.ca} holds no usable certificate (PEM)"
        ) from error
