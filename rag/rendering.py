"""An answer as HTML for notebooks, plain text for terminals, Markdown for export, and JSON.

Questions, article texts and model replies are hostile until proven otherwise: they are escaped so
far that neither an HTML parser nor a Markdown parser after it finds anything to act on. The only
links in any output are made here: citation anchors, and web addresses of the sources themselves.
"""

from __future__ import annotations

import html
import re
import string
import textwrap
from collections.abc import Mapping
from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING, Any

from rag.links import safe_link
from rag.types import Answer, Citation, Claim, Document, Origin, Passage, Verdict

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    "verbatim": ("❝", "word for word"),
    "supported": ("✓", "supported"),
    "partly": ("◐", "partly supported"),
    "contradicted": ("✗", "contradicted"),
    "unsupported": ("?", "not supported"),
}
"""What a reader sees for each verdict: an icon and words, so that colour is never needed."""

# A Markdown escape, or a citation marker: an escaped bracket is an article's own, not a marker.
_MARKER = re.compile(r"(\\.)|\[([0-9]{1,4})\]", re.S)
# Markers travel through the Markdown parser between two private-use characters.
_SLOT = re.compile("\ue000([0-9]+)\ue001")

# Control characters can drive a terminal, bidirectional ones disguise text, and lone surrogates
# cannot be encoded.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_TAG = re.compile(r"(<[^<>]*>)")
_INLINE_TAGS = {"p", "em", "strong", "ul", "ol", "li", "blockquote", "br", "h1", "h2", "h3", "h4"}
# Everything that means something to HTML, Markdown, LaTeX or a template language.
_ACTIVE = str.maketrans({char: f"&#{ord(char)};" for char in set(string.punctuation) - set(",.;?")})
# In Markdown: an escape that is one already, a citation marker, or something to disarm. A marker
# before a colon or bracket would be a link or its definition.
_MARKDOWN = re.compile(
    r"(\\[!-/:-@\[-`{-~])|(\[[0-9]{1,4}\](?![:(]|\[(?![0-9]{1,4}\])))|([\\\[<@]|&(?=[#\w]+;))|(://|www\.)",
    re.I,
)
_LITERAL = re.compile(r"[\\`*_\[\]<>@|~$]|&(?=[#\w]+;)|(?<=:/)/|(?<=www)\.", re.I)


def visible(text: str) -> str:
    """Replace characters that a reader cannot see but a terminal or browser obeys."""
    return _INVISIBLE.sub("\ufffd", text.replace("\r\n", "\n"))


def escape(text: str) -> str:
    """Escape text for HTML so that a Markdown or template engine run afterwards is idle too."""
    return visible(text).translate(_ACTIVE)


def source_name(origin: Citation | Document) -> str:
    """Name a source for a reader: its title, or else its author, publisher or id."""
    own = origin.document if isinstance(origin, Citation) else origin.id
    return origin.title or origin.author or origin.publisher or own


def byline(origin: Citation | Document) -> str:
    """Say who wrote it, where and when, as far as that is known and not its name already."""
    parts = (origin.author, origin.publisher, origin.date)
    return ", ".join(part for part in parts if part and part != source_name(origin))


def cite_line(citation: Citation) -> str:
    """Name a citation's source in one line of plain text."""
    brief = "brief" if citation.kind == "brief" else ""
    parts = (source_name(citation), byline(citation), brief)
    return " — ".join(part for part in parts if part)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(["emphasis", "list", "blockquote", "heading", "escape"])


def body_html(text: str, links: Mapping[int, str]) -> str:
    """Render an answer's Markdown on one line, each known ``[n]`` replaced by ``links[n]``.

    Links, images and HTML in ``text`` come out as the characters they are.
    """
    import nh3

    slotted = _MARKER.sub(_slot, re.sub("[\ue000\ue001]", "\ufffd", visible(text)))
    cleaned = nh3.clean(_parser().render(slotted), tags=_INLINE_TAGS, attributes={})
    pieces = _TAG.split(cleaned.replace("\n", " "))
    return "".join(
        piece if piece.startswith("<") else _linked(html.unescape(piece), links) for piece in pieces
    ).strip()


