"""Write chosen sentences as cited claims: verbatim, with who stands behind each.

Every claim is a sentence of a document. What is added around it (a speaker's name, the noun behind
a pronoun) stands in brackets or before a colon, so that a reader can tell it from the quote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.choosing import Statement
from rag.quotation import quotations
from rag.reading import Candidate
from rag.terms import terms
from rag.types import Citation, Claim


def cite(
    statements: Sequence[Statement], present: Callable[[Candidate], str]
) -> tuple[tuple[Claim, ...], tuple[Citation, ...]]:
    """Make claims and their numbered citations; ``present`` writes a sentence for a reader."""
    citations: list[Citation] = []
    claims: list[Claim] = []
    for statement in statements:
        first = len(citations) + 1
        for number, source in enumerate(statement.sources, start=first):
            citations.append(citation(number, source.candidate, source.score))
        markers = tuple(range(first, len(citations) + 1))
        claims.append(Claim(present(statement.lead.candidate), "verbatim", markers))
    return tuple(claims), tuple(citations)


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
    """Write a sentence so that it stands alone: its pronoun resolved, its speaker named."""
    text = candidate.text
    if subject:
        text = _LEADING_PRONOUN.sub(lambda m: f"{m.group(1)}[{subject}]", text, count=1)
    attribution = candidate.attribution
    if attribution is None or _names_speaker(candidate) or _SPEAKS_ITSELF.search(text):
        return text
    if " " not in attribution.speaker or _is_country(attribution.speaker):
        return text  # a country or office carried over from before is too weak to put before it
    if _is_quoted(candidate):
        return f"{attribution.speaker}: {_in_quotes(text)}"
    return text if text != candidate.text else f"[{attribution.speaker}:] {text}"


def _names_speaker(candidate: Candidate) -> bool:
    """Tell whether the sentence itself says whose words it has, not a line behind the quote."""
    attribution = candidate.attribution
    names = attribution.speaker.split() if attribution else ()
    return bool(attribution and attribution.explicit and any(n in candidate.text for n in names))


def _is_quoted(candidate: Candidate) -> bool:
    """Tell whether the article puts some of the sentence in quotation marks: a report has none."""
    start, end = candidate.start, candidate.end
    return any(q.start < end and start < q.end for q in quotations(candidate.document.text))


def _is_country(name: str) -> bool:
    """Tell whether a name is that of a country and nothing more."""
    return all(term.startswith("@") for term in terms(name))


# The sentence says who speaks: its article, or whoever stands beside a reporting verb.
_SPEAKS_ITSELF = re.compile(
    r"\b(?:the|this) (?:article|author|column|columnist|piece|explainer|writer|report)\b|"
    r"\b(?:according to|said|says|wrote|writes|argues|argued|added|adds|told|explains|explained) ",
    re.IGNORECASE,
)
# "It" is left alone: too often it stands for nothing ("It remains to be seen").
_LEADING_PRONOUN = re.compile(r"^([\"“‘']?)(?:He|She|They)\b(?!['’])")


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
