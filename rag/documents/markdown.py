"""Read Markdown: front matter, headings, paragraphs, list items and table rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.documents.blocks import Block, Reading, one_line, with_title
from rag.documents.bylines import above_credits, under_title
from rag.documents.characters import normalise, unwrap_markup
from rag.documents.front_matter import split_front_matter
from rag.documents.lines import ends_sentence, is_heading_like, is_name
from rag.errors import InputError

_MARKUP = re.compile(r"[*_`\[\]<&\\!]")
_LONGEST_INLINE = 10_000  # characters; longer runs of brackets take the parser quadratic time
_ANY_TAG = re.compile(r"</?[a-z][^<>]{0,1000}>|<![^<>]{0,1000}>", re.IGNORECASE)
_RAW_ELEMENT = re.compile(r"<(script|style|iframe)\b[^<>]*>[^<]*(?:</\1\s*>)?", re.IGNORECASE)
_BOLD = re.compile(r"\*\*[^*]+\*\*|__[^_]+__")
_BOLD_LEVEL = 2
_MOST_NESTED = 100  # the parser leaves out what is nested deeper, without a word
_CONTAINERS = frozenset({"blockquote_open", "list_item_open"})
_LISTS = frozenset(
    {"ordered_list_open", "ordered_list_close", "bullet_list_open", "bullet_list_close"}
)


def read_markdown(text: str) -> Reading:
    """Read a Markdown text: its front matter, or its first top heading and the by-line under it."""
    metadata, body = split_front_matter(normalise(text))
    reading = under_title(with_title(metadata, tuple(markdown_blocks(body))))
    return above_credits(reading) if reading.blocks else reading


def markdown_blocks(text: str) -> Iterator[Block]:
    """Yield the headings and paragraphs of a Markdown text, without its markup.

    Raises InputError when the text is nested too deeply for all of it to be read.
    """
    marker = ""
    begun = False  # before its first sentence stand by-lines
    row: list[str] | None = None
    counters: list[int | None] = []
    tokens = _block_parser().parse(text)
    if any(t.type in _CONTAINERS and t.level >= _MOST_NESTED - 1 for t in tokens):
        raise InputError("its lists or quotations are nested too deeply to be read whole")
    for opening, token in zip([Token("", "", 0), *tokens], tokens, strict=False):
        if token.type in _LISTS:
            _track_list(token, counters)
        elif token.type == "list_item_open":
            marker = _marker(counters)
        elif token.type in {"tr_open", "tr_close"}:
            if row:
                yield Block(" | ".join(filter(None, row)))
            row = [] if token.nesting > 0 else None
        elif content := _content(token):
            if row is None:
                bold = begun and not marker and _is_bold_heading(token, content)
                yield Block(marker + content, _BOLD_LEVEL if bold else _level(opening))
                begun = begun or ends_sentence(content)
                marker = ""
            else:
                row.append(content)


def _track_list(token: Token, counters: list[int | None]) -> None:
    """Keep the next number of each list that is open; None for one without numbers."""
    if token.nesting < 0:
        counters.pop()
    else:
        ordered = token.type == "ordered_list_open"
        counters.append(int(token.attrs.get("start", 1)) if ordered else None)


def _marker(counters: list[int | None]) -> str:
    number = counters[-1]
    if number is None:
        return "- "
    counters[-1] = number + 1
    return f"{number}. "


def _level(opening: Token) -> int:
    return int(opening.tag[1]) if opening.type == "heading_open" else 0


def _is_bold_heading(token: Token, content: str) -> bool:
    """Tell whether a line is a heading by its bold letters alone; a name is a speaker's."""
    if token.type != "inline" or not _BOLD.fullmatch(token.content.strip()):
        return False
    return is_heading_like(content) and not content.endswith(":") and not is_name(content)


def _content(token: Token) -> str:
    if token.type == "inline":
        return one_line(_inline_text(token.content))
    if token.type == "html_block":
        html = _RAW_ELEMENT.sub(" ", _without_comments(token.content))
        return one_line(_ANY_TAG.sub(" ", unwrap_markup(html)))
    return one_line(token.content) if token.type in {"fence", "code_block"} else ""


def _without_comments(html: str) -> str:
    """Drop comments; what follows one that is never closed is kept."""
    parts: list[str] = []
    position = 0
    while (start := html.find("<!--", position)) >= 0 and (end := html.find("-->", start)) >= 0:
        parts.append(html[position:start])
        position = end + len("-->")
    return " ".join([*parts, html[position:]])


def _inline_text(content: str) -> str:
    """Strip emphasis, links, images and inline HTML; keep the words."""
    if not _MARKUP.search(content) or len(content) > _LONGEST_INLINE:
        return content
    (inline,) = _inline_parser().parseInline(content)
    return "".join(_words(child) for child in inline.children or ())


def _words(token: Token) -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    if token.type == "html_inline":
        return " " if token.content.lower().startswith("<br") else ""
    return token.content if token.type in {"text", "code_inline", "text_special"} else ""


@cache
def _block_parser() -> MarkdownIt:
    # Inline content is parsed apart, where its length is known.
    limits = {"maxNesting": _MOST_NESTED}
    return MarkdownIt("commonmark", limits).enable("table").disable("inline")


@cache
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark")
