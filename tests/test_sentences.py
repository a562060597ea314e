import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.sentences import is_label, split_sentences
from rag.types import Heading


def sentences(text, headings=()):
    return [text[s.start : s.end] for s in split_sentences(text, headings)]


@pytest.mark.parametrize(
    "marked",
    [
        # A bar stands where a sentence must end, and nowhere else.
        "The pact was signed.| It runs for ten years.",
        "Is it binding?| Nobody knows!| Time will tell…| Perhaps.",
        "The U.S. Army and U.S. Navy moved.| The U.K. Treasury paid.",
        "They left the U.S.| The rest stayed in the U.K.| It rained.",
        "Dr. Ito met Gen. Park and Mr. J. R. Lim at St. Anne.| They spoke.",
        "On Oct. 28 the fleet left; by Nov. 3 it came back.| It left in Dec.| The base closed.",
        "See No. 5 on p. 12 and vol. II of it.| The answer was no.| Nobody minded.",
        "It cost 3.5 million, or 1.25 per head.| 8,000 came in 2014.| 10,000 stayed.",
        "“We are ready,” the minister said.| “Two ships sailed.”| A third stayed.",
        'The envoy said. |"Two ships sailed."| A third stayed.',
        "(The talks failed.)| Then war came.",
        "“Will it hold?” he asked.| “No!” she said.",
        "“Will it hold?” Minister Lee asked in Busan.| Nobody answered.",
        "Acme Inc. rose, and Beta Corp. Chairman Oh left Acme Inc.| He is 50.",
        "At 5 p.m. Monday it began.| It ended at 9 p.m.| Crowds left.",
        "Tanks, guns, etc. were sent, e.g. Leopards, i.e. heavy ones vs. Light.| More follow.",
        "It was agreed.[12]| Later it was not.",
        "The text ended.|The next began without a space.",
        "The site example.com and file v2.Final are one.| So it is.",
        "It stopped ... and went on.| Then … he left.",
        "1. First the treaty.| 2. Then the troops.",
        "they met. |then they left.",
        "They sat. |Officials stood. |On Sat. 5 May they rested.",
        "会议结束了。|他们离开了。",
        "George W. Bush and John F. Kennedy spoke.| That was plan B.| It failed.",
    ],
)
def test_sentences_end_where_a_reader_ends_them(marked):
    wanted = [piece.strip() for piece in marked.split("|")]
    assert sentences(marked.replace("|", "")) == wanted


def test_no_sentence_crosses_a_paragraph_or_line_break():
    text = "A line without a stop\n\nThe second ends here.\nThe third\n- a point\n- another"
    assert sentences(text) == [
        "A line without a stop",
        "The second ends here.",
        "The third",
        "- a point",
        "- another",
    ]


def test_a_paragraph_wrapped_by_hand_is_read_through():
    text = (
        "The delegations of the two countries met on the first day of spring\n"
        "in the old customs house and agreed on very little. The envoy of Gen.\n"
        "Park left early.\nBy our staff\nThe talks go on."
    )
    assert sentences(text) == [
        "The delegations of the two countries met on the first day of spring\n"
        "in the old customs house and agreed on very little.",
        "The envoy of Gen.\nPark left early.",
        "By our staff",
        "The talks go on.",
    ]


def test_lines_of_a_text_that_is_not_wrapped_are_paragraphs():
    text = "The pact names these goods " + "and those goods " * 8 + "\nartillery shells\ndrones"
    assert sentences(text)[1:] == ["artillery shells", "drones"]


def test_headings_are_not_sentences_and_part_them():
    text = "Before it\nThe Terms\nafter it. More."
    heading = Heading(text.index("The Terms"), text.index("The Terms") + 9, 2)
    assert sentences(text, [heading]) == ["Before it", "after it.", "More."]


def test_headings_out_of_order_or_range_do_no_harm():
    text = "One. Two. Three."
    headings = [Heading(9, 99, 1), Heading(0, 4, 1), Heading(2, 4, 2)]
    assert sentences(text, headings) == ["Two."]


