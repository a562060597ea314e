from hypothesis import given, settings
from hypothesis import strategies as st
from invented import BRIDGE, HARBOUR, Shelf

from rag.candidates import Views, view
from rag.sentences import split_sentences
from rag.types import Document, Heading, Passage

TEXT = """Dredging

The harbour is shallow. Dredging began in May.

Costs

Who pays

The port office pays half. “We pay the rest,” Lloyd Austin said. He named no sum.

Outlook

Work ends in June."""


def heading(line, level):
    start = TEXT.index(f"{line}\n")
    return Heading(start, start + len(line), level)


WORKS = Document(
    "works",
    TEXT,
    title="Harbour works",
    headings=(
        heading("Dredging", 1),
        heading("Costs", 1),
        heading("Who pays", 2),
        heading("Outlook", 1),
    ),
)


LIGHT = Document(
    "light",
    "The lighthouse at Morrow Point went dark on Sunday after ninety years without a night off.\n\n"
    "Where the lighthouse keeper went\n\n"
    "Its keeper had warned the coast board twice that the generator would not last the winter.\n\n"
    "Fishing crews now steer by the church tower, which the parish floodlights until midnight.",
)


def whole(document, score=0.5):
    return Passage(document.id, 0, len(document.text), document.text, score)


def part(document, text, score):
    start = document.text.index(text)
    return Passage(document.id, start, start + len(text), text, score)


def around(text):
    seen = view(WORKS)
    spans = [WORKS.text[s.start : s.end] for s in seen.sentences]
    return seen.candidate(spans.index(text)).around


def test_a_view_has_the_sentences_of_its_document_each_with_who_says_it():
    seen = view(WORKS)
    assert seen.sentences == split_sentences(TEXT, WORKS.headings)
    assert len(seen.attributions) == len(seen.headings) == len(seen.sentences) == 6
    spoken = [a.speaker if a else None for a in seen.attributions]
    assert spoken[:3] == [None, None, None]
    assert spoken[3] == "Lloyd Austin"


def test_around_a_sentence_stand_its_headings_and_the_sentence_before():
    second = around("Dredging began in May.")
    assert "Harbour works Dredging" in second
    assert "The harbour is shallow." in second
    assert "Dredging began in May." not in second


def test_a_heading_ends_where_one_of_its_level_begins():
    paid = around("The port office pays half.")
    assert "Harbour works Costs Who pays" in paid
    assert "Harbour works Dredging" not in paid
    assert "Harbour works Outlook\n" in around("Work ends in June.")


def test_the_first_sentence_of_a_document_has_nothing_before_it():
    seen = view(Document("plain", "One begins. Two follows."))
    assert seen.candidate(0).around.strip() == ""
    assert seen.candidate(1).around.strip() == "One begins."


def test_a_candidate_has_its_sentence_verbatim_and_its_passages_score():
    candidate = view(HARBOUR).candidate(1, passage_score=0.7)
    assert candidate.text == "Forty ships wait outside the breakwater."
    assert HARBOUR.text[candidate.start : candidate.end] == candidate.text
    assert candidate.passage_score == 0.7


def test_sentences_come_in_the_order_of_their_passages():
    found = Views(Shelf([HARBOUR, BRIDGE]).document).candidates([whole(BRIDGE), whole(HARBOUR)])
    assert [c.document.id for c in found] == ["bridge"] * 2 + ["harbour"] * 4


def test_a_sentence_of_two_passages_is_a_candidate_once_with_the_better_score():
    passages = [part(HARBOUR, "Forty ships wait outside the breakwater.", 0.9), whole(HARBOUR, 0.2)]
    found = Views(Shelf([HARBOUR]).document).candidates(passages)
    assert [c.passage_score for c in found] == [0.9, 0.2, 0.2, 0.2]
    assert found[0].text == "Forty ships wait outside the breakwater."


def test_a_sentence_that_a_passage_holds_only_in_part_is_read_whole():
    found = Views(Shelf([HARBOUR]).document).candidates([part(HARBOUR, "ships wait", 0.5)])
    assert [c.text for c in found] == ["Forty ships wait outside the breakwater."]


def test_a_changed_document_is_viewed_anew_and_an_unchanged_one_is_not():
    shelf = {"d": Document("d", "It was so.")}
    views = Views(shelf.__getitem__)
    first = views.of("d")
    assert views.of("d") is first
    shelf["d"] = Document("d", "It was not so.")
    assert views.of("d").document.text == "It was not so."


def test_more_documents_than_are_kept_are_all_viewed_right():
    shelf = {str(n): Document(str(n), f"Ship {n} waits.") for n in range(20)}
    views = Views(shelf.__getitem__, limit=3)
    for _ in range(2):
        assert all(views.of(name).document is shelf[name] for name in shelf)


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet="aB. \n“”!", max_size=60), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 60)), max_size=6),
)
def test_candidates_are_the_sentences_that_passages_touch_once_each(texts, spans):
    documents = [Document(f"d{n}", text) for n, text in enumerate(texts)]
    passages = [
        Passage(d.id, start, end, d.text[start:end], 1.0)
        for number, start, end in spans
        for d in [documents[number % len(documents)]]
        if start < end <= len(d.text)
    ]
    found = Views(Shelf(documents).document).candidates(passages)
    keys = [(c.document.id, c.start, c.end) for c in found]
    assert len(set(keys)) == len(keys)
    assert set(keys) == {
        (d.id, s.start, s.end)
        for d in documents
        for s in split_sentences(d.text)
        if any(p.document == d.id and p.start < s.end and s.start < p.end for p in passages)
    }


def test_a_line_that_reads_as_a_heading_states_nothing():
    seen = view(LIGHT)
    found = [seen.candidate(index) for index in range(len(seen.sentences))]
    assert [candidate.heads for candidate in found] == [False, True, False, False]
    assert [candidate.states for candidate in found] == [True, False, True, True]
