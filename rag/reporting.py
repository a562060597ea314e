"""The vocabulary of reported speech: verbs, sources, and the shapes a speaker comes in.

The patterns are for one sentence whose quotations are masked with ``·``.
"""

from __future__ import annotations

import re

from rag.lexicon import word_set
from rag.presented import OFFICES

# Verbs of saying, one a line: the lemma, then its forms.
_SAYING_TABLE = """
say said says
tell told tells
write wrote writes
add added adds
explain explained explains
report reported
confirm confirmed confirms
deny denied denies
announce announced announces
warn warned warns
argue argued argues argue
note noted notes
insist insisted insists insist
acknowledge acknowledged acknowledges
admit admitted admits
declare declared declares
reply replied replies
ask asked asks
remark remarked remarks
comment commented comments
observe observed observes
stress stressed stresses
emphasize emphasized emphasizes emphasised emphasises
highlight highlighted highlights
allege alleged alleges allege
assert asserted asserts
contend contended contends contend
concede conceded concedes
complain complained complains
predict predicted predicts
caution cautioned cautions
testify testified testifies
tweet tweeted tweets
conclude concluded concludes
suggest suggested suggests
believe believed believes believe
think thought thinks think
expect expected expects
estimate estimated estimates estimate
hope hoped hopes hope
fear feared fears fear
analyze analyzed analyzes analysed
inform informed informs
pledge pledged pledges
vow vowed vows
urge urged urges
accuse accused accuses
criticize criticized criticizes criticised
quip quipped quips
joke joked jokes
recall recalled recalls
continue continued
indicate indicated indicates
point pointed
cite cited cites
"""

# Verbs that report only when a quotation or "that" follows.
_CONTENT_TABLE = """
call called calls
describe described describes
hail hailed hails
list listed lists
show showed shows
find found finds
see saw sees
praise praised praises
view viewed views
learn learned learns
know knew knows
feel felt feels
consider considered considers
propose proposed proposes
recommend recommended recommends
report reports report
state stated states
claim claimed claims claim
maintain maintained maintains maintain
reveal revealed reveals
agree agreed agrees
respond responded responds
promise promised promises
"""

_PARTICIPLE_TABLE = """
say saying
state stating
add adding
warn warning
note noting
claim claiming
argue arguing
tell telling
write writing
explain explaining
insist insisting
declare declaring
stress stressing
"""


def _read_forms(table: str) -> dict[str, str]:
    lines = (line.split() for line in table.strip().splitlines())
    return {form: line[0] for line in lines for form in line[1:] or line}


SAYING = _read_forms(_SAYING_TABLE)
SAYING_WITH_CONTENT = _read_forms(_CONTENT_TABLE)
PARTICIPLES = _read_forms(_PARTICIPLE_TABLE)
# These are followed by their speaker: "…," said Corr.
INVERTIBLE = word_set(
    "said says say added adds wrote writes asked asks explained explains warned argued noted"
    " stated insisted replied tweeted joked quipped declared reported recalled continued"
)

VERB = re.compile(rf"\b(?:{'|'.join({**SAYING, **SAYING_WITH_CONTENT, **PARTICIPLES})})\b")
# What may stand between subject and verb. "is" and "was" may not: "is said to" has no speaker.
ADVERBS = re.compile(
    r"(?:[ \u00a0]+(?:has|have|had|also|later|then|once|often|again|recently|even|still|previously"
    r"|officially|reportedly|repeatedly|strongly|firmly|has also|himself|herself|themselves|did"
    r"|initially|further|already|simply|both|all|[a-z]{3,}ly))*[ \u00a0]*$"
)
PRONOUN = re.compile(r"(?:^|(?<=\W))(?:he|she|they|it|He|She|They|It)$")
ACCORDING = re.compile(r"\b[Aa](?:ccording to|s per)[ \u00a0]+(?:the )?")
CONTENT = re.compile(
    r"[ \u00a0]*(?:(?:(?:for|on|in|at|again|to|\w+ly)\b[^,.;:·]{0,30} )?that\b|:"
    r"|,?[ \u00a0]*[\"“«‘'](?=·)|[\w ’'-]{1,40}(?<!such )(?<!well )\bas\b)"
)
QUOTE_OR_COMMA = re.compile(r"[,\"”»’'?!]['\"”’»]?[ \u00a0]*$")
QUOTE_BEFORE = re.compile(r"[\"”»’'·][,?!]?['\"”’»]?[ \u00a0]*$")
# Behind a speaker who follows the verb: nothing more is said in the clause …
CLAUSE_END = re.compile(
    r"['’]?[ \u00a0]*(?:$|[.,;:!?()—–\"“”]|- |(?:on )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)"
)
# … but where, when or who.
BESIDE_SPEAKER = re.compile(
    r"[ \u00a0](?:in|on|at|from|of|for|with|to|by|after|before|during|when|while|as|who|last|this"
    r"|later|earlier|yesterday|today|and)\b"
)
CLAUSE_START = re.compile(r"[\"”»][ \u00a0]+|[;:]\s|\b(?:but|and|while|although|as|when)[ \u00a0]")

