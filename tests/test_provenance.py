import pytest
from invented import small_chatbot

from rag.provenance import field_asked
from rag.questions import analyse
from rag.testing import ScriptedChatModel
from rag.types import Document
from rag.works import is_of_another

LOCK = Document(
    "lock",
    "The northern lock was closed in March. A poet wrote the anthem of the lock keepers long ago.",
    title="Northern lock closed for repair",
    author="Correspondent A",
    publisher="The Invented Courier",
    date="2024-03-09",
)
FERRY = Document(
    "ferry",
    "A ferry serves the island twice a day. The letter of the islanders asks for a tunnel.",
    title="Islanders ask for a tunnel",
    author="Correspondent B",
)


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("Who wrote the article about the northern lock?", "author"),
        ("Who wrote the Invented Courier opinion piece?", "author"),
        ("Who wrote “Northern lock closed for repair”?", "author"),
        ("Who wrote the Courier’s report?", "author"),
        ("Who is behind the article about the northern lock?", "author"),
        ("Who wrote it? (Summarise article northern lock)", "author"),
        ("Who is the author of that commentary?", "author"),
        ("By whom was this piece written?", "author"),
        ("Who published the story of the lock?", "publisher"),
        ("Does the author of that commentary serve in the army?", None),
        ("Who wrote the anthem of the lock keepers?", None),
        ("Who wrote the letter of the islanders?", None),
        ("Who is the author of the plan?", None),
        ("Who published the photos?", None),
        ("Who wrote that the lock is closed?", None),
    ],
)
def test_only_a_question_about_an_article_asks_for_its_data(question, field):
    assert field_asked(analyse(question)) == field


def test_who_wrote_an_article_is_told_from_its_data():
    answer = small_chatbot(LOCK, FERRY).ask("Who wrote the article on the northern lock?")
    assert answer.text == "“Northern lock closed for repair” was written by Correspondent A."


def test_an_article_that_the_question_does_not_name_is_not_the_one_asked_about():
    answer = small_chatbot(LOCK, FERRY, abstain_below=1.1).ask("Who wrote the report on whales?")
    assert answer.abstained


KURSK = Document(
    "kursk",
    "North Korean troops are in Kursk, the Pentagon said on Monday. Analysts of the United Nations "
    "wrote the same. Kim made no statement, and a newspaper in Seoul carried none.",
    title="North Korean troops in Russia: what is known",
    author="Correspondent C",
    publisher="CNN",
    date="2024-10-31",
)


@pytest.mark.parametrize(
    "question",
    [
        "When was the Pentagon report on North Korean troops in Russia published?",
        "When was the Pentagon Report on North Korean troops in Russia published?",
        "When was the Pentagon’s latest report on North Korean troops in Russia published?",
        "When was the report by the Pentagon on North Korean troops in Russia published?",
        "When was the report on North Korean troops in Russia published by the Pentagon?",
        "Who wrote the UN report about North Korean troops in Russia?",
        "Who wrote the report of the United Nations about North Korean troops in Russia?",
        "Who wrote the ministry's report about North Korean troops in Russia?",
        "Who wrote the report by the ministry about North Korean troops in Russia?",
        "Who wrote the article about North Korean troops in Brazil?",
        "Who wrote the report Zelensky mentioned about North Korean troops in Russia?",
        "What newspaper published the statement of Kim on North Korean troops in Russia?",
    ],
)
def test_a_work_of_somebody_else_is_not_answered_for_by_our_article(question):
    answer = small_chatbot(KURSK, FERRY, abstain_below=1.1).ask(question)
    assert answer.abstained, answer.text


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the article about North Korean troops in Kursk?",
        "Who wrote the CNN article about North Korean troops?",
        "Who wrote CNN's October report about North Korean troops?",
        "Who wrote the piece on North Korean troops that the Pentagon spoke of?",
        "WHO WROTE THE ARTICLE ABOUT NORTH KOREAN TROOPS IN RUSSIA?",
        "Who wrote Monday's article about North Korean troops in Russia?",
        "Who wrote “North Korean troops in Russia: what is known”?",
        "Who wrote it? (Summarise the article on North Korean troops)",
    ],
)
@pytest.mark.parametrize("model", [None, ScriptedChatModel("The articles do not say.")])
def test_our_article_is_answered_for_with_and_without_a_chat_model(question, model):
    answer = small_chatbot(KURSK, FERRY, abstain_below=1.1, chat_model=model).ask(question)
    assert answer.text.endswith("was written by Correspondent C.")
    assert (answer.mode, answer.model) == ("extractive", "extractive")


