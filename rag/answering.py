"""How an answer comes about: one path for every way in.

The extractive writer selects sentences. The generative writer hands numbered sentences to a chat
model and checks what comes back; whenever the model fails, the extractive answer stands in and says
so.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.accounts import asks_across, first_asked
from rag.aiming import Aimer
from rag.alternatives import alternatives_of, without_offer
from rag.asides import asks_of_each, length_asked, without_asides
from rag.background import without_background
from rag.candidates import Views
from rag.clock import Clock
from rag.errors import ChatModelError
from rag.extraction import Reading, about_author, about_holdings, about_source, quoted
from rag.finding import Finder
from rag.followups import standalone
from rag.generation import Generation
from rag.library import Library
from rag.mentions import mention_asked
from rag.parts import parts_of
from rag.phrasing import WELCOME, abstention, not_heard, nowhere, only_chosen, what_to_ask
from rag.preambles import without_preamble
from rag.questions import analyse
from rag.recency import as_asked_of_newest
from rag.requests import as_question, courtesy, quote_asked, with_mark
from rag.terms import terms
from rag.trends import over_time
from rag.types import Answer, ChatModel, Citation, Message, Passage
from rag.verification import Judge


@dataclass(frozen=True, slots=True)
class Answering:
    """Aims questions and answers them from what is found; ``model`` names what writes."""

    library: Library
    aimer: Aimer
    finder: Finder
    chat_model: ChatModel | None = None
    judge: Judge | None = None

    @property
    def model(self) -> str:
        """Name what writes the answers: the chat model, or ``extractive``."""
        return self.chat_model.name if self.chat_model else "extractive"

    def answers(
        self,
        question: str,
        history: Sequence[Message],
        sources: Collection[str] | None,
        views: Views,
    ) -> Generator[Answer, None, None]:
        """Yield growing answers to a question that was checked; the last has ``final`` set."""
        clock = Clock()
        if reply := self._courtesy(question, history, sources):
            yield replace(reply, timings_ms=clock.total())
            return
        asked = without_preamble(without_asides(question))
        query = self.aimer.named(standalone(asked, history), sources, views)
        wanted = with_mark(without_offer(as_question(without_background(query))))
        trend = over_time(wanted)
        whole = analyse(trend or as_asked_of_newest(wanted))
        most, each = length_asked(question), asks_of_each(question)
        whole = replace(whole, most=most, each=each, quoted=quote_asked(asked), by_date=bool(trend))
        one = first_asked(whole) if asks_across(whole) else whole
        parts = parts_of(one) or alternatives_of(whole.text)
        aims = self.aimer.aims([whole, *map(analyse, parts)], sources, searched=query)
        found = self.finder.found(aims, sources, views)
        clock.step("retrieve")
        reading = self.finder.read(aims, found, sources, views)
        clock.step("read")
        shown = found[0][: self.finder.top_k]
        start = Answer(question, "", False, "extractive", self.model, query, passages=shown)
        limited = tuple(dict.fromkeys(sources or ()))
        start = replace(start, notes=self.finder.retriever.notes, sources=limited)
        for answer in self._written(start, reading, history, views):
            passages = (*answer.passages, *_cited(answer, reading.passages))
            yield replace(answer, passages=passages, timings_ms=clock.total())

    def _courtesy(
        self, question: str, history: Sequence[Message], sources: Collection[str] | None
    ) -> Answer | None:
        """Reply to a greeting, to thanks, or to a call for help that opens a conversation."""
        kind = courtesy(question)
        if kind is None or (kind == "help" and history):
            return None
        if kind == "thanks":
            text = WELCOME
        else:
            count = len(set(sources or ())) or sum(1 for _ in self.library.origins())
            text = what_to_ask(count, chosen=bool(sources))
        return Answer(question, text, True, "extractive", self.model, question)

    def _written(
        self, start: Answer, reading: Reading, history: Sequence[Message], views: Views
    ) -> Iterator[Answer]:
        if self.chat_model is None or not reading.scored:
            yield self._extract(start, reading, views)
            return
        if answer := self._about_source(start, reading, views):
            yield replace(answer, model="extractive")
            return
        told = (*start.notes, reading.note) if reading.note else start.notes
        generation = Generation(
            self.chat_model,
            replace(start, notes=told),
            reading.scored,
            abstain=lambda begun: self._abstention(begun, reading, views),
            judge=self.judge,
        )
        try:
            yield from generation.answers(history)
        except ChatModelError as error:
            note = f"The chat model could not be used, so this answer is extractive: {error}"
            fallback = replace(start, model="extractive", notes=(*start.notes, note))
            yield self._extract(fallback, reading, views)

    def _extract(self, start: Answer, reading: Reading, views: Views) -> Answer:
        if answer := self._about_source(start, reading, views):
            return answer
        below = self.finder.abstain_below
        chosen = reading.chosen(abstain_below=below)
        if not chosen:
            author = about_author(start, reading.question, views)
            return author or self._abstention(start, reading, views)
        return quoted(start, reading, chosen, views, abstain_below=below)

    def _about_source(self, start: Answer, reading: Reading, views: Views) -> Answer | None:
        if held := about_holdings(start, reading.question, self.library):
            return held
        weigh, parts = self.finder.retriever.term_weights, [p.question for p in reading.parts]
        return about_source(start, reading.question, parts, views, weigh)

    def _abstention(self, start: Answer, reading: Reading, views: Views) -> Answer:
        """Decline; where a few articles were chosen, look whether another one answers."""
        answer = abstention(start, reading.scored, self.library)
        if reading.voice and not reading.own:
            answer = replace(answer, notes=(*answer.notes, not_heard(reading.voice.name)))
        matter = mention_asked(reading.question.text)
        if matter and not all(map(self.finder.retriever.holds, terms(matter))):
            answer = replace(answer, notes=(*answer.notes, nowhere(matter)))
        if not start.sources:
            return answer
        asked = [reading.question, *(part.question for part in reading.parts)]
        aims = self.aimer.aims(asked, None)
        everywhere = self.finder.read(aims, self.finder.found(aims, None, views), None, views)
        chosen = everywhere.chosen(abstain_below=self.finder.abstain_below)
        documents = [statement.lead.candidate.document for statement in chosen]
        other = next((d for d in documents if d.id not in start.sources), None)
        return replace(answer, notes=(*answer.notes, only_chosen(start.sources, other)))


def _cited(answer: Answer, passages: Sequence[Passage]) -> list[Passage]:
    """List the passages that citations stand in and that the answer does not show yet."""
    missing = [c for c in answer.citations if not any(_in(c, p) for p in answer.passages)]
    return [p for p in dict.fromkeys(passages) if any(_in(c, p) for c in missing)]


def _in(citation: Citation, passage: Passage) -> bool:
    """Tell whether a citation stands in a passage, with a part of it at least."""
    meets = passage.start < citation.end and citation.start < passage.end
    return meets and passage.document == citation.document
