"""The persons of a document, so that a surname finds its full name."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from rag.names import COUNTRY_KEYS, TITLES, Name, fold, is_institution, names, strip_titles

_LONGEST_PERSON = 4  # words; a longer run is a title or a list


@dataclass(frozen=True, slots=True)
class Cast:
    """Full names by the words they hold, and by the title that stands before them."""

    by_word: dict[str, tuple[Name, ...]]
    by_title: dict[str, Name]

    def full(self, name: Name) -> Name:
        """Return the fullest form of a name; the name itself where two persons share it."""
        if name.text in self.by_title:
            return self.by_title[name.text]
        if is_institution(name):
            return name
        fits = [
            known
            for known in self.by_word.get(name.words[-1], ())
            if set(name.words) <= set(known.words)
        ]
        persons = {(fit.words[0], fit.words[-1]) for fit in fits}  # with or without an initial
        return fits[0] if len(persons) == 1 else name

    def is_person(self, name: Name) -> bool:
        """Tell whether the name is, or is short for, a person's full name."""
        return not is_institution(name) and name.words[-1] in self.by_word


@functools.lru_cache(maxsize=64)
def read_cast(text: str) -> Cast:
    """Collect the full names of a text; texts lately read are remembered."""
    by_word: dict[str, list[Name]] = {}
    by_title: dict[str, Name] = {}
    for name in names(text):
        person = strip_titles(name)
        if not _is_full_name(person):
            continue
        for word in person.words:
            by_word.setdefault(word, []).append(person)
        if title := name.text[: person.start - name.start].strip():
            by_title.setdefault(title, person)
    return Cast({word: tuple(found) for word, found in by_word.items()}, by_title)


def _is_full_name(name: Name) -> bool:
    if not 2 <= len(name.words) <= _LONGEST_PERSON or is_institution(name):
        return False
    return not any(
        not word[0].isupper() or word in TITLES or fold(word) in COUNTRY_KEYS for word in name.words
    )
