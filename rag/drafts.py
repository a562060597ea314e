"""Read a chat model's reply: plain sentences, and the numbers of the evidence each one cites."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rag.markdown import (
    Block,
    blocks,
    safe_sentence,
    settled,
    without_emphasis,
    without_thoughts,
)
from rag.markers import lift_markers, visible
from rag.sentences import split_sentences


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it, in plain text, with the evidence numbers it cites.

    ``lead`` is the white space or list mark that belongs before the sentence, so that
    ``"".join(d.lead + d.text for d in drafts)`` keeps the reply's paragraphs and lists.
    """

    text: str
    numbers: tuple[int, ...] = ()
    lead: str = ""


def parse_reply(text: str, numbers: Collection[int], *, final: bool) -> tuple[Draft, ...]:
    """Split a reply into drafts; markers with other numbers than ``numbers`` are dropped.

    With ``final`` false the reply is still growing: what may yet turn out to be part of a marker,
    link or tag is held back, and the last draft may still change.
    """
    reply = without_thoughts(visible(text))
    allowed = frozenset(numbers)
    drafts: list[Draft] = []
    after_item = False
    for block in blocks(reply if final else settled(reply), final=final):
        _add_block(drafts, block, allowed, after_item=after_item)
        after_item = block.item
    return tuple(drafts)


def _add_block(
    drafts: list[Draft], block: Block, allowed: frozenset[int], *, after_item: bool
) -> None:
    text, markers = lift_markers(without_emphasis(block.text), allowed)
    sentences = split_sentences(text)
    cited = _shared_out(markers, [sentence.start for sentence in sentences])
    gap = ("\n" if after_item and block.item else "\n\n") if drafts else ""
    lead = f"{gap}- " if block.item else gap
    for sentence, numbers in zip(sentences, cited[1:], strict=True):
        plain = safe_sentence(text[sentence.start : sentence.end])
        if any(map(str.isalnum, plain)):
            drafts.append(Draft(plain, (), lead))
            lead = " "
        _cite(drafts, numbers)
    _cite(drafts, cited[0])


def _shared_out(
    markers: Sequence[tuple[int, tuple[int, ...]]], starts: Sequence[int]
) -> list[list[int]]:
    """Give each marker to the sentence it follows; at the start of a block, to the first one.

    The list's first entry holds what stands in a block without a sentence.
    """
    cited: list[list[int]] = [[] for _ in range(len(starts) + 1)]
    for position, numbers in markers:
        index = max(bisect_left(starts, position), 1) if starts else 0
        cited[index] += numbers
    return cited


def _cite(drafts: list[Draft], numbers: Sequence[int]) -> None:
    """Add numbers to the last draft: a marker alone belongs to the sentence before it."""
    if drafts and numbers:
        together = dict.fromkeys((*drafts[-1].numbers, *numbers))
        drafts[-1] = replace(drafts[-1], numbers=tuple(together))
