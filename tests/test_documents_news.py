"""Cleaning of scraped pages: the articles are invented, the shapes of their noise are not."""

import pytest

from rag.documents.blocks import Reading
from rag.documents.news import read_news

LEAD = "The board of Lindmouth harbour voted on Monday to deepen the channel. Work starts soon."
SECOND = "Fishing crews had asked for a later start, and the board refused by seven votes to two."
THIRD = "Dredging will cost nine million crowns. The county pays half of the sum."
FOURTH = (
    "The channel was last deepened in 1988, when larger grain ships began to call at Lindmouth."
)
BODY = (LEAD, SECOND, THIRD, FOURTH)


def page(*lines: str) -> Reading:
    return read_news("\n\n".join(lines))


def paragraphs(reading: Reading) -> tuple[str, ...]:
    return tuple(block.text for block in reading.blocks if not block.level)


def headings(reading: Reading) -> list[str]:
    return [block.text for block in reading.blocks if block.level]


def test_a_page_without_noise_is_kept_as_it_is():
    reading = read_news("\n".join(BODY))
    assert paragraphs(reading) == BODY
    known = reading.metadata
    assert (known.title, known.author, known.publisher, known.date) == (None, None, None, None)


def test_the_head_becomes_metadata():
    reading = page(
        "WORLD > COAST > PORTS",
        "Lindmouth Will Deepen Its Channel. What Happens to the Crews?",
        "The vote ends a quarrel of eleven years between shippers and crews.",
        "By <u>Ada Quill</u> and Tom Marsh, Staff Writers",
        "2/7/2023 Updated: 2/8/2023",
        "A A 🖨 Print",
        "Analysis",
        *BODY,
        "The next vote is due on March 30, 2023.",
    )
    assert paragraphs(reading) == (*BODY, "The next vote is due on March 30, 2023.")
    known = reading.metadata
    assert known.title == "Lindmouth Will Deepen Its Channel. What Happens to the Crews?"
    assert (known.author, known.date) == ("Ada Quill and Tom Marsh", "2023-02-07")


def test_a_numeric_date_of_unknown_order_is_not_guessed():
    reading = page("Lindmouth Deepens Its Channel", "By Ada Quill", "2/7/2023", *BODY)
    assert reading.metadata.date is None
    assert paragraphs(reading) == BODY


@pytest.mark.parametrize(
    ("byline", "author"),
    [
        ("By ADA QUILL", "Ada Quill"),
        ("By Dr. Ada van der Quill", "Dr. Ada van der Quill"),
        ("Written by Ada Quill | Coast Desk", "Ada Quill"),
        ("By Ada Quill, Ports Correspondent", "Ada Quill"),
        ("By Ada Quill, Tom Marsh and Ida Al-Noor", "Ada Quill, Tom Marsh and Ida Al-Noor"),
    ],
)
def test_bylines_are_read_in_their_many_forms(byline, author):
    reading = page("Lindmouth Deepens Its Channel", byline, *BODY)
    assert (reading.metadata.author, paragraphs(reading)) == (author, BODY)


@pytest.mark.parametrize(
    ("byline", "author", "publisher", "date"),
    [
        ("By Ada Quill, The Coast Gazette, 7 February 2023", "Ada Quill", "The Coast Gazette", 7),
        ("By Ada Quill, Coast & Harbour Weekly", "Ada Quill", "Coast & Harbour Weekly", None),
        ("By Ada Quill for the Coast Times", "Ada Quill", "Coast Times", None),
        ("By Ada Quill (Reuters) - Feb. 7, 2023", "Ada Quill", "Reuters", 7),
        ("By Ada Quill | Coast Institute | 7 February 2023", "Ada Quill", "Coast Institute", 7),
        ("By Ada Quill and Tom Marsh, Oslo, 7 February 2023", "Ada Quill and Tom Marsh", None, 7),
        ("By Ada Quill, The Hague, 7 February 2023", "Ada Quill", None, 7),
        ("By Ada Quill, a fellow at the Coast Institute", "Ada Quill", None, None),
        ("By the Associated Press", None, "Associated Press", None),
    ],
)
def test_a_byline_may_say_for_whom_and_when(byline, author, publisher, date):
    known = page("Lindmouth Deepens Its Channel", byline, *BODY).metadata
    assert (known.author, known.publisher) == (author, publisher)
    assert known.date == (f"2023-02-{date:02}" if date else None)


def test_a_byline_of_an_agency_names_the_publisher():
    known = page("Lindmouth Deepens Its Channel", "By Reuters", *BODY).metadata
    assert (known.author, known.publisher) == (None, "Reuters")


