"""The persons of a document, so that a surname finds its full name."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rag.dates import CALENDAR
from rag.lexicon import word_set
from rag.names import TITLES, Name, is_institution, names, strip_titles
from rag.nations import COUNTRY_KEYS, fold

Key = tuple[str, str]  # a person's first and last name

_LONGEST_PERSON = 4  # words; a longer run is a title or a list
# Places, wars, laws and subjects are written like a first and last name: what opens them …
_OPENS_NO_PERSON = word_set(
    """
    Breaking Central East Eastern Global Good Gulf Happy Human Inside International Middle New North
    Northeast Northern Northwest Our Pacific Saint South Southeast Southern Southwest Super The
    Updated West Western World
    """
)
# … and what stands anywhere in them.
_NO_PERSON = word_set(
    """
    Act Affairs Africa Agreement Airport America Arena Asia Atlantic Avenue Award Awards Beach
    Boulevard Bowl Bridge Castle Cathedral Championship Conflict Convention Cup Economy Elections
    Falls Farm Festival Games Harbor Harbour Heights Hotel Island Islands Lake Mountains Newsletter
    Ocean Olympics Palace Peninsula Plaza Prison Prize Province Region Rights River Riverwalk Road
    Sea Square Stadium Studies Summit Theater Theatre Tower Treaty Valley War Wars Zoo
    """
)
_OWNING = re.compile(r"['’]s\b|(?<=s)['’](?=\s)")
_WORD_BEFORE = re.compile(r"(\w[\w.’'-]*)[ \u00a0]$")
_BEFORE_NAME = 24  # characters that may hold a preposition with its article, or a title
_PLACING = re.compile(r"\b(?:the|in|at|near|across|into|inside|outside|around)[ \u00a0]$", re.I)
# A name behind one of these is a person's, though the document has no fuller one.
_TITLED = re.compile(
    r"\b(?:M(?:r|rs|s)\.?|Miss|Dr\.?|Sir|President|Minister|Chancellor|Premier|Secretary|Senator"
    r"|Sen\.|Governor|Gov\.|General|Gen\.|Colonel|Col\.|Admiral|Ambassador|Mayor|King|Queen|Prince"
    r"|Princess|Pope|Professor|Prof\.|Judge|Chairman|Chairwoman)[ \u00a0]$",
    re.IGNORECASE,
)
# "Ada Quill, 55, …" and "Ada Quill, a docker, …" are persons more often than places.
_APPOSED = re.compile(r",? (?:\(?\d\d\)?(?!\w)|who\b|an? |the )")


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
        persons = {key(fit) for fit in fits}
        return fits[0] if len(persons) == 1 else name

    def is_called(self, surname: str) -> Key | None:
        """Return whom a surname alone means: of several, news mean the one whom they name first."""
        return next((key(known) for known in self.by_word.get(surname, ())), None)

    def is_person(self, name: Name) -> bool:
        """Tell whether the name is, or is short for, a person's full name."""
        return not is_institution(name) and name.words[-1] in self.by_word

    def persons(self, text: str, found: Iterable[Name]) -> set[Key]:
        """Tell apart the names of ``text`` that "he" or "she" may mean."""
        return {key(self.full(name)) for name in found if self._may_be_meant(text, name)}

    def _may_be_meant(self, text: str, name: Name) -> bool:
        before = text[max(0, name.start - _BEFORE_NAME) : name.start]
        if is_institution(name) or (_PLACING.search(before) and not owns(text, name)):
            return False
        return self.is_person(name) or bool(_TITLED.search(before))


def is_surely_person(text: str, person: str) -> bool:
    """Tell whether a text treats a full name as a person's: it gives a title, or the surname alone.

    Places, firms and headings are written like a first and last name, and are not so treated. Who
    is named once only must be presented, and never stand where a place does.
    """
    surname = person.split()[-1]
    named = [m.start() for m in re.finditer(rf"\b{re.escape(surname)}\b(?! [A-Z])", text)]
    if any(_is_called(text, start) for start in named):
        return True
    full = [m.span() for m in re.finditer(rf"\b{re.escape(person)}\b", text)]
    if any(_TITLED.search(text, max(0, start - _BEFORE_NAME), start) for start, _ in full):
        return True
    placed = any(
        _PLACING.search(text, max(0, start - _BEFORE_NAME), start) and not _OWNING.match(text, end)
        for start, end in full
    )
    return not placed and any(_APPOSED.match(text, end) for _, end in full)


def may_be_person(text: str, person: str) -> bool:
    """Tell whether nothing speaks against a full name being a person's.

    Against it is what stands where a place or thing does, or is written as headings and credits
    are, unless the text treats it as a person's elsewhere.
    """
    if is_surely_person(text, person):
        return True
    words = person.split()
    if any(word in CALENDAR or (len(word) > 3 and word.isupper()) for word in words):
        return False
    return not any(
        text.startswith("/", m.end())
        or (
            _PLACING.search(text, max(0, m.start() - _BEFORE_NAME), m.start())
            and not _OWNING.match(text, m.end())
        )
        for m in re.finditer(rf"\b{re.escape(person)}\b", text)
    )


def _is_called(text: str, start: int) -> bool:
    """Tell whether a surname stands behind a title, or alone: no name or article before it."""
    if _TITLED.search(text, max(0, start - _BEFORE_NAME), start):
        return True
    before = _WORD_BEFORE.search(text, max(0, start - _BEFORE_NAME), start)
    return before is None or not (before[1][0].isupper() or before[1] in ("the", "a", "an"))


def key(person: Name) -> Key:
    """Return what a full name keeps with or without a middle initial."""
    return person.words[0], person.words[-1]


def owns(text: str, name: Name) -> bool:
    """Tell whether a name of ``text`` only tells whose somebody is: Ada Quill's sister."""
    return bool(_OWNING.match(text, name.end))


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
    return name.words[0] not in _OPENS_NO_PERSON and not any(
        not word[0].isupper() or word in TITLES or word in _NO_PERSON or fold(word) in COUNTRY_KEYS
        for word in name.words
    )
