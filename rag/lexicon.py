"""Words with a job in a statement: function words, negations, hedges and opposites."""

from __future__ import annotations

from rag.terms import stem


def word_set(table: str) -> frozenset[str]:
    """Read a table of words that are separated by white space."""
    return frozenset(table.split())


# Words that carry no claim of their own. Negations and modal verbs are among them, because the
# checks below compare those by themselves.
STOP_WORDS = word_set(
    """
    a about above according after again against all also although am among an and any are
    aren't around as at be because been before being below between both but by can can't cannot
    could couldn't did didn't do does doesn't doing don't down during each either else even
    ever for from further had hadn't has hasn't have haven't having he he's her here hers
    herself him himself his how however i if in indeed into is isn't it it's its itself just
    like may me might more most must my myself neither no nor not now of off on once only onto
    or other our ours ourselves out over own per quite rather s said same say saying says shall
    she should shouldn't since so some such t tell tells than that that's the their theirs them
    themselves then there these they this those though through thus to told too toward towards
    under until up upon us very was wasn't we were weren't what when where whether which while
    who whom whose why will with within without won't would wouldn't yet you your yours
    """
)

# "denied", "refused": the act is negated without the word "not".
NEGATIONS = word_set(
    """
    not no never none nobody nothing neither nor without cannot denied denies deny denying failed
    fails fail failing refused refuses refuse refusing refute refuted rejected rejects reject
    declined declines lacks lacked lack unable hardly barely
    """
)

# A hedge that has a holder: "Seoul believes" is no fact, but "Seoul says" repeats it fairly.
ATTITUDES = word_set(
    """
    allege alleges suspects suspect expects expect estimates estimate estimated believes believe
    believed thinks thought suggests suggested assumes assumed assume predicts predicted intends
    hopes hoped hope claims claimed claim expected alleged
    """
)

# Words that keep a statement from being a statement of fact, by how they weaken it.
HEDGES = ATTITUDES | word_set(
    """
    may might could possibly perhaps maybe likely unlikely probably potentially potential possible
    apparently seemingly reportedly allegedly supposedly purportedly rumored rumoured suspected
    forecast projected plans planned planning proposed if unless appears appear appeared seems seem
    seemed unconfirmed unclear speculated
    """
)

# Stems that cannot both be true of the same thing. One line a contrast, two sides.
_OPPOSITE_TABLE = """
increase rise grow gain climb surge expand soar | decrease decline fall drop shrink reduce cut
win won victory | lose lost defeat
support back endorse favor favour approve | oppose reject condemn criticize veto
accept agree | refuse decline disagree
confirm admit acknowledge | deny refute
strengthen bolster boost | weaken undermine erode
allow permit enable let | ban prohibit forbid prevent block
begin start launch open | end stop finish close cease
before prior earlier | after later following
first | last
more higher larger greater bigger above over | fewer less lower smaller below under
best better | worst worse
largest biggest highest most | smallest lowest least
male man men boy father son husband brother | female woman women girl mother daughter wife sister
alive survive live born | dead die kill death
true correct | false incorrect wrong
legal lawful | illegal unlawful
guilty convict | innocent acquit
buy purchase | sell sold
friend ally | enemy foe rival
north northern | south southern
east eastern | west western
arrive enter | leave depart exit
hire appoint | fire dismiss
always | never
public | private
positive | negative
success succeed | fail failure
likely | unlikely
remember | forget
love like | hate dislike
early | late
old older | young younger new
many numerous | few
"""


def _read_opposites(table: str) -> dict[str, tuple[str, ...]]:
    opposites: dict[str, tuple[str, ...]] = {}
    for line in table.strip().splitlines():
        left, right = (tuple(map(stem, side.split())) for side in line.split("|"))
        for one, other in ((left, right), (right, left)):
            for word in one:
                opposites[word] = (*opposites.get(word, ()), *other)
    return opposites


OPPOSITES = _read_opposites(_OPPOSITE_TABLE)
