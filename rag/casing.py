"""Write the names of a question that has no capitals as the articles write them.

"what did ada quill say" asks Ada Quill, which only her capitals tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from rag.lexicon import STOP_WORDS

_WORD = re.compile(r"[^\W\d_]+")
_LEAST_SHARE = 0.95  # of a name's occurrences are written with a capital
_LEAST_ALONE = 2  # where all of them open sentences
_INSIDE = re.compile(r"(?:[^\W\d_]|,) $")  # before a word that opens no sentence


def lacks_capitals(query: str) -> bool:
    """Tell whether a question has no capital behind its first letter, but for "I"."""
    return not any(
        any(letter.isupper() for letter in (word[0][1:] if not word.start() else word[0]))
        for word in _WORD.finditer(query)
        if word[0] != "I"
    )


def with_capitals(query: str, texts: Iterable[str]) -> str:
    """Write the words of a query that ``texts`` hardly write without a capital as they do."""
    wanted = {w.casefold() for w in _WORD.findall(query)} - STOP_WORDS
    if not wanted:
        return query
    written, inside = _written(wanted, texts)
    cased = {word: _name(forms, inside[word]) for word, forms in written.items()}
    return _WORD.sub(lambda m: cased.get(m[0].casefold()) or m[0], query)


def _written(
    wanted: set[str], texts: Iterable[str]
) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """Count how the texts write each word, and how often not at the start of a sentence."""
    written: dict[str, Counter[str]] = {word: Counter() for word in wanted}
    inside: Counter[str] = Counter()
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(wanted)))})(?!\w)", re.I)
    for text in texts:
        for match in pattern.finditer(text):
            word = match[0].casefold()
            if word in written:
                written[word][match[0]] += 1
                inside[word] += bool(_INSIDE.search(text, max(0, match.start() - 2), match.start()))
    return written, inside


def _name(forms: Counter[str], inside: int) -> str | None:
    """Return the form to write, of a word that is written as names are; else ``None``."""
    capital = Counter({form: count for form, count in forms.items() if form != form.lower()})
    enough = inside or capital.total() >= _LEAST_ALONE
    if not enough or capital.total() < _LEAST_SHARE * forms.total():
        return None
    return max(capital, key=lambda form: (capital[form], form))