SOURCES = (
    r"(?:officials?|experts?|analysts?|researchers?|scientists?|economists?|observers?|critics?"
    r"|sources?|spokes(?:man|woman|person|people|men)|representatives?|authorities|lawmakers?"
    r"|prosecutors?|investigators?|lawyers?|attorneys?|police|officers?|diplomats?|aides?"
    r"|advis[eo]rs?|supporters?|opponents?|activists?|historians?|commentators?|witnesses"
    r"|residents?|voters?|doctors?|ministers?|ministry|senators?|governors?|government"
    r"|administration|agency|agencies|commission|committee|council|court|judges?|campaign"
    r"|company|group|organi[sz]ation|union|military|army|newspaper|paper|magazine|outlet"
    r"|broadcaster|media|reports?|study|studies|survey|poll|article|statement|document|strategists?"
    r"|democrats|republicans|conservatives|liberals|leaders?|members?|scholars?|professors?"
    r"|writers?|authors?|teams?|reporters?|journalists?|editors?|people|others|some|many|most|father"
    r"|mother|president|chairman|directors?|executives?|teachers?|students?|parents?|presidency)"
)
# The words of a group before its noun: adjectives and names, never a preposition or a verb.
_NO_ADJECTIVE = (
    r"(?:with|as|per|in|of|at|by|for|from|to|on|over|into|but|and|or|is|are|was|were|has|have|had"
    r"|be|been|do|did|does|that|which|who|whom|what|how|when|while|if|because|after|before|about"
    r"|not|will|would|could|may|might|the|an?|his|her|their|he|she|it|they|we|i|you|this|these"
    r"|some|many|several|other|most|than|so|there)\b"
)
GROUP = re.compile(
    rf"(?:(?:^|(?<=[\s(\"“]))(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Tt]heir|[Ss]ome|[Mm]any|[Ss]everal"
    rf"|[Oo]ther|[Oo]ne|[Tt]wo|[Tt]hree|[Mm]ost|[Ss]enior|[Tt]op)[ \u00a0]+)?"
    rf"(?:(?<![\w’'-])(?!(?i:{_NO_ADJECTIVE}))(?:[A-Za-z][\w’'-]*|U\.S\.)[ \u00a0]+"
    rf"(?:and(?= [A-Z])[ \u00a0]+)?)"
    rf"{{0,4}}?\b(?i:{SOURCES})"
    rf"(?:[ \u00a0]+(?:in|at|from|of|by|with|for|on)[ \u00a0]+[^,;:\"“”–—]{{1,60}})?(?<! and)$"
)
# "Quill came on Monday and said": of a second verb.
SECOND_VERB = re.compile(r"(?<!,) and(?: \w+ly| also| then)?[ \u00a0]*$")
NAME_TAIL = re.compile(
    r"(?: ?\([A-Z]{2,8}\))?(?:[ \u00a0](?:of|in|at|from)[ \u00a0][^,;:\"“”]{1,40})?$"
)
# Before a name: it only belongs to the subject. "The rival of X", "aides to X", "nobody who met X".
DEPENDENT = re.compile(
    r"\b(?:of|for|to|about|with|near|against|than|like|between|nor|or|at|in|from"
    r"|(?:obtained|seen|reviewed) by|[Ww]ho(?: \w+){1,2})[ \u00a0]"
    r"(?:(?:the|an?|his|her|their|its)[ \u00a0])?$"
)
APPOSITION = re.compile(r"(?: \([^)]{1,40}\))?,[ \u00a0][^;:?!\n]{2,220}[,\"”·)][ \u00a0]*$")
LEADING_ROLE = re.compile(
    rf"(?:(?!{_NO_ADJECTIVE})[a-z][\w’'-]*[ \u00a0]+(?:(?:and|at large)[ \u00a0]+)?){{0,6}}$"
)
# Between a body and who speaks for it: "NASA administrator Bill Nelson".
OFFICE_BETWEEN = re.compile(
    rf"(?:['’]s)?[ \u00a0](?:(?!{_NO_ADJECTIVE})[a-z][\w’'-]*[ \u00a0]+(?:and[ \u00a0]+)?){{0,4}}"
    rf"(?:{'|'.join(OFFICES.split())})[ \u00a0](?:at large[ \u00a0])?"
)
# "The striker added two goals", "it added to the pressure": nothing is said.
ADDING_THINGS = re.compile(
    r"[ \u00a0](?:to|\d\S*|two|three|four|five|six|seven|eight|nine|ten|another|more|an?)\b[^:·]*$"
)
FOLLOWING_GROUP = re.compile(
    rf"(?:(?:[Tt]he|[Aa]n?|[Hh]is|[Hh]er|[Ss]ome|[Mm]any|[Ss]everal)[ \u00a0]+)?"
    rf"(?:(?!{_NO_ADJECTIVE})[\w’'.-]+[ \u00a0]+){{0,4}}?{SOURCES}\b(?<!s most)"
)
# "the insider said": whoever that is, the author is quoting.
SOMEBODY = re.compile(r"\b[Tt]he [a-z]{3,}$")
# "her chief of staff, Jane Doe, said": the name stands alone between the commas.
BETWEEN_COMMAS = re.compile(r",[ \u00a0]*$")
LONGEST_GROUP = 160  # characters
