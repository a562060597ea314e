"""What a question asks for: the kind of answer, its shape, and the names in it.

No model: the words a question is built with tell most of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from rag.errors import InputError
from rag.names import Name
from rag.terms import fold, stem, terms

MAX_QUESTION_CHARACTERS = 4000

Expected = Literal["number", "date", "person", "place", "reason", "other"]
Shape = Literal["fact", "list", "comparison", "summary", "explanation"]


def _any(*patterns: str) -> re.Pattern[str]:
    """Match any of the patterns at a word's start."""
    return re.compile(r"\b(?:" + "|".join(patterns) + ")")


_WH = r"(?:what|which)"
# Where a question word asks: at the start, in a new clause, after a preposition or "tell me".
# Behind a noun it only says more of it ("the troops who ...", "the region where ...").
_ASKS = (
    r"(?:^|[,;:(]\s*(?:and |or |but )?|\b(?:and|or|by|to|for|from|with|of|since|until|till|about|"
    r"in|on|at|know|say|tell me|tell us|remember|explain) )"
)

# Behind "how": asks for a figure, not for a way.
_EXTENT = (
    r"(?:(?:many|much|large|big|long|far|often|old)\b|"
    r"(?:tall|heavy|wide|deep|fast|expensive) (?:is|was|are|were|will)\b)"
)
_NUMBER = _any(
    rf"how {_EXTENT}",
    _WH + r"(?: is| was|['’]s) (?:(?:the )?(?:[\w-]+ )?[\w-]+['’]s? |the |its |their )"
    r"(?:(?:total|current|average|annual|estimated) )?"
    r"(?:population|price|cost|budget|size|weight|length|height|width|depth|distance|speed|age)"
    r"(?= of (?!(?:\w+ )?(?:war|peace|freedom|failure|victory|defeat|inaction)\b)|\W*$)",
    _WH + r" (?:number|share|percentage|proportion|figure|amount|range|size|weight|length|height|"
    r"width|depth|diameter|distance|speed|price|cost|rate|age)s?\b",
    r"(?:number|percentage|share) of\b",
    r"percent\b",
)
_DATE = re.compile(
    _ASKS + r"when\b(?! it comes)|"
    r"\b" + _WH + r" (?:date|day|year|month|week|time|period|season|decade|century)\b"
)
_PERSON = re.compile(
    _ASKS
    + r"who(?:m|se)?\b|\b"
    + _WH
    + r" (?:\w+ ){0,2}(?:person|official|analyst|author|expert|politician|minister|president|"
    r"leader|writer|journalist|diplomat|scholar|officer|man|woman)s?\b",
)
_PLACE = re.compile(
    _ASKS
    + r"where\b|\b"
    + _WH
    + r" (?:\w+ )?(?:place|city|country|region|area|town|location|port|base)\b",
)
_REASON = re.compile(
    _ASKS + r"why\b|\b" + _WH + r" (?:\w+ ){0,3}(?:reason|cause|motiv|drive|explain)"
)

