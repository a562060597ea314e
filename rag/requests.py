"""What is typed into a chat beside questions: greetings, thanks, wishes to be told of a thing.

A greeting is no question, and "Tell me more about the treaty" is one in other words.
"""

from __future__ import annotations

import re
from typing import Literal

from rag.presented import is_office
from rag.terms import fold

Courtesy = Literal["greeting", "thanks", "help"]

_OPENING = r"(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|dear|greetings)\b)"
_THERE = r"(?:[ ,]*(?:there|all|bot|chatbot|everyone|again))?"
_FINE = r"(?:ok|okay|great|perfect|nice|cool|good)"
_COURTESIES: tuple[tuple[Courtesy, re.Pattern[str]], ...] = (
    (
        "help",
        re.compile(
            rf"(?:{_OPENING}{_THERE}\W+)?(?:help(?: me)?|"
            r"what (?:can|do) you (?:do|know|answer)(?: for me)?|how (?:do|does|can) "
            r"(?:you|this|it|i use (?:you|this|it))(?: (?:work|help(?: me)?))?|"
            r"what (?:is|are) (?:this|you)(?: (?:for|about))?|who are you|"
            r"what (?:can|should|may) i ask(?: (?:you|here))?(?: about)?)\W*"
        ),
    ),
    ("greeting", re.compile(rf"{_OPENING}{_THERE}(?:\W+how are you(?: doing)?(?: today)?)?\W*")),
    (
        "thanks",
        re.compile(
            rf"(?:{_FINE}\W+)?(?:many )?(?:thanks|thank you|thx|cheers)"
            rf"(?: (?:a lot|so much|very much|again))?\W*|(?:{_FINE}|bye|goodbye)\W*"
        ),
    ),
)
_TELL = re.compile(
    r"(?:(?:please|can you|could you|would you)\s+)*(?:tell\s+(?:me|us)|talk)\s+"
    r"(?:a\s+(?:bit|little)\s+)?(?:(?:more|something|everything|all)\s+)?about\s+(?P<matter>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_AFFAIR = (
    r"(?:affair|argument|case|conflict|controversy|crisis|dispute|drama|fight|fuss|matter|mess|"
    r"quarrel|row|saga|scandal|situation|standoff|story|thing|topic|trouble)"
)
_IS = r"what(?:['’]?s| is| was)"
_OVERVIEWS = tuple(
    re.compile(rf"(?:(?:and|so|ok|okay|please),? )?(?:{pattern})(?: then| again| please)?\W*", re.I)
    for pattern in (
        rf"{_IS} (?:all )?(?P<matter>(?:this|that|the) (?:[\w-]+ ){{0,3}}{_AFFAIR}) (?:all )?about",
        rf"{_IS} (?:all (?:this|that)|this|that|it) (?:all )?about",
        rf"{_IS} going on(?: here)?(?: (?:with|between|in|around|at|over) (?P<matter>.+?))?",
        rf"{_IS} the (?:story|situation|state of play|deal(?= with))"
        r"(?: (?:with|around|in|on|behind|between) (?P<matter>.+?))?",
        r"(?:catch|fill|bring|get|brief|update) me (?:up|in|up to (?:speed|date))? ?(?:on|about) "
        r"(?P<matter>.+?)",
        r"(?:(?:give|show) me |i need |can i (?:get|have) )?(?:an? |some )?"
        r"(?:quick |short |brief )?(?:briefing|primer|rundown|recap|background|explainer|lowdown) "
        r"(?:on|of|about) (?P<matter>.+?)",
        r"what (?:do|should|must) (?:i|we) (?:need to )?know about (?P<matter>.+?)",
        rf"explain (?P<matter>(?:this|the) (?:[\w-]+ ){{0,2}}{_AFFAIR}"
        r"(?: (?:in|with|between|over) .+?)?)",
    )
)
# A question without its mark: it opens as questions do, or with a preposition before that.
_UNMARKED = re.compile(
    r"(?:(?:and|but|so|then|in|on|at|by|to|for|with|from|under|since|until) )*"
    r"(?:(?:who|what|when|where|why|how)(?:['’]?s)?|whom|whose|which|is|are|was|were|do|does|did|has"
    r"|have|had|can|could|will|would|should|must)\b.*[\w\"'”’)\]%]",
    re.IGNORECASE | re.DOTALL,
)
_ASK_FOR = r"(?:(?:(?:give|find|get|show) (?:me|us) |i (?:need|want) |what (?:are|were) ))?"
_A_QUOTE = (
    rf"{_ASK_FOR}(?:an?|some|the|the best|\w+)? ?"
    r"(?:(?:good|short|punchy|strong|nice|key|great|direct|striking|usable|juicy) )*"
    r"quot(?:e|ation)s?"
)
_FOR_A_TEXT = r"(?: for (?:an?|the|my|our) [\w ]{2,30})?[ .!?]*"
_QUOTE = re.compile(
    rf"{_A_QUOTE} (?:from|by|of) (?P<who>[^,;:?]+?)(?: (?:on|about) (?P<matter>[^?]+?))?"
    rf"{_FOR_A_TEXT}",
    re.IGNORECASE,
)
_QUOTES_ON = re.compile(
    rf"{_A_QUOTE} (?:about|on) (?P<matter>[^,;:?]+?){_FOR_A_TEXT}", re.IGNORECASE
)
_OWN_WORDS = re.compile(
    rf"{_ASK_FOR}(?P<who>[^,;:?]{{2,60}}?)['’]s? (?:exact|own|actual|very|literal) words"
    r"(?: (?P<matter>[^?]+?))?[ .!?]*",
    re.IGNORECASE,
)
_SIDES = re.compile(
    r"(?:(?:give me|list|name|explain|what are) )?(?:the )?(?:main )?"
    r"(?:pros|advantages|upsides|benefits) and (?:cons|disadvantages|downsides|drawbacks|risks) of "
    r"(?P<matter>.+?)[ .!?]*",
    re.IGNORECASE,
)
_MORE = re.compile(r"(?:some\s+)?more\s+(?:about|on)\s+(?P<matter>\S.*)", re.IGNORECASE | re.DOTALL)


