"""The word index of a large store: questions of common words are searched by their rarest."""

import numpy as np
import pytest

from rag.store import Entry, Identity, create_store, embedding_key
from rag.store.words import MOST_SCORED
from rag.types import Chunk, Document

VECTOR = np.ones(2, np.float32)


def entry(name, texts):
    text, chunks = "", []
    for part in texts:
        chunks.append(Chunk(name, len(text), len(text) + len(part), part))
        text += f"{part} "
    keys = tuple(embedding_key(part, "") for part in texts)
    return Entry(Document(name, text), tuple(chunks), keys)


def put(store, name, texts):
    made = entry(name, texts)
    store.apply([made], vectors=dict.fromkeys(made.keys, VECTOR))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("words") / "store.sqlite"
    with create_store(path, Identity("e", "c")) as store:
        put(store, "many", [f"harbour news {n}" for n in range(MOST_SCORED + 10)])
        put(store, "few", ["harbour kiosk", "kiosk news", "harbour ferry timetable"])
        yield store


def found(store, *terms, **options):
    names = [name for name, _ in store.search_words(terms, limit=5, **options)]
    chunks = store.chunks(names)
    return [chunks[name].text for name in names]


def test_the_rarest_word_of_a_question_decides(store):
    assert set(found(store, "harbour", "news", "kiosk")) == {"harbour kiosk", "kiosk news"}


def test_a_phrase_counts_as_one_word(store):
    assert found(store, "harbour", "ferry timetable") == ["harbour ferry timetable"]


def test_a_common_word_alone_is_searched_all_the_same(store):
    assert len(found(store, "harbour")) == 5
    assert len(found(store, "harbour", "nowhere")) == 5


def test_words_that_are_nowhere_find_nothing(store):
    assert found(store, "nowhere", "never") == []


def test_all_words_count_within_named_documents(store):
    assert found(store, "harbour", "kiosk", documents=["few"])[0] == "harbour kiosk"
    assert len(found(store, "harbour", "kiosk", documents=["few"])) == 3


def test_counts_of_words_follow_a_change(store):
    assert store.word_frequencies(["kiosk", "nowher"]) == {"kiosk": 2}
    assert store.words_between("kios", "kiot") == [("kiosk", 2)]
    put(store, "later", ["kiosk again"])
    assert store.word_frequencies(["kiosk"]) == {"kiosk": 3}
    assert store.words_between("kios", "kiot") == [("kiosk", 3)]
