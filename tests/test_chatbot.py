import asyncio
import contextlib
import itertools
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import (
    BRIDGE,
    DOCUMENTS,
    HARBOUR,
    ISLAND,
    Shelf,
    WholeDocuments,
    assert_sound,
    plain,
    small_chatbot,
    small_reader,
)

from rag.chatbot import Chatbot
from rag.errors import ChatModelDenied, InputError
from rag.index import open_vectors
from rag.ingestion import STORE_FILE, ingest
from rag.questions import MAX_QUESTION_CHARACTERS
from rag.reading import WINDOWS_READ, Reader
from rag.rendering import answer_json
from rag.rendering_chat import chat_html
from rag.retrieval import HybridRetriever
from rag.store import open_store
from rag.testing import HashEmbedder, ScriptedChatModel
from rag.types import Answer, Document, Message, ReadOutcome, SentenceReading

CRACKS = "Who found cracks in the pillars?"
SHIPS = "How many ships wait outside the breakwater?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, server):
    made = tmp_path_factory.mktemp("chatbot")
    outcomes = [ReadOutcome(d.id, (d,)) for d in DOCUMENTS]
    embedder = HashEmbedder(dimensions=512)
    ingest(made, outcomes, embedder=embedder, chunk_tokens=32, server=server)
    return made


@pytest.fixture(scope="module")
def make(folder, server):
    """Make a chatbot over a real index, with the options given."""
    with contextlib.ExitStack() as resources:
        store = resources.enter_context(open_store(folder / STORE_FILE))
        vectors = open_vectors(folder, store, server=server)
        resources.callback(vectors.close)
        retriever = HybridRetriever(store, vectors, HashEmbedder(dimensions=512))
        yield lambda **options: Chatbot(store, retriever, small_reader(), **options)


@pytest.fixture(scope="module")
def bot(make):
    return make()


@pytest.fixture(scope="module")
def eager(make):
    return make(abstain_below=0.0)


# ---------------------------------------------------------------- what every answer keeps to

words = st.sampled_from(
    [
        *"harbour ships bridge pillars delay ferry Monday 40 1,200 said He It They first".split(),
        *(
            "“cracks",
            "closed”",
            "[1]",
            "[2]",
            "*",
            "_",
            "<b>",
            "`",
            "#",
            "\\",
            "Dr.",
            "three reasons",
        ),
    ]
)
sentences = st.builds(
    lambda opening, rest, stop: " ".join([opening, *rest]) + stop,
    st.sampled_from(["The", "He", "It", "Engineers", "“We", "#", "- a", "1. The", "Officials in"]),
    st.lists(words, min_size=1, max_size=8),
    st.sampled_from([".", "?", "!", ".”", ":", ""]),
)
texts = st.lists(st.lists(sentences, min_size=1, max_size=4).map(" ".join), max_size=3).map(
    "\n\n".join
)
questions = st.one_of(
    st.lists(words, min_size=1, max_size=6).map(" ".join),
    st.sampled_from([CRACKS, SHIPS, "Compare the sources", "List the reasons", "Summarize it"]),
    st.text(max_size=40).filter(lambda text: text.strip()),
)


@settings(deadline=None, max_examples=80)
@given(
    texts=st.lists(st.one_of(texts, st.text(max_size=80)), min_size=1, max_size=3),
    question=questions,
    abstain_below=st.sampled_from([1e-9, 0.5, 1.1]),
)
def test_every_answer_cites_slices_of_its_documents_in_order(texts, question, abstain_below):
    documents = [Document(f"d{number}", text) for number, text in enumerate(texts)]
    bot = small_chatbot(*documents, abstain_below=abstain_below)
    answer = bot.ask(question)
    assert_sound(answer, documents)
    assert answer.final
    assert answer.mode == "extractive"


@settings(deadline=None, max_examples=40)
@given(question=questions, top_k=st.integers(1, 5))
def test_over_a_real_index_answers_cite_slices_too(make, question, top_k):
    answer = make(top_k=top_k, abstain_below=0.0).ask(question)
    assert_sound(answer, DOCUMENTS)
    for more in answer.passages[top_k:]:  # only what is cited beyond those to show
        own = [c for c in answer.citations if c.document == more.document]
        assert any(c.start < more.end and more.start < c.end for c in own)


