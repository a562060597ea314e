import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import Shelf, WholeDocuments, small_chatbot

from rag.chatbot import Chatbot
from rag.parts import parts_of
from rag.questions import analyse
from rag.reading import Reader
from rag.sluicing import completed
from rag.testing import HashEmbedder
from rag.types import Document, SentenceReading


def parts(text):
    return parts_of(analyse(text))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "When was the canal dug, and who paid for its locks?",
            ("When was the canal dug?", "who paid for its locks? (canal dug)"),
        ),
        (
            "Was the new lock a success? Who doubts it?",
            ("Was the new lock a success?", "Who doubts it? (new lock success)"),
        ),
        (
            "Why was Quill dismissed by the port, and what does she say about it?",
            (
                "Why was Quill dismissed by the port?",
                "what does she say about it? (Quill dismissed port)",
            ),
        ),
        (
            "What did the port cost? When did it open to ships?",
            ("What did the port cost?", "When did it open to ships? (port cost)"),
        ),
        (
            "Who said that Norway needs ships and what harbours does it need?",
            ("Who said that Norway needs ships?", "what harbours does it need? (Norway ships)"),
        ),
        (
            "Where is the long pier and which Norwegian ships sank near the pier?",
            ("Where is the long pier?", "which Norwegian ships sank near the pier?"),
        ),
        (
            "Who drew the plans of the canal and where are the plans kept?",
            ("Who drew the plans of the canal?", "where are the plans kept?"),
        ),
    ],
)
def test_several_questions_in_one_are_taken_apart(question, expected):
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who are the mayor and the harbour master?",
        "What happened, and why?",
        "Did the mayor say when and why the bridge was closed?",
        "What is the long pier, which Norway built in spring?",
        "What is the long pier, which was closed in spring?",
        "Why did the man who robbed the harbour master, who survived the attack, flee?",
        "Who met the man who robbed the harbour master and who fled the town?",
        "Who knows the old canal and what Norway wants with ships there?",
        "Which ships serve the old canal and where the plans are kept?",
    ],
)
def test_a_clause_or_a_part_that_would_say_nothing_is_not_taken_off(question):
    assert parts(question) == ()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "When was the pact signed and where?",
            ("When was the pact signed?", "Where was the pact signed?"),
        ),
        (
            "Where and when was the pact signed?",
            ("Where was the pact signed?", "When was the pact signed?"),
        ),
        (
            "When and where did the ships sail and why?",
            ("When did the ships sail?", "Where did the ships sail?", "Why did the ships sail?"),
        ),
        (
            "Why was the museum closed, and when exactly?",
            ("Why was the museum closed?", "When exactly was the museum closed?"),
        ),
        (
            "When and by whom was the rowing club founded?",
            ("When was the rowing club founded?", "By whom was the rowing club founded?"),
        ),
        (
            "When was the pier closed? By whom? And why?",
            (
                "When was the pier closed?",
                "By whom was the pier closed?",
                "Why was the pier closed?",
            ),
        ),
        (
            "How long was the museum closed and why?",
            ("How long was the museum closed?", "Why was the museum closed?"),
        ),
        (
            "When is the summer regatta and where?",
            ("When is the summer regatta?", "Where is the summer regatta?"),
        ),
        (
            "How many boats were sold and to whom?",
            ("How many boats were sold?", "To whom were the boats sold?"),
        ),
        (
            "How many boats did the club send to Brest and when?",
            (
                "How many boats did the club send to Brest?",
                "When did the club send the boats to Brest?",
            ),
        ),
        (
            "Which boats did Norway sell and why?",
            ("Which boats did Norway sell?", "Why did Norway sell the boats?"),
        ),
        (
            "Who built the old pier in Brest and why?",
            ("Who built the old pier in Brest?", "Why was the old pier built in Brest?"),
        ),
        (
            "Who repaired the three boats of the club and when?",
            (
                "Who repaired the three boats of the club?",
                "When were the three boats of the club repaired?",
            ),
        ),
        (
            "When was the museum built, and where and when was it closed?",
            (
                "When was the museum built?",
                "where was it closed? (museum built)",
                "When was it closed? (museum built)",
            ),
        ),
        (
            "In what year was the club founded and where?",
            ("In what year was the club founded?", "Where was the club founded?"),
        ),
        (
            "When was the museum opened, and for how long was it closed?",
            ("When was the museum opened?", "for how long was it closed? (museum opened)"),
        ),
    ],
)
def test_a_bare_question_word_takes_over_the_clause_of_a_full_one(question, expected):
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What happened and why?",
        "What did Norway send and why?",
        "Where is the old pier and why?",
        "How long is the old pier and why?",
        "How much did the old pier cost and why?",
        "When did the ships of the club sail and by whom?",
        "When did the harbour master say why and how?",
        "How many boats did the old club send to Brest and when?",
        "Who runs the rowing club and when?",
        "Which rowing club won the cup and when?",
        "How many boats were there in the harbour and why?",
        "When, where, how and why was the rowing club founded?",
    ],
)
def test_a_clause_whose_wording_cannot_be_told_is_not_taken_over(question):
    assert parts(question) == ()


