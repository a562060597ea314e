"""Summarise articles by their own most central sentences.

A sentence is central that is near in meaning to many others of its article: the stationary
distribution of a walk between sentences by their similarity (LexRank, Erkan and Radev 2004), with
something for an early place. Each next sentence also has to say something new (maximal marginal
relevance, Carbonell and Goldstein 1998).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from rag.bylines import WORK, made_by, own_terms, presents_author
from rag.candidates import View, heading_above
from rag.choosing import Statement, in_reading_order
from rag.features import Candidate
from rag.names import names
from rag.questions import Question
from rag.reading import Scored
from rag.running_on import announced, is_item
from rag.terms import fold, terms
from rag.types import Origin, Vectors

MOST_ARTICLES = 8
_OF_ONE_ARTICLE = 6  # sentences
_OF_ALL = 10
_MOST_SENTENCES = 200  # of an article that are compared with each other
_LEAST_WORDS, _MOST_WORDS = 7, 60

_DAMPING = 0.15
_STEPS = 30
_LEAST = 1e-9
_EARLY = 0.35  # added to the first sentence's share of the highest, less and less to later ones
_NEW = 1.0  # times the likeness to what is chosen
_LEAST_ITEMS, _MOST_ITEMS = 2, 10
_BACK = 0.3  # taken off for a "this": what it means may stand in a sentence that is not shown
_TOLD, _ENOUGH_FACTS = 0.4, 3  # for what it names and counts
_FIGURE = re.compile(r"\d[\d.,]*")
_TITLED = 0.6  # times the share of the title's terms
_FIRST_PERSON = 0.4  # taken off for a writer who speaks of themselves
_SPEAKS_OF_SELF = re.compile(r"\b(?:I|my|we|our|me)\b(?![^“\"]*[”\"])")
_POINTS_BACK = re.compile(r"\b(?:this|these|that|those|such) (?!(?:year|month|week|time)\b)\w+\b")

_WORKS = re.compile(rf"\b(?:{WORK}s?|stor(?:y|ies)|analyses|commentaries|documents?|sources?)\b")
_QUOTED = re.compile(r"[\"“‘«].+[\"”’»]")
_ASKING = frozenset(
    terms(
        "summarize summarise summary summaries sum overview main point points argument arguments "
        "idea ideas claim claims gist key takeaway takeaways article articles piece pieces up tl "
        "dr tldr please pls everything analysis analyses column columns commentary commentaries "
        "report reports text texts essay essays story stories document documents source sources "
        "short brief briefly quick indexed available sentence sentences two three four five all "
        "give"
    )
)
# What any matter may be called: "this row" names none.
_AFFAIRS = frozenset(
    terms(
        "affair argument case conflict controversy crisis dispute drama fight fuss matter mess "
        "quarrel row saga scandal situation standoff thing topic trouble"
    )
)
# What opens so leans on what stood before it.
_LEANS = re.compile(
    r"[\"“'‘]?(?:He|She|It|They|His|Her|Its|Their|This|That|These|Those|Such|But|And|So|Yet|Also|"
    r"True|Yes|No,|Of course|Indeed|Still|Instead|Let|Now|Here|Perhaps|Not|Nor|Or|Because|"
    r"However|Moreover|Furthermore|In addition|Then|Thus|Hence|Therefore|Nevertheless|For example|"
    r"For instance|In other words|First|Firstly|Second|Secondly|Third|Thirdly|Finally|Another|"
    r"The (?:first|second|third|other|latter|former))\b"
)


def articles_asked(question: Question, articles: Sequence[Origin]) -> tuple[str, ...]:
    """List the articles of which a summary is asked; none for a summary of a matter."""
    if question.shape != "summary":
        return ()
    rest = matter_of(question)
    if not rest:
        found = [article.id for article in articles]
        return tuple(found) if len(found) <= MOST_ARTICLES else ()
    return named_by(rest, question, articles)


def matter_of(question: Question) -> frozenset[str]:
    """Return the terms of what a summary is asked of; empty for all that there is."""
    return frozenset(question.terms) - _ASKING - _AFFAIRS


def named_by(
    rest: frozenset[str], question: Question, articles: Sequence[Origin]
) -> tuple[str, ...]:
    """List the articles that terms of a question name, by author, outlet or title."""
    speaks_of_work = bool(_WORKS.search(fold(question.text)) or _QUOTED.search(question.text))
    found = [a.id for a in articles if _is_named(a, rest, speaks_of_work=speaks_of_work)]
    return tuple(found) if len(found) <= MOST_ARTICLES else ()


def _is_named(article: Origin, rest: frozenset[str], *, speaks_of_work: bool) -> bool:
    """Tell whether all that a question says beside "summarise" names this article."""
    if not rest <= own_terms(article):
        return False
    return speaks_of_work or any(rest <= own for own in made_by(article))


def summary_of(
    scored: Sequence[Scored], most: int | None = None, *, each: bool = False
) -> tuple[Statement, ...]:
    """Choose the most central sentences of each article that ``scored`` holds, in reading order.

    At most ``most``, where given, of all or of ``each``.
    """
    if not each and (statements := _list_alone(scored)):
        return statements[:most]
    by_article: dict[str, list[Scored]] = {}
    for item in sorted(scored, key=lambda s: s.candidate.start):
        by_article.setdefault(item.candidate.document.id, []).append(item)
    share = max(1, min(_OF_ONE_ARTICLE, (most or _OF_ALL) // max(1, len(by_article))))
    own = most if each and most else share
    chosen = [item for items in by_article.values() for item in central(items, own)]
    if most and not each and len(chosen) > most:
        chosen = central(chosen, most)
    return in_reading_order([Statement(item) for item in chosen])


def _list_alone(scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Return the list that a section is mostly made of, with what leads into it."""
    items = [s for s in scored if is_item(s.candidate.text)]
    if len(items) < _LEAST_ITEMS or len(items) < len(scored) / 2:
        return ()
    first = min(item.candidate.start for item in items)
    leads = [s for s in scored if s.candidate.start < first and announced(s.candidate.text)]
    return in_reading_order([Statement(item) for item in [*leads, *items[:_MOST_ITEMS]]])