@pytest.mark.parametrize("text", ["", "   \n\n ", "*** — !!! \n …", "\u2028\x85"])
def test_text_without_letters_has_no_sentences(text):
    assert sentences(text) == []


def test_a_paragraph_that_ends_where_a_heading_begins_is_kept():
    text = "The council asked the port and others, e.g.\nthe next steps"
    heading = Heading(text.index("the next"), len(text), 1)
    found = split_sentences(text, [heading])
    assert [text[s.start : s.end] for s in found] == ["The council asked the port and others, e.g."]


MARKS = 'a B 7 . ! … " ” “ ) ( U.S. Dr. No. said The - 。 [1] ’ é 1. e.g.'
SPACES = [" ", "  ", "\n", "\n\n", "\r\n", "\x85"]
PIECES = st.sampled_from([*MARKS.split(" "), *SPACES])
HEADINGS = st.lists(
    st.builds(Heading, st.integers(0, 60), st.integers(0, 60), st.just(1)), max_size=3
)


@given(st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=80), HEADINGS)
@settings(max_examples=300, deadline=None)
def test_sentences_are_ordered_trimmed_and_lose_no_word(text, headings):
    covered = [False] * len(text)
    last = 0
    for sentence in split_sentences(text, headings):
        piece = text[sentence.start : sentence.end]
        assert last <= sentence.start < sentence.end <= len(text)
        assert piece == piece.strip()
        assert any(c.isalnum() for c in piece)
        assert "\n\n" not in piece
        covered[sentence.start : sentence.end] = [True] * len(piece)
        last = sentence.end
    in_heading = {i for h in headings for i in range(h.start, h.end)}
    for position, character in enumerate(text):
        if position in in_heading:
            assert not covered[position]
        elif character.isalnum():
            assert covered[position]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("PORT QUILL (AP) — It is shut.", ["PORT QUILL (AP) —", "It is shut."]),
        (
            "Port Quill, May 3 (Reuters) - It is shut.",
            ["Port Quill, May 3 (Reuters) -", "It is shut."],
        ),
        ("Penrose (CNN) It is shut.", ["Penrose (CNN)", "It is shut."]),
        ("It is (AP) shut.", ["It is (AP) shut."]),
        (
            "A pier in May. Ada Quill/Pool/Getty Images Boats at sea. Cy Dunn/AP “A pier” in June.",
            [
                "A pier in May.",
                "Ada Quill/Pool/Getty Images",
                "Boats at sea.",
                "Cy Dunn/AP",
                "“A pier” in June.",
            ],
        ),
        ("It is shut. Ada Quill/Getty Images", ["It is shut.", "Ada Quill/Getty Images"]),
        ("Penrose/Reuters found that it rose.", ["Penrose/Reuters found that it rose."]),
    ],
)
def test_datelines_and_credits_of_pictures_stand_by_themselves(text, pieces):
    assert [text[s.start : s.end] for s in split_sentences(text)] == pieces


@pytest.mark.parametrize(
    ("sentence", "label"),
    [
        ("Cy Dunn/Getty Images", True),
        ("PORT QUILL (AP) —", True),
        ("Penrose Air Patrol/USGS", True),
        ("pic.twitter.com/a1b2 — Ada Quill (@quill) May 3, 2024", True),
        ("Ada Quill (@quill) has moved to Penrose.", False),
        ("Cy Dunn/Getty Images sells pictures.", False),
        ("PORT QUILL (AP) — It is shut.", False),
    ],
)
def test_a_label_is_told_from_a_sentence(sentence, label):
    assert is_label(sentence) is label


@pytest.mark.parametrize(
    "unit",
    [
        "!",
        "?! ",
        '."',
        ". . ",
        "a. ",
        "(",
        '"',
        "\n",
        "x",
        "A.",
        "Ab.C ",
        "a\n",
        "? A ",
        "A/B",
        "A, ",
        "A/AP ",
    ],
)
def test_hostile_text_is_split_in_linear_time(unit):
    started = time.perf_counter()
    split_sentences(unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - started < 10  # quadratic work would take hours
