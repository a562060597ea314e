"""What the documents tab says of a change that failed, before or after it was committed."""

from html import unescape
from types import SimpleNamespace

import pytest

from rag.documents_tab import Catalogue
from rag.errors import IndexProblem
from rag.rendering_documents import MOST_ROWS
from rag.types import Origin


class Failing:
    """A chatbot whose changes fail, once ``commits`` of them are made."""

    def __init__(self, *, commits):
        self.revision = 1
        self._commits = commits

    def origins(self):
        return [Origin("ferry")]

    def chunk_counts(self):
        return {}

    def add(self, paths, *, read):
        self.revision += self._commits
        raise IndexProblem("the disk is full")

    def remove(self, name):
        self.add([], read=None)


class Many(Failing):
    def __init__(self, number):
        super().__init__(commits=0)
        self._number = number

    def origins(self):
        return [Origin(f"d{n:05}", title=f"Ferry {n}") for n in range(self._number)]


@pytest.mark.filterwarnings("ignore:The value passed into gr.Dropdown")
def test_the_filter_offers_no_more_than_the_table_shows_but_keeps_what_is_chosen():
    last = f"d{MOST_ROWS + 4:05}"
    _, table, offered = Catalogue(Many(MOST_ROWS + 5), changeable=False).listed([last, "gone"])
    assert "and 5 more" in table
    assert len(offered.choices) == MOST_ROWS + 1
    assert offered.choices[-1] == (f"Ferry {MOST_ROWS + 4}", last)
    assert offered.value == [last]
    assert f"of {MOST_ROWS + 5:,}" in offered.info


# Outside a running page a list renewed for the filter counts as one of its own.
@pytest.mark.filterwarnings("ignore:The value passed into gr.Dropdown")
@pytest.mark.parametrize(
    ("commits", "added", "removed"),
    [(0, "Nothing was added", "Nothing was removed"), (1, "Not finished", "Not finished")],
)
def test_a_change_that_fails_after_it_was_committed_is_not_called_nothing(commits, added, removed):
    catalogue = Catalogue(Failing(commits=commits), changeable=True)
    event = SimpleNamespace(document="ferry")
    assert f"{added}: the disk is full" in unescape(catalogue.add([], [], lambda *_, **__: None)[0])
    assert f"{removed}: the disk is full" in unescape(catalogue.remove([], event)[0])
