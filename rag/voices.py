"""Whom a question asks: "what does X say about it", "according to X", "the article by X says".

What others say is then no answer, however well it fits the rest of the question. Only persons and
articles are told apart so: a country speaks through many, and often through nobody named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from rag.bylines import WORK, initials, made_by, own_terms, presents_author
from rag.cast import read_cast
from rag.features import Candidate
from rag.names import Name, is_country, is_institution, names, strip_titles
from rag.nations import ALIASES, SEATS
from rag.questions import SOURCES, Question
from rag.reading import Scored
from rag.recency import newest_asked
from rag.terms import terms, without_possessive
from rag.types import Origin

_SAY = (
    r"(?:say|think|argue|believe|claim|write|conclude|expect|predict|suggest|recommend|propose|"
    r"advise|warn|describe|report|explain|note|stress|emphasi[sz]e|assess|judge|interpret|regard|"
    r"consider|mention|maintain|contend|tell|comment|state|characteri[sz]e|point out|see|view|"
    r"cite|quote|caution|forecast|anticipate|criticise|criticize|discuss|address|cover|feel|"
    r"reply|replie|respond|answer|demand|promise|announce|admit|confirm|insist|object|complain|"
    r"urge|declare|remark|pledge|vow|threaten|reveal|acknowledge|concede|deny|denie|justify|"
    r"justifie|defend|"
    r"said|thought|written|told|seen|felt)(?:e?[ds])?(?! (?:no|yes|nothing)\b)"
)
_OPINION = (
    r"(?:views?|opinions?|eyes|judge?ments?|estimates?|estimations?|assessments?|accounts?|words|"
    r"telling|reading|analysis|perspective|interpretation|positions?|arguments?|thesis|"
    r"conclusions?|stance|take|explanations?|claims?|predictions?|recommendations?|proposals?|"
    r"answers?|repl(?:y|ies)|responses?|reactions?|"
    r"reasoning|criticisms?|advice|warnings?|comments?|remarks?|statements?|verdict|points?)"
)
_GROUNDS = (
    r"(?:reasons?|causes?|explanations?|motives?|grounds?|justifications?|arguments?|evidence|"
    r"examples?|estimates?|excuses?)"
)
_NOBODY = (
    r"(?!(?:it|he|she|they|you|we|i|one|people|some|any|not|that|this|who|what|make|made|be|been|"
    r"have|had|say|said)\b)"
)
_WHO = rf"(?P<who>(?:{_NOBODY}[\w.&’'-]+ ){{0,6}}?{_NOBODY}[\w.&’'-]*\w)"
_END = (
    r"(?=\s*(?:$|[,?.;:!]|\b(?:what|who|whom|how|why|when|where|which|is|are|was|were|does|do|did|"
    r"has|have|had|will|would|could|can|should|on|about|regarding|concerning|that|say|says|said|"
    r"argue|argues|published|written|posted)\b))"
)
_ASKED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:does|do|did|would|has|have|had) {_WHO} (?:\w+ly |also )?(?<!united ){_SAY}\b",
        rf"\b(?:tell me|tell us|explain|describe|outline) (?:why|how|what|where|who) {_WHO} "
        rf"(?:\w+ly |also )?(?<!united ){_SAY}\b",
        rf"\b(?:does|do|did|has|have|had) {_WHO} (?:give|offer|cite|name|list)s?n?(?: as| for) "
        rf"(?:[\w-]+ ){{0,2}}{_GROUNDS}\b",
        rf"\b{_GROUNDS} (?:does|do|did|has|have|had) {_WHO} (?:give|offer|cite|name|list|put|set)",
        rf"\baccording to {_WHO}{_END}",
        rf"\b(?:in|from|on) {_WHO}['’]s? (?:\w+ )?(?:{_OPINION}|{WORK})\b",
        rf"\b(?:what(?:['’]s| is| are| was| were)|explain|describe|outline|give|state|"
        rf"summari[sz]e) {_WHO}['’]s? (?:[\w-]+ ){{0,2}}?(?:{_OPINION}|{WORK})\b",
        rf"\b{_OPINION} (?:of|by) {_WHO}{_END}",
        rf"\b(?:in|from|by) (?P<who>(?:the|that|this) (?:[\w.&’'-]+ ){{1,4}}?{WORK})\b",
        rf"\b{WORK} (?:by|from|in|of) {_WHO}{_END}",
        rf"\b(?P<who>{WORK}(?: titled| called| headlined|,)? [“\"][^“”\"]+[”\"])",
    )
)
# "What does she say about when it sank" asks for more than anything that she says.
_MATTER = (
    r"(?:about|on|of|regarding|concerning) "
    r"(?!how\b|why\b|when\b|where\b|who\b|what\b|which\b|whether\b|if\b)"
)
_SOURCES = rf"(?:(?:the|all|these|those|your|our|indexed|news) ){{0,3}}{SOURCES}"
# "What is said about it", "what do the articles say about it".
_SAID_ABOUT = re.compile(
    rf"what (?:is said|(?:do|did|have) {_SOURCES} {_SAY}) {_MATTER}(?P<matter>.+)",
    re.IGNORECASE,
)
_SAYS_ABOUT = re.compile(
    rf"what (?:(?:else )?(?:does|do|did|has|have) .+? (?:\w+ly |also )?{_SAY}|"
    rf"(?:is|are|was|were) .+?['’]s? (?:\w+ )?{_OPINION}) {_MATTER}|"
    rf"what (?:does|do|did) .+? {_SAY} (?:that )?(?!about\b).+? "
    r"(?:will|would|should|could|might|may|can) (?:do|happen)\b",
    re.IGNORECASE,
)
_WORK_WORD = re.compile(rf"\b{WORK}s?\b(?: (?:by|from|in|of))?", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:and|or|versus|vs)\b", re.IGNORECASE)
# "the accord signed in Antwerp" is no person, though it names something.
_PLACED = re.compile(r"[a-z]\w* (?:in|at|on|for|with|to|between|by|from|about|near|after) ")
# So does "the Lunde accord".
_AFFAIR = re.compile(
    r" (?:accord|agreement|ban|bill|conflict|crisis|deal|decision|decree|dispute|election|law|"
    r"operation|pact|plan|policy|programme|program|project|proposal|referendum|reform|ruling|scheme|"
    r"strategy|summit|talks|treaty|vote|war)$"
)
# A word that no name has: "the head of Kessling's pilots", but not "the Bank of Kessling".
_DESCRIBES = re.compile(r"(?<![\w’'-])(?!(?:of|the|and|for|in|de|van|von|al|bin)\b)[a-z][\w’'-]+")
_HONORIFIC = frozenset(terms("dr mr mrs ms prof professor author writer columnist analyst"))


@dataclass(frozen=True, slots=True)
class Voice:
    """Who is asked: the name and its terms, the articles they wrote, those they published."""

    name: str
    named: frozenset[str]
    written: frozenset[str]
    published: frozenset[str]
    anything: bool = False  # whether just anything that they say is asked for

    @property
    def described(self) -> bool:
        """Whether they are told by what they are: "the Kessling chief", "Corvane's hauliers"."""
        return bool(_DESCRIBES.search(self.name))

    @property
    def documents(self) -> frozenset[str]:
        """The articles that are theirs."""
        return self.written | self.published

    def has(self, candidate: Candidate, others: Set[str] = frozenset()) -> bool:
        """Tell whether a sentence is theirs, or speaks of them.

        What follows a sentence that names them speaks of them too, unless it opens with one of
        ``others``, the last names of who else has a say, as terms.
        """
        document, attribution = candidate.document.id, candidate.attribution
        if document in self.published or self._is_in(candidate.text):
            return True
        if attribution:
            return self._speaks(candidate)
        if document in self.written:
            return True
        return self._is_in(self._before(candidate)) and others.isdisjoint(
            terms(_opening(candidate))
        )

    def says(self, candidate: Candidate) -> bool:
        """Tell whether a sentence is theirs, or tells what they do or hold.

        All that an article or an outlet reports is theirs, quoted or not.
        """
        if candidate.document.id in self.published:
            return True
        if not candidate.attribution:
            return candidate.document.id in self.documents or self._is_in(_opening(candidate))
        return self._speaks(candidate)

    def _before(self, candidate: Candidate) -> str:
        """Return the text in which they may be named: of a body's study a paragraph tells."""
        if not is_institution(Name(self.name, 0, len(self.name))):
            return candidate.around.rpartition("\n")[2]
        text = candidate.document.text
        return text[text.rfind("\n", 0, candidate.start) + 1 : candidate.start]

    def _speaks(self, candidate: Candidate) -> bool:
        """Tell whether a sentence's speaker has their name, in full or in part.

        A part that two persons of the article share is the name of the first.
        """
        speaker = candidate.attribution.speaker if candidate.attribution else ""
        words = set(terms(speaker)) - _HONORIFIC
        if self._is_in(speaker) or not words or not words < self.named:
            return self._is_in(speaker)
        meant = read_cast(candidate.document.text).is_called(speaker.split()[-1])
        return meant is None or self.named.issuperset(terms(" ".join(meant)))

    def _is_in(self, text: str) -> bool:
        """Tell whether a text names them, in full, in part or by the initials asked for."""
        if self.named <= set(terms(text)):
            return True
        return self.name.isupper() and self.name in initials(n.text for n in names(text))