def _slot(match: re.Match[str]) -> str:
    return match[1] or f"\ue000{match[2]}\ue001"


def _linked(text: str, links: Mapping[int, str]) -> str:
    """Escape text and fill its slots; a number without a citation is shown as it was written."""
    return "".join(
        links.get(int(piece), f"&#91;{piece}&#93;") if is_number else escape(piece)
        for piece, is_number in zip(_SLOT.split(text), cycle((False, True)), strict=False)
    )


def cite_link(citation: Citation, target: str) -> str:
    """Make the ``[n]`` that leads to the element ``target``."""
    hint = escape(cite_line(citation))
    return f'<a class="cite" href="#{target}" title="{hint}">&#91;{citation.marker}&#93;</a>'


def verdict_html(verdict: Verdict) -> str:
    """Show a verdict as an icon and words."""
    icon, words = VERDICTS[verdict]
    return (
        f'<span class="verdict {verdict}"><span class="icon">{escape(icon)}</span> {words}</span>'
    )


def claim_html(claim: Claim) -> str:
    """Show a claim with its verdict and the reasons for it."""
    reasons = f' <span class="reasons">{escape("; ".join(claim.reasons))}</span>'
    shown = f"{verdict_html(claim.verdict)} {escape(claim.text)}"
    return f"<li>{shown}{reasons if claim.reasons else ''}</li>"


def badge_html(kind: str) -> str:
    """Mark a source that is a brief, not the article itself; other kinds get nothing."""
    return '<span class="badge">brief</span>' if kind == "brief" else ""


_NOTEBOOK_STYLE = """<style>
.attest{max-width:46em;line-height:1.55}.attest sup{line-height:0}
.attest .question{font-weight:600}.attest ol,.attest ul{padding-left:1.4em}
.attest blockquote{margin:.2em 0;padding-left:.8em;border-left:3px solid #b4823c}
.attest .source,.attest .note,.attest .reasons{opacity:.75;font-size:.92em}
.attest .badge{border:1px solid currentColor;border-radius:.6em;padding:0 .5em;font-size:.8em}
.attest .verdict{font-weight:600}.attest li:target{outline:2px solid #b4823c}
</style>"""


def answer_html(answer: Answer) -> str:
    """Render an answer for a notebook: self-contained, with every quote it cites."""
    anchor = f"attest-{answer.id}"
    links = {
        c.marker: f"<sup>{cite_link(c, f'{anchor}-{c.marker}')}</sup>" for c in answer.citations
    }
    parts = [
        f'<p class="question">{escape(answer.question)}</p>',
        body_html(answer.text, links),
        _list("ol", [_source_html(citation, anchor) for citation in answer.citations]),
        _list("ul", [claim_html(claim) for claim in answer.claims]),
        *(f'<p class="note">{escape(note)}</p>' for note in answer.notes),
    ]
    return f'<div class="attest">{_NOTEBOOK_STYLE}{"".join(parts)}</div>'


def _list(tag: str, items: list[str]) -> str:
    return f"<{tag}>{''.join(items)}</{tag}>" if items else ""


def _source_html(citation: Citation, anchor: str) -> str:
    title = escape(source_name(citation))
    if link := safe_link(citation.url):
        title = f'<a href="{escape(link)}" rel="noopener noreferrer">{title}</a>'
    return (
        f'<li id="{anchor}-{citation.marker}" value="{citation.marker}">'
        f"<blockquote>{escape(citation.quote)}</blockquote>"
        f'<span class="source"><b>{title}</b> {escape(byline(citation))} '
        f"{badge_html(citation.kind)}</span></li>"
    )


def answer_plain(answer: Answer, width: int = 88) -> str:
    """Render an answer for a terminal: the text, then the numbered quotes it rests on."""
    blocks = [_wrapped(_ESCAPE.sub(r"\1", visible(answer.text)), width)]
    blocks += [_plain_source(citation, width) for citation in answer.citations]
    blocks += [_plain_claim(c, width) for c in answer.claims if c.verdict not in _SOUND]
    blocks += [_wrapped(f"Note: {visible(note)}", width) for note in answer.notes]
    return "\n\n".join(block for block in blocks if block)


