"""Questions that offer their answers: "Was it signed in June or in November?".

No sentence that answers names both, so each is asked by itself, and what answers any is shown.
"""

from __future__ import annotations

import re

from rag.dates import MONTHS
from rag.followups import standalone
from rag.terms import terms
from rag.types import Message

_BE = r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must|may|might)"
_CLOSED = re.compile(rf"(?:(?:and|but|so|then),? )?{_BE}(?:n['’]t)? ", re.IGNORECASE)
_OR = re.compile(r",? or (?:rather |maybe |only )?", re.IGNORECASE)
# What offers nothing to choose from.
_NO_CHOICE = re.compile(
    r"\b(?:more or less|sooner or later|(?:one|a \w+) or (?:two|three|more)|"
    r"or (?:not|so|other|others|else|any\w*|even|some\w*|more|less|fewer|both|neither|whatever)\b)",
    re.IGNORECASE,
)
_COUNT = (
    r"(?:(?:about|around|some|nearly|over|up to|only) )?(?:\d[\d,.]*\d|\d|one|two|three|four|five|"
    r"six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety)(?: (?:hundred|thousand|million|billion|per ?cent)|%)?"
)
_PREPOSITION = (
    r"(?:in|on|at|by|for|from|to|with|without|before|after|during|under|against|into|as|because)"
)
_DETERMINER = r"(?:a|an|the|its|their|his|her|this|that|these|those)"
_NAME = r"(?:(?:the )?[A-Z][\w.'’-]*(?: (?:(?:of|the) )?[A-Z][\w.'’-]*){0,4})"
_TIME = r"(?:(?:this|next|last) (?:year|month|week|spring|summer|autumn|winter)|today|tomorrow)"
_MONTH = rf"(?:{'|'.join(MONTHS)})"
_DAY = (
    rf"(?:(?:in|on|by) )?(?:(?:\d{{1,2}} )?{_MONTH}(?: \d{{1,2}}\b)?(?:,? \d{{4}})?|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:the )?(?:spring|summer|autumn|winter)\b)"
)
_YEAR = r"(?:19|20)\d\d\b"
_WHEN = re.compile(rf"{_DAY}|(?:in|by) {_YEAR}")
_WORD = r"[\w'’%-]+"
_OPENS = rf"(?:{_PREPOSITION}|of|{_DETERMINER}|who|that|which|where|when|it|them|us|him)\b"
# What stands after "or" and before it, both of one kind, the plainest first.
_KINDS = tuple(
    (re.compile(rf"(?P<other>{after})"), re.compile(rf"(?<![\w-])(?P<one>{before})$"))
    for after, before in (
        (_DAY, _DAY),
        (rf"(?:(?:in|by) )?{_YEAR}", rf"(?:in|by) {_YEAR}"),
        (rf"{_COUNT}(?![\w.])", _COUNT),
        (_TIME, _TIME),
        (rf"{_PREPOSITION}(?= |$)", _PREPOSITION),
        (rf"{_PREPOSITION} .+", rf"{_PREPOSITION}(?: (?!{_PREPOSITION}\b){_WORD})+"),
        (_NAME, _NAME),
        (
            rf"{_DETERMINER}(?: (?!{_OPENS}){_WORD})+",
            rf"{_DETERMINER}(?: (?!{_PREPOSITION}\b|{_DETERMINER}\b){_WORD})+",
        ),
        (rf"(?!{_OPENS})[a-z]{_WORD}\b(?! (?:{_DETERMINER}|it|them|him|us)\b)", rf"[a-z]{_WORD}"),
    )
)
_BEFORE_WHEN = re.compile(r" (?:(?:back )?in|on|by)? ?$")
_CLAUSE = re.compile(rf"{_BE} (?:it|they|he|she|there|the|an?|this|that|[A-Z])\b", re.IGNORECASE)
# "Who said so, Quill or Bream?", "When was it: in June or in July?"
_OFFERED = re.compile(
    r"(?P<asked>(?:and |but |so )?(?:who|when|where|how (?:many|much|long|often|far|old))\b"
    r"[^,;:?–—]{4,}?)\s?[,;:?–—]\s?(?:is it |was it |were they |are they )?"
    r"[^,;:?]{1,50}\bor [^,;:?]{1,50}\?*",
    re.IGNORECASE,
)
_OFFER = r"(?P<one>[\w.,'’ -]{1,40}?) or (?P<other>[\w.,'’ -]{1,40}?)"
_OF_THESE = r"which(?: one)?(?: of (?:the|these|those|them))?(?: two)?"
# "Quill or Bream, who paid?", "Quill or Bream: which one paid?", "Which paid, Quill or Bream?"
_OFFERED_FIRST = re.compile(
    rf"{_OFFER}\s?[,;:–—-]\s?(?P<asked>(?:who|what|which|when|where|how)\b.+)", re.IGNORECASE
)
_WHICH_FIRST = re.compile(rf"{_OF_THESE} (?P<does>[^,;:?]+?)[,;:–—-]\s?{_OFFER}\W*", re.IGNORECASE)
_WHICH = re.compile(rf"{_OF_THESE} (?=(?:{_BE}|\w+(?:s|ed)|got|gave|paid|said|won|lost)\b)", re.I)
_WEIGHS = re.compile(
    r"\b(?:first|last|earlier|later|sooner|more|less|most|least)\b|\b(?:is|are|was|were) \w+er$",
    re.IGNORECASE,
)
_COMPARES = re.compile(r"\b(?:more|less|[a-z]{3,}er)(?: [a-z]+)?$")


