"""Write chosen sentences as cited claims: verbatim, with who stands behind each.

Every claim is a sentence of a document. What is added around it (a speaker's name, the noun behind
a pronoun) stands in brackets or before a colon, so that a reader can tell it from the quote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.cast import is_surely_person, read_cast
from rag.choosing import Statement
from rag.features import Candidate, follows
from rag.marks import missing_marks
from rag.names import Name, is_institution
from rag.quotation import Quotation, mask, quotations
from rag.reading import Scored
from rag.speech import Speech, find_speech
from rag.terms import terms
from rag.types import Citation, Claim


@dataclass(frozen=True, slots=True)
class _Passage:
    """Sentences that stand one behind the other, as one span with the best one's score."""

    candidate: Candidate
    score: float

    def goes_on(self, source: Scored) -> bool:
        """Tell whether a sentence begins where this ends."""
        mine, its = self.candidate, source.candidate
        return mine.end <= its.start and follows(mine, its)

    def with_next(self, source: Scored) -> _Passage:
        """Return it with one sentence more."""
        candidate = replace(self.candidate, end=source.candidate.end)
        return _Passage(candidate, max(self.score, source.score))


def cite(
    statements: Sequence[Statement], present: Callable[[Candidate], str]
) -> tuple[tuple[Claim, ...], tuple[Citation, ...]]:
    """Make claims and their numbered citations; ``present`` writes a sentence for a reader.

    A claim is one sentence. Sentences that follow each other in the answer as they do in their
    document share a citation, the span from the first to the last: a quotation and the line that
    says whose it is, a list and what announces it.
    """
    passages: list[_Passage] = []
    claims: list[Claim] = []
    places: list[int] = []
    for statement in statements:
        places = [_place(source, passages, places) for source in statement.sources]
        markers = tuple(place + 1 for place in places)
        claims.append(Claim(present(statement.lead.candidate), "verbatim", markers))
    cited = enumerate(passages, start=1)
    return tuple(claims), tuple(citation(n, p.candidate, p.score) for n, p in cited)


def _place(source: Scored, passages: list[_Passage], before: Sequence[int]) -> int:
    """Put a sentence with a passage of the statement before that it goes on, or on its own."""
    for place in before:
        if passages[place].goes_on(source):
            passages[place] = passages[place].with_next(source)
            return place
    passages.append(_Passage(source.candidate, source.score))
    return len(passages) - 1


def citation(marker: int, candidate: Candidate, score: float) -> Citation:
    """Cite a sentence."""
    document = candidate.document
    return Citation(
        marker=marker,
        document=document.id,
        title=document.title,
        author=document.author,
        publisher=document.publisher,
        date=document.date,
        kind=document.kind,
        quote=candidate.text,
        start=candidate.start,
        end=candidate.end,
        score=round(score, 4),
        url=document.url,
    )


def with_speaker(candidate: Candidate, subject: str | None) -> str:
    """Write a sentence so that it stands alone: pronouns resolved, speaker named, marks paired.

    ``subject`` is whom an opening pronoun means.
    """
    outside = _outside_quotations(candidate)
    speaker, said = _speaker(candidate), _said_by(candidate, outside)
    named = candidate.text
    if said and speaker and _may_be_named(said, speaker, outside, candidate.document.text):
        named, subject = _with_sayer(named, said, speaker, subject)
    named = _with_subject(named, subject)
    opening, closing = missing_marks(candidate.document.text, candidate.start, candidate.end)
    shown = f"{opening}{_turn(_LIST_MARK.sub('', named), speaker)}{closing}"
    if not speaker or said or _names_speaker(candidate, outside) or _SPEAKS_ITSELF.search(outside):
        return shown
    if not _LETTER.search(outside):
        return f"{speaker}: {_in_quotes(shown)}"
    if _OPENING_MARK.match(shown):
        return f"{speaker}: {shown}"
    return shown if named != candidate.text else f"[{speaker}:] {shown}"


def _turn(text: str, speaker: str | None) -> str:
    """Take the "A:" off an answer whose speaker is named anyway."""
    return _ANSWER_MARK.sub("", text) if speaker else text


def _speaker(candidate: Candidate) -> str | None:
    """Return who says the sentence, where that is fit to be shown."""
    speaker = candidate.attribution.speaker if candidate.attribution else ""
    # a country or office carried over from before is too weak to put before it
    if not speaker or _is_country(speaker):
        return None
    return speaker if " " in speaker or _is_surname(speaker, candidate.document.text) else None


def _is_surname(word: str, text: str) -> bool:
    """Tell whether a text calls a person, whose full name it has, by a single word."""
    called = read_cast(text).is_called(word) is not None
    return called and not is_institution(Name(word, 0, len(word))) and is_surely_person(text, word)


