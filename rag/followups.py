"""Follow-up questions: written so that they can be searched for by themselves, without a model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.questions import names
from rag.terms import STOP_WORDS, fold, terms
from rag.types import Message

_PRONOUN = re.compile(
    r"\b(?:he|she|him|her|his|hers|they|them|their|theirs|it|its|this|that|these|those|there|"
    r"the (?:former|latter|same|other|others))\b"
)
_OPENING = re.compile(
    r"^(?:(?:and|but|so|also|more|really)\b|what about|how about|why not|why so|how so|what else|"
    r"who else|anyone else|anything else|tell me more|go on|are you sure|says who|which ones?\b|"
    r"since when|the \w+ one\b|(?:why|when|where|who|how|how many|how much)\W*$)"
)
# "that" and "it" that point at nothing earlier: "is it true that", "said that", "there are".
_EMPTY = re.compile(
    r"\bis it (?:true|likely|possible|correct)(?: that)?\b|\bit is\b|\bthe \w+ that\b|"
    r"\b(?:sa(?:y|ys|id)|think|thinks|believe|believes|claim|claims|claimed|true|mean|means|likely|"
    r"stated?|argued?|argues|told \w+|confirmed|denied|so) that\b|"
    r"\bthere (?:is|are|was|were|be)\b|\b(?:is|are|was|were) there\b"
)
_SHORT = 2  # content terms; a question with fewer stands on what came before
_CARRIED_TERMS = 8


def standalone(question: str, history: Sequence[Message]) -> str:
    """Write a follow-up so that it can be searched for by itself; others come back unchanged.

    A question leans on the conversation when it has a pronoun without a name of its own to refer
    to, opens like a continuation, or says too little. What it leans on is the last question asked
    and, for ``he`` or ``she``, the person last named.
    """
    asked = [m.text for m in history if m.role == "user"]
    if not asked or not _leans(question):
        return question
    topic = _topic(asked)
    person = _person(history) if re.search(r"\b(?:he|she|him|her|his)\b", fold(question)) else None
    resolved = _with_person(question, person) if person else question
    carried = _missing(topic, resolved)
    return f"{resolved} ({carried})" if carried else resolved


def _leans(question: str) -> bool:
    folded = fold(question).strip()
    if _OPENING.match(folded):
        return True
    own_names = [n for n in names(question) if terms(n)]
    pronoun = _PRONOUN.search(_EMPTY.sub(" ", folded))
    if pronoun and not (own_names and question.find(own_names[0]) < pronoun.start()):
        return True
    return len(set(terms(question))) < _SHORT


def _topic(asked: Sequence[str]) -> str:
    """Find the last question that stands by itself, with what was asked after it."""
    topic: list[str] = []
    for text in reversed(asked):
        topic.insert(0, text)
        if not _leans(text):
            break
    return " ".join(topic)


def _missing(topic: str, question: str) -> str:
    """List the words of the topic that the question lacks, as they were written."""
    have = set(terms(question))
    words = [w.strip('?!.,;:"“”()') for w in topic.split()]
    fresh = [w for w in words if w and any(t not in have for t in terms(w))]
    return " ".join(dict.fromkeys(fresh[-_CARRIED_TERMS:]))


# Two or more capitalised words.
_FULL_NAME = re.compile(r"\b[A-Z][a-z]+(?:[ -](?:[A-Z][A-Za-z'’-]+|[A-Z]\.)){1,3}")
_NOT_A_PERSON = frozenset(
    "north south east west united new european security white state house red general".split()
)


def _person(history: Sequence[Message]) -> str | None:
    """Name the person the conversation last spoke of: what was asked counts before answers."""
    for message in _latest_exchange_first(history):
        for found in _FULL_NAME.findall(message.text):
            name = _without_opening(found)
            if " " in name and _may_be_person(name):
                return name
    return None


def _latest_exchange_first(history: Sequence[Message]) -> list[Message]:
    """Order messages from the latest exchange back, each question before what answered it."""
    exchanges: list[list[Message]] = []
    for message in history:
        if message.role == "user" or not exchanges:
            exchanges.append([])
        exchanges[-1].append(message)
    return [message for exchange in reversed(exchanges) for message in exchange]


def _without_opening(name: str) -> str:
    """Drop what only opens a sentence: "Does Carl Schuster" names Carl Schuster."""
    words = name.split()
    while words and fold(words[0]) in STOP_WORDS:
        words.pop(0)
    return " ".join(words)


def _may_be_person(name: str) -> bool:
    return not _NOT_A_PERSON & set(fold(name).split()) and not terms(name)[0].startswith("@")


def _with_person(question: str, person: str) -> str:
    swapped = re.sub(r"\b(?:he|she|him)\b", person, question, count=1, flags=re.IGNORECASE)
    if swapped == question:
        swapped = re.sub(r"\b(?:his|her)\b", f"{person}'s", question, count=1, flags=re.IGNORECASE)
    return swapped
