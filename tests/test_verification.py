import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rag.verification import claim_verdict, verify

KURSK = (
    "Of the 10,000 soldiers thought to be in the country, the minister said, "
    "8,000 have gone to the Kursk region."
)


@pytest.mark.parametrize(
    ("claim", "evidence", "reason"),
    [
        ("The unit has 9,000 soldiers.", "The unit has 8,000 soldiers.", "number"),
        ("Trade grew by 7 percent.", "Trade grew by 5%.", "number"),
        ("The shells are 155mm wide.", "The shells are 152 mm wide.", "number"),
        ("The leaders met on June 19.", "The leaders met on June 18.", "date"),
        ("The pact was signed in 1962.", "The pact was signed in 1961.", "date"),
        ("The talks begin on Monday.", "The talks begin on Thursday.", "date"),
        (
            "The ministry did not confirm the visit.",
            "The ministry confirmed the visit.",
            "negation",
        ),
        ("Pyongyang sent troops.", "Pyongyang denied sending troops.", "negation"),
        ("Exports increased last year.", "Exports decreased last year.", "opposite"),
        ("Russia attacked Ukraine.", "Ukraine attacked Russia.", "role"),
        ("Rutte left the summit in Brussels.", "Blinken left the summit in Brussels.", "name"),
        ('"The war goes on," Corr said.', '"The war goes on," Schuster said.', "speaker"),
    ],
)
def test_a_difference_contradicts_and_is_named(claim, evidence, reason):
    verdict, reasons = claim_verdict(claim, evidence)
    assert verdict == "contradicted"
    assert reasons[0].startswith(reason + ":")
    assert verify(claim, evidence).verdict == "contradicted"


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The group will send soldiers.", "The group may send soldiers."),
        ("The group sends soldiers.", "The group reportedly sends soldiers."),
        ("Two brigades were sent.", "Approximately two brigades were sent."),
        ("The country has 60 warheads.", "The country has between 20 and 60 warheads."),
        ("There are 8,000 soldiers.", "There are up to 8,000 soldiers."),
        ("The pact was signed in June 1961.", "The pact was signed in 1961."),
        ("10,000 soldiers have gone to the Kursk region.", KURSK),
    ],
)
def test_a_claim_firmer_than_its_evidence_is_only_partly_supported(claim, evidence):
    verdict, reasons = claim_verdict(claim, evidence)
    assert verdict == "partly"
    assert reasons


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("1,200 soldiers arrived.", "Yesterday 1.2 thousand soldiers arrived."),
        ("American soldiers arrived.", "Soldiers of the United States arrived."),
        ("8,000 soldiers have gone to Kursk.", KURSK),
        ("The minister went in 2024.", "On June 18, 2024 the minister went."),
        ("Over 80 percent of trade is with China.", "90% of the trade is with China."),
        ("The group may send soldiers.", "The group will send soldiers."),
    ],
)
def test_the_same_facts_in_other_words_are_supported(claim, evidence):
    assert claim_verdict(claim, evidence) == ("supported", ())


def test_a_copied_sentence_is_verbatim_whatever_its_quotes_and_markers():
    claim = "The minister called it a “grave step” [3]."
    assert claim_verdict(claim, 'Then  the\nminister called it a "grave step".') != ("verbatim", ())
    assert claim_verdict(claim, 'The  minister called\nit a "grave step".') == ("verbatim", ())


def test_words_cut_out_of_a_denial_are_not_verbatim():
    verdict, _ = claim_verdict("sending troops abroad", "It denied sending troops abroad.")
    assert verdict == "contradicted"


@pytest.mark.parametrize(
    "evidence",
    [
        "It is false that the ferry carried the guards to the island.",
        "Reports that the ferry carried the guards to the island were fabricated.",
        "The rumour that the ferry carried the guards to the island was a hoax.",
        "It was not true that the ferry carried the guards to the island, but it did sail.",
    ],
)
def test_what_the_evidence_calls_false_is_contradicted_even_word_for_word(evidence):
    verdict, reasons = claim_verdict("The ferry carried the guards to the island.", evidence)
    assert verdict == "contradicted"
    assert reasons[0].startswith("negation:")
    assert claim_verdict(evidence, evidence) == ("verbatim", ())


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The ferry sailed on.", "It is false that the pilot slept; the ferry sailed on."),
        ("The pilot was awake.", "The pilot was awake, but the report of ice was false."),
        (
            "The hull plates came by rail.",
            "The hull plates that came by rail were fabricated in Oslo.",
        ),
    ],
)
def test_what_stands_beside_something_called_false_is_supported(claim, evidence):
    assert claim_verdict(claim, evidence)[0] in ("verbatim", "supported")