def test_what_a_thing_is_and_who_runs_it_are_two_questions():
    assert parts("What is the rowing club and who runs it?") == (
        "What is the rowing club?",
        "who runs it? (rowing club)",
    )


def test_the_bare_part_is_answered_with_its_own_sentence():
    text = "The pact was signed in May 2021. The ships were old. The pact was signed in Brest."
    bot = small_chatbot(Document("d", text), abstain_below=0.0)
    answer = bot.ask("When was the pact signed and where?")
    quotes = {c.quote for c in answer.citations}
    assert {"The pact was signed in May 2021.", "The pact was signed in Brest."} <= quotes


@given(st.text(alphabet=st.sampled_from("abwhenrosud ,?"), max_size=80))
def test_any_question_is_completed_or_comes_back_alone(text):
    found = completed(text)
    assert len(found) > 1 or found == (text,)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "According to Quill, when was the pier built, and who paid for the work?",
            (
                "According to Quill, when was the pier built?",
                "According to Quill, who paid for the work?",
            ),
        ),
        (
            "In the winter of 2019, which ferries sank and how many people were saved?",
            (
                "In the winter of 2019, which ferries sank?",
                "In the winter of 2019, how many people were saved?",
            ),
        ),
        ("According to Quill, when was the pier built?", ()),
        ("In short, the pier was built when and where?", ()),
    ],
)
def test_what_opens_several_questions_holds_for_each(question, expected):
    assert parts(question) == expected


def test_a_comparison_asks_the_same_of_each_side():
    assert parts("How do Norway and Sweden differ in their fishing quota?") == (
        "How do Norway differ in their fishing quota?",
        "How do Sweden differ in their fishing quota?",
    )


@pytest.mark.parametrize(
    "question",
    [
        "How do Norway and Sweden differ on the fishing quota?",
        "Do Norway and Sweden judge differently about the fishing quota?",
        "Compare the views of Norway and Sweden on the fishing quota.",
        "What do both Norway and Sweden say about the fishing quota?",
        "Compare Norway's and Sweden's views on the fishing quota.",
        "What is the view of Norway and Sweden on the fishing quota, and do they differ?",
    ],
)
def test_those_who_have_a_say_are_asked_what_they_say(question):
    assert parts(question) == (
        "What does Norway say about the fishing quota?",
        "What does Sweden say about the fishing quota?",
    )


@pytest.mark.parametrize(
    "question",
    [
        "How do Ada Quill and Bo Sand each interpret the drop in prices?",
        "What do Ada Quill and Bo Sand each believe about the drop in prices?",
    ],
)
def test_what_each_of_two_thinks_is_asked_of_both(question):
    assert parts(question) == (
        "What does Ada Quill say about the drop in prices?",
        "What does Bo Sand say about the drop in prices?",
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "How many ferries do Norway and Sweden each want?",
            ("How many ferries do Norway want?", "How many ferries do Sweden want?"),
        ),
        (
            "How did Oslo and Malmo each react to the quota?",
            ("How did Oslo react to the quota?", "How did Malmo react to the quota?"),
        ),
        (
            "How long will repairs take, according to Quill on the one hand and Sand on the other?",
            (
                "How long will repairs take, according to Quill?",
                "How long will repairs take, according to Sand?",
            ),
        ),
        (
            "How long will repairs take according to Ada Quill and according to Bo Sand?",
            (
                "How long will repairs take according to Ada Quill?",
                "How long will repairs take according to Bo Sand?",
            ),
        ),
        (
            "How long will repairs take according to Quill, and according to Sand?",
            (
                "How long will repairs take according to Quill?",
                "How long will repairs take according to Sand?",
            ),
        ),
        (
            "What separates the plan of Ada Quill from the offer of Bo Sand?",
            ("What is the plan of Ada Quill?", "What is the offer of Bo Sand?"),
        ),
        ("How many ferries did Norway and Sweden lose each month?", ()),
        ("How do the articles compare the pact between Norway and Sweden with others?", ()),
        (
            "Compare the yearly trade of Norway and Sweden.",
            ("Compare the yearly trade of Norway.", "Compare the yearly trade of Sweden."),
        ),
        ("What do experts say of the long rivalry of Norway and Sweden, and do they differ?", ()),
    ],
)
def test_what_each_of_two_does_is_asked_in_the_words_of_the_question(question, expected):
    assert parts(question) == expected


