"""Find names in running text, and tell whose they are: a person's, a country's, a body's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.lexicon import word_set
from rag.nations import ALIASES, SEATS

_SHORT_COUNTRY_FORMS = frozenset({"America", "Britain", "US", "U.S.", "USA", "UK", "U.K."})

# A name with one of these words is an institution's, never a person's.
INSTITUTION_WORDS = word_set(
    """
    Academy Administration Aerospace AG Agency Airlines Airways Alliance Analytics Army Assembly
    Association Authority Bancorp Bank Bioscience Biosciences Biotech Board Brewery Bureau
    Cabinet Campaign Capital Center Centre Chamber Chemicals Chiefs Church City College Command
    Commission Committee Communications Company Components Conference Congress Consortium
    Consulting Cooperative Corp Corporation Council County Court Department Dynamics Electronics
    Embassy Energy Entertainment Federation Financial Foods Force Forces Foundation Fund GmbH
    Government Group Holding Holdings Hospital House Inc Industries Inspectorate Institute
    Institution Insurance Intelligence Investments Journal Laboratories Laboratory Labs League
    Lines LLC Logistics Ltd Magazine Media Metals Minerals Mining Ministry Monitor Motors Museum
    Nations Navy Network Networks News Observatory Office Organisation Organization Partners
    Party Petroleum Pharma Pharmaceuticals Pharmacy Pictures Plc Police Post Press Program
    Programme Project Publishing Radio Railway Railways Reserve Resources Review Robotics School
    Secretariat Securities Semiconductor Semiconductors Senate Service Shipbuilders Shipping
    Shipyard Shipyards Society Software Solutions Staff Star State States Street Studios
    Syndicate System Systems Technologies Technology Telecom Telegraph Television Terminals
    Therapeutics Times Tribunal Tribune Trust Union University Ventures Week Works Yard Yards
    """
)

# Words that stand before a person's name without being part of it.
TITLES = word_set(
    """
    Admiral Advisor Adviser Ambassador Analyst Archbishop Attorney Author Baroness Bishop
    Brigadier Capt Captain CEO CFO Chairman Chairwoman Chancellor Chief Chairperson Co-founder
    Col Colonel Commander Commissioner Congressman Congresswoman Coordinator Correspondent
    Councillor Counsel Dame Democrat Deputy Detective Director Doctor Dr Emperor Executive
    Father First Former Founder Gen General Gov Governor Head Imam Inspector Judge Justice King
    Lady Leader Lieutenant Lord Lt Maj Major Manager Marshal Master Mayor Minister Miss Mr Mrs
    Ms Officer Opposition Police Pope President Premier Prime Prince Princess Principal Prof
    Professor Queen Rabbi Rep Representative Republican Rev Reverend Secretary
    Secretary-General Sen Senator Senior Sergeant Sgt Sheikh Sheriff Sir Speaker Spokesman
    Spokeswoman Spokesperson Strategist Supreme Sultan Treasurer Vice Vice-President
    Washington-based Foreign Defence Defense Finance Interior Health Education Prosecutor
    Lawyer Researcher Scientist Economist Historian Coach Campaign Party Press National
    Security Top Candidate Nominee Mother Brother Sister Engineer Actor Actress Writer Singer
    Activist Veteran Journalist Columnist Reporter Editor Host Comedian Quarterback Goalkeeper
    Midfielder Astronaut Musician Rapper Novelist Poet Photographer Filmmaker Entrepreneur
    Billionaire Physician Epidemiologist Meteorologist Astronomer Physicist Biologist Paramedic
    Firefighter Resident
    """
)

# A possessive ends a name: "Kim's regime" is two things.
_ABBREVIATED = r"(?:Mr|Mrs|Ms|Dr|Gen|Sen|Gov|Rep|Lt|Col|Capt|Prof|Rev|Sgt|St)\.|(?:[A-Z]\.)+"
_CAPITALISED = rf"(?:{_ABBREVIATED}|(?:al-)?[A-ZÀ-ÖØ-Þ]\w*(?:['’](?!s\b)\w+|[-.]\w+)*)"
_LINK = r"(?:(?:of|for)(?: the)?|de|da|del|della|di|du|van|von|der|den|bin|al|el|&)"
_NAME = re.compile(
    rf"(?<![\w.])(?:The )?{_CAPITALISED}(?:[ \u00a0]+(?:{_LINK}[ \u00a0]+)?{_CAPITALISED}){{0,9}}"
)

# Capitalised at the head of a sentence, yet no names.
_OPENERS = word_set(
    """
    A About According Above Across Added Adding After Against Ahead All Along Already Also
    Although Among Amid An And Another Any Anyone Apart Are As Asked At Back Based Because
    Before Being Between Beyond Both But By Can Citing Clearly Could Critics Despite Did Do
    Does During Each Earlier Either Even Every Everyone Everything Experts Few Finally First
    Following For Four From Further Furthermore Given Had Half Has Have Having He Hence Her
    Here Hers Him His How However I If In Incidentally Indeed Initially Instead Into Is It Its
    Just Last Later Like Many Maybe Meanwhile Moreover More Most Much My Neither Never
    Nevertheless Next No Nobody None Nor Not Nothing Notably Now Of Officials On Once One Only
    Or Other Others Otherwise Our Out Over Overall People Perhaps Predictably Rather Recent
    Recently Reportedly Responding Reports Second Secondly Several Shall She Should
    Significantly Similarly Since So Some Someone Soon Speaking Still Such Than That The Their
    Them Then There Thereby These They Third This Those Though Three Through Throughout Thus To
    Today Together Tomorrow Tonight Too Two Under Unless Unlike Until Up Upon Us Very Was We
    Were What Whatever When Whenever Where Whereas Whether Which While Who Whoever Whose Why
    Will With Within Without Would Yes Yesterday Yet You Your
    """
)


@dataclass(frozen=True, slots=True)
class Name:
    """A capitalised name and where it stands."""

    text: str
    start: int
    end: int

    @property
    def words(self) -> tuple[str, ...]:
        """The name's words."""
        return tuple(self.text.split())


