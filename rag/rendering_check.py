"""HTML for what came of checking a text: verdicts, and the spans they rest on.

The span of item ``n`` is the element ``ev-cn-marker`` and leads back to its verdict, ``an-cn``. All
text is escaped by ``rag.rendering``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from rag.quotes import Difference, difference_line
from rag.rendering import escape
from rag.rendering_chat import Find, source_html
from rag.vetting import Checked, Outcome, Place

OUTCOMES: Mapping[Outcome, tuple[str, str, str]] = {
    "exact": ("❝", "word for word", "An article has these words."),
    "elided": ("…", "with omissions", "An article has these words, with others between them."),
    "altered": ("≈", "nearly", "The articles have it in other words; the differences are listed."),
    "not_found": ("?", "not found", "The articles do not have these words."),
    "supported": ("✓", "supported", "The articles bear this out."),
    "contradicted": ("✗", "contradicted", "The articles say otherwise."),
    "disputed": ("⇄", "disputed", "One place bears this out, another says otherwise."),
    "not_enough": ("?", "not enough", "What was found neither bears this out nor denies it."),
}
"""What a reader sees for each outcome: an icon, words, and what they mean."""

NOTHING_CHECKED = (
    '<div class="empty"><p class="empty-mark">“…”</p><p>Where a quotation stands and who says it, '
    "or what bears a claim out, appears here.</p></div>"
)
_NEAREST = "What came nearest, though it is not what was looked for:"
_NOTHING = "Nothing near it was found."
_NOT_FOUND: tuple[Outcome, ...] = ("not_found", "not_enough")


def checked_html(checked: Sequence[Checked], find: Find) -> str:
    """Render what came of each quotation and claim, in the order of the text."""
    tally = Counter(item.outcome for item in checked)
    counted = " ".join(f"{_badge(o)} <b>{tally[o]}</b>" for o in OUTCOMES if tally[o])
    whole = len(checked) == 1  # the whole articles around many spans would make a page heavy
    items = (_item(n, item, find, whole=whole) for n, item in enumerate(checked, start=1))
    return f'<p class="tally" role="status">Checked: {counted}</p>{"".join(items)}'


def _badge(outcome: Outcome) -> str:
    icon, words, _ = OUTCOMES[outcome]
    shown = f'<span class="icon">{escape(icon)}</span> {words}'
    return f'<span class="verdict {outcome}">{shown}</span>'


def _item(number: int, item: Checked, find: Find, *, whole: bool) -> str:
    asked = f"“{item.text}”" if item.kind == "quotation" else item.text
    head = (
        f'<header><p class="asked"><span class="number">{number}</span> {escape(asked)}</p>'
        f'<p class="found">{_badge(item.outcome)} · {OUTCOMES[item.outcome][2]}</p></header>'
    )
    nearest = item.outcome in _NOT_FOUND
    note = f'<p class="note">{_NEAREST if item.places else _NOTHING}</p>' if nearest else ""
    places = "".join(_place(f"c{number}", item, place, find, whole=whole) for place in item.places)
    places_word = "place" if item.more == 1 else "places"
    more = f'<p class="note">… and {item.more:,} more {places_word}.</p>' if item.more else ""
    return f'<section class="checked" id="an-c{number}">{head}{note}{places}{more}</section>'


def _place(turn: str, item: Checked, place: Place, find: Find, *, whole: bool) -> str:
    told = [_told(place), *map(escape, place.reasons)]
    told += [escape(_difference(change)) for change in place.differences]
    if item.outcome == "disputed":
        told.insert(0, _badge(place.outcome))
    lines = "".join(f"<li>{line}</li>" for line in told if line)
    listed = f'<ul class="told">{lines}</ul>' if lines else ""
    source = source_html(turn, [place.citation], find(place.citation.document), whole=whole)
    return f'<div class="place">{listed}{source}</div>'


def _told(place: Place) -> str:
    """Say who says it there; of what only came nearest, nothing is said."""
    if place.speaker:
        return f"Said there by <b>{escape(place.speaker)}</b>"
    is_quotation = place.outcome in ("exact", "elided", "altered")
    return "The article names nobody for sure who says it." if is_quotation else ""


def _difference(change: Difference) -> str:
    if change.op == "insert":
        return f"you leave out “{change.found}” without an ellipsis"
    if change.op == "delete":
        return f"you have “{change.asked}”, the document has nothing there"
    return difference_line(change)