@pytest.mark.parametrize(
    ("question", "document", "quote"),
    [
        (CRACKS, BRIDGE, "Engineers found cracks in its pillars."),
        (SHIPS, HARBOUR, "Forty ships wait outside the breakwater."),
        ("What do islanders want instead?", ISLAND, "Islanders want a tunnel instead."),
    ],
)
def test_the_sentence_that_answers_is_cited_word_for_word(bot, question, document, quote):
    answer = bot.ask(question)
    assert not answer.abstained
    cited = {(c.document, c.quote) for c in answer.citations}
    assert (document.id, quote) in cited
    assert quote in answer.text
    assert all(claim.verdict == "verbatim" and claim.citations for claim in answer.claims)


def test_an_answer_says_who_wrote_it_what_was_asked_and_how_long_it_took(bot):
    answer = bot.ask(f"  {CRACKS}\n")
    assert (answer.question, answer.query) == (CRACKS, CRACKS)
    assert answer.model == bot.model == "extractive"
    assert answer.timings_ms["total"] >= answer.timings_ms["retrieve"] >= 0


def test_asking_twice_gives_the_same_answer(bot):
    first, second = bot.ask(SHIPS), bot.ask(SHIPS)
    assert (first.id, first.text, first.citations) == (second.id, second.text, second.citations)


def test_an_answer_keeps_its_id_and_spans_in_json(bot):
    answer = bot.ask(SHIPS)
    exported = answer_json(answer)
    assert exported["id"] == answer.id == bot.ask(SHIPS).id
    assert exported["answer"] == answer.text
    assert exported["query"] == answer.query
    spans = [(c["document"], c["start"], c["end"], c["quote"]) for c in exported["citations"]]
    assert spans == [(c.document, c.start, c.end, c.quote) for c in answer.citations]


def test_answers_with_other_citations_have_other_ids(bot, eager):
    ids = {eager.ask(q).id for q in (CRACKS, SHIPS, "ferry", "the storm")}
    assert len(ids) == 4


# ---------------------------------------------------------------- abstaining


@pytest.mark.parametrize("question", [CRACKS, SHIPS, "zzz qqq"])
def test_above_certainty_every_question_is_refused_with_the_nearest_passage(make, question):
    answer = make(abstain_below=1.1).ask(question)
    assert answer.abstained
    assert answer.claims == ()
    assert len(answer.citations) == 1
    assert "2024-11-05" in answer.text, "the newest date of all documents"
    assert_sound(answer, DOCUMENTS)


def test_a_refusal_names_the_document_it_came_nearest_in(make):
    answer = make(abstain_below=1.1).ask(CRACKS)
    assert answer.citations[0].document == "bridge"
    assert BRIDGE.author in answer.text
    assert BRIDGE.date in answer.text


def test_a_refusal_takes_no_id_for_an_author():
    answer = small_chatbot(ISLAND, abstain_below=1.1).ask("ferry")
    assert "island" in answer.text
    assert "by island" not in answer.text


def test_without_dates_a_refusal_names_none():
    answer = small_chatbot(ISLAND, abstain_below=1.1).ask("ferry")
    assert answer.abstained
    assert "newest" not in answer.text


@pytest.mark.parametrize("question", [CRACKS, "zzz qqq", "?!"])
def test_at_threshold_zero_no_question_is_refused(eager, question):
    answer = eager.ask(question)
    assert not answer.abstained
    assert answer.claims


def test_a_question_without_a_content_word_is_refused():
    answer = small_chatbot(abstain_below=0.001).ask("?!")
    assert answer.abstained


class ReadsPillarsOnly(Reader):
    """Reads as if nothing answered but what is asked about pillars."""

    def score(self, question, candidates, **options):
        scored = super().score(question, candidates, **options)
        return scored if "pillars" in question.text else ()