def test_labelled_fields_at_the_top_are_metadata():
    reading = page(
        "Title: Lindmouth deepens its channel\nAuthor: Ada Quill\nDate: 7 February 2023"
        "\nSource: Coast Gazette\nURL: https://coast.example/channel",
        *BODY,
    )
    known = reading.metadata
    assert paragraphs(reading) == BODY
    assert (known.title, known.author) == ("Lindmouth deepens its channel", "Ada Quill")
    assert (known.date, known.publisher) == ("2023-02-07", "Coast Gazette")
    assert known.url == "https://coast.example/channel"


@pytest.mark.parametrize(
    "caption",
    [
        "Ships wait outside Lindmouth on Jan. 9, 2023. Ada Quill/POOL/AFP via Getty Images",
        "A dredger at work off the mole. AP Photo/Tom Marsh",
        "The board's chair arrives for the vote on Monday. Coast Agency via Reuters",
        "File Image: Grain & Barges",
        "Lindmouth's new dredger. Source: X (formerly Twitter)",
        "The mole at dawn (Photo by Ada Quill)",
        "In this photo released by the harbour board, crews watch the vote.",
    ],
)
def test_captions_are_dropped_by_their_credit(caption):
    assert paragraphs(page(LEAD, SECOND, caption, THIRD, FOURTH)) == BODY


def test_a_caption_broken_in_mid_sentence_is_dropped_whole():
    start = (
        "In this handout that the board of Lindmouth gave to the press, the chair greets"
        " the dredger's captain on the old mole of Lindmouth's"
    )
    rest = "Northern Harbour during a visit in January. Ada Quill/POOL/AFP via Getty Images"
    assert paragraphs(page(LEAD, start, rest, SECOND, THIRD, FOURTH)) == BODY


def test_a_sentence_that_credits_an_agency_is_no_caption():
    told = "The board's chair confirmed the plan in an interview with Reuters."
    assert told in paragraphs(page(LEAD, told, SECOND))


def test_a_label_stuck_to_a_caption_goes_with_it():
    text = "\n\n".join((LEAD, SECOND, "MOLE\nFile Image: Grain & Barges", THIRD, FOURTH))
    reading = read_news(text)
    assert (paragraphs(reading), headings(reading)) == (BODY, [])


@pytest.mark.parametrize(
    "heading",
    [
        "What the Crews Fear",
        "Will the Crews Be Paid?",
        "Components of the Plan:",
        "THE COSTS:",
        "Cost",
        "Who pays for dredging",
    ],
)
def test_section_headings_are_kept_and_marked(heading):
    reading = page(LEAD, SECOND, heading, THIRD, FOURTH)
    assert headings(reading) == [heading]
    assert paragraphs(reading) == BODY


def test_headlines_of_other_stories_are_dropped():
    reading = page(
        LEAD,
        SECOND,
        "Orlany's Night Trains Get Beds? Ministry Report Says Rail Firm Buys ‘Luna’ Coaches",
        "The Money",
        THIRD,
        FOURTH,
    )
    assert (paragraphs(reading), headings(reading)) == (BODY, ["The Money"])


def test_a_short_headline_that_shares_no_word_with_the_article_is_dropped():
    reading = page(LEAD, SECOND, "Singer Cancels Summer Tour Dates", THIRD, FOURTH)
    assert (paragraphs(reading), headings(reading)) == (BODY, [])


def test_repeats_of_the_title_and_of_a_heading_are_dropped():
    title = "Why the Northern Channel Matters to Lindmouth"
    reading = page(
        title,
        f"{title}: Deep Waters Ahead?",
        LEAD,
        title,
        "Crews in Doubt:",
        SECOND,
        "Crews in doubt",
        THIRD,
        FOURTH,
    )
    assert reading.metadata.title == f"{title}: Deep Waters Ahead?"
    assert (paragraphs(reading), headings(reading)) == (BODY, ["Crews in Doubt:"])


def test_a_portraits_caption_above_the_persons_quotation_is_no_heading():
    quotation = "“The channel will feed this town, and we all know it”. Ada Quill, chair"
    reading = page(LEAD, "Ada Quill", quotation, SECOND)
    assert (paragraphs(reading), headings(reading)) == ((LEAD, quotation, SECOND), [])


def test_a_quotation_without_a_full_stop_is_kept():
    quotation = "“It lowers the price that grain ships pay here,” – Tom Marsh, head of the pilots"
    assert quotation in paragraphs(page(LEAD, quotation, SECOND))


def test_lists_are_content_even_without_full_stops():
    items = ("Grain: four million tons", "Timber: one million tons", "Grain: four million tons")
    assert paragraphs(page(LEAD, *items, SECOND)) == (LEAD, *items, SECOND)
    bullets = ("• Date: Feb. 7", "• Date: Feb. 8")
    assert paragraphs(page(LEAD, *bullets, SECOND)) == (LEAD, *bullets, SECOND)


