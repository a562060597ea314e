"""Write an answer from the sentences that were read: chosen, put in order and quoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.candidates import Views
from rag.choosing import Statement, choose
from rag.composing import cite, markdown
from rag.parts import Part, choose_for_parts
from rag.phrasing import present
from rag.provenance import answer_about, field_asked
from rag.questions import Question
from rag.reading import Scored, Weigh, answerable_score
from rag.types import Answer

_SHOWN_AS_LIST = ("list", "comparison", "summary")


@dataclass(frozen=True, slots=True)
class Reading:
    """A question with the sentences read for it, best first, and for each of its parts."""

    question: Question
    scored: tuple[Scored, ...]
    parts: tuple[Part, ...] = ()

    def chosen(self, *, abstain_below: float) -> tuple[Statement, ...]:
        """Choose what answers, part by part where there are any; empty when nothing does."""
        answered = [p for p in self.parts if answerable_score(p.scored) >= abstain_below]
        if answered:
            return choose_for_parts(answered)
        if not self.scored or answerable_score(self.scored) < abstain_below:
            return ()
        return choose(self.question, self.scored)


def quoted(start: Answer, reading: Reading, chosen: Sequence[Statement], views: Views) -> Answer:
    """Show the chosen sentences with their citations."""
    claims, citations = cite(chosen, lambda c: present(c, views))
    as_list = reading.question.shape in _SHOWN_AS_LIST or len(reading.parts) > 1
    text = markdown(claims, as_list=as_list)
    return replace(start, text=text, claims=claims, citations=citations)


def about_source(start: Answer, question: Question, views: Views, weigh: Weigh) -> Answer | None:
    """Answer from what is known of an article, its author or date; ``None`` if not asked."""
    field = field_asked(question)
    if not field:
        return None
    documents = tuple(views.of(i).document for i in {p.document for p in start.passages})
    weights = weigh(question.terms)
    claim = answer_about(question, field, documents, start.passages, weights)
    return replace(start, text=markdown([claim], as_list=False), claims=(claim,)) if claim else None