def test_each_side_is_quoted_in_its_own_voice():
    one = Document(
        "one", "Norway wants a higher fishing quota. Sweden fears for the fishing quota."
    )
    two = Document("two", "The fishing quota is low. Gulls were seen.")
    answer = small_chatbot(one, two, abstain_below=0.0).ask(
        "How do Norway and Sweden differ on the fishing quota?"
    )
    assert {c.text for c in answer.claims} == {
        "Norway wants a higher fishing quota.",
        "Sweden fears for the fishing quota.",
    }


def test_of_a_part_that_many_sentences_answer_the_best_are_shown():
    article = Document(
        "pier",
        "The pier sank in a storm. The pier sank in the night. The pier sank slowly. "
        "The pier sank for its rotten piles. Ada Quill owned the pier.",
    )
    reading = ReadsBy({"storm": 1.0, "night": 1.1, "slowly": 1.2, "piles": 3.0, "Quill": 3.0})
    reader = Reader(HashEmbedder(dimensions=512), passages=reading)
    shelf = Shelf([article])
    answer = Chatbot(shelf, WholeDocuments(shelf), reader).ask(
        "Why did the pier sink, and who owned the pier?"
    )
    assert "The pier sank for its rotten piles." in [c.text for c in answer.claims]


class ReadsBy:
    """Stands in for the cross-encoder: a relevance for each word that a sentence may hold."""

    def __init__(self, relevances):
        self._relevances = relevances

    def read(self, question, passages):
        return [[SentenceReading(self._of(text)) for text in p] for p in passages]

    def _of(self, text):
        return next((r for word, r in self._relevances.items() if word in text), -8.0)


@pytest.mark.parametrize(
    ("second", "speakers"),
    [(-3.0, ["Ada Quill", "Bo Sand"]), (-8.0, ["Ada Quill"])],
)
def test_beside_one_side_s_answer_less_will_do_of_the_other(second, speakers):
    article = Document(
        "one",
        "The quota is too low, said Ada Quill.\n\nFishing must stop until spring, said Bo Sand.",
    )
    shelf = Shelf([article])
    passages = ReadsBy({"quota is too low": 4.0, "must stop": second})
    reader = Reader(HashEmbedder(dimensions=512), passages=passages)
    bot = Chatbot(shelf, WholeDocuments(shelf), reader)
    answer = bot.ask("What do Ada Quill and Bo Sand each think about the quota?")
    assert [name for name in ("Ada Quill", "Bo Sand") if name in answer.text] == speakers
    assert bool(answer.notes) == (len(speakers) == 1)


def test_a_side_named_twice_is_asked_all_the_same():
    article = Document("one", "The quota is too low, said Ada Quill.")
    bot = small_chatbot(article, abstain_below=0.0)
    answer = bot.ask("What do Ada Quill and Ada Quill each think about the fishing quota?")
    assert answer.text.startswith("The quota is too low")


def test_three_sides_are_three_parts():
    found = parts("Compare the answers of Norway, Sweden and Denmark to the fishing quota.")
    assert [side for side in ("Norway", "Sweden", "Denmark") if any(side in p for p in found)] == [
        "Norway",
        "Sweden",
        "Denmark",
    ]


def test_a_fourth_question_stays_in_the_third():
    assert parts(
        "When was the canal dug, what did the bridge cost, why was the port closed and who paid "
        "the harbour master?"
    ) == (
        "When was the canal dug?",
        "what did the bridge cost?",
        "why was the port closed and who paid the harbour master?",
    )


def test_a_fourth_side_stays_beside_the_third():
    found = parts("Compare the views of Norway, Sweden, Denmark and Finland on the fishing quota.")
    assert found[2:] == ("What does Denmark and Finland say about the fishing quota?",)


def test_a_name_that_opens_like_another_is_cut_where_it_stands():
    assert parts("How do Iranian and Iran officials differ on the fishing quota?") == (
        "How do Iranian officials differ on the fishing quota?",
        "How do Iran officials differ on the fishing quota?",
    )


def test_names_with_more_than_a_joining_word_between_them_are_no_sides():
    assert parts("Which war does Ada Quill compare with Norway as a proving ground?") == ()


def test_sides_without_a_topic_and_names_that_are_not_compared_stay_whole():
    assert parts("Compare Norway with Sweden.") == ()
    assert parts("What did Norway and Sweden sign?") == ()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "what was tidal wave, who took part and when",
            ("what was tidal wave?", "who took part and when? (tidal wave)"),
        ),
        (
            "What is the lock project, and who runs it?",
            ("What is the lock project?", "who runs it? (lock project)"),
        ),
        ("Who is the pilot, who fled to Oslo?", ()),
    ],
)
def test_a_list_of_questions_is_taken_apart_and_each_says_of_what(question, expected):
    assert parts(question) == expected
