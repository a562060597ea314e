"""Hold what a question takes for granted against a sentence that is to answer it.

"When did Kuwait announce an embargo?" is not answered by what Libya announced, however alike the
rest is. A reader of meanings is easily taken in by such near misses; names, figures, opposites and
negations can be compared exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from rag.bylines import initials
from rag.dates import Date, dates, may_be_one
from rag.lexicon import OPPOSITES
from rag.names import names
from rag.offices import Office, is_anothers, offices_in
from rag.terms import fold, stem, terms

# What each kind of mismatch takes off a sentence's log odds of answering: three quarters of what a
# logistic regression on half of a SQuAD 2.0 development split gives; see docs/experiments.md.
_NAME, _FIGURE, _OPPOSITE, _NEGATION = 1.9, 3.75, 2.85, 2.5
_OFFICE = 4.0  # somebody else's, not fitted
_MOST = 2  # counted of a kind
_TOPIC = 1 / 3  # a name in so many of the sentences is what they are all about

_FIGURE_WORD = re.compile(r"\d[\d,.]*\d|\d")
_ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b(?! of all)"
)
_WORD = re.compile(r"[a-z]+")
_NEGATED = re.compile(
    r"\b(?:not|never|no longer|without|except|fail(?:ed|s)?|refus(?:e|es|ed)|lack(?:s|ed)?)\b|"
    r"n['’]t\b"
)
_NEGATIVE = re.compile(
    r"\b(?:not|never|no|none|nor|neither|without|except|fail\w*|refus\w*|lack\w*|un\w+|in\w+able|"
    r"little|few|rare\w*|hardly|prevent\w*|but|only|stop\w*|ban\w*|avoid\w*|reject\w*|"
    r"den(?:y|ies|ied))\b|n['’]t\b"
)
# What a follow-up was searched with stands behind it in brackets.
_SEARCHED = re.compile(r"\s*\([^()]*\)$")
_KIND = re.compile(
    r"\b(?:which|what) (?:(?!(?:do|does|did|is|are|was|were)\b)[\w’'-]+ ?){1,4}", re.I
)
YearOf = Callable[[Date], int | None]
_HOLDER = re.compile(r"\bwho(?:['’]s| is| was)\b|\bname (?:of )?\b", re.IGNORECASE)
_LONG = 5  # letters from which a name may be mistyped by one


@dataclass(frozen=True, slots=True)
class Premises:
    """What a question states: names (each its terms), figures, dates, opposites, whose office.

    ``dates`` are those with a month; their numbers are among the ``figures`` too. ``holder`` tells
    that it asks who holds an office.
    """

    terms: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    figures: tuple[str, ...]
    dates: tuple[Date, ...]
    ordinals: tuple[str, ...]
    opposites: tuple[str, ...]
    negated: bool
    offices: tuple[Office, ...] = ()
    holder: bool = False

    def __bool__(self) -> bool:
        exact = self.names or self.figures or self.ordinals or self.offices
        return bool(exact or self.opposites or self.negated)

    def against(self, sentence: str, near: str, *, year: YearOf = lambda date: None) -> float:
        """Return what speaks against a sentence as an answer, at least 0, in log odds.

        ``near`` is the sentence with what belongs to it: the one before, its headings, its speaker.
        ``year`` gives the year of a date that is told without one, where it is known.
        """
        folded = fold(sentence)
        alike = self._is_alike(sentence)
        unlike = alike and bool(self.opposites) and self._says_opposite(folded)
        negation = alike and self.negated and not _NEGATIVE.search(folded)
        return (
            _NAME * min(self._names_missing(near), _MOST)
            + _FIGURE * min(self._figures_missing(sentence, near, year), _MOST)
            + _OPPOSITE * unlike
            + _NEGATION * negation
            + _OFFICE * is_anothers(self.offices, sentence, holder=self.holder)
        )

    def _is_alike(self, sentence: str) -> bool:
        """Tell whether a sentence has half of the question's words: else one word tells little."""
        have = set(terms(sentence))
        return 2 * sum(term in have for term in self.terms) >= len(self.terms)

    def _names_missing(self, near: str) -> int:
        if not self.names:
            return 0
        have = set(terms(near))
        missing = [n for n in self.names if not any(_is_among(term, have) for term in n)]
        if not missing:
            return 0
        short = {word.lower() for word in initials(name.text for name in names(near))}
        return sum(short.isdisjoint(name) for name in missing)

    def _figures_missing(self, sentence: str, near: str, year: YearOf) -> int:
        plain = near.replace(",", "")
        figures, other_dates = self._figures_to_find(sentence, near, year)
        missing = other_dates + sum(figure not in plain for figure in figures)
        if self.ordinals and (found := set(_ORDINAL.findall(fold(sentence)))):
            missing += sum(ordinal not in found for ordinal in self.ordinals)
        return missing

    def _figures_to_find(self, sentence: str, near: str, year: YearOf) -> tuple[Sequence[str], int]:
        """Take off the figures what fits a date of the sentence; count the dates that differ.

        "On June 18" fits June 2024 in an article of that year: news seldom writes the year. "In
        April 2024" does not.
        """
        told = [date for date in dates(sentence) if date.month] if self.dates else []
        if not told:
            return self.figures, 0
        near_by = [
            date if date.year else replace(date, year=year(date))
            for date in dates(near)
            if date.month
        ]
        fitting = [d for d in self.dates if any(may_be_one(d, other) for other in near_by)]
        found = {str(number) for date in fitting for number in (date.year, date.day)}
        left = [figure for figure in self.figures if figure not in found]
        return left, len(self.dates) - len(fitting)

    def _says_opposite(self, folded: str) -> bool:
        have = {stem(word) for word in _WORD.findall(folded)}
        return any(w not in have and not have.isdisjoint(OPPOSITES[w]) for w in self.opposites)


def premises_of(question: str, sentences: Sequence[Set[str]]) -> Premises:
    """Read what a question states.

    Names that are the topic of the ``sentences`` (given as their terms) are left out, and so are
    those that say of which kind the answer is: "which European war".
    """
    asked = _SEARCHED.sub("", question)
    stated = _KIND.sub(" ", f"so {asked[:1].lower()}{asked[1:]}")
    folded = fold(asked)
    most = _TOPIC * len(sentences)
    found = dict.fromkeys(found for name in names(stated) if (found := terms(name.text)))
    return Premises(
        terms=tuple(dict.fromkeys(terms(asked))),
        names=tuple(n for n in found if sum(not held.isdisjoint(n) for held in sentences) <= most),
        figures=tuple(f.replace(",", "") for f in _FIGURE_WORD.findall(asked)),
        dates=tuple(date for date in dates(asked) if date.month),
        ordinals=tuple(_ORDINAL.findall(folded)),
        opposites=tuple(w for w in map(stem, _WORD.findall(folded)) if w in OPPOSITES),
        negated=bool(_NEGATED.search(folded)),
        offices=offices_in(asked),
        holder=bool(_HOLDER.search(asked)),
    )


def _is_among(term: str, have: Collection[str]) -> bool:
    """Tell whether a term is there, a letter of a long one apart."""
    if term in have:
        return True
    return len(term) >= _LONG and any(
        term[0] == other[0] and OSA.distance(term, other, score_cutoff=1) <= 1 for other in have
    )
