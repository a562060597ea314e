"""What is said of a quotation or a claim, and that each verdict has its span."""

import pytest
from fake_chatbot import FakeChatbot

from rag.api import index_documents, open_chatbot
from rag.config import load_settings
from rag.errors import InputError
from rag.testing import HashEmbedder
from rag.types import Document
from rag.vetting import A_QUESTION, MAX_ITEMS

HARBOUR = """The harbour closed in March 2024 after engineers found 40 cracks in its pillars. \
"We had no choice but to close the harbour, and we will open it again," Mark Rutte said on Monday.

The ferry to the island carries 300 passengers a day. Nobody expects the ferry to stop in winter.

Jens Stoltenberg visited the island in May. He praised the crew of the ferry."""
FERRY = "The ferry to the island carries 300 passengers a day, the operator reported."
CRANE = "A tall crane lifted the new gate into its place before dawn."
DOCUMENTS = (
    Document("harbour", HARBOUR, "A Harbour Closes", None, "The Daily", "2024-04-02"),
    Document("ferry", FERRY, "By Ferry", kind="brief"),
)


@pytest.fixture(scope="module")
def bot():
    return FakeChatbot(DOCUMENTS)


def only(bot, text, **limits):
    (item,) = bot.check(text, **limits)
    for place in item.places:
        cited = place.citation
        assert bot.document(cited.document).text[cited.start : cited.end] == cited.quote
    return item


def quotes(item):
    return [place.citation.quote for place in item.places]


def test_quotation_is_found_word_for_word_with_its_source_and_speaker(bot):
    item = only(bot, "“we had no choice but to close the harbour”")
    (place,) = item.places
    assert (item.kind, item.outcome, place.speaker) == ("quotation", "exact", "Mark Rutte")
    known = (place.citation.title, place.citation.publisher, place.citation.date)
    assert known == ("A Harbour Closes", "The Daily", "2024-04-02")
    assert not place.reasons


def test_words_without_marks_are_a_quotation_where_an_article_has_them(bot):
    item = only(bot, "We had no choice but to close the harbour")
    assert (item.kind, item.outcome) == ("quotation", "exact")


def test_altered_quotation_lists_what_differs(bot):
    item = only(bot, '"We had no chance but to close the harbour"')
    assert item.outcome == "altered"
    assert [(d.asked, d.found) for d in item.places[0].differences] == [("chance", "choice")]


def test_quotation_with_omissions_says_what_is_left_out(bot):
    item = only(bot, '"We had no choice … and we will open it again"')
    assert item.outcome == "elided"
    assert [d.found for d in item.places[0].differences] == ["but to close the harbour ,"]


def test_quotation_that_stands_nowhere_comes_with_what_is_nearest(bot):
    item = only(bot, '"The crew of the ferry deserves every praise we have"')
    assert item.outcome == "not_found"
    assert quotes(item) == ["He praised the crew of the ferry."]


def test_quotation_given_to_somebody_else_is_found_and_the_difference_is_named(bot):
    (place,) = only(bot, '"We had no choice but to close the harbour," Stoltenberg said.').places
    assert place.reasons == ("speaker: the claim names Stoltenberg, the evidence Mark Rutte",)
    (right,) = only(bot, '"We had no choice but to close the harbour," Rutte said.').places
    assert not right.reasons


def test_words_that_their_sentence_denies_are_not_left_without_a_word(bot):
    item = only(bot, "the ferry to stop in winter")
    assert item.outcome == "exact"
    assert any(reason.startswith("negation") for reason in item.places[0].reasons)


def test_claim_is_borne_out_by_a_sentence_of_each_article(bot):
    item = only(bot, "Each day the ferry to the island carries 300 passengers.")
    assert (item.kind, item.outcome) == ("claim", "supported")
    assert {place.citation.document for place in item.places} == {"harbour", "ferry"}
    assert any(place.citation.kind == "brief" for place in item.places)


@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("Engineers found 60 cracks in the pillars of the harbour.", "number"),
        ("The harbour closed in March 2023 after engineers found cracks.", "date"),
    ],
)
def test_contradicted_claim_names_what_differs_and_where(bot, claim, kind):
    item = only(bot, claim)
    assert item.outcome == "contradicted"
    assert quotes(item)[0].startswith("The harbour closed in March 2024")
    assert item.places[0].reasons[0].startswith(f"{kind}:")