def test_a_part_that_nothing_answers_is_named_in_a_note():
    shelf = Shelf(DOCUMENTS)
    reader = ReadsPillarsOnly(HashEmbedder(dimensions=512))
    bot = Chatbot(shelf, WholeDocuments(shelf), reader, abstain_below=0.001)
    answer = bot.ask("Who found cracks in the pillars, and who painted the ferry?")
    assert answer.claims
    assert answer.notes == ("The articles do not answer: who painted the ferry?",)
    assert not bot.ask("Who found cracks in the pillars?").notes


class ReadsOneWord:
    """Stands in for the cross-encoder: a sentence answers if it holds a word."""

    def __init__(self, word):
        self._word = word
        self.read_passages = 0

    def read(self, question, passages):
        self.read_passages += len(passages)
        return [
            [SentenceReading(6.0 if self._word in text else -6.0) for text in p] for p in passages
        ]


FILLER = [
    Document(f"filler-{n}", f"The tide at the harbour turned on day {n}. Nobody saw the tide turn.")
    for n in range(12)
]
ELSEWHERE = Document("elsewhere", "Gulls fed on the moorings while workers slept in their huts.")


def looking(word, documents, **options):
    """Make a chatbot whose search ranks documents in the order given."""
    shelf = Shelf(documents)
    passages = ReadsOneWord(word)
    reader = Reader(HashEmbedder(dimensions=512), passages=passages)
    return Chatbot(shelf, WholeDocuments(shelf), reader, **options), passages


def test_before_it_declines_it_searches_and_reads_further():
    bot, _ = looking("Gulls", (*FILLER, ELSEWHERE), top_k=5)
    answer = bot.ask("What did the birds eat at the harbour?")
    assert not answer.abstained
    assert [c.document for c in answer.citations] == [ELSEWHERE.id]
    assert [p.document for p in answer.passages] == [d.id for d in (*FILLER[:5], ELSEWHERE)]


def test_what_answers_at_once_is_read_no_further():
    near, reads = looking("tide", FILLER, top_k=4)
    assert not near.ask("When did the tide at the harbour turn?").abstained
    assert reads.read_passages <= WINDOWS_READ


@pytest.mark.parametrize(("top_k", "most"), [(2, 6), (30, 48)])
def test_it_looks_no_further_than_three_times_as_far_and_not_without_end(top_k, most):
    many = [replace(d, id=f"{d.id}-{n}") for n in range(6) for d in FILLER]
    bot, reads = looking("Gulls", (*many, ELSEWHERE), top_k=top_k)
    assert bot.ask("What did the birds eat at the harbour?").abstained
    first = min(2 * top_k, WINDOWS_READ)
    assert first < reads.read_passages <= first + most


@pytest.mark.parametrize("top_k", [0, -1])
def test_a_search_for_no_passages_is_refused(bot, top_k):
    with pytest.raises(InputError, match="top_k"):
        bot.search("harbour", top_k=top_k)


@pytest.mark.parametrize(
    "abstain_below",
    [0.5, 0.0],
)
@pytest.mark.parametrize("text", ["", "   \n", "* * *\n\n—"])
def test_where_no_passage_has_a_sentence_nothing_is_cited(text, abstain_below):
    model = ScriptedChatModel("Never asked.")
    bot = small_chatbot(Document("bare", text), abstain_below=abstain_below, chat_model=model)
    answer = bot.ask("ferry")
    assert answer.abstained
    assert answer.citations == answer.claims == ()
    assert answer.text
    assert not model.calls, "there is no evidence to write from"


@pytest.mark.parametrize("title", ["Report [2] of 9", "<b>Bold</b>", "*Starred* _title_"])
def test_a_hostile_title_is_plain_text_in_a_refusal(title):
    documents = (Document("odd", "A ferry serves the island.", title=title, date="2024"),)
    answer = small_chatbot(*documents, abstain_below=1.1).ask("ferry")
    assert_sound(answer, documents)
    assert title in plain(answer.text)


# ---------------------------------------------------------------- sources and bad questions


@pytest.mark.parametrize("sources", [["island"], {"island"}, ("island", "bridge")])
def test_sources_limit_passages_and_citations(eager, sources):
    answer = eager.ask(SHIPS, sources=sources)
    assert answer.passages
    assert {p.document for p in answer.passages} <= set(sources)
    assert {c.document for c in answer.citations} <= set(sources)
    assert {p.document for p in eager.search(SHIPS, sources=sources)} <= set(sources)