def test_words_put_into_a_mouth_that_says_nothing_are_only_partly_supported():
    claim = "Ada Quill said that the island needs a ferry."
    verdict, reasons = claim_verdict(claim, "Ada Quill came because the island needs a ferry.")
    assert verdict == "partly"
    assert reasons == ("speaker: the claim names Ada Quill, the evidence nobody",)


def test_a_speaker_the_evidence_leaves_unnamed_may_be_whom_the_claim_names():
    claim = "Ada Quill said that the island needs a ferry."
    for evidence in (
        "She told Ada Quill’s council that the island needs a ferry.",
        "Ada Quill: “The island needs a ferry.”",
    ):
        assert claim_verdict(claim, evidence)[0] == "supported"


def test_an_unrelated_claim_is_unsupported_and_says_why():
    verdict, reasons = claim_verdict("The harvest was poor.", "The fleet left port.")
    assert verdict == "unsupported"
    assert reasons[0].startswith("coverage:")


def test_a_known_speaker_vouches_for_the_name_in_the_claim():
    evidence = "The fleet has left its port for the winter."
    claim = "Schuster said the fleet has left its port for the winter."
    assert verify(claim, evidence, speaker="Carl Schuster").verdict == "supported"
    assert verify(claim, evidence, speaker="Anders Corr").verdict == "contradicted"


def test_the_score_falls_with_what_differs():
    evidence = "The unit has 8,000 soldiers in the region."
    same, silent = verify(evidence, evidence), verify("The unit has ships in the region.", evidence)
    wrong = verify("The unit has 9,000 soldiers in the region.", evidence)
    assert 0 <= wrong.score < silent.score < same.score <= 1


WORDS = st.sampled_from("fleet harbour minister treaty harvest winter border river".split())
FACTS = st.builds(
    "The {} near the {} counted {} ships and {} guards on June {}.".format,
    WORDS,
    WORDS,
    st.integers(2, 9999),
    st.integers(2, 9999),
    st.integers(1, 30),
)


@given(FACTS, st.data())
def test_exchanging_any_number_in_a_copied_claim_is_flagged(evidence, data):
    words = evidence.split()
    places = [i for i, word in enumerate(words) if word.strip(".").isdigit()]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.integers(1, 30) if place == places[-1] else st.integers(2, 9999))
    assume(other != int(words[place].strip(".")))
    words[place] = words[place].replace(words[place].strip("."), str(other))
    checked = verify(" ".join(words), evidence)
    assert checked.verdict != "supported"
    assert any(reason.startswith(("number:", "date:")) for reason in checked.reasons)


@given(FACTS)
def test_a_copied_claim_is_verbatim(evidence):
    assert claim_verdict(evidence, evidence) == ("verbatim", ())
    assert verify(evidence, evidence).verdict == "supported"


@given(WORDS, WORDS, st.sampled_from(["send", "leave", "build", "visit"]))
def test_may_made_will_and_negations_are_flagged(one, other, verb):
    assume(one != other)
    evidence = f"The {one} may {verb} the {other}."
    assert verify(evidence.replace(" may ", " will "), evidence).verdict == "not_enough"
    stated = f"The {one} will {verb} the {other}."
    assert verify(stated.replace(" will ", " will not "), stated).verdict == "contradicted"


@given(st.text(), st.text(), st.none() | st.text())
@example("1", "1", "")
@example("İ may", "İ MAY 1,000", "Ms")
def test_any_text_gets_a_verdict(claim, evidence, speaker):
    checked = verify(claim, evidence, speaker=speaker)
    assert 0 <= checked.score <= 1
    claim_verdict(claim, evidence, speaker=speaker)


