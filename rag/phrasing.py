"""The sentences this package writes itself: refusals, and what is added to a quoted sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from rag.attribution import subject_of
from rag.candidates import Views
from rag.composing import citation, escaped, with_speaker
from rag.reading import Candidate, Scored
from rag.types import Answer, Document


class Documents(Protocol):
    """Anything that lists documents."""

    def documents(self) -> Iterator[Document]:
        """Yield every document."""
        ...


# A refusal says that the sources are silent, never that the thing is not so.
NOT_ANSWERED = "The indexed articles do not answer this."
NOTHING_FOUND = "Nothing in the indexed articles comes near this question."


def present(candidate: Candidate, views: Views) -> str:
    """Write a sentence for a reader who does not see what stands before it."""
    seen = views.of(candidate.document.id)
    index = next(i for i, s in enumerate(seen.sentences) if s.start == candidate.start)
    return with_speaker(candidate, subject_of(seen.document, seen.sentences, index))


def abstention(start: Answer, scored: Sequence[Scored], documents: Documents) -> Answer:
    """Say that nothing answers, what came nearest, and how new the newest article is."""
    if not scored:
        return replace(start, text=NOTHING_FOUND + _newest(documents), abstained=True)
    nearest = scored[0].candidate
    cited = citation(1, nearest, scored[0].score)
    text = f"{NOT_ANSWERED} The nearest passage is in {_named(nearest.document)} [1]."
    return replace(start, text=text + _newest(documents), abstained=True, citations=(cited,))


def _named(document: Document) -> str:
    if document.title:
        named = f"“{escaped(document.title)}”"
    elif document.author:
        named = f"the article by {escaped(document.author)}"
    else:
        named = f"the document {escaped(document.publisher or document.id)}"
    return f"{named} ({document.date})" if document.date else named


def _newest(documents: Documents) -> str:
    dates = [document.date for document in documents.documents() if document.date]
    return f" The newest dated article is of {max(dates)}." if dates else ""
