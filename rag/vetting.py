"""Check a pasted text against the documents: what it quotes, and what it claims.

A quotation is looked up word for word. A claim is searched for and compared with the sentences
that share most with it; because the best of many sentences fits better by chance than one that
somebody cites, more is asked of them here than ``verify`` asks. No verdict comes without a span.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from rag.candidates import Views
from rag.composing import citation
from rag.errors import InputError
from rag.features import Candidate
from rag.leads import without_leads
from rag.library import Library
from rag.pasted import Piece, pieces, sentences_of
from rag.questions import MAX_QUESTION_CHARACTERS
from rag.quotes import Difference, QuoteMatch, find_quote
from rag.speakers import check_speaker
from rag.statement import read_statement
from rag.types import Citation, Passage, Verification
from rag.verification import Judge, coverage, verify

MAX_ITEMS = 20  # quotations and claims in one text: each is searched for by itself
A_QUESTION = "a question is not borne out; write it as a statement, or ask it in the chat"

Outcome = Literal[
    "exact",
    "elided",
    "altered",
    "not_found",
    "supported",
    "contradicted",
    "disputed",
    "not_enough",
]
Search = Callable[[str, Collection[str] | None], Sequence[Passage]]

_MOST_PLACES = 3
_MOST_READ = 8  # sentences, those first that share most with the claim
# Who "he" is may stand in the sentence before.
_DANGLING = re.compile(r"[\"“]?(?:He|She|It|They|This|That|These|Those|His|Her|Its|Their)\b")
# A score and a coverage as verify() measures them, and how likely the judge finds a contradiction,
# alone and beside a sentence that bears the claim out; set by hand on claims about the briefs.
_SURE, _SAME_SUBJECT, _OPPOSED, _DISPUTED = 0.9, 0.7, 0.3, 0.6
_ALIKE = "reading: the sentence shares words with the claim, but does not clearly say it"

_BEST_FIRST: tuple[Outcome, ...] = ("exact", "elided", "altered")
_Read = tuple[Candidate, Verification]


@dataclass(frozen=True, slots=True)
class Place:
    """A span that was found, and what it tells about the text.

    ``speaker`` is who says it there, ``None`` where nobody can be told for sure. ``reasons`` say
    what differs, ``differences`` how a quotation's words do.
    """

    citation: Citation
    outcome: Outcome
    speaker: str | None = None
    reasons: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """A quotation or a claim, what came of it, and the spans it rests on, best first.

    The place of what is ``not_found`` or ``not_enough`` is what came nearest and bears nothing
    out; there is none where nothing was near. ``disputed`` means that one place supports a claim
    and another contradicts it. ``more`` counts places that are left out.
    """

    text: str
    kind: Literal["quotation", "claim"]
    outcome: Outcome
    places: tuple[Place, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Vetter:
    """Checks texts against documents; ``search`` finds the passages that bear on a text."""

    library: Library
    search: Search
    views: Views
    judge: Judge | None = None

    def check(self, text: str, sources: Collection[str] | None = None) -> tuple[Checked, ...]:
        """Check each quotation and each claim of a text, in its order.

        ``sources`` limits it to those document ids. Raises ``InputError`` for a text that is empty,
        longer than a question may be, or holds more than ``MAX_ITEMS`` quotations and claims.
        """
        found = self._all(read_pieces(text), sources)
        checked = tuple(islice(found, MAX_ITEMS + 1))
        if len(checked) > MAX_ITEMS:
            raise _too_many()
        return checked

    def _all(self, asked: Iterable[Piece], sources: Collection[str] | None) -> Iterator[Checked]:
        for piece in asked:
            if piece.quoted:
                yield self._quotation(piece, sources)
            elif whole := self._verbatim(piece.text, sources):
                yield whole
            else:
                yield from self._statement(sentences_of(piece.text), sources)

    def _statement(
        self, sentences: Sequence[str], sources: Collection[str] | None
    ) -> Iterator[Checked]:
        """Check the sentences of a text that does not stand anywhere as a whole."""
        for sentence in sentences:
            verbatim = self._verbatim(sentence, sources) if len(sentences) > 1 else None
            yield verbatim or self._claim(sentence, sources)

    def _quotation(self, piece: Piece, sources: Collection[str] | None) -> Checked:
        if matches := self._matches(piece.text, sources):
            return self._found(piece.text, matches, lambda m: _said_by_another(piece.around, m))
        nearest = [_place(1, c, "not_found") for c in self._nearest(piece.text, sources)[:1]]
        return Checked(piece.text, "quotation", "not_found", tuple(nearest))

    def _verbatim(self, text: str, sources: Collection[str] | None) -> Checked | None:
        """Take text without marks for a quotation where an article has its words."""
        matches = [m for m in self._matches(text, sources) if _outcome(m) != "altered"]
        return self._found(text, matches, lambda m: self._meant(text, m)) if matches else None

    def _matches(self, text: str, sources: Collection[str] | None) -> list[QuoteMatch]:
        """Find a quotation where it stands best: altered words count only for want of others."""
        library = self.library
        documents = map(library.document, sources) if sources else library.documents()
        found = [m for m in find_quote(text, documents) if self._is_still_there(m)]
        best = min((_BEST_FIRST.index(_outcome(m)) for m in found), default=0)
        return [m for m in found if _outcome(m) == _BEST_FIRST[best]]

    def _is_still_there(self, match: QuoteMatch) -> bool:
        span = Passage(match.document, match.start, match.end, match.quote, 1.0)
        return bool(self.views.intact([span]))

    def _found(
        self,
        text: str,
        matches: Sequence[QuoteMatch],
        reasons: Callable[[QuoteMatch], tuple[str, ...]],
    ) -> Checked:
        places = tuple(
            Place(self._cited(n, m), _outcome(m), m.speaker, reasons(m), m.differences)
            for n, m in enumerate(matches[:_MOST_PLACES], start=1)
        )
        return Checked(text, "quotation", places[0].outcome, places, len(matches) - len(places))

    def _cited(self, marker: int, match: QuoteMatch) -> Citation:
        document = self.views.of(match.document).document
        return citation(marker, Candidate(document, match.start, match.end), 1.0)

    def _meant(self, text: str, match: QuoteMatch) -> tuple[str, ...]:
        """Tell what stands around words that are denied, asked or only supposed there."""
        checked = verify(text, match.context, speaker=match.speaker)
        return checked.reasons if checked.verdict != "supported" else ()

    def _claim(self, claim: str, sources: Collection[str] | None) -> Checked:
        nearest = self._nearest(claim, sources)
        if claim.endswith("?"):
            asked = tuple(_place(1, c, "not_enough", (A_QUESTION,)) for c in nearest[:1])
            return Checked(claim, "claim", "not_enough", asked)
        read = sorted(self._read(claim, nearest), key=lambda pair: -pair[1].score)
        borne_out = _one_an_article(pair for pair in read if pair[1].verdict == "supported")
        least = _DISPUTED if borne_out else _OPPOSED
        denied = _one_an_article(p for p in reversed(read) if self._is_denied(claim, *p, least))
        shown: list[tuple[Outcome, _Read]] = [("supported", p) for p in borne_out[:_MOST_PLACES]]
        shown += [("contradicted", p) for p in denied[: 1 if borne_out else _MOST_PLACES]]
        if not shown:
            shown = [("not_enough", pair) for pair in read[:1]]
        places = tuple(
            _place(n, c, outcome, checked.reasons)
            for n, (outcome, (c, checked)) in enumerate(shown, start=1)
        )
        outcomes = list(dict.fromkeys(place.outcome for place in places)) or ["not_enough"]
        outcome: Outcome = "disputed" if len(outcomes) > 1 else outcomes[0]
        more = max(0, len(borne_out) + len(denied) - len(places))
        return Checked(claim, "claim", outcome, places, more)

    def _nearest(self, text: str, sources: Collection[str] | None) -> list[Candidate]:
        """Find the sentences that share most with a text, the best passages' first."""
        passages = self.views.intact(tuple(self.search(text, sources)))
        asked = read_statement(text)
        return sorted(
            self.views.candidates(passages),
            key=lambda c: -coverage(asked, read_statement(c.text).stems),
        )

    def _read(self, claim: str, nearest: Sequence[Candidate]) -> Iterator[_Read]:
        for candidate in nearest[:_MOST_READ]:
            yield candidate, self._judged(claim, candidate, candidate.text)
        for candidate in filter(_is_dangling, nearest[:_MOST_READ]):
            if joined := _with_the_one_before(candidate, self.views):
                yield joined, self._judged(claim, candidate, joined.text)

    def _judged(self, claim: str, candidate: Candidate, evidence: str) -> Verification:
        """Judge a claim; where it names the article it has it from, without that."""
        said = candidate.attribution
        speaker = said.speaker if said else None
        document = candidate.document
        quoted = speaker not in (None, document.author)
        told = without_leads(claim, (document,), quoted=quoted)
        checked = verify(told, evidence, speaker=speaker, judge=self.judge)
        if checked.verdict == "supported" and checked.score < _SURE:
            return replace(checked, verdict="not_enough", reasons=(_ALIKE,))
        return checked

    def _is_denied(
        self, claim: str, candidate: Candidate, checked: Verification, least: float
    ) -> bool:
        """Tell a contradiction from a sentence that says something else in similar words."""
        if checked.verdict != "contradicted":
            return False
        shared = coverage(read_statement(claim), read_statement(candidate.text).stems)
        if shared < _SAME_SUBJECT:
            return False
        chance = self.judge.judge(claim, [candidate.text])[1] if self.judge else _OPPOSED
        return chance >= least


