"""Reword questions with WordNet's synonyms, so that a reader learns more than shared words.

WordNet 3.0's own files are read (Debian: ``wordnet-base``, a folder ``/usr/share/wordnet``).
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path("/usr/share/wordnet")

_PARTS = ("noun", "verb", "adj", "adv")
_WORD = re.compile(r"\b[a-z]{4,}\b")
# Endings that a synonym takes over, longest first, and what the word has without them.
_ENDINGS = (("ies", "y"), ("ing", "e"), ("ing", ""), ("ed", "e"), ("ed", ""), ("es", ""), ("s", ""))
_KEPT = frozenset(
    "what which when where whom whose does have been were will would could should this that these "
    "those with from into than then they them their there many much more most some such other "
    "each both after before during while since until between year years month number first last "
    "kind type name long ever".split()
)
_MOST = 2  # words of a question


class Synonyms:
    """The synonyms of each word's commonest sense."""

    def __init__(self, folder: Path = FOLDER) -> None:
        if not folder.is_dir():
            raise FileNotFoundError(
                f"WordNet is not in {folder}; on Debian, apt-get install wordnet-base"
            )
        words = {part: _synonym_sets(folder / f"data.{part}") for part in _PARTS}
        self._of: dict[str, tuple[str, ...]] = {}
        used: dict[str, int] = {}
        for part in _PARTS:
            for word, times, synset in _first_senses(folder / f"index.{part}"):
                others = tuple(w for w in words[part].get(synset, ()) if w.lower() != word)
                if times > used.get(word, -1):
                    used[word] = times
                    self._of[word] = tuple(w for w in others if w.isalpha() and w.islower())

    def of(self, word: str) -> tuple[str, ...]:
        """Return the synonyms of a word in the form it stands in; none for unknown words."""
        if found := self._of.get(word):
            return found
        for ending, base in _ENDINGS:
            if word.endswith(ending) and (stem := word[: -len(ending)] + base) in self._of:
                return tuple(_inflected(w, ending) for w in self._of[stem])
        return ()

    def reworded(self, question: str, text: str, rng: random.Random) -> str:
        """Replace one or two words of a question, those that ``text`` uses too before others."""
        found = [m for m in _WORD.finditer(question) if m[0] not in _KEPT and self.of(m[0])]
        lower = text.lower()
        rng.shuffle(found)
        found.sort(key=lambda m: m[0][:5] not in lower)
        for match in sorted(found[: rng.randint(1, _MOST)], key=lambda m: -m.start()):
            synonym = rng.choice(self.of(match[0]))
            question = question[: match.start()] + synonym + question[match.end() :]
        return question


def _synonym_sets(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Read the words of each set of synonyms, by its place in the file."""
    found = {}
    for line in path.read_text(encoding="latin-1").splitlines():
        if not line.startswith(" "):
            fields = line.split(" ", 4 + 2 * int(line.split(" ", 4)[3], 16))
            words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
            found[fields[0]] = tuple(w.split("(")[0] for w in words)
    return found


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
