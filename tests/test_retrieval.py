import contextlib
import itertools
import threading
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index import open_vectors
from rag.ingestion import STORE_FILE, ingest, remove
from rag.retrieval import (
    HybridRetriever,
    Ranked,
    fuse,
    inverse_frequency,
    merge_neighbours,
    query_phrases,
)
from rag.store import open_store
from rag.testing import HashEmbedder
from rag.types import Chunk, Document, Heading, ReadOutcome

HARBOUR = """The works

Dredging of the northern harbour began on Monday. Forty ships wait outside the breakwater.

The delay

The harbour master blames the weather for the delay. Insurers disagree with the harbour master."""
DOCUMENTS = (
    Document(
        "harbour",
        HARBOUR,
        title="Harbour works delayed",
        date="2024-11-05",
        headings=(
            Heading(0, 9, 2),
            Heading(HARBOUR.index("The delay"), HARBOUR.index("The delay") + 9, 2),
        ),
    ),
    Document("pact", "Moscow signed a treaty with Pyongyang in June. It binds both for years."),
    Document(
        "bridge",
        "The bridge over the strait closed. Engineers found cracks in its pillars, "
        "as a summary tells.",
    ),
    Document("island", "A ferry serves the island. Islanders want a bridge instead of the ferry."),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, server):
    made = tmp_path_factory.mktemp("retrieval")
    outcomes = [ReadOutcome(d.id, (d,)) for d in DOCUMENTS]
    embedder = HashEmbedder(dimensions=512)
    ingest(made, outcomes, embedder=embedder, chunk_tokens=32, server=server)
    return made


def open_retriever(folder, resources, server):
    store = resources.enter_context(open_store(folder / STORE_FILE))
    vectors = open_vectors(folder, store, server=server)
    resources.callback(vectors.close)
    return HybridRetriever(store, vectors, HashEmbedder(dimensions=512))


@pytest.fixture(scope="module")
def retriever(folder, server):
    with contextlib.ExitStack() as resources:
        yield open_retriever(folder, resources, server)


def first(retriever, query, **options):
    return retriever.search(query, top_k=3, **options)[0]


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("Who found cracks in the pillars?", "bridge"),
        ("How many ships wait?", "harbour"),
        ("What did Russia sign with North Korea?", "pact"),
        ("DPRK treaty with Kremlin", "pact"),
        ("What do islanders want?", "island"),
        ("dregding the harbuor", "harbour"),
        ("enginers and pilars", "bridge"),
    ],
)
def test_the_passage_that_bears_on_a_query_comes_first(retriever, query, document):
    assert first(retriever, query).document == document


any_query = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Lm", "Mn"]), max_size=60),
    st.lists(
        st.sampled_from(["harbour", "Moscow", "the", "DPRK", "fery", '"', "OR", "\0", "É"]),
        max_size=8,
    ).map(" ".join),
)


@settings(deadline=None, max_examples=80)
@given(
    query=any_query,
    top_k=st.integers(1, 10),
    sources=st.sets(st.sampled_from("harbour pact bridge".split())),
)
def test_passages_are_slices_of_the_sources_with_falling_scores(retriever, query, top_k, sources):
    passages = retriever.search(query, top_k=top_k, sources=sources or None)
    texts = {d.id: d.text for d in DOCUMENTS}
    assert len(passages) <= top_k
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)
    for passage in passages:
        assert texts[passage.document][passage.start : passage.end] == passage.text
        assert 0 <= passage.score <= 1
        assert not sources or passage.document in sources
    spans = sorted((p.document, p.start, p.end) for p in passages)
    for (one, _, end), (other, start, _) in itertools.pairwise(spans):
        assert one != other or end <= start, "passages do not overlap"


def test_asking_twice_gives_the_same(retriever):
    query = "harbour bridge ferry treaty"
    assert retriever.search(query, top_k=5) == retriever.search(query, top_k=5)


def test_no_sources_find_nothing(retriever):
    assert retriever.search("harbour", top_k=3, sources=[]) == ()


