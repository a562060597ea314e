import numpy as np
import pytest

from rag.candidates import view
from rag.extraction import Reading
from rag.questions import analyse
from rag.reading import Scored
from rag.types import Document, SentenceReading

OPENING = (
    "The lighthouse at Morrow Point went dark on Sunday after ninety years without a night off."
)
COST = "A lamp like the one that broke will cost the parish nine million crowns before winter."
ENDING = "Fishing crews now steer by the church tower, which the parish floodlights until midnight."


def quotes(*paragraphs, best, asked="What will the lamp cost?"):
    """List what is chosen where the cross-encoder takes the paragraph ``best`` for the answer."""
    document = Document("light", "\n\n".join(paragraphs))
    seen = view(document)
    scored = sorted(
        (
            Scored(
                seen.candidate(i),
                (0.0,) * 8,
                4.0 if i == best else 3.0,
                np.eye(8, dtype=np.float32)[i],
                SentenceReading(4.0 if i == best else 3.0),
            )
            for i in range(len(seen.sentences))
        ),
        key=lambda item: -item.score,
    )
    chosen = Reading(analyse(asked), tuple(scored)).chosen(abstain_below=0.0)
    return [statement.lead.candidate.text for statement in chosen]


@pytest.mark.parametrize("line", ["What will the lamp cost?", "What the lamp will cost"])
def test_what_states_nothing_yields_to_what_does(line):
    found = quotes(OPENING, line, COST, ENDING, best=1)
    assert COST in found
    assert line not in found


def test_a_question_that_somebody_puts_is_what_they_say():
    asked = "“Who will pay for it?” asked Ada Stone."
    assert asked in quotes(OPENING, asked, COST, ENDING, best=1)


def test_a_question_is_shown_where_there_is_nothing_else():
    line = "Who keeps the lamp?"
    assert quotes(line, best=0, asked="What does the article say?") == [line]
