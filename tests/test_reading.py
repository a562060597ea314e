import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import BRIDGE, DOCUMENTS, HARBOUR, ISLAND, candidate

from rag.answerable import answerable_score
from rag.candidates import view
from rag.features import (
    Candidate,
    covered,
    holds,
    lexical_features,
    terms_near,
    writer_asked,
)
from rag.questions import analyse
from rag.reading import Extent, Reader, Scored, windows
from rag.testing import HashEmbedder
from rag.types import Attribution, Document, SentenceReading

CRACKS = analyse("Who found cracks in the pillars?")


def even(wanted):
    return dict.fromkeys(wanted, 1.0)


def sentences_of(*documents):
    return [seen.candidate(i) for seen in map(view, documents) for i in range(len(seen.sentences))]


def score(question, *documents, reader=None):
    reader = reader or Reader(HashEmbedder(dimensions=512))
    return reader.score(question, sentences_of(*documents), weigh=even)


def texts(scored):
    return [s.candidate.text for s in scored]


# ---------------------------------------------------------------- scoring


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("Who found cracks in the pillars?", "Engineers found cracks in its pillars."),
        ("How many ships wait outside?", "Forty ships wait outside the breakwater."),
        ("When did dredging of the harbour begin?", "Dredging of the northern harbour began on"),
        ("What do the islanders want?", "Islanders want a tunnel instead."),
    ],
)
def test_the_sentence_that_answers_comes_first(question, best):
    assert texts(score(analyse(question), *DOCUMENTS))[0].startswith(best)


def test_every_candidate_is_scored_once_best_first():
    candidates = sentences_of(*DOCUMENTS)
    scored = score(CRACKS, *DOCUMENTS)
    assert {(s.candidate.document.id, s.candidate.start) for s in scored} == {
        (c.document.id, c.start) for c in candidates
    }
    assert len(scored) == len(candidates)
    assert all(a.score >= b.score for a, b in itertools.pairwise(scored))


def test_equal_sentences_keep_the_order_given():
    twins = [Document(name, "Engineers found cracks.") for name in ("c", "a", "b")]
    assert [s.candidate.document.id for s in score(CRACKS, *twins)] == ["c", "a", "b"]


def test_without_candidates_nothing_is_scored_and_nothing_answers():
    assert score(CRACKS) == ()
    assert answerable_score(()) == 0.0


def test_a_sentence_is_embedded_once():
    embedder = HashEmbedder(dimensions=512)
    reader = Reader(embedder)
    first = score(CRACKS, *DOCUMENTS, reader=reader)
    embedded = embedder.embedded
    assert [s.score for s in score(CRACKS, *DOCUMENTS, reader=reader)] == [s.score for s in first]
    assert embedder.embedded == embedded


def test_a_full_cache_changes_no_score():
    forgetful = Reader(HashEmbedder(dimensions=512), cached_sentences=1)
    for _ in range(3):
        got = score(CRACKS, *DOCUMENTS, reader=forgetful)
        assert [s.score for s in got] == [s.score for s in score(CRACKS, *DOCUMENTS)]


def test_rare_words_of_the_question_count_more():
    question = analyse("cracks bridge")
    pair = [Document("common", "The bridge stands."), Document("rare", "The cracks stand.")]
    scored = Reader(HashEmbedder(dimensions=512)).score(
        question,
        sentences_of(*pair),
        weigh=lambda wanted: {t: 5.0 if t == "crack" else 0.1 for t in wanted},
    )
    assert scored[0].candidate.document.id == "rare"


def test_what_stands_around_a_sentence_helps_it():
    text = "They closed it in March."
    document = Document("d", text)
    question = analyse("When was the bridge closed?")
    alone = Candidate(document, 0, len(text))
    explained = replace(alone, around="The bridge over the strait")
    reader = Reader(HashEmbedder(dimensions=512))
    (bare,) = reader.score(question, [alone], weigh=even)
    (helped,) = reader.score(question, [explained], weigh=even)
    assert helped.score > bare.score