KNOWN = Document(
    "known",
    "Vladimir Putin met Kim Jong Un. Troops are in Kursk and elsewhere in Poland, the Pentagon and "
    "the United Nations say. The United States said the same.",
    title="North Korean troops in Russia: what is known",
    author="Correspondent Quill",
    publisher="CNN",
)


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the Kursk article?",
        "Who wrote the Kursk Article?",
        "Who wrote the Poland article?",
        "When was the Kursk report published?",
        "Who wrote the report from Kursk?",
        "Who wrote the article about President Putin and Kim?",
        "Who wrote the article about Supreme Leader Kim?",
        "When was the Wednesday article by Mr. Quill published?",
        "When was the Wednesday CNN article published?",
        "Hi, I am Tom. Who wrote the article on Kursk?",
        "Hello Tom, who wrote the article on Kursk?",
    ],
)
def test_topics_titles_weekdays_and_who_asks_make_a_work_nobody_else_s(question):
    assert not is_of_another(question, KNOWN)


@pytest.mark.parametrize(
    "question",
    [
        "When was the Pentagon report on North Korean troops published?",
        "When was the Wednesday Pentagon report on North Korean troops published?",
        "Who wrote the UN report on North Korean troops?",
        "Who wrote the United Nations report on North Korean troops?",
        "Who wrote the US report on North Korean troops?",
        "Who wrote Kim's report on North Korean troops?",
        "Who wrote the report by President Putin?",
        "Who wrote the Zelensky report on North Korean troops?",
        "I am Tom. Who wrote the article about Brazil?",
        "I am reading on Brazil. Who wrote the article?",
    ],
)
def test_a_body_a_possessive_or_a_name_the_text_lacks_makes_a_work_another_s(question):
    assert is_of_another(question, KNOWN)


def test_an_article_named_by_a_topic_of_its_text_is_answered_for():
    answer = small_chatbot(KNOWN).ask("Who wrote the Kursk article on North Korean troops?")
    assert answer.text.endswith("was written by Correspondent Quill.")


def test_who_published_an_article_is_asked_of_a_work():
    answer = small_chatbot(KURSK, FERRY).ask("Which outlet published the piece on Kursk in Russia?")
    assert answer.text.endswith("was published by CNN.")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "Who wrote the article on the northern lock and when was it published?",
            ["was written by Correspondent A.", "is dated March 9, 2024."],
        ),
        (
            "When was the article on the northern lock published, and who wrote it?",
            ["is dated March 9, 2024.", "was written by Correspondent A."],
        ),
        (
            "Who is the author of the article on the northern lock and on what date did it appear?",
            ["was written by Correspondent A.", "is dated March 9, 2024."],
        ),
    ],
)
def test_several_facts_about_an_article_are_told_together(question, said):
    claims = small_chatbot(LOCK, FERRY).ask(question).claims
    assert [
        claim.text.removeprefix("“Northern lock closed for repair” ") for claim in claims
    ] == said


@pytest.mark.parametrize(
    "question",
    [
        "Who wrote the piece about the sluice keepers?",
        "Who wrote the story that mentions sluice keepers?",
    ],
)
def test_the_one_article_that_speaks_of_a_matter_is_the_one_about_it(question):
    keepers = Document("k", "Sluice keepers walked out.", title="Out", author="Ada Quill")
    assert (
        small_chatbot(keepers, LOCK, FERRY).ask(question).text == "“Out” was written by Ada Quill."
    )


def test_of_two_articles_that_speak_of_a_matter_neither_is_meant():
    one, two = (
        Document(n, "Sluice keepers walked out.", title=n.title(), author=f"Ada {n.title()}")
        for n in ("one", "two")
    )
    answer = small_chatbot(one, two).ask("Who wrote the piece about the sluice keepers?")
    assert "was written by" not in answer.text


def test_a_question_with_other_parts_is_not_answered_by_the_author_alone():
    question = "Who wrote the article on the northern lock, and when was the lock closed?"
    answer = small_chatbot(LOCK, FERRY, abstain_below=0.0).ask(question)
    assert "closed in March" in answer.text
    assert answer.citations
