"""Find the passages for a question and its parts, and read them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.abbreviations import (
    abbreviation_asked,
    introduces,
    named_so,
    short_forms,
    spelling_asked,
)
from rag.accounts import asks_across, core
from rag.candidates import Views
from rag.choosing import Statement
from rag.extraction import Reading, answers
from rag.features import Candidate
from rag.gatherings import gathering_of
from rag.parts import Part, merged
from rag.presented import described_in, with_name
from rag.questions import Question, analyse
from rag.reading import WINDOWS_READ, Reader, Scored
from rag.recency import (
    NOT_DATED,
    matter_asked,
    newest_asked,
    newest_of,
    note_on,
    opens_with,
    speaks_of,
)
from rag.retrieval import HybridRetriever
from rag.summaries import (
    MOST_ARTICLES,
    articles_asked,
    in_section,
    matter_of,
    named_by,
    newest,
    scope,
    summary_of,
    thinned,
)
from rag.types import Origin, Passage
from rag.voices import Voice, in_voice, name_asked, voice_asked, without_name

_OPENING = 100_000  # characters of an article, in which it presents people
# Where a question asks what the articles say, so many are searched one by one.
_ARTICLES_SEARCHED = 5
_OF_EACH_ARTICLE = 3
_WINDOWS = 8  # windows that the cross-encoder reads then
# Where an abbreviation is introduced may be any of its mentions.
_MENTIONS = 32
# Of one who wrote more than this, a search of everything finds enough.
_MOST_SEARCHED = 500
_MOST_SAID = 60  # sentences of one who is asked, and their neighbours
# What is said in other words than those of the question ranks low: where nothing answers yet, so
# many times the passages are searched, and that many of them read.
_FURTHER = 3
_MOST_FURTHER = 48
_MOSTLY = 0.8  # of the articles: what so many speak of is what they are about
_OVERVIEW = re.compile(r"give (?:me )?an overview\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Aim:
    """A question with whom it asks, and the articles of which it wants a summary.

    ``at_large`` tells that it asks what somebody says, about nothing in particular; ``plain`` that
    it is to be read for, whatever it seems to gather. ``searched`` is what to search for where
    that is more than the question, ``note`` what an answer adds.
    """

    question: Question
    voice: Voice | None = None
    articles: tuple[str, ...] = ()
    at_large: bool = False
    plain: bool = False
    searched: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finder:
    """Searches and reads with the same settings each time; ``top_k`` passages for a question.

    Where nothing in them answers with a probability of ``abstain_below``, it looks further.
    """

    retriever: HybridRetriever
    reader: Reader
    top_k: int
    origins: Callable[[], Iterable[Origin]]
    abstain_below: float
    most: int = WINDOWS_READ

    def named(self, query: str, sources: Collection[str] | None, views: Views) -> str:
        """Name whom a question only describes, as the articles found for it present people."""
        described = described_in(query)
        if described is None:
            return query
        return with_name(query, described, self._openings(described, sources, views))

    def spelled_out(self, query: str, sources: Collection[str] | None, views: Views) -> str:
        """Write names for initials that stand nowhere in the index: "NK" where all say in full."""
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
        articles = scope(self.origins(), sources) if named else ()
        whole, *parts = (self._aim(question, articles, sources) for question in asked)
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
        if voice and not without_name(question, voice):  # "what does she argue?"
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

    def found(
        self, aims: Sequence[Aim], sources: Collection[str] | None, views: Views
    ) -> list[tuple[Passage, ...]]:
        """Search for a question, and for each of its parts after it."""
        return [views.intact(tuple(self._passages(aim, sources))) for aim in aims]

    def _passages(self, aim: Aim, sources: Collection[str] | None) -> Iterable[Passage]:
        """Search for one question; in each article that has a say, or in the ones it asks."""
        search, text = self.retriever.search, aim.searched or aim.question.text
        if aim.articles:
            return search(text, top_k=self.top_k, sources=aim.articles)
        if aim.voice:
            own = self._of(aim.voice, text, sources)
            return dict.fromkeys((*own, *search(text, top_k=self.top_k, sources=sources)))
        if short := abbreviation_asked(aim.question.text):
            mentions = search(short, top_k=_MENTIONS, sources=sources)
            return dict.fromkeys((*search(text, top_k=self.top_k, sources=sources), *mentions))
        if not asks_across(aim.question):
            return search(text, top_k=self.top_k, sources=sources)
        text = core(aim.question).text
        found = dict.fromkeys(search(text, top_k=self.top_k, sources=sources))
        articles = list(dict.fromkeys(p.document for p in found))[:_ARTICLES_SEARCHED]
        for article in articles if len(articles) > 1 else ():
            found |= dict.fromkeys(search(text, top_k=_OF_EACH_ARTICLE, sources=[article]))
        return tuple(found)

    def _of(self, voice: Voice, text: str, sources: Collection[str] | None) -> Sequence[Passage]:
        """Search in what one who is asked wrote, or for where they are spoken of."""
        search = self.retriever.search
        if 0 < len(voice.documents) <= _MOST_SEARCHED:
            return search(text, top_k=self.top_k, sources=voice.documents)
        return search(voice.name, top_k=_OF_EACH_ARTICLE, sources=sources)

    def read(
        self,
        aims: Sequence[Aim],
        found: Sequence[Sequence[Passage]],
        sources: Collection[str] | None,
        views: Views,
    ) -> Reading:
        """Read the passages found for a question, and for each of its parts after it.

        For each that nothing answers, more is searched for among ``sources`` and read.
        """
        whole = aims[0]
        scored = [
            self._scored(aim, passages, views) for aim, passages in zip(aims, found, strict=True)
        ]
        silent = [
            not (aim is whole and len(aims) > 1) and self._silent(aim, read)
            for aim, read in zip(aims, scored, strict=True)
        ]
        wide, searched = self._further, [*found]
        for number, aim in enumerate(aims):
            if silent[number]:
                searched += wide.found([aim], sources, views)
                scored[number] = wide._scored(aim, searched[-1], views)
        reading = self._reading(aims, scored)
        if whole.articles and not whole.plain and not reading.summary:
            plain = (replace(whole, articles=(), plain=True), *aims[1:])  # it may be told otherwise
            return self.read(plain, self.found(plain, sources, views), sources, views)
        passages = tuple(itertools.chain.from_iterable(searched))
        return replace(reading, passages=passages, note=whole.note)

    @property
    def _further(self) -> Finder:
        """A finder that looks further."""
        most = max(self.top_k, min(_FURTHER * self.top_k, _MOST_FURTHER))
        return replace(self, top_k=most, most=most)

    def _reading(self, aims: Sequence[Aim], scored: Sequence[tuple[Scored, ...]]) -> Reading:
        """Say what is to be made of the sentences read."""
        whole = aims[0]
        if (gathering := gathering_of(whole.question)) and not whole.plain:
            gathered = gathering.choose(whole.question, scored[0])
            return Reading(whole.question, scored[0], summary=gathered)
        if whole.articles or whole.at_large:
            own = in_section(whole.question, in_voice(whole.voice, scored[0]))
            summary = summary_of(own, whole.question.most)
            return Reading(whole.question, scored[0], summary=summary, voice=whole.voice)
        parts = tuple(
            Part(aim.question, read, aim.voice)
            for aim, read in zip(aims[1:], scored[1:], strict=True)
        )
        if parts:
            return Reading(whole.question, merged(scored), parts, voice=whole.voice)
        spelled = _spelled_out(whole.question, scored[0])
        at_once = spelled if spelling_asked(whole.question.text) else ()
        return Reading(
            whole.question, scored[0], summary=at_once, voice=whole.voice, otherwise=spelled
        )

    def _silent(self, aim: Aim, scored: Sequence[Scored]) -> bool:
        """Tell whether nothing that the cross-encoder read answers, where something has to."""
        if aim.articles or aim.at_large or all(item.relevance is None for item in scored):
            return False
        own = in_voice(aim.voice, scored)
        return not answers(aim.question, own, abstain_below=self.abstain_below)

    def _scored(self, aim: Aim, passages: Sequence[Passage], views: Views) -> tuple[Scored, ...]:
        weigh, question = self.retriever.term_weights, aim.question
        if aim.articles:
            whole = [c for name in aim.articles for c in thinned(views.of(name))]
            return self.reader.score(question, whole, weigh=weigh, most=0)
        candidates = views.candidates(passages)
        if short := abbreviation_asked(question.text):
            near = views.candidates(passages[: self.top_k])
            others = [c for c in candidates[len(near) :] if introduces(c.text, short)]
            return self.reader.score(question, (*near, *others), weigh=weigh, most=self.most)
        if asks_across(question):
            most = max(self.most, _WINDOWS)
            return self.reader.score(core(question), candidates, weigh=weigh, most=most)
        if aim.voice:
            candidates = _with_said(candidates, aim.voice, views)
            most = max(self.most, _WINDOWS)
            return self.reader.score(question, candidates, weigh=weigh, most=most)
        return self.reader.score(question, candidates, weigh=weigh, most=self.most)


def _spelled_out(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Return the best sentence that gives the long form of the abbreviation asked about."""
    short = abbreviation_asked(question.text)
    found = (item for item in scored if short and introduces(item.candidate.text, short))
    return tuple(Statement(item) for item in itertools.islice(found, 1))


def _with_said(
    candidates: Sequence[Candidate], voice: Voice, views: Views
) -> tuple[Candidate, ...]:
    """Add all that the one who is asked says in the articles found: a passage may not name them."""
    known = {(c.document.id, c.start): c for c in candidates}
    added: dict[tuple[str, int], Candidate] = {}
    for name in dict.fromkeys(c.document.id for c in candidates):
        if name in voice.documents:
            continue
        seen = views.of(name)
        said = [i for i, a in enumerate(seen.attributions) if a and voice.has(seen.candidate(i))]
        for index in sorted({j for i in said for j in (i - 1, i, i + 1)}):
            if 0 <= index < len(seen.sentences):
                candidate = seen.candidate(index)
                added[name, candidate.start] = candidate
    new = [c for key, c in added.items() if key not in known][:_MOST_SAID]
    return (*candidates, *new)
