"""Follow-up questions: written so that they can be searched for by themselves, without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.courtesies import without_courtesy
from rag.pronouns import may_be_person, open_pronouns
from rag.terms import STOP_WORDS, fold, terms, without_possessive
from rag.types import Message

_OPENING = re.compile(
    r"^(?:(?:and|but|so|also|more|really)\b|what about|how about|why not|why so|how so|what else|"
    r"who else|anyone else|anything else|tell me more|go on|are you sure|says who|which ones?\b|"
    r"since when|the \w+ one\b|(?:why|when|where|who|how|how many|how much)\W*$)"
)
# "her" before one of these is a verb's object, though STOP_WORDS hold them.
_BEFORE_NOUN = frozenset("few many more most much only other own same".split())
_WHEN = frozenset("afterwards again later near since then today tomorrow without yesterday".split())
_NOUNS_IN_LY = frozenset("ally assembly family monopoly rally reply supply".split())
_OWN_TERMS = 1  # besides verbs of saying
_SAYING = frozenset(
    terms("say tell think believe argue expect mention state explain call see view opinion feel")
)
_SHORT = 2  # content terms; a question with fewer stands on what came before
_CARRIED_TERMS = 8


def standalone(question: str, history: Sequence[Message]) -> str:
    """Write a follow-up so that it can be searched for by itself; others come back unchanged.

    A question leans on the conversation when it has a pronoun that no name in it can stand for,
    opens like a continuation, or says too little. What it leans on is the last question asked
    and, for ``he`` or ``she``, the person last named.
    """
    asked = [m.text for m in history if m.role == "user"]
    if not asked or not _leans(question):
        return question
    topic = _topic(asked)
    resolved = _with_person(question, history)
    if resolved != question and _says_enough(resolved, question):
        return resolved
    more = carried(topic, resolved)
    return f"{resolved} ({more})" if more else resolved


def _says_enough(resolved: str, question: str) -> bool:
    """Tell whether a question has a matter of its own, once it is known who "he" is."""
    if any(open_pronouns(resolved)):
        return False
    matter = set(terms(without_courtesy(question))) - _SAYING
    return len(matter) >= _OWN_TERMS


def _leans(question: str) -> bool:
    question = without_courtesy(question)
    if _OPENING.match(fold(question).strip()) or any(open_pronouns(question)):
        return True
    return len(set(terms(question))) < _SHORT


def _topic(asked: Sequence[str]) -> str:
    """Find the last question that stands by itself, with what was asked after it."""
    topic: list[str] = []
    for text in reversed(asked):
        topic.insert(0, without_courtesy(text).strip())
        if not _leans(text):
            break
    return " ".join(topic)


def carried(topic: str, question: str) -> str:
    """List the last words of a topic that a question lacks, as they were written."""
    have = set(terms(question))
    words = [w.strip('?!.,;:"“”()') for w in topic.split()]
    fresh = [w for w in words if w and any(t not in have for t in terms(w))]
    return " ".join(dict.fromkeys(fresh[-_CARRIED_TERMS:]))


# Two or more capitalised words.
_FULL_NAME = re.compile(r"\b[A-Z][a-z]+(?:[ -](?:[A-Z][A-Za-z'’-]+|[A-Z]\.)){1,3}")
_WHO_DID = re.compile(
    r"\s*(?:(?:and|but|so) )?who (?!(?:do|does|did|has|have|had|will|would|can|could)\b|"
    r"(?-i:(?:is|was) [A-Z]))",
    re.IGNORECASE,
)


def _person(history: Sequence[Message]) -> str | None:
    """Name the person the conversation last spoke of: what was asked counts before answers."""
    for message in _latest_exchange_first(history):
        for found in _FULL_NAME.findall(message.text):
            name = without_possessive(_without_opening(found))
            if " " in name and may_be_person(name):
                return name
    return None


def _latest_exchange_first(history: Sequence[Message]) -> list[Message]:
    """Order messages from the latest exchange back, each question before what answered it.

    Where it was asked who did something, who did it stands in the answer.
    """
    exchanges: list[list[Message]] = []
    for message in history:
        if message.role == "user" or not exchanges:
            exchanges.append([])
        exchanges[-1].append(message)
    return [
        message
        for exchange in reversed(exchanges)
        for message in (exchange[::-1] if _WHO_DID.match(exchange[0].text) else exchange)
    ]


def _without_opening(name: str) -> str:
    """Drop what only opens a sentence: "Does Carl Schuster" names Carl Schuster."""
    words = name.split()
    while words and fold(words[0]) in STOP_WORDS:
        words.pop(0)
    return " ".join(words)


def _with_person(question: str, history: Sequence[Message]) -> str:
    """Put the person last named for the first "he" or "her" that means nobody in the question."""
    pronoun = next((found for found in open_pronouns(question) if found["person"]), None)
    person = _person(history) if pronoun else None
    if not pronoun or not person:
        return question
    rest = question[pronoun.end() :]
    written = f"{person}'s" if _is_possessive(pronoun.group().lower(), rest) else person
    return question[: pronoun.start()] + written + rest


def _is_possessive(pronoun: str, rest: str) -> bool:
    """Tell "her visit" from "tell her" and "tell her about it"."""
    if pronoun != "her":
        return pronoun in ("his", "hers")
    match = re.match(r"\s+([\w-]+)", rest)
    word = fold(match[1]) if match else ""
    adverb = word in _WHEN or (word.endswith("ly") and word not in _NOUNS_IN_LY)
    return bool(word) and (word in _BEFORE_NOUN or not (adverb or word in STOP_WORDS))