def test_claim_that_nothing_settles_shows_what_came_nearest(bot):
    item = only(bot, "The crew of the ferry demanded higher wages from the harbour.")
    assert item.outcome == "not_enough"
    assert len(item.places) == 1
    assert item.places[0].reasons


def test_claim_about_nothing_in_the_articles_has_no_place(bot):
    assert only(bot, "Qwxyz zzyzx vfgrt.").places == ()


def test_likeness_of_words_does_not_bear_a_claim_out(bot):
    item = only(bot, "Stoltenberg praised the visited island crew in winter.")
    assert item.outcome == "not_enough"


def test_question_is_told_to_be_none_of_both(bot):
    item = only(bot, "Did engineers find cracks in the pillars?")
    assert item.outcome == "not_enough"
    assert item.places[0].reasons == (A_QUESTION,)


def test_pronoun_is_read_with_the_sentence_before(bot):
    item = only(
        bot, "In May Jens Stoltenberg visited the island and praised the crew of the ferry."
    )
    assert item.outcome == "supported"
    assert quotes(item) == [
        "Jens Stoltenberg visited the island in May. He praised the crew of the ferry."
    ]


def test_paragraph_holds_several_in_its_order(bot):
    text = (
        "The ferry carries 500 passengers a day. “We had no choice but to close the harbour,” "
        "Rutte said.\nA dolphin sang."
    )
    kinds = [(item.kind, item.outcome) for item in bot.check(text)]
    assert kinds == [
        ("claim", "contradicted"),
        ("quotation", "exact"),
        ("claim", "not_enough"),
    ]


def test_sources_limit_quotations_and_claims(bot):
    quote = '"we had no choice but to close the harbour"'
    assert only(bot, quote, sources=["ferry"]).outcome == "not_found"
    item = only(bot, "Each day the ferry to the island carries 300 passengers.", sources=["ferry"])
    assert {place.citation.document for place in item.places} == {"ferry"}
    with pytest.raises(InputError, match="no document"):
        bot.check(quote, sources=["nowhere"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  \n", "nothing to check"),
        ("…?!", "nothing to check"),
        ("x" * 4_001, "4,001 characters, at most 4,000"),
        ("\n".join(["A ferry sails."] * (MAX_ITEMS + 1)), f"more than {MAX_ITEMS} quotations"),
        ("A ferry sails. " * (MAX_ITEMS + 1), f"more than {MAX_ITEMS} quotations"),
    ],
)
def test_text_that_cannot_be_checked_is_refused_in_one_line(bot, text, said):
    with pytest.raises(InputError, match=said) as caught:
        bot.check(text)
    assert "\n" not in str(caught.value)


def test_only_some_of_many_places_are_shown_and_the_rest_counted():
    words = "The ferry sails at noon."
    bot = FakeChatbot([Document(f"d{n}", words) for n in range(5)])
    item = only(bot, f'"{words}"')
    assert (len(item.places), item.more) == (3, 2)


def test_open_chatbot_checks_against_its_index_and_follows_its_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_READER", "off")
    (tmp_path / "harbour.txt").write_text(HARBOUR)
    (tmp_path / "crane.txt").write_text(CRANE)
    settings = load_settings(index=tmp_path / "index")
    embedder = HashEmbedder(dimensions=256)
    index_documents([tmp_path / "harbour.txt"], settings=settings, embedder=embedder)
    with open_chatbot(settings=settings, embedder=embedder) as bot:
        claim = "Engineers found 60 cracks in the pillars of the harbour."
        assert only(bot, claim).outcome == "contradicted"
        assert only(bot, f'"{CRANE}"').outcome == "not_found"
        bot.add(tmp_path / "crane.txt")
        assert only(bot, f'"{CRANE}"').outcome == "exact"
        with pytest.raises(InputError):
            bot.check(claim, sources=["gone"])


def test_model_that_reads_settles_what_wording_leaves_open(seed_index):
    with open_chatbot(settings=load_settings(index=seed_index)) as bot:
        outcomes = {
            claim: only(bot, claim).outcome
            for claim in (
                "Up to 8,000 North Korean soldiers are in the Kursk region.",
                "North Korea has sent 12,000 soldiers to Kursk.",
                "South Korea will send weapons to Ukraine.",
                "Japan has joined NATO.",
            )
        }
    assert list(outcomes.values()) == ["supported", "contradicted", "not_enough", "not_enough"]
