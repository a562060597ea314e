"""HTML for the chat in the browser: answers, and the evidence beside them.

Every ``[n]`` in turn ``t`` leads to the element ``ev-t-n`` in the evidence, and from there a link
leads back to the answer, ``an-t``. All text is escaped by ``rag.rendering``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from rag.rendering import (
    VERDICTS,
    badge_html,
    body_html,
    byline,
    cite_link,
    claim_html,
    escape,
    source_name,
    verdict_html,
    visible,
)
from rag.types import Answer, Citation, Claim, Document, Passage

Find = Callable[[str], Document | None]
"""Looks a document up by id; ``None`` when it is no longer there."""

# Paragraphs shown before and after a quote without asking.
_AROUND = 2
# Longer documents, in characters, show only what surrounds the quotes: a page stays light.
_WHOLE_TEXT_LIMIT = 60_000
_NEAREST_SHOWN = 3

_NOT_HERE, _NOT_CHOSEN = "Not in these articles", "Not in the chosen articles"
_NEAREST = "What came nearest, though it does not answer:"
_NOTHING = "Nothing near the question was found."

# What Markdown would act on; the rest stays readable, since a reader can edit the question.
_MARKUP = re.compile(r"[&<>*_`\[\]#~|$\\@{}]|(?<=:)/|(?<=www)\.|^[-+=]|^\d+[.)]", re.I | re.M)

NO_EVIDENCE = (
    '<div class="empty"><p class="empty-mark">[1]</p>'
    "<p>The evidence behind an answer appears here, marked in its article.</p></div>"
)


def header_html(model: str) -> str:
    """Introduce the page; ``model`` is what writes the answers, or ``extractive``."""
    how = (
        "Every sentence is quoted from the articles; no key or language model is needed."
        if model == "extractive"
        else f"Answers are written by {escape(model)} and checked against the articles."
    )
    return (
        '<header class="masthead"><h1>Attest</h1><p class="lede">Questions about news articles, '
        f'answered with citations you can check word for word.</p><p class="how">{how}</p></header>'
    )


def chat_html(answer: Answer, turn: int) -> str:
    """Render an answer for the chat, on one line so that no Markdown engine splits it."""
    links = {c.marker: cite_link(c, f"ev-{turn}-{c.marker}") for c in answer.citations}
    state = " abstained" if answer.abstained else ""
    growing = "" if answer.final else " growing"
    parts = [
        _query_html(answer),
        f'<p class="none">{_NOT_CHOSEN if answer.sources else _NOT_HERE}</p>'
        if answer.abstained
        else "",
        f'<div class="body">{body_html(answer.text, links)}</div>',
        _checks_html(answer.claims) if answer.final else "",
        *(f'<p class="note">{escape(note)}</p>' for note in answer.notes),
    ]
    body = "".join(parts).replace("\n", " ")
    return f'<div class="answer{state}{growing}" id="an-{turn}">{body}</div>'


def question_markdown(question: str) -> str:
    """Write a question so that a chat shows it as typed; ``html.unescape`` gives it back."""
    lines = (line.strip() for line in visible(question).strip().splitlines())
    return _MARKUP.sub(_entities, "\n".join(lines))


def _entities(match: re.Match[str]) -> str:
    return "".join(c if c.isalnum() or c.isspace() else f"&#{ord(c)};" for c in match.group())


def problem_html(message: str) -> str:
    """Show what went wrong in place of an answer."""
    return f'<div class="answer problem"><p>⚠ {_one_line(message)}</p></div>'


def note_html(message: str) -> str:
    """Show a remark about an answer below it."""
    return f'<p class="note">{_one_line(message)}</p>'


def _one_line(text: str) -> str:
    return escape(" ".join(text.split()))


def _query_html(answer: Answer) -> str:
    if not answer.query or answer.query.casefold() == answer.question.casefold():
        return ""
    return f'<p class="query">Searched for: {escape(answer.query)}</p>'


def _checks_html(claims: Sequence[Claim]) -> str:
    if not claims:
        return ""
    tally = Counter(claim.verdict for claim in claims)
    counted = " ".join(f"{verdict_html(v)} <b>{tally[v]}</b>" for v in VERDICTS if tally[v])
    doubtful = tally.keys() & {"partly", "contradicted", "unsupported"}
    items = "".join(claim_html(claim) for claim in claims)
    return (
        f'<details class="checks"{" open" if doubtful else ""}>'
        f"<summary>Checked against the articles: {counted}</summary><ul>{items}</ul></details>"
    )


def evidence_html(turns: Sequence[tuple[int, Answer]], find: Find) -> str:
    """Render the evidence of all answers of a conversation, the newest first and open."""
    shown = [(turn, answer) for turn, answer in turns if answer.citations or answer.abstained]
    if not shown:
        return NO_EVIDENCE
    newest = shown[-1][0]
    return "".join(
        _turn_html(turn, answer, find, newest=turn == newest) for turn, answer in reversed(shown)
    )


def _turn_html(turn: int, answer: Answer, find: Find, *, newest: bool) -> str:
    if answer.citations:
        ordered = sorted(answer.citations, key=lambda c: (_first_use(answer, c), c.marker))
        body = "".join(
            source_html(turn, tuple(group), find(document), whole=newest)
            for document, group in _by_document(ordered)
        )
    else:
        body = _nearest_html(answer.passages, find)
    if answer.abstained:
        body = f'<p class="note">{_NEAREST if body else _NOTHING}</p>{body}'
    head = f'<span class="number">{turn}</span> {escape(answer.question)}'
    opened = " open" if newest else ""
    return f'<details class="turn"{opened}><summary>{head}</summary>{body}</details>'


def _first_use(answer: Answer, citation: Citation) -> int:
    """Find where the citation's document is first used: sources stand in that order."""
    return min(c.marker for c in answer.citations if c.document == citation.document)


