"""Who is who: the persons that articles name, and those they quote, each by one sentence.

"Who are the main players?" and "which experts are quoted?" ask for no sentence that answers, but
for the persons themselves, most often named first, as the articles present them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rag.cast import Cast, Key, is_surely_person, key, owns, read_cast
from rag.choosing import Statement
from rag.names import Name, is_institution, names, strip_titles
from rag.presented import presentation
from rag.questions import Question
from rag.reading import Scored
from rag.terms import fold, terms

_MOST = 8
_MAIN = r"(?:(?:main|key|major|central|leading|biggest|most important|principal) )"
_PERSONS = (
    r"(?:players|people|persons|figures|actors|protagonists|characters|personalities|names|"
    r"politicians|leaders)"
)
_KNOWING = r"(?:experts?|analysts?|scholars?|specialists?|academics?|researchers?)"
_HEARD = rf"(?:{_KNOWING}|people|persons|sources|voices|politicians|officials|witnesses|speakers)"
_WHO = rf"(?:who|(?:which|what) {_HEARD}(?: (?:and|or) {_HEARD})?)"
_QUOTED = r"(?:quoted|cited|interviewed|heard)"
_IN = r"(?: (?:in|by|on|from|of|for|about) .+| here| so far)?\W*"
_PLAYERS = re.compile(
    rf"(?:(?:who|what) (?:are|were|is) (?:all )?(?:the |some of the )?{_MAIN}{_PERSONS}"
    rf"|who(?:['’]s| is) who|who(?:['’]s| is| are) (?:all )?(?:the )?(?:people )?involved"
    rf"|(?:list|name|give|show) (?:me )?(?:all )?(?:the )?{_MAIN}{_PERSONS}"
    rf"|(?:list|name) (?:all )?(?:the )?(?:people|persons|politicians) "
    rf"(?:named|mentioned|involved)"
    rf"|(?:who|(?:which|what) (?:people|persons)) (?:is|are) (?:named|mentioned|involved)){_IN}"
)
_SPEAKERS = re.compile(
    rf"(?:{_WHO} (?:is|are|was|were|gets?|got) {_QUOTED}"
    r"(?: (?:the )?(?:most|more)(?: (?:often|frequently|of all))?)?"
    rf"|{_WHO} (?:do|does|did) .+ (?:quote|cite|interview)"
    rf"|(?:list|name|give|show) (?:me )?(?:all |every)?(?:of )?(?:the )?"
    rf"(?:one|body|{_HEARD}(?: (?:and|or) {_HEARD})?)? ?"
    rf"(?:who (?:is|are) )?{_QUOTED}){_IN}"
)
_ASKING = frozenset(
    terms(
        "main key major central leading biggest important principal players people persons figures "
        "actors protagonists characters personalities names politicians leaders involved named "
        "mentioned quoted cited interviewed heard quote cite interview experts analysts scholars "
        "specialists academics researchers sources voices officials speakers list name show "
        "everyone everybody most often frequently article articles piece pieces column report "
        "story text texts"
    )
)
_EXPERT = re.compile(
    r"\b(?:analyst|economist|professor|expert|fellow|scholar|researcher|specialist|scientist|"
    r"academic|lecturer|instructor|consultant|historian|principal|engineer|lawyer|institute|"
    r"\w+ologist|\w*chemist|physicist|biologist|physician|doctor|\w+iatrician|surgeon|"
    r"university|think tank|cent(?:er|re) for|author)\b",
    re.IGNORECASE,
)


def people_asked(question: Question) -> bool:
    """Tell whether a question asks for persons at large: who is who, or who is quoted."""
    folded = fold(question.text).strip()
    return bool(_PLAYERS.fullmatch(folded) or _SPEAKERS.fullmatch(folded))


def matter_of(question: Question) -> frozenset[str]:
    """Return the terms of the articles or of the matter in which persons are asked for."""
    return frozenset(question.terms) - _ASKING


def people_of(question: Question, scored: Sequence[Scored]) -> tuple[Statement, ...]:
    """Choose a sentence for each of the persons asked for, who is named most often first."""
    folded = fold(question.text).strip()
    speaking = bool(_SPEAKERS.fullmatch(folded))
    in_order = sorted(scored, key=lambda s: (s.candidate.document.id, s.candidate.start))
    named = [(person, item) for item in in_order for person in _persons_in(item)]
    often = Counter(key(person) for person, _ in named)
    quoted = {who for item in in_order if (who := _speaker(item))}
    if speaking:
        often = Counter({who: n for who, n in often.items() if who in quoted})
    often = Counter({who: n for who, n in often.items() if who in quoted or _told(who, named)})
    if re.search(rf"\b{_KNOWING}\b", folded):
        expert = {who: n for who, n in often.items() if _EXPERT.search(_told(who, named))}
        often = Counter(expert or often)
    chosen: dict[int, Scored] = {}
    for who, _ in often.most_common(_MOST):
        own = [(person, item) for person, item in named if key(person) == who]
        best = _best(own, who, speaking=speaking)
        chosen.setdefault(id(best), best)
    return tuple(Statement(item) for item in chosen.values())


def _persons_in(item: Scored) -> Iterator[Name]:
    """Yield the persons whom a sentence names, by their full names."""
    text, whole = item.candidate.text, item.candidate.document.text
    cast = read_cast(whole)
    for name in names(text):
        person = _full(strip_titles(name), cast)
        if person is None or owns(text, name) or _is_place(whole, person.words[-1]):
            continue
        if is_surely_person(whole, person.text) or _is_called_first(whole, person.words[0]):
            yield person


def _is_place(text: str, word: str) -> bool:
    place = rf"\b(?:in|across|into|throughout|inside) {re.escape(word)}\b(?!['’])"
    return bool(re.search(place, text))


def _is_called_first(text: str, word: str) -> bool:
    """Tell whether the first word of a name stands alone in a sentence: a family name's place."""
    return bool(re.search(rf"[a-z,] {re.escape(word)}(?:['’]s)? [a-z]", text))


def _full(name: Name, cast: Cast) -> Name | None:
    if is_institution(name) or not cast.is_person(name):
        return None
    full = cast.full(name)
    return full if len(full.words) > 1 else None


def _speaker(item: Scored) -> Key | None:
    speaker = item.candidate.attribution.speaker if item.candidate.attribution else ""
    return key(strip_titles(Name(speaker, 0, len(speaker)))) if " " in speaker else None


def _best(own: Sequence[tuple[Name, Scored]], who: Key, *, speaking: bool) -> Scored:
    """Return the sentence that presents a person; of one who is quoted, best where they speak."""
    presenting = [item for _, item in own if _presentation(item, who)]
    if not speaking:
        return (presenting or [own[0][1]])[0]
    said = [item for _, item in own if _speaker(item) == who]
    both = [item for item in presenting if item in said]
    return (both or presenting or said or [own[0][1]])[0]


def _presentation(item: Scored, who: Key) -> str:
    """Return what a sentence says a person is, beside the full name; empty where it does not."""
    text = item.candidate.text
    for name in names(text):
        person = strip_titles(name)
        if len(person.words) > 1 and key(person) == who:
            return presentation(text, name, person).strip()
    return ""


def _told(who: Key, named: Iterable[tuple[Name, Scored]]) -> str:
    """Return all that sentences say a person is; empty for what may be no person."""
    return " ".join(
        _presentation(item, who) for person, item in named if key(person) == who
    ).strip()
