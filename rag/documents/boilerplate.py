"""Recognise what a news site prints around an article: the furniture, not the story.

Every rule names a shape that many sites share, never a phrase of one article.
"""

from __future__ import annotations

import re

from rag.documents.dates import is_stamp
from rag.documents.lines import ends_sentence, holds_sentences, is_bullet, strip_bullet, word_count

_LONGEST = 1_500  # characters; no caption or disclaimer is longer
_LONGEST_NOTICE = 400  # characters; nor any form, link or label
_NO_WORD = re.compile(r"[\W_]+")

_CONTROL_WORDS = frozenset(
    "a aa + - print share save email e-mail mail tweet pin facebook twitter x whatsapp linkedin"
    " telegram reddit instagram youtube copy link url comment comments listen subscribe follow us"
    " text size font like more reset menu home login sign in up on via this article story post to"
    " the & and gift bookmark views view shares close search skip content".split()
)
# One of these must be among the words: "more on this story" alone may be an article's own.
_STRONG_CONTROLS = frozenset(
    "print share tweet email facebook twitter whatsapp linkedin telegram reddit subscribe listen"
    " bookmark login".split()
)
_WORD = re.compile(r"[\w+&-]+")

_BREADCRUMB = re.compile(r"[^.!?]{1,40}?(?: ?[>»›→] ?[^.!?>»›→]{1,60}){1,6}")
_SLASH_TRAIL = re.compile(r"(?:home|news)(?: ?[/|] ?[\w &-]{2,40}){1,5}", re.IGNORECASE)

_LABEL = re.compile(
    r"(?:news )?(?:analysis|opinions?|commentary|editorial|op-ed|explainer|explained|perspective"
    r"|viewpoint|comment|column|columnists?|breaking(?: news)?|exclusive|feature|interview"
    r"|live(?: updates)?|news|latest|world|politics|top stor(?:y|ies)|premium|watch|video"
    r"|guest (?:post|essay|column))",
    re.IGNORECASE,
)
_CHANNELS = (
    "(?:google news|twitter|x|facebook|instagram|telegram|whatsapp|linkedin|youtube|threads)"
)


