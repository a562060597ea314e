"""Reword questions with WordNet, so that a reader learns more than shared words.

WordNet 3.0's own files are read (Debian: ``wordnet-base``, a folder ``/usr/share/wordnet``).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("/usr/share/wordnet")

_PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
_BROADER, _DERIVED = "@", "+"
_WORD = re.compile(r"\b[a-z]{4,}\b")
# Endings that a synonym takes over, longest first, and what the word has without them.
_ENDINGS = (("ies", "y"), ("ing", "e"), ("ing", ""), ("ed", "e"), ("ed", ""), ("es", ""), ("s", ""))
_KEPT = frozenset(
    "what which when where whom whose does have been were will would could should this that these "
    "those with from into than then they them their there many much more most some such other "
    "each both after before during while since until between year years month number first last "
    "kind type name long ever about over under near only also still even".split()
)
_MOST, _FEW = 3, 2  # words of a question
_BROADER_SHARE, _DERIVED_SHARE = 0.25, 0.15  # of the words replaced; the rest get a synonym
_DROPPED = 0.1  # of the words that would be replaced
# Openings of questions, and others that ask for the same.
_OPENINGS: Mapping[str, Sequence[str]] = {
    "how many": ("what number of", "what is the number of"),
    "who": ("which person", "which people", "what is the name of whoever"),
    "when": ("at what time", "on what date", "in what year", "on which day"),
    "where": ("in what place", "at which location", "in which area"),
    "why": ("for what reason", "what is the reason that", "how come"),
    "how much": ("what amount of", "to what extent"),
    "what caused": ("what led to", "what was behind"),
    "what": ("which thing",),
}
_OPENING = re.compile(rf"^({'|'.join(sorted(_OPENINGS, key=len, reverse=True))})\b", re.IGNORECASE)
_OPENING_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of synonyms, and the sets it points to by the kind of pointer."""

    words: tuple[str, ...]
    pointers: tuple[tuple[str, str], ...]


