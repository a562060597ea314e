"""Find the passages for a question and its parts, and read them."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from rag.abbreviations import abbreviation_asked, introduces, may_spell_out, spelling_asked
from rag.accounts import asks_across, core
from rag.aiming import Aim
from rag.candidates import Views
from rag.choosing import Statement
from rag.extraction import Reading, answers
from rag.features import Candidate
from rag.gatherings import gathering_of
from rag.leaders import read_as, with_states_led
from rag.mentions import MOST_SEARCHED, mention_asked
from rag.parts import Part, merged
from rag.questions import Question, reworded
from rag.reading import WINDOWS_READ, Extent, Reader, Scored
from rag.retrieval import HybridRetriever
from rag.summaries import in_section, summary_of, thinned
from rag.types import Passage
from rag.voices import Voice, in_voice

# Where a question asks what the articles say, so many are searched one by one.
_ARTICLES_SEARCHED = 5
_OF_EACH_ARTICLE = 3
# Where an abbreviation is introduced may be any of its mentions.
_MENTIONS = 32
# Of more articles than this a search of everything finds enough.
_MOST_SEARCHED = 500
_MOST_SAID = 60  # sentences of one who is asked, and their neighbours
# What is said in other words than those of the question ranks low. For each passage to show so
# many are searched, of which the most promising are read; where nothing answers yet, all of more.
_WIDELY = 2.0
_FURTHER = 3.0
_MOST_FURTHER = 48


@dataclass(frozen=True, slots=True)
class Finder:
    """Searches and reads with the same settings each time.

    ``top_k`` passages are shown for a question, more are searched, and of these those read that
    promise most. Where nothing in them answers with a probability of ``abstain_below``, it looks
    further.
    """

    retriever: HybridRetriever
    reader: Reader
    top_k: int
    abstain_below: float
    most: int = WINDOWS_READ
    times: float = _WIDELY

    @property
    def searched(self) -> int:
        """How many passages are searched for a question."""
        return max(self.top_k, min(round(self.times * self.top_k), _MOST_FURTHER))

    def found(
        self, aims: Sequence[Aim], sources: Collection[str] | None, views: Views
    ) -> list[tuple[Passage, ...]]:
        """Search for a question, and for each of its parts after it."""
        return [views.intact(tuple(self._passages(aim, sources))) for aim in aims]

    def _passages(self, aim: Aim, sources: Collection[str] | None) -> Iterable[Passage]:
        """Search for one question; among what is new first, where it asks for that."""
        found = self._passages_among(aim, sources)
        if not 0 < len(aim.new) <= _MOST_SEARCHED:
            return found
        return dict.fromkeys((*self._passages_among(aim, aim.new), *found))

    def _passages_among(self, aim: Aim, sources: Collection[str] | None) -> Iterable[Passage]:
        """Search for one question; in each article that has a say, or in the ones it asks."""
        search, text = self.retriever.search, aim.searched or aim.question.text
        if aim.articles:
            return search(text, top_k=self.searched, sources=aim.articles)
        if aim.voice:
            own = self._of(aim.voice, text, sources)
            return dict.fromkeys((*own, *search(text, top_k=self.searched, sources=sources)))
        if short := abbreviation_asked(aim.question.text):
            mentions = search(short, top_k=_MENTIONS, sources=sources)
            return dict.fromkeys((*search(text, top_k=self.searched, sources=sources), *mentions))
        if matter := mention_asked(aim.question.text):
            return search(matter, top_k=max(self.searched, MOST_SEARCHED), sources=sources)
        if not asks_across(aim.question):
            return search(text, top_k=self.searched, sources=sources)
        text = core(aim.question).text
        found = dict.fromkeys(search(text, top_k=self.searched, sources=sources))
        articles = list(dict.fromkeys(p.document for p in found))[:_ARTICLES_SEARCHED]
        for article in articles if len(articles) > 1 else ():
            found |= dict.fromkeys(search(text, top_k=_OF_EACH_ARTICLE, sources=[article]))
        return tuple(found)

    def _of(self, voice: Voice, text: str, sources: Collection[str] | None) -> Sequence[Passage]:
        """Search in what one who is asked wrote, or for where they are spoken of."""
        search = self.retriever.search
        if 0 < len(voice.documents) <= _MOST_SEARCHED:
            return search(text, top_k=self.searched, sources=voice.documents)
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
        searched, meant = [*found], [*aims]
        for number, aim in enumerate(aims):
            if silent[number]:
                meant[number], scored[number], further = self._again(aim, sources, views)
                searched += further
        reading = self._reading(meant, scored)
        if whole.articles and not whole.plain and not reading.summary:
            plain = (replace(whole, articles=(), plain=True), *aims[1:])  # it may be told otherwise
            return self.read(plain, self.found(plain, sources, views), sources, views)
        passages = tuple(itertools.chain.from_iterable(searched))
        return replace(reading, passages=passages, note=meant[0].note)

    def _again(
        self, aim: Aim, sources: Collection[str] | None, views: Views
    ) -> tuple[Aim, tuple[Scored, ...], list[tuple[Passage, ...]]]:
        """Look further for what nothing answers yet; where that is in vain, ask of states.

        Return what was asked in the end, what was read for it, and the passages searched.
        """
        wide = self._further
        searched = wide.found([aim], sources, views)
        read = wide._scored(aim, searched[0], views)
        if (of_states := self._of_states(aim, read)) is None:
            return aim, read, searched
        found = self.found([of_states], sources, views)
        of_them = self._scored(of_states, found[0], views)
        if self._silent(of_states, of_them):
            return aim, read, searched
        return of_states, of_them, [*searched, *found]

    @property
    def _further(self) -> Finder:
        """A finder that looks further."""
        wide = replace(self, times=_FURTHER)
        return replace(wide, most=wide.searched)

    def _of_states(self, aim: Aim, scored: Sequence[Scored]) -> Aim | None:
        """Ask of the states what nothing answers of their heads; ``None`` where it names none."""
        if aim.voice or not self._silent(aim, scored):
            return None
        texts = dict.fromkeys(item.candidate.document.text for item in scored)
        asked = with_states_led(aim.question.text, texts)
        if asked == aim.question.text:
            return None
        of_states = reworded(aim.question, asked)
        return replace(aim, question=of_states, searched="", note=read_as(asked))

    def _reading(self, aims: Sequence[Aim], scored: Sequence[tuple[Scored, ...]]) -> Reading:
        """Say what is to be made of the sentences read."""
        whole = aims[0]
        if (gathering := gathering_of(whole.question)) and not whole.plain:
            gathered = gathering.choose(whole.question, scored[0])
            return Reading(whole.question, scored[0], summary=gathered)
        if whole.articles or whole.at_large:
            own = in_section(whole.question, in_voice(whole.voice, scored[0]))
            summary = summary_of(own, whole.question.most, each=whole.question.each)
            return Reading(whole.question, scored[0], summary=summary, voice=whole.voice)
        parts = tuple(
            Part(aim.question, read, aim.voice)
            for aim, read in zip(aims[1:], scored[1:], strict=True)
        )
        if parts:
            return Reading(whole.question, merged(scored), parts, voice=whole.voice)
        spelled = _spelled_out(whole.question, scored[0])
        if spelling_asked(whole.question.text):
            return Reading(whole.question, scored[0], summary=spelled, nothing_else=True)
        return Reading(whole.question, scored[0], voice=whole.voice, otherwise=spelled)

    def _silent(self, aim: Aim, scored: Sequence[Scored]) -> bool:
        """Tell whether nothing that the cross-encoder read answers, where something has to."""
        if aim.articles or aim.at_large or all(item.relevance is None for item in scored):
            return False
        own = in_voice(aim.voice, scored)
        return not answers(aim.question, own, abstain_below=self.abstain_below)

    def _scored(self, aim: Aim, passages: Sequence[Passage], views: Views) -> tuple[Scored, ...]:
        weigh, question = self.retriever.term_weights, aim.question
        extent = Extent(passages=self.most)
        if aim.articles:
            whole = [c for name in aim.articles for c in thinned(views.of(name))]
            return self.reader.score(question, whole, weigh=weigh, extent=Extent(passages=0))
        candidates = views.candidates(passages)
        if short := abbreviation_asked(question.text):
            near = views.candidates(passages[: self.top_k])
            others = [c for c in candidates[len(near) :] if introduces(c.text, short)]
            return self.reader.score(question, (*near, *others), weigh=weigh, extent=extent)
        if asks_across(question):
            return self.reader.score(core(question), candidates, weigh=weigh, extent=extent)
        if aim.voice:
            candidates = _with_said(candidates, aim.voice, views)
        return self.reader.score(question, candidates, weigh=weigh, extent=extent)


def _spelled_out(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Return the best sentence that gives the long form of the abbreviation asked about.

    Where none introduces it, and just that is asked, words with its initials may be the long form.
    """
    short = abbreviation_asked(question.text)
    if short is None:
        return ()
    found = [item for item in scored if introduces(item.candidate.text, short)]
    if not found and spelling_asked(question.text):
        found = [item for item in scored if may_spell_out(item.candidate.text, short)]
    return tuple(Statement(item) for item in found[:1])


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
