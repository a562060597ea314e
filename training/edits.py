"""Change a sentence so that it says something else, or is mistyped: examples made from examples."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_NAME = re.compile(r"\b[A-Z][\w'’-]{2,}(?: (?:[A-Z][\w'’-]+|of(?= [A-Z])))*")
_NUMBER = re.compile(r"\b\d[\d,]*(?:\.\d+)?\b")
_NOT_NAMES = frozenset(
    "what which when where who whom whose why how the this that these those his her its their "
    "and but for from with did does has have are was were will would can could after before "
    "during while since because although according many much most some any all both each there "
    "they she you not".split()
)
_OPPOSITES = (
    "first last|before after|most least|more fewer|more less|highest lowest|largest smallest|"
    "best worst|early late|earlier later|earliest latest|north south|northern southern|east west|"
    "eastern western|increase decrease|increased decreased|rise fall|rose fell|win lose|won lost|"
    "support oppose|supported opposed|allow ban|allowed banned|begin end|began ended|male female|"
    "old new|oldest newest|older younger|high low|higher lower|large small|larger smaller|"
    "long short|longer shorter|good bad|positive negative|always never|accept reject|"
    "accepted rejected|join leave|joined left|buy sell|bought sold|open close|opened closed|"
    "inside outside|above below|attack defend|arrive depart|arrived departed|public private|"
    "rich poor|strong weak|stronger weaker|fast slow|faster slower|agree disagree|confirmed denied|"
    "confirm deny|success failure|enemy ally|import export|imports exports|father mother|"
    "brother sister|husband wife|son daughter|king queen|major minor|many few|all none"
)
_PAIRS = [tuple(pair.split()) for pair in _OPPOSITES.split("|")]
_OPPOSITE = dict(_PAIRS) | {b: a for a, b in reversed(_PAIRS)}
_ASKED = re.compile(
    r"^(when|where|why|how)(?= (?:is|are|was|were|has|had|can|did|does|do|will)\b)", re.I
)
# What tells a time or a reason, by the word that asks for it.
_TOLD = {
    "when": re.compile(
        r"\d|\b(?:January|February|March|April|May|June|July|August|September|October|November|"
        r"December|\w+day|century|year|month|week|after|before|during|when|while|since|until)s?\b"
    ),
    "why": re.compile(
        r"\b(?:because|due|since|as|so|caused?|reasons?|results?|resulting|order|purpose|aim\w*|"
        r"for|by|led|leading|therefore|thus|owing|after|help|means?)\b",
        re.I,
    ),
}
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|have|had|can|could|will|would|did|does|do)\b")


def swapped(text: str, other: str, rng: random.Random) -> str | None:
    """Change one name, number, opposite or negation of a text; ``None`` where it has none.

    Names are replaced by names of ``other``, a text beside it.
    """
    ways = [_other_name, _other_name, _other_number, _other_number, _opposite, _negated]
    rng.shuffle(ways)
    for way in ways:
        if changed := way(text, other, rng):
            return changed
    return None


def asking_when_or_why(question: str, text: str, rng: random.Random) -> str | None:
    """Ask for the time or the reason of what a question asks the place or manner of.

    ``text`` is what answers the question; ``None`` where it may tell that too, or for questions of
    another shape.
    """
    asked = _ASKED.match(question)
    if not asked:
        return None
    free = [w for w, told in _TOLD.items() if w != asked[1].lower() and not told.search(text)]
    return rng.choice(free).title() + question[asked.end() :] if free else None


def _names(text: str) -> list[re.Match[str]]:
    return [m for m in _NAME.finditer(text) if m[0].split()[0].lower() not in _NOT_NAMES]


def _other_name(text: str, other: str, rng: random.Random) -> str | None:
    own = _names(text)
    lower = text.lower()
    foreign = [m[0] for m in _names(other) if m.start() and m[0].lower() not in lower]
    if not own or not foreign:
        return None
    return _replaced(text, rng.choice(own), rng.choice(foreign))


def _other_number(text: str, other: str, rng: random.Random) -> str | None:
    own = list(_NUMBER.finditer(text))
    if not own:
        return None
    chosen = rng.choice(own)
    foreign = [n for n in _NUMBER.findall(other) if n != chosen[0] and len(n) == len(chosen[0])]
    return _replaced(text, chosen, rng.choice(foreign or [_changed_number(chosen[0], rng)]))


def _changed_number(number: str, rng: random.Random) -> str:
    """Replace one digit, of a year never the first two, so that it stays a likely year."""
    first = 2 if len(number) == 4 and number.isdigit() else 0
    places = [i for i, c in enumerate(number) if c.isdigit() and i >= first]
    place = rng.choice(places)
    digits = [d for d in "123456789" if d != number[place]]
    return number[:place] + rng.choice(digits) + number[place + 1 :]


def _opposite(text: str, other: str, rng: random.Random) -> str | None:
    found = [m for m in re.finditer(r"\b[a-z]+\b", text) if m[0] in _OPPOSITE]
    if not found:
        return None
    chosen = rng.choice(found)
    return _replaced(text, chosen, _OPPOSITE[chosen[0]])


def _negated(text: str, other: str, rng: random.Random) -> str | None:
    """Take a ``not`` out, or else put one behind an auxiliary verb of a statement."""
    if " not " in text:
        return text.replace(" not ", " ", 1)
    found = _AUXILIARY.search(text)
    if not found or text.rstrip().endswith("?"):
        return None
    return f"{text[: found.end()]} not{text[found.end() :]}"


def _replaced(text: str, match: re.Match[str], by: str) -> str:
    return text[: match.start()] + by + text[match.end() :]


def mistyped(text: str, rng: random.Random) -> str:
    """Drop, double or swap a letter in one or two words, or write all in small letters."""
    if rng.random() < 0.25:
        return text.lower().rstrip("?")
    words = text.split()
    for _ in range(rng.randint(1, 2)):
        place = rng.randrange(len(words))
        words[place] = _misspelt(words[place], rng)
    return " ".join(words)


def _misspelt(word: str, rng: random.Random) -> str:
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    choices: Sequence[str] = [
        before + after,
        before + letter + letter + after,
        before + after[:1] + letter + after[1:],
    ]
    return rng.choice(choices)