@pytest.mark.parametrize("model", [None, "generative"])
def test_a_refusal_over_chosen_sources_says_nothing_of_the_others(make, model):
    replies = ScriptedChatModel("The articles do not answer this question.") if model else None
    answer = make(abstain_below=0.5, chat_model=replies).ask(SHIPS, sources=["bridge", "island"])
    assert answer.abstained
    assert answer.text.startswith("The chosen articles do not answer this.")
    assert answer.text.endswith("The newest dated article among them is of 2023-03-09.")
    note = "Only 2 chosen articles were searched; “Harbour works delayed” (2024-11-05) seems to"
    assert answer.notes == (f"{note} answer this.",)
    assert "Not in the chosen articles" in chat_html(answer, 1)


def test_a_refusal_over_chosen_sources_names_no_other_where_none_answers(make):
    answer = make(abstain_below=1.1).ask(SHIPS, sources=["island"])
    assert answer.notes == ("Only 1 chosen article was searched.",)
    assert "newest" not in answer.text, "it has no date"


def test_a_refusal_over_all_articles_speaks_of_all(make):
    answer = make(abstain_below=1.1).ask(SHIPS)
    assert answer.text.startswith("The indexed articles do not answer this.")
    assert answer.text.endswith("The newest dated article is of 2024-11-05.")
    assert answer.notes == ()
    assert "Not in these articles" in chat_html(answer, 1)


class Unlisted(Shelf):
    """Documents that are given one by one only."""

    def documents(self):
        raise AssertionError("every text is read for a date")


def test_a_refusal_reads_no_document_for_the_newest_date():
    library, shelf = Unlisted(DOCUMENTS), Shelf(DOCUMENTS)
    bot = Chatbot(library, WholeDocuments(shelf), small_reader(), abstain_below=1.1)
    assert bot.ask(SHIPS).text.endswith("of 2024-11-05.")


def test_an_empty_choice_of_sources_means_all_of_them(eager):
    assert eager.ask(SHIPS, sources=[]).citations == eager.ask(SHIPS).citations


def test_an_unknown_source_is_refused_by_name(bot):
    for call in (bot.ask, bot.stream, bot.search):
        with pytest.raises(InputError, match="atlantis"):
            call(SHIPS, sources=["island", "atlantis"])


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("x" * (MAX_QUESTION_CHARACTERS + 1), "4,001 characters"),
    ],
)
def test_a_question_that_cannot_be_used_is_refused_when_asked_not_when_read(bot, question, message):
    for call in (bot.stream, bot.ask, bot.search):
        with pytest.raises(InputError, match=message):
            call(question)


def test_the_longest_question_is_answered(bot):
    question = ("pillars " * MAX_QUESTION_CHARACTERS)[: MAX_QUESTION_CHARACTERS - 1] + "?"
    assert_sound(bot.ask(question), DOCUMENTS)


def test_search_returns_at_most_top_k_passages_best_first(bot):
    passages = bot.search("the harbour and the bridge and the island", top_k=2)
    assert 0 < len(passages) <= 2
    assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)


def test_documents_can_be_listed_and_read(bot):
    assert [d.id for d in bot.documents()] == ["bridge", "harbour", "island"]
    assert bot.document("harbour") == HARBOUR
    assert set(bot.chunk_counts()) == {"bridge", "harbour", "island"}
    with pytest.raises(InputError, match="atlantis"):
        bot.document("atlantis")


def test_leaving_the_chatbot_closes_what_was_opened_with_it(make):
    closed = []
    with make(on_close=lambda: closed.append(True)) as bot:
        bot.ask(CRACKS)
        assert not closed
    assert closed == [True]


# ---------------------------------------------------------------- conversations


HISTORY = (
    Message("user", "What is known of the bridge over the strait?"),
    Message("assistant", "The bridge over the strait closed in March. [1]"),
)


def test_a_follow_up_is_searched_for_with_what_it_leans_on(bot):
    answer = bot.ask("And why?", history=HISTORY)
    assert answer.question == "And why?"
    assert {"bridge", "strait"} <= set(re.findall(r"\w+", answer.query))
    assert answer.passages[0].document == "bridge"


