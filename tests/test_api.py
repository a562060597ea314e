import asyncio
from pathlib import Path

import pytest
from invented import assert_sound
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.llms import MockLLM

from rag.api import (
    check_index,
    find_quotes,
    index_documents,
    list_sources,
    open_chatbot,
    open_text_reader,
    open_verifier,
    remove_documents,
)
from rag.config import load_settings
from rag.errors import ConfigError, IndexMismatchError, IndexMissingError, InputError
from rag.llamaindex import LlamaIndexChatModel
from rag.rendering import answer_json
from rag.testing import HashEmbedder, ScriptedChatModel
from rag.verification import verify

ARTICLES = {
    "harbour.md": "---\ntitle: Harbour works delayed\npublished: 2024-11-05\n---\n"
    "Dredging of the northern harbour began on Monday. Forty ships wait outside the breakwater.\n",
    "bridge.txt": "The bridge over the strait closed in March. Engineers found cracks in its "
    "pillars.\n",
}
CRACKS = "Who found cracks in the pillars?"
CRACKED = "engineers found cracks in its pillars"
SHIPS = "How many ships wait outside the breakwater?"


@pytest.fixture(autouse=True)
def _no_cross_encoder(monkeypatch):
    """Answer by the linear reader, which needs no weights of its own."""
    monkeypatch.setenv("RAG_READER", "off")


def embedder():
    return HashEmbedder(dimensions=512)


@pytest.fixture(scope="module")
def articles(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory, articles):
    """An index folder of the articles; do not write to it."""
    folder = tmp_path_factory.mktemp("api") / "index"
    index_documents([articles], settings=load_settings(index=folder), embedder=embedder())
    return folder


@pytest.fixture
def own(tmp_path, articles):
    """Settings of an index of its own."""
    settings = load_settings(index=tmp_path / "index", seeds=articles)
    index_documents(settings=settings, embedder=embedder())
    return settings


def ids(settings):
    return [source["id"] for source in list_sources(settings=settings)]


# ---------------------------------------------------------------- opening


def test_opening_without_an_index_builds_one_from_the_seeds(tmp_path, articles):
    folder = tmp_path / "new" / "index"
    with open_chatbot(index=folder, seeds=articles, embedder=embedder()) as bot:
        answer = bot.ask(CRACKS)
        assert_sound(answer, bot.documents())
    assert not answer.abstained
    assert answer.citations[0].document == "bridge"
    assert ids(load_settings(index=folder)) == ["bridge", "harbour"]


def test_opening_an_index_embeds_no_document_again(built, tmp_path):
    counting = embedder()
    with open_chatbot(index=built, seeds=tmp_path / "none", embedder=counting) as bot:
        assert counting.embedded == 0
        assert [d.id for d in bot.documents()] == ["bridge", "harbour"]


def test_opening_with_neither_index_nor_seeds_says_what_is_missing(tmp_path):
    with pytest.raises(InputError, match="none"):
        open_chatbot(index=tmp_path / "index", seeds=tmp_path / "none", embedder=embedder())


def test_the_index_of_another_embedder_is_refused(built):
    with pytest.raises(IndexMismatchError):
        open_chatbot(index=built, embedder=HashEmbedder(dimensions=64))


def test_the_index_of_other_chunks_is_refused(built):
    with pytest.raises(IndexMismatchError):
        open_chatbot(settings=load_settings(index=built, chunk_tokens=64), embedder=embedder())


def test_an_emptied_index_says_how_to_fill_it(own):
    remove_documents(["bridge", "harbour"], settings=own)
    with pytest.raises(IndexMissingError, match="rag index"):
        open_chatbot(settings=own, embedder=embedder())


def test_settings_reach_the_chatbot(built):
    settings = load_settings(index=built, top_k=1, abstain_below=1.1)
    with open_chatbot(settings=settings, embedder=embedder()) as bot:
        answer = bot.ask("the bridge and the harbour")
        assert len(answer.passages) == 1
        assert answer.abstained
        assert "2024-11-05" in answer.text
        assert len(bot.search("the bridge and the harbour", top_k=2)) == 2


def test_the_environment_names_the_index_and_its_threshold(built, monkeypatch):
    monkeypatch.setenv("RAG_INDEX", str(built))
    monkeypatch.setenv("RAG_ABSTAIN_BELOW", "1.1")
    with open_chatbot(embedder=embedder()) as bot:
        assert bot.ask(CRACKS).abstained


def test_a_reader_that_is_neither_on_nor_off_is_refused(monkeypatch):
    monkeypatch.setenv("RAG_READER", "maybe")
    with pytest.raises(ConfigError, match="RAG_READER"):
        load_settings()


def test_without_a_chat_model_answers_are_extractive(built):
    with open_chatbot(index=built, embedder=embedder()) as bot:
        assert bot.model == bot.ask(SHIPS).model == "extractive"


def test_two_chatbots_share_an_index(built):
    with (
        open_chatbot(index=built, embedder=embedder()) as one,
        open_chatbot(index=str(built), embedder=embedder()) as two,
    ):
        assert one.ask(SHIPS).id == two.ask(SHIPS).id