def test_a_sentence_of_the_speaker_asked_for_is_preferred():
    text = "“The delay is short.” “The delay is short.”"
    document = Document("d", text)
    question = analyse("What did the port office say about the delay?")
    voices = [Attribution(who, "say", 0, 1, explicit=False) for who in ("Insurers", "port office")]
    given_first, meant = (Candidate(document, 0, 21, attribution=voice) for voice in voices)
    scored = Reader(HashEmbedder(dimensions=512)).score(question, [given_first, meant], weigh=even)
    assert scored[0].candidate is meant


# ---------------------------------------------------------------- reading whole passages


class Marker:
    """Reads passages and finds only the sentences that hold a word."""

    def __init__(self, word, found=30.0, other=-30.0):
        self._word, self._found, self._other = word, found, other
        self.questions, self.passages = [], []

    def read(self, question, passages):
        self.questions.append(question)
        self.passages += passages
        return [
            [
                SentenceReading(self._found if self._word in text else self._other)
                for text in passage
            ]
            for passage in passages
        ]


def with_marker(*arguments, **options):
    marker = Marker(*arguments, **options)
    return marker, Reader(HashEmbedder(dimensions=512), passages=marker)


def place(scored, text):
    return next(i for i, s in enumerate(scored) if s.candidate.text == text)


@pytest.mark.parametrize("text", texts(score(CRACKS, *DOCUMENTS)))
def test_a_sentence_the_passage_reader_finds_ranks_higher_than_one_it_does_not(text):
    _, finds = with_marker(text)
    _, misses = with_marker(text, found=-30.0, other=30.0)
    found, missed = (score(CRACKS, *DOCUMENTS, reader=reader) for reader in (finds, misses))
    assert place(found, text) <= place(missed, text)
    assert found[place(found, text)].score > missed[place(missed, text)].score


def test_no_more_passages_are_read_than_asked_for_the_most_promising_first():
    marker, reader = with_marker("none")
    scored = reader.score(CRACKS, sentences_of(*DOCUMENTS), weigh=even, extent=Extent(passages=1))
    read = {text for passage in marker.passages for text in passage}
    assert "Engineers found cracks in its pillars." in read
    assert {s.candidate.text for s in scored if s.relevance is not None} == read
    assert read < {s.candidate.text for s in scored}


def test_the_passage_reader_sees_the_question_and_sentences_in_reading_order():
    marker, reader = with_marker("none")
    score(CRACKS, *DOCUMENTS, reader=reader)
    assert marker.questions == [CRACKS.text]
    written = {tuple(texts_of(d)) for d in DOCUMENTS}
    assert {tuple(p) for p in marker.passages} == written


def test_a_month_is_read_in_full_whichever_way_it_is_written():
    marker, reader = with_marker("cracks")
    document = Document("d", "The bridge closed on Oct. 28. Cracks were found.")
    asked = analyse("What closed on Nov. 3 or October 28?")
    scored = reader.score(asked, [candidate(document, document.text[:29])], weigh=even)
    assert marker.questions == ["What closed on November 3 or October 28?"]
    assert marker.passages == [["The bridge closed on October 28."]]
    assert scored[0].candidate.text == "The bridge closed on Oct. 28.", "shown as it stands"
    assert scored[0].features[1] > 0, "and its words compared"


def test_a_question_is_read_with_the_state_that_the_passages_name_for_its_capital():
    marker, reader = with_marker("troops")
    document = Document("d", "North Korea sent troops.")
    asked = analyse("What did Pyongyang and Moscow send?")
    reader.score(asked, [candidate(document, document.text)], weigh=even)
    assert marker.questions == ["What did North Korea and Moscow send?"]


COLUMN = Document("c", "Nobody asked the gulls.", author="Dr. Ada Quill-Sand and Ben Ross")
PAPER = Document("p", "Nobody asked the gulls.", publisher="The Invented Courier")
QUOTED = Attribution("Cara Dell", "say", 0, 0, explicit=False)