def test_a_question_that_stands_alone_is_searched_for_as_it_is(bot):
    answer = bot.ask(SHIPS, history=HISTORY)
    assert answer.query == SHIPS
    assert answer.citations == bot.ask(SHIPS).citations


def test_a_misspelt_question_is_answered_and_shows_what_was_searched_for(bot):
    answer = bot.ask("Who found craks in the pilars?")
    assert "cracks" in answer.query
    assert "pillars" in answer.query
    assert "craks" in answer.question
    assert BRIDGE.id in {c.document for c in answer.citations}


# ---------------------------------------------------------------- asynchronous and parallel use


def collected(bot, question, **options):
    async def run():
        return [answer async for answer in bot.astream(question, **options)]

    return asyncio.run(run())


def same(answer):
    """Drop what differs between two runs: the time they took."""
    return {**answer_json(answer), "timings_ms": {}}, answer.final


def test_aask_answers_as_ask_does(bot):
    answer = asyncio.run(bot.aask("And why?", history=HISTORY, sources=["bridge"]))
    assert same(answer) == same(bot.ask("And why?", history=HISTORY, sources=["bridge"]))


def test_astream_yields_what_stream_yields(make):
    reply = "Engineers found cracks. [1] They closed it. [1] Nobody knows more. [1]"
    stream = make(chat_model=ScriptedChatModel(reply)).stream(CRACKS)
    answers = collected(make(chat_model=ScriptedChatModel(reply)), CRACKS)
    assert len(answers) > 1
    assert list(map(same, answers)) == list(map(same, stream))


def test_asynchronous_questions_are_checked_too(bot):
    with pytest.raises(InputError, match="empty"):
        asyncio.run(bot.aask(" "))
    with pytest.raises(InputError, match="atlantis"):
        collected(bot, CRACKS, sources=["atlantis"])


def test_many_asynchronous_questions_run_at_once(bot):
    async def run():
        return await asyncio.gather(*(bot.aask(q) for q in (CRACKS, SHIPS) * 8))

    answers = asyncio.run(run())
    assert [a.question for a in answers] == [CRACKS, SHIPS] * 8
    assert {a.id for a in answers} == {bot.ask(CRACKS).id, bot.ask(SHIPS).id}


def test_threads_asking_at_once_each_get_their_own_answer(make):
    expected = {
        (question, source): same(make(abstain_below=0.0).ask(question, sources=[source]))
        for question, source in itertools.product(
            (CRACKS, SHIPS, "What do islanders want?", "Why the delay?"),
            ("harbour", "bridge", "island"),
        )
    }
    shared = make(abstain_below=0.0)
    asked = list(expected) * 4
    with ThreadPoolExecutor(16) as pool:
        got = list(pool.map(lambda pair: same(shared.ask(pair[0], sources=[pair[1]])), asked))
    assert got == [expected[pair] for pair in asked]


class Endless:
    """A chat model that never stops writing, and tells when it is closed."""

    name = "endless"

    def __init__(self):
        self.open = False

    def stream(self, messages):
        self.open = True
        try:
            for number in itertools.count():
                yield f"Engineers found {number} cracks in its pillars. [1] "
        finally:
            self.open = False


def test_closing_a_stream_closes_the_chat_model_s(make):
    model = Endless()
    stream = make(chat_model=model).stream(CRACKS)
    first = next(stream)
    assert isinstance(first, Answer)
    assert not first.final
    assert model.open
    stream.close()
    assert not model.open


def test_closing_an_asynchronous_stream_closes_the_chat_model_s(make):
    model = Endless()

    async def run():
        answers = make(chat_model=model).astream(CRACKS)
        await anext(answers)
        assert model.open
        await answers.aclose()

    asyncio.run(run())
    assert not model.open


class Waiting:
    """A chat model that writes nothing before it is let go."""

    name = "waiting"

    def __init__(self):
        self.entered, self.go, self.left = (threading.Event() for _ in range(3))

    def stream(self, messages):
        self.entered.set()
        try:
            self.go.wait(10)
            yield "Engineers found cracks. [1] "
            yield "They closed it. [1] "
            yield "Nobody knows more. [1]"
        finally:
            self.left.set()


