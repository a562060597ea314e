"""Links to the articles themselves, from addresses that nobody vouches for."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

_LONGEST = 2_000  # characters; more is no article's address
_KEPT = "!$&'*+,;=:@/?-._~%"  # what an address may hold and neither Markdown nor HTML acts on


def safe_link(url: str | None) -> str | None:
    """Return an address that is safe to link to, or ``None`` for anything but a plain web address.

    Only ``http`` and ``https`` are, without a user name, which can pass for the host. What could
    end a link in Markdown or an attribute in HTML comes back as %-escapes.
    """
    if not url or len(url) > _LONGEST or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:  # UnicodeError among them
        return None
    if parts.scheme not in ("http", "https") or parts.username is not None or not _is_name(host):
        return None
    rest = (quote(part, safe=_KEPT) for part in (parts.path, parts.query, parts.fragment))
    place = f"{host}:{port}" if port else host
    return urlunsplit((parts.scheme, place, *rest))


def _is_name(host: str) -> bool:
    return bool(host) and all(char.isalnum() or char in "-._" for char in host)