@pytest.mark.parametrize(
    "unit", ["1,", "May ", "A. ", "not ", '"', "between 1 and ", "the officials "]
)
def test_hostile_text_takes_linear_time(unit):
    text = unit * (200_000 // len(unit))
    started = time.perf_counter()
    verify(text, text + ".")
    assert time.perf_counter() - started < 5  # seconds; a tenth of that on a quiet machine


class Judging:
    """Reads every claim alike; counts what it was given."""

    def __init__(self, *chances):
        self.chances = chances
        self.read = []

    def judge(self, claim, sentences):
        self.read.append((claim, tuple(sentences)))
        return self.chances


ENTAILING, CONTRADICTING, DOUBTING = (0.95, 0.02, 0.03), (0.03, 0.95, 0.02), (0.06, 0.2, 0.74)


def test_a_paraphrase_is_supported_only_where_a_model_reads_it_so():
    claim, evidence = "The dam burst.", "The barrage gave way on the river. Nobody was hurt."
    assert verify(claim, evidence).verdict == "not_enough"
    judge = Judging(*ENTAILING)
    assert verify(claim, evidence, judge=judge).verdict == "supported"
    assert judge.read == [(claim, ("The barrage gave way on the river.", "Nobody was hurt."))]


def test_what_differs_exactly_is_not_talked_away_by_a_model():
    claim, evidence = "The unit has 9,000 soldiers.", "The unit has 8,000 soldiers."
    checked = verify(claim, evidence, judge=Judging(*ENTAILING))
    assert checked.verdict == "contradicted"
    assert checked.reasons[0].startswith("number:")


@pytest.mark.parametrize(
    ("chances", "verdict"), [(CONTRADICTING, "contradicted"), (DOUBTING, "not_enough")]
)
def test_a_model_may_doubt_what_shares_its_words_with_the_evidence(chances, verdict):
    claim, evidence = "The port hired the guards.", "The port that hired the guards closed."
    assert verify(claim, evidence).verdict == "supported"
    checked = verify(claim, evidence, judge=Judging(*chances))
    assert checked.verdict == verdict
    assert any(reason.startswith("reading:") for reason in checked.reasons)


def test_words_that_stand_in_the_evidence_need_no_reading():
    judge = Judging(*CONTRADICTING)
    assert verify("the port closed", "On Monday the port closed.", judge=judge).verdict == (
        "supported"
    )
    assert judge.read == []


def test_a_better_reading_scores_higher():
    claim, evidence = "The dam burst.", "The barrage gave way."
    scores = [
        verify(claim, evidence, judge=Judging(*chances)).score
        for chances in (CONTRADICTING, DOUBTING, ENTAILING)
    ]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]


class JudgingClauses:
    """Holds whatever speaks of gulls to stand nowhere, alone or at the end of a long claim."""

    def __init__(self, whole):
        self.whole = whole
        self.read = []

    def judge(self, claim, sentences):
        self.read.append(claim)
        if claim.startswith("and gulls"):
            return (0.02, 0.08, 0.9)
        return self.whole


def test_each_clause_of_a_long_claim_is_read_by_itself():
    evidence = "The storm flooded the harbour of Norville. Forty boats sank at the quay."
    claim = "The storm flooded the harbour of Norville, and gulls ate all the fish there"
    judge = JudgingClauses((0.9, 0.05, 0.05))
    doubted = verify(claim, evidence, judge=judge)
    assert judge.read == [
        claim,
        "The storm flooded the harbour of Norville",
        "and gulls ate all the fish there",
    ]
    short = "The storm flooded the harbour of Norville in the end"
    plain = JudgingClauses((0.9, 0.05, 0.05))
    believed = verify(short, evidence, judge=plain)
    assert plain.read == [short]
    assert believed.verdict == "supported"
    assert doubted.score < believed.score


def test_a_clause_makes_no_claim_contradicted():
    evidence = "The storm flooded the harbour of Norville. Forty boats sank at the quay."
    claim = "The storm flooded the harbour of Norville, and gulls ate forty boats at the quay"
    judge = JudgingClauses((0.5, 0.3, 0.2))
    assert verify(claim, evidence, judge=judge).verdict != "contradicted"


def test_a_first_name_is_not_exchanged_for_a_month():
    checked = verify(
        "Paul Reed confirmed that the port had closed.",
        "In a statement on Oct. 28, Reed confirmed that the port had closed.",
    )
    assert checked.verdict == "supported"
    other = verify(
        "Paul Reed confirmed that the port had closed.",
        "In a statement John Reed confirmed that the port had closed.",
    )
    assert other.verdict == "contradicted"