def test_threads_find_the_same(retriever):
    queries = ["harbour master", "cracked pillars", "treaty of June", "ferry to the island"] * 5
    expected = [retriever.search(q, top_k=3) for q in queries]
    found = [None] * len(queries)

    def search(place):
        found[place] = retriever.search(queries[place], top_k=3)

    threads = [threading.Thread(target=search, args=(place,)) for place in range(len(queries))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_a_document_that_goes_is_no_longer_found(tmp_path, server):
    outcomes, embedder = [ReadOutcome(d.id, (d,)) for d in DOCUMENTS], HashEmbedder(dimensions=512)
    ingest(tmp_path, outcomes, embedder=embedder, chunk_tokens=32, server=server)
    with contextlib.ExitStack() as resources:
        retriever = open_retriever(tmp_path, resources, server)
        assert first(retriever, "cracks in the pillars").document == "bridge"
        remove(tmp_path, ["bridge"], server=server)
        found = retriever.search("cracks in the pillars", top_k=10)
        assert "bridge" not in {p.document for p in found}


# ---------------------------------------------------------------------- typing errors


@pytest.mark.parametrize(
    ("query", "mended"),
    [
        ("Where is the harbuor?", "Where is the harbour?"),
        ("cracked pilars", "cracked pillars"),
        ("the brigde", "the bridge"),
        ("harbour", "harbour"),
        ("islnad ferry", "island ferry"),
        ("Whta is zzzzzzzz?", "Whta is zzzzzzzz?"),
        ("waht is an island", "what is an island"),
        ("wich is an island", "which is an island"),
        ("Summarise the islnad", "Summarise the island"),
        ("summaary of it", "summary of it"),
        ("", ""),
        ("12345 67890", "12345 67890"),
    ],
)
def test_typing_errors_are_mended_from_the_words_of_the_index(retriever, query, mended):
    assert retriever.mend(query) == mended


def test_a_word_that_is_spelled_right_stays_though_the_index_lacks_it(folder, server):
    with (
        open_store(folder / STORE_FILE) as store,
        contextlib.closing(open_vectors(folder, store, server=server)) as vectors,
    ):
        embedder = HashEmbedder(dimensions=512)
        knowing = HybridRetriever(store, vectors, embedder, is_word=lambda word: word == "bride")
        assert knowing.mend("the bride") == "the bride"
        assert HybridRetriever(store, vectors, embedder).mend("the bride") == "the bridge"
        spelled = HybridRetriever(store, vectors, embedder, is_word=lambda word: True)
        assert spelled.mend("wheat of an island") == "wheat of an island"
        assert spelled.mend("wen is an island") == "when is an island"


@settings(deadline=None, max_examples=80)
@given(query=any_query)
def test_mending_takes_any_text_and_is_done_once(retriever, query):
    mended = retriever.mend(query)
    assert retriever.mend(mended) == mended


def test_a_word_that_folds_to_nothing_is_left_alone(retriever):
    assert retriever.mend("ﾞﾞﾞﾞﾞ") == "ﾞﾞﾞﾞﾞ"


# ---------------------------------------------------------------------- weights and phrases


def test_rare_terms_weigh_more_and_a_country_by_all_its_names(retriever):
    weights = retriever.term_weights(["ferri", "pillar", "absent", "@russia"])
    assert weights["absent"] > weights["pillar"] > 0
    assert weights["pillar"] >= weights["ferri"]
    assert weights["@russia"] == weights["pillar"], "Moscow is in one chunk, as the pillars are"


@given(count=st.integers(0, 1000), total=st.integers(0, 1000))
def test_inverse_frequency_falls_with_the_count_and_stays_above_zero(count, total):
    weight = inverse_frequency(count, total)
    assert weight > 0
    assert inverse_frequency(count + 1, total) <= weight


def test_what_is_looked_for_are_content_words_and_the_names_of_countries():
    assert query_phrases("What did the ferry master say?") == ["ferry", "master"]
    assert query_phrases("Who sold the harbour?") == ["sell", "sold", "harbor", "harbour"]
    phrases = query_phrases("Why does Moscow trade with China?")
    assert {"russia", "kremlin", "china", "beijing", "trade"} <= set(phrases)
    assert query_phrases("Who sold the ferry?") == ["sell", "sold", "ferry"]
    assert query_phrases("what is it?") == []


# ---------------------------------------------------------------------- fusing

rankings = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.floats(-1, 20)), unique_by=lambda hit: hit[0]
).map(lambda hits: sorted(hits, key=lambda hit: -hit[1]))
positive = rankings.map(lambda hits: [(name, abs(score)) for name, score in hits])


