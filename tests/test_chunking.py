import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.chunking import CHUNKER, split_document
from rag.minilm import count_pieces
from rag.sentences import split_sentences
from rag.types import Document, Heading


def document(text, *, headings=(), title="The harbour pact", date="2024-05-06"):
    marks = tuple(
        Heading(text.index(name), text.index(name) + len(name), level) for name, level in headings
    )
    return Document("doc", text, title=title, date=date, headings=marks)


ARTICLE = (
    "Talks on the harbour began in spring. Both sides sent envoys.\n\n"
    "The Terms\n"
    "The pact runs for ten years. It names four ports.\n\n"
    "Ports\n"
    "Two ports lie in the north. Two lie in the south.\n\n"
    "Reactions\n"
    "Fishermen were pleased. Hauliers were not."
)
HEADINGS = [("The Terms", 1), ("Ports", 2), ("Reactions", 1)]


def test_chunks_stay_within_their_section_and_leave_headings_out():
    chunks = split_document(document(ARTICLE, headings=HEADINGS), chunk_tokens=180)
    assert [chunk.text for chunk in chunks] == [
        "Talks on the harbour began in spring. Both sides sent envoys.",
        "The pact runs for ten years. It names four ports.",
        "Two ports lie in the north. Two lie in the south.",
        "Fishermen were pleased. Hauliers were not.",
    ]


def test_the_context_tells_title_date_and_headings():
    chunks = split_document(document(ARTICLE, headings=HEADINGS), chunk_tokens=180)
    assert [chunk.context for chunk in chunks] == [
        "The harbour pact (2024-05-06)",
        "The harbour pact (2024-05-06) — The Terms",
        "The harbour pact (2024-05-06) — The Terms > Ports",
        "The harbour pact (2024-05-06) — Reactions",
    ]


def test_what_is_unknown_or_said_twice_is_not_in_the_context():
    text = "The harbour pact\nIt was signed."
    heading = [("The harbour pact", 1)]
    (chunk,) = split_document(document(text, headings=heading, date=None), chunk_tokens=180)
    assert chunk.context == "The harbour pact"
    (chunk,) = split_document(document("It was signed.", title=None), chunk_tokens=180)
    assert chunk.context == ""
    assert chunk.embedded_text == "It was signed."


def test_a_long_title_and_long_headings_are_cut_between_words():
    text = "Ports " * 200 + "\nIt was signed."
    long = document(text, headings=[("Ports " * 200, 1)], title="Harbour " * 200)
    (chunk,) = split_document(long, chunk_tokens=240)
    title, _, headings = chunk.context.partition(" (2024-05-06) — ")
    assert title.endswith("Harbour…")
    assert 30 < count_pieces(title) <= 40
    assert headings.endswith("Ports…")
    assert 15 < count_pieces(headings) <= 24


def test_chunks_are_whole_sentences():
    text = " ".join(f"Envoy number {n} spoke about port {n * 7} at length." for n in range(200))
    sentences = {(s.start, s.end) for s in split_sentences(text)}
    chunks = split_document(document(text), chunk_tokens=60)
    assert len(chunks) > 30
    assert {chunk.start for chunk in chunks} <= {start for start, _ in sentences}
    assert {chunk.end for chunk in chunks} <= {end for _, end in sentences}
    assert all(45 <= count_pieces(chunk.text) <= 60 for chunk in chunks[:-1])


def test_paragraphs_are_kept_whole_where_they_fit():
    paragraphs = ["One envoy spoke. " * 8 + "He left." for _ in range(6)]
    text = "\n\n".join(paragraphs)
    chunks = split_document(document(text), chunk_tokens=100)
    assert [chunk.text for chunk in chunks] == [
        "\n\n".join(paragraphs[i : i + 2]) for i in (0, 2, 4)
    ]


def test_repeated_text_is_found_where_it_stands():
    text = "The pact holds. It runs on. " * 300
    chunks = split_document(document(text), chunk_tokens=40)
    assert [chunk.start for chunk in chunks] == sorted({chunk.start for chunk in chunks})
    assert "".join(chunk.text for chunk in chunks).replace(" ", "") == text.replace(" ", "")
    assert chunks[3].id == f"doc#{chunks[3].start}-{chunks[3].end}"


def test_a_sentence_longer_than_a_chunk_is_cut_between_words():
    text = "and the ships sailed on " * 100
    chunks = split_document(document(text), chunk_tokens=50)
    assert all(chunk.text.split()[0] in ("and", "the", "ships", "sailed", "on") for chunk in chunks)
    assert " ".join(chunk.text for chunk in chunks).split() == text.split()


def test_the_chunker_has_a_fingerprint():
    assert CHUNKER.startswith("minilm-sentences/")


WORDS = "The pact Oct. U.S. ships 1,000 – “We said.” (no) é 日本 x supercalifragilistic".split(" ")
SPACES = [" ", " ", "  ", "\n", "\n\n", ". ", "! ", ".\n\n"]
RUNS = ["!" * 40, "y" * 130, "日" * 50, "ab" * 60, "🖨" * 30]
TEXTS = st.lists(
    st.tuples(st.sampled_from([*WORDS, *RUNS]), st.sampled_from(SPACES)), max_size=80
).map(lambda pairs: "".join(word + space for word, space in pairs))


@st.composite
def documents(draw):
    # The same text twice: a chunk found at its first occurrence would be found in the wrong place.
    text = draw(TEXTS | st.text(max_size=200))
    text = text + draw(st.sampled_from(["", text, "\n\n" + text]))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    headings = tuple(Heading(a, b, draw(st.integers(1, 3))) for a, b in pairs)
    title = draw(st.none() | st.sampled_from(["The pact", "Ships " * 60]))
    return Document("d", text, title=title, date="2024", headings=headings)


@given(documents(), st.sampled_from([32, 64, 180, 240]))
@settings(max_examples=200, deadline=None)
def test_chunks_are_small_ordered_slices_that_lose_no_word(doc, limit):
    covered = [False] * len(doc.text)
    last = 0
    for chunk in split_document(doc, chunk_tokens=limit):
        assert last <= chunk.start < chunk.end <= len(doc.text)
        assert chunk.text == doc.text[chunk.start : chunk.end] == chunk.text.strip()
        assert count_pieces(chunk.text) <= limit
        assert count_pieces(chunk.embedded_text) + 2 <= 256  # [CLS] and [SEP]
        covered[chunk.start : chunk.end] = [True] * len(chunk.text)
        last = chunk.end
    for heading in doc.headings:
        assert not any(covered[heading.start : heading.end])
    for sentence in split_sentences(doc.text, doc.headings):
        for position in range(sentence.start, sentence.end):
            assert covered[position] or not doc.text[position].isalnum()


@pytest.mark.parametrize("unit", ["x", "!", "ab! ", "日", "the ships sailed on ", "y" * 150 + " "])
def test_one_giant_line_is_cut_in_linear_time(unit):
    text = unit * (300_000 // len(unit))
    started = time.process_time()
    chunks = split_document(document(text), chunk_tokens=180)
    assert time.process_time() - started < 20  # quadratic work would take minutes
    assert all(len(chunk.text) <= 1_800 for chunk in chunks)
    assert bool(chunks) == any(character.isalnum() for character in unit)
