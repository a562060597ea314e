"""Irregular forms and British spellings of words, which no rule of stemming brings together."""

from __future__ import annotations

from rag.spelling import AMERICAN

# Those that news uses, each line led by the form they are compared as. Left out is what mostly
# means something else: "lay", "ground", "wound", "leaves".
_TABLE = """
arise arose arisen
awake awoke
bear borne
become became
begin began begun
bend bent
bind bound
bite bitten
bleed bled
blow blew blown
break broke broken
bring brought
build built
burn burnt
buy bought
catch caught
choose chose chosen
cling clung
come came
creep crept
deal dealt
die died dying
dig dug
draw drew drawn
drink drank drunk
drive drove driven
eat ate eaten
fall fell fallen
feed fed
feel felt
fight fought
find found
flee fled
fly flew flown
forbid forbade forbidden
foresee foresaw foreseen
forget forgot forgotten
forgive forgave forgiven
freeze froze frozen
give gave given
go went gone
grow grew grown
hang hung
hide hid hidden
hold held
keep kept
know knew known
lead led
learn learnt
leave left
lend lent
lie lain lying
lose lost
make made
mean meant
meet met
mislead misled
overcome overcame
oversee oversaw overseen
overtake overtook overtaken
overthrow overthrew overthrown
pay paid
prove proven
repay repaid
ride rode ridden
ring rang rung
rise rose risen
run ran
see saw seen
seek sought
sell sold
send sent
shake shook shaken
shoot shot
show shown
shrink shrank shrunk
sing sang sung
sink sank sunk
sleep slept
speak spoke spoken
spend spent
spin spun
stand stood
steal stole stolen
stick stuck
strike struck stricken
swear swore sworn
sweep swept
swell swollen
swim swam swum
swing swung
take took taken
teach taught
tear tore torn
think thought
throw threw thrown
undergo underwent undergone
understand understood
undertake undertook undertaken
uphold upheld
wear wore worn
win won
withdraw withdrew withdrawn
withhold withheld
write wrote written
child children
crisis crises
foot feet
half halves
knife knives
life lives
loaf loaves
man men
person people
tooth teeth
wife wives
wolf wolves
woman women
"""
_FORMS = {base: tuple(forms) for base, *forms in map(str.split, _TABLE.strip().splitlines())}
_FORMS |= {american: (british,) for british, american in AMERICAN.items()}
IRREGULAR = {form: base for base, forms in _FORMS.items() for form in forms}


def forms_of(base: str) -> tuple[str, ...]:
    """List a word with its irregular forms and its British spelling; mostly the word alone."""
    return (base, *_FORMS.get(base, ()))