def test_of_the_tail_who_the_author_is_stays_and_names_author_and_publisher():
    biography = (
        "Ada Quill is a fellow at the Coast Institute. She has written about ports since 2009."
    )
    reading = page(
        *BODY,
        biography,
        "The opinions expressed here are those of the author and not of the Coast Institute.",
        "Shoreline is the institute's journal. All opinions are those of the author.",
        f"By Ada Quill. {biography} First published on Coast Institute web page.",
    )
    assert paragraphs(reading) == (*BODY, biography)
    assert reading.metadata.author == "Ada Quill"
    assert reading.metadata.publisher == "Coast Institute"


def test_of_two_authors_each_note_stays_and_disclaimers_go():
    notes = ("Ada Quill is a fellow at the Coast Institute.", "Bob Roe teaches at Brest.")
    reading = page(
        *BODY,
        notes[0],
        f"{notes[1]} The views expressed by Bob Roe are those of the author alone.",
        "By Ada Quill and Bob Roe",
    )
    assert paragraphs(reading) == (*BODY, *notes)


def test_a_footer_of_bullets_and_neighbouring_stories_is_dropped():
    reading = read_news(
        "\n\n".join(BODY)
        + "\n\n  • Author and veteran journalist Ada Quill is editor of the Coast Gazette.\u00a0"
        "\n  • VIEWS PERSONAL OF THE AUTHOR\n  • CONTACT:\u00a0ada.quill (at) coast.example"
        "\n  • Follow Coast Gazette on Google News\nPrevious articleNight Trains Return To Orlany"
        "\nNext articleSinger ‘Cancels’ Tour; Fans Demand Refunds – Media\nAda Quill"
        "\nAuthor and veteran journalist Ada Quill has written 300 columns. She lives by the sea."
    )
    presented = "Author and veteran journalist Ada Quill is editor of the Coast Gazette."
    written = (
        "Author and veteran journalist Ada Quill has written 300 columns. She lives by the sea."
    )
    assert paragraphs(reading) == (*BODY, presented, written)
    assert reading.metadata.author == "Ada Quill"
    assert reading.metadata.publisher == "Coast Gazette"


def test_a_signature_names_the_author():
    reading = page(*BODY, "Dr. Ada Al-Quill – Academic and Writer")
    assert (reading.metadata.author, paragraphs(reading)) == ("Dr. Ada Al-Quill", BODY)


def test_a_last_paragraph_about_a_person_in_the_story_is_kept():
    told = "Chair Ada Quill said that the vote was fair."
    last = "Ada Quill is a former editor of the Coast Gazette and has led the board since 2019."
    reading = page(LEAD, told, SECOND, last)
    assert paragraphs(reading)[-1] == last
    assert reading.metadata.author is None


def test_comments_are_dropped_with_their_form():
    reading = page(
        *BODY,
        "2 thoughts on “Lindmouth Deepens Its Channel",
        "I have fished there for years. It will never work!",
        "Leave a Comment",
        "Your e-mail address will not be published.",
    )
    assert paragraphs(reading) == BODY


def test_the_outlet_that_speakers_talk_to_is_the_publisher():
    told = "“Pilots need deeper water,” she told The Coast Gazette."
    assert page(LEAD, told, SECOND, told, THIRD, told).metadata.publisher == "The Coast Gazette"


@pytest.mark.parametrize(
    "extra",
    ["“No,” he told The Orlany Post.", "The Coast Gazette reported the vote first."],
)
def test_an_outlet_is_not_taken_for_the_publisher_when_others_may_be(extra):
    told = "“Pilots need deeper water,” she told The Coast Gazette."
    assert page(LEAD, told, told, told, extra).metadata.publisher is None


def test_hard_wrapped_paragraphs_are_joined():
    text = (
        "The harbour board of Lindmouth voted on Monday to deepen the northern\n"
        "channel. Work starts in spring, when the storms are over, and it will\n"
        "take two years.\n\n"
        "Fishing crews had asked for a later start of the work. The board had\n"
        "refused that by seven votes to two after a long debate in the town's\n"
        "old customs house.\n"
    )
    first, second = paragraphs(read_news(text))
    assert first.endswith(
        "northern channel. Work starts in spring, when the storms are over, and it"
        " will take two years."
    )
    assert second.endswith("in the town's old customs house.")


def test_a_paragraph_that_goes_on_in_small_letters_is_mended():
    start = "The board will publish all of the bids that it received for the work,"
    assert f"{start} and prices." in paragraphs(page(LEAD, start, "and prices.", SECOND))


def test_a_note_that_is_no_article_is_kept_whole():
    assert paragraphs(read_news("Subscribe now\n\nGrain prices")) == (
        "Subscribe now",
        "Grain prices",
    )


def test_settings_paths_in_a_sentence_are_no_breadcrumb():
    advice = "To see the tide tables, go to Menu > Ports > Tides. The steps differ between phones."
    assert advice in paragraphs(page(LEAD, advice, SECOND))