_AUXILIARY = (
    r"(?:does|do|did|is|are|was|were|has|have|had|will|would|could|can|might|may|should|must)"
)
_NO_NOUN = rf"(?:{_AUXILIARY}|of|in|on|at|to|from|for|with|by|that|who|the|a|an)"
_DETERMINER = r"(?:the|a|an|its|their|his|her|this|that|these)"
# Verbs in -s that follow "what" or a noun: "what happens", "which side wins".
_VERBS = (
    r"(?:happens|makes|causes|affects|drives|gives|gets|wins|loses|goes|comes|leads|helps|explains|"
    r"takes|keeps|stands|says|thinks|wants|needs|believes|remains|becomes|follows|lies|matters)"
)
# "which" and a plural noun, on the question as written: a name may follow a verb in -s ("believes
# China's"), and so may a determiner ("Which region hosts the troops?").
_ENUMERATED = re.compile(
    rf"\b[Ww](?:hat|hich) (?:(?!{_NO_NOUN}\b|[a-z]+[^\W_sui]s\b)[\w'’-]+ ){{0,3}}?"
    rf"(?!(?:{_NO_NOUN}|its|his|us|series|news|times|means|others|ones|{_VERBS})\b)[a-z][\w-]*[^\W_sui]s\b"
    rf"(?= (?!{_DETERMINER}\b)[a-z]|\?|$)"
)
_LIST = _any(
    r"list\b",
    "enumerate",
    r"name (?:the|all|some|two|three|four|five|six)\b",
    r"what are (?:(?:the|some|its|their|his|her)\b|[\w-]+(?: [\w-]+)?['’]s? )"
    r"(?!.*\b(?:called|named|known as|worth|like)\b)",
    _WH + r" (?:\w+ ){0,3}?(?:people|aircraft)\b",
    r"who (?:are|were|else)\b",
    r"all the\b",
    r"(?:two|three|four|five|six|seven|several)\b.*[.:,;?] (?:and )?"
    r"(?:which(?: (?:ones|are they|two|three|four|five|six|seven))?|"
    r"what (?:are|were) (?:they|these|those)|(?:name|list|give) them)\W*$",
)
# Plural words for what is asked, as a pattern.
_TEXTS = r"(?:articles|sources|reports|texts|accounts|pieces|columns|outlets)"
_THEIR_AUTHORS = r"(?:authors|experts|analysts|writers|commentators)"
SOURCES = rf"(?:{_TEXTS}|{_THEIR_AUTHORS})"
# "Why did the writers go on strike?" asks no article.
_HOLD = (
    r"(?:say|think|argue|believe|claim|conclude|expect|predict|suggest|recommend|propose|advise|"
    r"warn|describe|explain|note|stress|emphasi[sz]e|assess|judge|interpret|regard|consider|mention|"
    r"maintain|contend|tell|comment|see|view|cite|forecast|discuss|feel|fear|doubt|hope|give|name|"
    r"report|state|list|offer|make|differ|agree|disagree|conflict|hold)"
)
# Figures that differ, as a questioner says who has read several.
DISAGREEING = (
    r"(?:numbers|figures|estimates|counts|totals|tallies|reports|claims|dates|versions|stories|"
    r"sources|articles|accounts)\b"
    r"(?: [\w'’]+){0,4}? (?:(?:differ|vary|conflict|contradict|disagree|diverge|clash|agree|match)"
    r"\w*|(?:(?:do|did) not|(?:do|did)n['’]?t)"
    r" (?:give|have|say|name|state|report) the same(?: \w+)?)"
    r"(?: (?:each other|one another|here|on (?:this|that|it)))?"
)
# As a questioner says who has met several: "I have seen different dates".
DIFFERENT = (
    r"(?:different|differing|conflicting|contradictory|diverging|inconsistent) (?:\w+ )?"
    r"(?:days?|dates?|years?|numbers?|figures?|estimates?|counts?|totals?|claims?|versions?|"
    r"accounts?|stories|things)\b"
)
# Behind a question: "Did it sink? What do the two sides say?", "What are the different accounts?".
SIDES_SAY = (
    r"what (?:do|does|did) (?:the |all |each |both |either )*"
    r"(?:two |both |different |various |opposing )?sides? (?:say|claim|maintain)\b"
)
ACCOUNTS = (
    r"what (?:are|were) the (?:different|various|competing|conflicting|rival|two) (?:\w+ )?"
    r"(?:accounts|versions|figures|estimates|views|claims|stories|numbers)\b"
)
_COMPARISON = _any(
    r"(?<!\w )compare\b", r"how (?:do|does|did) .*\bcompar", r"compar(?:ed|ison|ing)\b",
    r"differ(?:s|ed|ing|ences?|ently)?\b", r"different from\b", "disagree", "contrast",
    r"versus\b", r"vs\b", r"similar(?:ity|ities|ly)?\b",
    SOURCES + r" (?:\w+ ){0,2}(?:agree|conflict|name|give|mention|say|report|state)",
    r"conflicting\b", DISAGREEING, DIFFERENT, r"what (?:separates|distinguishes|sets)\b",
    r"other (?:articles?|sources?|accounts?)\b",
    r"alike\b", r"same (?:view|way|opinion|position|figure|number)s?\b", r"in common\b",
    r"(?:different|differing|various|several|two|all|each|both|three) (?:\w+ )?(?:account|version|"
    r"statement|article|source|report|author|writer)s?\b",
    rf"(?:do|did) the {_TEXTS}\b",
    rf"(?:do|did) the {_THEIR_AUTHORS} (?:all |both |\w+ly |also )?{_HOLD}\b",
    rf"\w+[.?!] (?:{SIDES_SAY}|{ACCOUNTS})",
    r"both \w+ and\b", r"on (?:the )?one (?:hand|side)\b",
    r"\band (?:[\w.'’-]+ ){1,4}each\b"
    r"(?! (?:of|other|one|time|day|week|month|quarter|year|side|party)\b)",
    r"according to (?:[\w.'’-]+,? ){1,5}and (?:according )?to\b",
)  # fmt: skip
TIMELINE = (
    r"(?:time ?lines?|chronolog(?:y|ies|ical)|(?:order|sequence|course) of (?:the )?events|"
    r"(?:key|main|important|major|relevant) dates)\b"
)
_SUMMARY = _any(
    "summar", r"(?<!the )sum(?:med|ming)? (?:\w+ ){0,2}?up\b", r"tl;?dr\b", r"overview\b", TIMELINE,
    r"main (?:point|argument|idea|claim)s?\b", r"gist\b",
    r"key (?:point|takeaway|message|argument|idea)s?\b", r"takeaways?\b",
    r"what(?:'s|s| is| was| are| were) .*\b(?:articles?|texts?|pieces?|columns?|commentary|"
    r"commentaries|reports?|story|stories|documents?) about\b",
    r"what (?:do|does) .*\b(?:articles?|documents?|commentary|column|piece) (?:cover|deal with)\b",
)  # fmt: skip
_EXPLANATION = _any(
    r"why\b",
    rf"how (?!{_EXTENT})",
    "explain",
    r"what (?:reason|would happen|happens|does .* mean)",
    r"in what way\b",
)