@pytest.mark.parametrize(
    ("question", "document", "attribution", "writer"),
    [
        ("What does Quill-Sand say of the gulls?", COLUMN, None, "Quill-Sand"),
        ("What does ross write about gulls?", COLUMN, None, "Ross"),
        ("What does The Invented Courier say of gulls?", PAPER, None, "The Invented Courier"),
        ("What does the courier say of gulls?", PAPER, None, ""),
        ("What does Ben say of gulls?", COLUMN, None, ""),
        ("Who asked the gulls?", COLUMN, None, ""),
        ("What does Ross say of gulls?", COLUMN, QUOTED, ""),
        ("What does Ross say of gulls?", replace(COLUMN, author=None), None, ""),
        ("What does Ross say of gulls?", replace(COLUMN, kind="brief"), None, ""),
        ("What do they say of gulls?", replace(COLUMN, author=" and , The"), None, ""),
        ("What do they say of gulls?", replace(PAPER, publisher="The"), None, ""),
    ],
)
def test_asked_of_its_writer_a_sentence_is_read_as_theirs(question, document, attribution, writer):
    own = candidate(document, document.text, attribution)
    asked = analyse(question)
    assert writer_asked(asked, own) == writer
    marker, reader = with_marker("gulls")
    scored = reader.score(asked, [own], weigh=even)
    if not attribution:
        said = f"{writer}: {document.text}" if writer else document.text
        assert marker.passages == [[said]]
    assert scored[0].candidate.text == document.text, "shown as it stands"


@pytest.mark.parametrize("read", [True, False])
def test_a_line_that_reads_as_a_heading_ranks_behind_a_sentence(read):
    said = candidate(COLUMN, COLUMN.text)
    line = replace(said, document=PAPER, heads=True)
    reader = with_marker("gulls")[1] if read else Reader(HashEmbedder(dimensions=512))
    first, second = reader.score(analyse("Who asked the gulls?"), [line, said], weigh=even)
    assert (first.candidate, second.candidate) == (said, line)
    if read:
        assert first.relevance > second.relevance


def test_who_writes_counts_as_said_where_they_are_asked():
    asked = analyse("What does Quill-Sand say of the gulls?")
    own, nobodys = COLUMN, replace(COLUMN, author=None)
    (named, *_), (unnamed, *_) = (score(asked, document) for document in (own, nobodys))
    assert named.found > unnamed.found


def test_the_best_sentences_are_read_alone_as_well_and_both_readings_count():
    class Alone(Marker):
        """Finds the word only where nothing stands around it."""

        def read(self, question, passages):
            read = super().read(question, passages)
            return [
                r if len(p) == 1 else [SentenceReading(0.0)] * len(p)
                for r, p in zip(read, passages, strict=True)
            ]

    marker = Alone("cracks", found=6.0, other=-2.0)
    reader = Reader(HashEmbedder(dimensions=512), passages=marker)
    candidates = [candidate(HARBOUR, text) for text in texts_of(HARBOUR)]
    candidates += [candidate(BRIDGE, text) for text in texts_of(BRIDGE)]
    scored = reader.score(CRACKS, candidates, weigh=even, extent=Extent(alone=2))
    alone = [p[0] for p in marker.passages if len(p) == 1]
    assert len(alone) == 2 < len(scored)
    for item in scored:
        read = item.candidate.text in alone
        found = (6.0 if "cracks" in item.candidate.text else -2.0) * 2 / 3
        assert item.relevance == pytest.approx(found if read else 0.0)
    assert reader.score(CRACKS, candidates, weigh=even)[0].relevance == 0.0, "none alone unasked"


def texts_of(document):
    return [document.text[s.start : s.end] for s in view(document).sentences]


def test_with_many_documents_only_some_passages_are_read_and_all_sentences_scored():
    many = [Document(f"d{n}", f"Pillar {n} holds. Crack {n} grows.") for n in range(40)]
    marker, reader = with_marker("Crack")
    scored = score(CRACKS, *many, reader=reader)
    assert len(scored) == 80
    assert 0 < len(marker.passages) < 40


def test_what_was_not_read_stands_behind_the_same_sentence_read_and_found():
    many = [Document(f"d{n:02}", "Engineers found cracks.") for n in range(40)]
    marker, reader = with_marker("Engineers")
    scored = score(CRACKS, *many, reader=reader)
    read = len(marker.passages)
    assert scored[read - 1].score > scored[read].score


