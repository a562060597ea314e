"""Pronouns of a question that nothing in it can stand for: they lean on what came before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.courtesies import without_courtesy
from rag.names import Name, is_institution
from rag.questions import names
from rag.terms import STOP_WORDS, fold, terms, without_possessive

_PRONOUN = re.compile(
    r"\b(?:(?P<person>he|she|him|her|his|hers)|(?P<several>they|them|their|theirs)|it|its|"
    r"(?P<pointing>this|that|these|those|there)|the (?:former|latter|same|other|others))\b",
    re.IGNORECASE,
)
# "that" and "it" that point at nothing earlier: "is it true that", "said that", "there are".
_EMPTY = re.compile(
    r"\bis it (?:true|likely|possible|correct)(?: that)?\b|\bit is\b|\bthe \w+ that\b|"
    r"\b(?:sa(?:y|ys|id)|think|thinks|believe|believes|claim|claims|claimed|true|mean|means|likely|"
    r"stated?|argued?|argues|told \w+|confirmed|denied|so) that\b|"
    r"\bthere (?:is|are|was|were|be)\b|\b(?:is|are|was|were) there\b|"
    r"\bthose (?:who|whose|which|that|of|from)\b|"
    # The weather, the hour, and what an effort takes: "it" is the rest of the sentence.
    r"\b(?:is |was |will |would |does |did )?it(?:['’]s)?(?: is| was| be| will| would| gets?)* "
    r"(?:(?:rain|snow|thunder)\w*|(?:cold|hot|warm|windy|sunny|cloudy|dark)\b)|"
    r"\bhow (?:cold|hot|warm|windy|dark) (?:is|was) it\b|\bhow far is it from\b|"
    r"\bwhat (?:time|day|date) is it\b|"
    r"\bit (?:takes?|took|costs?|feels?|felt|means?|meant) "
    r"(?:you |us |one |people |someone |an? \w+ )?to (?-i:[a-z])\w+\s+\w+|"
    r"\b(?:is|was|would|will) it (?:be )?(?:like|possible|impossible|hard|easy|difficult|legal|"
    r"illegal|safe|necessary|worth|wise|cheap|expensive|better|best) to (?-i:[a-z])\w+\s+\w+|"
    r"\bit (?:seems?|appears?|matters?|means?|turns out) (?:that|if|whether)\b",
    re.IGNORECASE,
)
# "The treaty" as a subject: what is asked for ("what is the size") is rarely what "it" is.
_SUBJECT = re.compile(
    r"(?:^|(?<!\bwhat )(?<!\bwho )(?<!\bwhich )\b(?:is|was)\s+|"
    r"\b(?:does|did|do|has|had|will|would|can|could|may|might|should|if|when|that|because|and)\s+)"
    r"the\s+([a-z][\w-]*)((?:\s+[\w-]+)?)",
    re.IGNORECASE,
)
_ASKED_FOR = re.compile(r"\b(?:what|which) (?:is|was) the ([a-z][\w-]*).*\band\b", re.IGNORECASE)
_NO_SUBJECT = frozenset(
    "former latter same other others rest day time moment week month year reason way world".split()
)
# What has happened stands in an earlier question: "when it happened", "say it was true".
_OF_EARLIER = re.compile(
    r"\s+(?:happen|occur|beg[ai]n|start|took place|(?:was|were) (?:true|false|right|wrong|so|"
    r"possible|likely|over|about|like)\b)",
    re.IGNORECASE,
)
_END = r"(?=\W*$|[,;?!]|\s+(?:about|after|at|before|by|during|for|from|in|on|to|too|when|with)\b)"
# "Ukraine confirmed it": a verb's object is another than its subject.
_CLAUSE = re.compile(r"[,:;]|(?<!^)\b(?:after|as|because|before|if|since|that|when|while)\b", re.I)
_OBJECT = re.compile(rf"(?:him|her|them|it)\b{_END}", re.IGNORECASE)
_POINTING_WORD = (
    r"\b(?:is|was|are|were|do|does|did|has|had|will|would|can|could|should|about|of|for"
)
# "about that", "did that", "confirm that number?"; not "troops that", "hopes that".
_POINTS_BEFORE = re.compile(
    rf"(?:^|{_POINTING_WORD}|in|on|at|by|with|to|from|after|before|since|than|like)\s*)$", re.I
)
_POINTS_AFTER = re.compile(rf"that(?:{_END}|\s+\w+\W*$)", re.IGNORECASE)
# "Who doubts that the bridge will hold?": what follows is a clause of its own.
_CLAUSE_AFTER = re.compile(
    r"that\s+(?:the|an?|this|these|those|his|her|its|their|our|no|some|any|most|many|he|she|it|they|"
    r"we|you|there)\b(?!\W*$)",
    re.IGNORECASE,
)
_ENOUGH_TERMS = 6  # said before "these claims", and the question has made the claims itself
_OF_NOW = re.compile(
    r"(?:this|these)\s+(?:\w+\s+)?(?:days?|weeks?|months?|years?|morning|time|spring|summer|autumn"
    r"|fall|winter|century|decade|articles?|reports?|sources?|texts?)\b",
    re.IGNORECASE,
)
_PLACING = re.compile(r"\b(?:in|at|near|across|inside|outside)\s+(?:the\s+)?$", re.IGNORECASE)
# Whom "his" may mean beside the name of a country: "the Russian president".
_ROLE = re.compile(
    r"\b(?:president|minister|leader|chief|secretary|general|king|queen|pope|candidate|governor"
    r"|senator|chancellor|premier|spokes(?:man|woman|person)|ambassador|mayor|man|woman|person|individual|soldier)\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"\b(?:people|men|women|children|police|[A-Za-z-]{2,}[^\W_su]s)\b")
_INITIALS = re.compile(r"[A-Z]{2,}s")  # "MPs"
_NOT_A_PERSON = frozenset(
    "north south east west united new european security white state house red general".split()
)


def open_pronouns(question: str) -> Iterator[re.Match[str]]:
    """Yield the pronouns that nothing in the question before them can stand for."""
    question = without_courtesy(question)
    found = [name for name in names(question) if terms(name.text)]
    text = _EMPTY.sub(lambda match: " " * len(match.group()), question)  # offsets stay
    for pronoun in _PRONOUN.finditer(text):
        before = [name for name in found if name.start < pronoun.start()]
        if not before:
            if not (_opens_clause(pronoun, text) or _is_subject_again(pronoun, question)):
                yield pronoun
        elif not _is_settled(pronoun, text, before):
            yield pronoun


def _opens_clause(pronoun: re.Match[str], text: str) -> bool:
    """Tell "doubts that the bridge holds" from "is that the bridge" and "doubts that"."""
    start = pronoun.start()
    return bool(_CLAUSE_AFTER.match(text, start) and not _POINTS_BEFORE.search(text[:start]))


def _is_subject_again(pronoun: re.Match[str], question: str) -> bool:
    """Tell whether "it" may be the subject named before it: "Does the treaty say that it ends?"."""
    start = pronoun.start()
    if pronoun.group().lower() != "it" or _OF_EARLIER.match(question, pronoun.end()):
        return False
    said = question[:start].strip()
    if _OBJECT.match(question, start) and not _CLAUSE.search(said):
        return False
    if asked_for := _ASKED_FOR.search(said):
        return _may_be_it(asked_for[1], "")
    subjects = (m for m in _SUBJECT.finditer(said) if said[m.end(1) :].strip(" ") not in _RELATES)
    return any(_may_be_it(m[1], m[2].strip()) for m in subjects)


_RELATES = frozenset(("", "that", "which", "when", "where"))


def _may_be_it(word: str, following: str) -> bool:
    if word.lower() in _NO_SUBJECT or _ROLE.search(f"{word} {following}"):
        return False
    return not any(_PLURAL.fullmatch(w) and w not in STOP_WORDS for w in (word, following))


def _is_settled(pronoun: re.Match[str], text: str, before: Sequence[Name]) -> bool:
    """Tell whether one of the names before a pronoun may be what it stands for."""
    said = text[: pronoun.start()].strip()
    if pronoun["pointing"]:
        return not _points(pronoun, text)
    if _OBJECT.match(text, pronoun.start()) and len(before) < 2 and not _CLAUSE.search(said):
        return False
    if pronoun["person"]:
        return bool(_ROLE.search(said)) or any(_may_be_he(name, text) for name in before)
    if pronoun["several"]:
        plural = (word for word in _PLURAL.findall(said) if word.lower() not in STOP_WORDS)
        return len(before) > 1 or any(plural)
    return True


def _points(pronoun: re.Match[str], text: str) -> bool:
    """Tell whether "this", "that" or "there" points at what was said before the question."""
    start = pronoun.start()
    if len(set(terms(text[:start]))) >= _ENOUGH_TERMS:
        return False
    if pronoun.group().lower() == "that":
        return bool(_POINTS_BEFORE.search(text[:start]) or _POINTS_AFTER.match(text, start))
    return not _OF_NOW.match(text, start)


def _may_be_he(name: Name, text: str) -> bool:
    placed = _PLACING.search(text[: name.start]) and re.fullmatch(r"\w+", name.text)  # in Kursk
    return may_be_person(name.text) and not placed


def may_be_person(name: str) -> bool:
    """Tell whether a name may be a person's: no country's, place's with a direction, or body's."""
    bare = without_possessive(name)
    found = terms(bare)
    if not found or found[0].startswith("@") or _NOT_A_PERSON & set(fold(bare).split()):
        return False
    return not (_INITIALS.fullmatch(bare) or is_institution(Name(bare, 0, len(bare))))