def name_asked(text: str) -> str | None:
    """Return whom or which article a question asks, as it is written there; mostly nobody."""
    for pattern in _ASKED:
        for match in pattern.finditer(text):
            who = without_possessive(match["who"])
            if not _SEVERAL.search(who) and set(terms(_WORK_WORD.sub(" ", who))) - _HONORIFIC:
                return who
    return None


def voice_asked(question: Question, articles: Iterable[Origin]) -> Voice | None:
    """Tell who is asked, of the authors and outlets of ``articles`` or of persons they quote."""
    who = name_asked(question.text) if question.shape != "comparison" else None
    if who is None:
        return None
    who = _without_role(who)
    named = frozenset(terms(_WORK_WORD.sub(" ", who))) - _HONORIFIC
    written, published = set(), set()
    a_work = bool(_WORK_WORD.search(who))
    for article in articles:
        author, publisher = made_by(article)
        if a_work and (named <= own_terms(article) or newest_asked(who)):
            published.add(article.id)
        elif named <= author:
            written.add(article.id)
        elif named <= publisher:
            published.add(article.id)
    if not written and not published and not _is_person(who):
        return None
    name = re.sub(r"^(?:the|an?) ", "", who, flags=re.IGNORECASE)
    voice = Voice(name, named, frozenset(written), frozenset(published))
    return replace(voice, anything=not without_name(question, voice))