pieces = st.lists(
    st.sampled_from(["Cracks grow.", "He said.", "“Why?”", "A" * 300 + ".", "\n\n", "Ships wait"]),
    max_size=12,
).map(" ".join)


@settings(deadline=None, max_examples=60)
@given(st.lists(pieces, max_size=3), st.randoms(use_true_random=False))
def test_windows_hold_each_sentence_once_in_runs_without_a_gap(contents, random):
    documents = [Document(f"d{n}", text) for n, text in enumerate(contents)]
    candidates = sentences_of(*documents)
    random.shuffle(candidates)
    scored = Reader(HashEmbedder(dimensions=64)).score(CRACKS, candidates, weigh=even)
    grouped = windows(scored)
    assert sorted(id(s) for w in grouped for s in w) == sorted(map(id, scored))
    for window in grouped:
        assert window
        assert len({s.candidate.document.id for s in window}) == 1
        for before, after in itertools.pairwise(s.candidate for s in window):
            assert before.end <= after.start
            assert not before.document.text[before.end : after.start].strip()


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("What did Ada Quill say of the cracks?", False),
        ("What did Quill say of the cracks in Marchetti Tower?", True),
        ("What did Zelda Marchetti say of the cracks?", True),
        ("What did Zelda Quill say of the cracks?", False),  # may be the same
        ("What did the keeper say of the cracks?", False),
    ],
)
def test_a_name_that_stands_nowhere_speaks_against_an_answer(question, foreign):
    def weigh(asked):
        return {term: 1.0 if term in ("ada", "quill", "crack") else 8.0 for term in asked}

    asked = analyse(question)
    candidates = sentences_of(Document("d", "Ada Quill said that the cracks grow."))
    _, reader = with_marker("cracks")
    scored = reader.score(asked, candidates, weigh=weigh)
    assert scored[0].foreign == foreign
    plain = [replace(item, foreign=False) for item in scored]
    assert (answerable_score(scored) < answerable_score(plain)) == foreign
    assert answerable_score(scored, one_text=True) == answerable_score(plain, one_text=True)


def grouped(text):
    candidates = sentences_of(Document("d", text))
    scored = Reader(HashEmbedder(dimensions=64)).score(CRACKS, candidates, weigh=even)
    return [[item.candidate.text for item in window] for window in windows(scored)]


def test_a_question_is_read_with_what_follows_it():
    long = "A" * 700 + "."
    assert grouped(f"{long} Who found the cracks? {'B' * 60}.") == [
        [long],
        ["Who found the cracks?", "B" * 60 + "."],
    ]
    assert grouped(f"Who found the cracks? {'B' * 740}.") == [
        ["Who found the cracks?"],
        ["B" * 740 + "."],
    ]


def test_who_says_a_sentence_takes_room_in_a_window():
    quoted = f"“{'A' * 350}. {'B' * 350}.”"
    assert len(grouped(f"{quoted[:-1]} {'C' * 40}.”")) == 1
    assert len(grouped(f"{quoted[:-1]} {'C' * 20}.” Ada Quill of the Northern Board said so.")) == 2


# ---------------------------------------------------------------- features


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=40))
def test_features_of_any_text_lie_between_zero_and_one(asked, text, around):
    question = analyse(asked)
    document = Document("d", text)
    candidate = Candidate(document, 0, len(text), around=around)
    features = lexical_features(question, candidate, terms_near(candidate), even(question.terms))
    assert all(0 <= f <= 1 + 1e-9 for f in features)


def test_coverage_is_the_share_of_the_weight_that_is_had():
    weights = {"crack": 3.0, "pillar": 1.0}
    assert covered(("crack", "pillar"), {"crack"}, weights) == 0.75
    assert covered(("crack", "pillar"), {"pillar", "crack", "more"}, weights) == 1.0
    assert covered(("crack",), set(), weights) == 0.0
    assert covered((), {"crack"}, weights) == 0.0


