"""Countries, bodies and capitals, and folding their forms: ``U.S.`` and ``American`` to one key."""

from __future__ import annotations

import re

from rag.lexicon import word_set

# One line per country or body: the key, then the forms that mean it, its own name first.
# Demonyms share the key of their country, because news writes "Russian troops" and "Russia's
# troops" for the same thing. Capitals are left out: "Moscow said" names a government, "in Moscow"
# a city. No key is a word of its own: "us" is a pronoun and "un" part of a name.
_ALIAS_TABLE = """
unitedstates: United_States US U.S U.S. USA U.S.A. America American Americans
unitedkingdom: United_Kingdom UK U.K U.K. Britain British Briton Britons
unitednations: United_Nations UN U.N U.N.
europeanunion: European_Union EU E.U.
northkorea: North_Korea DPRK North_Korean North_Koreans
southkorea: South_Korea ROK South_Korean South_Koreans
unitedarabemirates: United_Arab_Emirates UAE U.A.E. Emirati Emiratis
saudiarabia: Saudi_Arabia Saudi Saudis
newzealand: New_Zealand New_Zealander New_Zealanders
southafrica: South_Africa South_African South_Africans
srilanka: Sri_Lanka Sri_Lankan Sri_Lankans
czechia: Czechia Czech Czechs Czech_Republic
afghanistan: Afghanistan Afghan Afghans
argentina: Argentina Argentine Argentinian
australia: Australia Australian Australians
austria: Austria Austrian Austrians
bangladesh: Bangladesh Bangladeshi Bangladeshis
belarus: Belarus Belarusian Belarusians
belgium: Belgium Belgian Belgians
brazil: Brazil Brazilian Brazilians
bulgaria: Bulgaria Bulgarian Bulgarians
canada: Canada Canadian Canadians
chile: Chile Chilean Chileans
china: China Chinese PRC
colombia: Colombia Colombian Colombians
cuba: Cuba Cuban Cubans
denmark: Denmark Danish Dane Danes
egypt: Egypt Egyptian Egyptians
england: England English
estonia: Estonia Estonian Estonians
ethiopia: Ethiopia Ethiopian Ethiopians
europe: Europe European Europeans
finland: Finland Finnish Finn Finns
france: France French
germany: Germany German Germans
greece: Greece Greek Greeks
hungary: Hungary Hungarian Hungarians
india: India Indian Indians
indonesia: Indonesia Indonesian Indonesians
iran: Iran Iranian Iranians
iraq: Iraq Iraqi Iraqis
ireland: Ireland Irish
israel: Israel Israeli Israelis
italy: Italy Italian Italians
japan: Japan Japanese
jordan: Jordan Jordanian Jordanians
kenya: Kenya Kenyan Kenyans
latvia: Latvia Latvian Latvians
lebanon: Lebanon Lebanese
libya: Libya Libyan Libyans
lithuania: Lithuania Lithuanian Lithuanians
malaysia: Malaysia Malaysian Malaysians
mexico: Mexico Mexican Mexicans
morocco: Morocco Moroccan Moroccans
netherlands: Netherlands Dutch
nigeria: Nigeria Nigerian Nigerians
norway: Norway Norwegian Norwegians
pakistan: Pakistan Pakistani Pakistanis
palestine: Palestine Palestinian Palestinians
philippines: Philippines Philippine Filipino Filipinos
poland: Poland Polish Pole Poles
portugal: Portugal Portuguese
qatar: Qatar Qatari Qataris
romania: Romania Romanian Romanians
russia: Russia Russian Russians
scotland: Scotland Scottish Scots
singapore: Singapore Singaporean Singaporeans
spain: Spain Spanish Spaniard Spaniards
sudan: Sudan Sudanese
sweden: Sweden Swedish Swede Swedes
switzerland: Switzerland Swiss
syria: Syria Syrian Syrians
taiwan: Taiwan Taiwanese
thailand: Thailand Thai Thais
turkey: Turkey Türkiye Turkish Turk Turks
ukraine: Ukraine Ukrainian Ukrainians
venezuela: Venezuela Venezuelan Venezuelans
vietnam: Vietnam Vietnamese
yemen: Yemen Yemeni Yemenis
"""


def _read_aliases(table: str) -> dict[str, str]:
    rows = (line.split(": ") for line in table.strip().splitlines())
    return {form.replace("_", " "): key for key, forms in rows for form in forms.split()}


ALIASES = _read_aliases(_ALIAS_TABLE)
COUNTRY_KEYS = frozenset(ALIASES.values())
_WRITTEN = {key: form for form, key in reversed(ALIASES.items())}

# Capitals and palaces that stand for a government, by the key of its state.
_SEAT_TABLE = """
afghanistan: Kabul
australia: Canberra
belarus: Minsk
canada: Ottawa
china: Beijing
cuba: Havana
egypt: Cairo
finland: Helsinki
france: Paris
germany: Berlin
greece: Athens
hungary: Budapest
india: Delhi
indonesia: Jakarta
iran: Tehran
iraq: Baghdad
italy: Rome
japan: Tokyo
northkorea: Pyongyang
norway: Oslo
pakistan: Islamabad
poland: Warsaw
russia: Moscow Kremlin
saudiarabia: Riyadh
southkorea: Seoul
spain: Madrid
sweden: Stockholm
syria: Damascus
taiwan: Taipei
turkey: Ankara
ukraine: Kyiv Kiev
unitedkingdom: London
unitedstates: Washington
venezuela: Caracas
vietnam: Hanoi
"""
STATE_OF_SEAT = _read_aliases(_SEAT_TABLE)
# What stands for a government when it speaks.
SEATS = frozenset(STATE_OF_SEAT) | word_set(
    "Brussels Jerusalem Pentagon NATO Congress Senate Parliament"
)


def unfold(word: str) -> str:
    """Write a country's key as its name; return any other word as it is."""
    return _WRITTEN.get(word, word)


def fold(text: str) -> str:
    """Replace each country, people and body by its key: ``South Korean`` by ``southkorea``."""
    return _FOLDABLE.sub(_fold_match, text)


_FOLDABLE = re.compile(r"(?<![\w.])(?:[A-Z]\.){2,3}|[A-ZŒ]\w+(?: [A-Z][a-z]+){0,2}")


def _fold_match(match: re.Match[str]) -> str:
    words = match.group().split(" ")
    folded: list[str] = []
    while words:
        size = next((n for n in (3, 2, 1) if " ".join(words[:n]) in ALIASES), 0)
        folded.append(ALIASES[" ".join(words[:size])] if size else words[0])
        del words[: size or 1]
    return " ".join(folded)