def _without_role(who: str) -> str:
    """Take off what a person is said to be: "the retired admiral Ada Quill" is Ada Quill."""
    *others, last = [*names(f"so {who}")] or [Name("", 0, 0)]
    if _WORK_WORD.search(who) or _PLACED.search(who) or not who.endswith(last.text):
        return who
    surely = not others or len(last.words) > 1
    return strip_titles(last).text if surely and last.text and not is_institution(last) else who


def _is_person(who: str) -> bool:
    """Tell a name that is no country's or its government's from a plain noun."""
    found = [name for name in names(f"so {who}") if set(terms(name.text)) - _HONORIFIC]
    if not found or _PLACED.search(who) or _AFFAIR.search(who):
        return False
    return not any(_is_power(name) for name in found)


def _is_power(name: Name) -> bool:
    return is_country(name) or name.text in ALIASES or name.words[-1] in SEATS


def without_name(question: Question, voice: Voice) -> tuple[str, ...]:
    """Return the terms of what is asked about, without who is asked."""
    frame = voice.named | _HONORIFIC | _FRAME
    return tuple(term for term in question.terms if term not in frame)


def mentioned(question: Question, voice: Voice | None, own: Sequence[Scored]) -> tuple[Scored, ...]:
    """List those of ``own`` sentences that name all of a matter on which just anything is asked.

    "What does Quill say about the pier?" is answered by whatever she says of it, in any words; so
    nothing is listed for what asks anything more.
    """
    found = (_SAYS_ABOUT if voice else _SAID_ABOUT).match(question.text)
    if not found:
        return ()
    matter = set(without_name(question, voice) if voice else terms(found["matter"]))
    return tuple(s for s in own if matter and matter <= set(terms(s.candidate.text)))


_SUBJECT_WORDS = 4  # of a sentence, within which its subject mostly stands
_FRAME = frozenset(
    terms(
        "think argue believe claim write conclude expect predict suggest recommend propose advise "
        "warn report note stress assess judge interpret regard consider mention maintain contend "
        "comment state see view opinion argument thesis conclusion position point main key article "
        "piece analysis column commentary report text essay take stance summary summarize overall "
        "summarise"
    )
)


def in_voice(voice: Voice | None, scored: Sequence[Scored]) -> tuple[Scored, ...]:
    """Keep what the one who is asked says, or what is said of them where that answers better.

    A note on who the author is says nothing of theirs. Where nothing is heard of somebody who is
    only described, the articles may call them otherwise: then anything may answer. Where just
    anything that somebody says is asked for, what is said of them will not do.
    """
    if voice is None:
        return tuple(scored)
    scored = [s for s in scored if not presents_author(s.candidate.document, s.candidate.start)]
    others = _last_names(scored) - voice.named
    heard = [item for item in scored if voice.has(item.candidate, others)]
    said = tuple(item for item in heard if voice.says(item.candidate))
    if not heard and voice.described:
        return tuple(scored)
    if voice.anything:
        return tuple(s for s in said if s.candidate.attribution) or said
    return said if said and _relevance(said) >= _relevance(heard) else tuple(heard)


def _opening(candidate: Candidate) -> str:
    return " ".join(candidate.text.split()[:_SUBJECT_WORDS])


def _last_names(scored: Sequence[Scored]) -> set[str]:
    """List the terms of the last names of the persons who speak in what was read."""
    speakers = {s.candidate.attribution.speaker for s in scored if s.candidate.attribution}
    return {last for name in speakers if _is_person(name) for last in terms(name)[-1:]}


def _relevance(scored: Sequence[Scored]) -> float:
    return max((s.relevance for s in scored if s.relevance is not None), default=0.0)
