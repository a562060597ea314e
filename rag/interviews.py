"""Interviews: paragraphs that ask take turns with paragraphs in which one person answers.

Such a text names the one who answers once, before or in the first questions, and leaves it to the
reader to know who speaks; or it puts a name and a colon before each turn. What is not surely an
interview, or names nobody or several without telling whose turn it is, is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.cast import Cast
from rag.features import asks
from rag.names import Name, names, strip_titles
from rag.types import Sentence

_LEAST_TURNS = 3
_LONGEST_QUESTION = 500  # characters
_ANSWERS = re.compile(r"[*_ ]*(?:A|Answer)[*_ ]*:")
_YOU = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
_I = re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur|me|us)\b(?!\.)")
_TITLE = (
    r"(?:M(?:r|rs|s)\.?|Dr\.?|Sir|Dame|President|Minister|Chancellor|Secretary|Senator|General|"
    r"Admiral|Ambassador|Mayor|Professor|Prof\.)"
)
_ADDRESSED = re.compile(rf"(?:^|[.?!,] ){_TITLE} (?P<name>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?)[,?]")

# "Interview: Bo Sand", "interviewed by Bo Sand": who asks.
_ASKING = re.compile(
    r"\b(?:(?:interview(?:er)?|questions): |(?:interview|interviewed|questions|asked) by |told )$",
    re.IGNORECASE,
)
# What an editor notes below: "The conversation was shortened."
_EDITED = re.compile(
    r"\b(?:conversation|interview|transcript|questions|answers)\b.{0,60}\b(?:edited|shortened|"
    r"condensed|abridged|abbreviated|conducted|recorded)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"[*_ ]*(?P<name>(?:[A-Z][\w'’-]*\.?)(?: [A-Z][\w'’-]*\.?){0,4})[*_ ]*:[*_]*"
    r"(?=\s+[^\W\d_]\S*\s+[^\W\d_])"  # words: "Quill: 547." is a tally
)

Paragraphs = Sequence[Sequence[Sentence]]


def turns_of(
    text: str, masked: str, paragraphs: Paragraphs, cast: Cast
) -> dict[int, tuple[Name, bool]]:
    """Map the start of each sentence of labelled turns ("Quill: It leaks.") to who speaks.

    With it goes whether the label stands in the sentence. A paragraph without a label goes on with
    the turn where it says "I" or "we". Labels that are no person's are turns of nobody, and where
    no turn asks there are none.
    """
    labels = [_LABEL.match(text, p[0].start, p[-1].end) for p in paragraphs]
    speakers = [_labelled(label, cast) if label else None for label in labels]
    turns = [text[p[0].start : p[-1].end] for p, m in zip(paragraphs, labels, strict=True) if m]
    several = sum(map(bool, speakers)) >= _LEAST_TURNS and len({m["name"] for m in labels if m}) > 1
    if not several or not any("?" in turn for turn in turns):
        return {}
    found: dict[int, tuple[Name, bool]] = {}
    speaker: Name | None = None
    for paragraph, label, named in zip(paragraphs, labels, speakers, strict=True):
        if label or not _I.search(masked, paragraph[0].start, paragraph[-1].end):
            speaker = named
        if speaker:
            found |= {s.start: (speaker, bool(label) and s is paragraph[0]) for s in paragraph}
    return found


def _labelled(label: re.Match[str], cast: Cast) -> Name | None:
    """Return the person whom a label names, in full where the text does."""
    written = label["name"]
    name = strip_titles(
        Name(written.title() if written.isupper() else written, *label.span("name"))
    )
    return cast.full(name) if cast.is_person(name) else None


def answers_of(text: str, masked: str, paragraphs: Paragraphs, cast: Cast) -> dict[int, Name]:
    """Map the start of each sentence of an interview's answers to who gives them.

    ``masked`` is the text with what it quotes blanked out.
    """
    spans = [(p[0].start, p[-1].end) for p in paragraphs]
    asking = [_is_question(masked[start:end]) for start, end in spans]
    turns = [i for i in range(len(spans) - 1) if asking[i] and not asking[i + 1]]
    if len(turns) < _LEAST_TURNS:
        return {}
    first = asking.index(True)
    replies = [i for i in range(first, len(spans)) if not asking[i]]
    marked = [i for i in replies if _ANSWERS.match(text, *spans[i])]
    if len(marked) >= _LEAST_TURNS:  # what has no mark goes on with an answer, or is the editor's
        replies = [i for i in replies if i in marked or _I.search(masked, *spans[i])]
    replies = [i for i in replies if not _EDITED.search(text, *spans[i])]
    spoken = [i + 1 for i in turns if _I.search(masked, *spans[i + 1])]
    addressing = any(_YOU.search(masked, *spans[i]) for i in turns)
    # Asides take turns with paragraphs too; answers are many, and say "I" or "we".
    if not addressing or 2 * len(spoken) < len(turns) or len(replies) > 4 * len(turns):
        return {}
    speaker = _named(text, [spans[i] for i in turns], spans[:first], cast)
    if speaker is None:
        return {}
    return {sentence.start: speaker for i in replies for sentence in paragraphs[i]}


def _is_question(masked: str) -> bool:
    """Tell a paragraph that asks: by its ends, or by speaking to "you" without saying "I"."""
    if len(masked) > _LONGEST_QUESTION or _ANSWERS.match(masked):
        return False
    return asks(masked) or bool(_YOU.search(masked) and not _I.search(masked))


def _named(
    text: str,
    questions: Sequence[tuple[int, int]],
    opening: Sequence[tuple[int, int]],
    cast: Cast,
) -> Name | None:
    """Return who is spoken to in the questions, or else the one person named before them."""
    for start, end in questions:
        if match := _ADDRESSED.search(text[start:end]):
            at = start + match.start("name")
            return cast.full(Name(match["name"], at, at + len(match["name"])))
    found = [
        strip_titles(Name(name.text, start + name.start, start + name.end))
        for start, end in opening
        for name in names(text[start:end])
        if not _ASKING.search(text, start, start + name.start)
    ]
    persons = {cast.full(name).text: cast.full(name) for name in found if cast.is_person(name)}
    return next(iter(persons.values())) if len(persons) == 1 else None
