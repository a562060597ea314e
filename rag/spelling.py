"""British spellings with the American ones, so that "defence" finds "defense" and the reverse.

A table and no rules: "promise" and "four" must stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterator

# color, colors, colored ...: what stands before "our", and what may stand behind it.
_OUR = (
    "ard arm behavi cand clam col demean dishon endeav fav ferv flav glam harb hon hum lab "
    "misdemean neighb od parl ranc rig rum sav splend succ tum val vap vig"
).split()
_BEHIND_OUR = (
    "s ed ing able ably al ally er ers hood hoods ful fully less ing ite ites ism y".split()
)
# The verbs in "ise", without those that all spell so ("advise", "promise").
_ISE = (
    "agon amort antagon apolog author capital categor central character civil colon commercial "
    "computer critic crystall custom decentral decriminal dehuman demilitar democrat demon demoral "
    "denuclear destabil digit econom emphas energ equal familiar fertil final formal "
    "fratern general global harmon hospital hypothes ideal immobil immun industrial "
    "institutional internal international item jeopard legal legitim liberal local marginal "
    "maxim mechan memor militar minim mobil modern monopol national neutral normal optim organ "
    "ostrac patron penal personal polar politic popular prior privat public radical rational real "
    "recogn reorgan revital revolution sanit scrutin secular sensit social special stabil standard "
    "steril stigmat subsid summar symbol sympath synchron synthes terror theor token tranquil "
    "trivial urban util vandal victim visual weapon western"
).split()
_BEHIND_ISE = "e es ed ing er ers ation ations ational able".split()
_YSE = ("anal", "catal", "electrol", "paral")
_RE = "calib cent centimet fib kilomet lit lust meag met millimet sab somb spect theat".split()
_ALONE = """
defence defense
defences defenses
defenceless defenseless
offence offense
offences offenses
pretence pretense
licence license
licences licenses
practise practice
practised practiced
practising practicing
programme program
programmes programs
grey gray
tyre tire
tyres tires
plough plow
ploughs plows
ploughed plowed
sceptic skeptic
sceptics skeptics
sceptical skeptical
scepticism skepticism
aluminium aluminum
kerb curb
mould mold
mouldy moldy
smoulder smolder
smouldering smoldering
artefact artifact
artefacts artifacts
enquiry inquiry
enquiries inquiries
fulfil fulfill
fulfils fulfills
fulfilment fulfillment
enrol enroll
enrols enrolls
enrolment enrollment
instalment installment
instalments installments
judgement judgment
judgements judgments
cosy cozy
paediatric pediatric
paediatrician pediatrician
paediatricians pediatricians
foetus fetus
foetal fetal
leukaemia leukemia
anaemia anemia
haemorrhage hemorrhage
catalogue catalog
catalogues catalogs
catalogued cataloged
fuelled fueled
fuelling fueling
refuelled refueled
refuelling refueling
jewellery jewelry
aeroplane airplane
aeroplanes airplanes
moustache mustache
pyjamas pajamas
wilful willful
skilful skillful
councillor councilor
councillors councilors
manoeuvre maneuver
manoeuvres maneuvers
manoeuvred maneuvered
manoeuvring maneuvering
counsellor counselor
counsellors counselors
mediaeval medieval
"""


def _pairs() -> Iterator[tuple[str, str]]:
    for root in _OUR:
        for ending in ("", *_BEHIND_OUR):
            yield f"{root}our{ending}", f"{root}or{ending}"
    for root in _ISE:
        for ending in _BEHIND_ISE:
            yield f"{root}is{ending}", f"{root}iz{ending}"
    for root in _YSE:
        for ending in ("e", "ed", "ing", "er", "ers"):
            yield f"{root}ys{ending}", f"{root}yz{ending}"
    for root in _RE:
        for british, american in (("re", "er"), ("res", "ers"), ("red", "ered")):
            yield f"{root}{british}", f"{root}{american}"
    for line in _ALONE.strip().splitlines():
        british, american = line.split()
        yield british, american


AMERICAN = dict(_pairs())  # by the British spelling