def without_offer(text: str) -> str:
    """Leave out what a question offers beside what it asks: "Who paid, Quill or Bream?"."""
    bare = text.strip()
    offered = _OFFERED.fullmatch(bare) or _OFFERED_FIRST.fullmatch(bare)
    asked = offered["asked"].rstrip("? ") if offered else ""
    if not terms(asked) or _WEIGHS.search(asked) or _WHICH.match(asked):
        return text
    return f"{asked}?"


def _one_of_two(asked: str) -> tuple[str, ...]:
    """Ask of each of two whether it is the one: "Quill or Bream, which one paid?"."""
    offered = _OFFERED_FIRST.fullmatch(asked)
    which = _WHICH.match(offered["asked"]) if offered else None
    if offered and which:
        does = offered["asked"][which.end() :]
    elif offered := _WHICH_FIRST.fullmatch(asked):
        does = offered["does"]
    if not offered or _WEIGHS.search(does) or not terms(does):
        return ()
    return f"{offered['one']} {does}?", f"{offered['other']} {does}?"


def alternatives_of(text: str) -> tuple[str, ...]:
    """Ask a question with each of the answers that it offers; none where it offers none."""
    asked = text.strip().rstrip("?!. ")
    if found := _one_of_two(asked):
        return found
    closed, offers = _CLOSED.match(asked), list(_OR.finditer(asked))
    if not closed or len(offers) != 1 or _NO_CHOICE.search(asked) or _COMPARES.search(asked):
        return ()
    opening, before = closed.group(), asked[closed.end() : offers[0].start()]
    after = asked[offers[0].end() :]
    if _CLAUSE.match(after):
        first = f"{opening}{before}?"
        return first, standalone(f"{after[:1].upper()}{after[1:]}?", [Message("user", first)])
    for following, preceding in _KINDS:
        other, one = following.match(after), preceding.search(before)
        if other and one:
            head, rest = f"{opening}{before[: one.start()]}", after[other.end() :]
            found = _with_each(head, one["one"], other["other"], rest)
            return found if all(map(terms, found)) else ()
    return ()


def _with_each(head: str, one: str, other: str, rest: str) -> tuple[str, ...]:
    """Ask with the one and with the other; where both are days, ask when."""
    if _WHEN.fullmatch(one):
        asked = f"{_BEFORE_WHEN.sub('', head)}{rest}"
        return (f"When {asked[:1].lower()}{asked[1:]}?",)
    return f"{head}{one}{rest}?", f"{head}{other}{rest}?"
