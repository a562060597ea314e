"""What an article says of its author: who that is, and nothing that the author says."""

import pytest
from invented import small_chatbot

from rag.bylines import presents_author
from rag.types import Document

COLUMN = (
    "The harbour needs a second pier, and the town knows it.\n\n"
    "Quill is right that the pier of 1902 is too short for the ferries.\n\n"
    "The council should build the second pier before the summer."
)
NOTE = "Ada Quill is a fellow at the Coast Institute. She has written about ports since 2009."


@pytest.mark.parametrize(
    ("last", "presents"),
    [
        (NOTE, True),
        ("Author and veteran journalist Ada Quill has written 300 columns.", True),
        ("Ada covers ports.", True),
        ("Dr. Ada Quill, a pilot until 2001, teaches at Brest.", True),
        ("Ada Quill currently serves as editor of Ports Today.", True),
        ("Ada Quill (@ada) is a fellow. She rows.\n\nADA J. QUILL lives in Brest.", True),
        ("Quill concludes that the pier is too short.", False),
        ("Quill is convinced that the pier is too short.", False),
        ("Quill holds that the pier is too short.", False),
        ("This article by Ada Quill was first published in Brest.", False),
        ("Ada Quill's pier is gone.", False),
        ("Nobody is a better judge of it than Ada Quill.", False),
    ],
)
def test_a_note_on_the_author_is_told_from_what_is_written(last, presents):
    document = Document(id="a", text=f"{COLUMN}\n\n{last}", author="Dr. Ada Quill")
    assert presents_author(document, document.text.index(last)) is presents
    assert not presents_author(document, document.text.index("Quill is right"))


def test_a_note_answers_who_the_author_is_and_not_what_they_say():
    bot = small_chatbot(Document(id="a", text=f"{COLUMN}\n\n{NOTE}", author="Ada Quill"))
    assert "fellow at the Coast Institute" in bot.ask("Who is Ada Quill?").text
    assert "Coast Institute" not in bot.ask("What does Ada Quill say about the ports?").text
    assert "Coast Institute" not in bot.ask("Summarise the article by Ada Quill.").text