def _outside_quotations(candidate: Candidate) -> str:
    """Return the sentence with what its article quotes blanked out."""
    start, end = candidate.start, candidate.end
    spans = (
        Quotation(max(q.start, start) - start, min(q.end, end) - start, q.closed)
        for q in quotations(candidate.document.text)
        if q.start < end and start < q.end
    )
    return mask(candidate.text, tuple(spans))


def _said_by(candidate: Candidate, outside: str) -> Speech | None:
    """Return the "he" or "the newspaper" that the attribution was read from."""
    attribution, said = candidate.attribution, find_speech(outside)
    if not attribution or attribution.explicit or not said or said.verb != attribution.verb:
        return None
    return said if _STANDS_FOR.match(outside, said.start, said.end) else None


def _may_be_named(said: Speech, speaker: str, outside: str, text: str) -> bool:
    """Tell whether "he" surely means the speaker, and no name before it says so already."""
    if _IT.match(outside, said.start) or speaker.split()[-1] in outside[: said.start]:
        return False
    several = outside[said.start : said.end].lower() == "they"
    return several or said.kind == "group" or is_surely_person(text, speaker)


def _with_sayer(
    text: str, said: Speech, speaker: str, subject: str | None
) -> tuple[str, str | None]:
    """Name whoever says it behind the pronoun, or as the subject where the pronoun opens."""
    opening = _LEADING_PRONOUN.match(text)
    if opening and said.start == opening.start("pronoun"):
        return text, speaker
    if opening and subject == speaker:
        return text, subject
    return f"{text[: said.end]} [{speaker}]{text[said.end :]}", subject


def _with_subject(text: str, subject: str | None) -> str:
    if subject is None:
        return text
    return _LEADING_PRONOUN.sub(lambda m: f"{m['mark']}[{subject}]", text, count=1)


def _names_speaker(candidate: Candidate, outside: str) -> bool:
    """Tell whether the sentence itself says whose words it has, not a line behind the quote."""
    attribution = candidate.attribution
    if not attribution:
        return False
    names = attribution.speaker.split()
    if outside.lstrip().startswith(f"{names[-1]}:"):  # as a transcript does
        return True
    return attribution.explicit and any(name in outside for name in names)


def _is_country(name: str) -> bool:
    """Tell whether a name is that of a country and nothing more."""
    return all(term.startswith("@") for term in terms(name))


# The sentence says who speaks: its article, or whoever stands beside a reporting verb.
_SPEAKS_ITSELF = re.compile(
    r"\b(?:the|this) (?:article|author|column|columnist|piece|explainer|writer|report)\b|"
    r"(?<!\bI )(?<!\bwe )"
    r"\b(?:according to|said|says|wrote|writes|argues|argued|added|adds|told|explains|explained) ",
    re.IGNORECASE,
)
# A report may be anybody's, and is left as it stands.
_STANDS_FOR = re.compile(
    r"(?:he|she|it|they|the (?:newspaper|paper|magazine|outlet|broadcaster))\b", re.IGNORECASE
)
_IT = re.compile(r"it\b", re.IGNORECASE)  # too often another body's, or nothing
# "It" is left alone: too often it stands for nothing ("It remains to be seen").
_LEADING_PRONOUN = re.compile(r"^(?P<mark>[\"“‘']?)(?P<pronoun>He|She|They)\b(?!['’])")
# What sets a sentence in a list or a signature apart is no part of it.
_ANSWER_MARK = re.compile(r"^(?:A|Answer): (?=[^\W_]|[\"“‘'])")
_LIST_MARK = re.compile(r"^(?:[-–—•‣◦▪·*]\s+)+(?=[^\W_]|[\"“‘'])")
_OPENING_MARK = re.compile("[\"“«‘']")
_LETTER = re.compile(r"\w")


def _in_quotes(text: str) -> str:
    return text if re.search(r"[\"“”]|^['‘]", text) else f"“{text}”"


# What Markdown would read as structure: an article's "[1]" must not look like a marker of ours.
_MARKDOWN = re.compile(
    r"([\\`*_<>|~]|\[(?=\d+\])|(?<=\])[(:\[]|&(?=#?\w+;)|^\s*[#+=-]|(?<!\S)[#+=-](?=\s))"
)
_NUMBERED = re.compile(r"^(\s*\d{1,9})([.)])(?=\s|$)")


def markdown(claims: Sequence[Claim], *, as_list: bool) -> str:
    """Write claims as Markdown with ``[1]`` markers: one paragraph, or a bullet each."""
    lines = [_line(claim) for claim in claims]
    if as_list and len(lines) > 1:
        return "\n".join(f"- {line}" for line in lines)
    return " ".join(lines)


def _line(claim: Claim) -> str:
    markers = "".join(f"[{m}]" for m in claim.citations)
    return " ".join(filter(None, (escaped(claim.text), markers)))


def escaped(text: str) -> str:
    """Escape whatever Markdown would read as structure."""
    return _NUMBERED.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", text))