def in_section(question: Question, scored: Sequence[Scored]) -> tuple[Scored, ...]:
    """Keep what stands under a heading that the question names: "summarise the recommendations"."""
    asked = set(question.terms) - _ASKING
    named = [s for s in scored if (own := _heading_terms(s.candidate)) and own <= asked]
    return tuple(named or scored)


def _heading_terms(candidate: Candidate) -> set[str]:
    above = heading_above(candidate.document, candidate.start)
    return set(terms(candidate.document.text[above.start : above.end])) if above else set()


def central(items: Sequence[Scored], most: int) -> list[Scored]:
    """Choose up to ``most`` sentences, given in reading order, that stand for the rest."""
    fit = [item for item in items if _stands_alone(item) and not _is_note(item)] or list(items)
    vectors = np.stack([item.vector for item in fit])
    share = _centrality(vectors)
    points_back = np.array([bool(_POINTS_BACK.search(i.candidate.text)) for i in fit])
    value = share / share.max() + _EARLY / np.arange(1, len(fit) + 1) - _BACK * points_back
    value += _TITLED * np.array([_of_title(item) for item in fit])
    value += _TOLD * np.array([_facts_in(item) for item in fit])
    value -= _FIRST_PERSON * np.array([bool(_SPEAKS_OF_SELF.search(i.candidate.text)) for i in fit])
    chosen: list[int] = []
    while len(chosen) < min(most, len(fit)):
        repeated = (vectors @ vectors[chosen].T).max(1) if chosen else np.zeros(len(fit))
        gain = value - _NEW * repeated
        gain[chosen] = -np.inf
        chosen.append(int(gain.argmax()))
    return [fit[i] for i in chosen]


def _is_note(item: Scored) -> bool:
    return presents_author(item.candidate.document, item.candidate.start)


def _facts_in(item: Scored) -> float:
    """Return how much a sentence names and counts, in [0, 1]."""
    text = item.candidate.text
    told = sum(1 for _ in names(text)) + len(_FIGURE.findall(text))
    return min(_ENOUGH_FACTS, told) / _ENOUGH_FACTS


def _of_title(item: Scored) -> float:
    """Return the share of its article's title that a sentence holds, in [0, 1]."""
    title = set(terms(item.candidate.document.title or ""))
    return len(title & set(terms(item.candidate.text))) / max(1, len(title))


def _centrality(vectors: Vectors) -> Vectors:
    """Return how often a walk between (n, d) sentences is at each, as (n,) shares."""
    near = np.clip(vectors @ vectors.T, 0.0, None) ** 2
    near /= np.maximum(near.sum(1, keepdims=True), _LEAST)
    share = np.full(len(vectors), 1.0 / len(vectors))
    for _ in range(_STEPS):
        share = _DAMPING / len(vectors) + (1 - _DAMPING) * (share @ near)
    return share


def _stands_alone(item: Scored) -> bool:
    text = item.candidate.text
    words = len(text.split())
    return (
        _LEAST_WORDS <= words <= _MOST_WORDS
        and not _LEANS.match(text)
        and not announced(text)
        and item.candidate.states
        and not text.rstrip("\"”’' ").endswith(":")
    )


def newest(articles: Sequence[Origin], among: Collection[str]) -> tuple[str, ...]:
    """List the newest of some articles, as many as one summary is made of."""
    own = sorted((a for a in articles if a.id in among), key=lambda a: a.date or "", reverse=True)
    return tuple(article.id for article in own[:MOST_ARTICLES])


def thinned(seen: View) -> list[Candidate]:
    """List an article's sentences, no labels; of a very long one evenly spread ones."""
    told = [i for i, sentence in enumerate(seen.sentences) if sentence.start not in seen.labels]
    step = -(-len(told) // _MOST_SENTENCES) or 1
    return [seen.candidate(index) for index in told[::step]]


def scope(articles: Iterable[Origin], sources: Iterable[str] | None) -> tuple[Origin, ...]:
    """Keep the articles among ``sources``, or all where none are given."""
    among = set(sources or ())
    return tuple(article for article in articles if not among or article.id in among)