# ---------------------------------------------------------------- models of LlamaIndex and others


def test_a_chat_model_of_ours_writes_the_answer(built):
    model = ScriptedChatModel("Engineers found cracks in its pillars. [1][2][3][4]")
    with open_chatbot(index=built, embedder=embedder(), chat_model=model) as bot:
        answer = bot.ask(CRACKS, sources=["bridge"])
        assert_sound(answer, bot.documents())
    assert (answer.mode, answer.model) == ("generative", "scripted")
    assert answer.citations


def test_an_embedding_of_llamaindex_is_taken_as_it_is(tmp_path, articles):
    folder = tmp_path / "index"
    with open_chatbot(index=folder, seeds=articles, embedder=MockEmbedding(embed_dim=8)) as bot:
        assert_sound(bot.ask(CRACKS), bot.documents())
    with pytest.raises(IndexMismatchError):
        open_chatbot(index=folder, embedder=embedder())


def test_a_language_model_of_llamaindex_is_taken_as_it_is(built):
    with open_chatbot(index=built, embedder=embedder(), chat_model=MockLLM(max_tokens=8)) as bot:
        answer = bot.ask(CRACKS)
        assert_sound(answer, bot.documents())
        assert asyncio.run(bot.aask(CRACKS)).text == answer.text
        assert answer.mode == "generative"
        assert answer.model == bot.model == LlamaIndexChatModel(MockLLM()).name


# ---------------------------------------------------------------- keeping an index


def test_sources_are_listed_with_what_is_known_of_them(built):
    bridge, harbour = list_sources(settings=load_settings(index=built))
    assert (harbour["id"], harbour["title"]) == ("harbour", "Harbour works delayed")
    assert harbour["date"] == "2024-11-05"
    assert harbour["chunks"] == bridge["chunks"] == 1
    assert bridge["author"] is None


def test_a_removed_document_is_found_no_more(own):
    report = remove_documents(["bridge"], settings=own)
    assert report.removed == ("bridge",)
    assert ids(own) == ["harbour"]
    assert check_index(settings=own, embedder=embedder()) == []
    with open_chatbot(settings=own, embedder=embedder()) as bot:
        assert "bridge" not in {p.document for p in bot.search("cracks in the pillars")}
        with pytest.raises(InputError, match="bridge"):
            bot.ask(CRACKS, sources=["bridge"])


def test_removing_what_is_not_there_removes_nothing(own):
    with pytest.raises(InputError, match="atlantis"):
        remove_documents(["bridge", "atlantis"], settings=own)
    assert ids(own) == ["bridge", "harbour"]


def test_a_document_that_is_added_later_is_found(own, tmp_path):
    ferry = tmp_path / "ferry.md"
    ferry.write_text("A ferry serves the island twice a day.\n", encoding="utf-8")
    report = index_documents([str(ferry)], settings=own, embedder=embedder())
    assert report.added == ("ferry",)
    with open_chatbot(settings=own, embedder=embedder()) as bot:
        answer = bot.ask("What serves the island twice a day?")
        assert answer.citations[0].document == "ferry"


def test_indexing_the_seeds_again_changes_nothing(own):
    report = index_documents(settings=own, embedder=embedder())
    assert report.unchanged == ("bridge", "harbour")
    assert (report.added, report.changed, report.embedded) == ((), (), 0)


def test_rebuilding_without_paths_keeps_every_document(own):
    index_documents(settings=own, embedder=embedder(), rebuild=True)
    assert ids(own) == ["bridge", "harbour"]
    assert check_index(settings=own, embedder=embedder()) == []