_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")  # Markdown's, which a terminal would show
_SOUND = ("verbatim", "supported")


def _wrapped(text: str, width: int, indent: str = "") -> str:
    lines = (
        textwrap.fill(line, width, initial_indent=indent, subsequent_indent=indent)
        for line in text.splitlines()
    )
    return "\n".join(lines)


def _plain_source(citation: Citation, width: int) -> str:
    quote = " ".join(visible(citation.quote).split())
    indent = " " * (len(str(citation.marker)) + 3)
    body = _wrapped(f"“{quote}”\n{visible(cite_line(citation))}", width, indent)
    return f"[{citation.marker}]{body[len(indent) - 1 :]}"


def _plain_claim(claim: Claim, width: int) -> str:
    icon, words = VERDICTS[claim.verdict]
    reasons = f" ({'; '.join(claim.reasons)})" if claim.reasons else ""
    return _wrapped(visible(f"{icon} {words}: {claim.text}{reasons}"), width)


def answer_markdown(answer: Answer) -> str:
    """Render an answer as Markdown that keeps its sources, for saving or sending on."""
    blocks = [f"**{_literal(answer.question)}**", disarmed(answer.text)]
    if answer.citations:
        blocks.append("Sources:")
        blocks += [_markdown_source(citation) for citation in answer.citations]
    blocks += [_markdown_claim(claim) for claim in answer.claims if claim.verdict not in _SOUND]
    blocks += [f"*Note: {_literal(note)}*" for note in answer.notes]
    return "\n\n".join(blocks) + "\n"


def disarmed(text: str) -> str:
    """Keep the emphasis and lists of Markdown, but no link, image, HTML or automatic link."""

    def disarm(match: re.Match[str]) -> str:
        kept, marker, char, address = match.groups()
        if address:
            return address[:-1] + f"\\{address[-1]}"
        return kept or marker or f"\\{char}"

    return _MARKDOWN.sub(disarm, visible(text))


def _literal(text: str) -> str:
    return _LITERAL.sub(r"\\\g<0>", " ".join(visible(text).split()))


def _markdown_source(citation: Citation) -> str:
    quote = f"> \\[{citation.marker}\\] “{_literal(citation.quote)}”"
    source, link = _literal(cite_line(citation)), safe_link(citation.url)
    return f"{quote}\n>\n> — " + (f"[{source}](<{link}>)" if link else source)


def _markdown_claim(claim: Claim) -> str:
    icon, words = VERDICTS[claim.verdict]
    reasons = f" ({'; '.join(claim.reasons)})" if claim.reasons else ""
    return f"- {icon} {words}: {_literal(claim.text + reasons)}"


def answer_json(answer: Answer) -> dict[str, Any]:
    """Turn an answer into the JSON object that every interface returns."""
    return {
        "id": answer.id,
        "question": answer.question,
        "query": answer.query,
        "answer": answer.text,
        "abstained": answer.abstained,
        "mode": answer.mode,
        "model": answer.model,
        "claims": [_fields(c, "text", "verdict", "citations", "reasons") for c in answer.claims],
        "citations": [_fields(citation, *_CITATION_FIELDS) for citation in answer.citations],
        "passages": [passage_json(passage) for passage in answer.passages],
        "notes": list(answer.notes),
        "timings_ms": dict(answer.timings_ms),
    }


def passage_json(passage: Passage) -> dict[str, Any]:
    """Turn a passage into its JSON object."""
    return _fields(passage, "document", "start", "end", "text", "score")


def document_json(document: Document | Origin, chunks: int) -> dict[str, Any]:
    """Turn what is known about a document, without its text, into its JSON object."""
    known = _fields(document, "id", "title", "author", "publisher", "date", "kind")
    return {**known, "chunks": chunks}


_CITATION_FIELDS = (
    *("marker", "document", "title", "author", "publisher", "date", "kind"),
    *("quote", "start", "end", "score", "url"),
)


def _fields(value: object, *names: str) -> dict[str, Any]:
    pairs = ((name, getattr(value, name)) for name in names)
    return {name: list(item) if isinstance(item, tuple) else item for name, item in pairs}