@given(rankings, positive)
def test_fused_scores_fall_and_lie_between_nought_and_one(dense, held):
    fused = fuse(dense, held)
    assert set(fused) == {name for name, _ in (*dense, *held)}
    assert list(fused.values()) == sorted(fused.values(), reverse=True)
    assert all(-1e-9 <= score <= 1.0000001 for score in fused.values())


@given(rankings)
def test_fusing_with_nothing_keeps_the_order_of_scores(dense):
    score, kept = dict(dense), list(fuse(dense, []))
    assert all(score[one] >= score[other] - 1e-6 for one, other in pairwise(kept))


def test_fusing_adds_scaled_scores():
    fused = fuse([("a", 0.9), ("b", 0.7), ("c", 0.5)], [("b", 8.0), ("d", 2.0)])
    assert fused == pytest.approx({"b": 0.755, "a": 0.49, "d": 0.1275, "c": 0.0})


def test_the_one_text_with_a_rare_word_stands_out():
    dense = [(name, 0.5 - number / 100) for number, name in enumerate("abcdefghij")]
    fused = fuse(dense, [("e", 12.0), ("a", 2.0), ("b", 2.0), ("c", 1.9), ("d", 1.8)])
    assert next(iter(fused)) == "e"


# ---------------------------------------------------------------------- joining neighbours

TEXT = "".join(f"Sentence {n:03} is here. " for n in range(400)).strip()
LIBRARY = {name: Document(name, TEXT) for name in "xy"}


def cut(document, start, end, context=""):
    return Chunk(document, start, end, TEXT[start:end], context)


@st.composite
def ranked_chunks(draw):
    ranked = []
    for name in draw(st.sets(st.sampled_from("xy"))):
        edges = sorted(draw(st.sets(st.integers(0, len(TEXT)), min_size=2, max_size=8)))
        context = draw(st.sampled_from(["", "one", "two"]))
        ranked += [
            Ranked(cut(name, start, end, context), draw(st.floats(0.01, 1)))
            for start, end in itertools.pairwise(edges)
        ]
    return draw(st.permutations(ranked))


@given(ranked_chunks())
def test_joined_passages_cover_the_chunks_and_nothing_else(ranked):
    passages = merge_neighbours(ranked, LIBRARY.__getitem__)
    covered = {(p.document, place) for p in passages for place in range(p.start, p.end)}
    wanted = {
        (r.chunk.document, place) for r in ranked for place in range(r.chunk.start, r.chunk.end)
    }
    assert covered == wanted
    for passage in passages:
        assert TEXT[passage.start : passage.end] == passage.text
        inside = [
            r
            for r in ranked
            if r.chunk.document == passage.document and passage.start <= r.chunk.start < passage.end
        ]
        assert passage.score == pytest.approx(max(r.score for r in inside), abs=1e-6)
        assert len(passage.text) <= 1800 or len(inside) == 1


def test_chunks_that_touch_are_joined_and_sections_kept_apart():
    def joined(*chunks):
        passages = merge_neighbours([Ranked(c, 0.5) for c in chunks], LIBRARY.__getitem__)
        return sorted((p.document, p.start, p.end) for p in passages)

    assert joined(cut("x", 0, 21), cut("x", 22, 43)) == [("x", 0, 43)]
    assert joined(cut("x", 0, 21), cut("x", 44, 65)) == [("x", 0, 21), ("x", 44, 65)]
    assert joined(cut("x", 0, 21, "one"), cut("x", 22, 43, "two")) == [("x", 0, 21), ("x", 22, 43)]
    assert joined(cut("x", 0, 21), cut("y", 22, 43)) == [("x", 0, 21), ("y", 22, 43)]
    assert merge_neighbours([], LIBRARY.__getitem__) == ()
