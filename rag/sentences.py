"""Split text into sentences by rule, in time linear in its length.

News English decides the rules: titles and initials before names, months before days, dotted
acronyms, quotations that end inside a sentence. Where a full stop is ambiguous the word after it
decides, since only a few words start sentences often and names never look like them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.types import Heading, Sentence

_WRAPPED_WIDTH = 100  # characters; text with longer lines was not wrapped by hand
_CLOSERS = "\"'”’»›)]}"
_CLOSE_QUOTES = ('"', "”", "’", "»")
_OPEN_QUOTES = ('"', "“", "‘", "«")
_LINE_ENDS = (".", "!", "?", "…", "‽", "؟", "।", "。", "！", "？", ":")
_LINE = re.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
# Always matches once it has started, so that a run of ten million stops is read once.
_STOP = re.compile(r"(?P<run>[.!?…‽؟।。！？]++)(?P<close>[\"'”’»›)\]}]*+)(?:\[\d{1,3}\])*+")
_SPACE = re.compile(r"\s*+")
_LETTER = re.compile(r"[^\W_]")
_LAST_WORD = re.compile(r"[\w.’'&-]*\Z")
_NEXT_WORD = re.compile(r"[\"'“‘«‹(\[{*_—–-]*+([\w’'-]{0,40})")
_ACRONYM = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}\Z")
_ENUMERATOR = re.compile(r"\s*\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})\Z")
_ROMAN = re.compile(r"[IVXLC]+\Z")
_BULLET = re.compile(r"\s*(?:[-*•‣◦▪–—]\s|\(?(?:\d{1,3}|[a-z])[.)]\s)")
_JOINED = re.compile(r"[^\W\d_][a-z]")
_SPEECH = re.compile(
    r"(?:(?:[A-Z][\w’'.-]{0,20}|of|the|de|van|von) ){1,4}"
    r"(?:said|says|asked|added|wrote|told|replied|warned|exclaimed|shouted)\b"
)
# What agencies put before a sentence: where it was written, and who took the picture above.
_DATELINE = re.compile(
    r"[A-Z][\w.’'-]{0,20}(?:,? (?:[A-Z][\w.’'-]{0,20}|\d{1,2}|of|de|and)){0,6}"
    r" \((?:AP|AFP|CNN|Reuters|REUTERS|UPI|Xinhua|TASS|dpa)\)"
    r"(?:\s[–—-]{1,2}|:)?(?=\s)"
)
# "— Ada Quill (@quill) May 3, 2024", with links to pictures before.
_POSTED = re.compile(
    r"(?:(?:https?://|pic\.)\S{1,60} )*+[—–-]{1,2} ?[^()\n]{2,60} \(@\w{1,30}\)"
    r"(?: [A-Z][a-z]{2,8}\.? \d{1,2}, \d{4})?"
)
_NAME = r"[A-Z][\w.’'-]{0,20}(?: [A-Z][\w.’'-]{0,20}){0,3}"
_WORDS = r"[A-Z][\w.’'-]{0,20}(?: [A-Z][\w.’'-]{0,20}){1,3}"
_CREDIT = re.compile(
    rf"\s?{_NAME}(?:/[A-Z][\w.’'& -]{{1,30}}){{0,3}}"
    r"/(?:AFP|AP|Alamy|Anadolu|Bloomberg|CNN|EPA|EPA-EFE|Getty|Imagn|NurPhoto|PA|Pool|REUTERS|Redux"
    r"|Reuters|Shutterstock|Sipa|TASS|Xinhua|Zuma)(?: Images| News| Network)?"
    rf"(?=\s[A-Z“\"])(?!\sImages)|\s?{_WORDS}/[A-Z]{{2,6}}(?=\s[A-Z])"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never the last word of a sentence.
_BEFORE_NAMES = _words(
    "mr mrs ms mx dr prof gen lt col sgt capt maj brig cmdr adm sen rep reps sens gov rev fr hon "
    "pres amb supt det insp cpl pvt messrs mme mlle vs cf e.g i.e viz eg ie"
)
# Not the last word when a number follows; before anything else they end sentences.
_BEFORE_NUMBERS = _words(
    "jan feb mar apr jun jul aug sept sep oct nov dec no nos vol pp p fig figs art arts sec ch "
    "para par eq approx ca c etc"
)
# The last word only when the next word is a starter.
_MAYBE_LAST = _words(
    "st ft mt inc corp ltd co cos bros jr sr dept univ assn govt intl natl ave blvd rd al est ph.d"
)
_DAYS = _words("mon tue tues wed thu thur thurs fri sat sun")
_AFTER_CLOCK = _words(
    "monday tuesday wednesday thursday friday saturday sunday et est edt pt pst pdt ct cst cdt "
    "gmt utc cet bst jst kst eastern pacific central moscow local"
)
_STARTERS = _words(
    "a about according after all although among an and another any as asked at because before "
    "both but by despite during each earlier even every few finally first for from given he her "
    "here his how however i if in indeed instead it its last later many meanwhile more moreover "
    "most much my nearly nevertheless no nor not nothing now of officials on once one only or "
    "other others our over perhaps several she since so some still such that the their then "
    "there these they this those though three through thus to today two under unless unlike "
    "until we what when where whether which while who why with without yes yet you your"
)


def split_sentences(text: str, headings: Sequence[Heading] = ()) -> tuple[Sentence, ...]:
    """Split ``text`` into sentences, in order, without surrounding white space.

    Headings are not sentences, and no sentence crosses a heading or the end of a paragraph. A line
    break inside a paragraph that was wrapped by hand does not end a sentence. Paragraphs without a
    letter or digit hold no sentence; everything else belongs to exactly one. A dateline and the
    credit of a picture before a sentence, "KYIV (AP) —", stand by themselves.
    """
    return tuple(
        sentence
        for start, end in _sections(len(text), headings)
        for first, last in _paragraphs(text, start, end)
        for sentence in _paragraph_sentences(text, first, last)
    )


def _sections(length: int, headings: Sequence[Heading]) -> Iterator[tuple[int, int]]:
    """Yield the spans between headings."""
    start = 0
    for heading in sorted(headings, key=lambda h: h.start):
        yield start, min(max(start, heading.start), length)
        start = min(max(start, heading.start, heading.end), length)
    yield start, length


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield paragraph spans: lines, joined where a paragraph was wrapped by hand."""
    lines = [match.span() for match in _LINE.finditer(text, start, end)]
    by_hand = all(last - first <= _WRAPPED_WIDTH for first, last in lines)
    begin = None
    for (first, last), (after, _) in zip(lines, [*lines[1:], (end, end)], strict=False):
        begin = first if begin is None else begin
        behind = text[after : min(after + 80, end)]
        if not (by_hand and _goes_on(text[first:last], text[last:after], behind)):
            yield begin, last
            begin = None