def _rules(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_FORMS = _rules(
    r"(?:leave|post|write|add) (?:a |your )?(?:reply|comment)s?\b.{0,40}",
    r"(?:cancel|load more|view all|show|hide) ?(?:reply|comments?)?",
    r"\d+ (?:thoughts?|comments?|repl(?:y|ies)|responses?)(?: (?:on|to)\b.{0,250})?",
    r"your e-?mail address will not be published\b.{0,80}",
    r"required fields are marked\b.{0,20}",
    r"save my name, e-?mail.{0,120}",
)
_SITE = _rules(
    rf"follow .{{1,60}} on {_CHANNELS}\b.{{0,80}}",
    r"(?:join|like|find) (?:us|our) .{0,60}(?:facebook|twitter|telegram|whatsapp|channel).{0,40}",
    r"(?:subscribe|sign up|register) (?:to|for|now|today|here)\b.{0,120}",
    r"(?:download|get) (?:our|the) .{0,40}\bapp\b.{0,60}",
    r"click (?:here|to)\b.{0,80}",
    r"(?:notify me of|this site uses akismet)\b.{0,120}",
    r"views (?:are )?(?:strictly )?personal\b.{0,40}",
    r"contact(?: the (?:author|writer))?(?: at)?: .{1,120}",
    r"(?:e-?mail|twitter|x): ?\S*@\S+",
    r"(?:advertisements?|sponsored(?: content)?|promoted|paid content)",
    r"(?:story |article )?continues? (?:below|after).{0,40}",
    r"(?:scroll|swipe) (?:down |left |right |up )?(?:to|for) .{0,40}",
    r"(?:tags?|filed under|topics?|categor(?:y|ies)|keywords?): .{1,200}",
    r"(?:all rights reserved|©|copyright (?:©|\(c\)|\d{4})).{0,160}",
    r"\((?:additional )?(?:reporting|writing|editing|compiled|with inputs?)\b.{0,250}\)",
    r"(?:reading time:? )?\d{1,3} min(?:ute)?s?(?: read)?",
    r"[\d,.]+k? (?:views|shares|reads|likes)",
    r"(?:source|url|link|read (?:the )?original|via):? ?https?://\S+",
    r"https?://\S+",
)
_RELATED = re.compile(
    r"(?:also read|read also|read more|see also"
    r"|related(?: (?:articles?|stor(?:y|ies)|news|posts?|coverage))?"
    r"|must[ -]read|don[’']t miss|recommended(?: for you)?|more(?: (?:on \w+|from|stories))?"
    r"|you (?:may|might) also like|most (?:read|popular)|trending(?: now)?"
    r"|editor[’']?s[’']? picks?|watch)(?: ?[:|–-]|$)",
    re.IGNORECASE,
)
# "More:Mayor Rests Her Case": with no blank behind the colon nobody wrote it so.
_GLUED = re.compile(r"(?:More|Read more|Related|See also|Also read):(?=[A-Z‘“\"])\S.{0,200}")
_GLUED_TO_ANY = re.compile(r"[^\W\d_][^.:!?]{1,60}:(?=[A-Z‘“\"'])(?=.{0,200}$)\S+(?: \S+){3,}")
_LABELLED = re.compile(
    r"(?:also read|read also|read more|read next|see also|must[ -]read|don[’']t miss|more"
    r"|related(?: (?:articles?|stor(?:y|ies)|news|posts?|coverage))?"
    r"|you (?:may|might) also like): .{3,250}",
    re.IGNORECASE,
)
# Scrapers glue the label to the headline: "Previous articleRate Cut Nears".
_NEIGHBOUR = re.compile(r"(?i:previous|next) ?(?i:article|post|story)(?:$|(?=[^a-z]))")
_COMMENTS_BEGIN = re.compile(
    r"\d+ (?:thoughts?|comments?|repl(?:y|ies)|responses?) (?:on|to)\b"
    r"|leave (?:a|your) (?:reply|comment)\b",
    re.IGNORECASE,
)
_DISCLAIMERS = _rules(
    r"\b(?:views?|opinions?)\b.{0,120}\b(?:author|writer|contributor|columnist)(?:s|[’']s|s[’'])?\b",
    r"\b(?:views?|opinions?)\b.{0,200}\bdo(?:es)? not (?:necessarily )?"
    r"(?:reflect|represent|reproduce)\b",
    r"\b(?:first|originally|previously)\b(?: \w+)? (?:published|appeared|posted)\b",
    r"\b(?:re-?published|re-?posted|reprinted|syndicated|cross-?posted)\b"
    r".{0,60}\b(?:from|with|under|by|on)\b",
    r"\bprepared for publication\b",
    r"^(?:about the authors?|author bio|disclaimer|editor[’']?s note|note from)\b",
    r"^the (?:author|writer|columnist|contributor)s? (?:is|are|was|were|has|have|can)\b",
    r"\bthis (?:article|piece|story|essay|report) (?:was|is|has been|originally|first)\b",
)


def is_furniture(text: str) -> bool:
    """Whether a line is certainly the site's and not the article's, wherever it stands."""
    if len(text) > _LONGEST_NOTICE:
        return False
    bare = strip_bullet(text)
    if any(rule.fullmatch(bare) for rule in (*_FORMS, *_SITE)):
        return True
    if _is_controls(bare) or _is_breadcrumb(bare) or is_pointer(bare):
        return True
    return _NO_WORD.fullmatch(text) is not None or (is_stamp(text) and not is_finished(text))


def is_finished(text: str) -> bool:
    """Whether a date ends as a sentence: "At 2 a.m. on Sunday, March 12." answers a question."""
    return text.endswith(".") and not text.lower().endswith("m.")


def is_sure_furniture(text: str) -> bool:
    """As ``is_furniture``, for texts that are known to be articles already: forms and controls."""
    if _GLUED.fullmatch(text) and not text.endswith("."):
        return True
    return len(text) <= _LONGEST and (
        _is_controls(text) or any(rule.fullmatch(text) for rule in _FORMS)
    )


def is_labelled_link(text: str) -> bool:
    """Whether a line of a text that is written in sentences is a link to another story.

    "RELATED: Mayor rests her case", "Harbour fire:What we know so far".
    """
    labelled = _GLUED_TO_ANY.fullmatch(text) or _LABELLED.fullmatch(text)
    return labelled is not None and not ends_sentence(text)


def is_pointer(text: str) -> bool:
    """Whether a line leads to another article."""
    if ends_sentence(text) and not text.endswith("?"):
        return False
    return bool(_RELATED.match(text) or _NEIGHBOUR.match(text)) and word_count(text) <= 40


def is_label(text: str) -> bool:
    """Whether a line only names a section or genre."""
    return bool(_LABEL.fullmatch(text.rstrip(":")))


def begins_comments(text: str) -> bool:
    """Whether readers' comments follow."""
    return bool(_COMMENTS_BEGIN.match(text))


def is_disclaimer(text: str) -> bool:
    """Whether a line at the end disowns opinions, credits a publisher or presents the author."""
    bare = strip_bullet(text)
    return len(bare) <= _LONGEST and any(rule.search(bare) for rule in _DISCLAIMERS)


def _is_controls(text: str) -> bool:
    """Whether a line is made of button labels."""
    words = [word.lower() for word in _WORD.findall(text[:200])]
    if not words or len(words) > 14 or len(text) > 200 or is_bullet(text):
        return False
    return all(w in _CONTROL_WORDS for w in words) and any(w in _STRONG_CONTROLS for w in words)


def _is_breadcrumb(text: str) -> bool:
    if len(text) > 160:
        return False
    if ends_sentence(text) or holds_sentences(text):
        return False
    return bool(_BREADCRUMB.fullmatch(text) or _SLASH_TRAIL.fullmatch(text))
