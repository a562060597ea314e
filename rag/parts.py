"""Questions that ask several things: taken apart, so that each part is read for by itself.

Two kinds are taken apart by their wording, without a model: several questions in one sentence
("When was it signed, and who signed it?"), and a comparison of named sides ("How do A and B differ
on X?"), where one sentence seldom speaks of both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.choosing import Statement, choose
from rag.questions import Question, names
from rag.reading import Scored
from rag.terms import terms

_MOST = 3
_WH = r"(?:who|whom|whose|what|which|when|where|why|how)"
# "Was it the ships, and who sent them" are two questions; "know when and where" is one.
_SECOND_QUESTION = re.compile(rf"(?:[?;,]\s*(?:and\s+)?|\s+and\s+)(?={_WH}\b(?!\s+and\b))", re.I)
_JOINED = re.compile(
    r"(?:,\s*)?\s+(?:and|or|with|to|from|versus|vs\.?|as well as)\s+"
    r"(?:the\s+(?:[a-z]+\s+){0,2}(?:by|of|in)\s+|the\s+)?\Z"
)
_LEAST_TERMS = 2
_MOST_STATEMENTS = 3  # of one part


@dataclass(frozen=True, slots=True)
class Part:
    """A question of several, with the sentences read for it, best first."""

    question: Question
    scored: tuple[Scored, ...]


def choose_for_parts(parts: Sequence[Part]) -> tuple[Statement, ...]:
    """Choose what answers each part, in the order of the parts, no sentence twice."""
    shown: set[tuple[str, int]] = set()
    chosen: list[Statement] = []
    for part in parts:
        for statement in choose(part.question, part.scored)[:_MOST_STATEMENTS]:
            candidate = statement.lead.candidate
            if (candidate.document.id, candidate.start) not in shown:
                shown.add((candidate.document.id, candidate.start))
                chosen.append(statement)
    return tuple(chosen)


def merged(readings: Sequence[Sequence[Scored]]) -> tuple[Scored, ...]:
    """Join what was read for several questions, each sentence with its best score."""
    best: dict[tuple[str, int], Scored] = {}
    for scored in readings:
        for item in scored:
            key = (item.candidate.document.id, item.candidate.start)
            if key not in best or best[key].score < item.score:
                best[key] = item
    return tuple(sorted(best.values(), key=lambda s: -s.score))


def parts_of(question: Question) -> tuple[str, ...]:
    """Return the questions that make up one; empty where it is one question."""
    several = _questions(question.text)
    if len(several) > 1:
        return several
    return _sides(question) if question.shape == "comparison" else ()


def _questions(text: str) -> tuple[str, ...]:
    """Split where a second question word opens; each part must say enough to stand alone."""
    pieces = [p.strip(" ,;?") for p in _SECOND_QUESTION.split(text)]
    if not re.match(_WH, text, re.I) or any(len(set(terms(p))) < _LEAST_TERMS for p in pieces):
        return ()
    return tuple(f"{piece}?" for piece in pieces[:_MOST])


def _sides(question: Question) -> tuple[str, ...]:
    """Ask the same of each of the names that a comparison joins."""
    text = question.text
    run = _joined_names(text, [n for n in names(text) if terms(n)])
    if len(run) < 2:
        return ()
    start, end = text.index(run[0]), text.index(run[-1]) + len(run[-1])
    if len(set(terms(text[:start] + text[end:]))) < _LEAST_TERMS:
        return ()
    return tuple(f"{text[:start]}{name}{text[end:]}" for name in run[:_MOST])


def _joined_names(text: str, found: list[str]) -> list[str]:
    """Return the first run of names with nothing but a joining word between each two."""
    run: list[str] = []
    at = 0
    for name in found:
        start = text.index(name, at)
        if run and not _JOINED.search(text[at:start]) and text[at:start].strip() != ",":
            if len(run) > 1:
                return run
            run = []
        run.append(name)
        at = start + len(name)
    return run