def read_pieces(text: str) -> tuple[Piece, ...]:
    """Take a text apart; raise ``InputError`` for one that is empty, too long or too full."""
    stripped = text.strip()
    if len(stripped) > MAX_QUESTION_CHARACTERS:
        raise InputError(
            f"the text has {len(stripped):,} characters, at most "
            f"{MAX_QUESTION_CHARACTERS:,} are checked at once; shorten it"
        )
    found = pieces(stripped)
    if not found:
        raise InputError("there is nothing to check; give a quotation or a claim")
    if len(found) > MAX_ITEMS:
        raise _too_many()
    return found


def _too_many() -> InputError:
    return InputError(
        f"the text holds more than {MAX_ITEMS} quotations and claims, and no more are checked at "
        "once; check it in parts"
    )


def _outcome(match: QuoteMatch) -> Outcome:
    if match.status == "exact":
        return "exact"
    return "elided" if all(d.op == "elide" for d in match.differences) else "altered"


def _said_by_another(around: str, match: QuoteMatch) -> tuple[str, ...]:
    """Tell where the text names somebody else as the speaker than the article does."""
    return tuple(f.reason for f in check_speaker(around, match.context, match.speaker))


def _place(
    marker: int, candidate: Candidate, outcome: Outcome, reasons: tuple[str, ...] = ()
) -> Place:
    speaker = candidate.attribution.speaker if candidate.attribution else None
    return Place(citation(marker, candidate, candidate.passage_score), outcome, speaker, reasons)


def _is_dangling(candidate: Candidate) -> bool:
    return bool(_DANGLING.match(candidate.text))


def _one_an_article(read: Iterable[_Read]) -> list[_Read]:
    """Keep the first of each article."""
    kept: dict[str, _Read] = {}
    for pair in read:
        kept.setdefault(pair[0].document.id, pair)
    return list(kept.values())


def _with_the_one_before(candidate: Candidate, views: Views) -> Candidate | None:
    """Join a sentence with the one before it in its paragraph."""
    seen = views.of(candidate.document.id)
    starts = [sentence.start for sentence in seen.sentences]
    if candidate.start not in starts[1:]:
        return None
    before = seen.sentences[starts.index(candidate.start) - 1]
    text = candidate.document.text
    if "\n" in text[before.end : candidate.start]:
        return None
    return replace(candidate, start=before.start)