@pytest.mark.parametrize(
    ("expected", "held", "lacking"),
    [
        ("number", "Forty ships wait.", "Ships wait."),
        ("number", "It has 1,200 berths.", "It has berths."),
        ("date", "It closed on 9 March 2023.", "It is closed."),
        ("date", "It closed last week.", "It is closed."),
        ("person", "So says Mark Rutte.", "So the storm will pass."),
        ("place", "It lies in the North Sea.", "It lies low."),
        ("reason", "It closed because of cracks.", "It is closed."),
    ],
)
def test_a_sentence_holds_the_kind_of_thing_asked_for(expected, held, lacking):
    assert holds(expected, held)
    assert not holds(expected, lacking)


def test_where_no_kind_is_expected_anything_will_do():
    assert holds("other", "")


# ---------------------------------------------------------------- whether anything answers


def test_a_question_the_sentences_answer_is_likelier_answered_than_one_they_do_not():
    strange = analyse("Which opera opened the festival in Salzburg?")
    assert answerable_score(score(CRACKS, BRIDGE)) > answerable_score(score(strange, BRIDGE))
    assert answerable_score(score(CRACKS, BRIDGE)) > answerable_score(score(CRACKS, ISLAND))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60), st.text(max_size=120))
def test_the_likelihood_of_an_answer_is_a_probability(asked, text):
    assert 0 <= answerable_score(score(analyse(asked), Document("d", text), HARBOUR)) <= 1


def read_as(relevance, *, wordless=0.0, unsaid=(), found=0.5, second=None):
    """Make what was read of a question: the best sentence, and a second."""
    reading = SentenceReading(relevance, wordless=wordless)
    features = (0.4, *[0.5] * 7)
    of = candidate(HARBOUR, "Forty ships")
    best = Scored(of, features, 5.0, np.zeros(2), reading, unsaid=unsaid, found=found)
    if second is None:
        return (best,)
    return (best, replace(best, score=1.0, reading=SentenceReading(second)))


@pytest.mark.parametrize(
    ("likelier", "than"),
    [
        (read_as(1.0), read_as(-1.0)),
        (read_as(0.0, second=-1.0), read_as(0.0, second=-6.0)),
        (read_as(0.0, found=0.9), read_as(0.0, found=0.1)),
        (read_as(0.0, unsaid=(0.5, 0.5)), read_as(0.0, unsaid=(1.0,))),
        (read_as(0.0, unsaid=(0.5,) * 6), read_as(0.0, unsaid=(0.5,) * 2)),
    ],
)
def test_what_was_read_and_what_is_said_of_a_question_tell_whether_it_is_answered(likelier, than):
    assert answerable_score(likelier) > answerable_score(than)


def test_however_much_a_question_asks_that_makes_no_answer():
    nothing = read_as(-8.0, unsaid=(1.0,) * 40, found=0.0)
    assert answerable_score(nothing) < 0.5


def test_of_one_text_what_was_read_tells_alone():
    said, unsaid = read_as(0.0, found=1.0), read_as(0.0, unsaid=(1.0,), found=0.0)
    alike = [answerable_score(read, one_text=True) for read in (said, unsaid)]
    assert alike[0] == alike[1]
    assert answerable_score(read_as(1.0), one_text=True) > alike[0]


def test_a_text_in_which_no_word_answers_hardly_does_however_relevant_its_sentence():
    lacking, having = (read_as(1.0, wordless=wordless) for wordless in (4.0, -1.0))
    assert answerable_score(lacking, one_text=True) < answerable_score(having, one_text=True)


def test_what_is_unsaid_is_weighed_against_a_term_that_stands_nowhere():
    best, *_ = score(CRACKS, BRIDGE)
    assert best.unsaid == ()
    assert best.found == 1.0
    strange, *_ = score(analyse("Which opera opened?"), BRIDGE)
    assert strange.unsaid
    assert max(strange.unsaid) == pytest.approx(1.0)
    assert strange.found == 0.0


def test_how_a_question_asks_for_what_somebody_says_is_nothing_to_be_said():
    asked = analyse("Who do engineers believe found cracks in the bridge's pillars?")
    assert all(s.unsaid == () for s in score(asked, BRIDGE) if "cracks" in s.candidate.text)
    assert analyse("What do they think?").matter == analyse("What do they think?").terms


def test_a_candidate_is_its_sentence_verbatim():
    assert candidate(HARBOUR, "Forty ships").text == "Forty ships"