def test_a_folder_without_articles_is_an_error_that_names_it(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(InputError, match="nothing to index"):
        index_documents(
            [tmp_path], settings=load_settings(index=tmp_path / "index"), embedder=embedder()
        )
    assert not (tmp_path / "index" / "store.sqlite").exists()


def test_a_sound_index_has_no_problems_and_a_foreign_one_has(built):
    settings = load_settings(index=built)
    assert check_index(settings=settings, embedder=embedder()) == []
    assert check_index(settings=settings, embedder=HashEmbedder(dimensions=64))


@pytest.mark.parametrize(
    "call",
    [
        lambda s: list_sources(settings=s),
        lambda s: find_quotes("Engineers found cracks", settings=s),
        lambda s: remove_documents(["bridge"], settings=s),
        lambda s: check_index(settings=s, embedder=embedder()),
    ],
)
def test_what_needs_an_index_says_so_where_there_is_none_and_makes_none(tmp_path, call):
    with pytest.raises(IndexMissingError, match="rag index"):
        call(load_settings(index=tmp_path / "index"))
    assert not (tmp_path / "index").exists()


# ---------------------------------------------------------------- quotes and texts


def test_a_quote_is_found_with_its_place(built):
    (match,) = find_quotes(
        "engineers found cracks in its pillars", settings=load_settings(index=built)
    )
    assert (match.document, match.status) == ("bridge", "exact")
    with open_chatbot(index=built, embedder=embedder()) as bot:
        assert bot.document("bridge").text[match.start : match.end] == match.quote


def test_an_altered_quote_shows_what_differs(built):
    settings = load_settings(index=built)
    quote = "Dredging of the southern harbour began on Monday"
    (match,) = find_quotes(quote, settings=settings)
    assert match.status == "altered"
    assert [(d.asked, d.found) for d in match.differences] == [("southern", "northern")]


def test_a_quote_that_no_document_holds_is_not_found_and_an_empty_one_is_refused(built):
    settings = load_settings(index=built)
    assert find_quotes("A canary sang for the whole night", settings=settings) == ()
    with pytest.raises(InputError, match="empty"):
        find_quotes(" \n", settings=settings)


def test_a_text_is_read_without_any_index(tmp_path):
    settings = load_settings(index=tmp_path / "index")
    read = open_text_reader(settings=settings, embedder=embedder())
    reading = read(CRACKS, ARTICLES["bridge.txt"])
    assert reading.sentences[0].text == "Engineers found cracks in its pillars."
    assert not reading.abstained
    assert read("Which opera opened the festival?", ARTICLES["bridge.txt"]).abstained
    assert not (tmp_path / "index").exists()


def test_a_text_is_read_with_the_threshold_of_the_settings():
    settings = load_settings(abstain_below=1.1)
    assert open_text_reader(settings=settings, embedder=embedder())(
        CRACKS, ARTICLES["bridge.txt"]
    ).abstained


def test_a_settings_file_that_is_not_utf_8_is_refused_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes("RAG_MODEL=caf\u00e9".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"\.env: expected UTF-8"):
        load_settings()


def test_the_cross_encoder_has_its_say_unless_it_is_switched_off():
    text = ARTICLES["bridge.txt"]
    with_it, without = (
        open_text_reader(settings=load_settings(reader=state), embedder=embedder())(CRACKS, text)
        for state in ("on", "off")
    )
    assert with_it.sentences[0].text == without.sentences[0].text
    assert [s.score for s in with_it.sentences] != [s.score for s in without.sentences]


def test_an_answer_s_id_survives_reopening_and_is_the_one_in_json(built):
    with open_chatbot(index=Path(built), embedder=embedder()) as bot:
        first = bot.ask(SHIPS)
    with open_chatbot(index=built, embedder=embedder()) as bot:
        second = bot.ask(SHIPS)
    assert first.id == second.id == answer_json(first)["id"]


# ---------------------------------------------------------------- changing what is open

FERRY = "A ferry serves the island twice a day. Forty cars fit on its deck.\n"


@pytest.fixture
def ferry(tmp_path):
    path = tmp_path / "ferry.txt"
    path.write_text(FERRY, encoding="utf-8")
    return path


def test_what_is_added_to_an_open_chatbot_is_answered_from_at_once(own, ferry):
    with open_chatbot(settings=own, embedder=embedder()) as bot:
        read = []
        report = bot.add(ferry, read=read.append)
        assert report.added == ("ferry",)
        assert [outcome.path for outcome in read] == [str(ferry)]
        answer = bot.ask("How many cars fit on the deck of the ferry?")
        assert answer.citations[0].document == "ferry"
        assert_sound(answer, bot.documents())
        assert bot.remove("ferry").removed == ("ferry",)
        assert "ferry" not in {p.document for p in bot.search("ferry deck")}
    assert ids(own) == ["bridge", "harbour"]


def test_adding_and_removing_have_async_twins(own, ferry):
    async def changed(bot):
        return await bot.aadd([ferry]), await bot.aremove(["ferry"])

    with open_chatbot(settings=own, embedder=embedder()) as bot:
        added, removed = asyncio.run(changed(bot))
    assert (added.added, removed.removed) == (("ferry",), ("ferry",))


def test_what_one_chatbot_adds_another_finds(own, ferry):
    with (
        open_chatbot(settings=own, embedder=embedder()) as one,
        open_chatbot(settings=own, embedder=embedder()) as other,
    ):
        before = other.revision
        one.add([str(ferry)])
        assert other.revision > before
        assert other.search("cars on the deck")[0].document == "ferry"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda bot, path: bot.add([]), "nothing was given"),
        (lambda bot, path: bot.add(path / "nowhere"), "no such file"),
        (lambda bot, path: bot.add(path), "nothing to index"),
        (lambda bot, path: bot.remove("nobody"), "no such document in the index: nobody"),
    ],
)
def test_a_change_that_cannot_be_made_changes_nothing(own, tmp_path, change, complaint):
    (tmp_path / "empty").mkdir()
    with open_chatbot(settings=own, embedder=embedder()) as bot:
        before = bot.revision
        with pytest.raises(InputError, match=complaint):
            change(bot, tmp_path / "empty")
        assert bot.revision == before


def test_a_verifier_reads_what_is_said_in_other_words_unless_it_is_switched_off():
    claim, evidence = "The bridge was shut.", "The bridge over the strait was closed in March."
    read, unread = (
        open_verifier(settings=load_settings(reader=state))(claim, evidence)
        for state in ("on", "off")
    )
    assert unread == verify(claim, evidence)
    assert (read.verdict, unread.verdict) == ("supported", "not_enough")
