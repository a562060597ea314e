"""Compare the wording of a claim with its evidence: names, negation, hedges, opposites, roles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile

from rag.checks import Finding, Focus, agree, holds_number, overlaps
from rag.lexicon import ATTITUDES, OPPOSITES
from rag.names import Name, strip_titles
from rag.nations import fold, unfold
from rag.sentences import split_sentences
from rag.speakers import speeches
from rag.statement import Statement, Word, read_statement
from rag.terms import stem

_ALIGNED_WORDS = 120  # alignment is quadratic; longer sentences are compared by their heads
_REWORDED = 0.6  # share of words in order from which a claim was made from this sentence
_COPIED = 0.8  # share, of the longer one, from which the claim is a copy of it
_SWAPPED_WORDS = 4  # a longer stretch is a rewording, not an exchange
_ROLE_WORDS = 4  # how far the second name may stand from the first
_NUMBER_WORD = re.compile(r"\d+(?:[.,]\d+)*|\w+")
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


# A month is no name that somebody else's could stand in the place of.
_CALENDAR = re.compile(
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?|January|February|March|April|May|June|"
    r"July|August|September|October|November|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)


def check_substitutions(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Find a number, a date or a name exchanged in an otherwise copied sentence."""
    ours = claim.words[:_ALIGNED_WORDS]
    theirs = tuple(word for word in evidence.words if word.sentence in near)[:_ALIGNED_WORDS]
    stems = [word.stem for word in ours], [word.stem for word in theirs]
    matcher = SequenceMatcher(None, *stems, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    if kept < _REWORDED * len(ours):
        return
    copied = kept >= _COPIED * max(len(ours), len(theirs))
    if copied:
        yield from _reordered(claim, evidence, near)
    fixed = frozenset() if copied else frozenset(stems[1])
    loose = _unmatched_numbers(claim, evidence)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "replace" or max(b - a, d - c) > _SWAPPED_WORDS:
            continue
        numbers = [w.text for w in ours[a:b] if w.text in loose]
        yield from _exchanged("number", numbers, [w.text for w in theirs[c:d] if w.is_number])
        names = [unfold(w.text) for w in ours[a:b] if w.is_name and w.stem not in fixed]
        found = [unfold(w.text) for w in theirs[c:d] if w.is_name]
        yield from _exchanged("name", names, [n for n in found if not _CALENDAR.fullmatch(n)])


def _exchanged(kind: str, asked: Sequence[str], found: Sequence[str]) -> Iterator[Finding]:
    if asked and found:
        both = f"the claim says {' '.join(asked)} where the evidence says {' '.join(found)}"
        yield Finding(kind, "conflict", f"{kind}: {both}")


def _reordered(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Compare the numbers and dates of a copy place by place: all may occur, yet swapped."""
    numbers = [q for q in evidence.quantities if evidence.sentence_at(q.start) in near]
    if len(numbers) == len(claim.quantities):
        for asked, found in zip(claim.quantities, numbers, strict=True):
            if not overlaps(asked, found):
                yield from _exchanged("number", [asked.text], [found.text])
    days = [date for date in evidence.dates if evidence.sentence_at(date.start) in near]
    if len(days) == len(claim.dates):
        for wanted, day in zip(claim.dates, days, strict=True):
            if not agree(wanted, day):
                yield from _exchanged("date", [wanted.text], [day.text])


def _unmatched_numbers(claim: Statement, evidence: Statement) -> frozenset[str]:
    """Return the number words of the claim that no number or date of the evidence accounts for."""
    loose = [
        asked.text
        for asked in claim.quantities
        if not any(holds_number(asked, found) for found in evidence.quantities)
    ]
    loose += [
        asked.text
        for asked in claim.dates
        if not any(agree(asked, found) for found in evidence.dates)
    ]
    return frozenset(word for text in loose for word in _NUMBER_WORD.findall(text))


def check_negation(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Find words that one side negates and the other does not, or that the evidence calls false."""
    if _is_called_false(claim, evidence, near):
        yield Finding("negation", "conflict", "negation: the evidence calls this false")
        return
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


# What calls a whole statement false: before it, or behind it.
_FALSE_THAT = re.compile(r"\b(?:is|was|it) (?:false|untrue|not true|not the case) that\b", re.I)
_THAT_IS_FALSE = re.compile(
    r"\b(?:is|are|was|were|proved|turned out)(?: to be)?(?: \w+ly)?(?: an?)?"
    r"(?: (?:false|untrue|baseless|fake|hoax|myth|lie)\b(?!-)|"
    r" fabricated\b(?! (?:in|at|from|of)\b))",
    re.I,
)
_BREAK = re.compile(r"[;:\n]|,? but\b", re.I)


def _is_called_false(claim: Statement, evidence: Statement, near: Focus) -> bool:
    """Tell whether most of the claim stands in what the evidence calls false, and it does not."""
    if not claim.stems or any(_called_false(claim.text)):
        return False
    return any(
        2 * len(claim.stems & read_statement(stretch).stems) > len(claim.stems)
        for start, stretch in _called_false(evidence.text)
        if evidence.sentence_at(start) in near
    )


def _called_false(text: str) -> Iterator[tuple[int, str]]:
    """Yield where a text calls something false, and what: its sentence up to a turn in it."""
    for sentence in split_sentences(text):
        whole = text[sentence.start : sentence.end]
        if match := _FALSE_THAT.search(whole):
            yield sentence.start, _BREAK.split(whole[match.end() :])[0]
        elif match := _THAT_IS_FALSE.search(whole):
            yield sentence.start, _BREAK.split(whole[: match.start()])[-1]


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
    close = {w.stem: w.text for w in evidence.words if w.sentence in near}
    for word in claim.words:
        if word.stem in evidence.stems:
            continue
        against = [w for w in OPPOSITES.get(word.stem, ()) if w in close and w not in claim.stems]
        if against:
            reason = f"opposite: the claim says {word.text!r}, the evidence {close[against[0]]!r}"
            yield Finding("opposite", "conflict", reason)


def check_roles(claim: Statement, evidence: Statement, near: Focus) -> Iterator[Finding]:
    """Find "A verb B" where the evidence has "B verb A" and never "A verb B"."""
    theirs = set(_role_triples(evidence))
    for subject, verb, object_ in _role_triples(claim):
        if (object_, verb, subject) in theirs and (subject, verb, object_) not in theirs:
            pair = f"{unfold(object_)} and {unfold(subject)}"
            yield Finding("role", "conflict", f"role: the evidence has {pair} the other way round")
            return


def _role_triples(statement: Statement) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield (name, stems, name) for the few words between two neighbouring names."""
    for i, first in enumerate(statement.words):
        following = statement.words[i + 1 : i + 2 + _ROLE_WORDS] if first.is_name else ()
        between = tuple(takewhile(lambda word: not word.is_name, following))
        if between and len(between) < len(following):
            second = following[len(between)]
            if second.sentence == first.sentence:
                yield first.text, tuple(word.stem for word in between), second.text
