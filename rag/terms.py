"""Words as the retriever and the reader compare them: folded, brought to a base form and stemmed.

Different names of one country (Russia, Russian, Moscow, the Kremlin) count as one term, because
news uses them for each other.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

from rag.inflection import IRREGULAR, forms_of

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_POSSESSIVE = re.compile(r"['’]s?$")

# Function words, question words and the verbs questions are built with: they select nothing.
STOP_WORDS = frozenset(
    """a about above according after again against all also am an and any anything are as ask asked
    at be because been before being below between both but by can could describe described did do
    does doing down during each else ever every explain few for from further get give gives given
    had has have having he her here hers him his how i if in into is it its itself just know like
    made make many may me might mine more most much must my name no nor not now of off on once one
    only or other our out over own please said same say says she should so some such tell than that
    the their them then there these they thing things this those through to too under until up upon
    use used very was we were what when where whether which while who whom whose why will with
    would you your us""".split()
)

# country: demonym, capital or seat of government, short forms. Names that news writing swaps.
_COUNTRIES = """
united states: american americans america washington
russia: russian russians moscow kremlin
north korea: north+korean north+koreans pyongyang
south korea: south+korean south+koreans seoul
china: chinese beijing
ukraine: ukrainian ukrainians kyiv kiev
japan: japanese tokyo
iran: iranian iranians tehran
israel: israeli israelis jerusalem
india: indian indians delhi new+delhi
pakistan: pakistani pakistanis islamabad
taiwan: taiwanese taipei
germany: german germans berlin
france: french paris
united kingdom: british britain britons london
european union: brussels
united nations:
turkey: turkish turks ankara
poland: polish poles warsaw
italy: italian italians rome
spain: spanish madrid
canada: canadian canadians ottawa
mexico: mexican mexicans
brazil: brazilian brazilians brasilia
australia: australian australians canberra
saudi arabia: saudi saudis riyadh
syria: syrian syrians damascus
iraq: iraqi iraqis baghdad
afghanistan: afghan afghans kabul
egypt: egyptian egyptians cairo
belarus: belarusian belarusians minsk
vietnam: vietnamese hanoi
philippines: philippine filipino filipinos manila
indonesia: indonesian indonesians jakarta
sweden: swedish swedes stockholm
finland: finnish finns helsinki
norway: norwegian norwegians oslo
netherlands: dutch hague
greece: greek greeks athens
hungary: hungarian hungarians budapest
europe: european europeans
asia: asian asians
"""


# Months with their short forms; not with a country's mark, since Jan and April name persons too.
_MONTHS = (
    "january:jan february:feb april:apr august:aug september:sep,sept october:oct november:nov "
    "december:dec"
)


def _name_table() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in _COUNTRIES.strip().splitlines():
        country, _, names = line.partition(":")
        term = "@" + country.replace(" ", "-")
        for name in [country, *(n.replace("+", " ") for n in names.split())]:
            table[name] = term
    table |= dict.fromkeys(("percent", "per cent", "percentage"), "#percent")
    for line in _MONTHS.split():
        month, _, short = line.partition(":")
        table |= dict.fromkeys((month, *short.split(",")), f"#{month}")
    return table


_TERM_OF_NAME = _name_table()
_NAME = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _TERM_OF_NAME), key=len, reverse=True)) + r")\b"
)
# Acronyms count only as written: "us" is a pronoun and "Un" part of a person's name.
_ACRONYMS = {
    "US": "united states",
    "USA": "united states",
    "UN": "united nations",
    "EU": "european union",
    "UK": "united kingdom",
    "DPRK": "north korea",
    "ROK": "south korea",
    "PRC": "china",
}
_ACRONYM = re.compile(r"\b(?:U\.?S\.?A|U\.?S|U\.?N|E\.?U|U\.?K|DPRK|ROK|PRC)\b\.?(?!\w)")


# Number words and their digits; "one" mostly counts nothing.
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve".split(), start=2
    )
}


def fold(text: str) -> str:
    """Lower-case a text and take its accents off."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower()


@functools.lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Cut a folded word to its stem (Porter 1980, as the BM25 index does)."""
    return str(_stemmer().stemWord(word))


@functools.cache
def _stemmer():  # type: ignore[no-untyped-def] # noqa: ANN202
    import snowballstemmer

    return snowballstemmer.stemmer("porter")


def without_possessive(word: str) -> str:
    """Write ``Rutte's`` as ``Rutte``."""
    return _POSSESSIVE.sub("", word)


def words(text: str) -> list[str]:
    """List the folded words of a text, possessive endings dropped."""
    return [without_possessive(match) for match in _WORD.findall(fold(text))]


@functools.lru_cache(maxsize=16384)
def terms(text: str) -> tuple[str, ...]:
    """List a text's content terms in order: stems, with the names of a country made one term."""
    return tuple(term for term, _ in content_words(text))


def content_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield (term, word in its base form or name, folded) for each content word, in order."""
    folded = fold(_ACRONYM.sub(lambda m: f" {_ACRONYMS[m.group().replace('.', '')]} ", text))
    folded = folded.replace("%", " percent ")
    last = 0
    for match in _NAME.finditer(folded):
        yield from _plain_words(folded[last : match.start()])
        yield _TERM_OF_NAME[match.group()], match.group()
        last = match.end()
    yield from _plain_words(folded[last:])


def _plain_words(folded: str) -> Iterator[tuple[str, str]]:
    for found in _WORD.findall(folded):
        word = without_possessive(found)
        base = IRREGULAR.get(word, word)
        if word in STOP_WORDS or base in STOP_WORDS:
            continue
        if stemmed := NUMBERS.get(word) or stem(base):
            yield stemmed, base


def names_of(term: str) -> tuple[str, ...]:
    """List what is written for a country, a month or percent; empty for any other term."""
    if not term.startswith(("@", "#")):
        return ()
    written = {name for name, found in _TERM_OF_NAME.items() if found == term}
    for acronym, name in _ACRONYMS.items():
        if _TERM_OF_NAME[name] == term:
            written |= {acronym.lower(), " ".join(acronym.lower())}
    return tuple(sorted(written))


def stems_of(term: str) -> tuple[str, ...]:
    """List the stems an index keeps for a term: of a country's one-word names, of all forms."""
    if names := names_of(term):
        return tuple(stem(name) for name in names if " " not in name)
    return _stems_of_forms().get(term, (term,))


@functools.cache
def _stems_of_forms() -> dict[str, tuple[str, ...]]:
    stems: dict[str, dict[str, None]] = {}
    for base in sorted(set(IRREGULAR.values())):
        stems.setdefault(stem(base), {}).update(dict.fromkeys(map(stem, forms_of(base))))
    return {found: tuple(forms) for found, forms in stems.items()}
