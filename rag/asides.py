"""What people type around a question in a chat: for whom it is, how long to be, short spellings.

"explain the pier to me like i'm five" asks for the pier. What says nothing of the matter is taken
off before the question is read.
"""

from __future__ import annotations

import re

from rag.terms import terms

_WORK = (
    r"(?:article|assignment|blog|class|course|draft|editor|essay|homework|intro|lead|newsletter|"
    r"paper|piece|podcast|poster|presentation|readers|report|script|segment|show|slides?|speech|"
    r"story|students|talk|thesis|thread|viewers)"
)
_READER = (
    r"(?:beginner|child|kid|layman|layperson|newbie|newcomer|outsider|student|teenager|"
    r"\w+[ -]year[ -]old)"
)
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_LENGTH = (
    rf"(?:in|as|with|using) (?:no more than |at most |under |about )?"
    rf"(?P<count>{'|'.join(_COUNTS)}|\d\d?) (?:short |single |brief |quick |simple )?"
    r"(?P<unit>sentences?|lines?|bullet points?|bullets?|points?|paragraphs?|words)"
    r"(?: or (?:less|fewer|so))?(?: (?:each|per article))?"
)
_EACH = re.compile(r"\b(?:each|every|per)\b", re.IGNORECASE)
_NUMBER = rf"(?:{'|'.join(_COUNTS)}|\d\d?)"
_UNITS = r"(?:sentences|lines|(?:bullet )?points|bullets|items|entries|words)"
_GAP = r"\s,;:.–—-"
_BETWEEN = rf"(?:{_NUMBER} (?:or|to) )?(?P<count>{_NUMBER}) (?P<unit>{_UNITS})"
_AT_MOST = rf"(?:max(?:imum)?|up to|at most|no more than) {_BETWEEN}"
_UNIT = r"(?:sentence|line|(?:bullet )?point|bullet|item)s?"
_OF_EACH = rf"(?P<count>{_NUMBER}) (?P<unit>{_UNIT}) (?:each|per article)"
_AND_NO_MORE = rf"{_BETWEEN} (?:max(?:imum)?|tops|at most|or less|or fewer)"
_LENGTHS = tuple(
    re.compile(rf"\b{pattern}\b", re.IGNORECASE)
    for pattern in (_LENGTH, _AT_MOST, _AND_NO_MORE, _OF_EACH)
)
_COUNTED = frozenset("sentence line bullet point item".split())  # what is one sentence of an answer
_TAILS = tuple(
    re.compile(rf"(?<![{_GAP}])[{_GAP}]+(?:{pattern})[\s.!]*(?=\?*\s*$)", re.IGNORECASE)
    for pattern in (
        rf"for (?:the (?:\w+ ){{1,2}}of )?(?:my|our) (?:\w+ ){{0,3}}{_WORK}",
        rf"for an? (?:\w+ ){{0,3}}(?:to|for|of|in) (?:my|our) (?:\w+ ){{0,2}}{_WORK}",
        r"(?:to me )?(?:like|as (?:if|though)) (?:i['’]?m|i am|i was|i were) [\w -]{2,30}",
        rf"(?:to|for|as) an? {_READER}(?: i (?:need|want) .{{2,30}})?",
        r"in (?:very )?(?:simple|plain|easy|layman['’]?s?|everyday) "
        r"(?:terms?|words|language|english)",
        _LENGTH,
        r"(?:in|as) (?:bullet points|bullets|short|brief|a nutshell|a list)",
        _AT_MOST,
        _AND_NO_MORE,
        _OF_EACH,
        r"with (?:all )?(?:the )?dates|dates,? (?:please|pls)",
        r"please|pls|plz|thanks|thank you|thx|just for context|if you can|if possible|asap",
        r"(?:yes or no|true or false)(?=\W*$)",
    )
)
_HEAD = re.compile(
    r"\W*(?:(?:(?:hi|hey|hello)(?: there)?|please|pls|plz)[\s,!.:–—-]+(?=\w)|"
    r"(?:a )?(?:quick|short|simple|silly|stupid|dumb|one|last) (?:one|question|q)[\s,:.–—-]+|"
    r"just (?:curious|wondering)[\s,:.–—-]+|"
    rf"for (?:my|our|an?) (?:\w+ ){{0,2}}(?:{_WORK}|timeline|chart|table|fact ?check)[\s,:.–—-]+)+",
    re.IGNORECASE,
)
_TO_ME = re.compile(r"\b(explain|describe)(?: (?:to|for) (?:me|us)\b)", re.IGNORECASE)
_TO_ME_AT_END = re.compile(r"\W+(?:to|for) (?:me|us)(?=\W*$)", re.IGNORECASE)
_ORDER = re.compile(r"\W*(?:explain|describe|list|name|show|find|write|make|give)\b", re.IGNORECASE)

