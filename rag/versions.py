"""Tell a newer version of an article from another article that came under the same id."""

from __future__ import annotations

import re
from itertools import pairwise

from rag.types import Document

_LEAST_SHARED = 0.2  # of the shorter text's word pairs; unrelated articles share a few per cent

_WORD = re.compile(r"\w+")


def is_another_article(old: Document, new: Document) -> bool:
    """Tell whether two documents of one id are different articles.

    A title is kept from version to version, unless the articles name two addresses; without one,
    or with another, most of the words are.
    """
    same_title = old.title is not None and old.title == new.title
    elsewhere = old.url is not None and new.url is not None and old.url != new.url
    if same_title and not elsewhere:
        return False
    return _shared(old.text, new.text) < _LEAST_SHARED


def _shared(one: str, other: str) -> float:
    """Return the share of the shorter text's word pairs that stand in the longer one, too."""
    smaller, larger = sorted((_pairs(one), _pairs(other)), key=len)
    return len(smaller & larger) / len(smaller) if smaller else float(one == other)


def _pairs(text: str) -> set[tuple[str, str]]:
    return set(pairwise(_WORD.findall(text.lower())))
