"""Whom a pronoun may mean in a document that is read in order: who was named last, or nobody."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from rag.cast import Key, key
from rag.lexicon import word_set
from rag.names import Name, is_institution

_GENDERS = {"he": "m", "him": "m", "his": "m", "she": "f", "her": "f"}
# Whom these name may well speak next: "Ada Quill told Ben Ross to go. “Never,” he said."
_ADDRESSING = word_set("accuse ask call criticize describe hail inform praise tell urge warn")
_ANSWERING = word_set("deny reply respond")


@dataclass(slots=True)
class Referents:
    """Who was named last, and by which pronoun each person was first called.

    ``speaker`` is who spoke last where ``person`` is nobody, because other persons were spoken of.
    """

    person: Name | None = None
    speaker: Name | None = None
    institution: Name | None = None
    genders: dict[Key, str] = field(default_factory=dict)

    def remember(self, name: Name) -> None:
        """Take a name for whom the next pronoun means."""
        if is_institution(name):
            self.institution = name
            return
        self.person = name
        if self.speaker and key(self.speaker) != key(name):
            self.speaker = None

    def forget(self, name: Name) -> None:
        """Take neither a name nor any before it: "it" or "she" may be what belongs to the name."""
        if is_institution(name):
            self.institution = None
        else:
            self.person = self.speaker = None

    def named_beside(
        self, persons: Set[Key], *, speaker: Name | None = None, verb: str = ""
    ) -> None:
        """Forget the person where a sentence names others; ``speaker`` says it, if anybody does.

        Who only spoke of others goes on speaking in the quotations that follow.
        """
        known = {key(name) for name in (self.person, self.speaker, speaker) if name}
        if persons <= known and len(persons) < 2:
            self.speaker = speaker or self.speaker
            return
        self.person = None
        self.speaker = None if verb in _ADDRESSING else speaker

    def meant_by(self, pronoun: str) -> Name | None:
        """Return who was named last; "they" may be anybody, and nobody is first he, then she."""
        if pronoun in ("it", "its"):
            return self.institution
        gender = _GENDERS.get(pronoun)
        if gender is None or self.person is None:
            return None
        called = self.genders.setdefault(key(self.person), gender)
        return self.person if called == gender else None

    def quoted_as(self, pronoun: str, verb: str) -> Name | None:
        """Return whom the pronoun beside a quotation means: who spoke last, if called so before."""
        if self.person or not self.speaker or pronoun not in _GENDERS or verb in _ANSWERING:
            return self.meant_by(pronoun)
        called = self.genders.get(key(self.speaker))
        return self.speaker if called == _GENDERS[pronoun] else None
