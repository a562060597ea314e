"""Write an answer from the sentences that were read: chosen, put in order and quoted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.accounts import asks_across, choose_across
from rag.alternatives import alternatives_of
from rag.answerable import answerable_score
from rag.asked_kind import brings_asked_kind
from rag.candidates import Views
from rag.choosing import Statement, choose, in_reading_order, likeliest, without_copies
from rag.composing import cite, markdown
from rag.features import day_opening
from rag.gatherings import gathering_of
from rag.holdings import answer_on, holdings_asked
from rag.library import Library
from rag.mentions import mention_asked, mentions_of
from rag.outlines import with_sections
from rag.parts import Part, choose_for_parts
from rag.phrasing import present, present_with_article
from rag.provenance import answer_about, author_known, fields_asked
from rag.questions import Question
from rag.reading import Scored, Weigh
from rag.running_on import is_item
from rag.summaries import in_section
from rag.tables import is_row
from rag.types import Answer, Passage
from rag.voices import Voice, in_voice, mentioned

# Where one side of a comparison answers, what the other says is looked for among few sentences.
_BESIDE_AN_ANSWER = 0.2
_MOST_MENTIONS, _OF_AN_ARTICLE = 6, 2
_DIRECT = re.compile(r"[\"“«„][^\"“”«»„]{8,}")
_SHOWN_AS_LIST = ("list", "comparison", "summary")


@dataclass(frozen=True, slots=True)
class Reading:
    """A question with the sentences read for it, best first, and for each of its parts.

    ``summary`` holds what to show where the question asks for something that needs no reading: what
    articles or persons say at large, a timeline, a long form. ``voice`` is who is asked, where it
    is somebody, and ``otherwise`` what to show where nothing else answers; ``nothing_else`` tells
    that no other sentence than those of ``summary`` can. ``passages`` are all that were searched
    out, ``note`` is what to say beside an answer.
    """

    question: Question
    scored: tuple[Scored, ...]
    parts: tuple[Part, ...] = ()
    summary: tuple[Statement, ...] = ()
    voice: Voice | None = None
    otherwise: tuple[Statement, ...] = ()
    nothing_else: bool = False
    passages: tuple[Passage, ...] = ()
    note: str = ""

    @property
    def own(self) -> tuple[Scored, ...]:
        """What may answer: only the words of the one who is asked, where somebody is."""
        return in_voice(self.voice, self.scored)

    @property
    def named(self) -> str | None:
        """The thing of which it is asked which articles name it."""
        return None if self.parts else mention_asked(self.question.text)

    def chosen(self, *, abstain_below: float) -> tuple[Statement, ...]:
        """Choose what answers, part by part where there are any; empty when nothing does."""
        found = self._chosen(abstain_below)
        if not self.named:  # which articles name a thing is told of each
            found = without_copies(found)
        return _very_words(found) if self.question.quoted else found

    def _chosen(self, abstain_below: float) -> tuple[Statement, ...]:
        if self.summary or self.nothing_else:
            return self.summary
        if self.named:
            return mentions_of(self.named, self.own)
        if answered := self._answered(abstain_below):
            return choose_for_parts(answered)
        if not answers(self.question, self.own, abstain_below=abstain_below):
            return self._mentioned() or self.otherwise
        own = _stating(self.own)
        if asks_across(self.question):
            return choose_across(self.question, own)
        whole = self.question.shape == "summary"
        return choose(self.question, in_section(self.question, own) if whole else own)

    def _mentioned(self) -> tuple[Statement, ...]:
        """Choose what is said of a matter, by the one who is asked, where just that is asked."""
        found = mentioned(self.question, self.voice, self.own)
        if self.voice is None:
            found = _of_each_article(found)
        return in_reading_order([Statement(item) for item in found[:_MOST_MENTIONS]])

    def unanswered(self, *, abstain_below: float) -> tuple[str, ...]:
        """Return the parts that are left out where others are answered, if all were asked for."""
        if alternatives_of(self.question.text):
            return ()
        answered = {p.question.text for p in self._answered(abstain_below)}
        asked = [p.question.text for p in self.parts] if answered else []
        return tuple(part for part in asked if part not in answered)

    def _answered(self, abstain_below: float) -> list[Part]:
        """List the parts that are answered; beside one, less will do of another who is asked."""
        told = [_told(part, abstain_below) for part in self.parts]
        least = min(abstain_below, _BESIDE_AN_ANSWER)
        return [
            answered or part
            for part, answered in zip(self.parts, told, strict=True)
            if answered or (any(told) and part.voice and answerable_score(part.own) >= least)
        ]


def _stating(scored: tuple[Scored, ...]) -> tuple[Scored, ...]:
    """Leave headings and the article's own questions to what states something, where any does."""
    stating = (s for s in scored if s.candidate.states or s.candidate.attribution)
    return tuple(stating) or scored