# "Is Ada Quill a minister?": who she is tells it, whatever else that is.
_IDENTITY = re.compile(
    r"(?i:is|was) (?P<who>[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){1,3}) (?i:(?:really |actually |still )?"
    r"(?:a|an|the) )(?P<what>(?:(?!who\b|that\b|which\b)[\w'’-]+ ?){1,6})\?*"
)
# "What is Quill's background?", "What are the credentials of Ada Quill?"; "the background of" is
# rather that of an event.
_NAME = r"(?P<who>[A-Z][\w.’'-]*?(?: [A-Z][\w.’'-]*?){0,3})"
_TRADE = "credentials|qualifications|profession|occupation|job"
_HELD = "job|office|post|position|rank|role|title"
_BACKGROUNDS = tuple(
    re.compile(rf"(?i:what(?:['’]s)? ){form}\W*")
    for form in (
        rf"(?i:(?:is|was|are|were) )?{_NAME}['’]s? (?i:(?:professional )?(?:background|{_TRADE}))",
        rf"(?i:(?:is|was|are|were) )?(?i:the (?:{_TRADE})) of {_NAME}",
        rf"(?i:(?:{_HELD}) (?:does|did) ){_NAME} (?i:hold|have|occupy)",
        rf"(?i:(?:does|did) ){_NAME} (?i:do (?:for a living|for work|professionally))",
    )
)


def courtesy(text: str) -> Courtesy | None:
    """Tell a greeting, thanks or a call for help that asks nothing of the articles."""
    folded = fold(text).strip()
    return next((kind for kind, pattern in _COURTESIES if pattern.fullmatch(folded)), None)


def quote_asked(text: str) -> bool:
    """Tell whether somebody's very words are wished for."""
    asked = text.strip()
    return any(pattern.fullmatch(asked) for pattern in (_QUOTE, _QUOTES_ON, _OWN_WORDS))


def with_mark(text: str) -> str:
    """End a question with its mark: without one a near miss reads like an answer."""
    text = text.rstrip()
    return f"{text}?" if _UNMARKED.fullmatch(text) else text


def as_question(text: str) -> str:
    """Write a request to be told of a thing as the question it is; others come back unchanged."""
    text = text.strip()
    if match := _TELL.fullmatch(text) or _MORE.fullmatch(text):
        return f"What is said about {match['matter'].rstrip(' .!?')}?"
    for overview in _OVERVIEWS:
        if match := overview.fullmatch(text):
            matter = match.groupdict().get("matter")
            return f"Give an overview of {matter}." if matter else "Give an overview."
    if match := _QUOTE.fullmatch(text):
        matter = f" about {match['matter']}" if match["matter"] else ""
        return f"What does {match['who']} say{matter}?"
    if match := _QUOTES_ON.fullmatch(text):
        return f"What is said about {match['matter']}?"
    if match := _OWN_WORDS.fullmatch(text):
        matter = f" {match['matter']}" if match["matter"] else ""
        return f"What did {match['who']} say{matter}?"
    match = _IDENTITY.fullmatch(text)
    if match and is_office(match["what"]):
        return f"Who is {match['who']}?"
    if match := next(filter(None, (form.fullmatch(text) for form in _BACKGROUNDS)), None):
        return f"Who is {match['who']}?"
    if match := _SIDES.fullmatch(text):
        return (
            f"What are the benefits of {match['matter']}, "
            f"and what are the drawbacks and risks of {match['matter']}?"
        )
    return text
