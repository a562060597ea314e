"""Recognise picture captions by the credit that they begin or end with."""

from __future__ import annotations

import re

_LONGEST = 1_500  # characters; no caption is longer
_CREDIT_LENGTH = 150  # characters at a caption's end that can hold its credit

_AGENCY = (
    "(?:AP|AFP|EPA|EFE|EPA-EFE|ANI|PTI|ANSA|DPA|TASS|KCNA|UPI|Xinhua|Yonhap|Kyodo|Sputnik|Reuters"
    "|REUTERS|Getty(?: Images)?|Shutterstock|Alamy|iStock|Unsplash|Pexels|Wikimedia(?: Commons)?"
    "|Bloomberg|Anadolu(?: Agency)?|NurPhoto|ZUMA(?: Press)?|IMAGO|Handout|POOL|Pool)"
)
_PHOTO = "(?:photo(?:graph)?s?|images?|pictures?|pics?|illustration|graphic|screengrab|video)"
_AFTER_SENTENCE = r"(?:^|[.!?”\"’)] |[|–—-] ?)"

_ENDINGS = (
    # "… at dawn. Jane Roe/POOL/AFP via Getty Images"
    rf"\S ?/ ?{_AGENCY}(?: (?:via|/) ?[\w ]{{2,30}})?[)\]]?$",
    # "… at dawn. AP Photo/Jane Roe"
    rf"(?:{_AFTER_SENTENCE}|[(\[]){_AGENCY}(?i: photos?| images?| pool)?"
    r"(?:/[\w .'’-]{2,50})?[)\]]?$",
    rf"\b(?:via|courtesy(?: of)?|©) {_AGENCY}(?: Images)?[)\]]?$",
    rf"(?i)[(\[](?:file |stock )?(?:{_PHOTO}|credit|courtesy)\b[^()\[\]]{{0,90}}[)\]]\.?$",
    rf"(?i){_AFTER_SENTENCE}(?:{_PHOTO} )?(?:{_PHOTO}|credits?|courtesy)(?: (?:credits?|source))?"
    r"(?: by| of)?: ?[^.:]{1,60}$",
    rf"(?i)[.!?”\"’)] {_PHOTO} (?:by|courtesy of) [^.:]{{2,50}}$",
)
_OPENINGS = (
    # "File photo: …"
    r"(?i)(?:(?:file|stock|archive|representative|representational|illustrative) )?"
    rf"{_PHOTO}(?: (?:credits?|courtesy|source|for representation))?(?: by| of)?: ",
    rf"(?i){_PHOTO} (?:by|courtesy|credit)\b[^.]{{2,80}}\.?$",
    r"(?i)(?:file ?[-–—:] ?)?in this (?:[\w-]+,? ){0,5}"
    r"(?:photo(?:graph)?|image|picture|screengrab|frame|handout)\b"
    r".{0,120}?\b(?:provided|released|distributed|taken|issued|made available)\b",
)
# "A new bridge. Source: Ministry of Works"; behind a longer text it credits the facts.
_SOURCE = re.compile(rf"(?i){_AFTER_SENTENCE}source: ?[^.:]{{1,60}}$")
_LONGEST_SOURCED = 250  # characters
_ENDING_RULES = tuple(map(re.compile, _ENDINGS))
_OPENING_RULES = tuple(map(re.compile, _OPENINGS))


def is_caption(text: str) -> bool:
    """Whether a line ends or begins with a picture's credit.

    A sentence's full stop behind an agency's name makes it part of the story: "…, said Reuters."
    """
    if len(text) > _LONGEST:
        return False
    if any(rule.match(text) for rule in _OPENING_RULES):
        return True
    if text.endswith((".", "!", "?", "”", '"', "’")) and not text.endswith((").", "].")):
        return False
    if len(text) <= _LONGEST_SOURCED and _SOURCE.search(text):
        return True
    return any(rule.search(text[-_CREDIT_LENGTH:]) for rule in _ENDING_RULES)
