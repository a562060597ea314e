"""What a Chroma server's failure means to a user: one typed error, one line, never the token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rag.errors import (
    REMEDY,
    IndexDamagedError,
    IndexServerDenied,
    IndexServerError,
    IndexServerUnreachable,
)

if TYPE_CHECKING:
    import httpx

_SAID_CHARACTERS = 160  # of what the server says; enough for its reason, too little for an echo
_DENIED = (401, 403, 407)
# Not there yet, or too much at once. 500 is what the server makes of a locked database.
_PASSING = (408, 425, 429, 500, 502, 503, 504)

_IS_IT_UP = "check that it runs and that RAG_CHROMA_URL names it"


class _Passing(IndexServerUnreachable):
    """A failure that another attempt may not meet."""


class Failures:
    """Turns what goes wrong with a server into the error to raise."""

    def __init__(self, url: str, secret: str) -> None:
        self._name = f"the Chroma server at {url}"
        self._secret = secret

    def is_passing(self, error: BaseException) -> bool:
        """Tell whether to try again: not after a time-out, which would double the wait."""
        return isinstance(error, _Passing)

    def of_transport(self, error: httpx.HTTPError) -> IndexServerError:
        """Explain why there is no reply."""
        import httpx

        if isinstance(error, httpx.ConnectTimeout):
            return IndexServerUnreachable(
                f"{self._name} cannot be reached in time (RAG_CHROMA_CONNECT_TIMEOUT_SECONDS); "
                f"{_IS_IT_UP}"
            )
        if isinstance(error, httpx.TimeoutException):
            return IndexServerUnreachable(
                f"{self._name} did not answer in time; check its load, or raise "
                "RAG_CHROMA_TIMEOUT_SECONDS"
            )
        if "CERTIFICATE" in str(error):
            return IndexServerDenied(
                f"{self._name} shows a certificate that is not trusted ({self._clean(str(error))});"
                " name the file of its authority in RAG_CHROMA_CA"
            )
        if "[SSL" in str(error):
            return IndexServerError(
                f"{self._name} does not speak TLS as expected ({self._clean(str(error))}); check "
                "http or https in RAG_CHROMA_URL"
            )
        return _Passing(f"{self._name} cannot be reached ({self._clean(str(error))}); {_IS_IT_UP}")

    def of_status(self, response: httpx.Response) -> IndexServerError | IndexDamagedError:
        """Explain a reply that is not the one hoped for."""
        status, (kind, said) = response.status_code, _complaint(response)
        reply = f"{status}: {self._clean(said)}" if said else str(status)
        if status in _DENIED:
            return IndexServerDenied(
                f"{self._name} refused access ({status}); set RAG_CHROMA_TOKEN to a token valid "
                "there"
            )
        if kind == "NotFoundError":
            return IndexDamagedError(
                f"{self._name} no longer has the vectors of this index; {REMEDY}"
            )
        if status in _PASSING:
            return _Passing(f"{self._name} failed ({reply}); try again or check its log")
        if response.is_redirect:
            return IndexServerError(
                f"{self._name} redirects elsewhere; set RAG_CHROMA_URL to its final address"
            )
        remedy = "check its log" if kind else "check that RAG_CHROMA_URL names a Chroma server"
        return IndexServerError(f"{self._name} refused a request ({reply}); {remedy}")

    def json_of(self, response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
        """Read a reply; raise ``IndexServerError`` when it is none of Chroma's."""
        try:
            return response.json()
        except ValueError as error:
            raise IndexServerError(
                f"{self._name} sent something other than JSON; check that RAG_CHROMA_URL names a "
                "Chroma server"
            ) from error

    def _clean(self, said: str) -> str:
        if self._secret:
            said = said.replace(self._secret, "…")
        return " ".join("".join(c if c.isprintable() else " " for c in said).split())[
            :_SAID_CHARACTERS
        ]


def _complaint(response: httpx.Response) -> tuple[str, str]:
    """Return the name and the message of Chroma's own errors, or nothing."""
    try:
        body = response.json()
    except ValueError:
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    return str(body.get("error") or ""), str(body.get("message") or "")