class Synonyms:
    """Other words for each word's commonest sense: the same, broader ones, and derived ones."""

    def __init__(self, folder: Path = FOLDER) -> None:
        if not folder.is_dir():
            raise FileNotFoundError(
                f"WordNet is not in {folder}; on Debian, apt-get install wordnet-base"
            )
        self._sets: dict[str, _Set] = {}
        for part, letter in _PARTS.items():
            self._sets.update(_synonym_sets(folder / f"data.{part}", letter))
        self._set_of: dict[str, str] = {}
        used: dict[str, int] = {}
        for part, letter in _PARTS.items():
            for word, times, place in _first_senses(folder / f"index.{part}"):
                if times > used.get(word, -1):
                    used[word], self._set_of[word] = times, letter + place
        lines = (folder / "verb.exc").read_text(encoding="latin-1").splitlines()
        self._irregular = {form: base for form, base, *_ in map(str.split, lines)}

    def of(self, word: str, pointer: str | None = None) -> tuple[str, ...]:
        """Return other words for a word in the form it stands in; none for unknown words.

        Synonyms, or the words of the sets that a kind of pointer leads to.
        """
        if word in self._set_of:
            return tuple(self._others(word, pointer))
        for stem, ending in self._stems(word):
            if stem in self._set_of:
                others = self._others(stem, pointer)
                return tuple(w if pointer == _DERIVED else _inflected(w, ending) for w in others)
        return ()

    def _stems(self, word: str) -> Iterator[tuple[str, str]]:
        """List what a word may be an ending of, with the ending; irregular verbs first."""
        if word in self._irregular:
            yield self._irregular[word], "ing" if word.endswith("ing") else "ed"
        for ending, base in _ENDINGS:
            if word.endswith(ending):
                yield word[: -len(ending)] + base, ending

    def _others(self, word: str, pointer: str | None) -> Iterator[str]:
        own = self._sets[self._set_of[word]]
        pointed = [self._sets[place] for kind, place in own.pointers if kind == pointer]
        for each in pointed if pointer else [own]:
            for other in each.words:
                if other != word and other.replace("_", "").isalpha() and other.islower():
                    yield other.replace("_", " ")

    def reworded(self, question: str, text: str, rng: random.Random, *, freely: bool = True) -> str:
        """Replace up to three words of a question, those that ``text`` uses too before others.

        Not ``freely``: up to two, by synonyms only, and the opening stays.
        """
        most = _MOST if freely else _FEW
        found = [m for m in _WORD.finditer(question) if m[0] not in _KEPT and self.of(m[0])]
        lower = text.lower()
        rng.shuffle(found)
        found.sort(key=lambda m: m[0][:5] not in lower)
        for match in sorted(found[: rng.randint(1, most)], key=lambda m: -m.start()):
            other = self._other(match[0], rng) if freely else rng.choice(self.of(match[0]))
            question = question[: match.start()] + other + question[match.end() :]
        if freely and rng.random() < _OPENING_SHARE:
            question = _OPENING.sub(lambda m: rng.choice(_OPENINGS[m[0].lower()]), question)
        return " ".join(question.split())

    def exchanged(self, question: str, answer: str, rest: str, rng: random.Random) -> str | None:
        """Put a word of ``rest`` in the place of one of a question, of the same part and form.

        So the question asks another thing of the same matter: neither word is known to mean what
        the other does, and ``answer``, the text that answers, lacks the new one. ``None`` where no
        word has such another.
        """
        said = {w[:5] for w in _WORD.findall(f"{question} {answer}".lower())}
        others = {w for w in _WORD.findall(rest) if w not in _KEPT and w[:5] not in said}
        own = [m for m in _WORD.finditer(question) if m[0] not in _KEPT]
        rng.shuffle(own)
        for match in own:
            form, same = self._form(match[0]), self.of(match[0])
            fit = sorted(w for w in others if self._form(w) == form and w not in same)
            if form and fit:
                return question[: match.start()] + rng.choice(fit) + question[match.end() :]
        return None

    def _form(self, word: str) -> tuple[str, str] | None:
        """Return the part of speech of a word's commonest sense and its ending, if known."""
        if word in self._set_of:
            return self._set_of[word][0], ""
        stems = ((stem, ending) for stem, ending in self._stems(word) if stem in self._set_of)
        return next(((self._set_of[stem][0], ending[-2:]) for stem, ending in stems), None)

    def _other(self, word: str, rng: random.Random) -> str:
        """Draw a broader word, a derived one or a synonym, or nothing at all."""
        drawn = rng.random()
        if drawn < _DROPPED:
            return ""
        pointer = None
        if drawn < _DROPPED + _BROADER_SHARE:
            pointer = _BROADER
        elif drawn < _DROPPED + _BROADER_SHARE + _DERIVED_SHARE:
            pointer = _DERIVED
        return rng.choice(self.of(word, pointer) or self.of(word))


def _synonym_sets(path: Path, letter: str) -> Iterator[tuple[str, _Set]]:
    """Read the sets of synonyms by the part of speech and their place in the file."""
    for line in path.read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        count = int(fields[3], 16)
        words = tuple(w.split("(")[0] for w in fields[4 : 4 + 2 * count : 2])
        first = 5 + 2 * count
        pointers = tuple(
            (fields[i], fields[i + 2].replace("s", "a") + fields[i + 1])
            for i in range(first, first + 4 * int(fields[first - 1]), 4)
        )
        yield letter + fields[0], _Set(words, pointers)


def _first_senses(path: Path) -> list[tuple[str, int, str]]:
    """Read each single word with how often its senses were counted and its commonest one's set."""
    found = []
    for line in path.read_text(encoding="latin-1").splitlines():
        fields = line.split()
        if not line.startswith(" ") and "_" not in fields[0]:
            pointers = int(fields[3])
            found.append((fields[0], int(fields[5 + pointers]), fields[6 + pointers]))
    return found


def _inflected(word: str, ending: str) -> str:
    ending = {"ies": "s", "es": "s"}.get(ending, ending)
    if ending in ("ing", "ed") and word.endswith("e"):
        word = word[:-1]
    return word + ending