_SPELLINGS = {
    "gimme": "give me",
    "ppl": "people",
    "govt": "government",
    "gov't": "government",
    "abt": "about",
    "w/": "with",
    "w/o": "without",
    "b/c": "because",
    "bc": "because",
    "cuz": "because",
    "thru": "through",
    "wanna": "want to",
    "gonna": "going to",
    "u": "you",
    "ur": "your",
}
_SHORT = re.compile(
    rf"(?<![\w.'’/-])(?:{'|'.join(map(re.escape, sorted(_SPELLINGS, key=len, reverse=True)))})"
    r"(?![\w.'’/-])"
)
_FOUR = re.compile(r"(?<=\w )4(?= (?:the|a|an|my|his|her|its|their|this|that|these|those|it)\b)")
_MONTH = re.compile(
    r"\b(?:january|february|april|june|july|august|september|october|november|december|"
    r"(?:march|may)(?= \d|\W*$)|(?<=\d )(?:march|may))\b"
)
_WORLD_WAR = re.compile(r"\b(?:ww ?|world war )(?P<number>[123]|i{1,3})\b", re.IGNORECASE)
_ROMAN = {"1": "I", "2": "II", "3": "III"}
_VERB = r"is|are|was|were|do|does|did|has|have|had|will|would|could|should"
_NOT = re.compile(rf"\b({_VERB}|ca|wo)nt\b", re.IGNORECASE)
_IS = re.compile(r"^(\W*(?:and |so |but )?(?:what|who|how|where|when|why|that))s\b", re.IGNORECASE)
_HAS = re.compile(
    r"^(\W*(?:and |so |but )?(?:what|who|how|where))['’]s (?=(?:[\w'’-]+ ){1,4}?"
    r"(?:reacted|responded|answered|changed|done|said|gone|taken|become|been|happened|helped|paid)\b)",
    re.IGNORECASE,
)
_NEGATED = re.compile(rf"^(\W*(?:and |so |but )?(?:{_VERB}|ca|wo))n['’]t\b", re.IGNORECASE)
_TAG = re.compile(
    r"(?:(?<![.!?,\s–—-])(?<!that)(?<!this)(?<!it)(?<!the)[\s–—-]+(?:right|correct|eh|or not)"
    r"|,\s*(?:and )?(?:right|correct|true|yes|no|eh"
    rf"|(?:{_VERB}|ca|wo)(?:n['’]t)? (?:it|he|she|they|there|that)))\s*\?+\s*$",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"\W*(?:and |so |but )?(?:what|who|whom|whose|which|when|where|why|how|{_VERB}|can|may|might|"
    r"must|is)\b",
    re.IGNORECASE,
)


def without_asides(text: str) -> str:
    """Return a question without what is typed around it, in full spelling.

    Whatever would leave no content word stays.
    """
    bare = _spelled(_HEAD.sub("", text, count=1) if _HEAD.match(text) else text)
    bare = _TO_ME.sub(r"\1", bare)
    if _ORDER.match(bare):
        bare = _TO_ME_AT_END.sub("", bare)
    while (shorter := _without_tail(bare)) != bare:
        bare = shorter
    bare = _as_asked(bare.strip())
    return bare if terms(bare) or not terms(text) else text


def length_asked(text: str) -> int | None:
    """Return in how many sentences or points an answer is wanted, where a question says so."""
    found = next((m for pattern in _LENGTHS if (m := pattern.search(text))), None)
    if not found or found["unit"].lower().split()[0].rstrip("s") not in _COUNTED:
        return None
    count = found["count"].lower()
    return _COUNTS.get(count) or max(1, int(count))


def asks_of_each(text: str) -> bool:
    """Tell whether a length is wanted of each article, and not of the whole answer."""
    return bool(_EACH.search(text))


def _without_tail(text: str) -> str:
    for tail in _TAILS:
        text = tail.sub("", text)
    return text


def _spelled(text: str) -> str:
    """Write short spellings out, and the apostrophes that are left out."""
    text = _SHORT.sub(lambda found: _SPELLINGS[found.group()], text)
    text = _MONTH.sub(lambda found: found.group().capitalize(), _FOUR.sub("for", text))
    text = _WORLD_WAR.sub(_in_full, text)
    text = _NOT.sub(r"\1n't", text)
    return _HAS.sub(r"\1 has ", _IS.sub(r"\1's", text))


def _as_asked(text: str) -> str:
    """Write a statement that ends in "right?" as the question it is, and "isn't it" plainly."""
    tag = _TAG.search(text)
    if tag is None:
        return _NEGATED.sub(_plain_verb, text)
    stated = text[: tag.start()].rstrip(" ,.")
    if _ASKS.match(stated):
        return f"{stated}?"
    return f"Is it true that {stated}?" if len(terms(stated)) > 1 else text


def _in_full(war: re.Match[str]) -> str:
    number = war["number"].upper()
    return f"World War {_ROMAN.get(number, number)}"


def _plain_verb(negated: re.Match[str]) -> str:
    verb = negated.group(1)
    return {"ca": "can", "wo": "will"}.get(verb.lower(), verb)
