"""Whom or what an opening He, She or It of a sentence means, where that is beyond doubt.

The name is written into the answer, so that a wrong one makes a false statement, and a missing one
only a sentence to be read in its article. Whoever the document named last (``rag.referents``) is
taken, unless anything since tells of somebody else whom the pronoun may mean as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.attribution import DANGLING, Reader, is_body, read_before
from rag.cast import may_be_person
from rag.dates import CALENDAR
from rag.lexicon import word_set
from rag.names import Name, is_institution, names, strip_titles
from rag.presented import OFFICES
from rag.speech import find_speech
from rag.types import Document, Sentence

_OPENS = 20  # characters before which a pronoun opens a sentence
_REACH = 6  # sentences between a name and the pronoun
_SILENT = 2  # of these, in a row, that speak of neither

_MEN = "man boy father husband son brother uncle grandfather gunman spokesman actor king prince guy"
_WOMEN = (
    "woman girl mother wife daughter sister aunt grandmother spokeswoman actress queen princess"
)
_ANYBODY = (
    f"{OFFICES} aide ally artist assailant attacker baby campaigner candidate captive celebrity "
    "champion child clerk client coach colleague comedian customer defendant detainee doctor "
    "driver employee father firefighter friend guard guest guitarist hostage host inmate "
    "intruder kid lieutenant musician neighbor neighbour nurse opponent organizer owner "
    "paramedic parent partner passenger patient person player policeman policewoman politician "
    "predecessor prisoner producer protester rapper relative resident rider rival sergeant "
    "shooter shopper singer soldier spouse stabber star student successor supporter survivor "
    "suspect teacher teen teenager toddler tourist victim visitor voter witness worker youth"
)
_GENDERED = {
    "m": re.compile(rf"\b(?:{'|'.join(_MEN.split())})\b", re.IGNORECASE),
    "f": re.compile(rf"\b(?:{'|'.join(_WOMEN.split())})\b", re.IGNORECASE),
}
_DETERMINED = r"(?:the|an?|one|another|his|her|their|its|this|that|[A-Z][\w-]*['’]s?)"
# "The driver …", "On Monday, a man …", "The 32-year-old …": a sentence about somebody described.
_DESCRIBED = re.compile(
    rf"(?:^|[,;] |\b(?:that|when|while|because|and|but) ){_DETERMINED} "
    rf"(?:[\w’'-]+ ){{0,3}}?(?:(?:{'|'.join((_MEN + ' ' + _WOMEN + ' ' + _ANYBODY).split())})\b"
    r"|\d\d?-year-old\b(?-i:(?! [A-Z])))",
    re.IGNORECASE,
)
_APPOSED = re.compile(r", (?:the|an?|his|her|their|its)\b[^,;]*(?:,|$)", re.IGNORECASE)
_ANY_PRONOUN = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
_PRONOUNS = {
    "m": re.compile(r"\b(?:he|him|his)\b", re.IGNORECASE),
    "f": re.compile(r"\b(?:she|her|hers)\b", re.IGNORECASE),
}
# "Ada Quill drove him home. He …": whoever does something to him is not him.
_OBJECTS = {
    "m": re.compile(r"\b\w{3,} him\b"),
    "f": re.compile(r"\b\w{3,} her(?=[.,;:]| (?:to|in|at|on|for|with|as|from|of|about|by)\b)"),
}
_OTHER = {"m": "f", "f": "m"}

# A lone word that does something may be a surname: "Porter took".
_ACTING = re.compile(
    r" (?:\w+(?:ed|s)|is|was|has|had|will|would|could|did|took|went|came|got|made|gave|left|won|ran"
    r"|became|told|met|saw|held|kept|led|sat|stood|began|found|felt|knew|grew|fell|wrote|spoke)\b"
)
# ... or has it done to them: "summoned Nichols"; one visits and joins places and firms.
_ACTED_ON = re.compile(
    r"\b(?!(?:enter|founded|join|launched|left|named|reach|visit)(?:ed)?\b)\w+ed $"
)

# What stands before a name that is not the subject of its sentence.
_BESIDE = word_set(
    "about across after against alongside among and around as at before behind beside besides "
    "between beyond but by called during for from if in including into like named near nor of off "
    "on or over since than that through to toward towards under unlike until upon via when where "
    "while who whom with within without"
)
_FRONTING = word_set(
    "According After Against Alongside Although Amid Apart As Aside At Because Before Behind Both "
    "By Citing During For From Given If In Including Inspired Just Like Named On Once Since So "
    "Though Under Unlike Unless Until Upon When Whenever Where Whereas While With Without"
)
# What stands before a place or thing.
_PLACING = word_set(
    "a across an around at for from in inside into near of on outside the through to toward towards"
)
_ARTICLE = re.compile(r"(?:^|(?<= ))(?:the|an?) $", re.IGNORECASE)
_DAY = re.compile(rf"(?:In|On|Since|By) (?:(?:early|late|mid) )?(?:{'|'.join(CALENDAR)}|\d{{4}})\b")
# "It" that stands for nothing: it is likely, it costs a lot, it takes time.
_EXPLETIVE = re.compile(
    r"(?:\S+ )?[Ii]t(?:['’]| (?:\w+ly )?(?:is|isn|was|wasn|(?:will|would|may|might|could"
    r"|can) be|remain|seem|appear|take|took|cost|mean|feel|felt|turn|look|happen|matter|becom"
    r"|became|come|came|follow|start|began|begin|ha[sd] (?:been|become)))"
)
# All that may stand before a body that its sentence is about.
_UP_TO_BODY = re.compile(r"(?:\w+ |[^\n]*, )?(?:[Tt]he )?$")


def subject_of(document: Document, sentences: Sequence[Sentence], index: int) -> str | None:
    """Return the name that an opening He, She or It stands for, where it is clear."""
    sentence = sentences[index]
    reader = read_before(document, sentences, index)
    match = DANGLING.match(reader.masked, sentence.start, sentence.end)
    pronoun = match["pronoun"].lower() if match else "they"
    if pronoun in ("they", "their"):  # they may be anybody
        return None
    if pronoun in ("it", "its"):
        return _only_body(reader, sentences, index)
    person = reader.referents.meant_by(pronoun)
    gender = "f" if pronoun in ("she", "her") else "m"
    if person is None or not may_be_person(document.text, person.text):
        return None
    return person.text if _Window(reader, sentences, index, person, gender).clear() else None


class _Window:
    """The sentences from the last that names a person to the pronoun that may mean them."""

    def __init__(
        self,
        reader: Reader,
        sentences: Sequence[Sentence],
        index: int,
        person: Name,
        gender: str,
    ) -> None:
        self.reader, self.person, self.gender = reader, person, gender
        said = find_speech(self._masked(sentences[index]))
        self.saying = said is not None and said.kind == "pronoun" and said.start < _OPENS
        self.called = re.compile(rf"\b{re.escape(person.words[-1])}\b")
        named = [
            i
            for i in range(max(0, index - _REACH), index)
            if self.called.search(self._masked(sentences[i]))
        ]
        self.first = named[-1] if named else index
        self.since = sentences[self.first : index]

    def clear(self) -> bool:
        """Tell whether nobody else is spoken of whom the pronoun may mean."""
        if not self.since:
            return False
        anchor, later = self.since[0], self.since[1:]
        return (
            self._anchors(anchor)
            and not any(self._tells_of_another(sentence) for sentence in self.since)
            and self._goes_on(later)
        )

    def _masked(self, sentence: Sentence) -> str:
        return self.reader.masked[sentence.start : sentence.end]

    def _anchors(self, sentence: Sentence) -> bool:
        """Tell whether the sentence is about the person, or holds their words about nobody."""
        masked = self._masked(sentence)
        whole = self.reader.text[sentence.start : sentence.end]
        named = next((n for n in names(masked) if self.called.search(n.text)), None)
        if named is None or masked.startswith(":", named.end):  # a turn is not about its speaker
            return False
        speaks = self._speaks()
        if not _is_subject(masked, named):
            return speaks and (self.saying or not _ANY_PRONOUN.search(whole, 0, named.start))
        return not speaks or self.saying or not _ANY_PRONOUN.search(_quoted(whole, masked))

    def _speaks(self) -> bool:
        said = self.reader.found[self.first]
        return said is not None and said.explicit and bool(self.called.search(said.speaker))

    def _tells_of_another(self, sentence: Sentence) -> bool:
        masked = self._masked(sentence)
        apart = _APPOSED.sub(",", masked)
        described = _DESCRIBED.search(apart) or _GENDERED[self.gender].search(apart)
        acted_on = _OBJECTS[self.gender].search(masked)
        return bool(described or acted_on) or any(
            self._is_another(n, masked) for n in names(masked)
        )

    def _is_another(self, name: Name, masked: str) -> bool:
        bare = strip_titles(name)
        if self.called.search(bare.text) or is_institution(bare) or bare.words[0] in CALENDAR:
            return False
        is_acting = _ACTING.match(masked, name.end) or _ACTED_ON.search(masked, 0, name.start)
        return bool(self.reader.cast.is_person(bare) or is_acting) and not _placed(masked, name)

    def _goes_on(self, later: Sequence[Sentence]) -> bool:
        """Tell whether the sentences behind the name keep to the person, or to nobody."""
        silent = 0
        for sentence in later:
            masked = self._masked(sentence)
            if _PRONOUNS[_OTHER[self.gender]].match(masked):
                return False
            silent = 0 if _PRONOUNS[self.gender].search(masked) else silent + 1
        return silent <= _SILENT


def _quoted(whole: str, masked: str) -> str:
    """Return the quoted words of a sentence."""
    return "".join(a if a != b or a.isspace() else " " for a, b in zip(whole, masked, strict=True))


def _is_subject(masked: str, name: Name) -> bool:
    """Tell whether a name is what its sentence is about: nothing before it governs it."""
    before = masked[: name.start]
    words = _ARTICLE.sub("", before).split()
    if not words or (len(words) == 1 and words[0] not in _FRONTING):
        return True
    if words[-1].lower() in _BESIDE:
        return False
    if words[0] in _FRONTING and not _DAY.match(before):
        return "," in before
    return len(before) <= 60


def _placed(masked: str, name: Name) -> bool:
    """Tell whether a name stands where a place or thing does: in Anstey, the Mirror, for Ajax."""
    before = masked[: name.start].split()
    return bool(before) and before[-1].lower() in _PLACING


def _only_body(reader: Reader, sentences: Sequence[Sentence], index: int) -> str | None:
    """Return the one body that the sentence before is about; two would leave "it" open."""
    if index == 0 or "\n" in reader.text[sentences[index - 1].end : sentences[index].start]:
        return None
    start, end = sentences[index].start, sentences[index].end
    if _EXPLETIVE.match(reader.masked, start, end):
        return None
    before = reader.masked[sentences[index - 1].start : sentences[index - 1].end]
    found = [name for name in names(before) if name.words[0] not in CALENDAR]
    if len({name.text for name in found}) != 1 or not is_body(found[0]) or before.endswith("?"):
        return None
    acts = _ACTING.match(before, found[0].end)
    opens = _UP_TO_BODY.match(before, 0, found[0].start)
    return found[0].text if acts and opens and _is_subject(before, found[0]) else None
