"""Numbers that state an amount, and those that only count off points or name something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.amounts import amounts, in_words


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("The club sold 40 boats.", [40]),
        ("And three, a further loss of boats.", []),
        ("And three, it closed the pier.", []),
        ("One, a storm; two, a leak; and three, poor charts.", []),
        ("(2) The pier was closed.", []),
        ("It closed 1) the pier and 2) the lock.", []),
        ("2. The pier was closed.", []),
        ("Three, the harbour master said.", [3]),
        ("And three, a father and his sons, were saved.", [3]),
        ("They saved three, not four.", [3, 4]),
        ("Under Article 4 the club may close.", []),
        ("The ferry carried Harbour Squad (HSQ) 11 and its boats.", []),
        ("In chapter 12 the pier is drawn.", []),
        ("A KN-23 and a B-52 flew to the G7 and CVN-71.", []),
        ("It was built after World War III.", []),
        ("In this phase 40 were saved.", [40]),
        ("Members of the club number 300.", [300]),
        ("They told the Five Eyes of it.", []),
        ("The Big Three met after 9/11.", []),
        ("It lost 3/4 of its boats.", [3, 4]),
        ("It was built in the 19th century.", []),
        ("It sold its 4th boat.", [4]),
    ],
)
def test_only_numbers_that_state_an_amount_are_found(text, stated):
    assert [q.low for q in amounts(text)] == stated


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("Several boats sank.", True),
        ("A third of the boats sank.", True),
        ("No one was saved.", True),
        ("Multiple boats sank.", True),
        ("Most of the boats sank.", True),
        ("No one knows the harbour.", False),
        ("It is no longer a harbour.", False),
        ("The members helped each other.", False),
        ("It followed another.", False),
        ("Another boat sank.", True),
        ("It is the most beautiful harbour.", False),
        ("Third, the pier was closed.", False),
        ("Its headquarters were closed.", False),
        ("The pier was closed.", False),
    ],
)
def test_amounts_in_words_are_told_from_phrases_that_look_like_them(text, states):
    assert in_words(text) is states


@given(st.text(max_size=200))
def test_amounts_of_any_text_stand_in_it_in_order(text):
    found = amounts(text)
    assert [q.start for q in found] == sorted(q.start for q in found)
    assert all(0 <= q.start < q.end <= len(text) for q in found)
