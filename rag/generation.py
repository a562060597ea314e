"""Let a chat model write the answer, and check every sentence of it before it is shown as true.

The model cites numbered sentences; the quotes and offsets are ours. A sentence whose evidence does
not support it is marked and loses its citations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.composing import citation
from rag.errors import ChatModelReplyError
from rag.leads import without_leads
from rag.prompting import Draft, build_messages, fit_evidence, is_refusal, parse_reply
from rag.reading import Scored
from rag.types import Answer, ChatModel, Citation, Claim, Evidence, Message, Verdict
from rag.verification import Judge, claim_verdict

_MAX_EVIDENCE = 40  # sentences shown to the model
_SHOWN_AS_TRUE: tuple[Verdict, ...] = ("verbatim", "supported", "partly")

_MARKS: dict[Verdict, str] = {
    "partly": " *(only partly supported)*",
    "contradicted": " *(the cited passage says otherwise)*",
    "unsupported": " *(not supported by the articles)*",
}


WITHHELD = "What the chat model wrote was withheld: the articles do not support it."


class Generation:
    """One answer in the making; ``abstain`` turns what there is into a refusal in our words."""

    def __init__(
        self,
        model: ChatModel,
        start: Answer,
        scored: Sequence[Scored],
        *,
        abstain: Callable[[Answer], Answer],
        judge: Judge | None = None,
    ) -> None:
        self._model = model
        self._judge = judge
        self._abstain = abstain
        self._start = replace(start, mode="generative", model=model.name)
        self._scored = sorted(
            scored[:_MAX_EVIDENCE], key=lambda s: (s.candidate.document.id, s.candidate.start)
        )
        everything = [
            Evidence(
                number=number,
                document=s.candidate.document,
                start=s.candidate.start,
                end=s.candidate.end,
                score=s.score,
                speaker=s.candidate.attribution.speaker if s.candidate.attribution else None,
            )
            for number, s in enumerate(self._scored, start=1)
        ]
        # What the prompt has no room for cannot be cited.
        self._evidence = {item.number: item for item in fit_evidence(everything)}

    def answers(self, history: Sequence[Message]) -> Iterator[Answer]:
        """Yield growing answers; raise ``ChatModelError`` when the model fails."""
        evidence = tuple(self._evidence.values())
        asked, searched = self._start.question, self._start.query
        messages = build_messages(asked, evidence, history, searched=searched)
        numbers = tuple(self._evidence)
        text, shown = "", tuple[Draft, ...]()
        for piece in self._model.stream(messages):
            text += piece
            drafts = parse_reply(text, numbers, final=False)
            settled = drafts[:-1]  # the last sentence may still change
            # What was shown may turn out to be thoughts, which go as soon as that is known.
            if len(settled) > len(shown) or drafts[: len(shown)] != shown:
                shown = settled
                yield self._answer(shown, final=False)
        if not text.strip():
            raise ChatModelReplyError(f"{self._model.name} sent an empty reply; ask again")
        yield self._finished(text, parse_reply(text, numbers, final=True))

    def _finished(self, text: str, drafts: Sequence[Draft]) -> Answer:
        if is_refusal(text) or not drafts:
            return self._abstain(self._start)
        answer = self._answer(drafts, final=True)
        if any(claim.verdict in _SHOWN_AS_TRUE for claim in answer.claims):
            return answer
        notes = (*self._start.notes, WITHHELD)
        return self._abstain(replace(self._start, claims=answer.claims, notes=notes))

    def _answer(self, drafts: Sequence[Draft], *, final: bool) -> Answer:
        citations: dict[int, Citation] = {}
        claims = [self._claim(draft, citations) for draft in drafts]
        text = "".join(
            draft.lead + _written(claim) for draft, claim in zip(drafts, claims, strict=True)
        ).strip()
        return replace(
            self._start,
            text=text,
            claims=tuple(claims),
            citations=tuple(citations.values()),
            final=final,
        )

    def _claim(self, draft: Draft, citations: dict[int, Citation]) -> Claim:
        """Check a draft; number its citations in the order in which the reader meets them."""
        evidence = [self._evidence[number] for number in draft.numbers]
        verdict, reasons = _judged(draft, evidence, self._judge)
        if verdict not in _SHOWN_AS_TRUE:
            return Claim(draft.text, verdict, (), reasons)
        markers = []
        for item in evidence:
            if item.number not in citations:
                candidate = self._scored[item.number - 1].candidate
                citations[item.number] = citation(len(citations) + 1, candidate, item.score)
            markers.append(citations[item.number].marker)
        return Claim(draft.text, verdict, tuple(markers), reasons)


def _judged(
    draft: Draft, evidence: Sequence[Evidence], judge: Judge | None
) -> tuple[Verdict, tuple[str, ...]]:
    if not evidence:
        return "unsupported", ("the sentence cites nothing",)
    speakers = {item.speaker for item in evidence}
    speaker = speakers.pop() if len(speakers) == 1 else None
    text = "\n".join(e.text for e in evidence)
    verdict, reasons = claim_verdict(draft.text, text, speaker=speaker, judge=judge)
    if verdict in ("verbatim", "supported"):
        return verdict, reasons
    documents = tuple(dict.fromkeys(item.document for item in evidence))
    quoted = any(item.speaker not in (None, item.document.author) for item in evidence)
    told = without_leads(draft.text, documents, quoted=quoted)
    if told == draft.text:
        return verdict, reasons
    verdict, reasons = claim_verdict(told, text, speaker=speaker, judge=judge)
    return "supported" if verdict == "verbatim" else verdict, reasons


def _written(claim: Claim) -> str:
    markers = "".join(f"[{m}]" for m in claim.citations)
    return f"{claim.text}{' ' if markers else ''}{markers}{_MARKS.get(claim.verdict, '')}"
