"""Abbreviations: which one a question asks to spell out, and where a text introduces it.

A text introduces an abbreviation beside a bracket: "fast attack craft (FAC)" or "FAC (fast attack
craft)"; or behind a comma, "FAC, or fast attack craft". The long form is the shortest run of words
that holds the abbreviation's letters and digits in order, the first of them at the start of a word:
after Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text" (Pacific Symposium on Biocomputing, 2003). Letters that many words hold in order by
chance would pass there, so at least half of them must begin a word here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_WORD = r"[\"“'‘]?(?P<short>[^\W_][\w.&/-]{1,14})[\"”'’]?"
_TERM = r"(?:(?:abbreviation|acronym|initialism|initials|letters|term|name) )?"
_SPELLED_OUT = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bwhat (?:does|do|did) (?:the )?{_TERM}{_WORD} (?:stand for|abbreviate)\b",
        rf"\bwhat (?:does|do) (?:the )?(?:abbreviation|acronym|initialism|initials|letters) "
        rf"{_WORD} mean\b",
        rf"\bwhat (?:is|are) {_WORD} (?:short|an? (?:abbreviation|acronym)) (?:for|of)\b",
        rf"\b(?:full (?:form|name)|long form|expansion|meaning) of (?:the )?"
        rf"(?:abbreviation|acronym|initialism|initials|letters) {_WORD}",
        rf"\b(?:full|long) form of (?:the )?{_WORD}",
    )
)
_WHAT_IS = re.compile(
    r"(?i:what|who)(?i:['’]s| is| are| was| were| does) (?i:the |an? )?"
    r"(?P<short>[A-Z][\w.&/-]*[A-Z][\w.&/-]*)(?: mean)?\s*\?*$"
)
_BRACKETS = re.compile(r"\(([^()]{2,120})\)")
# Between the two forms without a bracket, what may stand there, and the thing they name.
_OR = re.compile(
    r", (?:or(?: the)?|(?:which )?(?:stands?|short) for|also (?:known as|called)|the)[ \u00a0]|"
    r"[ \u00a0]stands for(?: the)?[ \u00a0]"
)
_APART = re.compile(r"[^,;:.()\n–—]{2,120}")
_THING = re.compile(r"(?P<short>\b[A-Z][\w.&/-]{1,14}) [a-z]{1,20}$")
_REACH = 200  # characters before a bracket or comma that the long form may take
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# In capitals, or letters that no word is made of.
_SHORT_FORM = re.compile(r"\b(?:[A-Z]{2,5}|[bcdfghjklmnpqrstvwxz]{2,4})\b")
_LEAST_LETTERS = 3  # of fewer any words have the initials
_JOINING = r"(?:[ \u00a0-](?:of|the|and|for)){0,2}[ \u00a0-]"


def spelling_asked(question: str) -> str | None:
    """Return the abbreviation that a question asks to spell out, if it asks for that."""
    for pattern in _SPELLED_OUT:
        if match := pattern.search(question):
            return match["short"].rstrip(".")
    return None


def abbreviation_asked(question: str) -> str | None:
    """Return the abbreviation a question is about: to spell out, or what it is ("What is ...?")."""
    match = _WHAT_IS.match(question.strip())
    return spelling_asked(question) or (match["short"].rstrip(".") if match else None)


def introduces(text: str, short: str) -> bool:
    """Tell whether a text gives an abbreviation beside its long form."""
    bracketed = any(
        _pair(text[max(0, bracket.start() - _REACH) : bracket.start()].rstrip(), inside, short)
        for bracket in _BRACKETS.finditer(text)
        for inside in {bracket[1], re.split("[,;]", bracket[1])[0]}
    )
    return bracketed or _says_otherwise(text, short)


def _says_otherwise(text: str, short: str) -> bool:
    """Tell whether a text has both forms side by side: "IFO, or Institute for Oil"."""
    if short.lower() not in text.lower():
        return False
    return any(
        _pair(_THING.sub(r"\g<short>", before), inside[0], short)
        for joint in _OR.finditer(text)
        if (inside := _APART.match(text, joint.end()))
        and (before := text[max(0, joint.start() - _REACH) : joint.start()])
    )


def may_spell_out(text: str, short: str) -> bool:
    """Tell whether words with these initials stand in a text: in capitals, or beside it.

    One word may stand between two of them.
    """
    if named_so(short, [text]):
        return True
    letters = _letters(short)
    words = (rf"\b{re.escape(letter)}[\w’']*" for letter in letters)
    long_form = r"[ \u00a0-](?:[\w’']+[ \u00a0-])??".join(words)
    beside = len(letters) >= _LEAST_LETTERS and short.lower() in text.lower()
    return beside and bool(re.search(long_form, text, re.IGNORECASE))


def short_forms(question: str) -> tuple[str, ...]:
    """List what may be initials in a question, in capitals or not ("nk")."""
    return tuple(dict.fromkeys(_SHORT_FORM.findall(question)))


def named_so(short: str, texts: Iterable[str]) -> str | None:
    """Return the name that texts have most often of those with these initials, if any."""
    words = (rf"{letter}[\w’'.]*[a-z]" for letter in short.upper())
    name = re.compile(rf"\b{_JOINING.join(words)}\b")
    found = Counter(" ".join(match.split()) for text in texts for match in name.findall(text))
    return found.most_common(1)[0][0] if found else None


def _pair(before: str, inside: str, short: str) -> bool:
    """Tell whether a bracket holds the abbreviation of what stands before it, or its long form."""
    if _same(inside, short):
        return _is_long_form(before, short, at_end=True)
    return _ends_with(before, short) and _is_long_form(inside, short, at_end=False)


def _same(one: str, other: str) -> bool:
    """Compare abbreviations without dots, case and a plural's s."""
    return _letters(one).removesuffix("s") == _letters(other).removesuffix("s")


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def _ends_with(text: str, short: str) -> bool:
    last = text.rsplit(None, 1)[-1] if text else ""
    return bool(last) and _same(last, short)


def _is_long_form(text: str, short: str, *, at_end: bool) -> bool:
    """Tell whether the last (or all) words of a text spell an abbreviation out."""
    letters = _letters(short).removesuffix("s") or _letters(short)
    words = [token.lower() for token in _TOKEN.findall(text)]
    most = min(len(letters) + 5, 2 * len(letters))
    if at_end:
        words = words[-most:]
        return any(_spells(words[first:], letters) for first in range(len(words)))
    return len(words) <= most and _spells(words, letters)


def _spells(words: list[str], letters: str) -> bool:
    """Tell whether words hold letters in order, from the first word to the last.

    The first letter, and at least half of all, must begin a word.
    """
    if len(words) < 2:
        return False
    joined = " ".join(words)
    starts = {0, *(place + 1 for place, sign in enumerate(joined) if sign == " ")}
    reached = {0: 1} if joined[0] == letters[0] else {}  # place of the last letter -> initials
    for letter in letters[1:]:
        further: dict[int, int] = {}
        for at, initials in reached.items():
            for place in (p for p in range(at + 1, len(joined)) if joined[p] == letter):
                further[place] = max(further.get(place, 0), initials + (place in starts))
        reached = further
    ends = [initials for at, initials in reached.items() if at >= max(starts)]
    return 2 * max(ends, default=0) >= len(letters)
