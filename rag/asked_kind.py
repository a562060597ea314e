"""Tell whether sentences bring the kind of thing a question asks for: a count, a sum, a day.

A near miss shares all its words with the articles and lacks just that: "how many were wounded"
beside sentences on how many were sent is left to the reader, beside a sentence without any number
it can be told here. Where a sentence may answer in other words, it passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.amounts import amounts, in_words
from rag.dates import dates
from rag.facts import Quantity
from rag.questions import Question
from rag.terms import fold, stem, terms

# "How much" may ask for a degree, which no number tells.
_HOW_MANY = re.compile(r"\bhow many\b((?: [\w-]+){0,4})")
# "When" asks for a day of what happened or will; "when can", "when does" may ask a condition.
_WHEN = re.compile(
    r"(?:(?:and|but|so) )?(?:since |on |in |by |until )?"
    r"(?:(?:what|which) (?:date|day|month|year)\b|when (?:is|was|were|are|did|has|have|had|will)\b)"
)
_UNITS = frozenset(
    map(
        stem,
        "second minute hour day night week month year decade century time kilometer kilometre km "
        "meter metre m centimeter centimetre millimeter millimetre mile ton tonne kilogram kg gram "
        "milligram cm mm inch foot feet yard acre hectare liter litre gallon barrel degree knot "
        "watt kilowatt megawatt gigawatt volt byte kilobyte megabyte gigabyte decibel calorie "
        "dollar euro pound yen yuan ruble rouble rupee won crown krone krona franc peso lira "
        "cent million billion trillion percent".split(),
    )
)
_TIMES = frozenset(map(stem, "minute hour day night week month year decade century".split()))
_MONEY = frozenset("$€£¥₩")

# The openings of questions for a quantity: at the start, or behind what opens the sentence.
_START = r"(?:^|, )(?:and |but |so )?(?:(?:by|for|at|to|of|from|about|roughly) )?"
_THE = (
    rf"{_START}(?:what|which)(?:['’]s| is| was| will be) "
    r"(?:(?:the )?(?:(?!\w+ (?:about|of|in|on|for|with)\b)[\w-]+ ){0,2}[\w-]+['’]s? |"
    r"(?:the|its|their|his|her) )"
)
_KNOWN = (
    r"(?:(?:(?:total|annual|yearly|monthly|average|mean|median|estimated|approximate|exact|current|"
    r"original|initial|final|overall|full|maximum|minimum|planned|official|top) ){0,2})"
)
_NEXT = r"(?= (?:of|in|for|at|on|per|to|from|between|as|during|since|last|now)\b|\W*$)"
_EXTENT = r"(?:size|weight|length|height|width|depth|diameter|distance|speed|amount)"
_ADJECTIVE = r"(?:large|big|tall|heavy|fast|wide|deep|high|thick)"
_VERB = r"(?:is|was|are|were|does|did|do|can|will|has|have|had|would|could)"
_OPENINGS: tuple[tuple[str, str], ...] = (
    ("count", rf"{_THE}{_KNOWN}(?:number of|population{_NEXT})"),
    ("count", rf"{_START}what number of\b"),
    ("share", rf"{_START}(?:what|which) percent(?:age)?\b(?! points?\b)"),
    ("share", rf"{_START}(?:what|which) (?:share|proportion|fraction) of\b"),
    ("share", rf"{_THE}{_KNOWN}(?:percentage|share|proportion) of\b"),
    ("money", rf"{_START}how much money\b"),
    (
        "money",
        rf"{_START}how much (?:cash|compensation|income|profit|rent|revenue|salary|tax) {_VERB}\b",
    ),
    ("money", rf"{_START}how (?:expensive|costly) {_VERB}\b"),
    ("money", rf"{_START}how much {_VERB} [^,;]*\b(?:costs?|paid|pay|spend|spent|earn|charge)\b"),
    ("money", rf"{_START}what (?:did|does|do|will|would) [^,;]*\bcosts?(?: to \w+)?\W*$"),
    ("money", rf"{_THE}{_KNOWN}(?:(?:ticket|entry|construction|building) )?(?:price|cost){_NEXT}"),
    ("money", rf"{_THE}{_KNOWN}(?:(?:defen[cs]e|military|state|city) )?budget{_NEXT}"),
    ("extent", rf"{_THE}{_KNOWN}{_EXTENT}{_NEXT}"),
    ("extent", rf"{_START}what (?:weight|length|height|width|depth|diameter|speed) {_VERB}\b"),
    ("extent", rf"{_START}how {_ADJECTIVE} {_VERB}\b"),
    ("extent", rf"{_START}how far (?:away|apart)\b"),
    ("extent", rf"{_START}how far (?:is|was|are|were) [^,;]*\bfrom (?!\w+ing\b)"),
    ("duration", rf"{_START}how long (?:{_VERB}|ago)\b"),
    ("age", rf"{_START}how old {_VERB}\b"),
    ("age", rf"{_THE}{_KNOWN}age of\b"),
)
_KINDS = tuple((kind, re.compile(pattern)) for kind, pattern in _OPENINGS)
# What no number tells though it opens like that: "what is the budget used for".
_OTHERWISE = re.compile(
    r"\b(?:called|named|known|termed|mean|meant|made up|composed|used)\b|"
    r"\b(?:on|by|to|for|from|with|about|in|of|like|\w+ing)\W*$"
)
# What a sum or a size may be told of in any words: "how big is the threat", "the price of peace".
_ABSTRACT = re.compile(
    r"\b(?:threat|risk|problem|role|part|crisis|gap|divide|division|rift|danger|chance|impact|"
    r"effect|influence|difference|concern|loss(?:es)?|stakes?|support|pressure|priority|mistake|"
    r"challenge|change|damage|interest|success|need|demand|hope|trust|confidence|peace|war|freedom|"
    r"victory|defeat|failure|inaction|alliance|independence)\b"
)

# Amounts and times that are no numbers or dates.
_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|now|ago|earlier|later|soon|last|next|recently|already|"
    r"shortly|immediately|at once|overnight|this (?:week|month|year|morning)|spring|summer|autumn|"
    r"fall|winter|centur(?:y|ies)|decades?|(?:minutes?|hours?|days?|weeks?|months?|years?|nights?)|"
    r"eve|midnight|noon|dawn|morning|afternoon|evening|weekend|christmas|easter|never|"
    r"when(?:ever)?|once|if|as|amid|with|throughout|under|in case|periods?|"
    r"(?:time|age|end|start|beginning|turn|outbreak|reign) of|at the (?:time|age|end|start)|aged|"
    r"before|after|during|since|until|following|upon|"
    r"(?:first|latter|second) half|while|\d\d?(?::\d\d)? ?[ap]\.?m|\d+ (?:bce?|ad|ce)|ad \d+)\b"
)
_YEAR = re.compile(
    r"\b(?:1\d|20)\d\d\b|\b(?:in|of|by|from|until|since|before|after|around|about) \d{3}\b"
)
_LASTING = re.compile(
    r"\b(?:long|longer|longest|short|shorter|brief|briefly|quick(?:ly)?|slow(?:ly)?|forever|always|"
    r"indefinite(?:ly)?|permanent(?:ly)?|temporar(?:y|ily)|ever|lifetime|life|generations?|seconds?|"
    r"seasons?|instant(?:ly)?|time|till|through|eternal(?:ly)?|open-ended|prolonged|within)\b"
)
_AGED = re.compile(
    r"\b(?:old|older|oldest|young|younger|youngest|new|newest|age|ages|aged|born|birth\w*|found\w*|"
    r"built|ancient|modern|medieval|teen\w*|infant|baby|child|adult|elderly|middle-aged|date[sd]?)\b"
)
_DEGREE = re.compile(
    r"\b(?:than|as \w+ as|(?!(?:for|requ|inter|arr|prot|inv|harv|sugg|cont|conqu|hon)est)\w{3,}est|"
    r"best|least|most|size|same|equal\w*|average|record|big|bigger|large|larger|"
    r"largely|great|greater|small|smaller|tiny|huge|vast|massive|enormous|giant|gigantic|"
    r"modest|minor|major|significant\w*|substantial\w*|considerabl[ey]|limited|negligible|tall|"
    r"taller|high|higher|highly|low|lower|deep|deeper|deeply|shallow|wide|wider|widely|narrow|"
    r"heavy|heavier|heavily|light|lighter|fast|faster|slow|slower|slowly|quick\w*|rapid\w*|"
    r"supersonic|hypersonic|mach|speed\w*|far|farther|further|near|nearby|nearer|close|closer|"
    r"adjacent|next to|beside|border\w*|long|longer|short|shorter|thin|thinner|thick|thicker|"
    r"enough|too|so|very|rather|compact|spacious|sprawling|dense\w*|sparse\w*|crowded|populous)\b"
)
_LENGTH = re.compile(
    r"\d[ -]?(?:m|ft|mi|yd|cm|mm|km|ha|kg|t|lbs?)\b|"
    r"\b(?:kilomet(?:er|re)s?|met(?:er|re)s?|miles?|feet|foot|yards?|inch(?:es)?|tons?|tonnes?|"
    r"acres?|hectares?|storeys?|stor(?:y|ies)|floors?|knots?|hours?|minutes?|days?)\b"
)
_PAID = re.compile(
    r"\b(?:free|gratis|cheap\w*|expensive\w*|costly|dear\w*|afford\w*|pricey|worth|money|sums?|"
    r"fortune|everything|unpaid|without (?:\w+ )?(?:cost|charge|pay\w*)|dollars?|euros?|pounds?|"
    r"cents?|rubles?|roubles?|than|as much as|huge|enormous|vast|small|tiny|modest|high|higher|"
    r"highest|low|lower|lowest|heavily|record|too|more|less|same|"
    r"(?:price|cost|budget)s? (?:[\w'’-]+ ){0,5}?(?:is|was|were|will be|would be|rose|fell|soared|"
    r"doubled|tripled))\b"
)
_ORDINAL = re.compile(
    r"\b(?:second|third|(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf)th)\b((?:[ -][\w-]+){1,3})"
)
_PART_OF = re.compile(
    r"\b(?:mostly|mainly|largely|predominantly|primarily|almost|nearly|rest|remainder|bulk|part|"
    r"fraction|portion|majorit(?:y|ies)|minorit(?:y|ies)|only|equal\w*|lion['’]s share|every\w*|"
    r"halves|thirds|fifths?|sixths?|sevenths?|eighths?|tenths?|ratio|out of|"
    r"(?:small|large|tiny|high|low|big|great|good) (?:percentage|share|proportion|number))\b"
)


# What befell people, as a question has it behind "how many", and as an answer may.
_FATES = tuple(
    (re.compile(rf"\b(?:{asked})\b"), re.compile(rf"\b(?:{said})"))
    for asked, said in (
        (
            r"killed|died|die|dead|deaths?|casualties|fatalities|perished|slain|"
            r"lost (?:their )?lives",
            r"kill|die[ds]?\b|dying|dead|death|casualt|fatal|perish|slain|lives\b|shot|toll|murder|"
            r"victim|bod(?:y|ies)\b|drown|fell\b|fallen|los[ts]|execut|buried|massacr|slaughter|"
            r"surviv|suicide|corpse|mortal|human cost|claimed|deceas",
        ),
        (
            r"wounded|injured|hurt|injuries",
            r"wound|injur|hurt|casualt|maim|hospital|burn|treated|los[ts]",
        ),
        (
            r"arrested|detained|jailed|imprisoned|arrests",
            r"arrest|detain|detention|custody|jail|prison|h[eo]ld\b|seiz|charged|captur|bars\b",
        ),
    )
)


def brings_asked_kind(question: Question, sentences: Sequence[str]) -> bool:
    """Tell whether any of the sentences holds the quantity or the time that is asked for.

    Questions that ask for anything else are always content.
    """
    folded = fold(question.text)
    if question.expected == "number" and (match := _HOW_MANY.search(folded)):
        counted = any(_holds_count(text, match[1]) for text in sentences)
        return counted and _tells_fate(folded, sentences)
    if question.expected == "date" and _WHEN.match(folded):
        return any(_holds_time(question.text, text) for text in sentences)
    kind = _quantity_asked(folded)
    return kind is None or any(_HOLDS[kind](text) for text in sentences)


def _tells_fate(asked: str, sentences: Sequence[str]) -> bool:
    """Tell whether a sentence speaks of deaths, wounds or arrests where their number is asked for.

    How many were sent is near to how many of them died, and no answer to it.
    """
    wanted = [said for fate, said in _FATES if fate.search(asked)]
    return not wanted or any(said.search(fold(text)) for said in wanted for text in sentences)


def _quantity_asked(folded: str) -> str | None:
    """Tell the sort of quantity that a question other than "how many" asks for."""
    asked = folded.partition(" (")[0]  # what a part leans on follows in brackets
    kind = next((kind for kind, pattern in _KINDS if pattern.search(asked)), None)
    if _OTHERWISE.search(asked) or (kind in ("money", "extent") and _ABSTRACT.search(asked)):
        return None
    return kind


def _holds_count(text: str, counted: str = "") -> bool:
    """Tell whether a sentence counts; a time or a measure counts where ``counted`` is a unit."""
    asked = {stem(term) for term in terms(counted)}
    units = bool(asked & _UNITS)
    if in_words(text) or (units and _TIMES & set(terms(text))):
        return True
    if any(asked & set(terms(m[1])) for m in _ORDINAL.finditer(fold(text))):  # "the fourth season"
        return True
    return any(units or not (_is_time(q) or _is_length(q) or _is_sum(q)) for q in amounts(text))


def _holds_share(text: str) -> bool:
    return bool(in_words(text) or _PART_OF.search(fold(text))) or any(
        not _is_length(q) for q in amounts(text)
    )


def _holds_sum(text: str) -> bool:
    return bool(in_words(text) or _PAID.search(fold(text))) or any(
        not (_is_time(q) or _is_length(q)) for q in amounts(text)
    )


def _holds_extent(text: str) -> bool:
    folded = fold(text)
    told = in_words(text) or _DEGREE.search(folded) or _LENGTH.search(folded)
    return bool(told) or not all(map(_is_sum, amounts(text)))


def _holds_duration(text: str) -> bool:
    folded = fold(text)
    told = _TIME.search(folded) or _LASTING.search(folded) or _LENGTH.search(folded) or dates(text)
    return bool(told) or any(_is_time(q) or _is_length(q) for q in amounts(text))


def _holds_age(text: str) -> bool:
    folded = fold(text)
    return bool(_AGED.search(folded) or _TIMES & set(terms(text)) or dates(text)) or any(
        q.measure in ("", "ordinal") for q in amounts(text)
    )


_HOLDS: dict[str, Callable[[str], bool]] = {
    "count": _holds_count,
    "share": _holds_share,
    "money": _holds_sum,
    "extent": _holds_extent,
    "duration": _holds_duration,
    "age": _holds_age,
}


def _is_time(quantity: Quantity) -> bool:
    """Tell a time ("3 days", "a 24-year-old") from a count."""
    nearest = quantity.nouns[0].split("-")[0] if quantity.nouns else ""
    return not quantity.measure and stem(fold(nearest)) in _TIMES


def _is_length(quantity: Quantity) -> bool:
    """Tell a length, a weight or a speed from a count, a share or a sum."""
    return bool(quantity.measure) and quantity.measure not in {"percent", "ordinal", *_MONEY}


def _is_sum(quantity: Quantity) -> bool:
    return quantity.measure in _MONEY


def _holds_time(question: str, text: str) -> bool:
    folded = fold(text)
    said = [*(fold(d.text) for d in dates(text)), *_YEAR.findall(folded)]
    return bool(_TIME.search(folded)) or any(s not in fold(question) for s in said)
