"""Names for the people of the invented stories, in which everybody is a slot.

A name drawn anew with each reading is one that a model cannot learn by heart.
"""

from __future__ import annotations

import random
import re

_SLOT = re.compile(r"\{([MF]\d)( full)?\}")
_GIVEN = {
    "M": (
        "Adam Ahmed Alan Andrei Anton Arjun Ben Carlos Daniel David Emeka Erik Felix Georg Goran "
        "Hamid Hans Henry Hiroshi Hugo Igor Ivan Jakob James Jan Javier Joao John Jose Kenji Kofi "
        "Lars Leo Luca Marek Mario Mark Martin Matteo Michael Milan Nikos Oleg Omar Oscar Pablo "
        "Paul Pedro Peter Pierre Rafael Rahul Robert Samuel Sergio Simon Stefan Tariq Thomas "
        "Tomas Victor Wei William Yusuf Zoran"
    ).split(),
    "F": (
        "Agnes Aisha Alice Amina Ana Anna Anya Astrid Beatriz Camila Carmen Chiara Clara Claire "
        "Daniela Elena Elif Emma Eva Fatima Fiona Frida Gabriela Grace Greta Hana Helena Ines "
        "Ingrid Irina Isabel Jana Joan Julia Karin Katarina Keiko Laila Laura Leila Lena Linda "
        "Lucia Maja Maria Marta Mei Mina Mira Nadia Nina Nora Olga Petra Priya Rachel Rosa Ruth "
        "Sara Silvia Sofia Susan Tamara Teresa Vera Yasmin Zofia"
    ).split(),
}
_SURNAMES = (
    "Abbott Adeyemi Ahmadi Almeida Andersson Aoki Baker Banerjee Bauer Becker Berg Bianchi Brandt "
    "Brooks Campos Carter Castillo Chandra Conti Costa Cruz Dahl Delgado Diaz Dixon Dubois "
    "Eriksen Farrell Ferrari Fischer Flores Fontaine Foster Fuentes Garcia Gibson Gomez Graham "
    "Gruber Gupta Haddad Hansen Hassan Hayes Hoffmann Holm Horvat Hughes Ibrahim Ito Jansen "
    "Jensen Kamara Kaplan Karlsson Kaya Keller Khan Klein Koch Kumar Lambert Larsen Laurent "
    "Lopez Lund Mansour Marino Marsh Martins Mendes Mensah Meyer Mills Moreau Morris Mueller "
    "Murphy Nagy Nakamura Navarro Nguyen Nielsen Novak Nowak Okafor Okoye Olsen Ortega Osei "
    "Parker Patel Pereira Petersen Quinn Rahman Ramos Reyes Ricci Rossi Roux Russo Saleh Santos "
    "Sato Schmidt Schneider Sharma Silva Singh Sokolov Sousa Suzuki Svensson Tanaka Tran Turner "
    "Vargas Vega Vogel Walsh Weber Winter Wolf Yamada Yilmaz Zhang Zimmermann"
).split()


def named(text: str, rng: random.Random) -> str:
    """Fill each slot: ``{F1}`` with a surname, ``{F1 full}`` with a woman's given name before it.

    The same slot gets the same name all through a text, and no two the same.
    """
    slots = sorted({found.group(1) for found in _SLOT.finditer(text)})
    free = [name for name in _SURNAMES if not re.search(rf"\b{name}\b", text)]
    people = {
        slot: (rng.choice(_GIVEN[slot[0]]), surname)
        for slot, surname in zip(slots, rng.sample(free, len(slots)), strict=True)
    }

    def name_of(found: re.Match[str]) -> str:
        given, surname = people[found.group(1)]
        return f"{given} {surname}" if found.group(2) else surname

    return _SLOT.sub(name_of, text)
