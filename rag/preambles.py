"""What stands before a question in its own sentence: "I'd like to know whether", "for a paper:".

A cross-encoder that has learnt from plain questions reads "Do you know who built the lock?" as
another question than "Who built the lock?", and finds fewer answers to it.
"""

from __future__ import annotations

import re

from rag.questions import DIFFERENT, DISAGREEING

_WH = r"(?:what|which|who|whom|whose|when|where|why|how)"
_VERB = (
    r"(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must)"
    r"(?:n['’]t)?"
)
_ORDER = r"(?:name|list|give|tell|explain|describe|compare|summari[sz]e|show|find)"
_ASKING = (
    rf"(?:(?:in|on|at|by|for|to|of|from|with|under|according to) )?(?:{_WH}|{_VERB}|{_ORDER})\b"
)
_WISH = "|".join(
    (
        r"i(?:['’]d| would) (?:really |just |also )?(?:like|love) to "
        r"(?:know|understand|find out|hear)",
        r"i (?:just |really |only |also )?(?:want|wanted|need|have|am trying|wish) to "
        r"(?:know|understand|find out|work out|figure out|check|ask)",
        r"i(?:['’]m| am| was|['’]ve been)? ?(?:just |really )?(?:wondering|wonder|wondered|curious"
        r"|(?:trying|keen) to (?:know|understand|find out|work out|figure out)|asking(?: myself)?)",
        r"(?:can|could|would|will) (?:you|somebody|someone|anyone) (?:please |kindly )?"
        r"(?:tell|remind|inform) (?:me|us)",
        r"(?:can|could|would|will) (?:you|somebody|someone|anyone) (?:please |kindly )?"
        r"(?:say|check|explain(?: to me)?|confirm|clarify)",
        r"(?:do|does|did) (?:you|anyone|anybody|we|they) (?:happen to |already |actually )?know",
        r"(?:please |pls )?(?:tell|remind) (?:me|us)",
        r"(?:any|an) idea(?: about| of)?",
        r"what i(?:['’]d like| want| need| would like) to know is",
        r"(?:my|the|one|another) question is",
        r"is it (?:known|clear)",
        r"do the articles (?:say|tell|explain|mention)",
    )
)
_WISHED = re.compile(
    rf"(?:(?:so|and|but|ok|well|also),? )?(?:as an? [\w '’-]{{2,40}}?,? )?(?:{_WISH}),? "
    rf"(?:(?P<whether>whether(?: or not)?|if) |(?={_WH}\b))",
    re.IGNORECASE,
)
# "For a seminar paper:", "as a fact-checker,", "my editor wants one number:", "I'm on air -".
_BEFORE = re.compile(
    r"(?:(?:for|as) (?:a|an|my|our|the) [\w '’-]{2,40}?[:,]|"
    r"(?:i|we|my|our)\b(?:['’]\w+)? [^.?!:]{2,90}?(?::| [-–—]))\s+"
    rf"(?:(?:so|and|but),? )?(?:in (?:a|one|two|three|a few) (?:words?|sentences?|lines?),? )?"
    rf"(?={_ASKING}|{_WISH})",
    re.IGNORECASE,
)
_TELLS_DIFFERENCE = re.compile(rf"\b(?:{DIFFERENT}|{DISAGREEING})", re.IGNORECASE)
_MOST = 3


def without_preamble(text: str) -> str:
    """Return the question that a sentence leads up to; any other comes back unchanged."""
    for _ in range(_MOST):
        shorter = _shorter(text)
        if shorter == text:
            break
        text = shorter
    return text


def _shorter(text: str) -> str:
    if (found := _WISHED.match(text)) and text[found.end() :].strip(" ?.!"):
        rest = text[found.end() :]
        return _as_stated(rest) if found["whether"] else rest
    found = _BEFORE.match(text)
    if found and not _TELLS_DIFFERENCE.search(found.group()):
        return text[found.end() :]
    return text


def _as_stated(clause: str) -> str:
    """Ask whether a clause is so."""
    return f"Is it true that {clause.rstrip(' .?!')}?"
