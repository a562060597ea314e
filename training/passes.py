"""What each pass of the fit reads: how much of which sets, changed how, at which rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

FIRST_ASKED: Mapping[str, float] = {"questions": 1.0}


@dataclass(frozen=True, slots=True)
class Mix:
    """What one pass reads, and at which rate.

    How many questions of each set, how often the halves of the development splits, how many
    questions are made unanswerable or said in other words, and how much of the claims.
    """

    sets: Mapping[str, int]
    repeats: Mapping[str, int]
    made_unanswerable: int
    cut_share: float  # of those: the answer's sentence taken out; the rest get another question
    reworded_share: float
    claims: float  # share of the claims' sets
    claim_repeats: int  # of the halves
    rate: float  # at its highest
    batches: int | None = None  # at most
    words: float = 0.0  # weight of finding the very words that answer
    asked_why_share: float = 0.0  # of those that get another question: when or why instead
    joined_claims: int = 0  # two claims over the evidence of both
    other_word_share: float = 0.0  # of those that get another question: a word of the text's rest
    alone: int = 0  # sentences without their text, half of which answer
    reworded_freely: bool = False  # not by synonyms alone
    share: float = 1.0  # of its weights in what goes on; the rest is where it began
    fifth: float = 0.0  # share of the fifth pass's weights in what goes on
    stories: int = 0  # how often the invented news stories, over other passages each time
    # of the questions over these stories, by list
    story_shares: Mapping[str, float] = field(default_factory=lambda: FIRST_ASKED)
    asked: int = 0  # how often the further questions over paragraphs of the public sets
    pooled: int = 0  # questions asked of sentences of many texts
    averaged: bool = False  # the mean of the weights on the way, the rate staying as it is
    ended: int | None = None  # after so many batches of those that rate and mean are planned for


# Licences: CC BY-SA 4.0 (SQuAD), CC BY 4.0 (SQuADShifts), MIT and CC BY-SA 3.0 (NQ), CC BY-SA 3.0
# (QED), BSD-3 (TimeQA), Apache-2.0 (COVID, ClapNQ, SelQA).
FIRST = Mix(
    sets={
        "squad_train4k": 4300,
        "squad_sentence_reqa": 5000,
        "squadshifts_new_wiki": 7700,
        "squadshifts_reddit": 3500,
        "squadshifts_amazon_reviews": 2500,
        "nq_oracle": 2700,
        "qed_dev": 1400,
        "covidqa_deepset": 500,
        "synthetic_unanswerable": 6500,
        "timeqa_human": 1200,
    },
    repeats={"squad2": 3},
    made_unanswerable=11_000,
    cut_share=0.5,
    reworded_share=0.0,
    claims=1.0,
    claim_repeats=2,
    rate=1.2e-4,
)
# The second pass has more that only looks answerable: nine of ten made by cutting, which leaves
# a text about the very thing asked.
SECOND = Mix(
    sets={
        "squad_train4k": 4300,
        "squad_sentence_reqa": 4000,
        "squadshifts_new_wiki": 7700,
        "squadshifts_reddit": 3500,
        "squadshifts_amazon_reviews": 1500,
        "nq_oracle": 2700,
        "qed_dev": 1400,
        "covidqa_deepset": 500,
        "synthetic_unanswerable": 7000,
        "timeqa_human": 1200,
    },
    repeats={"squad2": 4, "clapnq": 3},
    made_unanswerable=15_000,
    cut_share=0.8,
    reworded_share=0.25,
    claims=0.45,
    claim_repeats=3,
    rate=8e-5,
    batches=3600,
)
# The third learns to find the very words, so it has more of the sets that say where those stand.
THIRD = Mix(
    sets={
        "squad_train4k": 4300,
        "squad_sentence_reqa": 1500,
        "squadshifts_new_wiki": 7700,
        "squadshifts_reddit": 4500,
        "squadshifts_amazon_reviews": 2000,
        "nq_oracle": 2700,
        "qed_dev": 1400,
        "covidqa_deepset": 500,
        "synthetic_unanswerable": 7000,
        "timeqa_human": 1200,
    },
    repeats={"squad2": 3, "clapnq": 2},
    made_unanswerable=13_000,
    cut_share=0.8,
    reworded_share=0.2,
    claims=0.2,
    claim_repeats=2,
    rate=8e-5,
    batches=1500,
    words=0.5,
)
# The fourth asks twice as often in other words, and not by synonyms alone; it has more of the
# halves and of the claims.
FOURTH = replace(
    THIRD,
    repeats={"squad2": 4, "clapnq": 3},
    reworded_share=0.4,
    reworded_freely=True,
    claims=0.35,
    claim_repeats=3,
    batches=2800,
    words=0.8,
)
# The fifth reads more texts, with gentler rewordings, asks when or why of what tells neither, and
# joins claims, as long ones are.
FIFTH = replace(
    FOURTH,
    sets={
        **THIRD.sets,
        "squad_sentence_reqa": 2500,
        "squad_sentence_nqg": 3000,
        "squadshifts_reddit": 7500,
        "squadshifts_amazon_reviews": 4500,
        "synthetic_unanswerable": 5000,
    },
    repeats={"squad2": 5, "clapnq": 3},
    made_unanswerable=17_000,
    cut_share=0.55,
    asked_why_share=0.4,
    reworded_share=0.2,
    joined_claims=4000,
    rate=1e-4,
    batches=4000,
)
# The sixth reads the invented news stories among a quarter of the fifth's. It chooses among the
# sentences of sections and of many texts, and reads sentences alone. A mean with where it began
# keeps what these hold little of.
SIXTH = replace(
    FIFTH,
    sets={name: most // 4 for name, most in FIFTH.sets.items()},
    repeats={"squad2": 3, "clapnq": 2, "selqa": 3},
    made_unanswerable=5000,
    cut_share=0.45,
    other_word_share=0.5,
    alone=5000,
    pooled=2000,
    joined_claims=1000,
    claims=0.25,
    claim_repeats=2,
    batches=6000,
    share=0.7,
    stories=1,
)
# The last five go on at half the rate, which stays: what averages out is what chance does to each
# single fit. The seventh reads more of the public sets beside the stories; the eighth still more,
# and more without an answer; the ninth the questions asked further over the public sets.
SEVENTH = replace(
    SIXTH,
    sets={name: most // 3 for name, most in FIFTH.sets.items()},
    joined_claims=1500,
    claims=0.35,
    rate=5e-5,
    batches=7100,
    share=0.6,
    averaged=True,
)
EIGHTH = replace(
    SEVENTH,
    sets={name: most // 2 for name, most in FIFTH.sets.items()},
    repeats={"squad2": 5, "clapnq": 3, "selqa": 3},
    made_unanswerable=9000,
    joined_claims=2000,
    claims=0.45,
    batches=6500,
    share=1.0,
)
NINTH = replace(
    EIGHTH,
    sets=SEVENTH.sets,
    made_unanswerable=7000,
    joined_claims=1500,
    claims=0.35,
    asked=3,
    batches=6200,
    share=0.6,
    fifth=0.15,
)
# The tenth has nearly three times as many of them.
TENTH = replace(NINTH, asked=2, batches=5000, ended=4000, share=0.6, fifth=0.0)
# The eleventh has as many questions again over the stories, asked later.
ELEVENTH = replace(
    TENTH,
    sets={name: most // 6 for name, most in FIFTH.sets.items()},
    repeats={"squad2": 4, "clapnq": 2, "selqa": 2},
    made_unanswerable=3500,
    alone=2000,
    pooled=1000,
    joined_claims=1000,
    claims=0.25,
    story_shares={"questions": 0.25, "further": 1.0},
    asked=1,
    batches=5500,
    share=0.5,
)
PASSES = (FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH, EIGHTH, NINTH, TENTH, ELEVENTH)