# A word of these tells that a name is a newspaper's, an agency's or a broadcaster's.
OUTLET_WORDS = (
    "Advertiser|Argus|Bee|Bloomberg|Broadcasting|Bulletin|Chronicle|Courier|Daily|"
    "Dispatch|Economist|Examiner|Express|Gazette|Globe|Guardian|Herald|Independent|Inquirer|"
    "Insider|Journal|Ledger|Magazine|Mail|Media|Mercury|Mirror|Monitor|Monthly|News|Newspapers?|"
    "Observer|Politico|Post|Press|Quarterly|Radio|Record|Register|Reuters|Review|Sentinel|Spiegel|"
    "Standard|Star|Sun|Telegraph|Times|Today|Tribune|Weekly|Wire|"
    "AFP|AP|BBC|CNN|DPA|KCNA|NPR|TASS|UPI|Xinhua|Yonhap"
)
_OUTLET = re.compile(rf"\b(?<!Medical )(?:{OUTLET_WORDS})\b")


def names(text: str) -> Iterator[Name]:
    """Yield the runs of capitalised words, without sentence openers such as ``However``."""
    for match in _NAME.finditer(text):
        start, end = _trim(text, match.start(), match.end())
        if start < end:
            yield Name(text[start:end], start, end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    words = list(re.finditer(r"[^ \u00a0]+", text[start:end]))
    while words and words[0].group() in _OPENERS and not _is_named(text[start:end], words):
        words.pop(0)
        while words and words[0].group() in ("of", "for", "the"):  # "Critics of X" names X
            words.pop(0)
    while words and (words[-1].group() in _OPENERS or words[-1].group().islower()):
        words.pop()
    if not words:
        return start, start
    return start + words[0].start(), start + words[-1].end()


def _is_named(run: str, words: list[re.Match[str]]) -> bool:
    """Tell whether an opening ``The`` belongs to the name, as in The New York Times."""
    return words[0].group() == "The" and len(words) > 1 and words[-1].group() in INSTITUTION_WORDS


def strip_titles(name: Name) -> Name:
    """Drop what precedes the person in ``NATO Secretary General Mark Rutte``; keep bare titles."""
    words = list(re.finditer(r"\S+", name.text))
    titles = [i for i, word in enumerate(words) if word.group().strip(".,") in TITLES]
    first = titles[-1] + 1 if titles else 0
    while first < len(words) - 2 and words[first].group() in ("of", "for"):
        first += 2  # Secretary of State Antony Blinken
    if not titles or first >= len(words) or words[first].group().islower():
        return name
    offset = words[first].start()
    return Name(name.text[offset:], name.start + offset, name.end)


def is_country(name: Name) -> bool:
    """Tell a country from its people: ``Russia``, not ``Russian``."""
    key = ALIASES.get(name.text)
    plain = name.text.replace(" ", "").replace(".", "").lower()
    return key is not None and (key == plain or name.text in _SHORT_COUNTRY_FORMS)


def is_outlet(name: Name) -> bool:
    """Tell whether the name is a newspaper's, an agency's or a broadcaster's, by its words."""
    return bool(_OUTLET.search(name.text))


def is_institution(name: Name) -> bool:
    """Tell whether the name is a country's, a government's or an organisation's."""
    words = name.words
    if name.text in ALIASES or name.text in SEATS or words[-1] in SEATS:
        return True
    acronym = len(words) == 1 and words[0].isupper() and len(words[0]) > 1
    return acronym or any(word in INSTITUTION_WORDS for word in words)
