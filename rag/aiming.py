"""Tell whom and what a question asks, before anything is read for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.abbreviations import named_so, short_forms, spelling_asked
from rag.candidates import Views
from rag.casing import lacks_capitals, with_capitals
from rag.gatherings import gathering_of
from rag.presented import described_in, with_name
from rag.questions import Question, analyse
from rag.recency import (
    NOT_DATED,
    asks_lately,
    is_new,
    matter_asked,
    newest_asked,
    newest_of,
    note_on,
    note_on_new,
    opens_with,
    since_asked,
    speaks_of,
    without_lately,
)
from rag.retrieval import HybridRetriever
from rag.summaries import MOST_ARTICLES, articles_asked, matter_of, named_by, newest, scope
from rag.types import Origin
from rag.voices import Voice, name_asked, voice_asked, without_name

_OPENING = 100_000  # characters of an article, in which it presents people
# Where a matter is spoken of may be any of its mentions.
_MENTIONS = 32
_MOSTLY = 0.8  # of the articles: what so many speak of is what they are about
_OVERVIEW = re.compile(r"give (?:me )?an overview\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Aim:
    """A question with whom it asks, and the articles of which it wants a summary.

    ``at_large`` tells that it asks what somebody says, about nothing in particular; ``plain`` that
    it is to be read for, whatever it seems to gather. ``searched`` is what to search for where
    that is more than the question, ``note`` what an answer adds. ``new`` lists the articles that
    are new enough, where it asks for what is new and others are not.
    """

    question: Question
    voice: Voice | None = None
    articles: tuple[str, ...] = ()
    at_large: bool = False
    plain: bool = False
    searched: str = ""
    note: str = ""
    new: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aimer:
    """Aims questions by what an index holds; ``top_k`` passages tell which articles those are."""

    retriever: HybridRetriever
    top_k: int
    origins: Callable[[], Iterable[Origin]]

    def named(self, query: str, sources: Collection[str] | None, views: Views) -> str:
        """Mend a question, and write names for initials and for whom it only describes.

        "NK" becomes a name where all articles say it in full, "ada quill" is written as they write
        it, and "the harbour's chief pilot" becomes the one whom the articles found present so.
        """
        query = self._spelled_out(self.retriever.mend(query), sources, views)
        if lacks_capitals(query):
            found = self.retriever.search(query, top_k=_MENTIONS, sources=sources)
            query = with_capitals(query, (passage.text for passage in found))
        described = described_in(query)
        if described is None:
            return query
        return with_name(query, described, self._openings(described, sources, views))

    def _spelled_out(self, query: str, sources: Collection[str] | None, views: Views) -> str:
        for short in () if spelling_asked(query) else short_forms(query):
            if self.retriever.holds(short):
                continue
            if name := named_so(short, self._openings(query, sources, views)):
                query = re.sub(rf"\b{short}\b", name, query)
        return query

    def _openings(self, query: str, sources: Collection[str] | None, views: Views) -> Iterator[str]:
        """Yield how the articles found for a query open."""
        found = self.retriever.search(query, top_k=self.top_k, sources=sources)
        for article in dict.fromkeys(passage.document for passage in views.intact(found)):
            yield views.of(article).document.text[:_OPENING]

    def aims(
        self, asked: Sequence[Question], sources: Collection[str] | None, *, searched: str = ""
    ) -> tuple[Aim, ...]:
        """Tell whom a question and each of its parts asks, and of what it wants a summary."""
        named = any(q.shape == "summary" or gathering_of(q) or name_asked(q.text) for q in asked)
        lately = any(asks_lately(question.text) for question in asked)
        listed = scope(self.origins(), sources) if named or lately else ()
        articles = listed if named else ()
        whole, *parts = (
            _of_new(self._aim(question, articles, sources), listed) for question in asked
        )
        return (replace(whole, searched=searched), *parts)

    def _aim(
        self, question: Question, articles: Sequence[Origin], sources: Collection[str] | None
    ) -> Aim:
        if not newest_asked(question.text):
            return self._aim_at(question, articles)
        if matter := matter_asked(question.text):
            return self._aim_at_newest(question, matter, articles, sources)
        return self._aim_at(question, newest_of(articles, {article.id for article in articles}))

    def _aim_at_newest(
        self,
        question: Question,
        matter: str,
        articles: Sequence[Origin],
        sources: Collection[str] | None,
    ) -> Aim:
        """Aim at the newest dated article that speaks of a matter; at all where none is dated."""
        found = self.retriever.search(matter, top_k=_MENTIONS, sources=sources)
        speaking = [p for p in found if speaks_of(matter, p.text)]
        dated = newest_of(articles, {p.document for p in speaking})
        if not dated:
            said = analyse(f"What is said about {matter}?")
            return replace(self._aim_at(said, ()), note=NOT_DATED)
        note = note_on(dated[0], articles)
        own = [p for p in speaking if p.document == dated[0].id]
        if opens_with(matter, dated[0], own):
            return Aim(question, articles=(dated[0].id,), note=note)
        return replace(self._aim_at(question, dated), note=note)

    def _aim_at(self, question: Question, articles: Sequence[Origin]) -> Aim:
        if gathering := gathering_of(question):
            matter = gathering.matter(question)
            whole = len(articles) <= MOST_ARTICLES or not matter
            every = newest(articles, {article.id for article in articles})
            named = named_by(matter, question, articles) if matter else ()
            return Aim(question, articles=named or (every if whole else ()))
        if summarised := articles_asked(question, articles) or self._widely(question, articles):
            return Aim(question, articles=summarised)
        voice = voice_asked(question, articles)
        said = analyse(without_lately(question.text))
        if voice and not without_name(said, voice):  # "what does she argue?"
            return Aim(question, voice, newest(articles, voice.documents), at_large=True)
        return Aim(question, voice)

    def _widely(self, question: Question, articles: Sequence[Origin]) -> tuple[str, ...]:
        """List all of a few articles where an overview is asked of what most of them speak of."""
        if not _OVERVIEW.match(question.text) or len(articles) > MOST_ARTICLES:
            return ()
        matter = " ".join(sorted(matter_of(question)))
        every = [article.id for article in articles]
        found = self.retriever.search(question.text, top_k=_MENTIONS, sources=every)
        speaking = {p.document for p in found if speaks_of(matter, p.text)}
        return tuple(every) if len(speaking) >= _MOSTLY * len(every) else ()


def _of_new(aim: Aim, articles: Sequence[Origin]) -> Aim:
    """Tell which articles are new enough for a question that asks for what is new."""
    if not asks_lately(aim.question.text) or aim.articles:
        return aim
    dates = {article.id: article.date for article in articles if article.date}
    newest = max(dates.values(), default="")
    since = since_asked(newest)
    new = tuple(name for name, dated in dates.items() if is_new(dated, since))
    if not new or len(new) == len(dates):
        return aim
    asked, note = replace(aim.question, since=since), aim.note or note_on_new(since, newest)
    return replace(aim, question=asked, new=new, note=note)
