"""What speaks for a sentence as an answer, each a feature that a person can follow."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass

from rag.dates import Date
from rag.dating import day_before, told_from
from rag.questions import Expected, Question, names
from rag.terms import terms
from rag.types import Attribution, Document

# A question mark, or the letter that stands before an interviewer's words, asked or not.
_ASKS = re.compile(r"\?[\"”’' ]*$|^[*_ ]*(?:Q|Question)[*_ ]*:")
_AUTHORS = re.compile(r",? and |, ")
# What a sentence answers counts half as much as what it says.
ANSWER_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer, with what stands around it.

    ``around`` is text that helps to understand the sentence and is not quoted: its headings, the
    sentence before. ``asked`` is the question that the article itself puts right before it, in a
    heading or as an interviewer does. ``passage_score`` is the retriever's score of its passage, in
    [0, 1]. ``heads`` tells that it is a line that reads as a heading.
    """

    document: Document
    start: int
    end: int
    around: str = ""
    asked: str = ""
    attribution: Attribution | None = None
    passage_score: float = 0.0
    heads: bool = False

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.document.text[self.start : self.end]

    @property
    def states(self) -> bool:
        """Whether it says something: it does not ask, and is no heading."""
        return not self.heads and not asks(self.text)


def asks(text: str) -> bool:
    """Tell whether a sentence asks: in an article, as an interviewer does, or in a heading."""
    return bool(_ASKS.search(text))


def follows(last: Candidate, candidate: Candidate) -> bool:
    """Tell whether nothing stands between a sentence and the next, in its paragraph or the next."""
    between = candidate.document.text[last.end : candidate.start]
    return last.document.id == candidate.document.id and not between.strip()


def terms_near(candidate: Candidate) -> set[str]:
    """List the terms of a sentence and of what belongs to it: what is around it, who says it."""
    speaker = candidate.attribution.speaker if candidate.attribution else ""
    return set(terms("\n".join((candidate.text, candidate.around, candidate.asked, speaker))))


def lexical_features(
    question: Question, candidate: Candidate, near: Set[str], weights: Mapping[str, float]
) -> tuple[float, ...]:
    """Compute all features but the similarity, each about in [0, 1].

    ``near`` is what ``terms_near`` gives for the candidate.
    """
    text = candidate.text
    own = terms(text)
    coverage = covered(question.terms, set(own), weights)
    if candidate.asked:
        under = covered(question.terms, {*own, *terms(candidate.asked)}, weights)
        coverage += ANSWER_SHARE * (under - coverage)
    return (
        coverage,
        covered(question.terms, near, weights) - coverage,
        float(holds(question.expected, text) or bool(day_carried(question, candidate))),
        float(_voice_asked(question, candidate)),
        candidate.passage_score,
        1.0 / (1.0 + len(own)),
        float(not candidate.states),
    )


def writer_asked(question: Question, candidate: Candidate) -> str:
    """Return whose own words a sentence is where the question names them, else "".

    That is its article's author, by the surname, or its publisher; nobody where somebody else is
    known to say it, or where a brief only retells what they wrote.
    """
    if candidate.attribution or candidate.document.kind == "brief":
        return ""
    document, asked = candidate.document, set(question.terms)
    for author in _AUTHORS.split(document.author or ""):
        if (surname := terms(author)[-1:]) and asked.issuperset(surname):
            return author.split()[-1]  # as the question calls them; a passage has little room
    publisher = terms(document.publisher or "")
    return document.publisher or "" if publisher and asked.issuperset(publisher) else ""


def day_carried(question: Question, candidate: Candidate) -> Date | None:
    """Return the day that a sentence has from one before it, where a date is asked for.

    It has to say half of what is asked beside names, for a day beside a name alone dates nothing,
    and some of it that is not said with the day: else that sentence answers by itself.
    """
    if question.expected != "date":
        return None
    named = {term for name in names(question.text) for term in terms(name.text)}
    asked = [term for term in question.terms if term not in named]
    said = set(terms(candidate.text))
    if not asked or 2 * sum(term in said for term in asked) < len(asked):
        return None
    document, start = candidate.document, candidate.start
    day = day_before(document, candidate.text, start)
    if not day or said & set(asked) <= set(terms(told_from(document, day, start))):
        return None
    return day


def day_opening(question: Question, candidate: Candidate) -> str:
    """Write that day as the opening of the sentence: "On June 18, "; "" where there is none."""
    day = day_carried(question, candidate)
    if not day:
        return ""
    return f"{'On' if day.day or not day.month else 'In'} {day.text}, "


def covered(wanted: Sequence[str], have: Collection[str], weights: Mapping[str, float]) -> float:
    """Return the share of the wanted terms' weight that is had, in [0, 1]."""
    total = sum(weights[t] for t in wanted)
    return sum(weights[t] for t in wanted if t in have) / total if total else 0.0


def _voice_asked(question: Question, candidate: Candidate) -> bool:
    """Tell whether the question names who says this: its speaker, or else the article's own."""
    if candidate.attribution:
        return bool(set(terms(candidate.attribution.speaker)) & set(question.terms))
    document = candidate.document
    own = f"{document.author or ''} {document.publisher or ''}"
    return bool(set(terms(own)) & set(question.terms))


_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundreds? thousands? millions? billions? dozens? half quarter several"
).split()
_MONTHS = (
    "jan(?:uary)? feb(?:ruary)? mar(?:ch)? apr(?:il)? may june? july? aug(?:ust)? sept?(?:ember)? "
    "oct(?:ober)? nov(?:ember)? dec(?:ember)?"
).split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_HOLDS: dict[Expected, re.Pattern[str]] = {
    "number": re.compile(r"\d|\b(?:" + "|".join(_NUMBER_WORDS) + r")\b", re.IGNORECASE),
    "date": re.compile(
        r"\b(?:1[5-9]|20)\d\d\b|\b(?:" + "|".join(_MONTHS) + r")\b\.? ?\d|"
        r"\b(?:" + "|".join(_DAYS) + r"|yesterday|today|tomorrow|last|next|ago|during|since|after|"
        r"before|\d+ (?:days?|weeks?|months?|years?))\b",
        re.IGNORECASE,
    ),
    "person": re.compile(r"\b[A-Z][\w'’-]+\s+(?:[A-Z]\.\s+)?[A-Z][\w'’-]+|\b(?:[Hh]e|[Ss]he)\b"),
    "place": re.compile(
        r"\b(?:in|at|near|to|from|into|on|off|across|over|of|around) (?:the )?(?:\w+ )?[A-Z]"
    ),
    "reason": re.compile(
        r"\b(?:because|since|due|owing|so that|in order|driven|reasons?|therefore|hence|thus|as a "
        r"result|caus\w+|explains?|to \w+|for \w+ing|amid|fear\w*|concern\w*|want\w*|need\w*|"
        r"hop\w+)\b",
        re.IGNORECASE,
    ),
}


def holds(expected: Expected, text: str) -> bool:
    """Tell whether a text holds the kind of thing a question expects; unknown kinds always do."""
    pattern = _HOLDS.get(expected)
    return pattern is None or bool(pattern.search(text))