def test_cancelling_an_asynchronous_question_while_the_model_thinks_only_cancels(make):
    model = Waiting()

    async def run():
        task = asyncio.create_task(anext(make(chat_model=model).astream(CRACKS)))
        await asyncio.to_thread(model.entered.wait, 10)
        task.cancel()
        try:
            await task
        finally:
            model.go.set()

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())
    assert model.left.wait(10)


def test_the_chat_model_s_failure_is_told_and_the_sentences_answer(make):
    failing = ScriptedChatModel(ChatModelDenied("the key was refused; check OPENAI_API_KEY"))
    answer = make(chat_model=failing).ask(CRACKS)
    plain = make().ask(CRACKS)
    assert (answer.mode, answer.model) == ("extractive", "extractive")
    assert (answer.text, answer.citations) == (plain.text, plain.citations)
    assert len(answer.notes) == 1
    assert "the key was refused; check OPENAI_API_KEY" in answer.notes[0]


def test_a_bot_with_a_chat_model_bears_its_name(make):
    assert make(chat_model=ScriptedChatModel(name="small-chat")).model == "small-chat"


def test_what_a_questioner_tells_first_is_searched_for_and_not_asked():
    shelf = Shelf(DOCUMENTS)
    searched: list[str] = []

    class Listening(WholeDocuments):
        def search(self, query, **options):
            searched.append(query)
            return super().search(query, **options)

    read: list[str] = []

    class ListeningReader(Reader):
        def score(self, question, candidates, **options):
            read.append(question.text)
            return super().score(question, candidates, **options)

    bot = Chatbot(shelf, Listening(shelf), ListeningReader(HashEmbedder(dimensions=64)))
    told = "The bridge over the strait closed in March."
    bot.ask(f"{told} What did engineers find in its pillars?")
    assert searched == [f"{told} What did engineers find in its pillars?"]
    assert read[0].startswith("What did engineers find in its pillars?")
    assert told not in read[0]


def test_a_greeting_is_answered_without_a_search(bot):
    greeted = bot.ask("Hello!", sources=[DOCUMENTS[0].id])
    assert greeted.abstained
    assert "1 chosen article" in greeted.text
    assert not greeted.citations
    assert not greeted.passages
    assert bot.ask("Thanks!").text == "Ask on whenever you like."
    history = [Message("user", "Who owns the ferry?"), Message("assistant", "The council.")]
    assert "indexed articles" in bot.ask("What is this?").text
    assert bot.ask("What is this?", history=history).passages, "a follow-up asks for something"


def test_a_timeline_cites_its_sentences_in_the_order_of_time():
    early = Document("early", "The gates of the lock broke in 1961. Nobody knew why.")
    late = Document("late", "The lock was built anew on March 2, 1974. A pump failed in 1958.")
    answer = small_chatbot(late, early).ask("Give me a timeline.")
    assert_sound(answer, [early, late])
    assert [c.quote for c in answer.citations] == [
        "A pump failed in 1958.",
        "The gates of the lock broke in 1961.",
        "The lock was built anew on March 2, 1974.",
    ]
    assert answer.text.startswith("- A pump failed")


def test_what_is_asked_of_all_articles_is_told_of_those_chosen(bot):
    listed = bot.ask("Which articles do you have?")
    assert not listed.abstained
    assert len(listed.claims) == len(DOCUMENTS)
    chosen = bot.ask("How many articles are there?", sources=[DOCUMENTS[0].id])
    assert chosen.text == "1 article is indexed."


def test_an_article_is_named_by_its_outlet_whatever_else_is_said_of_it():
    answer = small_chatbot().ask("Who wrote the Invented Courier opinion piece about quays?")
    assert answer.text == "“Harbour works delayed” does not state who wrote it."


def test_of_an_author_nobody_writes_about_it_is_told_what_they_wrote():
    bot = small_chatbot(abstain_below=1.1)
    answer = bot.ask("Who is Correspondent A?")
    assert answer.text == "Correspondent A wrote the article bridge."
    assert not answer.citations
    assert bot.ask("Who is Correspondent B?").abstained
