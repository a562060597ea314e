"""Questions that ask several things: taken apart, so that each part is read for by itself.

Two kinds are taken apart by their wording, without a model: several questions in one sentence
("When was the pact signed, and who signed it?"), and a comparison of named sides ("How do A and B
differ on X?"), where one sentence seldom speaks of both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.choosing import Statement, choose
from rag.features import Candidate
from rag.followups import standalone
from rag.names import Name, is_country
from rag.nations import ALIASES
from rag.questions import Question, names
from rag.reading import Scored
from rag.sluicing import BARE, OPENING, completed, taking_over
from rag.terms import terms, without_possessive
from rag.types import Message
from rag.voices import Voice, in_voice

_MOST = 3  # questions of one
_WH = r"(?:who|whom|whose|what|which|when|where|why|how)"
_BE = r"(?:is|are|was|were|has|have|had|can|could|will|would|should|may|might|must)"
# "Was it the ships, and who sent them" are two questions; "know when and where" is one.
_SECOND_QUESTION = re.compile(
    rf"(?:[?;,]\s*(?:and\s+)?|\s+and\s+)(?={_WH}\b(?!\s+and\b)|{OPENING})", re.I
)
_ASKING = re.compile(rf"(?:{_WH}|{BARE}|(?:in|on|at|by) (?:what|which))\b", re.I)
# "Did it sink? Who saw it?"; "..., and what does he say about it?" names nothing by itself.
_CLOSED_FIRST = re.compile(rf"(?:do|does|did|{_BE}) (?!(?:you|i|we)\b)[^?]+\?\s+(?={_WH}\b)", re.I)
_SAYS_OF_IT = re.compile(
    r"what (?:do|does|did) (?:he|she|they) (?:say|think)"
    r"(?: (?:about|of|on) (?:it|this|that|them))?",
    re.I,
)
_ENDS_BARE = re.compile(rf"(?:^|,|\band)\s*{BARE}$", re.I)
_OPENING = re.compile(OPENING, re.I)
_NO_NOUN = (
    r"(?:the|an?|it|he|she|they|we|you|i|this|that|these|those|his|her|its|their|what|which|who)\b"
)
_NOUN = rf"(?:(?!{_NO_NOUN})[\w-]+\s+)"
# A verb before its subject: "what weapons does it need". After "which" and "who" a form of "be" may
# belong to a relative clause, "the pier, which was closed".
_INVERTED = re.compile(
    rf"(?:(?:why|when|how)\s+(?:do|does|did|{_BE})|where\s+(?:do|does|did)"
    rf"|(?:what|how\s+\w+)\s+{_NOUN}{{0,3}}?(?:do|does|did|{_BE})"
    rf"|(?:which|whose|whom?)\s+{_NOUN}{{0,3}}?(?:do|does|did))\b",
    re.IGNORECASE,
)
_THING = re.compile(r"what (?:is|was|are|were) (.+?)\?*", re.IGNORECASE)
# "what was it, who built it and when": what ends so lists questions.
_ENDS_ASKING = re.compile(rf",? and {_WH}\W*$", re.IGNORECASE)
_PLACED = re.compile(rf"where\s+{_BE}\b", re.IGNORECASE)
# "who paid", "which ships sank"; not "what the mayor wants", "where ships go".
_SUBJECT = re.compile(rf"(?:who|what|which|whose|how (?:many|much))\s+(?={_NOUN})", re.IGNORECASE)
_JOINED = re.compile(
    r"(?:,\s*)?\s+(?:and|or|with|to|from|versus|vs\.?|as well as)\s+(?:(?:according )?to\s+)?"
    r"(?:the\s+(?:[a-z]+\s+){0,2}(?:by|of|in)\s+|the\s+)?"
)
# Behind the names of who has a say: "'s views differ on", "judge alike whether", "say about".
# Things differ "in" something and say nothing.
_ON_WHAT = re.compile(
    r"(?:['’]s?)?\s*(?:(?:views?|positions?|opinions?|accounts?)\s+)?"
    r"(?:(?:judge|say|think|see|view|assess|write|describe|interpret|suggest|propose|expect|predict|"
    r"explain|argue|believe|feel|rate|consider|regard|evaluate|recommend|claim|want|make of)\w*\s+"
    r"(?:(?:alike|differently|the same(?: way)?)\s+)?(?:(?:on|about|over|of|regarding)\s+)?|"
    r"(?:(?:differ|disagree|agree|compare)\w*\s+)?(?:on|about|over|regarding|(?=whether|that))\s*)",
    re.IGNORECASE,
)
# "how many ships do A and B each want": a noun is asked for, not what they say.
_NOUN_ASKED = re.compile(
    r"\b(?:[Hh]ow (?:many|much|long|often|far)|"
    r"[Ww]h(?:ich|at) (?!(?:do|does|did|is|are|was|were|the)\b)[a-z]+)\b"
)
_WEIGHED = re.compile(r"\s*,?\s*\bon (?:the )?(?:one|other)(?: (?:hand|side))?\b,?", re.I)
_EACH = re.compile(r"\s*,?\s*(?:each|respectively)\b", re.I)
_BOTH = re.compile(r"\bboth\s+$", re.IGNORECASE)
_DIFFER = re.compile(
    r",?\s*(?:\b(?:and )?(?:how |where )?do they\s+)?"
    r"\b(?:differ|compare|agree|disagree|alike|differently)\w*$"
)
# "According to Quill, when ... and why ...": what opens it holds for each of the questions.
_LEAD = re.compile(
    r"(?:according to|in|at|on|during|after|before|for|from|by|under|of)\b[^?.:;]{2,100}?[,:]\s+"
    rf"(?={_ASKING.pattern})",
    re.IGNORECASE,
)
# What two are together is one thing: "the pact between A and B" compares nobody.
_UNITED = (
    r"(?:alliance|pact|treat(?:y|ies)|accord|summit|meeting|talks|partnership|friendship|"
    r"relation(?:s|ship)?|union|axis|rivalry|marriage|merger|coalition)"
)
_BESIDE = r"(?:deal|agreement|ties|border|war|conflict|dispute|cooperation|trade|link|negotiations)"
_TOGETHER = re.compile(
    rf"\b(?:{_UNITED}s?(?: \w+){{0,2}} of|(?:{_UNITED}|{_BESIDE})s?(?: \w+){{0,2}} between) "
    r"(?:the )?$",
    re.IGNORECASE,
)
_APART = re.compile(
    r"what (?:separates|distinguishes|sets) (.+?)(?: apart)? from (.+?)[ ?]*$", re.IGNORECASE
)
_OF_SIDE = "What does {side} say about {matter}?"
_SIDE = re.compile(r"What does (.+?) say about ")
_LEAST_TERMS = 2
_MOST_STATEMENTS = 3  # of one part


@dataclass(frozen=True, slots=True)
class Part:
    """A question of several, with the sentences read for it, best first, and whom it asks."""

    question: Question
    scored: tuple[Scored, ...]
    voice: Voice | None = None

    @property
    def own(self) -> tuple[Scored, ...]:
        """What may answer: only the words of the one who is asked."""
        return in_voice(self.voice, self.scored)


def choose_for_parts(parts: Sequence[Part]) -> tuple[Statement, ...]:
    """Choose what answers each part, in the order of the parts, no sentence twice."""
    shown: set[tuple[str, int]] = set()
    chosen: list[Statement] = []
    for part in parts:
        for statement in _in_own_voice(part, choose(part.question, part.own)):
            candidate = statement.lead.candidate
            if (candidate.document.id, candidate.start) not in shown:
                shown.add((candidate.document.id, candidate.start))
                chosen.append(statement)
    return tuple(chosen)


def _in_own_voice(part: Part, chosen: Sequence[Statement]) -> Sequence[Statement]:
    """Keep what the side that a part asks about says, where it says anything."""
    side = _SIDE.match(part.question.text)
    named = set(terms(side[1])) if side else set()
    own = [s for s in chosen if named & _voice_of(s.lead.candidate)] or [*chosen]
    best = sorted(own, key=lambda s: -s.lead.score)[:_MOST_STATEMENTS]
    return [s for s in own if s in best]


def _voice_of(candidate: Candidate) -> set[str]:
    """Return the terms of who speaks in a sentence and of whom it speaks."""
    document, attribution = candidate.document, candidate.attribution
    speaker = attribution.speaker if attribution else document.author or ""
    return {*terms(speaker), *terms(candidate.text)}


def merged(readings: Sequence[Sequence[Scored]]) -> tuple[Scored, ...]:
    """Join what was read for several questions, each sentence with its best score."""
    best: dict[tuple[str, int], Scored] = {}
    for scored in readings:
        for item in scored:
            key = (item.candidate.document.id, item.candidate.start)
            if key not in best or best[key].score < item.score:
                best[key] = item
    return tuple(sorted(best.values(), key=lambda s: -s.score))


def parts_of(question: Question) -> tuple[str, ...]:
    """Return the questions that make up one; empty where it is one question."""
    several = _questions(question.text)
    if len(several) > 1:
        return several
    return _sides(question) if question.shape == "comparison" else ()


def _questions(text: str) -> tuple[str, ...]:
    """Split where a second question opens; each part must say enough, or points at those before."""
    lead = found.group() if (found := _LEAD.match(text)) else ""
    text = text[len(lead) :]
    if not _ASKING.match(text) and not _CLOSED_FIRST.match(text):
        return ()
    breaks = [m for m in _SECOND_QUESTION.finditer(text) if _asks(text, m)][: _MOST - 1]
    starts = [0, *(found.end() for found in breaks)]
    ends = [*(found.start() for found in breaks), len(text)]
    pieces = [text[a:b].strip(" ,;?") for a, b in zip(starts, ends, strict=True)]
    asked: list[Message] = []
    for piece in _completed(pieces):
        whole = _of_thing(standalone(f"{lead}{piece}?", asked), asked)
        if (
            not (terms(piece) or _SAYS_OF_IT.fullmatch(piece))
            or len(set(terms(whole))) < _LEAST_TERMS
        ):
            return ()
        asked.append(Message("user", whole))
    return tuple(message.text for message in asked)


def _of_thing(part: str, asked: Sequence[Message]) -> str:
    """Say of which thing a part asks that names nothing: "What was Tidal Wave, who took part?"."""
    thing = _THING.fullmatch(asked[0].text) if asked else None
    if thing is None or names(f"so {part}") or len(set(terms(part))) > _LEAST_TERMS or "(" in part:
        return part
    return f"{part} ({thing[1]})"


def _completed(pieces: Sequence[str]) -> list[str]:
    """Give bare question words the clause they leave out: "When was it signed? And where?"."""
    whole: list[str] = []
    for piece in pieces:
        bare = re.fullmatch(rf"(?:and )?({BARE})", piece, re.I)
        taken = taking_over(whole[-1], [bare[1]]) if bare and whole else ()
        found = taken or completed(piece)
        whole.extend(found if len(whole) + len(found) <= _MOST else [piece])
    return whole


def _asks(text: str, separator: re.Match[str]) -> bool:
    """Tell a further question from a clause: "the KN-23, which flew" or "say when it flew"."""
    before, rest = text[: separator.start()], text[separator.end() :]
    joined = separator.group().lower()
    if "?" in joined or ";" in joined:
        return True
    if _ENDS_BARE.search(before):  # "when and where was it signed"
        return False
    if _INVERTED.match(rest) or _OPENING.match(rest):
        return True
    if "and" not in joined:
        return bool(_ENDS_ASKING.search(rest))
    word = re.match(_WH, rest, re.I)
    if word and re.search(rf"\W{word.group()}\b", before, re.I):  # "the man who shot and who fled"
        return False
    subject = _SUBJECT.match(rest)
    return bool(_PLACED.match(rest)) or bool(subject and not _names_subject(rest[subject.end() :]))


def _names_subject(text: str) -> bool:
    """Tell "Russia wants" from "Russian ships sank"."""
    found = re.match(r"[A-Z][\w-]*", text)
    return found is not None and (
        found.group() not in ALIASES or is_country(Name(found.group(), 0, found.end()))
    )


def _sides(question: Question) -> tuple[str, ...]:
    """Ask the same of each of the names that a comparison joins."""
    text = _WEIGHED.sub("", question.text)
    if apart := _APART.match(text):
        return tuple(f"What is {side}?" for side in apart.groups())
    run = _joined_names(text, [name for name in names(text) if terms(name.text)])
    if len(run) < 2 or _TOGETHER.search(text[: run[0].start]):
        return ()
    before, after = text[: run[0].start], _EACH.sub("", text[run[-1].end :], count=1)
    matter = "" if _NOUN_ASKED.search(before) else _matter(after)
    if not matter and len(set(terms(before + after))) < _LEAST_TERMS:
        return ()
    sides = [name.text for name in run]
    if len(run) > _MOST:
        sides[_MOST - 1 :] = [text[run[_MOST - 1].start : run[-1].end]]
    if matter:
        owners = [without_possessive(side) for side in sides]
        return tuple(_OF_SIDE.format(side=owner, matter=matter) for owner in owners)
    before = _BOTH.sub("", before)
    return tuple(f"{before}{side}{after}" for side in sides)


def _matter(after: str) -> str:
    """Return what the sides are compared on, from what stands behind their names; may be empty."""
    match = _ON_WHAT.match(after)
    matter = _DIFFER.sub("", after[match.end() :].rstrip(" ?.!")) if match else ""
    return matter if terms(matter) else ""


def _joined_names(text: str, found: Sequence[Name]) -> list[Name]:
    """Return the first run of names with nothing but a joining word between each two."""
    run: list[Name] = []
    for name in found:
        between = text[run[-1].end : name.start] if run else ""
        if run and not _JOINED.fullmatch(between) and between.strip() != ",":
            if len(run) > 1:
                return run
            run = []
        run.append(name)
    return run