def _very_words(chosen: Sequence[Statement]) -> tuple[Statement, ...]:
    """Keep the statements that quote somebody directly, where any do."""
    quoting = (s for s in chosen if _DIRECT.search(s.lead.candidate.text))
    return tuple(quoting) or tuple(chosen)


def _of_each_article(found: Sequence[Scored]) -> tuple[Scored, ...]:
    """Keep the best few sentences of each article, the best of every article first."""
    place: Counter[str] = Counter()
    ranked = []
    for item in found:
        document = item.candidate.document.id
        if place[document] < _OF_AN_ARTICLE:
            ranked.append((place[document], item))
            place[document] += 1
    return tuple(item for _, item in sorted(ranked, key=lambda pair: pair[0]))


def _told(part: Part, abstain_below: float) -> Part | None:
    """Return a part that is answered, or with only what is said of its matter; else ``None``."""
    if answers(part.question, part.own, abstain_below=abstain_below):
        return part
    found = mentioned(part.question, part.voice, part.own)
    return replace(part, scored=found) if found else None


def answers(question: Question, scored: Sequence[Scored], *, abstain_below: float) -> bool:
    """Tell whether the sentences read, best first, answer a question.

    Without a content word nothing is asked for, whatever reads as an answer.
    """
    likely = answerable_score(scored) if question.terms else 0.0
    if not scored or likely < abstain_below:
        return False
    candidates = [item.candidate for item in likeliest(question, scored)]
    return brings_asked_kind(question, [day_opening(question, c) + c.text for c in candidates])


def quoted(
    start: Answer,
    reading: Reading,
    chosen: Sequence[Statement],
    views: Views,
    *,
    abstain_below: float,
) -> Answer:
    """Show the chosen sentences with their citations, and say which parts have none."""
    shown = with_sections(chosen, views)
    write = present_with_article if reading.named else present
    claims, citations = cite(shown, lambda c: write(c, views))
    texts = [statement.lead.candidate.text for statement in shown]
    listed = any(is_item(text) or is_row(text) for text in texts)
    gathered = bool(reading.named or gathering_of(reading.question))
    as_list = (
        listed or gathered or reading.question.shape in _SHOWN_AS_LIST or len(reading.parts) > 1
    )
    text = markdown(claims, as_list=as_list)
    silent = reading.unanswered(abstain_below=abstain_below)
    articles = "chosen articles" if start.sources else "articles"
    told = (reading.note,) if reading.note else ()
    notes = (*start.notes, *told, *(f"The {articles} do not answer: {part}" for part in silent))
    return replace(start, text=text, claims=claims, citations=citations, notes=notes)


def about_source(
    start: Answer, question: Question, parts: Sequence[Question], views: Views, weigh: Weigh
) -> Answer | None:
    """Answer from what is known of an article, its author or date; ``None`` if not asked.

    Of a question with ``parts`` each has to ask for that.
    """
    fields = fields_asked(question, parts)
    documents = tuple(views.of(i).document for i in {p.document for p in start.passages})
    weights = weigh(question.terms) if fields else {}
    claims = [answer_about(question, f, documents, start.passages, weights) for f in fields]
    told = tuple(claim for claim in claims if claim)
    if not told or len(told) < len(claims):
        return None
    return replace(start, text=markdown(told, as_list=False), claims=told)


def about_holdings(start: Answer, question: Question, library: Library) -> Answer | None:
    """Answer from what is known of all articles, or of those chosen; ``None`` if not asked."""
    asked = holdings_asked(question)
    if not asked:
        return None
    articles = [a for a in library.origins() if not start.sources or a.id in start.sources]
    claims = answer_on(asked, articles)
    return replace(start, text=markdown(claims, as_list=True), claims=claims)


def about_author(start: Answer, question: Question, views: Views) -> Answer | None:
    """Say what somebody wrote of whom the articles say nothing; ``None`` if nobody is asked for."""
    documents = tuple(views.of(i).document for i in sorted({p.document for p in start.passages}))
    claim = author_known(question.text, documents)
    return replace(start, text=markdown([claim], as_list=False), claims=(claim,)) if claim else None