# Capitalised words, "of" and "the" between them; the first word of a sentence is no evidence.
_NAME = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][\w'’-]*(?:\s+(?:(?:of|the)\s+)?[A-Z][\w'’-]*)*")

# Verbs by which a question asks what somebody says, whichever verb stands there.
_SAYING = frozenset(
    map(
        stem,
        "argue assert believe claim contend estimate maintain mention note reckon remark report "
        "state suggest think write".split(),
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with what it asks for; ``terms`` are its content terms without repeats.

    ``most`` is how many sentences a summary or a timeline may have, where it is said, ``each``
    whether of each article. ``quoted`` tells that somebody's very words are wished for, ``by_date``
    that what several articles say is wanted by their dates. ``since`` is the ISO date from which on
    an article is new enough, where it asks for what is new; empty elsewhere.
    """

    text: str
    terms: tuple[str, ...]
    expected: Expected
    shape: Shape
    most: int | None = None
    each: bool = False
    quoted: bool = False
    by_date: bool = False
    since: str = ""

    @property
    def matter(self) -> tuple[str, ...]:
        """The terms that its answer might hold: all but verbs of saying, if it has others.

        What somebody "estimates" stands behind "said", "put at" or a colon.
        """
        return tuple(term for term in self.terms if term not in _SAYING) or self.terms


def checked(text: str) -> str:
    """Return a question without the blanks around it; raise ``InputError`` for what is none."""
    stripped = text.strip()
    if not stripped:
        raise InputError("the question is empty; type what you want to know")
    if len(stripped) > MAX_QUESTION_CHARACTERS:
        raise InputError(
            f"the question has {len(stripped):,} characters, at most "
            f"{MAX_QUESTION_CHARACTERS:,} are read; shorten it"
        )
    return stripped


def analyse(text: str) -> Question:
    """Tell what a question asks for."""
    folded = fold(text)
    return Question(
        text=text,
        terms=tuple(dict.fromkeys(terms(text))),
        expected=_expected(folded),
        shape=_shape(folded, text),
    )


def reworded(question: Question, text: str) -> Question:
    """Tell what a question in other words asks for; what is wished for of its answer stays."""
    kept = ("most", "each", "quoted", "by_date", "since")
    return replace(analyse(text), **{name: getattr(question, name) for name in kept})


def _expected(folded: str) -> Expected:
    patterns: tuple[tuple[re.Pattern[str], Expected], ...] = (
        (_NUMBER, "number"),
        (_DATE, "date"),
        (_REASON, "reason"),
        (_PLACE, "place"),
        (_PERSON, "person"),
    )
    found = [(m.start(), name) for pattern, name in patterns if (m := pattern.search(folded))]
    return min(found)[1] if found else "other"


def _shape(folded: str, text: str) -> Shape:
    if _SUMMARY.search(folded):
        return "summary"
    if _COMPARISON.search(folded):
        return "comparison"
    if _LIST.search(folded) or _ENUMERATED.search(text):
        return "list"
    return "explanation" if _EXPLANATION.search(folded) else "fact"


def names(text: str) -> tuple[Name, ...]:
    """List the names in a question, where they stand."""
    return tuple(Name(m.group(), m.start(), m.end()) for m in _NAME.finditer(text))
