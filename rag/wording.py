"""Compare the wording of a claim with its evidence: names, negation, hedges, opposites, roles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import takewhile

from rag.checks import Finding, Focus
from rag.lexicon import ATTITUDES, OPPOSITES
from rag.names import Name, fold, strip_titles
from rag.speakers import speeches
from rag.statement import Statement, Word
from rag.terms import stem

_ALIGNED_WORDS = 120  # alignment is quadratic; longer sentences are compared by their heads
_COPIED = 0.6  # a claim that shares this much with one sentence, in order, was made from it
_SWAPPED_WORDS = 4  # a longer stretch is a rewording, not an exchange
_ROLE_WORDS = 4  # how far the second name may stand from the first
_NAME_WORD = re.compile(r"\w+")


def check_names(claim: Statement, evidence: Statement, _: Focus) -> Iterator[Finding]:
    """Look each name of the claim up in the evidence; a surname stands for the full name."""
    known = evidence.stems | {stem(word.lower()) for name in evidence.names for word in name.words}
    known |= {_initials(name) for name in evidence.names}
    for name in dict.fromkeys(strip_titles(name).text for name in claim.names):
        words = [stem(word.lower()) for word in _NAME_WORD.findall(fold(name))]
        found = sum(word in known for word in words)
        if words and words[-1] not in known and found * 2 < len(words):
            yield Finding("name", "unstated", f"name: the evidence does not mention {name}")


def _initials(name: Name) -> str:
    return "".join(word[0] for word in name.words if word[0].isupper()).lower()


def check_substitutions(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Find a number or a name exchanged in an otherwise copied sentence."""
    ours = claim.words[:_ALIGNED_WORDS]
    theirs = tuple(word for word in evidence.words if word.sentence in near)[:_ALIGNED_WORDS]
    matcher = SequenceMatcher(
        None, [w.stem for w in ours], [w.stem for w in theirs], autojunk=False
    )
    if sum(block.size for block in matcher.get_matching_blocks()) < _COPIED * len(ours):
        return
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "replace" and (pair := _exchanged(ours[a:b], theirs[c:d])):
            kind, asked, found = pair
            reason = f"{kind}: the claim says {asked} where the evidence says {found}"
            yield Finding(kind, "conflict", reason)


def _exchanged(ours: tuple[Word, ...], theirs: tuple[Word, ...]) -> tuple[str, str, str] | None:
    if max(len(ours), len(theirs)) > _SWAPPED_WORDS:
        return None
    for kind, wanted in (("number", _is_number), ("name", _is_name)):
        asked, found = [w.text for w in ours if wanted(w)], [w.text for w in theirs if wanted(w)]
        if asked and found:
            return kind, " ".join(asked), " ".join(found)
    return None


def _is_number(word: Word) -> bool:
    return word.is_number


def _is_name(word: Word) -> bool:
    return word.is_name


def check_negation(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Find words that one side negates and the other does not."""
    ours = _polarity(claim.words)
    theirs = _polarity(word for word in evidence.words if word.sentence in near)
    for word, negated in ours.items():
        if (
            len(negated) == 1
            and len(found := theirs.get(word, {})) == 1
            and negated.keys() != found.keys()
        ):
            text = next(iter(negated.values()))
            denied, stated = ("claim", "evidence") if True in negated else ("evidence", "claim")
            yield Finding(
                "negation",
                "conflict",
                f"negation: the {denied} negates {text!r}, the {stated} does not",
            )
            return


def _polarity(words: Iterable[Word]) -> dict[str, dict[bool, str]]:
    """Map each stem to the polarities it occurs with, and a word to show for each."""
    polarity: dict[str, dict[bool, str]] = {}
    for word in words:
        if not word.is_number:
            polarity.setdefault(word.stem, {}).setdefault(word.negated, word.text)
    return polarity


def check_modality(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Find what the claim states flatly and the evidence only as possible, expected or alleged."""
    hedged = {word.stem for word in claim.words if word.hedge}
    firm = {word.stem for word in evidence.words if not word.hedge}
    flat = claim.stems - hedged - firm
    fair = ATTITUDES if flat and speeches(claim.text) else frozenset()
    for word in evidence.words:
        if word.sentence in near and word.stem in flat and word.hedge and word.hedge not in fair:
            said = f"the evidence says {word.hedge!r} of {word.text!r}"
            yield Finding("modality", "weaker", f"modality: {said}, the claim states it as fact")
            return


def check_opposites(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Find a word of the claim whose opposite stands in the evidence instead."""
    close = {word.stem for word in evidence.words if word.sentence in near}
    for word in claim.words:
        against = OPPOSITES.get(word.stem, frozenset()) & close - claim.stems
        if against and word.stem not in evidence.stems:
            found = next(w.text for w in evidence.words if w.stem in against)
            yield Finding(
                "opposite",
                "conflict",
                f"opposite: the claim says {word.text!r}, the evidence {found!r}",
            )


def check_roles(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Find "A verb B" where the evidence has "B verb A" and never "A verb B"."""
    theirs = set(_role_triples(evidence))
    for subject, verb, object_ in _role_triples(claim):
        if (object_, verb, subject) in theirs and (subject, verb, object_) not in theirs:
            yield Finding(
                "role",
                "conflict",
                f"role: the evidence has {subject} and {object_} the other way round",
            )
            return


def _role_triples(statement: Statement) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield (name, words, name) for the few words between two neighbouring names."""
    for i, first in enumerate(statement.words):
        following = statement.words[i + 1 : i + 2 + _ROLE_WORDS] if first.is_name else ()
        between = tuple(takewhile(lambda word: not word.is_name, following))
        if between and len(between) < len(following):
            second = following[len(between)]
            if second.sentence == first.sentence:
                yield first.stem, tuple(word.stem for word in between), second.stem
