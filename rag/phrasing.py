"""The sentences this package writes itself: refusals, and what is added to a quoted sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from rag.candidates import Views
from rag.composing import citation, escaped, with_speaker
from rag.features import Candidate
from rag.reading import Scored
from rag.subjects import subject_of
from rag.types import Answer, Document


class Dated(Protocol):
    """Documents whose dates can be asked for."""

    def newest_date(self, document_ids: Collection[str] = ()) -> str | None:
        """Return the latest date of these documents, or of all where none are given."""
        ...


# A refusal says that the sources are silent, never that the thing is not so.
NOT_ANSWERED = "The indexed articles do not answer this."
NOTHING_FOUND = "Nothing in the indexed articles comes near this question."
# Others may answer: a refusal about a few says nothing about the rest.
CHOSEN_NOT_ANSWERED = "The chosen articles do not answer this."
CHOSEN_NOTHING_FOUND = "Nothing in the chosen articles comes near this question."
WELCOME = "Ask on whenever you like."


def present(candidate: Candidate, views: Views) -> str:
    """Write a sentence for a reader who does not see what stands before it."""
    seen = views.of(candidate.document.id)
    index = next(i for i, s in enumerate(seen.sentences) if s.end == candidate.end)
    sentence = replace(candidate, start=seen.sentences[index].start)
    shown = with_speaker(sentence, subject_of(seen.document, seen.sentences, index))
    heading = candidate.document.text[candidate.start : sentence.start].strip().rstrip(":")
    return f"{heading}: {shown}" if heading else shown


def present_with_article(candidate: Candidate, views: Views) -> str:
    """Write a sentence behind the name of its article."""
    name = _named(candidate.document)
    return f"{name[:1].upper()}{name[1:]}: {present(candidate, views)}"


def abstention(start: Answer, scored: Sequence[Scored], dated: Dated) -> Answer:
    """Say that nothing answers, what came nearest, and how new the newest article searched is."""
    newest = _newest(start.sources, dated)
    if not scored:
        silent = CHOSEN_NOTHING_FOUND if start.sources else NOTHING_FOUND
        return replace(start, text=silent + newest, abstained=True)
    nearest = scored[0].candidate
    cited = citation(1, nearest, scored[0].score)
    silent = CHOSEN_NOT_ANSWERED if start.sources else NOT_ANSWERED
    text = f"{silent} The nearest passage is in {escaped(_named(nearest.document))} [1]."
    return replace(start, text=text + newest, abstained=True, citations=(cited,))


def what_to_ask(articles: int, *, chosen: bool) -> str:
    """Reply to a greeting or a call for help: say what may be asked of so many articles."""
    which = "chosen" if chosen else "indexed"
    counted = f"1 {which} article" if articles == 1 else f"{articles:,} {which} articles"
    return (
        f"Ask about the {counted}. Each sentence of an answer is shown with the passage that it "
        "rests on, and what the articles do not say is declined. To begin with: “What are the "
        "articles about?”, “Which articles are there?” or “Give me a timeline.”"
    )


def nowhere(matter: str) -> str:
    """Say for a refusal that no article has the words asked for."""
    return f"No indexed article has “{matter}”."


def not_heard(name: str) -> str:
    """Say for a refusal that one who was asked is not in what was found."""
    return f"Nothing by or about {name} was found."


def only_chosen(sources: Collection[str], answering: Document | None) -> str:
    """Say for a refusal that few articles were searched, and which other one seems to answer."""
    counted = (
        "1 chosen article was" if len(sources) == 1 else f"{len(sources):,} chosen articles were"
    )
    others = f"; {_named(answering)} seems to answer this" if answering else ""
    return f"Only {counted} searched{others}."


def _named(document: Document) -> str:
    if document.title:
        named = f"“{document.title}”"
    elif document.author:
        named = f"the article by {document.author}"
    else:
        named = f"the document {document.publisher or document.id}"
    return f"{named} ({document.date})" if document.date else named


def _newest(sources: Collection[str], dated: Dated) -> str:
    date = dated.newest_date(sources)
    among = " among them" if sources else ""
    return f" The newest dated article{among} is of {date}." if date else ""
