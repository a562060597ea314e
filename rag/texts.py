"""Answer from one text alone, and check a claim against one: no index needed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rag.answerable import answerable_score
from rag.candidates import view
from rag.choosing import choose
from rag.composing import cite, with_speaker
from rag.features import Candidate
from rag.phrasing import NOT_ANSWERED
from rag.questions import analyse
from rag.reading import Extent, Reader, Scored, Weigh
from rag.retrieval import inverse_frequency
from rag.terms import terms
from rag.types import Document

READ_ABSTAIN_BELOW = 0.5  # more likely than not; see docs/experiments.md
# There is no search that says where to look, and a paragraph is best read whole.
_EXTENT = Extent(passages=12, characters=820, alone=40)


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence of the text; a higher ``score`` means a better answer."""

    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class TextReading:
    """What a text says to a question: its sentences best first and the answer made of them.

    ``answer`` is plain text.
    """

    sentences: tuple[ReadSentence, ...]
    answer: str
    abstained: bool
    answerable_score: float


def read_text(
    question: str, text: str, *, reader: Reader, abstain_below: float = READ_ABSTAIN_BELOW
) -> TextReading:
    """Answer a question from one text.

    Offsets count characters of ``text`` as given. ``answerable_score`` lies in [0, 1].
    """
    scored = score_text(question, text, reader=reader)
    likely = answerable_score(scored, one_text=True)
    abstained = not scored or likely < abstain_below
    return TextReading(
        sentences=tuple(_sentence(s) for s in scored),
        answer=NOT_ANSWERED if abstained else _answer(question, scored),
        abstained=abstained,
        answerable_score=likely,
    )


def score_text(question: str, text: str, *, reader: Reader) -> tuple[Scored, ...]:
    """Score the sentences of a text as answers, best first."""
    seen = view(Document(id="text", text=text))
    candidates = [seen.candidate(i) for i in range(len(seen.sentences))]
    return reader.score(analyse(question), candidates, weigh=weighing(candidates), extent=_EXTENT)


def _answer(question: str, scored: tuple[Scored, ...]) -> str:
    claims, _ = cite(
        choose(analyse(question), scored, one_text=True), lambda c: with_speaker(c, None)
    )
    return " ".join(claim.text for claim in claims)


def _sentence(scored: Scored) -> ReadSentence:
    candidate = scored.candidate
    return ReadSentence(candidate.text, candidate.start, candidate.end, round(scored.score, 5))


def weighing(candidates: Sequence[Candidate]) -> Weigh:
    """Weigh terms by how few of the sentences hold them, where no index says how rare they are."""
    held = [set(terms(candidate.text)) for candidate in candidates]

    def weigh(wanted: Collection[str]) -> dict[str, float]:
        return {t: inverse_frequency(sum(t in have for have in held), len(held)) for t in wanted}

    return weigh