def _by_document(citations: Iterable[Citation]) -> Iterator[tuple[str, list[Citation]]]:
    for document, group in groupby(citations, key=lambda citation: citation.document):
        yield document, list(group)


def source_html(
    turn: int | str, citations: Sequence[Citation], document: Document | None, *, whole: bool
) -> str:
    """Show a source with what is cited of it marked in its surroundings.

    The marks are the elements ``ev-TURN-MARKER``, and lead back to ``an-TURN``.
    """
    first = citations[0]
    intact = document and all(document.text[c.start : c.end] == c.quote for c in citations)
    if document and intact:
        text = _article_html(turn, citations, document, whole=whole)
    else:
        quotes = "".join(f"<p>{_mark(turn, [c], c.quote)}</p>" for c in citations)
        text = f'<p class="note">The article has changed since or is gone.</p>{quotes}'
    title = escape(source_name(first))
    head = f'<p class="title">{title} {badge_html(first.kind)}</p>{_byline_html(first)}'
    return f'<article class="source"><header>{head}</header>{text}</article>'


def _byline_html(origin: Citation | Document) -> str:
    line = byline(origin)
    return f'<p class="byline">{escape(line)}</p>' if line else ""


def _article_html(
    turn: int | str, citations: Sequence[Citation], document: Document, *, whole: bool
) -> str:
    paragraphs = tuple(_paragraphs(document.text))
    headings = {heading.start for heading in document.headings}
    cited = [
        number
        for number, (start, end) in enumerate(paragraphs)
        if any(c.start < end and start < c.end for c in citations)
    ]
    near = {n for number in cited for n in range(number - _AROUND, number + _AROUND + 1)}
    rendered: list[str] = []
    seen: set[int] = set()
    whole = whole and len(document.text) <= _WHOLE_TEXT_LIMIT
    for shown, run in groupby(enumerate(paragraphs), key=lambda item: item[0] in near):
        texts = [
            _paragraph_html(turn, citations, document.text, span, seen, heading=span[0] in headings)
            for _, span in run
        ]
        rendered.append("".join(texts) if shown else _gap_html(texts, whole=whole))
    return "".join(rendered)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        if line.strip():
            yield start, start + len(line)
        start += len(line) + 1


def _gap_html(texts: Sequence[str], *, whole: bool) -> str:
    if not whole:
        return '<p class="gap">⋯</p>'
    count = f"{len(texts)} more paragraph{'s' if len(texts) > 1 else ''}"
    return f'<details class="gap"><summary>⋯ {count}</summary>{"".join(texts)}</details>'


def _paragraph_html(
    turn: int | str,
    citations: Sequence[Citation],
    text: str,
    span: tuple[int, int],
    seen: set[int],
    *,
    heading: bool,
) -> str:
    start, end = span
    inner = (edge for c in citations for edge in (c.start, c.end) if start < edge < end)
    pieces: list[str] = []
    for left, right in pairwise(sorted({start, end, *inner})):
        inside = [c for c in citations if c.start <= left and right <= c.end]
        opening = [c for c in inside if c.marker not in seen]
        seen.update(c.marker for c in opening)
        piece = text[left:right]
        pieces.append(_mark(turn, opening, piece) if inside else escape(piece))
    tag = "h4" if heading else "p"
    return f"<{tag}>{''.join(pieces)}</{tag}>"


def _mark(turn: int | str, opening: Sequence[Citation], text: str) -> str:
    """Mark cited text; the citations that begin here leave their targets and numbers."""
    if not opening:
        return f"<mark>{escape(text)}</mark>"
    target, *others = (f"ev-{turn}-{citation.marker}" for citation in opening)
    anchors = "".join(f'<span id="{other}"></span>' for other in others)
    numbers = "".join(
        f'<a class="back" href="#an-{turn}" title="Back to the answer">{c.marker}</a>'
        for c in opening
    )
    return f'{anchors}<mark id="{target}" tabindex="-1">{numbers}{escape(text)}</mark>'


def _nearest_html(passages: Sequence[Passage], find: Find) -> str:
    return "".join(_passage_html(passage, find) for passage in passages[:_NEAREST_SHOWN])


def _passage_html(passage: Passage, find: Find) -> str:
    document = find(passage.document)
    title = escape(source_name(document) if document else passage.document)
    line = _byline_html(document) if document else ""
    head = f'<header><p class="title">{title}</p>{line}</header>'
    text = "".join(f"<p>{escape(part)}</p>" for part in passage.text.split("\n") if part.strip())
    return f'<article class="source">{head}{text}</article>'
