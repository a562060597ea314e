"""What a reader sees of a check, and that nothing in it is anything but text."""

import re
from dataclasses import replace
from html import unescape

import pytest
from fake_chatbot import DOCUMENTS, FakeChatbot

from rag.rendering_check import OUTCOMES, checked_html
from rag.types import Document
from rag.vetting import Checked, Place

QUOTE = "They called it a threat to the peninsula"
HOSTILE = "<script>alert(1)</script> {{x}} ${y} [z](javascript:a) \" onload='b' \u202e"


def text_of(html):
    return unescape(re.sub(r"<[^>]*>", "", html))


def checked(text, **changes):
    bot = FakeChatbot()
    (item,) = bot.check(text)
    return checked_html([replace(item, **changes)], bot.document)


def test_span_is_marked_in_its_surroundings_under_its_verdict():
    shown = checked(f"“{QUOTE}”")
    assert f"</a>{QUOTE}</mark>." in shown
    assert "Officials in Seoul asked" in text_of(shown)
    assert DOCUMENTS[0].title in text_of(shown)
    assert 'id="an-c1"' in shown
    assert 'href="#an-c1"' in shown
    assert "word for word" in text_of(shown)


def test_brief_says_that_it_is_one():
    assert '<span class="badge">brief</span>' in checked("“Soldiers arrive in the border region”")


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        (
            "They called it a danger to the peninsula",
            "you have “danger”, the document has “threat”",
        ),
        ("They called it a real threat to the peninsula", "you have “real”, the document has no"),
        ("They called it threat to the peninsula", "you leave out “a” without an ellipsis"),
        ("They called … the peninsula", "your ellipsis leaves out 4 words: “it a threat to”"),
    ],
)
def test_each_difference_is_one_line(quote, line):
    assert line in text_of(checked(f"“{quote}”"))


def test_what_is_not_found_shows_the_nearest_and_says_so():
    shown = checked("“They painted the whole peninsula green”")
    assert "What came nearest" in shown
    assert "<mark" in shown
    none = checked("“They painted the whole peninsula green”", places=())
    assert "Nothing near it was found" in none


def test_every_outcome_is_told_in_words():
    for outcome, (icon, words, meaning) in OUTCOMES.items():
        shown = text_of(checked_html([Checked("x", "claim", outcome)], lambda name: None))
        assert words in shown
        assert meaning in shown
        assert icon


def test_places_of_a_disputed_claim_each_have_their_verdict_and_the_rest_is_counted():
    (item,) = FakeChatbot().check(f"“{QUOTE}”")
    places = tuple(replace(item.places[0], outcome=o) for o in ("supported", "contradicted"))
    disputed = Checked("A claim", "claim", "disputed", places, more=2)
    shown = checked_html([disputed], FakeChatbot().document)
    assert shown.count('class="verdict supported"') == 1
    assert shown.count('class="verdict contradicted"') == 1
    assert "2 more places" in shown


@pytest.mark.parametrize("gone", [True, False])
def test_hostile_text_in_every_field_is_shown_as_text(gone):
    document = Document(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    (item,) = FakeChatbot([document]).check(f"“{HOSTILE}”"[:30])
    place = Place(
        item.places[0].citation,
        "altered",
        HOSTILE,
        (HOSTILE,),
        tuple(
            replace(change, asked=HOSTILE, found=HOSTILE)
            for op in ("replace", "insert", "delete", "elide")
            for change in _differences(op)
        ),
    )
    shown = checked_html(
        [Checked(HOSTILE, "quotation", "altered", (place,))],
        lambda name: None if gone else document,
    )
    allowed = "p|span|b|section|header|div|ul|li|article|mark|a|h4|details|summary"
    assert not re.sub(rf"</?(?:{allowed})(?: [\w-]+=\"[^\"<>]*\")*>", "", shown).count("<")
    assert "{{" not in shown
    assert "${" not in shown
    assert "](" not in shown
    assert "\u202e" not in shown


def _differences(op):
    from rag.quotes import Difference

    return [Difference(op, "", "", elided_words=1)]