def _goes_on(line: str, gap: str, after: str) -> bool:
    """Tell whether a paragraph runs on over the line break ``gap``."""
    line = line.rstrip()
    if gap not in ("\n", "\r\n", "\r") or not (line and after) or _BULLET.match(after):
        return False
    if line.rstrip(_CLOSERS)[-1:] in _LINE_ENDS:
        return _last_word(line[:-1]).lower() in _BEFORE_NAMES
    # A line shorter than any wrapping width is a byline or a label.
    return after[:1].islower() or (len(line) >= _WRAPPED_WIDTH // 2 and after[:1].isalnum())


def _paragraph_sentences(text: str, start: int, end: int) -> Iterator[Sentence]:
    spans: list[tuple[int, int]] = []
    first = checked = start
    for stop in _STOP.finditer(text, start, end):
        if not _ends_sentence(text, first, end, stop):
            continue
        if _LETTER.search(text, checked, stop.end()):
            spans.append((first, stop.end()))
            first = stop.end()
        checked = stop.end()
    if _LETTER.search(text, checked, end):
        spans.append((first, end))
    elif spans:
        spans[-1] = (spans[-1][0], end)
    for span_start, span_end in spans:
        begin = span_start
        if label := _label(text, span_start, span_end, opens=span_start == start):
            yield _trimmed(text, begin, label)
            begin = label
        yield _trimmed(text, begin, span_end)


def is_label(sentence: str) -> bool:
    """Tell whether a sentence is but a dateline, the credit of a picture or who posted a text."""
    if _POSTED.fullmatch(sentence):
        return True
    followed = f"{sentence} A"
    label = _CREDIT.match(followed) or _DATELINE.match(followed)
    return label is not None and label.end() >= len(sentence)


def _label(text: str, start: int, end: int, *, opens: bool) -> int | None:
    """Return where an agency's label before a sentence ends, if there is one."""
    match = _CREDIT.match(text, start, end) or (opens and _DATELINE.match(text, start, end))
    return match.end() if match else None


def _trimmed(text: str, start: int, end: int) -> Sentence:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return Sentence(start + left, start + len(piece.rstrip()))


def _ends_sentence(text: str, first: int, end: int, stop: re.Match[str]) -> bool:
    """Tell whether the sentence that began at ``first`` ends with ``stop``."""
    run, close, after = stop["run"], stop["close"], stop.end()
    if after >= end or run[-1] in "।。！？":
        return True
    gap = _SPACE.match(text, after, end)
    begin = gap.end() if gap else after
    if begin >= end:
        return True
    if begin == after:
        return _ends_without_space(text, stop)
    word = _next_word(text, begin, end)
    if not word:
        return text[begin] not in ".,;:!?…/%&=”’»›)]}"
    before = _last_word(text[max(first, stop.start() - 40) : stop.start()])
    if word[0].islower() and word[1:].islower() | (len(word) == 1):
        return run == "." and not close and _is_ordinary(before)
    if run != ".":
        return not (close and _SPEECH.match(text, begin, end))
    if stop.start() - first < 8 and _ENUMERATOR.match(text[first : stop.start()]):
        return False
    quoted = text[begin] in _OPEN_QUOTES
    return _ends_after(before, word, quoted=quoted)


def _ends_without_space(text: str, stop: re.Match[str]) -> bool:
    """Judge a stop that is followed at once, as in ``ended.The`` or ``ended.”The``."""
    after = text[stop.end() : stop.end() + 2]
    if after[0] in "“‘«":
        return True
    if not after[0].isupper():
        return False
    if stop["close"].rstrip(")]}") or text[stop.start() - 1 : stop.start()] in _CLOSE_QUOTES:
        return True
    before = _last_word(text[max(0, stop.start() - 40) : stop.start()])
    return before.isalpha() and _is_ordinary(before) and bool(_JOINED.match(after))


def _ends_after(before: str, word: str, *, quoted: bool) -> bool:
    """Judge a full stop between ``before`` and a ``word`` that begins with no small letter."""
    name = before.lower().strip("'’-&")
    starts = word.split("’")[0].split("'")[0].lower() in _STARTERS
    if name in _BEFORE_NAMES:
        return False
    if name in _BEFORE_NUMBERS:
        return not (word[0].isdigit() or _ROMAN.match(word))
    if name in ("a.m", "p.m"):
        return word.lower() not in _AFTER_CLOCK
    if len(name) == 1 and name.isalpha():
        return starts
    if _ACRONYM.search(name) or name in _MAYBE_LAST or (name in _DAYS and before[0].isupper()):
        return starts or quoted
    return True


def _is_ordinary(word: str) -> bool:
    """Tell whether a small-letter word cannot be an abbreviation."""
    known = word in _BEFORE_NAMES or word in _BEFORE_NUMBERS or word in _MAYBE_LAST
    return len(word) >= 3 and word.isalpha() and word.islower() and not known


def _last_word(text: str) -> str:
    found = _LAST_WORD.search(text[-40:])
    return found[0] if found else ""


def _next_word(text: str, start: int, end: int) -> str:
    found = _NEXT_WORD.match(text, start, end)
    return found[1] if found else ""
